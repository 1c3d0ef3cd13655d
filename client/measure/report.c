#include "client/measure/report.h"
#include "protocol/base/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const unsigned report_score[] = {1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 100};
const size_t report_scores = sizeof report_score / sizeof report_score[0];

static double tokens_per_record(const struct measurement *e)
{
    return e->corpus->rows > 0 ? (double)e->corpus->tokens_total / (double)e->corpus->rows : 0;
}

static bool useless(const struct key_counts *k)
{
    return k->alone == 0;
}

/* --- for people --- */

static void print_counts(FILE *out, const char *name, const struct counts *t)
{
    fprintf(out, "  %-28s %9.4f %9.4f %9.4f %10llu %10llu %10llu\n", name, counts_precision(t), counts_recall(t),
            counts_f1(t), (unsigned long long)t->correct, (unsigned long long)(t->reported - t->correct),
            (unsigned long long)(t->truth - t->correct));
}

static void print_head(FILE *out, const struct measurement *e)
{
    const struct corpus *c = e->corpus;
    for (size_t f = 0; f < c->files; f++) {
        fprintf(out, "%-20s %10zu records", c->file[f].agency, c->file[f].rows);
        if (c->file[f].rejected > 0)
            fprintf(out, ", %s left out", TEXT_COUNT(c->file[f].rejected, "row", "rows"));
        fputc('\n', out);
    }
    fprintf(out, "schema %s: %.2f tokens per record; %s, %llu open%s\n", c->schema->name, tokens_per_record(e),
            TEXT_COUNT(e->join.pairs, "pair shares a key", "pairs share a key"), (unsigned long long)e->opened,
            e->one_to_one ? "; assigned one to one" : "");
    if (e->truth != NULL)
        fprintf(out, "%llu of those that open are strangers: each learns the other's handle, and nothing else\n",
                (unsigned long long)e->strangers);
    fputc('\n', out);
    if (e->truth != NULL && e->truth->elsewhere > 0)
        fprintf(out, "%s that are not here\n\n",
                TEXT_COUNT(e->truth->elsewhere, "line of the truth is about agencies",
                           "lines of the truth are about agencies"));
}

static void print_curve(FILE *out, const struct measurement *e)
{
    fprintf(out, "\n  reports of at least     precision    recall        F1      right      wrong     missed\n");
    for (size_t i = 0; i < report_scores; i++) {
        char name[32];
        struct counts t = measurement_at(e, report_score[i]);
        snprintf(name, sizeof name, "score %u", report_score[i]);
        print_counts(out, name, &t);
    }
}

static void print_keys(FILE *out, const struct measurement *e)
{
    const struct schema *s = e->corpus->schema;
    fprintf(out, "\n  %-20s %6s %9s %8s %10s %8s %8s %8s\n", "key", "weight", "tokens", "crowded", "right", "alone",
            "wrong", "alone");
    for (size_t j = 0; j < s->keys; j++) {
        const struct key_counts *k = &e->key[j];
        fprintf(out, "  %-20s %6u %9.2f %8llu %10llu %8llu %8llu %8llu%s\n", s->key[j].id, s->key[j].weight,
                e->corpus->rows > 0 ? (double)k->tokens / (double)e->corpus->rows : 0, (unsigned long long)k->crowded,
                (unsigned long long)k->found, (unsigned long long)k->alone, (unsigned long long)k->false_found,
                (unsigned long long)k->false_alone, useless(k) ? "  useless here" : "");
    }
    fprintf(
        out,
        "  tokens: per record; crowded: tokens past the cap, which were not put; alone: of the right and of the wrong\n"
        "  reports with this key, those that would not have been made without it\n");
}

static void print_scale(FILE *out, const struct measurement *e, const struct report_options *options)
{
    if (options->populations > 0)
        fprintf(out, "\n  two agencies of    expect wrong   expect right   precision (19 times of 20)       recall\n");
    for (size_t i = 0; i < options->populations; i++) {
        struct scale s = measurement_scale(e, options->population[i]);
        fprintf(out, "  %14.0f  %14.1f %14.1f   %9.4f (%.4f to %.4f) %9.4f\n", s.population, s.false_matches,
                s.true_matches, s.precision, s.least, s.most, s.recall);
    }
}

static double exchanges_per_match(const struct measurement *e)
{
    return e->all.reported > 0 ? (double)e->opened / (double)e->all.reported : 0;
}

static void print_intervals(FILE *out, const struct measurement *e)
{
    static double (*const number[])(const struct counts *) = {counts_precision, counts_recall, counts_f1};
    fprintf(out, "  %-28s", "19 times of 20");
    for (size_t i = 0; i < 3; i++) {
        struct interval x = measurement_interval(e, number[i]);
        fprintf(out, " %.4f-%.4f", x.least, x.most);
    }
    fputc('\n', out);
}

