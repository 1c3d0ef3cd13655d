/*
 * The agency's vault: a directory with what the agency itself must remember: which of its records are enrolled, their
 * tags and seal keys, what is to be sent, what partners' entries came in, the matches, receipts. All of it is sealed: a
 * thief of the files learns sizes and counts. Of a record's values the elements are in it that
 * judging compares, and no others. The design: docs/vault.md.
 *
 * Any number of processes look into it; one at a time is at work on it (vault_lock()). What is put becomes durable,
 * whole or not at all, with vault_commit(); records, tokens and hits stay in memory until then, outside of any
 * transaction, and are seen by this process alone.
 */
#ifndef CLIENT_VAULT_VAULT_H
#define CLIENT_VAULT_VAULT_H

#include "client/identity/except.h"
#include "client/payload/payload.h"
#include "client/vault/run.h"
#include "protocol/base/buf.h"
#include "protocol/ledger/receipt.h"
#include "protocol/oprf/oprf.h"
#include "protocol/wire/wire.h"

#define VAULT_ID_MAX FIELD_SIZE_MAX /* bytes of a record id */
#define VAULT_RECEIPT_MAX (64u << 10)
#define VAULT_DOMAINS_MAX 64
#define VAULT_RECORD_SIZE 12

/* A record as the vault knows it: a keyed hash of its id, the same in every domain. */
struct vault_ref {
    uint8_t bytes[VAULT_RECORD_SIZE];
};

struct vault;

/*
 * Opens or creates the directory, mode 0700. storage_secret: the identity's, 32 bytes. ERR_VERIFY: of another identity,
 * or damaged. ERR_INPUT: of a version that this program does not know.
 */
int vault_open(struct vault **out, const char *path, const uint8_t storage_secret[32], struct err *err);
void vault_close(struct vault *vault);

/*
 * For work of many transactions, such as enrolling: until vault_close() no other process gets this lock. Looking, and
 * single changes, need none. ERR_CONFLICT: another process has it. Harmless when held already.
 */
int vault_lock(struct vault *vault, struct err *err);

int vault_begin(struct vault *vault, struct err *err);
int vault_commit(struct vault *vault, struct err *err);
void vault_rollback(struct vault *vault); /* harmless when nothing has begun; forgets what is in memory, too */

/* Both: makes durable what is in memory. vault_pending(): bytes of that, by which a caller knows when it is time. */
int vault_settle(struct vault *vault, struct err *err);
uint64_t vault_pending(const struct vault *vault);

/* A purpose in an epoch: a domain. All that follows is within one. */
int vault_domain(struct vault *vault, const char *purpose, uint32_t epoch, int64_t *domain, struct err *err);

/* Notes of which schema a domain's keys are: when its epoch is over no manifest says it any more. */
int vault_domain_schema(struct vault *vault, int64_t domain, const uint8_t schema[SCHEMA_DIGEST_SIZE], struct err *err);

/* The last domain of a purpose before an epoch. */
struct vault_past {
    int64_t domain;
    uint32_t epoch;
    uint8_t schema[SCHEMA_DIGEST_SIZE];
};
int vault_domain_before(struct vault *vault, const char *purpose, uint32_t epoch, struct vault_past *out, bool *found,
                        struct err *err);

/* --- looking after it --- */

struct vault_report {
    uint64_t runs, bytes, pages, records, tokens;
};

/*
 * Reads all of it: every bit of every file is one that the vault wrote, in the place where it wrote it, and records,
 * tags and counts agree. ERR_VERIFY names what does not. Not noticed: a whole vault that was put back to what it was
 * before. Takes the lock.
 */
int vault_check(struct vault *vault, struct vault_report *out, struct err *err);

/* Copies the vault, as it is at one point, into a new directory, while other processes may be at work on it. */
int vault_copy(struct vault *vault, const char *to, struct err *err);

