/*
 * The log of what the agency's people did, for its supervisors and its data-protection authority. Each entry is chained
 * to the one before and signed by the agency, so that none can be changed, taken out or put in between later without
 * the agency's key; the newest ones can be left away by who has the vault, unless their number was written down
 * elsewhere. It lies in the vault, sealed, and says which record and which letter something was about, never a value.
 *
 *   hash      BLAKE2b-256 of "concord-activity-1", the hash before (zeros at first), and number, at (u64be), by, role,
 *             act, about, detail, each as buf_put_part() has it
 *   signature Ed25519 of the hash by the agency's signing key
 *
 * An exported log is a line of JSON an entry: these names, hash and signature in hexadecimal.
 */
#ifndef CLIENT_OFFICE_ACTIVITY_H
#define CLIENT_OFFICE_ACTIVITY_H

#include "client/vault/office.h"
#include "protocol/identity/identity.h"

#define ACTIVITY_LINE_MAX 8192 /* bytes of an exported entry */

/* What somebody does: before it is done, so that nothing is done unseen. Texts that are too long are cut. */
struct activity {
    const char *by, *role, *act, *about, *detail; /* NULL: "" */
};

/* A transaction of its own. */
int activity_note(struct vault *vault, const struct identity *identity, const struct activity *activity,
                  struct err *err);

/* All entries, to standard output or a file that is made new. *count of them. */
int activity_export(struct vault *vault, const char *path, uint64_t *count, struct err *err);

/*
 * Checks an exported log against the agency's key: every hash, signature and number, from the first entry. ERR_VERIFY,
 * ERR_INPUT name the line. *count of entries, *last: when the newest was made.
 */
int activity_verify(const char *path, const struct party *agency, uint64_t *count, uint64_t *last, struct err *err);

#endif
