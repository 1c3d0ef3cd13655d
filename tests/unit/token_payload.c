/*
 * What an entry carries: below the threshold nothing opens, from it on the handle does, with any subset of keys, for
 * any schema; and a payload opens for its tag, its place and its key alone.
 */
#include "client/payload/gf256.h"
#include "client/payload/payload.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOT_SIZE_MAX (PSEUDONYM_SIZE + 1 + SCHEMA_WEIGHT_MAX * HANDLE_SIZE)

static const uint8_t vault_secret[32] = {4}, tag[WIRE_TAG_SIZE] = {1}, seal_key[SEAL_KEY_SIZE] = {2};

static void derive(struct record_secret *out, const struct schema *schema, const uint8_t secret[32], const char *id)
{
    uint8_t seed[RECORD_SEED_SIZE];
    record_seed(seed, schema, secret, id);
    record_secret_derive(out, schema, seed);
}
static const struct payload_context context = {"region", "persons", "THA", 1, tag, seal_key};
static uint64_t state_of_random = 1;

/* xorshift64*: the same numbers at every run. */
static unsigned random_below(unsigned n)
{
    state_of_random ^= state_of_random >> 12;
    state_of_random ^= state_of_random << 25;
    state_of_random ^= state_of_random >> 27;
    return (unsigned)(state_of_random * 0x2545f4914f6cdd1du >> 40) % n;
}

static struct schema random_schema(void)
{
    struct schema s = {.cap = 1 + random_below(SCHEMA_CAP_MAX), .keys = 1 + random_below(8)};
    unsigned sum = 0;
    size_t j = 0;
    do {
        s.key[j].weight = 1 + random_below(SCHEMA_WEIGHT_MAX);
        sum += s.key[j].weight;
    } while (++j < s.keys);
    s.threshold = 1 + random_below(sum);
    s.digest[0] = (uint8_t)random_below(256);
    return s;
}

static unsigned weight_of(const struct schema *s, unsigned subset)
{
    unsigned weight = 0;
    for (size_t j = 0; j < s->keys; j++)
        weight += (subset >> j & 1) != 0 ? s->key[j].weight : 0;
    return weight;
}

/* --- the field --- */

static unsigned slow_mul(unsigned a, unsigned b)
{
    unsigned product = 0;
    for (int i = 0; i < 8; i++)
        product ^= (b >> i & 1) != 0 ? a << i : 0;
    for (int i = 15; i >= 8; i--)
        product ^= (product >> i & 1) != 0 ? 0x11bu << (i - 8) : 0;
    return product;
}

static void the_field_is_that_of_fips_197(void **state)
{
    (void)state;
    assert_int_equal(gf256_mul(0x57, 0x83), 0xc1); /* section 4.2 */
    assert_int_equal(gf256_mul(0x57, 0x13), 0xfe);
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++)
            assert_int_equal(gf256_mul((uint8_t)a, (uint8_t)b), slow_mul(a, b));
        assert_int_equal(gf256_mul((uint8_t)a, gf256_invert((uint8_t)a)), a == 0 ? 0 : 1);
    }
}

/* --- the threshold --- */

static void any_keys_of_enough_weight_open(void **state)
{
    (void)state;
    struct record_secret *secret = malloc(sizeof *secret);
    for (int round = 0; round < 60; round++) {
        struct schema s = random_schema();
        static uint8_t slots[SCHEMA_KEYS_MAX][SLOT_SIZE_MAX];
        char id[16];
        snprintf(id, sizeof id, "T%d", round);
        derive(secret, &s, vault_secret, id);
        for (size_t j = 0; j < s.keys; j++)
            slot_make(slots[j], &s, secret, j);
        for (unsigned subset = 0; subset < 1u << s.keys; subset++) {
            const uint8_t *slot[SCHEMA_KEYS_MAX];
            uint8_t handle[HANDLE_SIZE];
            size_t n = 0;
            /* In falling order: it must not matter. */
            for (size_t j = s.keys; j-- > 0;)
                if ((subset >> j & 1) != 0)
                    slot[n++] = slots[j];
            bool opened = handle_recover(handle, &s, slot, n);
            assert_int_equal(opened, weight_of(&s, subset) >= s.threshold);
            if (opened)
                assert_memory_equal(handle, secret->handle, HANDLE_SIZE);
            else
                assert_true(sodium_is_zero(handle, sizeof handle));
        }
    }
    free(secret);
}

/* One share less: interpolating what there is yields noise, not the handle. */
static void one_share_too_few_is_noise(void **state)
{
    (void)state;
    struct record_secret *secret = malloc(sizeof *secret);
    for (unsigned threshold = 2; threshold <= 64; threshold++) {
        struct schema s = {.threshold = threshold,
                           .cap = 1,
                           .keys = 4,
                           .key = {{.weight = 16}, {.weight = 16}, {.weight = 16}, {.weight = 16}}};
        static uint8_t slots[4][SLOT_SIZE_MAX];
        const uint8_t *slot[] = {slots[0], slots[1], slots[2], slots[3]};
        uint8_t handle[HANDLE_SIZE];
        derive(secret, &s, vault_secret, "T1");
        for (size_t j = 0; j < s.keys; j++)
            slot_make(slots[j], &s, secret, j);
        s.threshold = threshold - 1;
        assert_true(handle_recover(handle, &s, slot, s.keys));
        assert_memory_not_equal(handle, secret->handle, HANDLE_SIZE);
    }
    free(secret);
}

