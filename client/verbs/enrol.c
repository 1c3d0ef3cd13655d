#include "client/verbs/verbs.h"

#include "client/feed/feed.h"
#include "client/token/enrolment.h"
#include "client/token/outgoing.h"

#include <stdio.h>
#include <string.h>

static struct agency_config config;
static struct setting_list map;
static bool snapshot, quiet;

/* Whoever normalises otherwise would enrol tags that meet nobody's. */
static int check_fingerprint(const struct agency *a, struct err *err)
{
    uint8_t own[REGION_DIGEST_SIZE];
    char want[2 * REGION_DIGEST_SIZE + 1], have[2 * REGION_DIGEST_SIZE + 1];
    int rc = normaliser_fingerprint(own, err);
    if (rc != 0 || memcmp(own, a->region->normaliser, sizeof own) == 0)
        return rc;
    return err_set(err, ERR_DENIED, "this client normalises names otherwise than the region (fingerprint %.16s, not %.16s): "
                   "install the ICU version that the coordinators name", bytes_to_hex(have, own, sizeof own),
                   bytes_to_hex(want, a->region->normaliser, sizeof own));
}

static int read_feed(struct enrolment *e, struct feed *feed, struct progress *progress, struct err *err)
{
    struct record record;
    bool end = false;
    uint64_t done, total;
    int rc = 0;
    for (uint64_t rows = 0; rc == 0; rows++) {
        rc = feed_next(feed, &record, &end, err);
        if (rc != 0 || end)
            break;
        rc = enrolment_add(e, &record, err);
        feed_progress(feed, &done, &total);
        progress_show(progress, done, total, rows, "rows");
    }
    return rc;
}

static void report(const struct agency_purpose *p, const struct enrolment_counts *c, const struct outgoing_counts *o)
{
    printf("%s: %llu new, %llu changed, %llu unchanged, %llu removed; %llu tokens; tags put %llu, removed %llu",
           p->region->name, (unsigned long long)c->fresh, (unsigned long long)c->changed, (unsigned long long)c->unchanged,
           (unsigned long long)c->removed, (unsigned long long)c->tokens, (unsigned long long)o->put,
           (unsigned long long)o->removed);
    if (o->crowded > 0)
        printf("; %llu tags shared by more than %u records left out", (unsigned long long)o->crowded, p->schema.cap);
    if (c->without_keys > 0)
        printf("; %llu rows have no field that a key is made of", (unsigned long long)c->without_keys);
    printf("\n");
}

static int enrol_purpose(struct agency *a, const struct agency_purpose *p, const char *path, int64_t run,
                         uint64_t *rejected, struct err *err)
{
    struct enrolment *e = NULL;
    struct feed *feed = NULL;
    struct progress progress;
    struct outgoing_counts sent = {0};
    char what[PARTY_NAME_MAX + 64];
    const struct feed_options options = {path, (const char *const *)map.item, map.count};
    snprintf(what, sizeof what, "%s: evaluating", p->region->name);
    progress_start(&progress, what, quiet);
    int rc = feed_open(&feed, &options, err);
    if (rc == 0)
        rc = enrolment_new(&e, a, p, run, err);
    if (rc == 0)
        rc = read_feed(e, feed, &progress, err);
    if (rc == 0)
        rc = feed_finish(feed, err);
    if (rc == 0)
        rc = enrolment_finish(e, snapshot, err);
    progress_end(&progress);
    snprintf(what, sizeof what, "%s: sending", p->region->name);
    progress_start(&progress, what, quiet);
    if (rc == 0)
        rc = outgoing_send(a, p, &progress, &sent, err);
    progress_end(&progress);
    if (rc == 0 && !quiet)
        report(p, enrolment_counts(e), &sent);
    if (rc == 0)
        *rejected = feed_rejected(feed);
    enrolment_free(e);
    feed_free(feed);
    return rc;
}

static int enrol_file(struct agency *a, const char *path, uint64_t *rejected, struct err *err)
{
    int64_t run;
    uint64_t of_file = 0;
    int rc = vault_run(a->vault, &run, err);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = enrol_purpose(a, &a->purpose[i], path, run, &of_file, err);
    if (rc == 0 && of_file > 0)
        fprintf(stderr, "%s: %llu rows were rejected: see %s.rejects.csv\n", path, (unsigned long long)of_file, path);
    *rejected += of_file;
    return rc;
}

int enrol_main(int argc, char **argv)
{
    static const struct setting settings[] = {
        {"map", NULL, NULL, SETTING_LIST, &map, "COLUMN=FIELD", "the file's COLUMN holds FIELD; may be repeated"},
        {"snapshot", NULL, NULL, SETTING_SWITCH, &snapshot, NULL, "the one FILE is everything: withdraw records that are not in it"},
        {"quiet", NULL, NULL, SETTING_SWITCH, &quiet, NULL, "print nothing but errors"},
        AGENCY_SETTINGS(config),
    };
    static const struct usage usage = {
        "concord-client enrol", "FILE...",
        "Enrols the rows of CSV files: blinds their match keys, has them evaluated, puts the tags at the matcher. Rows that\n"
        "did not change cost nothing; after an interruption, run it again. A purpose of the manifest is a pass over the file.",
        "Columns: record_id, family_name, given_names, name_native, sex, date_of_birth, nationality, doc_type, doc_issuer,\n"
        "doc_number. A row that cannot be used goes to FILE.rejects.csv. Exit status: 0, 1 failed, 2 usage, 3 rows rejected.",
        settings, 3 + AGENCY_SETTINGS_COUNT};
    static struct agency agency;
    struct err err;
    bool done;
    int operands;
    uint64_t rejected = 0;
    int rc = settings_load(&usage, &agency_known, AGENCY_CONFIG_DEFAULT, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && (operands == 0 || (snapshot && operands != 1)))
        rc = err_set(&err, ERR_USAGE, "enrol needs the name of %s; see --help", snapshot ? "one CSV file" : "a CSV file");
    if (rc == 0)
        rc = agency_open(&agency, &config, &err);
    if (rc == 0)
        rc = check_fingerprint(&agency, &err);
    for (int i = 0; rc == 0 && i < operands; i++)
        rc = enrol_file(&agency, argv[i], &rejected, &err);
    agency_close(&agency);
    int status = verb_end("concord-client", rc, &err);
    return status == 0 && rejected > 0 ? EXIT_REJECTS : status;
}
