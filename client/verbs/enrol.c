#include "client/verbs/verbs.h"

#include "client/task/enrol.h"
#include "client/task/load.h"

#include <stdio.h>

struct options {
    struct setting_list map;
    char encoding[SETTINGS_TEXT_MAX];
    bool snapshot, more, quiet;
};

static void report(const struct agency_purpose *p, const struct enrolment_counts *c, const struct outgoing_counts *o)
{
    printf("%s: %llu new, %llu changed, %llu unchanged, %llu removed; %llu tokens; tags put %llu, removed %llu",
           p->region->name, (unsigned long long)c->fresh, (unsigned long long)c->changed,
           (unsigned long long)c->unchanged, (unsigned long long)c->removed, (unsigned long long)c->tokens,
           (unsigned long long)o->put, (unsigned long long)o->removed);
    if (o->beside > 0)
        printf("; %llu others with them, %llu of these invented", (unsigned long long)o->beside,
               (unsigned long long)o->invented);
    if (o->crowded > 0)
        printf("; %llu tags shared by more than %u records left out", (unsigned long long)o->crowded, p->schema.slots);
    if (c->excepted > 0)
        printf("; %llu records are not for others than before", (unsigned long long)c->excepted);
    if (c->without_keys > 0)
        printf("; %llu rows have no field that a key is made of", (unsigned long long)c->without_keys);
    printf("\n");
}

/* The first load ends with the first enrolment that was complete: from then on entries meet partners'. */
static int end_load(struct agency *a, struct err *err)
{
    bool closed[REGION_PURPOSES_MAX];
    int rc = load_end(a, closed, err);
    for (size_t i = 0; i < a->purposes; i++)
        if (closed[i])
            printf("%s: the first load is closed: what was enrolled meets partners' entries from now on\n",
                   a->purpose[i].region->name);
    if (rc == 0)
        rc = load_complete(a, closed, err);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        if (closed[i])
            printf("%s: the register is complete as of now: a document that is not in it is unknown to its issuer\n",
                   a->purpose[i].region->name);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    static struct enrol_result result;
    struct agency *agency = call->opened;
    const struct options *o = call->options;
    const struct enrol_task task = {(const char *const *)call->operand,
                                    (size_t)call->operands,
                                    (const char *const *)o->map.item,
                                    o->map.count,
                                    o->encoding,
                                    o->snapshot,
                                    o->quiet};
    int rc = enrol_files(agency, &task, &result, err);
    for (size_t i = 0; rc == 0 && !o->quiet && i < agency->purposes; i++)
        if (agency_enrols(agency, &agency->purpose[i]))
            report(&agency->purpose[i], &result.enrolled[i], &result.sent[i]);
    if (rc == 0 && !o->more)
        rc = end_load(agency, err);
    if (result.rejected > 0) {
        fprintf(stderr, "%llu rows were rejected: see FILE.rejects.csv beside each file\n",
                (unsigned long long)result.rejected);
        call->status = EXIT_REJECTS;
    }
    return rc;
}

static const struct setting settings[] = {
    {"map", NULL, NULL, SETTING_LIST, offsetof(struct options, map), "COLUMN=FIELD",
     "the file's COLUMN holds FIELD; may be repeated"},
    {"encoding", NULL, NULL, SETTING_TEXT, offsetof(struct options, encoding), "NAME",
     "what the files are written in, where not UTF-8 or UTF-16: windows-1252, windows-874, gb18030 ..."},
    {"snapshot", NULL, NULL, SETTING_SWITCH, offsetof(struct options, snapshot), NULL,
     "the FILEs are everything: withdraw records that are in none"},
    {"more", NULL, NULL, SETTING_SWITCH, offsetof(struct options, more), NULL,
     "more files come: leave the first load of an epoch open"},
    {"quiet", NULL, NULL, SETTING_SWITCH, offsetof(struct options, quiet), NULL, "print nothing but errors"},
};

const struct verb enrol_verb = {
    .name = "enrol",
    .brief = "enrol the rows of CSV or JSONL files",
    .operands = "FILE...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Enrols the rows of CSV or JSON lines files: blinds their match keys, has them evaluated, puts the tags at the matcher. Rows that\n"
        "did not change cost nothing; after an interruption, run it again. A purpose of the manifest is a pass over the file.",
    .more =
        "Columns: record_id, family_name, given_names, name_native, aliases, sex, date_of_birth, calendar, nationality,\n"
        "doc_type, doc_issuer, doc_number, mrz; not_for, protected, country_of_birth. A row that cannot be used goes to FILE.rejects.csv. Exit status: 0, 1 failed, 2 usage, 3 rows rejected.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES | CLIENT_JOBS,
    .run = run,
};
