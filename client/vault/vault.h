/*
 * The agency's vault: a SQLite file with what the agency itself must remember: which of its records are enrolled, their
 * tags and seal keys, what is to be sent, what partners' entries came in, the matches, receipts. Record ids, seal keys
 * and handles are sealed (XChaCha20-Poly1305) or stand as keyed hashes; the field values of records are not in it at
 * all.
 *
 * Any number of processes look into it; one at a time is at work on it (vault_lock()). Changes happen between
 * vault_begin() and vault_commit(), and survive a crash whole or not at all.
 */
#ifndef CLIENT_VAULT_VAULT_H
#define CLIENT_VAULT_VAULT_H

#include "client/payload/payload.h"
#include "protocol/base/buf.h"
#include "protocol/wire/wire.h"

#define VAULT_ID_MAX FIELD_SIZE_MAX /* bytes of a record id */
#define VAULT_RECEIPT_MAX (64u << 10)

struct vault;

/* Opens or creates the file, mode 0600. storage_secret: the identity's, 32 bytes. ERR_VERIFY: of another identity, or
 * no vault. */
int vault_open(struct vault **out, const char *path, const uint8_t storage_secret[32], struct err *err);
void vault_close(struct vault *vault);

/*
 * For work of many transactions, such as enrolling: until vault_close() no other process gets this lock. Looking, and
 * single changes, need none. ERR_CONFLICT: another process has it. Harmless when held already.
 */
int vault_lock(struct vault *vault, struct err *err);

/* 32 secret bytes that record secrets derive from; live as long as the vault. */
const uint8_t *vault_record_key(const struct vault *vault);

int vault_begin(struct vault *vault, struct err *err);
int vault_commit(struct vault *vault, struct err *err);
void vault_rollback(struct vault *vault); /* harmless when nothing has begun */

/* A purpose in an epoch: a domain. All that follows is within one. */
int vault_domain(struct vault *vault, const char *purpose, uint32_t epoch, int64_t *domain, struct err *err);

/* --- records and tokens --- */

/* Keyed digest of a record's OPRF inputs: tells whether a row changed without keeping the row. */
void vault_digest(const struct vault *vault, struct span inputs, uint8_t out[32]);

/* ERR_NOT_FOUND, or its number and whether the digest is the same. */
int vault_record_find(struct vault *vault, int64_t domain, const char *id, const uint8_t digest[32], int64_t *record,
                      bool *same, struct err *err);

/* Notes that a run of enrolment has seen the record. */
int vault_record_seen(struct vault *vault, int64_t record, int64_t run, struct err *err);

/* Inserts the record, or replaces it: what it had for tokens is dropped and their tags are to be sent again. */
int vault_record_put(struct vault *vault, int64_t domain, const char *id, const uint8_t digest[32],
                     const uint8_t handle[HANDLE_SIZE], int64_t run, int64_t *record, struct err *err);

/* A seal key as the vault keeps it; safe for concurrent use by several threads, beside whatever else the vault does. */
#define VAULT_SEALED_KEY_SIZE (SEAL_KEY_SIZE + 40)
void vault_seal_key(const struct vault *vault, uint8_t out[VAULT_SEALED_KEY_SIZE],
                    const uint8_t seal_key[SEAL_KEY_SIZE]);
int vault_token_put(struct vault *vault, int64_t domain, int64_t record, unsigned key, const uint8_t tag[WIRE_TAG_SIZE],
                    const uint8_t sealed_key[VAULT_SEALED_KEY_SIZE], struct err *err);
int vault_record_remove(struct vault *vault, int64_t record, struct err *err);

/* The next run's number; and a record that the run has not seen (ERR_NOT_FOUND if there is none). */
int vault_run(struct vault *vault, int64_t *run, struct err *err);
int vault_unseen(struct vault *vault, int64_t domain, int64_t run, int64_t *record, struct err *err);

/* id of a record, and of the record that has this handle. out holds VAULT_ID_MAX + 1 bytes. ERR_NOT_FOUND. */
int vault_record_id(struct vault *vault, int64_t record, char *out, struct err *err);
int vault_handle_find(struct vault *vault, int64_t domain, const uint8_t handle[HANDLE_SIZE], char *out,
                      struct err *err);

