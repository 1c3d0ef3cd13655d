/*
 * What the matcher keeps: entries, couples that wait, mailboxes, answers to requests, what agencies are to each other,
 * and its ledger. The words here are
 * those of matching; nothing above this header knows which engine is behind it (RocksDB: rocksdb.c and its neighbours).
 *
 * All changes go through a struct store_write, which one thread at a time may have. It gathers changes and ledger
 * events and commits them in one atomic, durable write, or not at all. Reads within a write see the state before it:
 * ask store_write_hides() before reading an entry that the same write may have changed. Everything declared under
 * "reading" may be called by any thread, during a write too, and sees what is committed.
 *
 * Agencies and purposes are known by small numbers that the store gives once and for ever, to an agency by its
 * identity's digest, to a purpose by its name; 0 is none. So a successor under a known name with another key is
 * another number, which has nothing.
 */
#ifndef MATCHER_STORE_STORE_H
#define MATCHER_STORE_STORE_H

#include "protocol/ledger/archive.h"
#include "protocol/ledger/ledger.h"
#include "protocol/ledger/witness.h"
#include "protocol/wire/mailbox.h"
#include "protocol/wire/wire.h"

#define STORE_NAMES_MAX 4096               /* agencies and purposes that were ever named */
#define STORE_WRITE_BYTES_MAX (256u << 20) /* what one write may hold */

struct store;
struct store_write;

struct store_options {
    const char *dir;
    const char *origin;        /* of the ledger: "<region>/<matcher>" */
    const uint8_t *log_secret; /* 64 bytes, borrowed for the store's life */
    const char *archive;       /* directory of the batches; NULL: none is kept */
};

/*
 * Opens or creates. ERR_CONFLICT: another process has it; ERR_VERIFY: its ledger has another origin or key, or the
 * archive is not this store's.
 */
int store_open(struct store **out, const struct store_options *options, struct err *err);
void store_close(struct store *store);

/* The archive alone, of a store that was opened without, before anything is written: cut where the store ends. */
int store_open_archive(struct store *store, const char *dir, struct err *err);

/*
 * Stages into batch, of a store that was put back and is not open otherwise, that `count` numbers of a party's mailbox
 * were handed out since; a party that was not known then has a name and a mailbox from now on.
 */
int store_skip_mail(struct kv *kv, struct kv_batch *batch, const struct party *party, uint64_t count, struct err *err);

/* The ledger, for proofs and export. Events are appended through store_event() alone. */
struct ledger *store_ledger(struct store *store);

/* Makes the new directory dir a copy of the store, without its archive, as it is at one point, whoever writes. */
int store_copy(struct store *store, const char *dir, struct err *err);

/* Erases whole segments of the archive that hold nothing put since `before`. Not during a write. */
int store_prune_archive(struct store *store, uint64_t before, struct err *err);

/* --- reading --- */

/* The number of an agency, 0 if it was in no manifest so far. */
uint16_t store_agency(struct store *store, const uint8_t digest[PARTY_DIGEST_SIZE]);

/*
 * The name of a number, of an agency as it was called last, and its digest; NULL if there is none. They live as long
 * as the store.
 */
const char *store_name(struct store *store, uint16_t id);
const uint8_t *store_digest(struct store *store, uint16_t id);

/* How far an agency's register of a purpose and epoch is. */
enum store_phase {
    STORE_PHASE_NONE = 0,    /* nothing was put yet */
    STORE_PHASE_LOADING = 1, /* its first load goes on: its entries meet nobody's */
    STORE_PHASE_OPENING = 2, /* that is over, and its entries are being joined */
    STORE_PHASE_OPEN = 3
};

/* What an agency holds of a purpose in an epoch. */
struct store_held {
    uint16_t purpose, agency;
    uint32_t epoch;
    uint64_t count; /* entries */
    enum store_phase phase;
    uint64_t complete; /* when its agency last said that all of it is there (CLOSE); 0: never */
};
struct store_held store_held(struct store *store, uint16_t purpose, uint32_t epoch, uint16_t agency);
uint64_t store_count_epochs(struct store *store, uint16_t purpose, uint16_t agency); /* entries of all epochs */

/* A mailbox: the sequence number given last, and the one acknowledged. What is between them waits. */
struct store_mailbox {
    uint64_t last, acknowledged;
    uint8_t chain[WIRE_HASH_SIZE]; /* with the last */
};
struct store_mailbox store_mailbox(struct store *store, uint16_t agency);

/* The same as the write at hand leaves it; only for who has that write. */
struct store_mailbox store_mailbox_now(const struct store *store, uint16_t agency);

