/*
 * A matcher groups the tags of one record: from the entries of an enrolment, by what is alike in one request; and from
 * 30 days of edits and withdrawals, by what comes and goes together. Who groups a record's tags sees a person, without
 * a name, and how many partners know it.
 *
 * The enrolment is what clients send. The days of edits are simulated, and their figures are bounds on nothing that
 * clients do: as a daemon sends them, one edit alone in its requests, and as requests of at least 64 tags would be, in
 * some variants.
 */
#include "tests/attacks/attacks.h"
#include "tests/attacks/register.h"

#include <math.h>
#include <sodium.h>

enum { BATCH_SAMPLE = 1500, DAYS = 30, EDITS_A_DAY = 20, CHANGED = 3, TAGS = 5, FILLED = 64, SCATTER_DAYS = 7 };

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

/* How edits go out. */
struct way {
    const char *name;
    bool filled;   /* additions by invented tags to at least FILLED */
    bool stays;    /* invented tags stay as long as those of records; else they go within SCATTER_DAYS */
    bool resealed; /* tags to be emptied go among as many others that are sealed anew */
};

static const struct way ways[] = {
    {"alone, as clients send them", false, false, false},
    {"filled up to 64", true, false, false},
    {"filled up to 64 by tags that stay", true, true, false},
    {"filled up to 64 by tags that stay, emptied among others", true, true, true},
};

/* What the adversary sees of a tag in a request. */
struct sight {
    bool ours, replaced;
    int gone; /* 0: still there on the last day; 1: it went later; 2: at once with the others of this request */
};

static int fate(bool withdrawn, const struct way *way)
{
    return !withdrawn ? 0 : way->filled ? 1 : 2;
}

/* One edit's tags as they are seen, and what hides them. */
static size_t send_edit(struct sight *out, const struct way *way, size_t added, size_t emptied)
{
    size_t n = 0;
    for (size_t i = 0; i < added; i++)
        out[n++] = (struct sight){true, false, 0};
    for (size_t i = 0; i < emptied; i++)
        out[n++] = (struct sight){true, true, fate(true, way)};
    for (size_t i = added; way->filled && added > 0 && i < FILLED; i++)
        out[n++] = (struct sight){false, false, fate(!way->stays, way)};
    /* Half of the others belong to records that are withdrawn in these weeks, too. */
    for (size_t i = emptied; way->resealed && emptied > 0 && i < FILLED; i++)
        out[n++] = (struct sight){false, true, any_below(2) == 0 ? 1 : 0};
    return n;
}

/* Adds to *right how likely a guess among those that look alike finds a tag of the same record. */
static size_t guess_edit(const struct sight *s, size_t n, double *right)
{
    size_t guesses = 0;
    for (size_t i = 0; i < n; i++) {
        size_t like = 0, siblings = 0;
        for (size_t j = 0; s[i].ours && j < n; j++) {
            if (j == i || s[j].replaced != s[i].replaced || s[j].gone != s[i].gone)
                continue;
            like++;
            siblings += s[j].ours;
        }
        if (like == 0)
            continue;
        guesses++;
        *right += (double)siblings / (double)like;
    }
    return guesses;
}

static void thirty_days(const struct way *way)
{
    struct sight sight[4 * FILLED];
    double right = 0;
    size_t guesses = 0;
    for (int i = 0; i < DAYS * EDITS_A_DAY; i++) {
        const bool withdrawn = i % 4 == 0;
        size_t n = send_edit(sight, way, withdrawn ? 0 : CHANGED, withdrawn ? TAGS : CHANGED);
        guesses += guess_edit(sight, n, &right);
    }
    print_message("# edits of %d days, %s: of %zu tags %.1f %% are paired with one of the same record\n", DAYS,
                  way->name, guesses, 100 * right / (double)guesses);
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
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        thirty_days(&ways[i]);
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
    assert_true(2 * control > n);
    free(stored);
    people_free(&people);
}
