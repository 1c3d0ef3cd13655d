/*
 * Questions, as at a border: whether partners have a record that matches these values. Nothing is enrolled. One signed
 * request is about all purposes and as many questions as there are; one that is refused is asked again purpose by
 * purpose, so that no purpose takes another one's answer away. Each tag carries a payload as an entry does: a
 * partner that has a record of it finds the question in its mailbox, opens it, and begins to judge the two.
 */
#ifndef CLIENT_TASK_QUESTION_H
#define CLIENT_TASK_QUESTION_H

#include "client/task/answer.h"

struct question {
    const struct record *record;
    const uint8_t *except; /* digests of partners not to be asked, strictly ascending; may be NULL */
    size_t except_count;
    uint32_t purposes; /* bitmap of the agency's purposes, by position; 0: all */
};

/* Who asks, again and again: it keeps its connections. One thread, which has the agency and its vault. */
struct asker;

/* agency is borrowed. timeout_ms: as evaluator_new() has it. */
int asker_new(struct asker **out, struct agency *agency, uint64_t timeout_ms, struct err *err);
void asker_free(struct asker *asker); /* NULL is fine; asker_settle() goes before it */

/* A question and what became of it. answer is to be freed in any case. */
struct inquiry {
    struct question question;
    struct answer answer;
    int rc; /* ERR_INPUT: no value is a key of any purpose; ERR_DENIED: nobody and this agency granted each other any */
    struct err err;
};

/* Asks all of them, in as few requests as can be; each has its own end. */
void asker_ask(struct asker *asker, struct inquiry *const *inquiry, size_t count);

/* What can be done before anybody asks, a little of it. False: nothing is left. */
bool asker_prepare(struct asker *asker);

/*
 * Receipts of questions that met nobody are kept in memory until this; of those that met somebody they are in the vault
 * with what was met.
 */
int asker_settle(struct asker *asker, struct err *err);
size_t asker_unsettled(const struct asker *asker);

#endif
