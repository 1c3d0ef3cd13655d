/* What the files of the vault share: statements, shelves, keyed hashes. */
#ifndef CLIENT_VAULT_VAULT_INTERNAL_H
#define CLIENT_VAULT_VAULT_INTERNAL_H

#include "client/vault/head.h"
#include "client/vault/pages.h"
#include "client/vault/shelf.h"
#include "client/vault/vault.h"

#include <sqlite3.h>

#define VAULT_PAIR_SIZE 16
#define STATEMENTS_MAX 288
#define TABLES_NAME "tables"
#define JOURNAL_NAME "tables-journal"

/* Numbers stand in the tables and in the keys of the files: they are not given anew. */
enum shelf_number {
    SHELF_RECORD, /* record -> digest, seed, id, tokens */
    SHELF_HANDLE, /* handle 8, record -> */
    SHELF_TAG,    /* tag, record -> what the matcher was told (told.h) */
    SHELF_CHANGE, /* tag, record -> what became of it since */
    SHELF_HIT,    /* tag, hash of the partner 8 -> partner, payload */
    SHELF_SEEN,   /* record ->: of one run of enrolment, never in the tables */
    SHELVES,
    RUN_REQUEST = 16, /* a request in the outbox, by pieces; on no shelf */
};

#define TAG_KEY 0x1f

#define TAGGED_SIZE (WIRE_TAG_SIZE + VAULT_RECORD_SIZE)
#define HANDLE_KEY_SIZE (8 + VAULT_RECORD_SIZE)
#define HIT_KEY_SIZE (WIRE_TAG_SIZE + 8)

/* Records by their refs, grown as needed. */
struct vault_refs {
    struct vault_ref *ref;
    size_t count, room;
};

struct vault_domain {
    int64_t number;
    char purpose[PARTY_NAME_MAX + 1];
    bool loaded;
    struct shelf shelf[SHELVES];
    struct vault_refs stale, removed; /* to be noted by the commit */
    int64_t records;                  /* more, or fewer, since the last commit */
};

#define VAULT_EVENT_NAME_SIZE (PARTY_DIGEST_SIZE + 8) /* custodian, leaf u64be */

/* A batch that was evaluated, until the next commit. */
struct vault_evaluated {
    int64_t domain;
    uint64_t time;
    uint32_t of, taken;
    size_t named_len;
    uint8_t named[OPRF_COALITION_MAX * VAULT_EVENT_NAME_SIZE];
    struct buf receipts;
};

struct vault {
    char dir[PATH_LIMIT];
    struct vault_keys keys;
    struct pages *pages;
    sqlite3 *db;
    int lock; /* descriptor, or -1 */
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } cached[STATEMENTS_MAX];
    size_t cached_count;
    struct vault_domain *domain[VAULT_DOMAINS_MAX];
    size_t domains;
    int64_t data_version;
    uint8_t (*doomed)[RUN_NAME_SIZE]; /* files that go when the transaction is through */
    size_t doomed_count;
    uint8_t (*ended)[VAULT_BATCH_DIGEST_SIZE]; /* batches whose nonces go with the next commit */
    size_t ended_count;
    struct vault_evaluated *evaluated; /* receipts of evaluation that are kept with the next commit */
    size_t evaluated_count;
    unsigned walks; /* under way: no run may be taken from under them */
    struct {
        char name[PARTY_NAME_MAX + 1];
        uint8_t hash[16];
    } partner; /* of the last hit: mail comes in long rows of the same one */
};

/*
 * SQL: matches of the same record and partner in a later epoch of the purpose, in the place of which the match m is not
 * shown any more.
 */
#define VAULT_LATER(m)                                                                                                 \
    "(SELECT 1 FROM match n WHERE n.record = " m ".record AND n.partner = " m ".partner AND n.domain IN"               \
    " (SELECT later.number FROM domain later JOIN domain own ON own.number = " m ".domain"                             \
    " AND later.purpose = own.purpose AND later.epoch > own.epoch))"

/* SQL: the state of a match of this pair that is not withdrawn; match.state is that, or REVIEW_WITHDRAWN. */
#define VAULT_DECIDED(pair)                                                                                            \
    "coalesce((SELECT e.state FROM review v JOIN review_event e ON e.number = v.decision WHERE v.pair = " pair "), 0)"

/* SQL: whether a letter of disclosure waits for somebody; a partner's answer that nobody has read does, too. */
#define VAULT_INQUIRY_WAITS "(state <= 1 OR (state = 2 AND kind = 17 AND ours = 0 AND shown = 0))"

/* --- statements --- */

/* A statement ready to be bound, prepared once for each text (by address). NULL with err set. */
sqlite3_stmt *vault_statement(struct vault *vault, const char *sql, struct err *err);

/*
 * The same with its parameters bound: a letter each in types: i int64_t, t text, b bytes and size_t len. Text and bytes
 * must live until the statement was run.
 */
sqlite3_stmt *vault_bind(struct vault *vault, struct err *err, const char *sql, const char *types, ...);

/* Binds and runs a statement that returns no row. */
#define vault_do(vault, err, ...) vault_run_statement((vault), vault_bind((vault), (err), __VA_ARGS__), (err))

/*
 * Runs a bound statement that returns no row, and resets it. Here and below, NULL: vault_bind() failed, err says why.
 */
int vault_run_statement(struct vault *vault, sqlite3_stmt *statement, struct err *err);

