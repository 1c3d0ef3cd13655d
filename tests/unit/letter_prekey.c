/* Statements of prekeys: what is signed verifies, what is changed does not, and each follows on one only. */
#include "protocol/letter/prekey.h"

#include "protocol/identity/identity.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1800000000u

static struct identity owner, other;
static const uint8_t digest[32] = {5};

static void must(int rc, const struct err *err)
{
    if (rc != 0)
        fail_msg("unexpected error %d: %s", rc, err->text);
}

static struct prekey statement(const struct prekey *previous)
{
    struct prekey p = {.region = "asia-pacific", .number = 1, .valid_from = NOW, .valid_until = NOW + PREKEY_VALID};
    struct err err;
    uint8_t secret[32];
    memcpy(p.identity, digest, 32);
    prekey_generate(secret, p.key);
    if (previous != NULL) {
        p.number = previous->number + 1;
        must(prekey_digest(p.previous, previous, &err), &err);
    }
    must(prekey_sign(&p, owner.sign_secret, &err), &err);
    return p;
}

static int verify(const struct prekey *p, struct err *err)
{
    return prekey_verify(p, "asia-pacific", digest, owner.party.sign, err);
}

static void what_is_signed_verifies(void **state)
{
    (void)state;
    struct err err;
    struct prekey out;
    struct buf bytes = buf_of(PREKEY_STATEMENT_MAX), again = buf_of(PREKEY_STATEMENT_MAX);
    const struct prekey p = statement(NULL);
    must(prekey_encode(&bytes, &p, &err), &err);
    assert_int_equal(bytes.len, 186 + strlen(p.region));
    must(prekey_decode(&out, buf_span(&bytes), &err), &err);
    must(verify(&out, &err), &err);
    must(prekey_encode(&again, &out, &err), &err);
    assert_memory_equal(bytes.data, again.data, bytes.len);
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(prekey_decode(&out, buf_span(&bytes), &err) != 0 || verify(&out, &err) != 0);
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(prekey_decode(&out, span_of(bytes.data, len), &err), ERR_INPUT);
    buf_free(&bytes);
    buf_free(&again);
}

static void statements_of_others_are_refused(void **state)
{
    (void)state;
    struct err err;
    const struct prekey p = statement(NULL);
    const uint8_t other_digest[32] = {6};
    assert_int_equal(prekey_verify(&p, "africa", digest, owner.party.sign, &err), ERR_VERIFY);
    assert_int_equal(prekey_verify(&p, "asia-pacific", other_digest, owner.party.sign, &err), ERR_VERIFY);
    assert_int_equal(prekey_verify(&p, "asia-pacific", digest, other.party.sign, &err), ERR_VERIFY);
}

static void validity_has_bounds(void **state)
{
    (void)state;
    struct err err;
    struct prekey p = statement(NULL);
    must(prekey_usable(&p, NOW, &err), &err);
    must(prekey_usable(&p, NOW - PREKEY_CLOCK_AHEAD, &err), &err);
    must(prekey_usable(&p, NOW + PREKEY_VALID - 1, &err), &err);
    assert_int_equal(prekey_usable(&p, NOW - PREKEY_CLOCK_AHEAD - 1, &err), ERR_DENIED);
    assert_int_equal(prekey_usable(&p, NOW + PREKEY_VALID, &err), ERR_DENIED);
    p.valid_until++;
    assert_int_equal(prekey_sign(&p, owner.sign_secret, &err), ERR_INPUT);
    p.valid_until = p.valid_from;
    assert_int_equal(prekey_sign(&p, owner.sign_secret, &err), ERR_INPUT);
    p = statement(NULL);
    p.number = 0;
    assert_int_equal(prekey_sign(&p, owner.sign_secret, &err), ERR_INPUT);
}

static void each_follows_on_one_only(void **state)
{
    (void)state;
    struct err err;
    const struct prekey first = statement(NULL), second = statement(&first), third = statement(&second);
    must(prekey_follows(&first, NULL, &err), &err);
    must(prekey_follows(&second, &first, &err), &err);
    must(prekey_follows(&third, &second, &err), &err);
    assert_int_equal(prekey_follows(&second, NULL, &err), ERR_VERIFY);
    assert_int_equal(prekey_follows(&third, &first, &err), ERR_VERIFY);
    assert_int_equal(prekey_follows(&first, &second, &err), ERR_VERIFY);
    struct prekey anew = statement(NULL);
    anew.number = 3; /* above the next */
    must(prekey_follows(&anew, &first, &err), &err);
    must(prekey_follows(&anew, NULL, &err), &err);
    assert_int_equal(prekey_follows(&anew, &second, &err), ERR_VERIFY); /* it is the next */
    anew.previous[0] = 1;
    assert_int_equal(prekey_follows(&anew, &first, &err), ERR_VERIFY);
    const struct prekey fork = statement(NULL); /* another number 1 */
    assert_int_equal(prekey_follows(&second, &fork, &err), ERR_VERIFY);
    struct prekey early = second;
    early.valid_from--;
    assert_int_equal(prekey_follows(&early, &first, &err), ERR_VERIFY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_signed_verifies),
        cmocka_unit_test(statements_of_others_are_refused),
        cmocka_unit_test(validity_has_bounds),
        cmocka_unit_test(each_follows_on_one_only),
    };
    const uint8_t seed[2][32] = {{1}, {2}};
    if (sodium_init() < 0 || identity_from_seed(&owner, "THA", seed[0], ERR_IGNORED) != 0 ||
        identity_from_seed(&other, "IDN", seed[1], ERR_IGNORED) != 0)
        return 1;
    return cmocka_run_group_tests_name("letter_prekey", tests, NULL, NULL);
}
