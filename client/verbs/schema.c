#include "client/verbs/verbs.h"

#include "client/measure/describe.h"
#include "client/measure/tune.h"
#include "protocol/base/file.h"

#include <stdio.h>

/* --- check --- */

struct check_options {
    struct setting_list registers, map;
    bool json;
};

static int take_yields(struct yields *out, const struct schema *schema, const struct check_options *o, struct err *err)
{
    struct feed_options file[SETTINGS_LIST_MAX];
    for (size_t i = 0; i < o->registers.count; i++)
        file[i] = (struct feed_options){.path = o->registers.item[i],
                                        .map = (const char *const *)o->map.item,
                                        .map_count = o->map.count,
                                        .lenient = true};
    if (o->registers.count > 0)
        return yields_measure(out, schema, file, o->registers.count, err);
    yields_invented(out);
    return 0;
}

static int print_json(json_t *list, struct err *err)
{
    if (json_dumpf(list, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) != 0)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a list");
    putchar('\n');
    return 0;
}

static int check(struct call *call, struct err *err)
{
    static struct schema schema;
    const struct check_options *o = call->options;
    struct yields yields = {.count = 0};
    json_t *list = json_array();
    int rc = 0;
    for (int i = 0; rc == 0 && i < call->operands; i++) {
        rc = schema_open(&schema, call->operand[i], err);
        if (rc == 0)
            rc = take_yields(&yields, &schema, o, err);
        if (rc == 0 && !o->json)
            schema_describe(stdout, &schema, &yields);
        else if (rc == 0 && json_array_append_new(list, schema_object(&schema, &yields)) != 0)
            rc = err_set(err, ERR_NO_MEMORY, "out of memory for a list");
        if (!o->json && i + 1 < call->operands)
            putchar('\n');
        yields_free(&yields);
    }
    if (rc == 0 && o->json)
        rc = print_json(list, err);
    json_decref(list);
    return rc;
}

static const struct setting check_settings[] = {
    {"register", NULL, NULL, SETTING_LIST, offsetof(struct check_options, registers), "FILE",
     "how frequent names are in this file says what guesses find; may be repeated"},
    {"map", NULL, NULL, SETTING_LIST, offsetof(struct check_options, map), "COLUMN=FIELD",
     "the files' COLUMN holds FIELD; may be repeated"},
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct check_options, json), NULL, "as a JSON array"},
};

static const struct verb schema_check_verb = {
    .name = "check",
    .brief = "check schemas and explain them",
    .operands = "NAME|FILE.json...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Checks schemas and explains them: keys, what a record costs, what guessing a key finds, country by country, what is seen\n"
        "of a pair and what it means.",
    .more =
        "A schema that does not follow the format is refused with member and reason, and so is one with a key by which a list\n"
        "finds everybody; exit status 1.\n\n"
        "  concord-client schema check persons --register records.csv",
    SETTINGS(check_settings),
    .options_size = sizeof(struct check_options),
    .run = check,
};

/* --- tune --- */

struct options {
    char schema[SETTINGS_TEXT_MAX], truth[SETTINGS_TEXT_MAX];
    struct setting_list map;
    bool quiet;
};

/* Learned on one half of the records, tried on the other against the schema as it was; only what is better goes out. */
static int learn(const struct options *o, struct schema *schema, const char *path,
                 const struct measurement *measurement, struct err *err)
{
    struct trial was = tune_trial(schema, measurement);
    int rc = tune_weights(schema, measurement, err);
    if (rc != 0)
        return rc;
    struct trial is = tune_trial(schema, measurement);
    double f1_was = counts_f1(&was.persons), f1_is = counts_f1(&is.persons);
    if (!o->quiet)
        fprintf(stderr, "on the half that was held out: F1 %.4f, was %.4f; %.4f bits lost a pair, was %.4f\n", f1_is,
                f1_was, is.loss, was.loss);
    if (f1_is < f1_was || is.loss >= was.loss)
        return err_set(
            err, ERR_VERIFY,
            "these data give nothing better: on the half that was held out F1 would be %.4f (is %.4f), bits lost a "
            "pair %.4f (are %.4f). Keep the schema, or bring more data",
            f1_is, f1_was, is.loss, was.loss);
    return tune_write(stdout, path, schema, err);
}

static int tune(const struct options *o, struct schema *schema, const char *path, const char *const *file, size_t files,
                struct err *err)
{
    static struct corpus corpus;
    struct truth truth = {.pair = NULL};
    struct measurement measurement = {.corpus = NULL};
    int rc = o->truth[0] != '\0'
                 ? 0
                 : err_set(err, ERR_USAGE,
                           "give --truth: what agrees by chance cannot be told from what agrees because "
                           "it is one person by the files alone");
    if (rc == 0)
        rc = corpus_read(&corpus, schema, file, files, (const char *const *)o->map.item, o->map.count, o->quiet, err);
    if (rc == 0)
        rc = truth_read(&truth, &corpus, o->truth, err);
    if (rc == 0)
        rc = measurement_run(&measurement, &corpus, &truth, false, o->quiet, err);
    if (rc == 0)
        rc = learn(o, schema, path, &measurement, err);
    measurement_free(&measurement);
    truth_free(&truth);
    corpus_free(&corpus);
    return rc;
}

static int run_tune(struct call *call, struct err *err)
{
    static struct schema schema;
    const struct options *o = call->options;
    char path[PATH_LIMIT];
    int rc = schema_find(path, sizeof path, o->schema, err);
    if (rc == 0)
        rc = schema_read(&schema, path, err);
    if (rc == 0)
        rc = tune(o, &schema, path, (const char *const *)call->operand, (size_t)call->operands, err);
    return rc;
}

static const struct options defaults = {.schema = "persons"};

static const struct setting settings[] = {
    {"schema", NULL, NULL, SETTING_TEXT, offsetof(struct options, schema), "NAME|FILE",
     "the schema to begin from (persons)"},
    {"truth", NULL, NULL, SETTING_TEXT, offsetof(struct options, truth), "FILE",
     "CSV file agency_a,record_a,agency_b,record_b,kind; needed"},
    {"map", NULL, NULL, SETTING_LIST, offsetof(struct options, map), "COLUMN=FIELD",
     "the files' COLUMN holds FIELD; may be repeated"},
    {"quiet", NULL, NULL, SETTING_SWITCH, offsetof(struct options, quiet), NULL, "show no progress"},
};

static const struct verb tune_verb = {
    .name = "tune",
    .brief = "weights from data",
    .operands = "FILE...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Prints the schema with the weights that these files call for: offline, learned from one half of the records and tried on\n"
        "the other. What is not better there than the schema was is not printed; exit status 1. Each FILE is an agency.",
    .more =
        "A tuned schema is another schema: coordinators publish it, all agencies enrol anew. docs/matching.md has the method.\n\n"
        "  concord-client schema tune --truth truth.csv THA.csv IDN.csv >persons.json",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = run_tune,
};

static const struct verb *const verbs[] = {&schema_check_verb, &tune_verb, NULL};

const struct verb schema_verb = {
    .name = "schema",
    .brief = "explain a schema, or tune one to data",
    .summary = "Schemas: what records are compared by, and what agreement is worth.",
    .verbs = verbs,
};
