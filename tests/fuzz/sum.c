/*
 * Commitments, shares and sealed shares of a small picture. The first byte chooses: what came as it is, or sealed by a
 * dealer who means ill, so that what lies under the seal is reached. Whatever it is, taking it and judging a complaint
 * about it agree on who is at fault.
 */
#include "protocol/sum/seal.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const struct sum_shape shape = {3, 2, 3};
static const uint8_t context[SUM_CONTEXT_SIZE] = {1};
static struct sum_basis *basis;
static struct sum_commitments commitments;
static struct scalar secret;
static struct element public;

static void prepare(void)
{
    static const int32_t figure[3] = {1, 2, 3}, mark[3] = {1, 1, 1};
    static const uint8_t seed[SUM_SEED_SIZE] = {1};
    struct sum_dealing *dealing = NULL;
    struct buf encoded = buf_of(SUM_COMMITMENTS_MAX);
    if (group_init(ERR_IGNORED) != 0 || sum_basis_new(&basis, ERR_IGNORED) != 0 ||
        sum_deal(&dealing, &shape, figure, mark, seed, ERR_IGNORED) != 0 ||
        sum_dealing_commit(&encoded, dealing, basis, ERR_IGNORED) != 0 ||
        sum_commitments_decode(&commitments, &shape, buf_span(&encoded), ERR_IGNORED) != 0)
        abort();
    sum_seal_pair(&secret, &public);
    sum_dealing_free(dealing);
    buf_free(&encoded);
}

static void check_commitments(struct span in)
{
    struct sum_commitments out;
    struct err err = {0};
    if (sum_commitments_decode(&out, &shape, in, &err) == 0)
        FUZZ_HOLDS(in.len == sum_commitments_size(&shape));
    else
        FUZZ_HOLDS(err.text[0] != '\0' && out.point == NULL);
    sum_commitments_free(&out);
}

/* One encoding only for each share. */
static void check_share(struct span in)
{
    struct sum_share out;
    struct buf again = buf_of(SUM_SHARE_MAX);
    struct err err = {0};
    if (sum_share_decode(&out, &shape, 2, in, &err) == 0) {
        FUZZ_HOLDS(sum_share_encode(&again, &out, &err) == 0);
        FUZZ_HOLDS(again.len == in.len && memcmp(again.data, in.data, in.len) == 0);
    } else {
        FUZZ_HOLDS(err.text[0] != '\0' && out.scalar == NULL);
    }
    sum_share_free(&out);
    buf_free(&again);
}

static void check_sealed(struct span sealed)
{
    uint8_t complaint[SUM_COMPLAINT_SIZE] = {0};
    struct sum_share share;
    enum sum_verdict verdict;
    struct err err = {0}, why = {0};
    const int rc = sum_take(&share, context, &secret, 2, sealed, &commitments, basis, &err);
    FUZZ_HOLDS((rc == 0) == (share.scalar != NULL));
    sum_share_free(&share);
    /* Proofs are slow: one in eight. */
    if (sealed.len > 0 && sealed.data[0] >= 32)
        return;
    (void)sum_complain(complaint, &secret, &public, sealed, &err);
    FUZZ_HOLDS(sum_complaint_judge(&verdict, &why, complaint, context, &public, 2, sealed, &commitments, basis, &err) ==
               0);
    FUZZ_HOLDS(why.text[0] != '\0');
    FUZZ_HOLDS((verdict == SUM_CUSTODIAN_GUILTY) == (rc == 0));
}

static void check_forged(const uint8_t *complaint, struct span sealed)
{
    enum sum_verdict verdict;
    struct err err = {0}, why = {0};
    FUZZ_HOLDS(sum_complaint_judge(&verdict, &why, complaint, context, &public, 2, sealed, &commitments, basis, &err) ==
               0);
    FUZZ_HOLDS(why.text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf sealed = buf_of(SUM_SHARE_MAX + SUM_SEAL_OVERHEAD);
    if (basis == NULL)
        prepare();
    if (size == 0)
        return 0;
    const struct span in = {data + 1, size - 1};
    if (data[0] % 8 == 0)
        check_sealed(in);
    else if (data[0] % 8 == 1 && sum_seal(&sealed, context, &public, in, ERR_IGNORED) == 0)
        check_sealed(buf_span(&sealed));
    else if (data[0] % 8 == 2 && in.len >= SUM_COMPLAINT_SIZE)
        check_forged(in.data, span_of(in.data + SUM_COMPLAINT_SIZE, in.len - SUM_COMPLAINT_SIZE));
    else if (data[0] % 8 < 5)
        check_commitments(in);
    else
        check_share(in);
    buf_free(&sealed);
    return 0;
}
