/*
 * Checks of border posts: a thread that has an agency and its vault asks about all that waits, in one request; checks
 * that come close together travel together. An answer comes by the caller's deadline, whatever happens: if not all is
 * known by then it says so, and what becomes of the check is found under its reference.
 */
#ifndef CLIENT_BORDER_CHECKER_H
#define CLIENT_BORDER_CHECKER_H

#include "client/agency/agency.h"
#include "client/border/posts.h"
#include "client/border/request.h"

#include <jansson.h>

#define CHECK_REF_TEXT 33 /* 16 random bytes in hexadecimal, with the end */
#define CHECK_KEY_MAX 128 /* of an idempotency key */
#define CHECKS_MAX 4096   /* that are remembered; the oldest goes first */

struct checker;

/* config and identity are borrowed. The agency is opened at the first check. */
int checker_open(struct checker **out, const struct agency_config *config, const struct identity *identity,
                 struct err *err);

/* Answers what waits, as at its deadline, and ends the threads: nothing is taken any more. */
void checker_end(struct checker *checker);

/* The same, and frees. NULL is fine, here and there. */
void checker_close(struct checker *checker);

/*
 * What a check was answered, a body as of client/border/openapi.json that nobody changes; borrowed until the function
 * returns. Called once, by another thread. NULL: out of memory.
 */
typedef void checker_tell(void *context, unsigned status, json_t *body);

enum checker_taken {
    CHECKER_TAKEN,
    CHECKER_FULL,    /* more wait than may: later */
    CHECKER_CONFLICT /* the key was used for another request */
};

/*
 * Takes a check, copied; key: "" or the caller's, under which the same request is answered by the same check. ref is
 * there before anything is told; NULL: it is not wanted.
 */
enum checker_taken checker_submit(struct checker *checker, char ref[CHECK_REF_TEXT], const struct post *post,
                                  const char *key, const struct check_request *request, checker_tell *tell,
                                  void *context);

/* How it stands: a reference of its own (json_decref()). ERR_NOT_FOUND: none of this post's. */
int checker_get(struct checker *checker, const struct post *post, const char *ref, json_t **out, struct err *err);

#endif
