#include "client/measure/tune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TERMS (SEEN_KINDS + 1) /* the last one: the prior */
#define ROUNDS 30
#define SPREAD 15.0 /* tenths of a bit: how far a weight is supposed to be off */
#define SETTLED 0.05
#define TENTH (M_LN2 / 10)
#define LEARN 0 /* the half that is learned from */
#define TRY 1

struct system {
    double slope[TERMS], curve[TERMS][TERMS];
};

static unsigned records_of(const struct measurement *e)
{
    size_t most = 0;
    for (size_t f = 0; f < e->corpus->files; f++)
        most = e->corpus->file[f].rows > most ? e->corpus->file[f].rows : most;
    return (unsigned)fmax(0, floor(log2(fmax((double)most, 1))));
}

static double others_in(const struct pattern *p, size_t fold)
{
    return (double)(p->of[fold][TRUTH_NONE] + p->of[fold][TRUTH_SAME_DOCUMENT_OTHER_PERSON]);
}

/* --- learning --- */

static void add_pattern(struct system *y, const struct pattern *p, double odds)
{
    double matches = (double)p->of[LEARN][TRUTH_SAME_PERSON], all = matches + others_in(p, LEARN);
    double probable = 1 / (1 + exp(-odds * TENTH)), slope = (matches - all * probable) * TENTH;
    double curve = all * probable * (1 - probable) * TENTH * TENTH;
    for (int i = 0; i < TERMS; i++) {
        double x = i < SEEN_KINDS ? p->seen[i] : 1;
        y->slope[i] += slope * x;
        for (int k = 0; x != 0 && k <= i; k++)
            y->curve[i][k] += curve * x * (k < SEEN_KINDS ? p->seen[k] : 1);
    }
}

/* curve * step = slope, by Cholesky's decomposition in place; the prior keeps it positive definite. */
static void solve(struct system *y)
{
    for (int i = 0; i < TERMS; i++)
        for (int k = 0; k <= i; k++) {
            double sum = y->curve[i][k];
            for (int m = 0; m < k; m++)
                sum -= y->curve[i][m] * y->curve[k][m];
            y->curve[i][k] = i == k ? sqrt(sum) : sum / y->curve[k][k];
        }
    for (int i = 0; i < TERMS; i++) {
        for (int m = 0; m < i; m++)
            y->slope[i] -= y->curve[i][m] * y->slope[m];
        y->slope[i] /= y->curve[i][i];
    }
    for (int i = TERMS - 1; i >= 0; i--) {
        for (int m = i + 1; m < TERMS; m++)
            y->slope[i] -= y->curve[m][i] * y->slope[m];
        y->slope[i] /= y->curve[i][i];
    }
}

/* The schema's own verdict, moved by what the weights moved. */
static double odds_of(const struct schema *s, const struct pattern *p, unsigned records, const double moved[TERMS])
{
    double odds = pair_weigh(s, p->seen, records).bits + moved[SEEN_KINDS];
    for (int i = 0; i < SEEN_KINDS; i++)
        odds += p->seen[i] * moved[i];
    return odds;
}

static double step(const struct schema *s, const struct measurement *e, double moved[TERMS])
{
    struct system y = {.slope = {0}};
    double most = 0;
    for (int i = 0; i < TERMS; i++) {
        y.slope[i] = -moved[i] / (SPREAD * SPREAD);
        y.curve[i][i] = 1 / (SPREAD * SPREAD);
    }
    for (size_t i = 0; i < e->patterns; i++)
        add_pattern(&y, &e->pattern[i], odds_of(s, &e->pattern[i], records_of(e), moved));
    solve(&y);
    for (int i = 0; i < TERMS; i++)
        most = fmax(most, fabs(y.slope[i]));
    for (int i = 0; i < TERMS; i++)
        moved[i] += y.slope[i] * fmin(1, SPREAD / most);
    return most;
}

int tune_weights(struct schema *schema, const struct measurement *measurement, struct err *err)
{
    double moved[TERMS] = {0};
    struct judging *j = &schema->judging;
    if (measurement->kind[TRUTH_SAME_PERSON].truth == 0)
        return err_set(err, ERR_INPUT, "the truth names no pair of one person: there is nothing to learn from");
    for (int round = 0; round < ROUNDS && step(schema, measurement, moved) > SETTLED; round++)
        ;
    for (int i = 0; i < TERMS; i++) {
        int16_t *w = i < SEEN_KINDS ? &j->weight[PAIR_MATCH][i] : &j->prior[PAIR_MATCH];
        double value = round(*w + moved[i]);
        *w = (int16_t)fmax(-JUDGING_MOST, fmin(JUDGING_MOST, value));
    }
    return 0;
}

/* --- trying --- */

struct trial tune_trial(const struct schema *schema, const struct measurement *measurement)
{
    const struct measurement *e = measurement;
    struct trial t = {0};
    double pairs = 0;
    for (size_t i = 0; i < e->patterns; i++) {
        const struct pattern *p = &e->pattern[i];
        struct judgement j = pair_weigh(schema, p->seen, records_of(e));
        double matches = (double)p->of[TRY][TRUTH_SAME_PERSON], others = others_in(p, TRY);
        bool person = j.accepted && (j.kind == MATCH_SAME_PERSON || j.kind == MATCH_SAME_PERSON_OTHER_DOCUMENT);
        t.loss += matches * log2(1 + exp2(-j.bits / 10.0)) + others * log2(1 + exp2(j.bits / 10.0));
        pairs += matches + others;
        t.persons.truth += (uint64_t)matches;
        t.persons.correct += person ? (uint64_t)matches : 0;
        t.persons.reported += person ? (uint64_t)(matches + others) : 0;
    }
    t.loss = pairs > 0 ? t.loss / pairs : 0;
    return t;
}
