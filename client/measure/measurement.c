#include "client/measure/measurement.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 4096

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

/* --- patterns --- */

static uint64_t hash_seen(const uint8_t seen[SEEN_KINDS])
{
    uint64_t h = 0;
    for (int i = 0; i < SEEN_KINDS; i++)
        h = (h ^ seen[i]) * UINT64_C(0x100000001b3) + 1;
    return h ^ h >> 29;
}

static uint32_t *pattern_slot(const struct measurement *e, const uint8_t seen[SEEN_KINDS])
{
    for (size_t i = hash_seen(seen) & (e->slots - 1);; i = (i + 1) & (e->slots - 1))
        if (e->pattern_at[i] == 0 || memcmp(e->pattern[e->pattern_at[i] - 1].seen, seen, SEEN_KINDS) == 0)
            return &e->pattern_at[i];
}

static int grow_patterns(struct measurement *e, struct err *err)
{
    size_t slots = e->slots > 0 ? 2 * e->slots : SLOTS_FIRST;
    struct pattern *more = realloc(e->pattern, slots / 2 * sizeof *more);
    e->pattern = more != NULL ? more : e->pattern;
    uint32_t *table = calloc(slots, sizeof *table);
    if (more == NULL || table == NULL) {
        free(table);
        return err_set(err, ERR_NO_MEMORY, "out of memory for what is seen of pairs");
    }
    free(e->pattern_at);
    e->pattern_at = table;
    e->slots = slots;
    for (size_t i = 0; i < e->patterns; i++)
        *pattern_slot(e, e->pattern[i].seen) = (uint32_t)i + 1;
    return 0;
}