/* When it was copied by vault_backup() last, seconds since 1970; 0: never. The copy knows its own time. */
int vault_backup(struct vault *vault, const char *to, struct err *err);
int vault_backup_time(struct vault *vault, uint64_t *at, struct err *err);

/* Gives the vault at `path` to another storage secret. Nobody may have it open. */
int vault_rekey(const char *path, const uint8_t from[32], const uint8_t to[32], struct err *err);

/* --- records and tokens --- */

/* Keyed digest of a row: tells whether it changed without keeping it. */
void vault_digest(const struct vault *vault, struct span row, uint8_t out[32]);

/* The record with this id, whether the vault has it or not. */
void vault_record_ref(const struct vault *vault, const char *id, struct vault_ref *out);

/* ERR_NOT_FOUND, or whether the digest is the same. *record is set in any case. */
int vault_record_find(struct vault *vault, int64_t domain, const char *id, const uint8_t digest[32],
                      struct vault_ref *record, bool *same, struct err *err);

struct vault_token {
    uint8_t key;        /* its position in the schema */
    struct token token; /* the vault keeps the seal key alone */
};

#define VAULT_ELEMENTS_MAX 4096

struct vault_record {
    const char *id;
    uint8_t digest[32];
    const char *except;   /* whom it is not for (except_of()); NULL: for everybody */
    struct span elements; /* what judging compares, at most VAULT_ELEMENTS_MAX bytes; personal data */
};

/*
 * Inserts the record, or replaces it: all tags that it had or has are to be sent again. The vault draws its seed; one
 * that only gains tokens keeps it, any other gets a new one and with it a new handle, so that who has the old one
 * learns no more of it.
 */
int vault_record_put(struct vault *vault, int64_t domain, const struct vault_record *record,
                     const struct vault_token *token, size_t count, struct vault_ref *ref, struct err *err);
int vault_record_remove(struct vault *vault, int64_t domain, const struct vault_ref *record, struct err *err);

/*
 * An order that took records out and has not told the matcher yet, by a digest of what was ordered: so that the same
 * one after a crash goes on. Zeros: there is none any more.
 */
int vault_order_set(struct vault *vault, const uint8_t digest[32], struct err *err);
int vault_order_is(struct vault *vault, const uint8_t digest[32], bool *same, struct err *err);

/* Whom a record is not for: *changed if that was otherwise; then all its tags are to be sent again. ERR_NOT_FOUND. */
int vault_record_except(struct vault *vault, int64_t domain, const struct vault_ref *record, const char *except,
                        bool *changed, struct err *err);

/*
 * Which agencies there are decides whom the names mean: if `agencies`, a digest of them, is not the one of the last
 * time, all tags of records that are not for somebody are to be sent again. Settles.
 */
int vault_except_follow(struct vault *vault, int64_t domain, const uint8_t agencies[32], struct err *err);

/*
 * A batch of records on its way to the custodians has a nonce, of which its request's id and blinds derive: drawn and
 * durable before the first request, so that a crash repeats the very request; gone with the commit that makes the
 * records durable, so that the same values never make the same request again. digest: of the records' ids and inputs.
 * Secret.
 */
#define VAULT_NONCE_SIZE 32
#define VAULT_BATCH_DIGEST_SIZE 32
int vault_batch_begin(struct vault *vault, const uint8_t digest[VAULT_BATCH_DIGEST_SIZE],
                      uint8_t nonce[VAULT_NONCE_SIZE], struct err *err);

/* Its records are put: its nonce goes with the next commit. */
int vault_batch_end(struct vault *vault, const uint8_t digest[VAULT_BATCH_DIGEST_SIZE], struct err *err);

/* Which records a feed shows: those that it does not are removed. Memory does not grow with the feed. */
struct vault_seen;
int vault_seen_new(struct vault_seen **out, struct vault *vault, int64_t domain, struct err *err);
void vault_seen_free(struct vault_seen *seen); /* NULL is fine */
int vault_seen_add(struct vault_seen *seen, const struct vault_ref *record, struct err *err);

