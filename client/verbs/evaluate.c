#include "client/verbs/verbs.h"

#include "client/measure/report.h"
#include "protocol/base/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POPULATIONS_MAX 16
#define POPULATION_LEAST 10.0
#define POPULATION_MOST 1e10

static char schema_name[SETTINGS_TEXT_MAX] = "persons", truth_path[SETTINGS_TEXT_MAX], plot_path[SETTINGS_TEXT_MAX];
static char population_list[SETTINGS_TEXT_MAX] = "1e5,1e6,1e7";
static struct setting_list map;
static uint64_t examples = 5;
static bool one_to_one, as_json, quiet;

static int parse_populations(double out[POPULATIONS_MAX], size_t *count, struct err *err)
{
    const char *at = population_list;
    for (*count = 0; *at != '\0' && *count < POPULATIONS_MAX; (*count)++) {
        char *end;
        out[*count] = strtod(at, &end);
        if (end == at || (*end != ',' && *end != '\0') ||
            !(out[*count] >= POPULATION_LEAST && out[*count] <= POPULATION_MOST))
            return err_set(err, ERR_USAGE, "--population %.64s: write numbers of records, such as 1e6,1e7",
                           population_list);
        at = end + (*end == ',');
    }
    return 0;
}

static int evaluate(const struct schema *schema, const char *const *path, size_t paths,
                    const struct report_options *options, struct err *err)
{
    static struct corpus corpus;
    struct truth truth = {.pair = NULL};
    struct evaluation evaluation = {.corpus = NULL};
    bool known = truth_path[0] != '\0';
    int rc = corpus_read(&corpus, schema, path, paths, (const char *const *)map.item, map.count, quiet, err);
    if (rc == 0 && known)
        rc = truth_read(&truth, &corpus, truth_path, err);
    if (rc == 0)
        rc = evaluation_run(&evaluation, &corpus, known ? &truth : NULL, one_to_one, quiet, err);
    if (rc == 0)
        rc = as_json ? report_json(stdout, &evaluation, options, err) : report_text(stdout, &evaluation, options, err);
    if (rc == 0 && plot_path[0] != '\0')
        rc = report_plot(plot_path, &evaluation, err);
    evaluation_free(&evaluation);
    truth_free(&truth);
    corpus_free(&corpus);
    return rc;
}

int evaluate_main(int argc, char **argv)
{
    static const struct setting settings[] = {
        {"schema", NULL, NULL, SETTING_TEXT, schema_name, "NAME|FILE",
         "persons (default), travel-documents, listed-documents "
         "or a file of yours, FILE.json"},
        {"truth", NULL, NULL, SETTING_TEXT, truth_path, "FILE", "CSV file agency_a,record_a,agency_b,record_b,kind"},
        {"map", NULL, NULL, SETTING_LIST, &map, "COLUMN=FIELD", "the files' COLUMN holds FIELD; may be repeated"},
        {"one-to-one", NULL, NULL, SETTING_SWITCH, &one_to_one, NULL,
         "a record has at most one partner in another agency"},
        {"population", NULL, NULL, SETTING_TEXT, population_list, "N,N",
         "expect precision for agencies of so many records "
         "(1e5,1e6,1e7)"},
        {"examples", NULL, NULL, SETTING_NUMBER, &examples, "N",
         "show N misses and N wrong matches, with their values (5)"},
        {"json", NULL, NULL, SETTING_SWITCH, &as_json, NULL, "print JSON"},
        {"plot", NULL, NULL, SETTING_TEXT, plot_path, "FILE", "write precision against recall as an SVG file"},
        {"quiet", NULL, NULL, SETTING_SWITCH, &quiet, NULL, "show no progress"},
    };
    static const struct usage usage = {
        "concord-client evaluate",
        "FILE.csv...",
        "Measures offline how well records match: no keys, no network, nothing is sent. Each FILE is an agency of that "
        "name; with\n"
        "one file, its rows are compared among themselves. Rows become match keys, open and are judged as in earnest.",
        "Kinds of truth: same-person, same-document-other-person. What the numbers mean: docs/matching.md.\n\n"
        "  concord-client evaluate --truth truth.csv THA.csv IDN.csv",
        settings,
        sizeof settings / sizeof settings[0]};
    static struct schema schema;
    double population[POPULATIONS_MAX];
    struct report_options options = {.population = population};
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands == 0)
        rc = err_set(&err, ERR_USAGE, "evaluate needs the names of CSV files; see --help");
    if (rc == 0 && examples > 1000)
        rc = err_set(&err, ERR_USAGE, "--examples is at most 1000");
    if (rc == 0)
        rc = parse_populations(population, &options.populations, &err);
    if (rc == 0)
        rc = schema_open(&schema, schema_name, &err);
    options.examples = (size_t)examples;
    if (rc == 0)
        rc = evaluate(&schema, (const char *const *)argv, (size_t)operands, &options, &err);
    setting_list_free(&map);
    return verb_end("concord-client", rc, &err);
}