static int count_pattern(struct measurement *e, const uint8_t seen[SEEN_KINDS], size_t fold, enum truth_kind truth,
                         uint32_t *at, struct err *err)
{
    int rc = 2 * e->patterns >= e->slots ? grow_patterns(e, err) : 0;
    if (rc != 0)
        return rc;
    uint32_t *slot = pattern_slot(e, seen);
    if (*slot == 0) {
        struct pattern *p = &e->pattern[e->patterns];
        *p = (struct pattern){.of = {{0}}};
        memcpy(p->seen, seen, SEEN_KINDS);
        *slot = (uint32_t)++e->patterns;
    }
    *at = *slot - 1;
    e->pattern[*at].of[fold][truth]++;
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

unsigned measurement_records(const struct measurement *e, row_ref a, row_ref b)
{
    size_t x = e->corpus->file[row_file(a)].rows, y = e->corpus->file[row_file(b)].rows;
    unsigned log = 0;
    for (size_t n = x > y ? x : y; n > 1; n /= 2)
        log++;
    return log;
}

/* What both sides see. */
static void see_pair(const struct measurement *e, const struct pair *pair, uint8_t seen[SEEN_KINDS])
{
    struct elements a, b;
    struct judgement_input in;
    uint8_t agree[ELEMENT_SLOTS];
    corpus_elements(e->corpus, pair->a, &a);
    corpus_elements(e->corpus, pair->b, &b);
    elements_agree(agree, &a, &b);
    judgement_input_of(&in, &a, agree, &b.presence,
                       (pair->shared & schema_keys_of(e->corpus->schema, CLASS_DOCUMENT)) != 0);
    pair_see(seen, &in);
}

static int take_pair(void *context, const struct pair *pair, struct err *err)
{
    struct measurement *e = context;
    struct truth_pair *known = e->truth != NULL ? truth_find(e->truth, pair->a, pair->b) : NULL;
    enum truth_kind truth = known != NULL ? known->kind : TRUTH_NONE;
    uint8_t seen[SEEN_KINDS];
    uint32_t pattern;
    if (known != NULL)
        known->shared = pair->shared;
    if (match_weight(e->corpus->schema, pair->shared) < SCHEMA_WEIGHT_MAX)
        return 0;
    see_pair(e, pair, seen);
    size_t fold = e->corpus->file[row_file(pair->a)].row[row_number(pair->a)].id % FOLDS;
    int rc = count_pattern(e, seen, fold, truth, &pattern, err);
    if (rc != 0)
        return rc;
    struct judgement j = pair_weigh(e->corpus->schema, seen, measurement_records(e, pair->a, pair->b));
    e->opened++;
    e->strangers += e->truth != NULL && known == NULL;
    struct finding f = {.a = pair->a,
                        .b = pair->b,
                        .shared = pair->shared,
                        .bits = j.bits,
                        .pattern = pattern,
                        .score = (uint8_t)j.score,
                        .kind = (uint8_t)j.kind,
                        .class = (uint8_t)j.class,
                        .truth = (uint8_t)truth,
                        .accepted = j.accepted,
                        .reported = j.accepted};
    return j.kind != MATCH_NONE || known != NULL ? add_finding(e, &f, err) : 0;
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

static bool is_person(const struct finding *f)
{
    return f->kind == MATCH_SAME_PERSON || f->kind == MATCH_SAME_PERSON_OTHER_DOCUMENT;
}

static void take(struct assignment *x, const struct finding *f)
{
    const size_t in_a = row_file(f->a), in_b = row_file(f->b);
    x->taken[in_a][row_number(f->a)] |= UINT64_C(1) << in_b;
    x->taken[in_b][row_number(f->b)] |= UINT64_C(1) << in_a;
    x->pairs[in_a][in_b]++;
}

static bool has_partner(const struct assignment *x, const struct finding *f)
{
    const size_t in_a = row_file(f->a), in_b = row_file(f->b);
    return (x->taken[in_a][row_number(f->a)] >> in_b & 1) != 0 || (x->taken[in_b][row_number(f->b)] >> in_a & 1) != 0;
}

/* By falling evidence, a pair stands if neither record has a partner yet in the other's agency. */
static void assign_pair(struct assignment *x, struct finding *f)
{
    f->reported = !has_partner(x, f);
    if (f->reported)
        take(x, f);
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
            if (is_person(f) && f->accepted == (pass == 0) &&
                (pass == 0 || 2 * x->pairs[row_file(f->a)][row_file(f->b)] >= (rows_a < rows_b ? rows_a : rows_b)))
                assign_pair(x, f);
        }
}

/* --- yielding --- */

/* By falling scores: those of one score see who stands above them, and then stand themselves. */
static void yield_all(struct measurement *e, struct assignment *x)
{
    for (size_t from = 0, to; from < e->findings; from = to) {
        const unsigned score = e->finding[from].score;
        for (to = from; to < e->findings && e->finding[to].score == score; to++) {
            struct finding *f = &e->finding[to];
            f->yields = is_person(f) && pair_yields(e->corpus->schema, e->pattern[f->pattern].seen, score,
                                                    has_partner(x, f) ? score + 1 : 0);
            f->reported = f->reported && !f->yields;
        }
        for (size_t i = from; i < to; i++)
            if (is_person(&e->finding[i]) && e->finding[i].reported)
                take(x, &e->finding[i]);
    }
}

static int assign(struct measurement *e, struct err *err)
{
    struct assignment *x = calloc(1, sizeof *x);
    int rc = x == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for telling better pairs from others") : 0;
    for (size_t f = 0; rc == 0 && f < e->corpus->files; f++)
        if ((x->taken[f] = calloc(e->corpus->file[f].rows + 1, sizeof *x->taken[f])) == NULL)
            rc = err_set(err, ERR_NO_MEMORY, "out of memory for telling better pairs from others");
    if (rc == 0)
        (e->one_to_one ? assign_all : yield_all)(e, x);
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
        bool needed = match_weight(e->corpus->schema, f->shared & ~(UINT32_C(1) << j)) < SCHEMA_WEIGHT_MAX;
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
        if (f->kind == MATCH_NONE || f->score < score || f->yields || (measurement->one_to_one && !f->reported))
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
    qsort(out->finding, out->findings, sizeof *out->finding, compare_findings);
    rc = assign(out, err);
    if (rc == 0)
        count(out);
    return rc;
}

void measurement_free(struct measurement *measurement)
{
    free(measurement->finding);
    free(measurement->pattern);
    free(measurement->pattern_at);
    *measurement = (struct measurement){.corpus = NULL};
}
