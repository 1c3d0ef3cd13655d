#include "client/mail/letters.h"

#include "protocol/ledger/letters.h"
#include "protocol/ledger/witness.h"
#include "protocol/ledger/receipt.h"

#include <string.h>

int letters_queue(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const char *purpose,
                  enum letter_kind kind, const uint8_t thread[LETTER_THREAD_SIZE], struct span body, struct err *err)
{
    struct letter letter = {.kind = kind, .parts = (uint16_t)letter_parts(body.len)};
    bool restored;
    if (letter.parts == 0)
        return err_set(err, ERR_INPUT, "a letter of %zu bytes is longer than %zu", body.len, LETTERS_BODY_MAX);
    memcpy(letter.thread, thread, sizeof letter.thread);
    int rc = vault_letters_begin(vault, &restored, err);
    for (letter.part = 1; rc == 0 && letter.part <= letter.parts; letter.part++) {
        letter.body = letter_part(body, letter.part);
        rc = vault_letter_put(vault, peer, purpose, &letter, err);
    }
    return rc;
}

/* --- arriving --- */

static const struct wire_event *find_event(const struct fetch_reply *reply, uint64_t leaf)
{
    for (size_t i = 0; i < reply->events.count; i++)
        if (reply->events.item[i].leaf == leaf)
            return &reply->events.item[i];
    return NULL;
}

/* Whether the ledger has that this letter was sent by whom the matcher says; out: the receipt of that. */
static int check_covered(const struct agency *a, const struct mailbox_message *m, const struct fetch_reply *reply,
                         struct buf *out, struct err *err)
{
    const struct region *r = a->region;
    const struct wire_event *e = find_event(reply, m->leaf);
    const struct party *peer = region_find_party_by_digest(r, m->partner);
    char origin[NOTE_NAME_MAX + 1];
    struct event event;
    struct checkpoint checkpoint;
    if (peer == NULL)
        return 0; /* opening it says so */
    if (e == NULL)
        return err_set(err, ERR_VERIFY, "a letter in the name of %s without its event", peer->name);
    const struct receipt receipt = {e->event, e->leaf, e->proof, reply->checkpoint};
    int rc = ledger_origin(origin, r->name, r->matcher.name, err);
    if (rc == 0)
        rc = receipt_verify(&receipt, origin, r->matcher.log, &event, &checkpoint, err);
    if (rc == 0)
        rc = letters_verify(&event, m->payload, peer->name, a->identity->party.name, m->purpose, err);
    return rc == 0 ? receipt_print(out, &receipt, err) : rc;
}

int letters_arrive(struct agency *agency, const struct mailbox_message *message, const struct fetch_reply *reply,
                   struct err *err)
{
    struct vault_arrival arrival = {.at = message->time, .leaf = message->leaf, .sealed = message->payload};
    static const struct letter unknown;
    memcpy(arrival.peer, message->partner, sizeof arrival.peer);
    memcpy(arrival.purpose, message->purpose, sizeof arrival.purpose);
    struct buf receipt = buf_of(VAULT_RECEIPT_MAX);
    int rc = check_covered(agency, message, reply, &receipt, err);
    arrival.receipt = buf_span(&receipt);
    if (rc == ERR_VERIFY || rc == ERR_INPUT)
        rc = vault_letter_keep(agency->vault, &arrival, &unknown, err->text, err);
    else if (rc == 0)
        rc = vault_letter_arrive(agency->vault, &arrival, err);
    buf_free(&receipt);
    return rc;
}