struct vault_counts {
    uint64_t records, tags, unsent, matches, receipts;
};
int vault_count(struct vault *vault, int64_t domain, struct vault_counts *out, struct err *err);

/* --- what is to be sent --- */

/*
 * A tag that changed since it was sent, as the vault keeps it: sealed, to be opened by whichever thread seals the
 * entry. records: how many share it; more than the cap: only so many tokens are here.
 */
#define VAULT_SEALED_ID_MAX (VAULT_ID_MAX + 40)
struct vault_token {
    unsigned key;
    size_t len;
    uint8_t sealed_id[VAULT_SEALED_ID_MAX];
};
struct vault_unsent {
    int64_t number;
    uint8_t tag[WIRE_TAG_SIZE], sealed_key[VAULT_SEALED_KEY_SIZE];
    bool sent_before;
    size_t records;
    struct vault_token token[SCHEMA_CAP_MAX];
};

/* Calls visit for such tags above `after` (NULL: all), ascending, until it returns false. It must not change the
 * vault. */
typedef bool vault_visit_unsent(void *context, const struct vault_unsent *unsent);
int vault_unsent(struct vault *vault, int64_t domain, const uint8_t *after, unsigned cap, vault_visit_unsent *visit,
                 void *context, struct err *err);

/* Opens what vault_unsent() gave; id holds VAULT_ID_MAX + 1 bytes. Any thread, as vault_seal_key(). */
int vault_open_key(const struct vault *vault, uint8_t seal_key[SEAL_KEY_SIZE],
                   const uint8_t sealed[VAULT_SEALED_KEY_SIZE], struct err *err);
int vault_open_id(const struct vault *vault, char *id, struct span sealed, struct err *err);

/* The tag goes out with the request being put into the outbox; gone: it is removed there, and here if no record has
 * it. */
int vault_tag_sent(struct vault *vault, int64_t domain, int64_t number, bool gone, struct err *err);

/* Requests that have not been answered yet, oldest first: a crash sends them again under the same id. */
struct vault_request {
    uint8_t id[WIRE_ID_SIZE];
    enum wire_type type;
    uint64_t count; /* entries in it */
    struct buf body;
};
int vault_outbox_put(struct vault *vault, const struct vault_request *request, struct err *err);
int vault_outbox_next(struct vault *vault, struct vault_request *request, bool *found, struct err *err);

/* Answered: forgets the request, keeps the receipt (text form). */
int vault_outbox_done(struct vault *vault, const uint8_t id[WIRE_ID_SIZE], struct span receipt, struct err *err);

/* Forgets a request that will never be answered. */
int vault_outbox_drop(struct vault *vault, const uint8_t id[WIRE_ID_SIZE], struct err *err);
int vault_receipt_put(struct vault *vault, struct span receipt, struct err *err);
typedef int vault_visit_receipt(void *context, int64_t number, struct span receipt, struct err *err);
int vault_receipts(struct vault *vault, vault_visit_receipt *visit, void *context, struct err *err);

/* --- the ledgers of others --- */

/* The newest checkpoint seen of the ledger with this origin and key. */
int vault_log_get(struct vault *vault, const char *origin, const uint8_t key[32], struct buf *note, bool *found,
                  struct err *err);
int vault_log_put(struct vault *vault, const char *origin, const uint8_t key[32], struct span note, struct err *err);
typedef int vault_visit_log(void *context, struct span note, struct err *err);
int vault_logs(struct vault *vault, vault_visit_log *visit, void *context, struct err *err);

/* Two checkpoints that do not belong together, each once and not without end. */
int vault_evidence_put(struct vault *vault, struct span seen, struct span shown, struct err *err);
typedef int vault_visit_evidence(void *context, int64_t number, struct span seen, struct span shown, struct err *err);
int vault_evidence(struct vault *vault, vault_visit_evidence *visit, void *context, struct err *err);

/* --- what came in, and what it means --- */

/* The sequence number up to which mail was taken in. */
int vault_mail_get(struct vault *vault, uint64_t *sequence, struct err *err);
int vault_mail_set(struct vault *vault, uint64_t sequence, struct err *err);

