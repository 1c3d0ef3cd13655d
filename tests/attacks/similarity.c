/*
 * The published attacks on linkage by Bloom filters: who has the encodings, but not their key, aligns how similar they
 * are to each other, and how often they occur, with how similar and frequent names are (Vidanage, Christen, Ranbaduge,
 * Schnell: "A Graph Matching Attack on Privacy-Preserving Record Linkage", 2020). The adversary is given all registers
 * in the clear. Control: it re-identifies people by Bloom filters of their names. On what a matcher stores it is to do
 * no better than chance: one right of any number.
 */
#include "tests/attacks/attacks.h"
#include "tests/attacks/register.h"

#include <ctype.h>
#include <math.h>
#include <sodium.h>

enum {
    SAMPLE_MAX = 1000,
    FILTER_WORDS = 16,
    ENTRY_WORDS = 27,
    HASHES = 10,
    TOP = 12,
    FEATURES = 2 * TOP + 1,
    REGISTERS = 3
};

_Static_assert(sizeof(uint64_t) * ENTRY_WORDS == sizeof(struct entry), "an entry is whole words");

/* --- encodings --- */

static void filter_of(uint64_t *out, const struct somebody *p, const uint8_t key[32])
{
    char text[2 * PEOPLE_TEXT + 4];
    int len = snprintf(text, sizeof text, "_%s_%s_", p->family, p->given);
    memset(out, 0, FILTER_WORDS * sizeof *out);
    for (int i = 0; i < len; i++)
        text[i] = (char)toupper((unsigned char)text[i]);
    for (int i = 0; i + 2 <= len; i++) {
        uint16_t position[HASHES];
        crypto_generichash((uint8_t *)position, sizeof position, (const uint8_t *)text + i, 2, key, 32);
        for (int h = 0; h < HASHES; h++)
            out[position[h] / 64 % FILTER_WORDS] |= UINT64_C(1) << position[h] % 64;
    }
}

/* --- what everybody looks like among all others --- */

struct profile {
    float feature[FEATURES];
};

static unsigned count_bits(const uint64_t *a, const uint64_t *b, size_t words)
{
    unsigned bits = 0;
    for (size_t i = 0; i < words; i++)
        bits += (unsigned)__builtin_popcountll(a[i] & b[i]);
    return bits;
}

static int compare_floats_down(const void *a, const void *b)
{
    const float x = *(const float *)a, *y = b;
    return (x < *y) - (x > *y);
}

/* The greatest similarities, and the similarities at twelve places of the order, and the number of bits. */
static void profiles_make(struct profile *out, const uint64_t *bits, size_t words, size_t n)
{
    float *dice = people_alloc(n, sizeof *dice);
    unsigned *size = people_alloc(n, sizeof *size);
    for (size_t i = 0; i < n; i++)
        size[i] = count_bits(bits + i * words, bits + i * words, words);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            dice[j] = 2.0f * (float)count_bits(bits + i * words, bits + j * words, words) / (float)(size[i] + size[j]);
        qsort(dice, n, sizeof *dice, compare_floats_down);
        for (size_t f = 0; f < TOP; f++) {
            out[i].feature[f] = dice[1 + f];
            out[i].feature[TOP + f] = dice[(n - 1) * (f + 1) / TOP];
        }
        out[i].feature[2 * TOP] = (float)size[i];
    }
    free(dice);
    free(size);
}

/* Each feature becomes its place among those of all, so that encodings of different density compare. */
static void profiles_rank(struct profile *p, size_t n)
{
    float *sorted = people_alloc(n, sizeof *sorted);
    for (size_t f = 0; f < FEATURES; f++) {
        for (size_t i = 0; i < n; i++)
            sorted[i] = p[i].feature[f];
        qsort(sorted, n, sizeof *sorted, compare_floats_down);
        for (size_t i = 0; i < n; i++) {
            size_t low = 0, high = n;
            while (low < high) {
                const size_t middle = (low + high) / 2;
                if (sorted[middle] > p[i].feature[f])
                    low = middle + 1;
                else
                    high = middle;
            }
            p[i].feature[f] = (float)low / (float)n;
        }
    }
    free(sorted);
}

/* How many of the encodings are nearest to their own person in the clear. */
static size_t align(const uint64_t *bits, size_t words, const uint64_t *clear, size_t n)
{
    struct profile *a = people_alloc(n, sizeof *a), *b = people_alloc(n, sizeof *b);
    size_t right = 0;
    profiles_make(a, bits, words, n);
    profiles_make(b, clear, FILTER_WORDS, n);
    profiles_rank(a, n);
    profiles_rank(b, n);
    for (size_t i = 0; i < n; i++) {
        size_t best = 0;
        float least = INFINITY;
        for (size_t j = 0; j < n; j++) {
            float distance = 0;
            for (size_t f = 0; f < FEATURES; f++)
                distance += fabsf(a[i].feature[f] - b[j].feature[f]);
            if (distance < least) {
                least = distance;
                best = j;
            }
        }
        right += best == i;
    }
    free(a);
    free(b);
    return right;
}

