/*
 * What the vault remembers of letters (docs/letters.md): those that go out, from being queued until the recipient has
 * acknowledged them; those that came, from the mailbox until they are read; streams; prekeys.
 *
 * Everything but the secrets of prekeys lies in the tables, and is durable with the transaction that puts it. Those
 * secrets are files of their own, which no backup holds and which are overwritten when their time is over. A vault that
 * was put back lacks them; that is how it knows.
 */
#ifndef CLIENT_VAULT_LETTERS_H
#define CLIENT_VAULT_LETTERS_H

#include "client/vault/vault.h"
#include "protocol/letter/letter.h"
#include "protocol/letter/prekey.h"

#define LETTER_WHY_MAX 200                       /* bytes of a reason */
#define LETTER_LIFE (PREKEY_VALID + PREKEY_KEPT) /* seconds after which nobody can open a letter any more */
#define LETTER_TRIES_MAX 8                       /* how often a letter is sealed */
#define LETTER_LISTED (90 * 86400u)              /* seconds for which what is done with is listed */
#define LETTER_REFUSED_MAX 256                   /* letters that did not open are kept, the newest ones */

/*
 * The first thing that is done with letters. *restored: the vault was put back from a backup, or copied. Its streams
 * begin anew then, each naming the one before; own prekeys are forgotten. Within a transaction.
 */
int vault_letters_begin(struct vault *vault, bool *restored, struct err *err);

/* The stream to a peer begins anew, naming the one before. */
int vault_stream_renew(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], struct err *err);

/* --- what goes out --- */

/*
 * What the request that sends a letter says beside it: always the same, whatever crashes, since its receipt is about
 * that.
 */
struct vault_letter_request {
    uint8_t id[WIRE_ID_SIZE];
    uint64_t time; /* when it is signed */
    uint32_t epoch;
};

/* One letter, which may be part of a body. Borrows the buffer that it was read into. */
struct vault_letter {
    int64_t number;
    uint8_t peer[PARTY_DIGEST_SIZE];
    char purpose[PARTY_NAME_MAX + 1];
    struct letter letter;
    struct vault_letter_request request; /* once it is sealed */
    struct span sealed;                  /* the same */
};

/*
 * Queues it. letter: kind, thread, part, parts and body count; its place in the stream is given here. Receipts and the
 * like (letter_is_control()) have none.
 */
int vault_letter_put(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const char *purpose,
                     const struct letter *letter, struct err *err);

/* The next one behind this number that waits to be sealed; that is sealed and waits to be sent. bytes: secret. */
int vault_letter_waiting(struct vault *vault, int64_t after, struct vault_letter *out, struct buf *bytes, bool *found,
                         struct err *err);
int vault_letter_sealed(struct vault *vault, int64_t after, struct vault_letter *out, struct buf *bytes, bool *found,
                        struct err *err);

/* The peers of those that wait to be sealed, ascending; at most max. */
int vault_letter_peers(struct vault *vault, uint8_t (*out)[PARTY_DIGEST_SIZE], size_t max, size_t *count,
                       struct err *err);

/* Sealed to a prekey that is valid until then, to be sent as this request: from now on always the same bytes. */
int vault_letter_seal(struct vault *vault, int64_t number, uint64_t until, const struct vault_letter_request *request,
                      struct span sealed, struct err *err);

/* It waits to be sealed anew, for another request: recipients drop what comes twice. */
int vault_letter_unseal(struct vault *vault, int64_t number, struct err *err);

/* The matcher has it. What is not acknowledged by the recipient is not kept any longer then. */
int vault_letter_sent(struct vault *vault, int64_t number, struct err *err);

/* Why it still waits. */
int vault_letter_why(struct vault *vault, int64_t number, const char *why, struct err *err);

/* The recipient has it: its body goes. *found: it was not acknowledged before. */
int vault_letter_acknowledge(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const uint8_t stream[16],
                             uint64_t place, bool *found, struct err *err);

/*
 * The recipient could not open the one with this ephemeral key: it waits to be sealed anew, LETTER_TRIES_MAX times at
 * most. taken: another letter had its place in the stream, so that it goes, with all parts of its body, into a new one.
 */
int vault_letter_again(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const uint8_t ephemeral[32],
                       bool taken, struct err *err);

/*
 * What was sealed to prekeys that are over waits to be sealed anew: what was not sent, after its end; what was not
 * acknowledged, once nobody can open it any more. What has been done with for long is forgotten, and places of letters
 * that no sender repeats any more.
 */
int vault_letters_age(struct vault *vault, uint64_t now, struct err *err);

/* --- what comes --- */

/* As the mailbox had it: once, however often it is fetched. */
struct vault_arrival {
    int64_t number;
    uint8_t peer[PARTY_DIGEST_SIZE]; /* as the matcher says */
    char purpose[PARTY_NAME_MAX + 1];
    uint64_t at, leaf; /* of its event */
    struct span sealed;
    struct span receipt; /* text form, of that event; empty: none */
};
int vault_letter_arrive(struct vault *vault, const struct vault_arrival *arrival, struct err *err);
int vault_letter_arrived(struct vault *vault, int64_t after, struct vault_arrival *out, struct buf *bytes, bool *found,
                         struct err *err);
int vault_letter_arrival_end(struct vault *vault, int64_t number, struct err *err);

/* Whether a letter with this ephemeral key was opened before; remembers it until then. */
int vault_letter_seen(struct vault *vault, const uint8_t ephemeral[32], uint64_t until, bool *seen, struct err *err);

