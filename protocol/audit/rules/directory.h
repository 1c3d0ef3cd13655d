/*
 * Every file in a ledger's directory is part of it and verified, or named as not part of it. Entries, tiles and
 * checkpoints are verified by walking (walk.h); here are what lies beside them, manifests with their signatures, notes
 * of other ledgers, and what belongs to nothing.
 */
#ifndef PROTOCOL_AUDIT_DIRECTORY_H
#define PROTOCOL_AUDIT_DIRECTORY_H

#include "protocol/audit/walk/audit.h"

#define STRAYS_KEPT 16

/* Files that are not part of the ledger, below its directory. */
struct strays {
    char name[STRAYS_KEPT][128];
    size_t count; /* also those that are not kept */
};

/* Adds findings for what should verify and does not. Of a ledger that was walked to its end. */
int directory_check(struct audit *audit, const struct walk *walk, struct strays *out, struct err *err);

#endif
