/* Letters that came: opened, put into their streams, kept, handed over. */
#include "client/mail/round.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* A letter on its way from the mailbox. */
struct opening {
    struct round *round;
    struct vault_arrival arrival;
    const struct party *peer;
    struct letter letter;
    struct buf plain;
};

/* --- what is said back --- */

static int say_trouble(struct opening *o, enum letter_trouble trouble, struct err *err)
{
    static const uint8_t no_thread[LETTER_THREAD_SIZE];
    uint8_t body[LETTER_TROUBLE_SIZE];
    memcpy(body, letter_ephemeral(o->arrival.sealed), 32);
    body[32] = (uint8_t)trouble;
    o->round->counts->unopened++;
    return letters_queue(o->round->agency->vault, o->arrival.peer, o->arrival.purpose, LETTER_CANNOT_OPEN, no_thread,
                         span_of(body, sizeof body), err);
}

static int take_receipt(struct opening *o, struct err *err)
{
    const struct span body = o->letter.body;
    bool found;
    int rc = body.len % LETTER_RECEIPT_ITEM != 0
                 ? err_set(err, ERR_INPUT, "a receipt of %zu bytes names no whole letters", body.len)
                 : 0;
    for (size_t at = 0; rc == 0 && at < body.len; at += LETTER_RECEIPT_ITEM) {
        rc = vault_letter_acknowledge(o->round->agency->vault, o->arrival.peer, body.data + at,
                                      bytes_get_u64be(body.data + at + LETTER_STREAM_SIZE), &found, err);
        o->round->counts->acknowledged += rc == 0 && found;
    }
    return rc;
}

static int take_trouble(struct opening *o, struct err *err)
{
    const struct span body = o->letter.body;
    if (body.len != LETTER_TROUBLE_SIZE ||
        (body.data[32] != LETTER_TROUBLE_KEY && body.data[32] != LETTER_TROUBLE_PLACE))
        return err_set(err, ERR_INPUT, "a letter says that another cannot be opened, and does not say why");
    return vault_letter_again(o->round->agency->vault, o->arrival.peer, body.data,
                              body.data[32] == LETTER_TROUBLE_PLACE, err);
}

/* --- opening --- */

/* Whom it is from, and whether that one may write: ERR_DENIED. */
static int find_peer(struct opening *o, struct err *err)
{
    const struct agency *a = o->round->agency;
    o->peer = region_find_party_by_digest(a->region, o->arrival.peer);
    if (o->peer == NULL)
        return err_set(err, ERR_DENIED, "a letter of a party that version %" PRIu64 " of the manifest does not have",
                       a->region->version);
    const char *hindrance = region_letter_hindrance(a->region, o->peer, &a->identity->party, o->arrival.purpose);
    return hindrance == NULL ? 0 : err_set(err, ERR_DENIED, "a letter of %s: %s", o->peer->name, hindrance);
}

/* ERR_NOT_FOUND: sealed to a prekey whose secret is gone. until: when it will be. */
static int unseal(struct opening *o, uint64_t *until, struct err *err)
{
    const struct agency *a = o->round->agency;
    uint8_t secret[32] = {0};
    struct letter_context context = {.region = span_of(a->region->name, strlen(a->region->name)),
                                     .purpose = span_of(o->arrival.purpose, strlen(o->arrival.purpose))};
    memcpy(context.sender, o->arrival.peer, sizeof context.sender);
    memcpy(context.recipient, o->round->own, sizeof context.recipient);
    int rc = letter_prekey(&context.prekey, o->arrival.sealed, err);
    if (rc == 0)
        rc = vault_prekey_secret(a->vault, context.prekey, secret, until, err);
    if (rc == 0)
        rc = letter_open(&o->letter, &o->plain, &context, o->peer, secret, o->arrival.sealed, err);
    sodium_memzero(secret, sizeof secret);
    return rc;
}

/* One of a stream: kept and to be acknowledged, unless it is known, or another is in its place. */
static int take_in_place(struct opening *o, struct err *err)
{
    struct vault *vault = o->round->agency->vault;
    enum letter_place place;
    bool broken = false;
    int rc = vault_letter_place(vault, o->arrival.peer, &o->letter, &place, &broken, err);
    if (rc == 0 && broken)
        log_event(LOG_WARN, "stream-broken", "peer=%s number=%" PRIu64, o->peer->name, o->letter.number);
    if (rc == 0 && place == LETTER_PLACE_OTHER)
        return say_trouble(o, LETTER_TROUBLE_PLACE, err);
    if (rc == 0)
        rc = vault_receipt_owe(vault, o->arrival.peer, o->arrival.purpose, &o->letter, err);
    if (rc == 0 && place == LETTER_PLACE_NEW)
        rc = vault_letter_keep(vault, &o->arrival, &o->letter, NULL, err);
    o->round->counts->opened += rc == 0 && place == LETTER_PLACE_NEW;
    return rc;
}

