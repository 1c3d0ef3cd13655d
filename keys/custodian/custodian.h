/*
 * The custodian at work: evaluates blinded elements with its shares, within the manifest and its limits, and writes
 * down that it did, before it answers.
 */
#ifndef KEYS_CUSTODIAN_CUSTODIAN_H
#define KEYS_CUSTODIAN_CUSTODIAN_H

#include "keys/custodian/state.h"
#include "protocol/daemon/backup.h"

/*
 * Opens the store, puts the manifest in force with the shares of the directory, which must belong to it, writes the
 * start into the ledger. daemon and shares_dir are borrowed. After a failure, too, custodian_close().
 */
int custodian_open(struct custodian *custodian, struct daemon *daemon, const char *shares_dir, struct err *err);

/* Writes the stop into the ledger, exports it, closes; writes nothing more into one that was put back. */
void custodian_close(struct custodian *custodian);

/* Which of the manifest's custodians this is; ERR_DENIED: none. */
int custodian_find_self(int *own, const struct daemon *daemon, const struct region *region, struct err *err);

/*
 * Whether the share of this purpose's current epoch is there (ERR_NOT_FOUND) and is the one of custodian `own` in the
 * manifest (ERR_VERIFY).
 */
int share_check(const struct shares *shares, const struct region_purpose *purpose, int own, struct err *err);

/* The members of a struct daemon_service; context is the struct custodian. */
int custodian_authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                        struct err *err);
void custodian_handle(void *context, struct rpc_request *request);
int custodian_tick(void *context, struct err *err);
int custodian_check(void *context, struct err *err);
void custodian_measure(void *context);
int custodian_copy(void *context, const char *dir, struct err *err);
int custodian_reload(void *context, struct err *err); /* manifest and shares: both, or neither */

/* What a backup of the custodian is: with its shares, which are sealed under its identity. Borrows both. */
void custodian_backup(struct backup *out, struct daemon *daemon, const char *shares_dir);

#endif