/* How many records of this domain it has not been shown: what vault_seen_remove_rest() would remove. */
int vault_seen_count_rest(struct vault_seen *seen, int64_t domain, uint64_t *count, struct err *err);

/* From this domain, which may be an earlier one of the purpose. Settles; *removed grows. */
int vault_seen_remove_rest(struct vault_seen *seen, int64_t domain, uint64_t *removed, struct err *err);

/*
 * Records that were withdrawn by name and do not come back with the next feed, until they are let back. Durable with
 * the next commit. vault_let_back(): ERR_NOT_FOUND.
 */
int vault_withhold(struct vault *vault, const char *id, uint64_t now, struct err *err);
int vault_is_withheld(struct vault *vault, const char *id, bool *withheld, struct err *err);
int vault_let_back(struct vault *vault, const char *id, struct err *err);
int vault_withheld_count(struct vault *vault, uint64_t *count, struct err *err);

/* All of them, in ascending order; the caller frees *out, which is NULL if there are none. */
int vault_withheld(struct vault *vault, struct vault_ref **out, size_t *count, struct err *err);

/*
 * That a feed was stopped since it would have withdrawn so many of so many records. Zeros: none is. Durable at once.
 */
struct vault_held {
    uint64_t withdrawn, of, at;
};
int vault_held_set(struct vault *vault, const struct vault_held *held, struct err *err);
int vault_held(struct vault *vault, struct vault_held *out, struct err *err);

/* Tokens a second of the last enrolment that was long enough to tell; 0: not known. Durable at once. */
int vault_pace_set(struct vault *vault, uint64_t pace, struct err *err);
int vault_pace(struct vault *vault, uint64_t *pace, struct err *err);

/*
 * The seed of a question about values with this digest: the one of the last year, so that who is asked again sees the
 * same handle; else (*kept false) one drawn now. A question that met somebody keeps it; within a transaction. Secret.
 */
int vault_question_seed(struct vault *vault, int64_t domain, const uint8_t digest[32], uint8_t seed[RECORD_SEED_SIZE],
                        bool *kept, struct err *err);
int vault_question_keep(struct vault *vault, int64_t domain, const uint8_t digest[32],
                        const uint8_t seed[RECORD_SEED_SIZE], struct err *err);

/* id of a record, and of the record that has this handle. out holds VAULT_ID_MAX + 1 bytes. ERR_NOT_FOUND. */
int vault_record_id(struct vault *vault, int64_t domain, const struct vault_ref *record, char *out, struct err *err);
int vault_handle_find(struct vault *vault, int64_t domain, const uint8_t handle[HANDLE_SIZE], char *out,
                      struct err *err);

/* unsent: tags that changed since they were sent. Of what is settled. */
struct vault_counts {
    uint64_t records, tags, unsent, matches, notices, receipts;
    uint64_t decoys; /* entries at the matcher that are no record's */
};
int vault_count(struct vault *vault, int64_t domain, struct vault_counts *out, struct err *err);

/* How many different tags of records the matcher has been sent, and has. In one walk over all of them. */
int vault_count_put(struct vault *vault, int64_t domain, uint64_t *out, struct err *err);

/* --- what is to be sent --- */

/*
 * A tag that changed since it was sent. put: those who share it go out with it; otherwise it is removed at the matcher.
 * records: how many go out with it, of those who share it; crowded: more share it than the key's cap, so that it
 * identifies nobody.
 */
