#include "client/measure/chance.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "client/feed/feed.h"
#include "client/schema/keys.h"

#define PAIRS_MAX 6e6
#define ROWS_MAX 4000 /* drawn of a file */
#define FILES_MAX 64

/* Hashes of a row's values, by part. */
struct row {
    uint8_t count[SCHEMA_ATOMS_MAX];
    uint32_t hash[SCHEMA_ATOMS_MAX][PART_VALUES_MAX];
    uint32_t has; /* bitmap of parts with a value */
};

struct sample {
    const struct schema *schema;
    struct row *row[FILES_MAX];
    size_t rows[FILES_MAX], files, each;
    uint8_t key[16];
};

/* --- drawing rows --- */

static void fill(struct row *row, const struct sample *s, const struct person *person)
{
    struct part_values values;
    uint64_t hash;
    row->has = 0;
    for (size_t a = 0; a < s->schema->atoms; a++) {
        part_derive(&values, &s->schema->atom[a], person);
        row->count[a] = (uint8_t)values.count;
        row->has |= (uint32_t)(values.count > 0) << a;
        for (unsigned i = 0; i < values.count; i++) {
            crypto_shorthash((uint8_t *)&hash, (const uint8_t *)values.bytes + values.start[i],
                             (size_t)(values.start[i + 1] - values.start[i]), s->key);
            row->hash[a][i] = (uint32_t)hash;
        }
        explicit_bzero(values.bytes, values.start[values.count]);
    }
}

/* Each row of the file is drawn with the same chance, whatever its length (Vitter's algorithm R). */
static int draw(struct sample *s, size_t file, const struct feed_options *options, struct err *err)
{
    struct feed *feed = NULL;
    struct normaliser *normaliser = NULL;
    struct record record;
    struct person person;
    bool end = false;
    uint64_t seen = 0;
    /* sample_free() frees the row of each file; the analyser loses it behind the index, here and in chance_order(). */
    s->row[file] = calloc(s->each, sizeof *s->row[file]);
    int rc = s->row[file] == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a sample")
                                  : normaliser_new(&normaliser, err); /* NOLINT(clang-analyzer-unix.Malloc) */
    if (rc == 0)
        rc = feed_open(&feed, options, err);
    while (rc == 0 && (rc = feed_next(feed, &record, &end, err)) == 0 && !end) {
        uint64_t at = seen < s->each ? seen : randombytes_random() % (seen + 1);
        seen++;
        if (at >= s->each || (rc = person_from_record(normaliser, &record, &person, err)) != 0)
            continue;
        fill(&s->row[file][at], s, &person);
        person_wipe(&person);
    }
    s->rows[file] = (size_t)(seen < s->each ? seen : s->each);
    feed_free(feed);
    normaliser_free(normaliser);
    return rc;
}

static void sample_free(struct sample *s)
{
    for (size_t f = 0; f < s->files; f++)
        free(s->row[f]);
}

static int sample_draw(struct sample *s, const struct schema *schema, const char *const *path, size_t paths,
                       const char *const *map, size_t map_count, struct err *err)
{
    double pairs = paths > 1 ? (double)paths * ((double)paths - 1) / 2 : 0.5;
    int rc = 0;
    *s = (struct sample){.schema = schema, .each = (size_t)fmin(sqrt(PAIRS_MAX / pairs), ROWS_MAX)};
    randombytes_buf(s->key, sizeof s->key);
    if (paths > FILES_MAX)
        return err_set(err, ERR_USAGE, "more than %d files", FILES_MAX);
    for (; rc == 0 && s->files < paths; s->files++)
        rc = draw(s, s->files,
                  &(struct feed_options){.path = path[s->files], .map = map, .map_count = map_count, .lenient = true},
                  err);
    return rc;
}

/* --- comparing them --- */

static bool meets(const struct row *a, const struct row *b, size_t atom)
{
    for (unsigned i = 0; i < a->count[atom]; i++)
        for (unsigned k = 0; k < b->count[atom]; k++)
            if (a->hash[atom][i] == b->hash[atom][k])
                return true;
    return false;
}

static uint32_t agreement(const struct schema *schema, const struct row *a, const struct row *b)
{
    uint32_t agrees = 0;
    for (size_t atom = 0; atom < schema->atoms; atom++)
        agrees |= (uint32_t)meets(a, b, atom) << atom;
    return agrees;
}

typedef void visit_agreement(void *context, const struct row *a, uint32_t agrees);

static void compare_all(const struct sample *s, visit_agreement *visit, void *context)
{
    for (size_t f = 0; f < s->files; f++)
        for (size_t g = s->files > 1 ? f + 1 : f; g < s->files; g++)
            for (size_t i = 0; i < s->rows[f]; i++)
                for (size_t k = f == g ? i + 1 : 0; k < s->rows[g]; k++)
                    visit(context, &s->row[f][i], agreement(s->schema, &s->row[f][i], &s->row[g][k]));
}

/* --- counting --- */

size_t level_index(const struct match_level *level)
{
    return level->evidence < 0 ? LEVEL_NONE : 2 * (size_t)level->evidence + level->falls_short;
}

struct counting {
    const struct schema *schema;
    struct level_counts *counts;
    double agrees[SCHEMA_EVIDENCE_MAX], pairs;
};

static void count_levels(void *context, const struct row *a, uint32_t agrees)
{
    struct counting *c = context;
    struct match_level level[GROUPS];
    unsigned groups = 0;
    match_levels_of(c->schema, a->has, agrees, level);
    for (int g = 0; g < GROUPS; g++)
        groups += level[g].evidence >= 0 && (g == GROUP_NAME || g == GROUP_BIRTH_DATE);
    for (int g = 0; g < GROUPS; g++) {
        bool others = groups > (unsigned)(level[g].evidence >= 0 && (g == GROUP_NAME || g == GROUP_BIRTH_DATE));
        if (!level[g].has || others)
            continue;
        c->counts->of[g][level_index(&level[g])]++;
        c->counts->total[g]++;
    }
}

int chance_measure(struct level_counts *out, const struct schema *schema, const char *const *path, size_t paths,
                   const char *const *map, size_t map_count, struct err *err)
{
    struct sample s;
    struct counting c = {.schema = schema, .counts = out};
    memset(out, 0, sizeof *out);
    int rc = sample_draw(&s, schema, path, paths, map, map_count, err);
    if (rc == 0)
        compare_all(&s, count_levels, &c);
    sample_free(&s);
    return rc;
}

static void count_agreement(void *context, const struct row *a, uint32_t agrees)
{
    struct counting *c = context;
    c->pairs++;
    for (size_t i = 0; i < c->schema->evidences; i++)
        c->agrees[i] += (c->schema->evidence[i].atoms & ~(agrees & a->has)) == 0;
}

int chance_order(struct schema *schema, const char *const *path, size_t paths, const char *const *map, size_t map_count,
                 struct err *err)
{
    struct sample s;
    struct counting c = {.schema = schema};
    int rc = sample_draw(&s, schema, path, paths, map, map_count, err);
    if (rc == 0)
        compare_all(&s, count_agreement, &c);
    for (size_t i = 0; rc == 0 && i < schema->evidences; i++)
        schema->evidence[i].best = schema->evidence[i].falls_short = -log2((c.agrees[i] + 0.5) / (c.pairs + 1));
    sample_free(&s);
    return rc; /* NOLINT(clang-analyzer-unix.Malloc) */
}
