/* A share opens for its custodian alone, and every complaint convicts the one who is at fault, before everybody. */
#include "protocol/sum/seal.h"
#include "tests/unit/sum_test.h"

static const struct sum_shape shape = {6, 2, 3};
static const uint8_t context[SUM_CONTEXT_SIZE] = {1}, other_context[SUM_CONTEXT_SIZE] = {2};
static struct dealt agency;
static struct scalar secret[CUSTODIANS + 1];
static struct element public[CUSTODIANS + 1];
static struct buf sealed;

static int prepare(void **state)
{
    for (size_t i = 1; i <= CUSTODIANS; i++)
        sum_seal_pair(&secret[i], &public[i]);
    deal_random(&agency, &shape);
    sealed = buf_of(SUM_SHARE_MAX + SUM_SEAL_OVERHEAD);
    (void)state;
    return 0;
}

static int release(void **state)
{
    (void)state;
    dealt_free(&agency);
    buf_free(&sealed);
    return 0;
}

static void seal(const uint8_t in[SUM_CONTEXT_SIZE], size_t to, struct span share)
{
    struct err err;
    buf_clear(&sealed);
    check_ok(sum_seal(&sealed, in, &public[to], share, &err), &err);
    assert_int_equal(sealed.len, share.len + SUM_SEAL_OVERHEAD);
}

static int take(uint8_t custodian)
{
    struct sum_share out;
    struct err err;
    const int rc = sum_take(&out, context, &secret[custodian], custodian, buf_span(&sealed), &agency.c, basis, &err);
    if (rc == 0)
        assert_memory_equal(out.scalar, agency.s[custodian].scalar, sum_numbers(&shape) * sizeof *out.scalar);
    else
        assert_null(out.scalar);
    sum_share_free(&out);
    return rc;
}

static enum sum_verdict judge(const uint8_t complaint[SUM_COMPLAINT_SIZE], uint8_t by)
{
    enum sum_verdict verdict;
    struct err why = {.text = ""}, err;
    check_ok(sum_complaint_judge(&verdict, &why, complaint, context, &public[by], by, buf_span(&sealed), &agency.c,
                                 basis, &err),
             &err);
    assert_string_not_equal(why.text, "");
    return verdict;
}

/* What custodian 1 says of what it was sent. */
static enum sum_verdict complain(void)
{
    uint8_t complaint[SUM_COMPLAINT_SIZE];
    struct err err;
    check_ok(sum_complain(complaint, &secret[1], &public[1], buf_span(&sealed), &err), &err);
    return judge(complaint, 1);
}

static void a_share_opens_for_its_custodian(void **state)
{
    (void)state;
    for (uint8_t i = 1; i <= shape.custodians; i++) {
        seal(context, i, buf_span(&agency.share[i]));
        for (uint8_t j = 1; j <= shape.custodians; j++)
            assert_int_equal(take(j), i == j ? 0 : ERR_VERIFY);
    }
}

static void the_same_share_is_never_sealed_alike(void **state)
{
    (void)state;
    uint8_t first[64];
    seal(context, 1, buf_span(&agency.share[1]));
    memcpy(first, sealed.data, sizeof first);
    seal(context, 1, buf_span(&agency.share[1]));
    assert_memory_not_equal(first, sealed.data, 32);
    assert_memory_not_equal(first + 32, sealed.data + 32, 32);
}

static void a_complaint_of_a_good_share_convicts_the_custodian(void **state)
{
    (void)state;
    seal(context, 1, buf_span(&agency.share[1]));
    assert_int_equal(complain(), SUM_CUSTODIAN_GUILTY);
}

static void a_complaint_with_another_key_convicts_the_custodian(void **state)
{
    (void)state;
    uint8_t complaint[SUM_COMPLAINT_SIZE];
    struct err err;
    seal(context, 1, buf_span(&agency.share[1]));
    check_ok(sum_complain(complaint, &secret[2], &public[2], buf_span(&sealed), &err), &err);
    assert_int_equal(judge(complaint, 1), SUM_CUSTODIAN_GUILTY);
    check_ok(sum_complain(complaint, &secret[1], &public[1], buf_span(&sealed), &err), &err);
    for (size_t i = 0; i < SUM_COMPLAINT_SIZE; i += 8) {
        complaint[i] ^= 4;
        assert_int_equal(judge(complaint, 1), SUM_CUSTODIAN_GUILTY);
        complaint[i] ^= 4;
    }
}