struct vault_unsent_token {
    unsigned key;
    size_t member;                  /* the vault's own affair */
    uint8_t seed[RECORD_SEED_SIZE]; /* of the record; secret */
    char except[EXCEPT_TEXT_MAX + 1];
};
#define VAULT_EXCEPTS_MAX (SCHEMA_SLOTS_MAX * (EXCEPT_TEXT_MAX + 1))
struct vault_unsent {
    uint8_t tag[WIRE_TAG_SIZE], seal_key[SEAL_KEY_SIZE]; /* secret */
    bool put, crowded, sent_before;
    uint32_t crowd;                     /* the vault's own affair */
    bool emptied;                       /* it is put without records in place of being removed */
    bool cover;                         /* nothing changed of it: it is sent for the sake of others */
    char except[VAULT_EXCEPTS_MAX + 1]; /* whom it is not for, where it is without records */
    size_t records, gained;             /* gained: the first ones, of records that have the tag since */
    struct vault_unsent_token token[SCHEMA_CAP_MAX];
};

/*
 * cap: of each key. slots: of an entry. schema: the digest. alone: a record has one tag, so that there is nothing to
 * group. Borrowed.
 */
struct vault_sending_options {
    unsigned cap[SCHEMA_KEYS_MAX];
    size_t slots;
    bool alone;
    uint8_t schema[SCHEMA_DIGEST_SIZE];
};

/*
 * What a walk sends beside what changed, so that nobody sees what belongs together (crowds.h): made before the walk,
 * and durable with vault_plan_store(), which takes as many tags of invented inputs as it wants, one behind the other.
 * *out NULL: there is nothing to plan, or a walk that a crash broke off has its plan.
 */
struct vault_plan;
int vault_plan_new(struct vault_plan **out, struct vault *vault, int64_t domain,
                   const struct vault_sending_options *options, struct err *err);
void vault_plan_free(struct vault_plan *plan); /* NULL is fine */
uint64_t vault_plan_invented(const struct vault_plan *plan);

/* The nonce of which the invented inputs derive, like a batch's: gone with vault_plan_store(). Secret. */
int vault_plan_nonce(const struct vault_plan *plan, uint8_t nonce[VAULT_NONCE_SIZE], struct err *err);
int vault_plan_store(struct vault_plan *plan, const uint8_t *invented, struct err *err);

/*
 * A walk over what changed and is settled, in the order of the tags. It takes the lock. While it goes on, no record of
 * the domain may be put. What vault_sending_stored() noted is not shown again after a crash; vault_sending_finish(),
 * when all was shown and stored, commits that all of it was sent. There may be more changes then: of an enrolment
 * between a crash and this walk.
 */
struct vault_sending;
int vault_sending_open(struct vault_sending **out, struct vault *vault, int64_t domain,
                       const struct vault_sending_options *options, struct err *err);
int vault_sending_next(struct vault_sending *sending, struct vault_unsent *out, bool *end, struct err *err);

/* Within the transaction that puts the request into the outbox: all up to this tag, of this kind, is in there. */
int vault_sending_stored(struct vault_sending *sending, enum wire_type type, const uint8_t tag[WIRE_TAG_SIZE],
                         struct err *err);
int vault_sending_finish(struct vault_sending *sending, struct err *err);
void vault_sending_close(struct vault_sending *sending); /* NULL is fine */

/* How far the walk has come, in changes: tokens that came or went. And how many there are before any walk. */
uint64_t vault_sending_done(const struct vault_sending *sending);
uint64_t vault_sending_total(const struct vault_sending *sending);
int vault_changes(struct vault *vault, int64_t domain, uint64_t *out, struct err *err);

/* Requests that have not been answered yet, oldest first: a crash sends them again under the same id. */
struct vault_request {
    uint8_t id[WIRE_ID_SIZE];
    enum wire_type type;
    uint64_t count; /* entries in it */
    struct buf body;
    struct run_info run; /* where the body lies, after vault_outbox_write() */
};

/*
 * Writes the body into a file of its own; any thread, outside of transactions. Needs the lock. Then notes it, within
 * one.
 */
