/*
 * Who has all seal keys opens all entries, and sees all slots. Of a record it must have two shares; with all but one of
 * them it must not learn which slots belong together, whatever it computes of them. The statistic: of two slots of each
 * record, the second without its share, how many bits are alike, against slots of different records; and how many
 * seconds are found by taking the one that is most alike. Control: with the missing share, every pair opens.
 */
#include "tests/attacks/attacks.h"

#include "client/payload/payload.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>

enum { RECORDS = 50000, BLOCK = 1000, SHARE = 16, WORDS = SLOT_SIZE / 8 };

/* Keys 0 and 1 open together. */
static const struct schema together = {.slots = 1, .keys = 2, .key = {{.weight = 1}, {.weight = 1}}};

struct pair {
    uint8_t slot[2][SLOT_SIZE];
    uint8_t tag[2][WIRE_TAG_SIZE];
};

static struct payload_context place(const struct pair *p, unsigned key)
{
    static const uint8_t owner[PARTY_DIGEST_SIZE] = {3};
    return (struct payload_context){"region", "persons", owner, 1, p->tag[key], NULL};
}

static void make(struct pair *p)
{
    struct record_secret secret;
    uint8_t seed[RECORD_SEED_SIZE];
    randombytes_buf(seed, sizeof seed);
    randombytes_buf(p->tag, sizeof p->tag);
    record_secret_derive(&secret, seed);
    for (unsigned key = 0; key < 2; key++) {
        const struct payload_context at = place(p, key);
        slot_make(p->slot[key], &together, &at, &secret, key);
    }
}

static bool opens(const struct pair *a, const struct pair *b)
{
    struct record_secret secret;
    const struct payload_context one = place(a, 0), two = place(b, 1);
    return slot_recover_pair(&secret, &(struct slot){&one, 0, a->slot[0]}, &(struct slot){&two, 1, b->slot[1]});
}

static unsigned alike(const struct pair *a, const struct pair *b)
{
    uint64_t x[WORDS], y[WORDS];
    unsigned bits = 0;
    memcpy(x, a->slot[0], sizeof x);
    memcpy(y, b->slot[1], sizeof y);
    for (size_t i = 0; i < WORDS; i++)
        bits += (unsigned)__builtin_popcountll(~(x[i] ^ y[i]));
    return bits;
}

/* Of each first slot of a block the second that is most alike: how many are of the same record. */
static size_t guess_block(const struct pair *p)
{
    size_t right = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        size_t best = 0;
        unsigned most = 0;
        for (size_t j = 0; j < BLOCK; j++) {
            const unsigned bits = alike(&p[i], &p[j]);
            best = bits > most ? j : best;
            most = bits > most ? bits : most;
        }
        right += best == i;
    }
    return right;
}

void attack_slots(void **unused)
{
    struct pair *p = people_alloc(RECORDS, sizeof *p);
    size_t control = 0, opened = 0, right = 0;
    double same = 0, apart = 0;
    (void)unused;
    for (size_t i = 0; i < RECORDS; i++) {
        make(&p[i]);
        control += opens(&p[i], &p[i]);
        randombytes_buf(p[i].slot[1], SHARE); /* the share that the adversary does not have */
    }
    for (size_t i = 0; i < RECORDS; i++) {
        opened += opens(&p[i], &p[i]);
        same += alike(&p[i], &p[i]);
        apart += alike(&p[i], &p[(i + 1) % RECORDS]);
    }
    for (size_t at = 0; at < RECORDS; at += BLOCK)
        right += guess_block(p + at);
    const size_t blocks = RECORDS / BLOCK;
    const double chance = (double)blocks, sigma = (same - apart) / sqrt(2.0 * RECORDS * 8 * SLOT_SIZE / 4);
    print_message(
        "# slots: of %d with all shares but one, %zu seconds found right (%.0f +- %.1f by chance), %zu opened; "
        "bits alike %.3f in one record, %.3f in two (%.1f sigma)\n",
        2 * RECORDS, right, chance, sqrt(chance), opened, same / RECORDS, apart / RECORDS, sigma);
    print_message("# control: with the missing share %zu of %d open\n", control, RECORDS);
    const double bound = chance + 7 * sqrt(chance);
    attack_counts.reidentified += opened + ((double)right > bound ? right - (size_t)chance : 0);
    attack_counts.control += control;
    assert_int_equal(opened, 0);
    assert_true((double)right <= bound);
    assert_true(fabs(sigma) < 7);
    assert_int_equal(control, RECORDS);
    free(p);
}