static void print_against(FILE *out, const struct measurement *e, const struct measurement *other)
{
    const struct measurement *both[] = {e, other};
    fprintf(out, "\n  %-28s %9s %9s %9s %10s %10s %10s\n", "by schema", "precision", "recall", "F1", "tokens",
            "strangers", "exchanges");
    for (size_t i = 0; i < 2; i++)
        fprintf(out, "  %-28.28s %9.4f %9.4f %9.4f %10.2f %10llu %10.2f\n", i == 0 ? "the one above" : "the other",
                counts_precision(&both[i]->all), counts_recall(&both[i]->all), counts_f1(&both[i]->all),
                tokens_per_record(both[i]), (unsigned long long)both[i]->strangers, exchanges_per_match(both[i]));
    fprintf(out, "  exchanges: judged, for each report\n");
}

/* Without a truth, the scores themselves say how many reports should be right. */
static double expected_correct(const struct measurement *e)
{
    double sum = 0;
    for (size_t i = 0; i < e->findings; i++)
        sum += e->finding[i].reported ? e->finding[i].score / 100.0 : 0;
    return sum;
}

int report_text(FILE *out, const struct measurement *measurement, const struct report_options *options, struct err *err)
{
    const struct measurement *e = measurement;
    print_head(out, e);
    if (e->truth == NULL) {
        fprintf(out, "%s; by their scores, %.0f of them are right (no --truth to compare with)\n",
                TEXT_COUNT(e->all.reported, "report", "reports"), expected_correct(e));
        return 0;
    }
    fprintf(out, "  %-28s %9s %9s %9s %10s %10s %10s\n", "", "precision", "recall", "F1", "right", "wrong", "missed");
    print_counts(out, "all", &e->all);
    print_intervals(out, e);
    for (int k = TRUTH_SAME_PERSON; k < TRUTH_KINDS; k++)
        if (e->kind[k].truth > 0 || e->kind[k].reported > 0)
            print_counts(out, truth_kind_name[k], &e->kind[k]);
    print_curve(out, e);
    print_keys(out, e);
    print_scale(out, e, options);
    if (options->against != NULL)
        print_against(out, e, options->against);
    return options->examples > 0 ? report_examples(out, e, options->examples, err) : 0;
}

/* --- for scripts --- */

static json_t *counts_json(const struct counts *t)
{
    return json_pack("{s:f, s:f, s:f, s:I, s:I, s:I}", "precision", counts_precision(t), "recall", counts_recall(t),
                     "f1", counts_f1(t), "correct", (json_int_t)t->correct, "reported", (json_int_t)t->reported,
                     "truth", (json_int_t)t->truth);
}

static json_t *kinds_json(const struct measurement *e)
{
    json_t *out = json_object();
    for (int k = TRUTH_SAME_PERSON; k < TRUTH_KINDS; k++)
        if (e->kind[k].truth > 0 || e->kind[k].reported > 0)
            json_object_set_new(out, truth_kind_name[k], counts_json(&e->kind[k]));
    return out;
}

static json_t *curve_json(const struct measurement *e)
{
    json_t *out = json_array();
    for (size_t i = 0; i < report_scores; i++) {
        struct counts t = measurement_at(e, report_score[i]);
        json_t *point = counts_json(&t);
        json_object_set_new(point, "score", json_integer(report_score[i]));
        json_array_append_new(out, point);
    }
    return out;
}

static json_t *keys_json(const struct measurement *e)
{
    json_t *out = json_array();
    for (size_t j = 0; j < e->corpus->schema->keys; j++) {
        const struct key_counts *k = &e->key[j];
        json_array_append_new(out, json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "id",
                                             e->corpus->schema->key[j].id, "weight",
                                             (int)e->corpus->schema->key[j].weight, "tokens", (json_int_t)k->tokens,
                                             "crowded", (json_int_t)k->crowded, "correct", (json_int_t)k->found,
                                             "correct_alone", (json_int_t)k->alone, "wrong", (json_int_t)k->false_found,
                                             "wrong_alone", (json_int_t)k->false_alone, "useless", (int)useless(k)));
    }
    return out;
}

/* What pairs of which the same was seen turned out to be, whether reported or not: where a schema can be bettered. */
static json_t *pattern_json(const struct pattern *p)
{
    json_t *seen = json_object();
    for (int i = 0; i < SEEN_KINDS; i++)
        if (p->seen[i] != 0)
            json_object_set_new(seen, seen_name[i], json_integer(p->seen[i]));
    json_t *out = json_pack("{s:o, s:I}", "seen", seen, "none",
                            (json_int_t)p->of[0][TRUTH_NONE] + (json_int_t)p->of[1][TRUTH_NONE]);
    for (int k = TRUTH_NONE + 1; k < TRUTH_KINDS; k++)
        json_object_set_new(out, truth_kind_name[k], json_integer((json_int_t)p->of[0][k] + (json_int_t)p->of[1][k]));
    return out;
}

