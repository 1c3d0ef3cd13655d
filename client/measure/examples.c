/* Misses and false matches, each with the two rows side by side and the reason. */
#include "client/measure/report.h"

#include <stdlib.h>
#include <string.h>

struct example {
    row_ref row[2];
    uint32_t shared;
    enum truth_kind truth;
    enum match_kind said;
    unsigned score;
    char text[2][1024]; /* personal data */
};

/* --- choosing --- */

static size_t choose_false(const struct measurement *e, struct example *out, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < e->findings && n < most; i++) {
        const struct finding *f = &e->finding[i];
        if (!f->reported || truth_agrees((enum truth_kind)f->truth, (enum match_kind)f->kind))
            continue;
        out[n++] = (struct example){.row = {f->a, f->b},
                                    .shared = f->shared,
                                    .truth = (enum truth_kind)f->truth,
                                    .said = (enum match_kind)f->kind,
                                    .score = f->score};
    }
    return n;
}

static const struct finding *finding_of(const struct measurement *e, const struct truth_pair *t)
{
    for (size_t i = 0; i < e->findings; i++)
        if (e->finding[i].a == t->a && e->finding[i].b == t->b)
            return &e->finding[i];
    return NULL;
}

/* Evenly over the truth, so that all sorts of misses are seen. */
static size_t choose_missed(const struct measurement *e, struct example *out, size_t most)
{
    size_t missed = 0, n = 0, at = 0;
    for (size_t i = 0; i < e->truth->count; i++)
        missed += !e->truth->pair[i].found;
    for (size_t i = 0; i < e->truth->count && n < most; i++) {
        const struct truth_pair *t = &e->truth->pair[i];
        if (t->found || at++ * most < n * missed)
            continue;
        const struct finding *f = finding_of(e, t);
        out[n++] = (struct example){.row = {t->a, t->b},
                                    .shared = t->shared,
                                    .truth = t->kind,
                                    .said = f != NULL && f->reported ? (enum match_kind)f->kind : MATCH_NONE,
                                    .score = f != NULL ? f->score : 0};
    }
    return n;
}

/* --- their rows --- */

static void describe(char out[1024], const struct record *record)
{
    size_t len = 0;
    out[0] = '\0';
    for (int f = 0; f < FIELDS && len < 1024; f++)
        if (record->field[f][0] != '\0')
            len += (size_t)snprintf(out + len, 1024 - len, "%s%.120s", len > 0 ? " | " : "", record->field[f]);
}

/* Where a row is wanted: an example's side. */
struct wanted {
    row_ref row;
    char *text;
};

static int compare_wanted(const void *a, const void *b)
{
    const struct wanted *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static int read_rows(const struct measurement *e, size_t file, const struct wanted *wanted, size_t count,
                     struct err *err)
{
    const struct corpus *c = e->corpus;
    const struct feed_options options = {
        .path = c->file[file].path, .map = c->map, .map_count = c->map_count, .lenient = true};
    struct feed *feed = NULL;
    struct record record;
    bool end = false;
    size_t at = 0;
    while (at < count && row_file(wanted[at].row) < file)
        at++;
    int rc = feed_open(&feed, &options, err);
    for (uint32_t row = 0; rc == 0 && (rc = feed_next(feed, &record, &end, err)) == 0 && !end; row++)
        for (; at < count && wanted[at].row == row_ref_of(file, row); at++)
            describe(wanted[at].text, &record);
    feed_free(feed);
    return rc;
}

/* In one pass over each file. */
static int read_examples(const struct measurement *e, struct example *x, size_t count, struct err *err)
{
    struct wanted *wanted = malloc((2 * count + 1) * sizeof *wanted);
    int rc = wanted == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for examples") : 0;
    for (size_t i = 0; rc == 0 && i < 2 * count; i++)
        wanted[i] = (struct wanted){x[i / 2].row[i % 2], x[i / 2].text[i % 2]};
    if (rc == 0)
        qsort(wanted, 2 * count, sizeof *wanted, compare_wanted);
    for (size_t f = 0; rc == 0 && f < e->corpus->files; f++)
        rc = read_rows(e, f, wanted, 2 * count, err);
    free(wanted);
    return rc;
}

/* --- printing --- */

static void print_keys(FILE *out, const struct schema *s, uint32_t keys)
{
    for (size_t j = 0; j < s->keys; j++)
        if ((keys >> j & 1) != 0)
            fprintf(out, " %s", s->key[j].id);
}

static void print_reason(FILE *out, const struct measurement *e, const struct example *x)
{
    const struct schema *s = e->corpus->schema;
    unsigned weight = match_weight(s, x->shared);
    fprintf(out, "      ");
    if (x->shared == 0)
        fprintf(out, "no key is shared");
    else if (weight < SCHEMA_WEIGHT_MAX)
        fprintf(out, "does not open, weight %u of %d:", weight, SCHEMA_WEIGHT_MAX);
    else if (x->said == MATCH_NONE && x->score >= s->accept)
        fprintf(out, "a better partner was found, score %u:", x->score);
    else if (x->said == MATCH_NONE)
        fprintf(out, "opens, but score %u is too low:", x->score);
    else
        fprintf(out, "said to be %s, score %u:", match_kind_name(x->said), x->score);
    print_keys(out, s, x->shared);
    fprintf(out, "\n");
}

static void print_examples(FILE *out, const struct measurement *e, const char *title, const struct example *x,
                           size_t count)
{
    if (count > 0)
        fprintf(out, "\n  %s\n", title);
    for (size_t i = 0; i < count; i++) {
        for (int side = 0; side < 2; side++)
            fprintf(out, "    %s %-12s %s\n", side == 0 ? "-" : " ", e->corpus->file[row_file(x[i].row[side])].agency,
                    x[i].text[side]);
        if (x[i].truth != TRUTH_NONE)
            fprintf(out, "      truth: %s\n", truth_kind_name[x[i].truth]);
        print_reason(out, e, &x[i]);
    }
}

int report_examples(FILE *out, const struct measurement *measurement, size_t most, struct err *err)
{
    const struct truth *truth = measurement->truth;
    size_t room = most < measurement->findings + truth->count ? 2 * most : 2 * (measurement->findings + truth->count);
    struct example *x = calloc(room + 1, sizeof *x);
    if (x == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for examples");
    most = room / 2;
    size_t wrong = choose_false(measurement, x, most), missed = choose_missed(measurement, x + wrong, most);
    int rc = read_examples(measurement, x, wrong + missed, err);
    if (rc == 0) {
        print_examples(out, measurement, "wrong, the surest first", x, wrong);
        print_examples(out, measurement, "missed", x + wrong, missed);
    }
    explicit_bzero(x, room * sizeof *x);
    free(x);
    return rc;
}
