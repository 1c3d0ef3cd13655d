/* Synchronising: what is unsent goes out, so that an interrupted enrolment is completed; mail comes in; matches are
 * found. */
#ifndef CLIENT_TASK_SYNC_H
#define CLIENT_TASK_SYNC_H

#include "client/desk/desk.h"
#include "client/judge/judge.h"
#include "client/mail/inbox.h"

struct sync_result {
    struct inbox_counts mail;
    struct letters_counts letters;
    struct judge_counts judging;
    struct desk_counts desk;
    uint64_t unopened[REGION_AGENCIES_MAX]; /* payloads by partner that did not open and were left aside */
    uint64_t left[REGION_AGENCIES_MAX];     /* matches by partner beyond what is kept of a record */
    struct {
        uint64_t looked_at;         /* records whose hits changed */
        uint64_t matches;           /* there are now, those of the epoch before among them */
        uint64_t records, before;   /* enrolled in the current epoch, and in the one before */
        uint64_t left;              /* matches of that one which the current does not have */
    } purpose[REGION_PURPOSES_MAX]; /* as in agency->purpose[] */
};

/*
 * The agency must be open for all purposes: their mail comes together. What was done before a failure is kept. Letters
 * are answered whatever is due.
 */
int synchronise(struct agency *agency, bool quiet, enum judge_due due, struct sync_result *result, struct err *err);

#endif
