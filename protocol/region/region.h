/*
 * The region manifest: who takes part, with which keys, for which purposes, who granted what to whom. One JSON file,
 * region.json, with a detached minisign signature per coordinator beside it: region.json.<coordinator>.minisig.
 * Everything a program knows of the region it knows from here; a program refuses a manifest that is not signed by
 * enough coordinators, is older than the one it has seen, or does not follow it (previous digest), and says which.
 *
 * The JSON's layout is specified in docs/protocol.md. Unknown members are refused.
 */
#ifndef PROTOCOL_REGION_REGION_H
#define PROTOCOL_REGION_REGION_H

#include "protocol/base/buf.h"
#include "protocol/oprf/threshold.h"
#include "protocol/identity/party.h"

#include <stdbool.h>

#define REGION_NAME_MAX 63
#define REGION_URL_MAX 127
#define REGION_DIGEST_SIZE 32
#define REGION_COORDINATORS_MAX 16
#define REGION_CUSTODIANS_MAX 16
#define REGION_PURPOSES_MAX 16
#define REGION_AGENCIES_MAX 256
#define REGION_GRANTS_MAX 65536
#define REGION_FILE_MAX (16u << 20)

/* A custodian; its index in the sharing (1..n) is its position + 1. */
struct region_custodian {
    struct party party;
    char url[REGION_URL_MAX + 1]; /* tcp://10.0.0.1:7001 or ipc:///run/... */
};

struct region_purpose {
    char name[PARTY_NAME_MAX + 1];
    uint8_t schema[REGION_DIGEST_SIZE];          /* SHA-256 of the schema file */
    uint32_t epoch;                              /* the one in force */
    uint64_t retention;                          /* seconds an entry is kept; 0: until removed */
    uint64_t budget;                             /* evaluations per agency, custodian and day */
    struct element key;                          /* K, the group key of the epoch */
    struct element share[REGION_CUSTODIANS_MAX]; /* K_i, custodian by custodian */
};

/* `from` lets `to` learn of matches with its records for the purpose; joins need the grant in both directions. */
struct region_grant {
    uint16_t from, to, purpose; /* positions in agencies, agencies, purposes */
    uint8_t signature[64];      /* Ed25519 by from's sign key, see region_grant_text() */
};

struct region {
    char name[REGION_NAME_MAX + 1];
    uint64_t version;                       /* 1, 2, ... */
    uint8_t digest[REGION_DIGEST_SIZE];     /* SHA-256 of this file */
    uint8_t previous[REGION_DIGEST_SIZE];   /* SHA-256 of version - 1; zeros in version 1 */
    uint8_t normaliser[REGION_DIGEST_SIZE]; /* the normaliser fingerprint all agencies must have */

    struct party coordinators[REGION_COORDINATORS_MAX];
    size_t coordinator_count, quorum; /* how many of them must sign */

    struct party matcher;
    char matcher_url[REGION_URL_MAX + 1];
    size_t witnesses; /* cosignatures a checkpoint of the matcher needs to be final */

    struct region_custodian custodians[REGION_CUSTODIANS_MAX];
    size_t custodian_count, threshold; /* n and t */

    struct region_purpose purposes[REGION_PURPOSES_MAX];
    size_t purpose_count;

    struct party *agencies; /* owned */
    size_t agency_count;
    struct region_grant *grants; /* owned */
    size_t grant_count;
};

/*
 * Reads and verifies path and its signatures against the coordinators' keys in it and, if trusted is not NULL, against
 * the digest-pinned previous manifest: same name, version larger (or the very same digest). A first manifest is
 * trusted by the coordinators' keys being pinned: see region_pin_check(). *out is owned: region_free().
 * ERR_VERIFY: signatures, grants or succession wrong.
 */
int region_load(struct region **out, const char *path, const struct region *trusted, struct err *err);

/* Parses without checking signatures: for the tools that make manifests. */
int region_parse(struct region **out, const void *json, size_t len, struct err *err);

/* Writes the JSON text of region into out, indented, byte for byte the same for equal regions. */
int region_print(const struct region *region, struct buf *out, struct err *err);

/* path + ".<coordinator>.minisig". */
int region_signature_path(char *out, size_t size, const char *manifest, const char *coordinator, struct err *err);

/*
 * How many coordinators' signature files beside path verify over text. by, if not NULL, has coordinator_count members
 * and says whose. why keeps what was wrong with the last that does not.
 */
size_t region_signatures(const struct region *region, const char *path, struct span text, bool *by, struct err *why);

void region_free(struct region *region);

/*
 * Pin file: region, version, digest and a digest of the coordinators of the newest manifest a program has accepted,
 * kept in its state directory. The first use creates it; later an older or forked manifest, another region, or other
 * coordinators are refused (ERR_VERIFY), saying which.
 */
int region_pin_check(const struct region *region, const char *pin_path, struct err *err);

/* Positions by name or key; -1 if there is none. */
int region_find_agency(const struct region *region, const char *name);
int region_find_agency_by_channel(const struct region *region, const uint8_t channel[32]);
int region_find_purpose(const struct region *region, const char *name);
int region_find_custodian(const struct region *region, const char *name);

/* True if agencies a and b (positions) granted each other the purpose. */
bool region_mutual_grant(const struct region *region, int a, int b, int purpose);

/* The text a grant's signature covers: "concord-grant v1\n<region>\n<purpose>\n<from>\n<to>\n". Appends to out. */
int region_grant_text(struct buf *out, const char *region, const char *purpose, const char *from, const char *to,
                      struct err *err);

#endif