static void a_key_counts_once(void **state)
{
    (void)state;
    struct record_secret *secret = malloc(sizeof *secret);
    const struct schema s = {.threshold = 6, .cap = 1, .keys = 2, .key = {{.weight = 3}, {.weight = 3}}};
    static uint8_t slots[2][SLOT_SIZE_MAX];
    uint8_t handle[HANDLE_SIZE];
    derive(secret, &s, vault_secret, "T1");
    slot_make(slots[0], &s, secret, 0);
    slot_make(slots[1], &s, secret, 0);
    const uint8_t *same[] = {slots[0], slots[0], slots[1]};
    assert_false(handle_recover(handle, &s, same, 3));
    slot_make(slots[1], &s, secret, 1);
    assert_true(handle_recover(handle, &s, same, 3));
    slots[1][PSEUDONYM_SIZE] = 2; /* a key that the schema does not have */
    assert_false(handle_recover(handle, &s, same, 3));
    free(secret);
}

static void records_and_purposes_have_secrets_of_their_own(void **state)
{
    (void)state;
    struct record_secret *a = calloc(4, sizeof *a);
    struct schema s = {.name = "persons", .threshold = 9, .cap = 1, .keys = 1, .key = {{.weight = 16}}}, other = s;
    const uint8_t another_vault[32] = {5};
    strcpy(other.name, "person");
    other.digest[31] = 1;
    derive(&a[0], &s, vault_secret, "T1");
    derive(&a[1], &s, vault_secret, "T2");
    derive(&a[2], &other, vault_secret, "T1");
    derive(&a[3], &s, another_vault, "T1");
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++) {
            assert_memory_not_equal(a[i].handle, a[j].handle, HANDLE_SIZE);
            assert_memory_not_equal(a[i].pseudonym, a[j].pseudonym, PSEUDONYM_SIZE);
            assert_memory_not_equal(a[i].coefficient[0], a[j].coefficient[0], HANDLE_SIZE);
        }
    derive(&a[1], &s, vault_secret, "T1");
    assert_memory_equal(&a[0], &a[1], sizeof a[0]);
    free(a);
}

/* Partners know a record again when its purpose gets another schema, though shares of both together open nothing
 * sooner. */
static void a_record_keeps_its_handle_under_another_schema(void **state)
{
    (void)state;
    struct record_secret *a = calloc(2, sizeof *a);
    struct schema s = {.name = "persons", .threshold = 9, .cap = 1, .keys = 1, .key = {{.weight = 16}}}, other = s;
    other.digest[0] = 1;
    other.threshold = 10;
    derive(&a[0], &s, vault_secret, "T1");
    derive(&a[1], &other, vault_secret, "T1");
    assert_memory_equal(a[0].handle, a[1].handle, HANDLE_SIZE);
    assert_memory_equal(a[0].pseudonym, a[1].pseudonym, PSEUDONYM_SIZE);
    for (int k = 0; k < 8; k++)
        assert_memory_not_equal(a[0].coefficient[k], a[1].coefficient[k], HANDLE_SIZE);
    free(a);
}

/* --- sealing --- */

static struct schema small_schema(void)
{
    return (struct schema){.threshold = 5, .cap = 5, .keys = 3, .key = {{.weight = 3}, {.weight = 2}, {.weight = 4}}};
}

static bool holds(struct span slots, const uint8_t *slot, size_t size)
{
    for (size_t at = 0; at < slots.len; at += size)
        if (memcmp(slots.data + at, slot, size) == 0)
            return true;
    return false;
}

static void as_many_records_as_the_cap_travel(void **state)
{
    (void)state;
    const struct schema s = small_schema();
    static const size_t padded[] = {0, 1, 2, 4, 4, 8};
    size_t size = slot_size(&s);
    uint8_t in[6 * SLOT_SIZE_MAX];
    randombytes_buf(in, sizeof in);
    for (size_t i = 0; i < 6; i++)
        in[i * size + PSEUDONYM_SIZE] = (uint8_t)(i % s.keys);
    struct err err = {.text = ""};
    for (size_t n = 1; n <= s.cap; n++) {
        struct buf payload = buf_of(WIRE_PAYLOAD_MAX), slots = buf_of(WIRE_PAYLOAD_MAX);
        size_t count = 0;
        assert_int_equal(payload_seal(&payload, &s, &context, in, n, &err), 0);
        assert_int_equal(payload_open(&slots, &count, &s, &context, buf_span(&payload), &err), 0);
        assert_int_equal(count, padded[n]);
        assert_int_equal(slots.len, count * size);
        for (size_t i = 0; i < n; i++)
            assert_true(holds(buf_span(&slots), in + i * size, size));
        buf_free(&payload);
        buf_free(&slots);
    }
    struct buf payload = buf_of(WIRE_PAYLOAD_MAX);
    assert_int_equal(payload_seal(&payload, &s, &context, in, 0, &err), ERR_INPUT);
    assert_int_equal(payload_seal(&payload, &s, &context, in, s.cap + 1, &err), ERR_INPUT);
    assert_int_equal(payload.len, 0);
}