int vault_outbox_write(struct vault *vault, struct vault_request *request, struct err *err);
int vault_outbox_put(struct vault *vault, const struct vault_request *request, struct err *err);
int vault_outbox_next(struct vault *vault, struct vault_request *request, bool *found, struct err *err);

/* Answered: forgets the request, keeps the receipt (text form). */
int vault_outbox_done(struct vault *vault, const uint8_t id[WIRE_ID_SIZE], struct span receipt, struct err *err);

/* Forgets a request that will never be answered. */
int vault_outbox_drop(struct vault *vault, const uint8_t id[WIRE_ID_SIZE], struct err *err);

/* A receipt, and those of RECEIPT_KEPT_SECONDS before go, a few at a time. */
int vault_receipt_put(struct vault *vault, struct span receipt, struct err *err);
typedef int vault_visit_receipt(void *context, int64_t number, struct span receipt, struct err *err);
int vault_receipts(struct vault *vault, vault_visit_receipt *visit, void *context, struct err *err);

/*
 * A batch that a coalition evaluated: the events in the ledgers of its custodians, which requests name as what they
 * spend, and their receipts, text form, each ended by a NUL. of: how many were evaluated, taken: of them, spent.
 */
struct vault_evaluation {
    int64_t number;
    uint64_t time; /* of the oldest of the events */
    uint32_t of, taken;
    size_t custodians;
    struct vault_evaluated_by {
        uint8_t custodian[PARTY_DIGEST_SIZE];
        uint64_t leaf;
    } by[OPRF_COALITION_MAX];
    struct span receipts; /* borrowed */
};

#define VAULT_EVALUATION_RECEIPTS_MAX (OPRF_COALITION_MAX * VAULT_RECEIPT_MAX) /* bytes of all of them */

/* Durable with the next commit, like records. One that is there is left as it is. */
int vault_evaluation_add(struct vault *vault, int64_t domain, const struct vault_evaluation *evaluation,
                         struct err *err);

/* Those of a domain that are not wholly taken, and not older than `since`; the largest first. No receipts. */
typedef int vault_visit_evaluation(void *context, const struct vault_evaluation *evaluation, struct err *err);
int vault_evaluations(struct vault *vault, int64_t domain, uint64_t since, vault_visit_evaluation *visit, void *context,
                      struct err *err);

/* All receipts that there are, one by one. number: of the evaluation. */
int vault_evaluation_receipts(struct vault *vault, vault_visit_receipt *visit, void *context, struct err *err);

/* Takes so many; within a transaction. Or all: the one that has this event is not named any more. */
int vault_evaluation_take(struct vault *vault, int64_t number, uint32_t count, struct err *err);
int vault_evaluation_drop(struct vault *vault, const uint8_t custodian[PARTY_DIGEST_SIZE], uint64_t leaf,
                          struct err *err);

/* --- the ledgers of others --- */

/* The newest checkpoint seen of the ledger with this origin and key. */
int vault_ledger_get(struct vault *vault, const char *origin, const uint8_t key[32], struct buf *note, bool *found,
                     struct err *err);
int vault_ledger_put(struct vault *vault, const char *origin, const uint8_t key[32], struct span note, struct err *err);

/*
 * Of the matcher's ledger: the largest size seen with as many cosignatures as the manifest demands, and when. Receipts
 * of smaller leaves are final. Zeros at first.
 */
struct vault_final {
    uint64_t size, at;
};
int vault_final_get(struct vault *vault, struct vault_final *out, struct err *err);
int vault_final_put(struct vault *vault, const struct vault_final *final, struct err *err);
typedef int vault_visit_ledger(void *context, struct span note, struct err *err);
int vault_ledgers(struct vault *vault, vault_visit_ledger *visit, void *context, struct err *err);

/* --- what others should not have done --- */

/*
 * Evidence, as protocol/ledger/evidence.h writes it: each once, by kind, party and mark, and of one kind and party not
 * without end. Borrowed; the mark is not shown again.
 */
