/*
 * The region manifest: who takes part, with which keys, for which purposes, who granted what to whom. One JSON file,
 * region.json, with a detached minisign signature per coordinator beside it: region.json.<coordinator>.minisig.
 * Everything a program knows of the region it knows from here; a program refuses a manifest that is not signed by
 * enough coordinators, is older than the one it has seen, or does not come from it (history), and says which.
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
#define REGION_EPOCHS_MAX 2
#define REGION_SLOTS_MAX 4
#define REGION_HISTORY_MAX 4096
#define REGION_OVERRIDES_MAX (REGION_AGENCIES_MAX * REGION_PURPOSES_MAX)
#define REGION_REGISTERS_MAX 256
#define REGION_ISSUER_SIZE 4
#define REGION_DUTIES_MAX (REGION_AGENCIES_MAX * REGION_PURPOSES_MAX)
#define REGION_CONTACT_MAX 127
#define REGION_HOURS_MAX 31
#define REGION_FILE_MAX (16u << 20)
#define REGION_SIGNATURE_MAX 4096
#define REGION_NEXT ".next" /* behind the name of a signature file that is about to be put in place */

/* A custodian; its index in the sharing (1..n) is its position + 1. */
struct region_custodian {
    struct party party;
    char url[REGION_URL_MAX + 1]; /* tcp://10.0.0.1:7001 or ipc:///run/... */
};

enum region_kind {
    REGION_MATCH = 1, /* records of people: both sides learn of a match and judge it */
    REGION_ISSUED     /* a register of valid documents: a hit says "valid", its owner gets counts of questions */
};

/*
 * What an agency may do in a purpose. Tokens of the region are elements that a whole coalition evaluated; days are UTC
 * days of the ledger.
 */
struct region_limits {
    uint64_t load; /* tokens of the first load of an epoch: 0 or a power of two; 0: the register is open at once */
    uint64_t load_until; /* when that load closes of itself, seconds since 1970; 0: only when it is closed */
    uint64_t daily;      /* tokens a day after that */
    uint64_t meets;      /* new meetings a day with one partner; of a pair the smaller of both holds */
    uint64_t asks;       /* tags asked a day of one partner, padding included */
    uint64_t judgements; /* handles of one partner judged against one own record in a year */
    uint64_t entries;    /* entries held in an epoch */
    uint64_t mailbox;    /* messages waiting */
    uint64_t letters;    /* letters a day */
};

/* The limits' names in the manifest, in the order above; and the place of one, NULL for an unknown name. */
#define REGION_LIMITS 9
extern const char *const region_limit_names[REGION_LIMITS];
uint64_t *region_limit(struct region_limits *limits, const char *name);

/*
 * What officers may ask of each other about a match, and by when (docs/letters.md). Times in seconds: until an answer
 * to a question of that urgency is late, until a recall must be acknowledged, how long disclosed values are kept.
 */
enum region_urgency { REGION_ROUTINE, REGION_URGENT, REGION_EMERGENCY, REGION_URGENCIES };
#define REGION_BASES_MAX 16
struct region_disclosure {
    uint64_t answer[REGION_URGENCIES];
    uint64_t recall, keep;
    bool second_officer;                              /* confirms a release before it goes out */
    char basis[REGION_BASES_MAX][PARTY_NAME_MAX + 1]; /* codes of legal bases; without any nothing may be asked */
    size_t bases;
};
extern const char *const region_urgency_names[REGION_URGENCIES];

/* Whether it names this legal basis. */
bool region_has_basis(const struct region_disclosure *disclosure, const char *code);

/* What becomes of records under one key. */
struct region_epoch {
    uint32_t epoch;
    uint32_t generation;                         /* of the key's sharing, from 1 */
    uint64_t until;                              /* when it ends, seconds since 1970; 0: it is the current one */
    uint8_t schema[REGION_DIGEST_SIZE];          /* SHA-256 of the schema file */
    uint8_t normaliser[REGION_DIGEST_SIZE];      /* the normaliser fingerprint all agencies must have */
    uint32_t slots;                              /* of each entry, 1..REGION_SLOTS_MAX: the schema's */
    struct element key;                          /* K, the group key of the epoch */
    struct element share[REGION_CUSTODIANS_MAX]; /* K_i, custodian by custodian */
};

struct region_purpose {
    char name[PARTY_NAME_MAX + 1];
    enum region_kind kind;
    uint64_t retention; /* seconds an entry is kept; 0: until removed */
    struct region_limits limits;
    struct region_disclosure disclosure;
    /* Ascending. The last is current: evaluations, puts and queries are in it; the one before lasts until its date. */
    struct region_epoch epochs[REGION_EPOCHS_MAX];
    size_t epoch_count;
};

/* One agency's own limits in a purpose. */
struct region_override {
    uint16_t agency, purpose; /* positions */
    struct region_limits limits;
};

/*
 * An agency's register of all valid documents of an issuer, in a purpose of kind issued: it is declared to be complete,
 * so that a document of that issuer which it does not have is none. It is old when it was not said to be complete for
 * `fresh` seconds; 0: never.
 */
struct region_register {
    uint16_t agency, purpose;        /* positions */
    char issuer[REGION_ISSUER_SIZE]; /* three capital letters, as zones have it */
    uint64_t fresh;
};

