#include "client/verbs/verbs.h"

#include "client/measure/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POPULATIONS_MAX 16
#define POPULATION_LEAST 10.0
#define POPULATION_MOST 1e10

struct options {
    char schema[SETTINGS_TEXT_MAX], against[SETTINGS_TEXT_MAX], truth[SETTINGS_TEXT_MAX], plot[SETTINGS_TEXT_MAX],
        populations[SETTINGS_TEXT_MAX];
    struct setting_list map;
    uint64_t examples;
    bool one_to_one, json, quiet;
};

static int parse_populations(double out[POPULATIONS_MAX], size_t *count, const char *list, struct err *err)
{
    const char *at = list;
    for (*count = 0; *at != '\0' && *count < POPULATIONS_MAX; (*count)++) {
        char *end;
        out[*count] = strtod(at, &end);
        if (end == at || (*end != ',' && *end != '\0') ||
            !(out[*count] >= POPULATION_LEAST && out[*count] <= POPULATION_MOST))
            return err_set(err, ERR_USAGE, "--population %.64s: write numbers of records, such as 1e6,1e7", list);
        at = end + (*end == ',');
    }
    return 0;
}

/* The files as one schema finds and judges them. */
struct measured {
    struct schema schema;
    struct corpus corpus;
    struct truth truth;
    struct measurement measurement;
};

static int measure(struct measured *m, const struct options *o, const char *schema, const char *const *path,
                   size_t paths, struct err *err)
{
    bool known = o->truth[0] != '\0';
    int rc = schema_open(&m->schema, schema, err);
    if (rc == 0)
        rc = corpus_read(&m->corpus, &m->schema, path, paths, (const char *const *)o->map.item, o->map.count, o->quiet,
                         err);
    if (rc == 0 && known)
        rc = truth_read(&m->truth, &m->corpus, o->truth, err);
    if (rc == 0)
        rc = measurement_run(&m->measurement, &m->corpus, known ? &m->truth : NULL, o->one_to_one, o->quiet, err);
    return rc;
}

static void forget(struct measured *m)
{
    measurement_free(&m->measurement);
    truth_free(&m->truth);
    corpus_free(&m->corpus);
}

static int report(const struct options *o, const struct measurement *measurement, const struct report_options *options,
                  struct err *err)
{
    int rc = o->json ? report_json(stdout, measurement, options, err) : report_text(stdout, measurement, options, err);
    return rc == 0 && o->plot[0] != '\0' ? report_plot(o->plot, measurement, err) : rc;
}

static int run(struct call *call, struct err *err)
{
    static struct measured is, other;
    const struct options *o = call->options;
    const char *const *path = (const char *const *)call->operand;
    double population[POPULATIONS_MAX];
    struct report_options options = {.population = population, .examples = (size_t)o->examples};
    bool against = o->against[0] != '\0';
    int rc = parse_populations(population, &options.populations, o->populations, err);
    if (rc == 0)
        rc = measure(&is, o, o->schema, path, (size_t)call->operands, err);
    if (rc == 0 && against)
        rc = measure(&other, o, o->against, path, (size_t)call->operands, err);
    options.against = against ? &other.measurement : NULL;
    if (rc == 0)
        rc = report(o, &is.measurement, &options, err);
    forget(&is);
    forget(&other);
    return rc;
}

static const struct options defaults = {.schema = "persons", .populations = "1e5,1e6,1e7", .examples = 5};

static const struct setting settings[] = {
    {"schema", NULL, NULL, SETTING_TEXT, offsetof(struct options, schema), "NAME|FILE",
     "persons (default), travel-documents, listed-documents or a file of yours, FILE.json"},
    {"against", NULL, NULL, SETTING_TEXT, offsetof(struct options, against), "NAME|FILE",
     "measure the same files by this schema, too, side by side"},
    {"truth", NULL, NULL, SETTING_TEXT, offsetof(struct options, truth), "FILE",
     "CSV file agency_a,record_a,agency_b,record_b,kind"},
    {"map", NULL, NULL, SETTING_LIST, offsetof(struct options, map), "COLUMN=FIELD",
     "the files' COLUMN holds FIELD; may be repeated"},
    {"one-to-one", NULL, NULL, SETTING_SWITCH, offsetof(struct options, one_to_one), NULL,
     "a record has at most one partner in another agency"},
    {"population", NULL, NULL, SETTING_TEXT, offsetof(struct options, populations), "N,N",
     "expect precision for agencies of so many records (1e5,1e6,1e7)"},
    {"examples", NULL, NULL, SETTING_NUMBER, offsetof(struct options, examples), "N",
     "show N misses and N wrong matches, with their values (5)"},
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct options, json), NULL, "print JSON"},
    {"plot", NULL, NULL, SETTING_TEXT, offsetof(struct options, plot), "FILE",
     "write precision against recall as an SVG file"},
    {"quiet", NULL, NULL, SETTING_SWITCH, offsetof(struct options, quiet), NULL, "show no progress"},
};

const struct verb evaluate_verb = {
    .name = "evaluate",
    .brief = "measure offline how well records of several files match",
    .operands = "FILE...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Measures offline how well records match: no keys, no network, nothing is sent. Each FILE (CSV or JSON lines) is an agency of that\n"
        "name; with one file, its rows are compared among themselves. Rows become match keys, open and are judged as in earnest.",
    .more = "Kinds of truth: same-person, same-document-other-person. What the numbers mean: docs/matching.md.\n\n"
            "  concord-client evaluate --truth truth.csv THA.csv IDN.csv",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = run,
};