struct vault_evidence {
    int64_t number;
    const char *kind, *party;
    struct span mark, text;
};
int vault_evidence_put(struct vault *vault, const struct vault_evidence *evidence, struct err *err);
typedef int vault_visit_evidence(void *context, const struct vault_evidence *evidence, struct err *err);
int vault_evidence(struct vault *vault, vault_visit_evidence *visit, void *context, struct err *err);

/*
 * Since when this agency knows that it and another (by digest) have no mutual grant for a purpose: noted the first time
 * that it is so, forgotten where it is so no more. *since 0: it was never noted.
 */
int vault_apart_note(struct vault *vault, const char *purpose, const uint8_t partner[PARTY_DIGEST_SIZE], bool apart,
                     struct err *err);
int vault_apart_since(struct vault *vault, const char *purpose, const uint8_t partner[PARTY_DIGEST_SIZE],
                      uint64_t *since, struct err *err);

/*
 * A partner's payload for a tag did not open: of an entry, until it goes or another comes, or of a question. And how
 * many of them there are of each partner, for tags that the agency still has.
 */
int vault_unopened_put(struct vault *vault, int64_t domain, const char *partner, const uint8_t tag[WIRE_TAG_SIZE],
                       bool question, struct err *err);
int vault_unopened_forget(struct vault *vault, int64_t domain, const char *partner, const uint8_t tag[WIRE_TAG_SIZE],
                          struct err *err);
int vault_unopened_any(struct vault *vault, bool *any, struct err *err);
struct vault_unopened {
    char partner[PARTY_NAME_MAX + 1];
    uint64_t entries, questions;
};
typedef int vault_visit_unopened(void *context, const struct vault_unopened *unopened, struct err *err);
int vault_unopened(struct vault *vault, int64_t domain, vault_visit_unopened *visit, void *context, struct err *err);

/* --- what came in, and what it means --- */

/*
 * How far mail was taken in: the last message, the leaf of the ledger that it named, the mailbox's chain with it. Zeros
 * at first; of the chain also where the last message was refused: what is so of it the matcher says.
 */
struct vault_mail {
    uint64_t sequence, leaf;
    uint8_t chain[WIRE_HASH_SIZE];
};
int vault_mail_get(struct vault *vault, struct vault_mail *mail, struct err *err);
int vault_mail_set(struct vault *vault, const struct vault_mail *mail, struct err *err);

/*
 * A partner's entry for a tag: new, replaced, or (payload empty) withdrawn. The records that have the tag become stale
 * when it is committed; one for a tag that no record has is forgotten.
 */
int vault_hit_put(struct vault *vault, int64_t domain, const char *partner, const uint8_t tag[WIRE_TAG_SIZE],
                  struct span payload, struct err *err);

struct vault_hit {
    unsigned key; /* of the own record */
    uint8_t tag[WIRE_TAG_SIZE], seal_key[SEAL_KEY_SIZE];
    char partner[PARTY_NAME_MAX + 1];
    struct span payload;
};

/*
 * Shows all stale records, each with the hits that it has now, and makes them fresh: begin, hit for each, end. Many
 * records go into one transaction, in which end and flush may call vault_matches_put(). What the spans and pointers
 * show stays until flush, which comes behind the last record of a transaction; good: it is going to count, if flush
 * does not fail. NULL: nothing is held until then. *records grows.
 */
struct vault_resolved {
    struct vault_ref ref;
    const char *id;
    const uint8_t *seed; /* RECORD_SEED_SIZE, secret */
    uint32_t keys;       /* bitmap as of vault_keys() */
};
struct vault_resolving {
    void *context;
    void (*begin)(void *context);
    int (*hit)(void *context, const struct vault_hit *hit, struct err *err);
    int (*end)(void *context, const struct vault_resolved *record, struct err *err);
    int (*flush)(void *context, bool good, struct err *err);
};
int vault_resolve(struct vault *vault, int64_t domain, const struct vault_resolving *resolving, uint64_t *records,
                  struct err *err);

