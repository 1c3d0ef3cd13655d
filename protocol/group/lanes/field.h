/*
 * Field functions that all engines share, over whichever field_*.h was included before: arithmetic with the carries
 * done, and absolute values. See field_portable.h for the types.
 */
#ifndef PROTOCOL_GROUP_FIELD_H
#define PROTOCOL_GROUP_FIELD_H

static const uint64_t limbs_zero[5] = {0};
static const uint64_t limbs_one[5] = {1};

ALWAYS_INLINE fe fe_mul(fe a, fe b)
{
    return fw_carry(fe_mul_wide(a, b));
}

ALWAYS_INLINE fe fe_square(fe a)
{
    return fw_carry(fe_square_wide(a));
}

ALWAYS_INLINE fe fe_add(fe a, fe b)
{
    return fw_reduce(fw_add(fe_wide(a), fe_wide(b)));
}

ALWAYS_INLINE fe fe_sub(fe a, fe b)
{
    return fw_reduce(fw_sub(fe_wide(a), fe_wide(b)));
}

ALWAYS_INLINE fe fe_neg(fe a)
{
    return fe_sub(fe_const(limbs_zero), a);
}

/* -a where m, else a. */
ALWAYS_INLINE fe fe_cneg(mask m, fe a)
{
    return fe_select(m, fe_neg(a), a);
}

/* RFC 9496: the odd ones of [0, p) are negative. */
ALWAYS_INLINE mask fe_is_negative(fe a)
{
    return fe_odd(fe_freeze(a));
}

ALWAYS_INLINE mask fe_is_zero(fe a)
{
    return fe_same(fe_freeze(a), fe_const(limbs_zero));
}

ALWAYS_INLINE fe fe_abs(fe a)
{
    return fe_cneg(fe_is_negative(a), a);
}

#endif
