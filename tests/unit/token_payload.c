/*
 * What an entry carries: who has one slot of a key of weight 2, or two of weight 1, has the record's secret; who has
 * less has noise, and cannot tell which slots belong together; a payload opens for its tag, its place and its key
 * alone.
 */
#include "client/payload/gf256.h"
#include "client/payload/payload.h"

#include <math.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t owner[PARTY_DIGEST_SIZE] = {3}, tag[WIRE_TAG_SIZE] = {1}, seal_key[SEAL_KEY_SIZE] = {2};
static const struct payload_context context = {"region", "persons", owner, 1, tag, seal_key};

/* Keys 0 and 1 open together, 2 and 3 alone. */
static const struct schema schema = {
    .slots = 4, .keys = 4, .key = {{.weight = 1}, {.weight = 1}, {.weight = 2}, {.weight = 2}}};

static void random_record(struct record_secret *out)
{
    uint8_t seed[RECORD_SEED_SIZE];
    randombytes_buf(seed, sizeof seed);
    record_secret_derive(out, seed);
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

/* --- slots --- */

static void slots_open_alone_or_together(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct record_secret record, found;
        uint8_t bytes[4][SLOT_SIZE];
        struct slot slot[4];
        random_record(&record);
        for (unsigned j = 0; j < 4; j++) {
            slot_make(bytes[j], &schema, &context, &record, j);
            slot[j] = (struct slot){&context, j, bytes[j]};
            assert_true(slot_belongs(&slot[j], &record));
            assert_int_equal(slot_recover(&found, &slot[j]), j >= 2);
            if (j >= 2)
                assert_memory_equal(&found, &record, sizeof record);
        }
        assert_true(slot_recover_pair(&found, &slot[0], &slot[1]));
        assert_memory_equal(&found, &record, sizeof record);
        assert_true(slot_recover_pair(&found, &slot[3], &slot[0]));
        assert_memory_equal(&found, &record, sizeof record);
        assert_false(slot_recover_pair(&found, &slot[0], &slot[0]));
    }
}

/* Every key with every other one. */
static void any_two_points_make_the_line(void **state)
{
    (void)state;
    struct record_secret record, found;
    uint8_t bytes[SCHEMA_KEYS_MAX][SLOT_SIZE];
    struct schema all = {.slots = 1, .keys = SCHEMA_KEYS_MAX};
    random_record(&record);
    for (unsigned j = 0; j < SCHEMA_KEYS_MAX; j++) {
        all.key[j].weight = 2;
        slot_make(bytes[j], &all, &context, &record, j);
        assert_true(slot_recover(&found, &(struct slot){&context, j, bytes[j]}));
        assert_memory_equal(&found, &record, sizeof record);
        for (unsigned k = 0; k < j; k++) {
            const struct slot one = {&context, j, bytes[j]}, other = {&context, k, bytes[k]};
            assert_true(slot_recover_pair(&found, &one, &other));
            assert_memory_equal(&found, &record, sizeof record);
        }
    }
}

/* Of two records, of another key, tag, owner, epoch, or with a bit turned: nothing. */
static void a_slot_counts_in_its_place_alone(void **state)
{
    (void)state;
    static const uint8_t other[PARTY_DIGEST_SIZE] = {9};
    struct record_secret one, two, found;
    uint8_t a[SLOT_SIZE], b[SLOT_SIZE], c[SLOT_SIZE];
    const struct payload_context elsewhere[] = {
        {"regioN", "persons", owner, 1, tag, NULL},   {"region", "personS", owner, 1, tag, NULL},
        {"region", "persons", other, 1, tag, NULL},   {"region", "persons", owner, 2, tag, NULL},
        {"region", "persons", owner, 1, other, NULL},
    };
    random_record(&one);
    random_record(&two);
    slot_make(a, &schema, &context, &one, 0);
    slot_make(b, &schema, &context, &two, 1);
    slot_make(c, &schema, &context, &one, 2);
    const struct slot slot_a = {&context, 0, a}, slot_b = {&context, 1, b};
    assert_false(slot_recover_pair(&found, &slot_a, &slot_b));
    assert_false(slot_belongs(&slot_b, &one));
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        assert_false(slot_recover(&found, &(struct slot){&elsewhere[i], 2, c}));
    assert_false(slot_recover(&found, &(struct slot){&context, 3, c}));
    for (size_t i = 0; i < SLOT_SIZE; i++) {
        c[i] ^= 1;
        assert_false(slot_recover(&found, &(struct slot){&context, 2, c}));
        c[i] ^= 1;
    }
    assert_true(slot_recover(&found, &(struct slot){&context, 2, c}));
}

