/*
 * What a receipt (protocol/ledger/receipt.h) promises, held against the ledger. Its owner signed that the event is in
 * its tree; so a ledger that leads to the newest checkpoint, which the same owner signed, and has another event there,
 * convicts it. A copy that leads nowhere convicts nobody.
 */
#ifndef PROTOCOL_AUDIT_RULES_PROMISE_H
#define PROTOCOL_AUDIT_RULES_PROMISE_H

#include "protocol/audit/walk/audit.h"
#include "protocol/ledger/receipt.h"

#define PROMISE_TEXT_MAX (64u << 10) /* bytes of a receipt's text */

struct promise {
    bool kept;
    uint64_t index;
    struct event event;
};

/* Adds findings where it is not kept. text: the receipt; what: how to call it. */
int promise_check(struct promise *out, struct audit *audit, const struct walk *walk, struct span text, const char *what,
                  struct err *err);

#endif