/* The mailbox's chain with this message. ERR_NOT_FOUND: there is none of that number, or not any more. */
int store_mailbox_chain(struct store *store, uint16_t agency, uint64_t sequence, uint8_t chain[WIRE_HASH_SIZE],
                        struct err *err);

struct store_message {
    uint64_t sequence;
    enum mailbox_kind kind;
    uint16_t purpose, partner;
    uint32_t epoch;
    uint8_t tag[WIRE_TAG_SIZE];
    uint64_t time, leaf; /* of the event that covers it */
    uint64_t count;      /* of MAILBOX_COUNT */
    struct span payload;
    const uint8_t *letter;                                 /* appending a letter: the digest of its event */
    uint8_t before[WIRE_HASH_SIZE], after[WIRE_HASH_SIZE]; /* reading: the mailbox's chain without it, and with it */
};

/*
 * Calls visit for the messages after `after`, oldest first, until it returns false: those that wait, and those that
 * were acknowledged and are kept. Spans live during the call.
 */
typedef bool store_visit_message(void *context, const struct store_message *message);
int store_mailbox_read(struct store *store, uint16_t agency, uint64_t after, store_visit_message *visit, void *context,
                       struct err *err);

/* What a request id was used for and came to. */
struct store_answer {
    uint8_t digest[32]; /* of the request */
    uint64_t index;     /* of its event in the ledger */
    uint64_t time;      /* of that event */
    struct span result; /* in the caller's encoding */
};

/* Fills answer, whose result lies in *bytes afterwards. ERR_NOT_FOUND. */
int store_answer_get(struct store *store, uint16_t agency, const uint8_t id[WIRE_ID_SIZE], struct store_answer *answer,
                     struct buf *bytes, struct err *err);

/*
 * The longer answer to a query, which lies apart from the short one since it is kept for a shorter time: appended to
 * *bytes. ERR_NOT_FOUND once it is gone.
 */
int store_hits_get(struct store *store, uint16_t agency, const uint8_t id[WIRE_ID_SIZE], uint64_t time,
                   struct buf *bytes, struct err *err);

/* The newest prekey of a party (docs/letters.md), as it signed it, and its event. ERR_NOT_FOUND. */
#define STORE_PREKEY_MAX 512 /* bytes */
struct store_prekey {
    uint64_t leaf;
    struct span statement; /* in *bytes */
};
int store_prekey_get(struct store *store, uint16_t party, struct store_prekey *out, struct buf *bytes, struct err *err);

/* What a party sent about a purpose (0: about none) on the last day that it sent something; zeros if it never did. */
struct store_sent {
    uint64_t day; /* since 1970 */
    uint64_t units;
};
int store_sent_get(struct store *store, uint16_t party, uint16_t purpose, struct store_sent *out, struct err *err);

/* Whether the entries of two agencies are joined. */
enum store_pair_state { STORE_PAIR_NONE = 0, STORE_PAIR_JOINED = 1, STORE_PAIR_BEGINS = 2, STORE_PAIR_ENDS = 3 };

/* Meetings beyond the day's limit that an agency allows with a partner. */
struct store_release {
    uint64_t left, until;
};

/*
 * What two agencies are to each other in a purpose. Of what has two members, the first is of the one with the lower
 * number.
 */
struct store_pair {
    uint16_t purpose, low, high;
    enum store_pair_state state;
    bool suspended[2];                   /* by that side */
    uint64_t resumed_day[2], resumed[2]; /* how often that side ended its suspension on that day */
    struct store_release release[2];
    uint64_t waiting;  /* couples */
    uint64_t day;      /* since 1970, that met and asked are of */
    uint64_t met;      /* new meetings */
    uint64_t asked[2]; /* tags that side asked the other about */
    uint64_t owed_day; /* an earlier day, of which */
    uint64_t owed[2];  /* as many asked tags are still to be told, in a purpose of kind issued */
};

/* Zeros but for the names if there is nothing to know. */
struct store_pair store_pair(struct store *store, uint16_t purpose, uint16_t a, uint16_t b);

/* Which of the two members are agency's. */
static inline int store_side(const struct store_pair *pair, uint16_t agency)
{
    return agency == pair->high;
}

/* A place among a purpose's tags, for walking them in steps. All zeros: before the first. */
struct store_position {
    bool started;
    uint32_t epoch;
    uint8_t tag[WIRE_TAG_SIZE];
};

/* How far the walk over a purpose for beginning and ending pairs has come. ERR_NOT_FOUND: none is under way. */
int store_progress_get(struct store *store, uint16_t purpose, struct store_position *out, struct err *err);

/* The manifest whose grants the entries are joined under; version 0 at first. */
struct store_manifest {
    uint64_t version;
    uint8_t digest[32];
};
struct store_manifest store_manifest(struct store *store);