static int take_opened(struct opening *o, uint64_t until, struct err *err)
{
    bool seen = false;
    int rc = vault_letter_seen(o->round->agency->vault, letter_ephemeral(o->arrival.sealed), until, &seen, err);
    if (rc != 0 || seen)
        return rc;
    if (o->letter.kind == LETTER_RECEIPT)
        return take_receipt(o, err);
    return o->letter.kind == LETTER_CANNOT_OPEN ? take_trouble(o, err) : take_in_place(o, err);
}

/* In a transaction: what it brings about. Of one that is refused, nothing. */
static int open_one(struct opening *o, struct err *err)
{
    uint64_t until = 0;
    int rc = find_peer(o, err);
    if (rc == 0)
        rc = unseal(o, &until, err);
    if (rc == ERR_NOT_FOUND)
        return say_trouble(o, LETTER_TROUBLE_KEY, err);
    if (rc == 0)
        rc = take_opened(o, until, err);
    return rc;
}

bool letters_is_refusal(int rc)
{
    return rc == ERR_INPUT || rc == ERR_VERIFY || rc == ERR_DENIED;
}

static int end_arrival(struct opening *o, struct err *err)
{
    int rc = vault_letter_arrival_end(o->round->agency->vault, o->arrival.number, err);
    if (rc == 0)
        rc = vault_commit(o->round->agency->vault, err);
    return rc;
}

static int refuse(struct opening *o, const char *why, struct err *err)
{
    struct vault *vault = o->round->agency->vault;
    static const struct letter unknown;
    log_event(LOG_WARN, "letter-refused", "reason=\"%s\"", why);
    o->round->counts->refused++;
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_letter_keep(vault, &o->arrival, &unknown, why, err);
    if (rc == 0)
        rc = end_arrival(o, err);
    return rc;
}

static int open_arrival(struct opening *o, struct err *err)
{
    struct vault *vault = o->round->agency->vault;
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = open_one(o, err);
    if (rc == 0)
        rc = end_arrival(o, err);
    vault_rollback(vault);
    if (letters_is_refusal(rc)) {
        char why[LETTER_WHY_MAX + 1];
        snprintf(why, sizeof why, "%.*s", LETTER_WHY_MAX, err->text);
        rc = refuse(o, why, err);
        vault_rollback(vault);
    }
    return rc;
}

int round_open(struct round *round, struct err *err)
{
    struct opening o = {.round = round, .plain = buf_of(LETTER_SIZE_MAX)};
    struct buf bytes = buf_of(LETTER_SIZE_MAX + VAULT_RECEIPT_MAX);
    bool found = true;
    int64_t after = 0;
    int rc = 0;
    while (rc == 0) {
        rc = vault_letter_arrived(round->agency->vault, after, &o.arrival, &bytes, &found, err);
        if (rc != 0 || !found)
            break;
        after = o.arrival.number;
        rc = open_arrival(&o, err);
    }
    buf_free(&o.plain);
    buf_free(&bytes);
    return rc;
}

/* --- handing over --- */

static int describe(struct letter_read *out, const struct agency *a, const struct vault_kept *kept, struct err *err)
{
    out->peer = region_find_party_by_digest(a->region, kept->peer);
    if (out->peer == NULL)
        return err_set(err, ERR_DENIED, "it is of a party that the manifest does not have any more");
    out->number = kept->number;
    out->kind = kept->kind;
    out->at = kept->at;
    out->body = kept->body;
    memcpy(out->digest, kept->peer, sizeof out->digest);
    memcpy(out->purpose, kept->purpose, sizeof out->purpose);
    memcpy(out->thread, kept->thread, sizeof out->thread);
    return 0;
}

/* The handler's doing and that it was done, both or none. */
static int hand_over(struct round *r, const struct letter_handler *h, const struct vault_kept *kept, struct err *err)
{
    struct vault *vault = r->agency->vault;
    struct letter_read letter;
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = describe(&letter, r->agency, kept, err);
    if (rc == 0)
        rc = h->handle(h->context, r->agency, &letter, err);
    if (rc == 0)
        rc = vault_letter_read(vault, kept->number, false, NULL, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    r->counts->handed += rc == 0;
    if (!letters_is_refusal(rc))
        return rc;
    char why[LETTER_WHY_MAX + 1];
    snprintf(why, sizeof why, "%.*s", LETTER_WHY_MAX, err->text);
    r->counts->refused++;
    return vault_letter_read(vault, kept->number, false, why, err);
}

static int hand_over_kind(struct round *r, const struct letter_handler *h, struct err *err)
{
    struct buf bytes = buf_of(LETTERS_BODY_MAX);
    struct vault_kept kept = {.number = 0};
    bool found = true;
    int rc = 0;
    while (rc == 0) {
        rc = vault_letter_kept(r->agency->vault, kept.number, h->kind, &kept, &bytes, &found, err);
        if (rc != 0 || !found)
            break;
        rc = hand_over(r, h, &kept, err);
        sodium_memzero(bytes.data, bytes.len);
    }
    buf_free(&bytes);
    return rc;
}

int round_hand_over(struct round *round, const struct letter_handler *handler, size_t handlers, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < handlers; i++)
        rc = hand_over_kind(round, &handler[i], err);
    return rc;
}
