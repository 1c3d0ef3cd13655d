/*
 * Enrolling feeds: for each purpose a pass over the files, then what changed goes to the matcher. Rows that did not
 * change cost nothing; after an interruption it is simply done again.
 */
#ifndef CLIENT_TASK_ENROL_H
#define CLIENT_TASK_ENROL_H

#include "client/feed/feed.h"
#include "client/token/enrolment.h"
#include "client/token/outgoing.h"

struct enrol_task {
    const char *const *path; /* CSV or JSON lines */
    size_t paths;
    struct feed_options feed; /* how they are read; path and doubles are set here */
    bool snapshot; /* the files together are all that the agency holds: withdraw records that are in none of them */
    uint64_t withdraw_percent; /* of the records: so many are withdrawn without a word (survey_allows()) */
    uint64_t withdraw;         /* so many, since somebody said so */
    bool quiet;                /* no progress */
};

struct enrol_result {
    struct enrolment_counts enrolled[REGION_PURPOSES_MAX]; /* as in agency->purpose[] */
    struct outgoing_counts sent[REGION_PURPOSES_MAX];
    uint64_t rejected; /* rows of all files; each file's are where feed_rejects_path() says */
    uint64_t withheld; /* rows whose records were withdrawn by name, and stay so */
    uint64_t either;   /* dates that may be day or month first, and nothing was declared: read day first */
    bool mixed;        /* but not read, since others have the month first for certain */
    uint64_t doubles;  /* ids that stand on several rows; these are among the rejected */
    bool held;         /* ERR_DENIED: it would have withdrawn too much, and changed nothing */
};

/*
 * ERR_DENIED also if this client normalises otherwise than the manifest says, or if the snapshot would withdraw more
 * than it may; the vault remembers that (vault_held()). What was done before a failure is kept.
 */
int enrol_files(struct agency *agency, const struct enrol_task *task, struct enrol_result *result, struct err *err);

#endif