/* Those who have the tag, of what is settled; and with which key. seal_key: secret. */
struct vault_holder {
    struct vault_ref record;
    char id[VAULT_ID_MAX + 1];
    unsigned key;
    uint8_t seal_key[SEAL_KEY_SIZE];
};
typedef int vault_visit_holder(void *context, const struct vault_holder *holder, struct err *err);
int vault_tag_holders(struct vault *vault, int64_t domain, const uint8_t tag[WIRE_TAG_SIZE], vault_visit_holder *visit,
                      void *context, struct err *err);

/* A partner's question about values that a record of ours has. */
struct vault_notice {
    int64_t number, domain;
    uint64_t leaf, at; /* of the question's event; seconds since 1970 */
    char partner[PARTY_NAME_MAX + 1], id[VAULT_ID_MAX + 1];
    uint8_t handle[HANDLE_SIZE]; /* by which the partner means what it asked about; zeros: it did not open */
    uint32_t keys;               /* shared */
};

/* Notes it, once however often; keys of one question come together. */
int vault_notice_put(struct vault *vault, int64_t domain, const struct vault_notice *notice, struct err *err);

/* All of a domain, newest first. */
typedef int vault_visit_notice(void *context, const struct vault_notice *notice, struct err *err);
int vault_notices(struct vault *vault, int64_t domain, vault_visit_notice *visit, void *context, struct err *err);

/* Those of all domains since that time, newest first, at most so many. */
int vault_notices_newest(struct vault *vault, uint64_t since, size_t most, vault_visit_notice *visit, void *context,
                         struct err *err);

/* Where questions are told by the day alone: how many tags a partner asked about. The leaf is of the event. */
struct vault_asked {
    char partner[PARTY_NAME_MAX + 1];
    uint64_t leaf, day, count; /* day: its first second since 1970 */
};
int vault_asked_put(struct vault *vault, const char *purpose, const struct vault_asked *asked, struct err *err);

/* All of a purpose, newest day first. */
typedef int vault_visit_asked(void *context, const struct vault_asked *asked, struct err *err);
int vault_asked(struct vault *vault, const char *purpose, vault_visit_asked *visit, void *context, struct err *err);

/* Bitmap of the keys that a record has, but for those whose tag too many records share, which is not at the matcher. */
int vault_keys(struct vault *vault, int64_t domain, const struct vault_ref *record, uint32_t *keys, struct err *err);

struct vault_match {
    int64_t number;
    struct vault_ref record;
    char partner[PARTY_NAME_MAX + 1];
    uint8_t handle[HANDLE_SIZE]; /* of the partner's record */
    uint32_t keys;               /* shared */
    unsigned score, kind;        /* per cent; enum match_kind */
    bool accepted;               /* by the keys alone */
};

/*
 * Replaces the matches of the record with this id. What stays keeps its number; what goes stays as withdrawn if an
 * officer decided on it. A partner's record gets another handle where it was corrected, enrolled again or moved to
 * another epoch: it is taken for the one before if the partner has one match with this record, then and now.
 */
int vault_matches_put(struct vault *vault, int64_t domain, const struct vault_ref *record, const char *id,
                      const struct vault_match *match, size_t count, struct err *err);

/*
 * Of a domain whose epoch is over, of which nobody tells anything any more: what a later one has is not shown of it
 * again, whatever becomes of it there. Within a transaction.
 */
int vault_matches_supersede(struct vault *vault, int64_t domain, struct err *err);

/* --- what officers think of it --- */

#define REVIEW_BY_MAX 64
#define REVIEW_NOTE_MAX 1000

/*
 * A decision is about a pair: purpose, own record's id, partner, partner's record. It outlives the match: whoever
 * enrols a record anew, withdraws it and enrols it again, or moves to another epoch, finds what was decided, where it
 * is clear which of the partner's records it was (vault_matches_put()).
 */
