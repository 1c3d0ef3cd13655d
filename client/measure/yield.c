#include "client/measure/yield.h"

#include "client/measure/shares.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define YEARS 60.0
#define NUMBERS 1e7 /* of an issuer's documents */
#define MILLION 1e6

/* --- what a key's guesses find --- */

/* How many values a part has that guesses must go through, beside those of names. */
static double values_of(const struct part *part)
{
    switch (part->form) {
    case FORM_FULL:
        return YEARS * 365.25;
    case FORM_TURNED: /* of two parts of a date up to twelve it is not told which is the month */
        return YEARS * (365.25 - 66);
    case FORM_YEAR:
        return YEARS;
    case FORM_YEAR_MONTH:
        return YEARS * 12;
    case FORM_YEAR_DAY:
        return YEARS * 31;
    case FORM_MONTH_DAY:
        return 366;
    case FORM_NUMBER:
    case FORM_FOLDED:
        return NUMBERS;
    default:
        return 1; /* whoever guesses people of a country knows which, and by most names the sex */
    }
}

/* The share of the best n values: between the steps as a straight line over the logarithm of n. */
static double share_of(const struct yield_shares *s, double n)
{
    if (n <= 1)
        return s->share[0] * n;
    const double at = log10(n);
    if (at >= YIELD_STEPS - 1)
        return s->share[YIELD_STEPS - 1];
    const int below = (int)at;
    return s->share[below] + (s->share[below + 1] - s->share[below]) * (at - below);
}

static const struct yield_shares *find_shares(const struct yields *y, const char *country, const struct part *part)
{
    char text[PART_TEXT_MAX];
    part_text(text, part);
    for (size_t i = 0; i < y->count; i++)
        if (strcmp(y->item[i].country, country) == 0 && strcmp(y->item[i].part, text) == 0)
            return &y->item[i];
    return NULL;
}

/* Of several parts of a name the one that is hardest to guess bounds what is found. */
bool yield_of(double *out, const struct yields *yields, const struct schema *schema, size_t key, const char *country,
              double guesses)
{
    const struct schema_key *k = &schema->key[key];
    double values = 1, share = 1;
    for (size_t i = 0; i < k->parts; i++)
        if (!k->optional[i])
            values *= values_of(&schema->atom[k->atom[i]]);
    const double each = guesses / values; /* names that can be tried with all of the other values */
    bool named = false;
    for (size_t i = 0; i < k->parts; i++) {
        const struct part *part = &schema->atom[k->atom[i]];
        if (part_group(part) != GROUP_NAME || k->optional[i])
            continue;
        const struct yield_shares *s = find_shares(yields, country, part);
        if (s == NULL)
            return false;
        share = fmin(share, share_of(s, each));
        named = true;
    }
    *out = MILLION * (named ? share : fmin(1, each));
    return true;
}

/* --- measuring shares --- */

/* A value that a record has, in a country's list of one part. */
struct sighting {
    uint64_t hash;
    uint32_t record, count; /* count: of the value, in the half that is learned from */
};

struct country {
    char code[4];
    uint32_t records;
    struct {
        struct sighting *at;
        size_t count, room;
    } list[SCHEMA_ATOMS_MAX]; /* by position of the part in the schema */
};

struct measuring {
    const struct schema *schema;
    struct normaliser *normaliser;
    struct country *country;
    size_t countries;
    struct part_values values; /* personal data */
};

static struct country *country_of(struct measuring *m, const char *code)
{
    size_t i = 0;
    while (i < m->countries && strcmp(m->country[i].code, code) != 0)
        i++;
    if (i == YIELD_COUNTRIES_MAX)
        return NULL;
    if (i == m->countries)
        memcpy(m->country[m->countries++].code, code, sizeof m->country[i].code);
    return &m->country[i];
}

static int note(struct country *c, size_t atom, uint64_t hash, struct err *err)
{
    if (c->list[atom].count == c->list[atom].room) {
        const size_t room = c->list[atom].room > 0 ? 2 * c->list[atom].room : 1024;
        struct sighting *more = realloc(c->list[atom].at, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the names of a register");
        c->list[atom].at = more;
        c->list[atom].room = room;
    }
    c->list[atom].at[c->list[atom].count++] = (struct sighting){.hash = hash, .record = c->records};
    return 0;
}

static int add_person(struct measuring *m, const struct person *person, struct err *err)
{
    static const uint8_t key[crypto_shorthash_KEYBYTES];
    struct country *c = person->nationalities > 0 ? country_of(m, person->nationality[0]) : NULL;
    int rc = 0;
    if (c == NULL || c->records == YIELD_ROWS_MAX)
        return 0;
    for (size_t i = 0; rc == 0 && i < m->schema->atoms; i++) {
        if (part_group(&m->schema->atom[i]) != GROUP_NAME)
            continue;
        part_derive(&m->values, &m->schema->atom[i], person);
        for (unsigned v = 0; rc == 0 && v < m->values.count; v++) {
            uint64_t hash;
            const size_t start = m->values.start[v];
            crypto_shorthash((uint8_t *)&hash, (const uint8_t *)m->values.bytes + start, m->values.start[v + 1] - start,
                             key);
            rc = note(c, i, hash, err);
        }
        sodium_memzero(m->values.bytes, m->values.touched);
    }
    c->records++;
    return rc;
}

static int read_file(struct measuring *m, const struct feed_options *options, struct err *err)
{
    struct feed *feed = NULL;
    struct record record;
    struct person person;
    bool end = false;
    int rc = feed_open(&feed, options, err);
    while (rc == 0 && (rc = feed_next(feed, &record, &end, err)) == 0 && !end) {
        rc = person_from_record(m->normaliser, &record, &person, err);
        if (rc == 0)
            rc = add_person(m, &person, err);
        person_wipe(&person);
    }
    feed_free(feed);
    return rc;
}

/* --- from what was seen to shares --- */

static int by_hash(const void *a, const void *b)
{
    const struct sighting *x = a, *y = b;
    return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash)
                              : (x->record > y->record) - (x->record < y->record);
}

