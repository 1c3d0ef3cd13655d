#include "client/verbs/verbs.h"

#include "client/measure/describe.h"
#include "client/measure/tune.h"
#include "protocol/base/file.h"
#include "protocol/base/settings.h"

#include <stdio.h>
#include <string.h>

static struct schema schema;
static char schema_name[SETTINGS_TEXT_MAX] = "persons";

/* --- check --- */

static int check_main(int argc, char **argv)
{
    static const struct usage usage = {
        "concord-client schema check",
        "NAME|FILE.json...",
        "Checks schemas and explains them: keys, what a record costs, what shared keys mean in agencies of several "
        "sizes.",
        "A schema that does not follow the format is refused with member and reason; exit status 1.",
        NULL,
        0};
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands == 0)
        rc = err_set(&err, ERR_USAGE, "schema check needs the name of a schema or of a file; see --help");
    for (int i = 0; rc == 0 && i < operands; i++) {
        rc = schema_open(&schema, argv[i], &err);
        if (rc == 0)
            schema_describe(stdout, &schema);
        if (i + 1 < operands)
            putchar('\n');
    }
    return verb_end("concord-client", rc, &err);
}

/* --- tune --- */

static char truth_path[SETTINGS_TEXT_MAX];
static struct setting_list map;
static uint64_t records;
static bool keep_weights, quiet;

static int tune(const char *path, const char *const *file, size_t files, struct err *err)
{
    static struct corpus corpus;
    static struct level_counts chance;
    struct truth truth = {.pair = NULL};
    struct evaluation evaluation = {.corpus = NULL};
    struct tuning tuning = {0};
    bool known = truth_path[0] != '\0';
    const char *const *maps = (const char *const *)map.item;
    int rc = corpus_read(&corpus, &schema, file, files, maps, map.count, quiet, err);
    if (rc == 0 && known)
        rc = truth_read(&truth, &corpus, truth_path, err);
    if (rc == 0)
        rc = evaluation_run(&evaluation, &corpus, known ? &truth : NULL, false, quiet, err);
    if (rc == 0)
        rc = chance_measure(&chance, &schema, file, files, maps, map.count, err);
    if (rc == 0) {
        tune_evidence(&schema, &evaluation, &chance, &tuning);
        if (!keep_weights)
            tune_weights(&schema, &evaluation, (double)records);
        if (!quiet)
            fprintf(stderr, "%.0f pairs of one person%s among %.0f that share a key\n", tuning.matches,
                    known ? "" : ", as estimated,", tuning.matches + tuning.pairs);
        rc = tune_write(stdout, path, &schema, err);
    }
    evaluation_free(&evaluation);
    truth_free(&truth);
    corpus_free(&corpus);
    return rc;
}

static int tune_main(int argc, char **argv)
{
    static const struct setting settings[] = {
        {"schema", NULL, NULL, SETTING_TEXT, schema_name, "NAME|FILE", "the schema whose keys to tune (persons)"},
        {"truth", NULL, NULL, SETTING_TEXT, truth_path, "FILE",
         "CSV file agency_a,record_a,agency_b,record_b,kind; without it, "
         "matches are estimated"},
        {"map", NULL, NULL, SETTING_LIST, &map, "COLUMN=FIELD", "the files' COLUMN holds FIELD; may be repeated"},
        {"records", NULL, NULL, SETTING_NUMBER, &records, "N",
         "weights for agencies of N records (as many as the files have)"},
        {"keep-weights", NULL, NULL, SETTING_SWITCH, &keep_weights, NULL, "tune the evidence alone"},
        {"quiet", NULL, NULL, SETTING_SWITCH, &quiet, NULL, "show no progress"},
    };
    static const struct usage usage = {"concord-client schema tune",
                                       "FILE.csv...",
                                       "Prints the schema with evidence and weights that these files call for: "
                                       "offline, from how often matches and chance pairs\n"
                                       "agree. Each FILE is an agency. Keys, caps and threshold stay.",
                                       "A tuned schema is another schema: coordinators publish it, all agencies enrol "
                                       "anew. docs/matching.md has the method.\n\n"
                                       "  concord-client schema tune --truth truth.csv THA.csv IDN.csv >persons.json",
                                       settings,
                                       sizeof settings / sizeof settings[0]};
    char path[PATH_LIMIT];
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands == 0)
        rc = err_set(&err, ERR_USAGE, "schema tune needs the names of CSV files; see --help");
    if (rc == 0)
        rc = schema_find(path, sizeof path, schema_name, &err);
    if (rc == 0)
        rc = schema_read(&schema, path, &err);
    if (rc == 0)
        rc = tune(path, (const char *const *)argv, (size_t)operands, &err);
    setting_list_free(&map);
    return verb_end("concord-client", rc, &err);
}

int schema_main(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"check", check_main, "check schemas and explain them"},
        {"tune", tune_main, "evidence and weights from data"},
        {0},
    };
    return verbs_main("concord-client schema", "Schemas: what records are compared by, and what agreement is worth.",
                      verbs, argc, argv);
}