/* --- who has all seal keys and one share of each record --- */

#define RECORDS 50000

/* Features of two slots, of the second of which the share is not known: sums over the known bytes of both. */
struct features {
    double equal_bytes, distance;
};

static struct features compare(const uint8_t a[SLOT_SIZE], const uint8_t b[SLOT_SIZE])
{
    struct features f = {0, 0};
    for (size_t i = RECORD_SEED_SIZE; i < SLOT_SIZE; i++)
        for (size_t k = 0; k < SLOT_SIZE; k++) {
            f.equal_bytes += a[k] == b[i];
            f.distance += __builtin_popcount(a[k] ^ b[i]);
        }
    return f;
}

/* How many standard deviations the means lie apart. */
static double apart(const double sum[2], const double squares[2])
{
    double mean[2], variance[2];
    for (int i = 0; i < 2; i++) {
        mean[i] = sum[i] / RECORDS;
        variance[i] = squares[i] / RECORDS - mean[i] * mean[i];
    }
    return (mean[0] - mean[1]) / sqrt((variance[0] + variance[1]) / RECORDS);
}

static void add(double sum[2][2], double squares[2][2], int of, struct features f)
{
    sum[0][of] += f.equal_bytes;
    squares[0][of] += f.equal_bytes * f.equal_bytes;
    sum[1][of] += f.distance;
    squares[1][of] += f.distance * f.distance;
}

/*
 * Two slots each of 50,000 records. All is known of the first, all but the share of the second: what can be computed is
 * the same for slots of one record and of two. Positive control: with the share, each pair is told from each other one.
 */
static void which_slots_belong_together_does_not_show(void **state)
{
    (void)state;
    static uint8_t slot[2][RECORDS][SLOT_SIZE];
    double sum[2][2] = {{0}}, squares[2][2] = {{0}};
    size_t linked = 0, strangers = 0;
    struct record_secret record;
    for (size_t i = 0; i < RECORDS; i++) {
        random_record(&record);
        slot_make(slot[0][i], &schema, &context, &record, 0);
        slot_make(slot[1][i], &schema, &context, &record, 1);
    }
    for (size_t i = 0; i < RECORDS; i++) {
        const struct slot a = {&context, 0, slot[0][i]}, b = {&context, 1, slot[1][i]},
                          other = {&context, 1, slot[1][(i + 1) % RECORDS]};
        add(sum, squares, 0, compare(a.bytes, b.bytes));
        add(sum, squares, 1, compare(a.bytes, other.bytes));
        linked += slot_recover_pair(&record, &a, &b);
        strangers += slot_recover_pair(&record, &a, &other);
    }
    double equal = apart(sum[0], squares[0]), distance = apart(sum[1], squares[1]);
    printf("# slots n=%d equal_bytes=%+.2f distance=%+.2f sigma, control: linked=%zu strangers=%zu of %d\n",
           2 * RECORDS, equal, distance, linked, strangers, RECORDS);
    assert_true(fabs(equal) < 6 && fabs(distance) < 6); /* by chance once in 10^9 */
    assert_int_equal(linked, RECORDS);
    assert_int_equal(strangers, 0);
}

/* --- payloads --- */

static bool holds(struct span slots, const uint8_t *slot)
{
    for (size_t at = 0; at < slots.len; at += SLOT_SIZE)
        if (memcmp(slots.data + at, slot, SLOT_SIZE) == 0)
            return true;
    return false;
}