static json_t *patterns_json(const struct measurement *e)
{
    json_t *out = json_array();
    for (size_t i = 0; i < e->patterns; i++)
        json_array_append_new(out, pattern_json(&e->pattern[i]));
    return out;
}

static json_t *scale_json(const struct measurement *e, const struct report_options *options)
{
    json_t *out = json_array();
    for (size_t i = 0; i < options->populations; i++) {
        struct scale s = measurement_scale(e, options->population[i]);
        json_array_append_new(out, json_pack("{s:f, s:f, s:f, s:f, s:[f, f], s:f}", "population", s.population,
                                             "expected_false_matches", s.false_matches, "expected_true_matches",
                                             s.true_matches, "precision", s.precision, "interval", s.least, s.most,
                                             "recall", s.recall));
    }
    return out;
}

static json_t *agencies_json(const struct measurement *e)
{
    json_t *out = json_array();
    for (size_t f = 0; f < e->corpus->files; f++)
        json_array_append_new(out, json_pack("{s:s, s:I, s:I}", "agency", e->corpus->file[f].agency, "records",
                                             (json_int_t)e->corpus->file[f].rows, "left_out",
                                             (json_int_t)e->corpus->file[f].rejected));
    return out;
}

static json_t *interval_json(const struct measurement *e, double (*number)(const struct counts *))
{
    struct interval x = measurement_interval(e, number);
    return json_pack("[f, f]", x.least, x.most);
}

/* By row of its file, from 1, as the rows that were read count. */
static json_t *reports_json(const struct measurement *e)
{
    json_t *out = json_array();
    for (size_t i = 0; i < e->findings; i++) {
        const struct finding *f = &e->finding[i];
        if (f->reported)
            json_array_append_new(
                out,
                json_pack("{s:s, s:I, s:s, s:I, s:s, s:s, s:i, s:s}", "agency_a",
                          e->corpus->file[row_file(f->a)].agency, "row_a", (json_int_t)row_number(f->a) + 1, "agency_b",
                          e->corpus->file[row_file(f->b)].agency, "row_b", (json_int_t)row_number(f->b) + 1, "kind",
                          match_kind_name((enum match_kind)f->kind), "class", pair_class_name[f->class], "score",
                          (int)f->score, "truth", f->truth == TRUTH_NONE ? "none" : truth_kind_name[f->truth]));
    }
    return out;
}

static json_t *against_json(const struct measurement *e)
{
    json_t *out = counts_json(&e->all);
    json_object_update_new(out, json_pack("{s:f, s:I, s:f, s:o}", "tokens_per_record", tokens_per_record(e),
                                          "opened_strangers", (json_int_t)e->strangers, "exchanges_per_match",
                                          exchanges_per_match(e), "by_kind", kinds_json(e)));
    return out;
}

int report_json(FILE *out, const struct measurement *measurement, const struct report_options *options, struct err *err)
{
    const struct measurement *e = measurement;
    json_t *root = e->truth != NULL ? counts_json(&e->all)
                                    : json_pack("{s:I, s:f}", "reported", (json_int_t)e->all.reported,
                                                "expected_correct", expected_correct(e));
    json_object_update_new(
        root, json_pack("{s:s, s:b, s:f, s:I, s:I, s:f, s:o, s:o}", "schema", e->corpus->schema->name, "one_to_one",
                        (int)e->one_to_one, "tokens_per_record", tokens_per_record(e), "pairs",
                        (json_int_t)e->join.pairs, "opened", (json_int_t)e->opened, "exchanges_per_match",
                        exchanges_per_match(e), "reports", reports_json(e), "agencies", agencies_json(e)));
    if (e->truth != NULL)
        json_object_update_new(root,
                               json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "opened_strangers", (json_int_t)e->strangers,
                                         "by_kind", kinds_json(e), "curve", curve_json(e), "keys", keys_json(e),
                                         "patterns", patterns_json(e), "scale", scale_json(e, options)));
    if (e->truth != NULL)
        json_object_set_new(root, "interval",
                            json_pack("{s:o, s:o, s:o}", "precision", interval_json(e, counts_precision), "recall",
                                      interval_json(e, counts_recall), "f1", interval_json(e, counts_f1)));
    if (e->truth != NULL && options->against != NULL)
        json_object_set_new(root, "against", against_json(options->against));
    int failed = root == NULL || json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(10)) != 0;
    fputc('\n', out);
    json_decref(root);
    return failed ? err_set(err, ERR_NO_MEMORY, "out of memory for the report") : 0;
}