/* --- writing --- */

/* Begins a write on the state committed now. It ends with store_commit() or store_abandon(). */
int store_begin(struct store_write **out, struct store *store, struct err *err);

/*
 * Seals the ledger, writes everything or nothing, and returns after fsync. ERR_NO_MEMORY: the disk is full; what was
 * there is kept. Ends the write either way.
 */
int store_commit(struct store_write *write, struct err *err);
void store_abandon(struct store_write *write);

/*
 * Marks how far the write has come, in the place of an earlier mark; and takes back what was staged since, once for a
 * mark. If that fails, the write can only be abandoned. store_write_hides() goes on to name the tags that were taken
 * back.
 */
int store_save(struct store_write *write, struct err *err);
int store_undo(struct store_write *write, struct err *err);

/* Bytes gathered so far, to be kept below STORE_WRITE_BYTES_MAX. */
size_t store_write_bytes(const struct store_write *write);
bool store_write_is_empty(const struct store_write *write);

/* The store that a write is on. */
struct store *store_of(const struct store_write *write);

/* Now, as the ledger counts it (ledger_time()): what a change and its events are dated with. */
uint64_t store_time(const struct store_write *write);

/* Appends an event; *index is its leaf, its bytes go to *encoded; either may be NULL. */
int store_event(struct store_write *write, const struct event *event, uint64_t *index, struct buf *encoded,
                struct err *err);

/* Keeps the request's body that the event at index is about in the archive, if the store has one; before its event's
 * commit. */
int store_archive(struct store_write *write, const struct archive_record *record, struct err *err);

/* The number, given now if there is none. One of this write is void if the write is abandoned. */
int store_agency_add(struct store_write *write, const uint8_t digest[PARTY_DIGEST_SIZE], const char *name, uint16_t *id,
                     struct err *err);
int store_purpose_add(struct store_write *write, const char *name, uint16_t *id, struct err *err);

/*
 * Small numbers as the write at hand will leave them, for the writer alone; NULL if there are none. The at functions
 * give all of them, i from 0; those that are "change" make what is missing, and what is set through them is written.
 * The pointers stay.
 */
const struct store_held *store_held_at(const struct store *store, size_t i);
const struct store_held *store_held_now(const struct store *store, uint16_t purpose, uint32_t epoch, uint16_t agency);
int store_phase_put(struct store_write *write, uint16_t purpose, uint32_t epoch, uint16_t agency,
                    enum store_phase phase, struct err *err);
/* Its agency says at `time` that all of it is there. */
int store_complete_put(struct store_write *write, uint16_t purpose, uint32_t epoch, uint16_t agency, uint64_t time,
                       struct err *err);
const struct store_pair *store_pair_at(const struct store *store, size_t i);
const struct store_pair *store_pair_now(const struct store *store, uint16_t purpose, uint16_t a, uint16_t b);
int store_pair_change(struct store_write *write, uint16_t purpose, uint16_t a, uint16_t b, struct store_pair **out,
                      struct err *err);

/* One agency's entry for a tag. */
struct store_entry {
    uint16_t agency;
    uint64_t time;      /* when it was put, seconds since 1970 */
    struct span except; /* agencies that it must not meet, u16be each */
    struct span payload;
};

/* Whether the entry must not meet that agency. */
bool store_entry_excludes(const struct store_entry *entry, uint16_t agency);

/* All entries for one tag, in ascending order of agency. Reused from call to call. */
struct store_entries {
    struct store_entry *entry;
    size_t count, room;
    struct buf bytes; /* where exceptions and payloads lie */
};
void store_entries_init(struct store_entries *entries);
void store_entries_free(struct store_entries *entries);

/* The agency's own among them; NULL if it has none. */
const struct store_entry *store_entries_own(const struct store_entries *entries, uint16_t agency);

/* Whether this write changed the tag's entries and store_entries_get() would not show it. */
bool store_write_hides(const struct store_write *write, const struct tag_place *at);

int store_entries_get(struct store_write *write, const struct tag_place *at, struct store_entries *out,
                      struct err *err);

/* old: the agency's entry as store_entries_get() gave it, NULL if there is none. */
int store_entry_put(struct store_write *write, const struct tag_place *at, const struct store_entry *old,
                    const struct store_entry *entry, struct err *err);
int store_entry_remove(struct store_write *write, const struct tag_place *at, const struct store_entry *old,
                       struct err *err);

/* Moves to the next tag of the purpose that has entries and gets them. *found false at the end. */
int store_entries_next(struct store_write *write, uint16_t purpose, struct store_position *position,
                       struct store_entries *out, bool *found, struct err *err);