/* Who answers for an agency in a purpose, and when (protocol/region/duty.h). */
struct region_duty {
    uint16_t agency, purpose; /* positions */
    char contact[REGION_CONTACT_MAX + 1], hours[REGION_HOURS_MAX + 1];
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
    uint8_t (*history)[REGION_DIGEST_SIZE]; /* SHA-256 of versions 1 .. version - 1, owned */
    size_t history_count;                   /* version - 1 */

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
    uint8_t (*digests)[PARTY_DIGEST_SIZE]; /* party_digest() of each agency, owned; made by region_parse() */
    struct region_override *overrides;     /* owned */
    size_t override_count;
    struct region_register *registers; /* owned */
    size_t register_count;
    struct region_duty *duties; /* owned */
    size_t duty_count;
    struct region_grant *grants; /* owned */
    size_t grant_count;
};

/*
 * Reads and verifies path and its signatures against the coordinators' keys in it and, if trusted is not NULL, against
 * the one in force: same name, version larger and with that one in its history (or the very same digest). A first
 * manifest is trusted by the coordinators' keys being pinned: see region_pin_check(). *out is owned: region_free().
 * ERR_VERIFY: signatures, grants or succession wrong.
 */
int region_load(struct region **out, const char *path, const struct region *trusted, struct err *err);

/* One coordinator's signature over a manifest: the text of its .minisig file, borrowed. */
struct region_signature {
    char coordinator[PARTY_NAME_MAX + 1];
    struct span text;
};

/* The same for a manifest that came by any way, with its signatures: any source will do, since they are checked. */
int region_take(struct region **out, struct span text, const struct region_signature *signatures, size_t count,
                const struct region *trusted, struct err *err);

/*
 * Puts what region_take() accepted in the place of path, signatures beside it. What was there stays as path.v<N>, with
 * its signatures. A crash, or a reader in between, finds the old manifest with its signatures or the new one with its.
 */
int region_install(const char *path, struct span text, const struct region_signature *signatures, size_t count,
                   struct err *err);

/* Keeps a manifest and the signatures that lie beside path as path.v<N>, N its version. */
int region_keep(const struct region *region, const char *path, struct span text, struct err *err);

/*
 * The signatures beside path that verify, with their texts in store: as many as the return value says, at most
 * REGION_COORDINATORS_MAX. store must outlive them, and be of REGION_COORDINATORS_MAX * REGION_SIGNATURE_MAX bytes.
 */
size_t region_signatures_read(struct region_signature *out, struct buf *store, const struct region *region,
                              const char *path, struct span text);

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
 * kept in its state directory. The first use creates it; later an older manifest, one without the pinned digest in its
 * history, another region, or other coordinators are refused (ERR_VERIFY), saying which.
 */
int region_pin_check(const struct region *region, const char *pin_path, struct err *err);

/* Positions by name, key or digest; -1 if there is none. */
int region_find_agency(const struct region *region, const char *name);
int region_find_agency_by_channel(const struct region *region, const uint8_t channel[32]);
int region_find_agency_by_digest(const struct region *region, const uint8_t digest[PARTY_DIGEST_SIZE]);
int region_find_purpose(const struct region *region, const char *name);
int region_find_custodian(const struct region *region, const char *name);

/* Any party of the manifest, the matcher among them; NULL if there is none with this channel key. */
const struct party *region_find_party_by_channel(const struct region *region, const uint8_t channel[32]);

/*
 * The parties that write letters to each other: agencies (at their positions), custodians, coordinators. The i-th one,
 * NULL behind the last; and one by name or digest, NULL if there is none.
 */
const struct party *region_party(const struct region *region, size_t i);
const struct party *region_find_party(const struct region *region, const char *name);
const struct party *region_find_party_by_digest(const struct region *region, const uint8_t digest[PARTY_DIGEST_SIZE]);

/*
 * NULL if the two may write to each other about that purpose, else why not, in half a sentence. Two agencies write
 * about a purpose that they granted each other; all others about none ("").
 */
const char *region_letter_hindrance(const struct region *region, const struct party *a, const struct party *b,
                                    const char *purpose);

/* The current epoch of a purpose. */
static inline const struct region_epoch *region_current(const struct region_purpose *purpose)
{
    return &purpose->epochs[purpose->epoch_count - 1];
}

/*
 * The epoch of that number, current or ending; NULL if the manifest does not have it. Its date is for the caller to
 * see.
 */
const struct region_epoch *region_find_epoch(const struct region_purpose *purpose, uint32_t epoch);

/* The limits in force for an agency in a purpose (positions): its own, else the purpose's. */
const struct region_limits *region_limits(const struct region *region, int agency, int purpose);

/* The register of an issuer's documents in a purpose (position); NULL if none is declared. */
const struct region_register *region_find_register(const struct region *region, int purpose, const char *issuer);

/* Who answers for the agency in the purpose (positions); NULL if the manifest does not say. */
const struct region_duty *region_find_duty(const struct region *region, int agency, int purpose);

/*
 * What each custodian enforces of a limit in tokens of the region: tokens * t / n, rounded up, since each token takes t
 * of n. And back, rounded down: what a custodian's evaluations are worth in tokens.
 */
uint64_t region_share_of(const struct region *region, uint64_t tokens);
uint64_t region_tokens_of(const struct region *region, uint64_t evaluations);

/* True if agencies a and b (positions) granted each other the purpose. */
bool region_mutual_grant(const struct region *region, int a, int b, int purpose);

/*
 * The text a grant's signature covers: "concord-grant v2\n<region>\n<purpose>\n<digest of from>\n<digest of to>\n",
 * digests (party_digest()) in hexadecimal. Appends to out.
 */
int region_grant_text(struct buf *out, const char *region, const char *purpose, const struct party *from,
                      const struct party *to, struct err *err);

#endif
