/*
 * The manifests of a region through time, each as it was in force: those that the auditor gives, and those that are
 * found beside a ledger and that the given ones vouch for: older ones by the chain of digests, newer ones by the
 * signatures of the coordinators that the newest known one names. What nothing vouches for is left out.
 */
#ifndef PROTOCOL_AUDIT_MANIFESTS_H
#define PROTOCOL_AUDIT_MANIFESTS_H

#include "protocol/region/region.h"

#define MANIFESTS_MAX 4096
#define ROSTER_MAX 4096           /* distinct names of agencies and purposes in all manifests */
#define ROSTER_CUSTODIANS_MAX 32  /* distinct custodians in all manifests: by name and key of their ledgers */
#define MANIFESTS_DIR "manifests" /* below the ledger's directory */

/* A manifest, asked by the numbers of the roster. Agencies and purposes have one numbering. */
struct manifest {
    struct region *region;
    int16_t *agency;                          /* [ROSTER_MAX]: position in the region, -1 if it has none of that name */
    int16_t *purpose;                         /* the same */
    uint8_t *mutual;                          /* bits: purpose, agency, agency */
    uint8_t custodian[REGION_CUSTODIANS_MAX]; /* their numbers, by position */
};

struct manifests {
    struct manifest *list; /* ascending by version */
    size_t count;
    char (*name)[PARTY_NAME_MAX + 1]; /* by number */
    size_t names;
    uint16_t *bucket; /* open addressing: number + 1 */
    const struct party
        *custodian[ROSTER_CUSTODIANS_MAX]; /* by number: those of the newest manifest first, in its order */
    size_t custodians;
};

/* At least one path. Every given one must verify (ERR_VERIFY) and be of one region. dirs: of ledgers. */
int manifests_load(struct manifests *out, char *const *paths, size_t count, char *const *dirs, size_t dir_count,
                   struct err *err);
void manifests_free(struct manifests *manifests);

/* The newest: it says whose ledgers are audited. */
const struct region *manifests_newest(const struct manifests *manifests);

/* NULL if there is none with this digest. */
const struct manifest *manifests_find(const struct manifests *manifests, const uint8_t digest[REGION_DIGEST_SIZE]);

/* The number of a name; -1 if no manifest has it. */
int manifests_number(const struct manifests *manifests, const char *name);

/* The number of a custodian, by name and key of its ledger; -1 if no manifest has it. */
int manifests_custodian(const struct manifests *manifests, const struct party *party);

/* By numbers, which may be -1: then false. */
bool manifest_has_agency(const struct manifest *manifest, int agency);
const struct region_purpose *manifest_purpose(const struct manifest *manifest, int purpose); /* NULL: none */
bool manifest_mutual(const struct manifest *manifest, int purpose, int a, int b);

#endif
