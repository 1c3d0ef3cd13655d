/*
 * One request of questions: what they ask of all purposes goes to each custodian in one request, and to the matcher in
 * one. Of each purpose it has as many tags as of the others, filled up with random ones, so that it says neither what
 * was asked nor how much.
 */
#ifndef CLIENT_TASK_ASKING_H
#define CLIENT_TASK_ASKING_H

#include "client/mail/hits.h"
#include "client/task/asked.h"
#include "client/token/evaluator.h"

#define ASKING_TAGS_MAX 4096 /* the most of a purpose, for each of them */
#define ASKING_ROWS_MAX 256  /* questions times purposes */

struct asking_part {
    const struct agency_purpose *purpose;
    size_t own, n; /* tags of questions, and all */
    struct span *input;
    uint8_t (*output)[OPRF_OUTPUT_SIZE]; /* secret, as what follows */
    struct token *token;
    struct asked **owner; /* of each token; NULL: nobody's, it fills up */
    uint8_t *at;          /* which of the owner's inputs it is */
    uint32_t *order;      /* by tag */
    struct buf tags, payloads;
};

struct asking {
    struct agency *agency;
    struct asked *asked[ASKING_ROWS_MAX]; /* borrowed; no two collide */
    size_t count;
    const uint8_t *except; /* digests of partners not to be asked, strictly ascending; borrowed */
    size_t except_count;
    struct asking_part part[REGION_PURPOSES_MAX]; /* by name */
    size_t parts;
    struct evaluator_paid paid;  /* all of it is spent on this request */
    struct buf message, receipt; /* the reply; what the vault keeps of it */
    struct query_reply reply;
    struct hits_verdict verdict;
};

/* Evaluates, asks, and checks the answer: reply and verdict. asking_free() in any case. */
int asking_run(struct asking *asking, struct evaluator *evaluator, struct err *err);
void asking_free(struct asking *asking);

#endif