/* The more frequent value first; those that are equally frequent in the order of their hashes. */
static int by_frequency(const void *a, const void *b)
{
    const struct sighting *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count) - (x->count > y->count) : by_hash(a, b);
}

/* The half that is learned from is that of even records. */
static void count_values(struct sighting *seen, size_t n)
{
    qsort(seen, n, sizeof *seen, by_hash);
    for (size_t i = 0, k; i < n; i = k) {
        uint32_t count = 0;
        for (k = i; k < n && seen[k].hash == seen[i].hash; k++)
            count += seen[k].record % 2 == 0;
        for (size_t j = i; j < k; j++)
            seen[j].count = count;
    }
    qsort(seen, n, sizeof *seen, by_frequency);
}

/* best: for each record the rank of its most frequent value, from 1; 0: none was learned. */
static void rank_records(uint32_t *best, const struct sighting *seen, size_t n)
{
    uint32_t rank = 0;
    for (size_t i = 0; i < n && seen[i].count > 0; i++) {
        rank += i == 0 || seen[i].hash != seen[i - 1].hash;
        if (best[seen[i].record] == 0)
            best[seen[i].record] = rank;
    }
}

static int measure_part(struct yield_shares *out, struct country *c, size_t atom, struct err *err)
{
    uint32_t *best = calloc(c->records, sizeof *best);
    if (best == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the names of a register");
    count_values(c->list[atom].at, c->list[atom].count);
    rank_records(best, c->list[atom].at, c->list[atom].count);
    uint64_t found[YIELD_STEPS] = {0}, most = 1;
    for (int step = 0; step < YIELD_STEPS; step++, most *= 10)
        for (uint32_t r = 1; r < c->records; r += 2)
            found[step] += best[r] != 0 && best[r] <= most;
    const uint32_t half = c->records / 2;
    for (int step = 0; step < YIELD_STEPS; step++)
        out->share[step] = (double)found[step] / half;
    free(best);
    return 0;
}

static int by_code(const void *a, const void *b)
{
    return strcmp(((const struct country *)a)->code, ((const struct country *)b)->code);
}

static int conclude(struct yields *out, struct measuring *m, struct err *err)
{
    int rc = 0;
    out->owned = calloc(m->countries * m->schema->atoms + 1, sizeof *out->owned);
    if (out->owned == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the names of a register");
    out->item = out->owned;
    qsort(m->country, m->countries, sizeof *m->country, by_code);
    for (size_t i = 0; i < m->countries; i++)
        for (size_t k = 0; rc == 0 && k < m->schema->atoms && m->country[i].records >= YIELD_LEAST; k++) {
            struct yield_shares *s = &out->owned[out->count];
            if (part_group(&m->schema->atom[k]) != GROUP_NAME)
                continue;
            memcpy(s->country, m->country[i].code, sizeof s->country);
            part_text(s->part, &m->schema->atom[k]);
            rc = measure_part(s, &m->country[i], k, err);
            out->count += rc == 0;
        }
    return rc;
}

int yields_measure(struct yields *out, const struct schema *schema, const struct feed_options *file, size_t files,
                   struct err *err)
{
    struct measuring *m = calloc(1, sizeof *m);
    *out = (struct yields){.count = 0};
    int rc = m == NULL || (m->country = calloc(YIELD_COUNTRIES_MAX, sizeof *m->country)) == NULL
                 ? err_set(err, ERR_NO_MEMORY, "out of memory for the names of a register")
                 : normaliser_new(&m->normaliser, err);
    if (rc == 0)
        m->schema = schema;
    for (size_t i = 0; rc == 0 && i < files; i++)
        rc = read_file(m, &file[i], err);
    if (rc == 0)
        rc = conclude(out, m, err);
    for (size_t i = 0; m != NULL && i < m->countries; i++)
        for (size_t k = 0; k < SCHEMA_ATOMS_MAX; k++)
            free(m->country[i].list[k].at);
    if (m != NULL) {
        normaliser_free(m->normaliser);
        free(m->country);
    }
    free(m);
    if (rc != 0)
        yields_free(out);
    return rc;
}

void yields_free(struct yields *yields)
{
    free(yields->owned);
    *yields = (struct yields){.count = 0};
}

void yields_invented(struct yields *out)
{
    *out = (struct yields){.item = shares_invented, .count = shares_invented_count};
}