/*
 * What is known of the letter's place in the peer's stream; one that is new is remembered. broken: it does not continue
 * the letter before it, or the one behind it does not continue it.
 */
enum letter_place { LETTER_PLACE_NEW, LETTER_PLACE_KNOWN, LETTER_PLACE_OTHER };
int vault_letter_place(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const struct letter *letter,
                       enum letter_place *place, bool *broken, struct err *err);

/* To be acknowledged; and those that are, of one peer at a time: as the body of a receipt, which takes them off. */
int vault_receipt_owe(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const char *purpose,
                      const struct letter *letter, struct err *err);
int vault_receipt_next(struct vault *vault, uint8_t peer[PARTY_DIGEST_SIZE], char purpose[PARTY_NAME_MAX + 1],
                       struct buf *body, size_t max, bool *found, struct err *err);

/* Keeps an opened letter, whole; of parts the last to come makes it so. refused: why, or NULL. */
int vault_letter_keep(struct vault *vault, const struct vault_arrival *from, const struct letter *letter,
                      const char *refused, struct err *err);

/* The next one behind this number of this kind that nobody has read. *out: letter's kind, thread and body count. */
struct vault_kept {
    int64_t number;
    uint8_t peer[PARTY_DIGEST_SIZE];
    char purpose[PARTY_NAME_MAX + 1];
    enum letter_kind kind;
    uint8_t thread[LETTER_THREAD_SIZE];
    uint64_t at;
    struct span body;
};
int vault_letter_kept(struct vault *vault, int64_t after, enum letter_kind kind, struct vault_kept *out,
                      struct buf *bytes, bool *found, struct err *err);

/* One of them, read or not while it has its body. ERR_NOT_FOUND. */
int vault_letter_get(struct vault *vault, int64_t number, struct vault_kept *out, struct buf *bytes, struct err *err);

/* It was read, and its body goes unless `keep`; refused: why it was not taken, or NULL. */
int vault_letter_read(struct vault *vault, int64_t number, bool keep, const char *refused, struct err *err);

/*
 * Of letters of disclosure receipts are kept for RECEIPT_KEPT_SECONDS, by thread, so that a case file can show where
 * the matcher's ledger has them: vault_letter_keep() does so of one that came.
 */
int vault_letter_receipt_put(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const struct letter *letter,
                             struct span receipt, struct err *err);
int vault_letter_receipts(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE],
                          const uint8_t thread[LETTER_THREAD_SIZE], vault_visit_receipt *visit, void *context,
                          struct err *err);

/* --- prekeys --- */

/* One's own newest; *found false: there is none whose secret is there. *published: the matcher has it. */
struct vault_prekey {
    struct prekey prekey;
    uint8_t id[WIRE_ID_SIZE]; /* of the request that publishes it, and when that is signed: always the same request */
    uint64_t time;
    bool published;
};
int vault_prekey_newest(struct vault *vault, struct vault_prekey *out, bool *found, struct err *err);

/* Keeps it, its secret first, in a file of its own. Not within a transaction. */
int vault_prekey_put(struct vault *vault, const struct vault_prekey *prekey, const uint8_t secret[32], struct err *err);
int vault_prekey_published(struct vault *vault, uint64_t number, struct err *err);

/* Forgets it and wipes the secret: of one that was not published, or that is over. */
int vault_prekey_drop(struct vault *vault, uint64_t number, struct err *err);

/* Drops those whose letters nobody has to open any more. */
int vault_prekeys_age(struct vault *vault, uint64_t now, struct err *err);

/* ERR_NOT_FOUND: wiped, never there, or of a vault that was put back. secret: wiped by the caller. */
int vault_prekey_secret(struct vault *vault, uint64_t number, uint8_t secret[32], uint64_t *until, struct err *err);

/* The newest one shown of a peer. */
int vault_prekey_of(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], struct prekey *out, bool *found,
                    struct err *err);
int vault_prekey_of_put(struct vault *vault, const struct prekey *prekey, struct err *err);

/* --- the list --- */

/* A thread with a peer, and how its letters stand. */
struct vault_thread {
    uint8_t peer[PARTY_DIGEST_SIZE];
    char purpose[PARTY_NAME_MAX + 1];
    uint8_t thread[LETTER_THREAD_SIZE];
    enum letter_kind kind; /* of its latest letter */
    int64_t unread;        /* the newest one that nobody has read; 0: none */
    uint64_t first, last;  /* when its first and latest letter was queued or came, seconds since 1970 */
    uint64_t waiting, sealed, sent, acknowledged, failed, kept, read, refused;
    char why[LETTER_WHY_MAX + 1]; /* why one of them waits, failed or was refused */
};

/* All, those with the latest letters first. */
typedef int vault_visit_thread(void *context, const struct vault_thread *thread, struct err *err);
int vault_threads(struct vault *vault, vault_visit_thread *visit, void *context, struct err *err);

/* A stream of a peer's: how many letters came, the largest number, and whether some do not continue each other. */
struct vault_stream {
    uint8_t peer[PARTY_DIGEST_SIZE], stream[16];
    uint64_t came, last, broken;
    uint64_t at; /* of the latest */
};
typedef int vault_visit_stream(void *context, const struct vault_stream *stream, struct err *err);
int vault_streams(struct vault *vault, vault_visit_stream *visit, void *context, struct err *err);

#endif
