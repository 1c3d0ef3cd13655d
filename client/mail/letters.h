/*
 * Letters to and from other parties of the region, end to end (docs/letters.md), by way of the vault: what is queued
 * is sent once, what comes is handed over once, whenever the process is killed.
 *
 * Not for agencies alone: `agency` may be any party of the manifest with a vault of its own.
 */
#ifndef CLIENT_MAIL_LETTERS_H
#define CLIENT_MAIL_LETTERS_H

#include "client/agency/agency.h"
#include "client/vault/letters.h"
#include "protocol/wire/mailbox.h"

#define LETTERS_BODY_MAX ((size_t)LETTER_PARTS_MAX * LETTER_BODY_MAX)

/*
 * Queues a letter to the party with this identity digest, within the caller's transaction: it goes out at one of the
 * next rounds if and only if that is committed. purpose: "" for none; between two agencies there must be one, with
 * a mutual grant, or it waits and says so. thread: random, of whoever begins it; answers carry the same. A body of up
 * to LETTERS_BODY_MAX bytes is cut into parts and comes out whole. ERR_INPUT: it is longer.
 */
int letters_queue(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const char *purpose,
                  enum letter_kind kind, const uint8_t thread[LETTER_THREAD_SIZE], struct span body, struct err *err);

/*
 * A letter that FETCH brought, for the next round: it is in the vault when this returns, or with the transaction that
 * is open, once however often it is fetched. One that no event of the reply covers is kept as refused.
 */
int letters_arrive(struct agency *agency, const struct mailbox_message *message, const struct fetch_reply *reply,
                   struct err *err);

/* A letter that was opened: decrypted, signed by peer, whole. */
struct letter_read {
    int64_t number; /* in the vault: what `letters` lists it by */
    const struct party *peer;
    uint8_t digest[PARTY_DIGEST_SIZE]; /* the peer's */
    char purpose[PARTY_NAME_MAX + 1];
    enum letter_kind kind;
    uint8_t thread[LETTER_THREAD_SIZE];
    uint64_t at;      /* of the event in the matcher's ledger, seconds since 1970 */
    struct span body; /* borrowed; secret */
};

/*
 * What is done with a letter of one kind, in the transaction that notes it as read: what the handler puts into
 * agency->vault, answers with letters_queue() among it, is there if and only if the letter is not handed over again. It
 * neither commits nor rolls back, and asks nobody anything. ERR_INPUT, ERR_VERIFY, ERR_DENIED: the letter is not one
 * that may be answered; what the handler put is taken back, the letter is noted as refused, with the text, and is not
 * handed over again. Any other error ends the round; the letter comes again in the next.
 */
typedef int letter_handle(void *context, struct agency *agency, const struct letter_read *letter, struct err *err);

/* Kinds without a handler are kept and listed; they are handed over once there is one. */
struct letter_handler {
    enum letter_kind kind;
    letter_handle *handle;
    void *context;
};

struct letters_counts {
    uint64_t sent, opened, handed, acknowledged;
    uint64_t waiting;  /* that could not be sealed: no prekey of the recipient is known, or no grant */
    uint64_t refused;  /* that did not open, or that a handler refused: kept, see vault_letters() */
    uint64_t unopened; /* sealed to a prekey whose secret is gone: their senders are asked to seal them anew */
    uint64_t held;     /* that the matcher did not take: a limit is used up, say */
};

/* Whether a handler's error says that the letter is bad, not that something is in the way of reading it. */
bool letters_is_refusal(int rc);

/*
 * One round: publishes a prekey when due and wipes old ones; opens what inbox_fetch() brought and hands it over;
 * acknowledges; seals and sends what waits. What was done before a failure is kept. Needs the vault's lock, no
 * transaction.
 */
int letters_round(struct agency *agency, const struct letter_handler *handler, size_t handlers,
                  struct letters_counts *counts, struct err *err);

#endif
