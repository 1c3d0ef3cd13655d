/*
 * Frequency analysis within one register, the oldest attack on whatever is encoded: values that are common are found by
 * how often their encoding is, or how large (Niedermeyer, Steinmetzer, Kroll, Schnell: "Cryptanalysis of Basic Bloom
 * Filters Used for Privacy Preserving Record Linkage", 2014). Here a tag is put once, whoever has its value; so what is
 * left is what an entry looks like, and how often it is put anew, since it is when any of its records changes. The
 * adversary is given the register in the clear. Controls: family names, whose entries have a slot for each record; and
 * edits that go out alone.
 */
#include "tests/attacks/frequency.h"

#include "tests/attacks/attacks.h"
#include "tests/attacks/register.h"

#include <math.h>
#include <sodium.h>

#define RIGHT_MOST 11 /* one is right by chance; more than this once in a million times */

/* Of a tag, what is seen of it, and how many records have its value: the register in the clear tells that of values. */
struct sized {
    uint8_t tag[WIRE_TAG_SIZE];
    double seen;
    size_t records;
};

static int compare_seen(const void *a, const void *b)
{
    const struct sized *x = a, *y = b;
    return x->seen != y->seen ? (x->seen < y->seen ? -1 : 1) : memcmp(x->tag, y->tag, WIRE_TAG_SIZE);
}

/*
 * How likely of two tags, one of several records and one of a single one, more is seen of the first; ties are half.
 * 0.5 says nothing. *deviation: the standard one, of chance.
 */
static double tell_apart(struct sized *s, size_t n, double *deviation)
{
    double ranks = 0, many = 0;
    qsort(s, n, sizeof *s, compare_seen);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && s[end].seen == s[i].seen; end++)
            ;
        for (size_t k = i; k < end; k++)
            if (s[k].records > 1) {
                ranks += (double)(i + end + 1) / 2;
                many++;
            }
    }
    const double one = (double)n - many;
    assert_true(many > 0 && one > 0);
    *deviation = sqrt((many + one + 1) / (12 * many * one));
    return (ranks - many * (many + 1) / 2) / (many * one);
}

/* --- what an entry looks like --- */

static int compare_records(const void *a, const void *b)
{
    const struct sized *x = a, *y = b;
    return x->records != y->records ? (x->records < y->records ? -1 : 1) : compare_seen(a, b);
}

/* Tags by size beside values by frequency: how many stand beside their own. By chance it is one. */
static size_t align(const struct sized *s, size_t n)
{
    struct sized *by_seen = people_alloc(n, sizeof *s), *by_records = people_alloc(n, sizeof *s);
    size_t right = 0;
    memcpy(by_seen, s, n * sizeof *s);
    memcpy(by_records, s, n * sizeof *s);
    for (size_t i = 0; i < n; i++) /* values of one frequency stand in any order */
        by_records[i].seen = (double)randombytes_random();
    qsort(by_seen, n, sizeof *s, compare_seen);
    qsort(by_records, n, sizeof *s, compare_records);
    for (size_t i = 0; i < n; i++)
        right += memcmp(by_seen[i].tag, by_records[i].tag, WIRE_TAG_SIZE) == 0;
    free(by_seen);
    free(by_records);
    return right;
}

static double bits_of(const struct entry *entry)
{
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof entry->payload; i++)
        bits += (unsigned)__builtin_popcount(entry->payload[i]);
    return bits;
}

/* Every entry of a register as it is put: all have the same size, so its bits are counted. */
static size_t entries_seen(struct sized **out, const struct people *people)
{
    struct enrolled e;
    size_t n;
    struct entry *entry = enrolled_seal(&e, people, 0, 1, &n);
    *out = people_alloc(n, sizeof **out);
    for (size_t i = 0; i < n; i++) {
        memcpy((*out)[i].tag, entry[i].tag, WIRE_TAG_SIZE);
        (*out)[i].seen = bits_of(&entry[i]);
        (void)book_find(&e.book, entry[i].tag, &(*out)[i].records);
    }
    free(entry);
    enrolled_free(&e);
    return n;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A tag for each value of a field of struct somebody, as large as it is frequent. Of n texts; owned. */
static struct sized *field_seen(const struct people *people, size_t field, size_t *n)
{
    const char **text = people_alloc(people->count, sizeof *text);
    struct sized *out = people_alloc(people->count, sizeof *out);
    for (size_t i = 0; i < people->count; i++)
        text[i] = (const char *)&people->person[i] + field;
    qsort(text, people->count, sizeof *text, compare_texts);
    *n = 0;
    for (size_t i = 0, end; i < people->count; i = end) {
        for (end = i; end < people->count && strcmp(text[i], text[end]) == 0; end++)
            ;
        struct sized *s = &out[(*n)++];
        randombytes_buf(s->tag, sizeof s->tag);
        s->records = end - i;
        s->seen = (double)s->records;
    }
    free(text);
    return out;
}

/* Family names, given names and nationalities, each by how large their entries are. */
static size_t control_right(const struct people *people, size_t *values)
{
    static const size_t field[] = {offsetof(struct somebody, family), offsetof(struct somebody, given),
                                   offsetof(struct somebody, nationality)};
    size_t right = 0;
    *values = 0;
    for (size_t i = 0; i < sizeof field / sizeof field[0]; i++) {
        size_t n;
        struct sized *s = field_seen(people, field[i], &n);
        right += align(s, n);
        *values += n;
        free(s);
    }
    return right;
}

/* --- how often it is put --- */

double frequency_by_puts(const struct month *month, double *deviation)
{
    struct sized *s = people_alloc(MONTH_SIGHTS, sizeof *s);
    size_t n = 0;
    for (size_t i = 0; i < MONTH_SIGHTS; i++) {
        const struct sight *of = &month->sight[i];
        if (!of->known || of->record < 0 || of->record >= MONTH_RECORDS / 2 || of->key < CHANGED)
            continue;
        memcpy(s[n].tag, of->tag, WIRE_TAG_SIZE);
        s[n].seen = month_together(of, of);
        s[n++].records = of->key == SHARED_KEY ? SHARED : 1;
    }
    const double told = tell_apart(s, n, deviation);
    free(s);
    return told;
}

void attack_frequency(void **unused)
{
    struct people people;
    struct sized *entry;
    double deviation;
    size_t values;
    (void)unused;
    people_read(&people, attack_feeds, "THA");
    const size_t n = entries_seen(&entry, &people), right = align(entry, n), control = control_right(&people, &values);
    const double told = tell_apart(entry, n, &deviation);
    print_message(
        "# how frequent, by an entry: told apart %.3f, 0.500 +- %.3f by chance; %zu of %zu values right, 1.0 +- "
        "1.0 by chance; control: %zu of %zu names and nationalities, 3.0 +- 1.7 by chance\n",
        told, deviation, right, n, control, values);
    attack_counts.reidentified += right > RIGHT_MOST ? right - 1 : 0;
    attack_counts.control += control;
    assert_true(fabs(told - 0.5) < 5 * deviation);
    assert_true(right <= RIGHT_MOST);
    assert_true(control > RIGHT_MOST + 3); /* three by chance */
    free(entry);
    people_free(&people);
}
