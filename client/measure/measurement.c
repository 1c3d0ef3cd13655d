#include "client/measure/measurement.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 4096
#define ROUNDS 4

/* --- numbers --- */

double counts_precision(const struct counts *counts)
{
    return counts->reported > 0 ? (double)counts->correct / (double)counts->reported : 1;
}

double counts_recall(const struct counts *counts)
{
    return counts->truth > 0 ? (double)counts->correct / (double)counts->truth : 1;
}

double counts_f1(const struct counts *counts)
{
    double p = counts_precision(counts), r = counts_recall(counts);
    return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

double measurement_pairs(const struct measurement *measurement)
{
    const struct corpus *c = measurement->corpus;
    double pairs = 0;
    for (size_t i = 0; i < c->files; i++)
        for (size_t k = i + 1; k < c->files; k++)
            pairs += (double)c->file[i].rows * (double)c->file[k].rows;
    return c->files == 1 ? (double)c->rows * ((double)c->rows - 1) / 2 : pairs;
}

/* --- judging a pair --- */

static bool says_person(const struct verdict *v)
{
    return v->kind == MATCH_SAME_PERSON || v->kind == MATCH_SAME_PERSON_OTHER_DOCUMENT;
}

struct verdict pair_judge(const struct schema *schema, uint32_t shared, uint32_t own_a, uint32_t own_b, double chance)
{
    if (match_weight(schema, shared) < SCHEMA_WEIGHT_MAX)
        return (struct verdict){.kind = MATCH_NONE};
    struct verdict a = match_judge(schema, own_a, shared, chance), b = match_judge(schema, own_b, shared, chance);
    bool first = says_person(&a) != says_person(&b) ? says_person(&a) : a.bits >= b.bits;
    return first ? a : b;
}

static struct verdict judge(const struct measurement *e, const struct finding *f, uint32_t without)
{
    const struct corpus_file *a = &e->corpus->file[row_file(f->a)], *b = &e->corpus->file[row_file(f->b)];
    return pair_judge(e->corpus->schema, f->shared & ~without, a->row[row_number(f->a)].own & ~without,
                      b->row[row_number(f->b)].own & ~without, e->chance[row_file(f->a)][row_file(f->b)]);
}

/* --- patterns --- */

static struct pattern *pattern_slot(struct pattern *table, size_t slots, const struct pattern *wanted)
{
    uint64_t h = (uint64_t)wanted->shared * UINT64_C(0x9e3779b97f4a7c15) ^
                 (uint64_t)wanted->own_a * UINT64_C(0xc2b2ae3d27d4eb4f) ^
                 (uint64_t)wanted->own_b * UINT64_C(0x165667b19e3779f9);
    for (size_t i = (size_t)(h >> 20) & (slots - 1);; i = (i + 1) & (slots - 1))
        if (table[i].shared == 0 ||
            (table[i].shared == wanted->shared && table[i].own_a == wanted->own_a && table[i].own_b == wanted->own_b))
            return &table[i];
}

static int grow_patterns(struct measurement *e, struct err *err)
{
    size_t slots = e->slots > 0 ? 2 * e->slots : SLOTS_FIRST;
    struct pattern *table = calloc(slots, sizeof *table);
    if (table == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for patterns of keys");
    for (size_t i = 0; i < e->slots; i++)
        if (e->pattern[i].shared != 0)
            *pattern_slot(table, slots, &e->pattern[i]) = e->pattern[i];
    free(e->pattern);
    e->pattern = table;
    e->slots = slots;
    return 0;
}

static int count_pattern(struct measurement *e, const struct pair *pair, enum truth_kind truth, struct err *err)
{
    const struct corpus *c = e->corpus;
    struct pattern wanted = {.shared = pair->shared,
                             .own_a = c->file[row_file(pair->a)].row[row_number(pair->a)].own,
                             .own_b = c->file[row_file(pair->b)].row[row_number(pair->b)].own};
    int rc = 2 * e->patterns >= e->slots ? grow_patterns(e, err) : 0;
    if (rc != 0)
        return rc;
    struct pattern *slot = pattern_slot(e->pattern, e->slots, &wanted);
    if (slot->shared == 0) {
        *slot = wanted;
        e->patterns++;
    }
    slot->of[truth]++;
    return 0;
}

/* --- pairs --- */

static int add_finding(struct measurement *e, const struct finding *finding, struct err *err)
{
    if (e->findings == e->room) {
        size_t room = e->room > 0 ? 2 * e->room : 4096;
        struct finding *more = realloc(e->finding, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY,
                           "out of memory: more pairs open than fit; the schema's keys find too many");
        e->finding = more;
        e->room = room;
    }
    e->finding[e->findings++] = *finding;
    return 0;
}

static int take_pair(void *context, const struct pair *pair, struct err *err)
{
    struct measurement *e = context;
    struct truth_pair *known = e->truth != NULL ? truth_find(e->truth, pair->a, pair->b) : NULL;
    enum truth_kind truth = known != NULL ? known->kind : TRUTH_NONE;
    int rc = count_pattern(e, pair, truth, err);
    if (known != NULL)
        known->shared = pair->shared;
    if (rc != 0 || match_weight(e->corpus->schema, pair->shared) < SCHEMA_WEIGHT_MAX)
        return rc;
    e->opened++;
    e->strangers += e->truth != NULL && known == NULL;
    return add_finding(
        e, &(struct finding){.a = pair->a, .b = pair->b, .shared = pair->shared, .truth = (uint8_t)truth}, err);
}

/*
 * How many matches two agencies have decides how much evidence chance can explain, and the evidence decides what a
 * match is: begun with what the schema expects, a few rounds settle it. An agency in earnest does the same from one
 * synchronisation to the next.
 */
static void judge_all(struct measurement *e)
{
    static double matches[CORPUS_FILES_MAX][CORPUS_FILES_MAX];
    const struct corpus *c = e->corpus;
    memset(matches, 0, sizeof matches);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t a = 0; a < c->files; a++)
            for (size_t b = a; b < c->files; b++) {
                e->chance[a][b] = match_chance(c->schema, c->file[a].rows, c->file[b].rows, matches[a][b]);
                matches[a][b] = 0;
            }
        for (size_t i = 0; i < e->findings; i++) {
            struct finding *f = &e->finding[i];
            struct verdict v = judge(e, f, 0);
            f->bits = (float)v.bits;
            f->score = (uint8_t)v.score;
            f->kind = (uint8_t)v.kind;
            f->accepted = f->reported = v.accepted;
            matches[row_file(f->a)][row_file(f->b)] += v.accepted && says_person(&v) ? v.score / 100.0 : 0;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < e->findings; i++)
        if (e->finding[i].kind != MATCH_NONE)
            e->finding[kept++] = e->finding[i];
    e->findings = kept;
}

static int compare_findings(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->bits != y->bits)
        return x->bits > y->bits ? -1 : 1;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

/* --- one to one --- */

struct assignment {
    uint64_t *taken[CORPUS_FILES_MAX]; /* bit f of taken[g][row]: the row of file g has a partner in file f */
    uint64_t pairs[CORPUS_FILES_MAX][CORPUS_FILES_MAX];
};

/* By falling evidence, a pair stands if neither record has a partner yet in the other's agency. */
static void assign_pair(struct assignment *x, struct finding *f)
{
    size_t in_a = row_file(f->a), in_b = row_file(f->b);
    uint64_t *a = &x->taken[in_a][row_number(f->a)], *b = &x->taken[in_b][row_number(f->b)];
    f->reported = (*a >> in_b & 1) == 0 && (*b >> in_a & 1) == 0;
    if (f->reported) {
        *a |= UINT64_C(1) << in_b;
        *b |= UINT64_C(1) << in_a;
        x->pairs[in_a][in_b]++;
    }
}

/*
 * First the pairs that are accepted anyway. Where these cover most of the smaller agency, what is left over most
 * probably has its partner among what is left over there, and weaker pairs are taken too; elsewhere most of what is
 * left has none.
 */
static void assign_all(struct measurement *e, struct assignment *x)
{
    const struct corpus *c = e->corpus;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < e->findings; i++) {
            struct finding *f = &e->finding[i];
            size_t rows_a = c->file[row_file(f->a)].rows, rows_b = c->file[row_file(f->b)].rows;
            bool person = f->kind == MATCH_SAME_PERSON || f->kind == MATCH_SAME_PERSON_OTHER_DOCUMENT;
            if (person && f->accepted == (pass == 0) &&
                (pass == 0 || 2 * x->pairs[row_file(f->a)][row_file(f->b)] >= (rows_a < rows_b ? rows_a : rows_b)))
                assign_pair(x, f);
        }
}