static void an_entry_says_not_how_many_records_share_it(void **state)
{
    (void)state;
    uint8_t in[5 * SLOT_SIZE];
    struct err err = {.text = ""};
    randombytes_buf(in, sizeof in);
    for (size_t n = 0; n <= schema.slots; n++) {
        struct buf payload = buf_of(WIRE_PAYLOAD_MAX), slots = buf_of(WIRE_PAYLOAD_MAX);
        assert_int_equal(payload_seal(&payload, &schema, &context, in, n, &err), 0);
        assert_int_equal(payload.len, 24 + 4 * 40 + 16);
        assert_int_equal(payload.len, payload_size(&schema));
        assert_int_equal(payload_open(&slots, &schema, &context, buf_span(&payload), &err), 0);
        assert_int_equal(slots.len, schema.slots * SLOT_SIZE);
        for (size_t i = 0; i < n; i++)
            assert_true(holds(buf_span(&slots), in + i * SLOT_SIZE));
        buf_free(&payload);
        buf_free(&slots);
    }
    struct buf payload = buf_of(WIRE_PAYLOAD_MAX);
    assert_int_equal(payload_seal(&payload, &schema, &context, in, schema.slots + 1, &err), ERR_INPUT);
    assert_int_equal(payload.len, 0);
}

/* A random slot passes for nobody: alone, with another, with a true one. */
static void padding_is_no_record(void **state)
{
    (void)state;
    struct record_secret record, found;
    uint8_t bytes[64][SLOT_SIZE], own[SLOT_SIZE];
    random_record(&record);
    slot_make(own, &schema, &context, &record, 0);
    randombytes_buf(bytes, sizeof bytes);
    for (int i = 0; i < 64; i++) {
        const struct slot light = {&context, 1, bytes[i]}, heavy = {&context, 2, bytes[i]}, mine = {&context, 0, own};
        assert_false(slot_recover(&found, &heavy));
        assert_false(slot_belongs(&light, &record));
        assert_false(slot_recover_pair(&found, &mine, &light));
        for (int k = 0; k < 64; k++)
            assert_false(slot_recover_pair(&found, &light, &(struct slot){&context, 0, bytes[k]}));
    }
}

static void a_payload_opens_in_its_place_alone(void **state)
{
    (void)state;
    uint8_t in[SLOT_SIZE] = {0};
    static const uint8_t other[PARTY_DIGEST_SIZE] = {9};
    struct err err;
    struct buf payload = buf_of(WIRE_PAYLOAD_MAX), slots = buf_of(WIRE_PAYLOAD_MAX);
    const struct payload_context elsewhere[] = {
        {"regioN", "persons", owner, 1, tag, seal_key},   {"region", "personS", owner, 1, tag, seal_key},
        {"region", "persons", other, 1, tag, seal_key},   {"region", "persons", owner, 2, tag, seal_key},
        {"region", "persons", owner, 1, other, seal_key}, {"region", "persons", owner, 1, tag, other},
        {"regionp", "ersons", owner, 1, tag, seal_key},
    };
    assert_int_equal(payload_seal(&payload, &schema, &context, in, 1, &err), 0);
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        assert_int_equal(payload_open(&slots, &schema, &elsewhere[i], buf_span(&payload), &err), ERR_VERIFY);
    for (size_t i = 0; i < payload.len; i++) {
        payload.data[i] ^= 1;
        assert_int_equal(payload_open(&slots, &schema, &context, buf_span(&payload), &err), ERR_VERIFY);
        payload.data[i] ^= 1;
    }
    for (size_t len = 0; len < payload.len; len++)
        assert_int_equal(payload_open(&slots, &schema, &context, span_of(payload.data, len), &err), ERR_INPUT);
    assert_int_equal(slots.len, 0);
    assert_int_equal(payload_open(&slots, &schema, &context, buf_span(&payload), &err), 0);
    buf_free(&payload);
    buf_free(&slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_field_is_that_of_fips_197),
        cmocka_unit_test(slots_open_alone_or_together),
        cmocka_unit_test(any_two_points_make_the_line),
        cmocka_unit_test(a_slot_counts_in_its_place_alone),
        cmocka_unit_test(which_slots_belong_together_does_not_show),
        cmocka_unit_test(an_entry_says_not_how_many_records_share_it),
        cmocka_unit_test(padding_is_no_record),
        cmocka_unit_test(a_payload_opens_in_its_place_alone),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("token_payload", tests, NULL, NULL);
}
