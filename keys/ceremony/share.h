/*
 * A custodian's shares: the secret scalars of its purposes and epochs, in files sealed under its identity
 * (XChaCha20-Poly1305), mode 0600. A custodian keeps one file per ceremony in a directory.
 */
#ifndef KEYS_CEREMONY_SHARE_H
#define KEYS_CEREMONY_SHARE_H

#include "protocol/group/group.h"
#include "protocol/identity/identity.h"
#include "protocol/region/region.h"

struct share {
    char purpose[PARTY_NAME_MAX + 1];
    uint32_t epoch;
    struct scalar scalar; /* secret */
};

#define SHARES_MAX 256

/* All shares a custodian holds. Secret: shares_wipe(). */
struct shares {
    struct share share[SHARES_MAX];
    size_t count;
};

/* Never overwrites. */
int shares_write(const char *path, const struct shares *shares, const struct identity *identity, struct err *err);

/* Adds the shares of one file, or of all files *.share in a directory. ERR_VERIFY: of another identity, or damaged. */
int shares_load(struct shares *shares, const char *path, const struct identity *identity, struct err *err);
int shares_load_directory(struct shares *shares, const char *dir, const struct identity *identity, struct err *err);

/* NULL if there is none. */
const struct scalar *shares_find(const struct shares *shares, const char *purpose, uint32_t epoch);

void shares_wipe(struct shares *shares);

#endif
