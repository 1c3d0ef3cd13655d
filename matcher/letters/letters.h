/*
 * Letters at the matcher: prekeys are published, letters lie in mailboxes until they are acknowledged or nobody can
 * open them any more. The rules, which an auditor applies again (protocol/audit/rules/letter_rules.h):
 *
 * - A prekey follows on the party's newest one (prekey_follows()), which was shown to others with its event.
 * - Two agencies write about a purpose that they granted each other; all others about none.
 * - A letter is sealed to a prekey that its recipient has published.
 * - A party sends so many units a day (UTC, of the ledger) about a purpose as its limit `letters` says, about none
 *   LETTERS_PLAIN: a unit is LETTERS_UNIT bytes, so that the limit bounds bytes, too, and a smaller letter is one.
 * - Whoever has more messages waiting than its limit `mailbox` gets no letters.
 */
#ifndef MATCHER_LETTERS_LETTERS_H
#define MATCHER_LETTERS_LETTERS_H

#include "matcher/join/world.h"
#include "protocol/ledger/letters.h"
#include "protocol/ledger/refusal.h"
#include "protocol/wire/letter.h"

/* Who asks for what, as it is checked against what is committed. */
struct letters_job {
    const struct world *world;
    const struct party *from; /* as the manifest has it */
    const uint8_t (*from_digest)[PARTY_DIGEST_SIZE];
    uint16_t from_id;               /* the store's number */
    const struct wire_scope *scope; /* NULL: none */
    uint64_t time;                  /* of the write */
    union {
        struct letter_request letter;
        struct prekey_request prekey;
    };
    /* filled by the checks */
    uint16_t to_id;
    struct store_sent sent;         /* with this one */
    uint8_t digest[WIRE_HASH_SIZE]; /* of the letter, in its event */
    enum refusal refusal;           /* why it was refused, where that may become an event */
    bool full;                      /* refused for a limit */
};

/*
 * Checks the request and describes it in the event (all but party, id, request). ERR_DENIED, ERR_INPUT, ERR_VERIFY or
 * ERR_CONFLICT with the text for who asked.
 */
int letters_check_letter(struct letters_job *job, struct store *store, struct event *event, struct err *err);
int letters_check_prekey(struct letters_job *job, struct store *store, struct event *event, struct err *err);

/* What it changes, once its event has this leaf; in the write of that event. */
int letters_take_letter(const struct letters_job *job, struct store_write *write, uint64_t leaf, struct err *err);
int letters_take_prekey(const struct letters_job *job, struct store_write *write, uint64_t leaf, struct err *err);

/*
 * Ends letters that have lain for longer than anybody can open them, with an event `lapse` for each recipient; a
 * bounded number. *more: there may be more.
 */
int letters_lapse(struct store_write *write, uint64_t now, bool *more, struct err *err);

#endif
