#include "client/verbs/verbs.h"

#include "client/task/enrol.h"

#include <stdio.h>

static struct agency_config config;
static struct setting_list map;
static bool snapshot, quiet;

static void report(const struct agency_purpose *p, const struct enrolment_counts *c, const struct outgoing_counts *o)
{
    printf("%s: %llu new, %llu changed, %llu unchanged, %llu removed; %llu tokens; tags put %llu, removed %llu",
           p->region->name, (unsigned long long)c->fresh, (unsigned long long)c->changed,
           (unsigned long long)c->unchanged, (unsigned long long)c->removed, (unsigned long long)c->tokens,
           (unsigned long long)o->put, (unsigned long long)o->removed);
    if (o->crowded > 0)
        printf("; %llu tags shared by more than %u records left out", (unsigned long long)o->crowded, p->schema.cap);
    if (c->without_keys > 0)
        printf("; %llu rows have no field that a key is made of", (unsigned long long)c->without_keys);
    printf("\n");
}

int enrol_main(int argc, char **argv)
{
    static const struct setting settings[] = {
        {"map", NULL, NULL, SETTING_LIST, &map, "COLUMN=FIELD", "the file's COLUMN holds FIELD; may be repeated"},
        {"snapshot", NULL, NULL, SETTING_SWITCH, &snapshot, NULL,
         "the FILEs are everything: withdraw records that are in none"},
        {"quiet", NULL, NULL, SETTING_SWITCH, &quiet, NULL, "print nothing but errors"},
        AGENCY_SETTINGS(config),
    };
    static const struct usage usage = {
        "concord-client enrol",
        "FILE...",
        "Enrols the rows of CSV or JSON lines files: blinds their match keys, has them evaluated, puts the tags at the matcher. Rows that\n"
        "did not change cost nothing; after an interruption, run it again. A purpose of the manifest is a pass over the file.",
        "Columns: record_id, family_name, given_names, name_native, aliases, sex, date_of_birth, calendar, nationality,\n"
        "doc_type, doc_issuer, doc_number, mrz. A row that cannot be used goes to FILE.rejects.csv. Exit status: 0, 1 failed, 2 usage, 3 rows rejected.",
        settings,
        3 + AGENCY_SETTINGS_COUNT};
    static struct agency agency;
    struct err err;
    bool done;
    int operands;
    static struct enrol_result result;
    int rc = settings_load(&usage, &agency_known, AGENCY_CONFIG_DEFAULT, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands == 0)
        rc = err_set(&err, ERR_USAGE, "enrol needs the name of a CSV file; see --help");
    if (rc == 0)
        rc = agency_open(&agency, &config, &err);
    const struct enrol_task task = {
        (const char *const *)argv, (size_t)operands, (const char *const *)map.item, map.count, snapshot, quiet};
    if (rc == 0)
        rc = enrol_files(&agency, &task, &result, &err);
    for (size_t i = 0; rc == 0 && !quiet && i < agency.purposes; i++)
        report(&agency.purpose[i], &result.enrolled[i], &result.sent[i]);
    if (result.rejected > 0)
        fprintf(stderr, "%llu rows were rejected: see FILE.rejects.csv beside each file\n",
                (unsigned long long)result.rejected);
    agency_close(&agency);
    int status = verb_end("concord-client", rc, &err);
    return status == 0 && result.rejected > 0 ? EXIT_REJECTS : status;
}
