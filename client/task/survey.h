/*
 * Feeds looked through before anything changes: record ids that stand on several rows, and, of a snapshot, what it
 * would withdraw. What is withdrawn unasked must be little: a file that was cut short, or is another agency's, would
 * else tell all partners to forget everything.
 */
#ifndef CLIENT_TASK_SURVEY_H
#define CLIENT_TASK_SURVEY_H

#include "client/agency/agency.h"
#include "client/feed/feed.h"

#define WITHDRAW_UNASKED 10 /* records, however small the register */
#define WITHDRAW_PERCENT 5  /* of the register, unless configured otherwise */

struct survey_task {
    const char *const *path; /* CSV or JSON lines */
    size_t paths;
    struct feed_options options; /* path and dry are set here */
    bool snapshot;               /* the files together are all that the agency holds */
    bool quiet;                  /* no progress */

    /* Each row once, rejected (reason) or not; may be NULL. */
    int (*row)(void *context, size_t file, const struct record *record, const char *reason, const struct feed *feed,
               struct err *err);
    void *context;
};

struct survey {
    struct doubles *doubles;
    struct vault_seen *seen;    /* NULL: no snapshot */
    struct vault_ref *withheld; /* ascending: rows that stay out */
    size_t withhelds;
    uint64_t rows, rejected;
    uint64_t day_first, month_first, either; /* dates with the year last: for certain, or both make a date */
};

/*
 * ERR_INPUT also: a file is not one that can be read twice. Personal data of a row lives no longer than its call; what
 * is left in *out is hashes. survey_free() whatever is returned.
 */
int survey_take(struct survey *out, struct agency *agency, const struct survey_task *task, struct err *err);
void survey_free(struct survey *survey);

/* Whether a row of this id stays out, since the record was withdrawn by name. */
bool survey_withholds(const struct survey *survey, const struct vault *vault, const char *id);

/*
 * Whether dates that may be day or month first must be told apart by somebody: others have the month first, and nothing
 * was declared (then these are 0).
 */
bool survey_dates_mixed(const struct survey *survey);

/* Of a snapshot: how many records of the purpose, in either epoch, are in none of the files, and how many there are. */
int survey_rest(const struct survey *survey, struct agency *agency, const struct agency_purpose *purpose,
                uint64_t *rest, uint64_t *of, struct err *err);

/* Whether so many are withdrawn without a word: at most percent of them, or WITHDRAW_UNASKED. */
bool survey_allows(uint64_t rest, uint64_t of, uint64_t percent);

#endif