static int assign(struct measurement *e, struct err *err)
{
    struct assignment *x = calloc(1, sizeof *x);
    int rc = x == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for assigning records one to one") : 0;
    for (size_t f = 0; rc == 0 && f < e->corpus->files; f++)
        if ((x->taken[f] = calloc(e->corpus->file[f].rows + 1, sizeof *x->taken[f])) == NULL)
            rc = err_set(err, ERR_NO_MEMORY, "out of memory for assigning records one to one");
    if (rc == 0)
        assign_all(e, x);
    for (size_t f = 0; x != NULL && f < e->corpus->files; f++)
        free(x->taken[f]);
    free(x);
    return rc;
}

/* --- counting --- */

static enum truth_kind kind_said(enum match_kind kind)
{
    return kind == MATCH_SAME_DOCUMENT_OTHER_PERSON ? TRUTH_SAME_DOCUMENT_OTHER_PERSON : TRUTH_SAME_PERSON;
}

static void count_keys(struct measurement *e, const struct finding *f, bool correct)
{
    for (size_t j = 0; j < e->corpus->schema->keys; j++) {
        if ((f->shared >> j & 1) == 0)
            continue;
        struct verdict v = judge(e, f, UINT32_C(1) << j);
        bool same = kind_said(v.kind) == kind_said((enum match_kind)f->kind);
        bool needed = v.kind == MATCH_NONE || (f->accepted && !v.accepted) || !same;
        e->key[j].found += correct;
        e->key[j].false_found += !correct;
        e->key[j].alone += correct && needed;
        e->key[j].false_alone += !correct && needed;
    }
}