/* A partner's entry for a tag: new, replaced, or (payload empty) withdrawn. The records concerned become stale. */
int vault_hit_put(struct vault *vault, int64_t domain, const char *partner, const uint8_t tag[WIRE_TAG_SIZE],
                  struct span payload, struct err *err);

/* A record whose hits changed since it was scored. ERR_NOT_FOUND: none. vault_matches_put() makes it fresh. */
int vault_stale_next(struct vault *vault, int64_t domain, int64_t *record, struct err *err);

struct vault_hit {
    unsigned key; /* of the own record */
    uint8_t tag[WIRE_TAG_SIZE], seal_key[SEAL_KEY_SIZE];
    const char *partner;
    struct span payload;
};
typedef int vault_visit_hit(void *context, const struct vault_hit *hit, struct err *err);
int vault_hits(struct vault *vault, int64_t domain, int64_t record, vault_visit_hit *visit, void *context,
               struct err *err);

/* Bitmap of the keys that a record has, but for those whose tag too many records share, which is not at the matcher. */
int vault_keys(struct vault *vault, int64_t record, uint32_t *keys, struct err *err);

struct vault_match {
    int64_t number, record;
    char partner[PARTY_NAME_MAX + 1];
    uint8_t pseudonym[PSEUDONYM_SIZE], handle[HANDLE_SIZE];
    uint32_t keys;        /* shared */
    unsigned score, kind; /* per cent; enum match_kind */
};

/* Replaces a record's matches. What stays keeps its number; what goes stays as withdrawn if an officer decided on
 * it. */
int vault_matches_put(struct vault *vault, int64_t domain, int64_t record, const struct vault_match *match,
                      size_t count, struct err *err);

/* --- what officers think of it --- */

#define REVIEW_BY_MAX 64
#define REVIEW_NOTE_MAX 1000

/*
 * A decision is about a pair: purpose, own record's id, partner, partner's pseudonym of its record. It outlives the
 * match: whoever enrols a record anew, withdraws it and enrols it again, or moves to another epoch, finds what was
 * decided.
 */
enum review_state {
    REVIEW_NEW,
    REVIEW_CONFIRMED,
    REVIEW_DISMISSED,
    REVIEW_WITHDRAWN, /* the partner withdrew its record, or the two share too little by now */
    REVIEW_RETURNED,  /* in a history alone: it is back, and is what it was before */
    REVIEW_STATES
};

/* One line of a pair's history. Sealed in the vault: by, note. */
struct review_event {
    enum review_state state;
    uint64_t at;   /* seconds since 1970; 0: nothing was decided yet */
    uint32_t keys; /* shared at that time */
    unsigned score;
    char by[REVIEW_BY_MAX + 1]; /* the officer; of withdrawn and returned: the partner */
    char note[REVIEW_NOTE_MAX + 1];
};

/* A match and where its review stands. */
struct vault_review {
    struct vault_match match;
    char id[VAULT_ID_MAX + 1]; /* of the own record */
    uint8_t own[16];           /* the same for the same id in every purpose */
    uint64_t found, withdrawn; /* when; withdrawn 0: it is there */
    enum review_state state;
    struct review_event decision; /* the last one by an officer */
};

/* All of a domain, best score first. */
typedef int vault_visit_review(void *context, const struct vault_review *review, struct err *err);
int vault_reviews(struct vault *vault, int64_t domain, vault_visit_review *visit, void *context, struct err *err);

/* One of any domain. ERR_NOT_FOUND. */
int vault_review_get(struct vault *vault, int64_t number, int64_t *domain, struct vault_review *out, struct err *err);

/* What an officer decides on a match now. ERR_NOT_FOUND. */
int vault_review_put(struct vault *vault, int64_t number, enum review_state state, const char *by, const char *note,
                     struct err *err);

/* All that happened to the pair, oldest first. */
typedef int vault_visit_event(void *context, const struct review_event *event, struct err *err);
int vault_review_history(struct vault *vault, int64_t number, vault_visit_event *visit, void *context, struct err *err);

#endif