/* A share that does not fit; of another custodian, agency or picture; changed on the way; no share at all. */
static void each_bad_share_convicts_the_dealer(void **state)
{
    (void)state;
    struct buf bent = buf_of(SUM_SHARE_MAX);
    struct err err;
    check_ok(buf_put(&bent, agency.share[1].data, agency.share[1].len, &err), &err);
    bent.data[bent.len - 32] ^= 1;
    seal(context, 1, buf_span(&bent));
    assert_int_equal(take(1), ERR_VERIFY);
    assert_int_equal(complain(), SUM_DEALER_GUILTY);
    seal(context, 1, buf_span(&agency.share[2]));
    assert_int_equal(take(1), ERR_INPUT);
    assert_int_equal(complain(), SUM_DEALER_GUILTY);
    seal(other_context, 1, buf_span(&agency.share[1]));
    assert_int_equal(take(1), ERR_VERIFY);
    assert_int_equal(complain(), SUM_DEALER_GUILTY);
    seal(context, 2, buf_span(&agency.share[1]));
    assert_int_equal(take(1), ERR_VERIFY);
    assert_int_equal(complain(), SUM_DEALER_GUILTY);
    seal(context, 1, buf_span(&agency.share[1]));
    sealed.data[sealed.len - 1] ^= 1;
    assert_int_equal(take(1), ERR_VERIFY);
    assert_int_equal(complain(), SUM_DEALER_GUILTY);
    seal(context, 1, span_of(agency.share[1].data, agency.share[1].len - 1));
    assert_int_equal(take(1), ERR_INPUT);
    assert_int_equal(complain(), SUM_DEALER_GUILTY);
    buf_free(&bent);
}

/* Sealed with what is no element, or the identity: everybody sees it, whatever the complaint says. */
static void a_share_that_names_no_key_convicts_the_dealer(void **state)
{
    (void)state;
    uint8_t complaint[SUM_COMPLAINT_SIZE] = {0};
    struct err err;
    for (int byte = 0; byte <= 0xff; byte += 0xff) {
        seal(context, 1, buf_span(&agency.share[1]));
        memset(sealed.data, byte, 32);
        assert_int_equal(take(1), ERR_INPUT);
        assert_int_equal(sum_complain(complaint, &secret[1], &public[1], buf_span(&sealed), &err), ERR_INPUT);
        assert_int_equal(judge(complaint, 1), SUM_DEALER_GUILTY);
    }
}

static void nothing_is_sealed_to_what_is_no_key(void **state)
{
    (void)state;
    struct err err;
    struct element no_key;
    for (int byte = 0; byte <= 0xff; byte += 0xff) {
        memset(&no_key, byte, sizeof no_key);
        buf_clear(&sealed);
        assert_int_equal(sum_seal(&sealed, context, &no_key, buf_span(&agency.share[1]), &err), ERR_INPUT);
        assert_int_equal(sealed.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_share_opens_for_its_custodian, prepare, release),
        cmocka_unit_test_setup_teardown(the_same_share_is_never_sealed_alike, prepare, release),
        cmocka_unit_test_setup_teardown(a_complaint_of_a_good_share_convicts_the_custodian, prepare, release),
        cmocka_unit_test_setup_teardown(a_complaint_with_another_key_convicts_the_custodian, prepare, release),
        cmocka_unit_test_setup_teardown(each_bad_share_convicts_the_dealer, prepare, release),
        cmocka_unit_test_setup_teardown(a_share_that_names_no_key_convicts_the_dealer, prepare, release),
        cmocka_unit_test_setup_teardown(nothing_is_sealed_to_what_is_no_key, prepare, release),
    };
    return cmocka_run_group_tests_name("sum_seal", tests, make_basis, free_basis);
}