static void count(struct measurement *e)
{
    for (size_t i = 0; i < e->findings; i++) {
        struct finding *f = &e->finding[i];
        bool correct = truth_agrees((enum truth_kind)f->truth, (enum match_kind)f->kind);
        struct counts *kind = &e->kind[kind_said((enum match_kind)f->kind)];
        if (!f->reported)
            continue;
        if (correct)
            truth_find(e->truth, f->a, f->b)->found = true;
        e->all.reported++;
        kind->reported++;
        e->all.correct += correct;
        kind->correct += correct;
        count_keys(e, f, correct);
    }
    for (size_t i = 0; e->truth != NULL && i < e->truth->count; i++) {
        e->all.truth++;
        e->kind[e->truth->pair[i].kind].truth++;
    }
    for (size_t j = 0; j < e->corpus->schema->keys; j++) {
        e->key[j].tokens = e->corpus->tokens_of_key[j];
        e->key[j].crowded = e->join.crowded[j];
    }
}

struct counts measurement_at(const struct measurement *measurement, unsigned score)
{
    struct counts t = {.truth = measurement->all.truth};
    for (size_t i = 0; i < measurement->findings; i++) {
        const struct finding *f = &measurement->finding[i];
        if (f->score < score || (measurement->one_to_one && !f->reported))
            continue;
        t.reported++;
        t.correct += truth_agrees((enum truth_kind)f->truth, (enum match_kind)f->kind);
    }
    return t;
}

int measurement_run(struct measurement *out, struct corpus *corpus, struct truth *truth, bool one_to_one, bool quiet,
                    struct err *err)
{
    *out = (struct measurement){.corpus = corpus, .truth = truth, .one_to_one = one_to_one};
    int rc = join_run(corpus, take_pair, out, &out->join, quiet, err);
    if (rc != 0)
        return rc;
    judge_all(out);
    qsort(out->finding, out->findings, sizeof *out->finding, compare_findings);
    if (one_to_one)
        rc = assign(out, err);
    if (rc == 0)
        count(out);
    return rc;
}

void measurement_free(struct measurement *measurement)
{
    free(measurement->finding);
    free(measurement->pattern);
    *measurement = (struct measurement){.corpus = NULL};
}