/* The largest schema's fullest entry fits the wire. */
static void the_largest_entry_fits(void **state)
{
    (void)state;
    const struct schema s = {.threshold = 1, .cap = SCHEMA_CAP_MAX, .keys = 1, .key = {{.weight = SCHEMA_WEIGHT_MAX}}};
    static uint8_t in[SCHEMA_CAP_MAX * SLOT_SIZE_MAX];
    struct err err;
    struct buf payload = buf_of(WIRE_PAYLOAD_MAX);
    assert_int_equal(payload_seal(&payload, &s, &context, in, SCHEMA_CAP_MAX, &err), 0);
    buf_free(&payload);
}

static void a_payload_opens_in_its_place_alone(void **state)
{
    (void)state;
    const struct schema s = small_schema();
    uint8_t in[SLOT_SIZE_MAX] = {0}, other_tag[WIRE_TAG_SIZE] = {9}, other_key[SEAL_KEY_SIZE] = {9};
    struct err err;
    size_t count;
    struct buf payload = buf_of(WIRE_PAYLOAD_MAX), slots = buf_of(WIRE_PAYLOAD_MAX);
    const struct payload_context elsewhere[] = {
        {"regioN", "persons", "THA", 1, tag, seal_key},       {"region", "personS", "THA", 1, tag, seal_key},
        {"region", "persons", "THB", 1, tag, seal_key},       {"region", "persons", "THA", 2, tag, seal_key},
        {"region", "persons", "THA", 1, other_tag, seal_key}, {"region", "persons", "THA", 1, tag, other_key},
        {"regionp", "ersons", "THA", 1, tag, seal_key},
    };
    assert_int_equal(payload_seal(&payload, &s, &context, in, 1, &err), 0);
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        assert_int_equal(payload_open(&slots, &count, &s, &elsewhere[i], buf_span(&payload), &err), ERR_VERIFY);
    for (size_t i = 0; i < payload.len; i++) {
        payload.data[i] ^= 1;
        assert_int_equal(payload_open(&slots, &count, &s, &context, buf_span(&payload), &err), ERR_VERIFY);
        payload.data[i] ^= 1;
    }
    for (size_t len = 0; len < payload.len; len++)
        assert_int_equal(payload_open(&slots, &count, &s, &context, span_of(payload.data, len), &err), ERR_INPUT);
    assert_int_equal(slots.len, 0);
    assert_int_equal(payload_open(&slots, &count, &s, &context, buf_span(&payload), &err), 0);
    buf_free(&payload);
    buf_free(&slots);
}

/* A partner may seal what it likes: what no honest client makes is refused. */
static void misshapen_entries_are_refused(void **state)
{
    (void)state;
    const struct schema s = small_schema();
    struct schema wide = s;
    uint8_t in[16 * SLOT_SIZE_MAX] = {0};
    struct err err = {.text = ""};
    size_t count;
    struct buf payload = buf_of(WIRE_PAYLOAD_MAX), slots = buf_of(WIRE_PAYLOAD_MAX);
    wide.cap = 16;
    assert_int_equal(payload_seal(&payload, &wide, &context, in, 16, &err), 0);
    assert_int_equal(payload_open(&slots, &count, &s, &context, buf_span(&payload), &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "16 slots"));
    buf_clear(&payload);
    in[PSEUDONYM_SIZE] = 3;
    assert_int_equal(payload_seal(&payload, &s, &context, in, 1, &err), 0);
    assert_int_equal(payload_open(&slots, &count, &s, &context, buf_span(&payload), &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "a match key that the schema does not have"));
    assert_int_equal(slots.len, 0);
    buf_free(&payload);
    buf_free(&slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_field_is_that_of_fips_197),
        cmocka_unit_test(any_keys_of_enough_weight_open),
        cmocka_unit_test(one_share_too_few_is_noise),
        cmocka_unit_test(a_key_counts_once),
        cmocka_unit_test(records_and_purposes_have_secrets_of_their_own),
        cmocka_unit_test(a_record_keeps_its_handle_under_another_schema),
        cmocka_unit_test(as_many_records_as_the_cap_travel),
        cmocka_unit_test(the_largest_entry_fits),
        cmocka_unit_test(a_payload_opens_in_its_place_alone),
        cmocka_unit_test(misshapen_entries_are_refused),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("token_payload", tests, NULL, NULL);
}