/* Steps to a row: *row says whether there is one. Without one the statement is reset. */
int vault_step(struct vault *vault, sqlite3_stmt *statement, bool *row, struct err *err);

/* The number in the first column of the only row; *found false without one. */
int vault_number(struct vault *vault, sqlite3_stmt *statement, int64_t *out, bool *found, struct err *err);

/* The number of this name in `meta`; 0: there is none. */
int vault_meta_number(struct vault *vault, const char *name, uint64_t *out, struct err *err);
int vault_failed(struct vault *vault, struct err *err);
int vault_execute(struct vault *vault, const char *sql, struct err *err);

struct span vault_column(sqlite3_stmt *statement, int column);
int vault_damaged(const char *what, struct err *err); /* ERR_VERIFY */
#define vault_damaged(...) ERR_FAILED(vault_damaged(__VA_ARGS__))

/* Copies a column of exactly len bytes, or a text of at most max. ERR_VERIFY: it is damaged. */
int vault_column_bytes(void *out, size_t len, sqlite3_stmt *statement, int column, const char *what, struct err *err);
int vault_column_text(char *out, size_t max, sqlite3_stmt *statement, int column, const char *what, struct err *err);

/* Keyed hash: finds a value without storing it. */
void vault_hash(const struct vault *vault, uint8_t out[16], const void *data, size_t len);

/* --- shelves --- */

void vault_run_kind(const struct vault *vault, struct run_kind *out, unsigned number, int64_t domain);

/* The domain's shelves, as the tables have them now. Borrowed. */
int vault_shelves(struct vault *vault, int64_t domain, struct vault_domain **out, struct err *err);

/* The same for who is going to put something there: takes the lock. */
int vault_shelves_locked(struct vault *vault, int64_t domain, struct vault_domain **out, struct err *err);

/* Notes a run that is on the disk; within a transaction. */
int vault_note_run(struct vault *vault, unsigned kind, int64_t domain, unsigned level, const struct run_info *info,
                   int64_t *number, struct err *err);
/* So that files keep their names when the power fails: before the tables name them. */
int vault_sync_directory(const struct vault *vault, struct err *err);

/*
 * Shows every file of the vault's directory. Who copies holds the directory's lock from before it gives runs their
 * second names (vault_files_lock(): a descriptor, or -1; waits, or does not); those of one that was killed, a sweep
 * removes.
 */
typedef int vault_visit_file(struct vault *vault, const char *name, void *context, struct err *err);
int vault_each_file(struct vault *vault, vault_visit_file *visit, void *context, struct err *err);
int vault_files_lock(const struct vault *vault, bool wait);
int vault_run_missing(struct err *err);                       /* behind an ERR_NOT_FOUND that names it; ERR_VERIFY */
bool vault_is_run_name(const char *file, const char *suffix); /* .run, or .run.kept of such a second name */

int vault_remove_later(struct vault *vault, const uint8_t name[RUN_NAME_SIZE], struct err *err);
int vault_read_run(sqlite3_stmt *statement, int column, struct run_info *out, struct err *err);

/* Forgets what is in memory of a domain, or of all: the next use reads the tables anew. */
void vault_unload(struct vault *vault);

/* Stores what vault_evaluation_add() took, within the transaction; forgets it, when that is through or broken off. */
int vault_evaluations_store(struct vault *vault, struct err *err);
void vault_evaluations_forget(struct vault *vault); /* in vault.c */

/* Merges runs where there are many; each in a transaction of its own. */
int vault_tidy(struct vault *vault, struct vault_domain *domain, struct err *err);

int vault_refs_add(struct vault_refs *refs, const uint8_t ref[VAULT_RECORD_SIZE], struct err *err);
void vault_refs_sort(struct vault_refs *refs); /* and leaves each once */
void vault_refs_free(struct vault_refs *refs);

/* --- records --- */

struct record_view {
    const uint8_t *digest, *seed;
    struct span id, except, elements; /* elements: personal data */
    size_t count;
    const uint8_t *tokens; /* TOKEN_SIZE each: key u8, seal key */
};
/* A value of SHELF_CHANGE: key, seal key, of what was gained the seed; then except. */
#define CHANGE_GAINED 0x80 /* beside the key */
#define LOST_SIZE (1 + SEAL_KEY_SIZE)
#define GAINED_SIZE (LOST_SIZE + RECORD_SEED_SIZE)
#define RECORD_DIGEST_SIZE 16
#define TOKEN_SIZE (1 + SEAL_KEY_SIZE)

/*
 * A walk that only looks: vault_sending_next() shows every tag that changed, and what was decided; nothing is written.
 */
int sending_count(struct vault_sending **out, struct vault *vault, int64_t domain,
                  const struct vault_sending_options *options, struct err *err);

/* Of a record's value; borrows it. */
int record_parse(struct record_view *out, struct span value, struct err *err);

/* The seal key of the i-th of its tokens; secret. Returns the token's key. */
uint8_t record_seal_key(uint8_t out[SEAL_KEY_SIZE], const struct record_view *view, size_t i);

/* The same with the tag, which is not stored: it costs a hash. Of many, token_tags() has them cheaper. */
uint8_t record_token(struct token *out, const struct record_view *view, size_t i);

/* Reads every secret of a prekey that is there: a vault that was put back has none. ERR_VERIFY: one is damaged. */
int vault_prekeys_check(struct vault *v, struct err *err);

/* The same of the file `life`: ERR_VERIFY if it is there and not what the tables have. */
int vault_life_check(struct vault *v, struct err *err);

#endif
