/*
 * A matcher groups the tags of one record: from the entries of an enrolment, by what is alike in one request; and from
 * 30 days of edits and withdrawals, by what comes and goes together. Who groups a record's tags sees a person, without
 * a name, and how many partners know it.
 *
 * The enrolment is what clients send, and so are the edits: what the client plans for them (client/vault/crowds.h) is
 * planned, each edit alone, as a daemon sends it (month.h).
 */
#include "tests/attacks/attacks.h"
#include "tests/attacks/frequency.h"
#include "tests/attacks/register.h"

#include <math.h>
#include <sodium.h>

enum { BATCH_SAMPLE = 1500, GUESS_ONE_OF = 8 };

/* Four of a record's tags among the 63 others of a request: what its size allows, and something for chance. */
#define GROUPED_MOST (1.25 * 4 / 63)

/* What is common is put anew more often: seen 0.54 to 0.65, where what changed alone gives 0.87. */
#define TOLD_MOST 0.74

/* --- enrolment --- */

struct stored {
    struct entry entry;
    uint32_t person;
};

static unsigned alike(const struct entry *a, const struct entry *b)
{
    uint64_t x[sizeof *a / 8], y[sizeof *b / 8];
    unsigned bits = 0;
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
        bits += (unsigned)__builtin_popcountll(~(x[i] ^ y[i]));
    return bits;
}

/* For each entry of the request the one that is most like it. Returns how many are of the same record. */
static size_t pair_entries(const struct stored *s, size_t n, double *chance, double *variance)
{
    size_t right = 0;
    *chance = *variance = 0;
    for (size_t i = 0; i < n; i++) {
        size_t best = i, siblings = 0;
        unsigned most = 0;
        for (size_t j = 0; j < n; j++) {
            const unsigned bits = j == i ? 0 : alike(&s[i].entry, &s[j].entry);
            siblings += j != i && s[j].person == s[i].person;
            if (bits > most) {
                most = bits;
                best = j;
            }
        }
        const double p = (double)siblings / (double)(n - 1);
        right += best != i && s[best].person == s[i].person;
        *chance += p;
        *variance += p * (1 - p);
    }
    return right;
}

/* All entries of the first people. */
static size_t enrol(struct stored *out, const struct people *people)
{
    size_t n = 0;
    const uint32_t some = people->count < BATCH_SAMPLE / TAGS ? (uint32_t)people->count : BATCH_SAMPLE / TAGS;
    for (uint32_t person = 0; person < some; person++) {
        struct value value[SCHEMA_TOKENS_MAX];
        struct entry entry[SCHEMA_TOKENS_MAX];
        size_t count = 0;
        for (size_t i = 0; i < people->values && count < SCHEMA_TOKENS_MAX; i++)
            if (people->value[i].person == person)
                value[count++] = people->value[i];
        register_entries(entry, value, count);
        for (size_t i = 0; i < count && n < 2 * BATCH_SAMPLE; i++)
            out[n++] = (struct stored){entry[i], person};
    }
    return n;
}

/* --- thirty days of edits --- */

/* What several records have in common is not to be paired. */
static bool is_of_one(const struct sight *s)
{
    return s->record >= 0 && s->key != SHARED_KEY;
}

/* How likely a guess is right that takes any of those tags which were sent most often together with this one. */
static double guess_sibling(const struct month *m, const struct sight *of)
{
    unsigned most = 0;
    size_t like = 0, siblings = 0;
    for (size_t i = 0; i < m->seen_count; i++) {
        const struct sight *s = m->seen[i];
        const unsigned n = s != of && s->key != SHARED_KEY ? month_together(of, s) : 0;
        if (n == 0 || n < most)
            continue;
        if (n > most)
            like = siblings = 0;
        most = n;
        like++;
        siblings += s->record == of->record;
    }
    return like > 0 ? (double)siblings / (double)like : 0;
}

/*
 * Returns the part of the edited records' tags that are paired with one of the same record. *told: how well tags of
 * several records are told from those of one.
 */
static double thirty_days(bool alone, double *told)
{
    struct month m;
    double right = 0, deviation;
    size_t guesses = 0;
    month_live(&m, alone);
    for (size_t i = 0; i < m.seen_count; i++)
        if (is_of_one(m.seen[i]) && any_below(GUESS_ONE_OF) == 0) {
            right += guess_sibling(&m, m.seen[i]);
            guesses++;
        }
    *told = frequency_by_puts(&m, &deviation);
    print_message("# %d edits in %d days, %s: of %zu tags %.1f %% are paired with one of the same record; "
                  "%.1f tags sent for an edit; by how often it is put one of %d records is told from one of a single "
                  "record %.3f, 0.500 +- %.3f by chance\n",
                  WALKS, DAYS, alone ? "what changed alone" : "as the client plans them", guesses,
                  100 * right / (double)guesses, m.sent, SHARED, *told, deviation);
    month_free(&m);
    return right / (double)guesses;
}

void attack_grouping(void **unused)
{
    struct people people;
    struct stored *stored = people_alloc(2 * BATCH_SAMPLE, sizeof *stored);
    double chance, variance;
    (void)unused;
    people_read(&people, attack_feeds, "THA");
    const size_t n = enrol(stored, &people), right = pair_entries(stored, n, &chance, &variance);
    const double bound = chance + 6 * sqrt(variance) + 4;
    print_message("# enrolment: %zu of %zu tags paired right, %.1f +- %.1f by chance\n", right, n, chance,
                  sqrt(variance));
    double told, told_alone;
    const double grouped = thirty_days(false, &told), grouped_alone = thirty_days(true, &told_alone);
    for (size_t i = 0; i < n; i++) { /* control: what a record's pseudonym would do */
        uint8_t pseudonym[randombytes_SEEDBYTES] = {0};
        memcpy(pseudonym, &stored[i].person, sizeof stored[i].person);
        randombytes_buf_deterministic(stored[i].entry.payload, STAGE_PAYLOAD, pseudonym);
    }
    double unused_chance, unused_variance;
    const size_t control = pair_entries(stored, n, &unused_chance, &unused_variance);
    print_message("# control: with something equal in a record's payloads %zu of %zu\n", control, n);
    attack_counts.reidentified += (double)right > bound ? right - (size_t)chance : 0;
    attack_counts.control += control;
    assert_true((double)right <= bound);
    assert_true(grouped <= GROUPED_MOST);
    assert_true(told <= TOLD_MOST);
    assert_true(grouped_alone > 0.9); /* controls */
    assert_true(told_alone > 0.76);
    assert_true(2 * control > n);
    free(stored);
    people_free(&people);
}