enum review_state {
    REVIEW_NEW,
    REVIEW_CONFIRMED,
    REVIEW_DISMISSED,
    REVIEW_WITHDRAWN, /* the partner withdrew its record, or the two share too little by now */
    REVIEW_RETURNED,  /* in a history alone: it is back, and is what it was before */
    REVIEW_STATES
};

/* One line of a pair's history. */
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
    uint64_t found, withdrawn; /* when; withdrawn 0: it is there */
    enum review_state state;
    struct review_event decision; /* the last one by an officer */
};

/* All of a domain, but those that have their like in a later epoch. */
typedef int vault_visit_review(void *context, const struct vault_review *review, struct err *err);
int vault_reviews(struct vault *vault, int64_t domain, vault_visit_review *visit, void *context, struct err *err);

/*
 * The numbers of matches after this one, the oldest first, at most so many, of any domain, but for those that have
 * their like in a later epoch. A number is never given twice. *count: how many there are.
 */
int vault_reviews_after(struct vault *vault, int64_t after, int64_t *number, size_t most, size_t *count,
                        struct err *err);

/*
 * Matches in an order, from a place on: of a domain, in a state, with a partner. Each is read from an index alone, so
 * that a page takes as long with many as with few. later: those that have their like in a later epoch are left out,
 * which costs a look at each; of a domain that has no later one it need not be.
 */
enum review_order { REVIEW_SUREST, REVIEW_NEWEST };
struct review_range {
    int64_t domain;
    enum review_state state;
    char partner[PARTY_NAME_MAX + 1];
    bool later;
};
struct review_place {
    unsigned score;
    int64_t number;
};

/* Those behind a place (NULL: from the first on), at most so many. */
int vault_review_places(struct vault *vault, const struct review_range *range, enum review_order order,
                        const struct review_place *after, struct review_place *out, size_t most, size_t *count,
                        struct err *err);
int vault_review_count(struct vault *vault, const struct review_range *range, uint64_t *out, struct err *err);

/* The first partner by name behind this one ("": of all) of which there are matches in that state. */
int vault_review_partner(struct vault *vault, int64_t domain, enum review_state state, const char *after,
                         char out[PARTY_NAME_MAX + 1], bool *found, struct err *err);

/* What decides which matches stand together. */
struct review_line {
    int64_t number, domain;
    uint8_t record[VAULT_RECORD_SIZE], handle[HANDLE_SIZE];
    char partner[PARTY_NAME_MAX + 1];
    unsigned score, kind; /* enum match_kind */
    enum review_state state;
};
int vault_review_line(struct vault *vault, int64_t number, struct review_line *out, bool *found, struct err *err);

/* Those of the same own record, of any domain; of the same record of the partner. At most so many, with this one. */
int vault_review_same_own(struct vault *vault, const struct review_line *of, struct review_line *out, size_t most,
                          size_t *count, struct err *err);
int vault_review_same_other(struct vault *vault, const struct review_line *of, struct review_line *out, size_t most,
                            size_t *count, struct err *err);

/* The numbers that the newest match and the newest letter of disclosure have; 0: there is none. */
int vault_newest(struct vault *vault, int64_t *match, int64_t *letter, struct err *err);

/* One of any domain. ERR_NOT_FOUND. */
int vault_review_get(struct vault *vault, int64_t number, int64_t *domain, struct vault_review *out, struct err *err);

/* What an officer decides on a match now. ERR_NOT_FOUND. */
int vault_review_put(struct vault *vault, int64_t number, enum review_state state, const char *by, const char *note,
                     struct err *err);

/* All that happened to the pair, oldest first. */
typedef int vault_visit_event(void *context, const struct review_event *event, struct err *err);
int vault_review_history(struct vault *vault, int64_t number, vault_visit_event *visit, void *context, struct err *err);

#endif