/* Entries of a purpose that were put before `before`, oldest first; at most max. */
struct store_expired {
    uint32_t epoch;
    uint8_t tag[WIRE_TAG_SIZE];
    uint16_t agency;
};
int store_expired(struct store_write *write, uint16_t purpose, uint64_t before, struct store_expired *out, size_t max,
                  size_t *count, struct err *err);

/*
 * Couples that wait, in the order of the leaf that made them wait, epoch, tag. How many a pair has is the caller's to
 * count, in struct store_pair. Reads show what is committed.
 */
struct store_waiting {
    uint64_t leaf;
    uint32_t epoch;
    uint8_t tag[WIRE_TAG_SIZE];
};
void store_waiting_put(struct store_write *write, const struct store_pair *pair, const struct store_waiting *waiting);
void store_waiting_remove(struct store_write *write, const struct store_pair *pair,
                          const struct store_waiting *waiting);

/* Fills the leaf of the couple of that epoch and tag. ERR_NOT_FOUND: it does not wait. */
int store_waiting_get(struct store_write *write, const struct store_pair *pair, struct store_waiting *waiting,
                      struct err *err);

/* The first of a pair, at most max. */
int store_waiting_first(struct store_write *write, const struct store_pair *pair, struct store_waiting *out, size_t max,
                        size_t *count, struct err *err);

/* Appends to a mailbox; message->sequence is ignored, the next one is given, to *sequence, which may be NULL. */
int store_mailbox_append(struct store_write *write, uint16_t agency, const struct store_message *message,
                         uint64_t *sequence, struct err *err);

int store_prekey_put(struct store_write *write, uint16_t party, const struct store_prekey *prekey, struct err *err);
void store_sent_put(struct store_write *write, uint16_t party, uint16_t purpose, const struct store_sent *sent);

/* A letter that lies in a mailbox. Noted when it is appended; those older than `before`, oldest first, at most max. */
struct store_lying {
    uint64_t time, sequence;
    uint16_t party;
};
void store_lying_put(struct store_write *write, const struct store_lying *lying);
int store_lying(struct store_write *write, uint64_t before, struct store_lying *out, size_t max, size_t *count,
                struct err *err);

/* It lies no longer: true if nobody had acknowledged it, and it is gone. */
bool store_lying_end(struct store_write *write, const struct store_lying *lying);

/* All messages up to `through` are done. *count: how many were not yet. ERR_INPUT if there is no such message yet. */
int store_mailbox_acknowledge(struct store_write *write, uint16_t agency, uint64_t through, uint64_t *count,
                              struct err *err);

/* Remembers what a request came to, at answer->time. */
int store_answer_put(struct store_write *write, uint16_t agency, const uint8_t id[WIRE_ID_SIZE],
                     const struct store_answer *answer, struct err *err);
void store_hits_put(struct store_write *write, uint16_t agency, const uint8_t id[WIRE_ID_SIZE], uint64_t time,
                    struct span hits);

/*
 * What an agency has spent of a receipt of evaluation: an event of a custodian's ledger. since: time of the event that
 * named it first; last: leaf of the one that did last. ERR_NOT_FOUND: it was never named, or that is forgotten.
 */
struct store_spending {
    uint64_t since, last;
    uint32_t of, taken;
};
int store_spending_get(struct store *store, uint16_t agency, const uint8_t custodian[PARTY_DIGEST_SIZE], uint64_t leaf,
                       struct store_spending *out, struct err *err);
void store_spending_put(struct store_write *write, uint16_t agency, const uint8_t custodian[PARTY_DIGEST_SIZE],
                        uint64_t leaf, const struct store_spending *spending);

/* Forgets those first named before `before`, at most max. *more: there may be more. */
int store_spending_clean(struct store_write *write, uint64_t before, size_t max, bool *more, struct err *err);

/*
 * Erases answers given before `answers`, hits given before `hits`, and acknowledged messages from before `mail`, at
 * most max of each; *more: there may be more.
 */
struct store_clean_before {
    uint64_t answers, hits, mail;
};
int store_clean(struct store_write *write, const struct store_clean_before *before, size_t max, bool *more,
                struct err *err);

void store_progress_put(struct store_write *write, uint16_t purpose, const struct store_position *position);
void store_progress_end(struct store_write *write, uint16_t purpose);

void store_manifest_put(struct store_write *write, const struct store_manifest *manifest);

/* witness_decide() of protocol/ledger/witness.h, its state and events being this store's. */
int store_witness(struct store_write *write, const struct witnessed *log, uint64_t old_size, struct span proof,
                  struct span note, struct witness_decision *out, struct err *err);

#endif
