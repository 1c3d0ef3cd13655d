/* What the vault remembers of calling who is on duty: what waits for an answer here, and what was told of it. */
#ifndef CLIENT_VAULT_DUTY_H
#define CLIENT_VAULT_DUTY_H

#include "client/vault/inquiries.h"

/* A question or recall of a partner's that waits for this agency, and what was told of it. */
struct vault_duty {
    int64_t letter;
    enum letter_kind kind;
    uint8_t peer[PARTY_DIGEST_SIZE];
    char purpose[PARTY_NAME_MAX + 1];
    uint64_t urgency, at, due; /* of a recall urgency 0; due 0: no date */
    unsigned calls;            /* that it is there: the first, and each escalation */
    uint64_t called;           /* the last of these, seconds since 1970 */
    bool reminded, late;       /* was told */
};

/* All of them, the oldest first; and notes what was told of one. */
typedef int vault_visit_duty(void *context, const struct vault_duty *duty, struct err *err);
int vault_duties(struct vault *vault, vault_visit_duty *visit, void *context, struct err *err);
int vault_duty_set(struct vault *vault, const struct vault_duty *duty, struct err *err);

/*
 * Matches that both sides judged to be one since this was asked last, by partner and purpose; the first time there are
 * none. Within a transaction.
 */
typedef int vault_visit_judged(void *context, const char *partner, const char *purpose, uint64_t count,
                               struct err *err);
int vault_duty_judged(struct vault *vault, uint64_t now, vault_visit_judged *visit, void *context, struct err *err);

#endif
