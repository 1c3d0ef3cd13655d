#include "client/verbs/verbs.h"

#include "client/measure/describe.h"
#include "client/measure/tune.h"
#include "protocol/base/file.h"

#include <stdio.h>

/* --- check --- */

static int check(struct call *call, struct err *err)
{
    static struct schema schema;
    int rc = 0;
    for (int i = 0; rc == 0 && i < call->operands; i++) {
        rc = schema_open(&schema, call->operand[i], err);
        if (rc == 0)
            schema_describe(stdout, &schema);
        if (i + 1 < call->operands)
            putchar('\n');
    }
    return rc;
}

static const struct verb check_verb = {
    .name = "check",
    .brief = "check schemas and explain them",
    .operands = "NAME|FILE.json...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Checks schemas and explains them: keys, what a record costs, what shared keys mean in agencies of several sizes.",
    .more = "A schema that does not follow the format is refused with member and reason; exit status 1.",
    .run = check,
};

/* --- tune --- */

struct options {
    char schema[SETTINGS_TEXT_MAX], truth[SETTINGS_TEXT_MAX];
    struct setting_list map;
    uint64_t records;
    bool keep_weights, quiet;
};

static int tune(const struct options *o, struct schema *schema, const char *path, const char *const *file, size_t files,
                struct err *err)
{
    static struct corpus corpus;
    static struct level_counts chance;
    struct truth truth = {.pair = NULL};
    struct measurement measurement = {.corpus = NULL};
    struct tuning tuning = {0};
    bool known = o->truth[0] != '\0';
    const char *const *maps = (const char *const *)o->map.item;
    int rc = corpus_read(&corpus, schema, file, files, maps, o->map.count, o->quiet, err);
    if (rc == 0 && known)
        rc = truth_read(&truth, &corpus, o->truth, err);
    if (rc == 0)
        rc = measurement_run(&measurement, &corpus, known ? &truth : NULL, false, o->quiet, err);
    if (rc == 0)
        rc = chance_measure(&chance, schema, file, files, maps, o->map.count, err);
    if (rc == 0) {
        tune_evidence(schema, &measurement, &chance, &tuning);
        if (!o->keep_weights)
            tune_weights(schema, &measurement, (double)o->records);
        if (!o->quiet)
            fprintf(stderr, "%.0f pairs of one person%s among %.0f that share a key\n", tuning.matches,
                    known ? "" : ", as estimated,", tuning.matches + tuning.pairs);
        rc = tune_write(stdout, path, schema, err);
    }
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
     "the schema whose keys to tune (persons)"},
    {"truth", NULL, NULL, SETTING_TEXT, offsetof(struct options, truth), "FILE",
     "CSV file agency_a,record_a,agency_b,record_b,kind; without it, matches are estimated"},
    {"map", NULL, NULL, SETTING_LIST, offsetof(struct options, map), "COLUMN=FIELD",
     "the files' COLUMN holds FIELD; may be repeated"},
    {"records", NULL, NULL, SETTING_NUMBER, offsetof(struct options, records), "N",
     "weights for agencies of N records (as many as the files have)"},
    {"keep-weights", NULL, NULL, SETTING_SWITCH, offsetof(struct options, keep_weights), NULL,
     "tune the evidence alone"},
    {"quiet", NULL, NULL, SETTING_SWITCH, offsetof(struct options, quiet), NULL, "show no progress"},
};

static const struct verb tune_verb = {
    .name = "tune",
    .brief = "evidence and weights from data",
    .operands = "FILE...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Prints the schema with evidence and weights that these files call for: offline, from how often matches and chance pairs\n"
        "agree. Each FILE (CSV or JSON lines) is an agency. Keys, caps and threshold stay.",
    .more =
        "A tuned schema is another schema: coordinators publish it, all agencies enrol anew. docs/matching.md has the method.\n\n"
        "  concord-client schema tune --truth truth.csv THA.csv IDN.csv >persons.json",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = run_tune,
};

static const struct verb *const verbs[] = {&check_verb, &tune_verb, NULL};

const struct verb schema_verb = {
    .name = "schema",
    .brief = "explain a schema, or tune one to data",
    .summary = "Schemas: what records are compared by, and what agreement is worth.",
    .verbs = verbs,
};