/* --- frequencies over agencies --- */

struct held {
    uint8_t hash[32];
    unsigned by; /* bitmap of registers */
    struct token token;
};

static int compare_held(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static int compare_by_and_tag(const void *a, const void *b)
{
    const struct held *x = a, *y = b;
    return x->by != y->by ? (x->by < y->by ? -1 : 1) : memcmp(x->token.tag, y->token.tag, TAG_SIZE);
}

/*
 * A tag is held by some of the agencies; who has the registers knows which values are. Values and tags that the same
 * agencies hold are put side by side. Returns how many are right; by chance it is one for each set of agencies.
 */
static size_t align_holders(size_t *values, size_t *sets)
{
    static const char *const name[REGISTERS] = {"THA", "XAA", "XBB"};
    struct people people;
    struct held *held = NULL, *tagged;
    size_t n = 0, kept = 0, right = 0;
    for (unsigned r = 0; r < REGISTERS; r++) {
        people_read(&people, attack_feeds, name[r]);
        held = realloc(held, (n + people.values) * sizeof *held);
        assert_non_null(held);
        for (size_t i = 0; i < people.values; i++) {
            held[n] = (struct held){.by = 1u << r};
            memcpy(held[n].hash, people.value[i].hash, 32);
            people_token(&held[n++].token, 0, 1, &people.value[i]);
        }
        people_free(&people);
    }
    qsort(held, n, sizeof *held, compare_held);
    for (size_t i = 0; i < n; i++)
        if (kept > 0 && compare_held(&held[kept - 1], &held[i]) == 0)
            held[kept - 1].by |= held[i].by;
        else
            held[kept++] = held[i];
    tagged = people_alloc(kept, sizeof *tagged);
    assert_non_null(tagged);
    memcpy(tagged, held, kept * sizeof *tagged);
    qsort(tagged, kept, sizeof *tagged, compare_by_and_tag);
    unsigned seen = 0;
    size_t at[1 << REGISTERS] = {0};
    for (size_t i = kept; i-- > 0;)
        at[tagged[i].by] = i;
    for (size_t i = 0; i < kept; i++) { /* in the order of the values */
        seen |= 1u << held[i].by;
        right += compare_held(&tagged[at[held[i].by]++], &held[i]) == 0;
    }
    *sets = (size_t)__builtin_popcount(seen);
    *values = kept;
    free(held);
    free(tagged);
    return right;
}

/* What is more than chance can explain: a Poisson variable exceeds this less than once in a million times. */
static size_t beyond_chance(size_t right, double chance)
{
    return (double)right > chance + 6 * sqrt(chance) + 4 ? right - (size_t)chance : 0;
}

/* An entry of each person's, as the matcher stores it. */
static void entries_of_people(uint64_t *out, const struct people *people, size_t n)
{
    bool *done = people_alloc(people->count, 1);
    const size_t size = ENTRY_WORDS * sizeof *out;
    for (size_t i = 0; i < people->values; i++) {
        const struct value *v = &people->value[i];
        struct entry entry;
        if (v->person >= n || done[v->person])
            continue;
        done[v->person] = true;
        register_entries(&entry, v, 1);
        memcpy(out + v->person * ENTRY_WORDS, &entry, size);
    }
    free(done);
}

void attack_similarity(void **unused)
{
    struct people people;
    uint8_t key[32], other_key[32];
    size_t values, sets;
    (void)unused;
    people_read(&people, attack_feeds, "THA");
    const size_t n = people.count < SAMPLE_MAX ? people.count : SAMPLE_MAX;
    uint64_t *clear = people_alloc(n, FILTER_WORDS * sizeof *clear),
             *filter = people_alloc(n, FILTER_WORDS * sizeof *filter),
             *entry = people_alloc(n, ENTRY_WORDS * sizeof *entry);
    randombytes_buf(key, sizeof key);
    randombytes_buf(other_key, sizeof other_key);
    for (size_t i = 0; i < n; i++) {
        filter_of(filter + i * FILTER_WORDS, &people.person[i], key);
        filter_of(clear + i * FILTER_WORDS, &people.person[i], other_key);
    }
    entries_of_people(entry, &people, n);
    const size_t control = align(filter, FILTER_WORDS, clear, n), right = align(entry, ENTRY_WORDS, clear, n);
    const size_t holders = align_holders(&values, &sets);
    print_message("# similarity graph: %zu of %zu right, 1.0 +- 1.0 by chance; control: %zu by Bloom filters\n", right,
                  n, control);
    print_message("# who holds a tag: %zu of %zu values right, %zu.0 +- %.1f by chance\n", holders, values, sets,
                  sqrt((double)sets));
    attack_counts.reidentified += beyond_chance(right, 1) + beyond_chance(holders, (double)sets);
    attack_counts.control += control;
    assert_int_equal(beyond_chance(right, 1), 0);
    assert_int_equal(beyond_chance(holders, (double)sets), 0);
    assert_true(10 * control > n);
    free(clear);
    free(filter);
    free(entry);
    people_free(&people);
}
