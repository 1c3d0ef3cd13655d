/* Prekeys: one's own are published and wiped in time; those of others are believed if the matcher's ledger has them. */
#include "client/mail/round.h"

#include "client/agency/evidence.h"
#include "client/agency/ledgers.h"
#include "client/agency/matcher.h"
#include "client/vault/judging.h"
#include "protocol/ledger/letters.h"
#include "protocol/ledger/receipt.h"
#include "protocol/ledger/witness.h"
#include "protocol/wire/letter.h"
#include "protocol/wire/meeting.h"
#include "protocol/wire/statement.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define RENEW_BEFORE (2 * 86400u) /* seconds before the newest one is over */
#define SHOWN_FOR 3600u           /* seconds for which the matcher is believed to have it */

/* --- of others --- */

struct shown {
    struct round *round;
    const struct prekeys_reply *reply;
};

static const struct wire_event *find_event(const struct prekeys_reply *reply, uint64_t leaf)
{
    for (size_t i = 0; i < reply->events.count; i++)
        if (reply->events.item[i].leaf == leaf)
            return &reply->events.item[i];
    return NULL;
}

/* That the ledger has it: an event about this very statement, included in the checkpoint. */
static int check_event(const struct shown *s, const struct prekeys_item *item, const struct prekey *prekey,
                       const struct party *party, struct err *err)
{
    const struct region *r = s->round->agency->region;
    const struct wire_event *e = find_event(s->reply, item->leaf);
    char origin[NOTE_NAME_MAX + 1];
    struct event event;
    struct checkpoint checkpoint;
    if (e == NULL)
        return err_set(err, ERR_VERIFY, "%s shows a prekey of %s without its event", r->matcher.name, party->name);
    const struct receipt receipt = {e->event, e->leaf, e->proof, s->reply->checkpoint};
    int rc = ledger_origin(origin, r->name, r->matcher.name, err);
    if (rc == 0)
        rc = receipt_verify(&receipt, origin, r->matcher.log, &event, &checkpoint, err);
    if (rc == 0)
        rc = letters_verify_prekey(&event, prekey, party->name, err);
    return rc;
}

static int keep_both(struct round *round, const struct prekey *known, const struct prekey *shown,
                     const struct party *party, const uint8_t mark[32], struct err *err)
{
    struct evidence evidence = {.kind = EVIDENCE_PREKEYS};
    struct buf before = buf_of(PREKEY_STATEMENT_MAX), now = buf_of(PREKEY_STATEMENT_MAX);
    int rc = prekey_encode(&before, known, err);
    if (rc == 0)
        rc = prekey_encode(&now, shown, err);
    snprintf(evidence.party, sizeof evidence.party, "%s", party->name);
    snprintf(evidence.why, sizeof evidence.why, "two prekeys that do not follow on each other");
    evidence.first = buf_span(&before);
    evidence.second = buf_span(&now);
    if (rc == 0)
        rc = agency_evidence_keep(round->agency, &evidence, span_of(mark, 32), err);
    buf_free(&before);
    buf_free(&now);
    return rc;
}

/* Of two statements, that the second may stand behind the first. */
static bool agree(const struct prekey *before, const struct prekey *after)
{
    return after->number > before->number &&
           (after->number > before->number + 1 || prekey_follows(after, before, ERR_IGNORED) == 0);
}

/*
 * What was shown before is what is shown now, or what it follows on; one from before is passed over, as a matcher shows
 * it whose store was put back. Both statements are kept if they contradict each other: they convict somebody.
 */
static int check_known(const struct shown *s, const struct prekey *prekey, const struct party *party, struct err *err)
{
    struct vault *vault = s->round->agency->vault;
    struct prekey known;
    uint8_t digest[2][32];
    bool found = false;
    int rc = vault_prekey_of(vault, prekey->identity, &known, &found, err);
    if (rc != 0 || !found)
        return rc;
    rc = prekey_digest(digest[0], &known, err);
    if (rc == 0)
        rc = prekey_digest(digest[1], prekey, err);
    if (rc != 0 || memcmp(digest[0], digest[1], 32) == 0)
        return rc;
    if (agree(&known, prekey))
        return 0;
    if (agree(prekey, &known))
        return err_set(err, ERR_INPUT, "prekey %" PRIu64 " of %s is shown, and %" PRIu64 " was before", prekey->number,
                       party->name, known.number);
    rc = keep_both(s->round, &known, prekey, party, digest[1], err);
    return rc != 0 ? rc
                   : err_set(err, ERR_VERIFY,
                             "prekey %" PRIu64 " of %s was shown before, and now %" PRIu64
                             ", which does not follow on it: one of the two parties shows different ones to different "
                             "people. Tell the auditors",
                             known.number, party->name, prekey->number);
}

static int take_shown(const struct shown *s, const struct prekeys_item *item, struct err *err)
{
    const struct region *r = s->round->agency->region;
    struct prekey prekey;
    int rc = prekey_decode(&prekey, item->statement, err);
    const struct party *party = rc == 0 ? region_find_party_by_digest(r, prekey.identity) : NULL;
    if (rc == 0 && party == NULL)
        return err_set(err, ERR_VERIFY, "%s shows the prekey of a stranger", r->matcher.name);
    if (rc == 0)
        rc = prekey_verify(&prekey, r->name, prekey.identity, party->sign, err);
    if (rc == 0)
        rc = check_event(s, item, &prekey, party, err);
    if (rc == 0)
        rc = check_known(s, &prekey, party, err);
    if (rc == 0 && memcmp(prekey.identity, s->round->own, sizeof prekey.identity) == 0)
        s->round->shown = prekey.number;
    if (rc == 0)
        rc = vault_prekey_of_put(s->round->agency->vault, &prekey, err);
    return rc;
}

/* One that does not hold is passed over, and its letters wait: those of others go. */
static int take_all_shown(const struct shown *s, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < s->reply->count; i++) {
        rc = take_shown(s, &s->reply->item[i], err);
        if (rc == ERR_VERIFY || rc == ERR_INPUT) {
            log_event(LOG_ERROR, "prekey-refused", "reason=\"%s\"", err->text);
            rc = 0;
        }
    }
    return rc;
}

int round_fetch_prekeys(struct round *round, const uint8_t (*peer)[PARTY_DIGEST_SIZE], size_t count, struct err *err)
{
    struct agency *a = round->agency;
    struct wire_reply answer;
    struct prekeys_reply reply = {.count = 0};
    const struct shown shown = {round, &reply};
    struct buf body = buf_of(64u << 10), message = buf_of(RPC_MESSAGE_MAX);
    const struct prekeys_request ask = {span_of(peer, count * PARTY_DIGEST_SIZE)};
    int rc = prekeys_request_encode(&body, &ask, err);
    if (rc == 0)
        rc = agency_tell_matcher(a, WIRE_PREKEYS, buf_span(&body), &message, &answer, err);
    if (rc == 0)
        rc = prekeys_reply_decode(&reply, answer.body, err);
    if (rc == 0 && reply.count > 0)
        rc = ledgers_check(a, a->matcher, &a->region->matcher, reply.checkpoint, err);
    if (rc == 0)
        rc = take_all_shown(&shown, err);
    prekeys_reply_free(&reply);
    buf_free(&body);
    buf_free(&message);
    return rc;
}

/* --- one's own --- */

/*
 * The newest one that the matcher has: a vault that was put back does not know it. Where there is one before a vault's
 * first, the agency had another vault, which knew what was judged.
 */
static int find_before(struct round *round, struct prekey *before, bool *found, struct err *err)
{
    struct vault *vault = round->agency->vault;
    int rc = round_fetch_prekeys(round, &round->own, 1, err);
    if (rc == 0)
        rc = vault_prekey_of(vault, round->own, before, found, err);
    if (rc == 0)
        rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_judging_first(vault, *found, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

/* anew: what came before may not be what others know. */
static int make_prekey(struct round *round, struct vault_prekey *out, bool anew, struct err *err)
{
    struct vault *vault = round->agency->vault;
    struct prekey before;
    uint8_t secret[32];
    bool found = false;
    int rc = find_before(round, &before, &found, err);
    if (rc != 0)
        return rc;
    *out = (struct vault_prekey){.published = false};
    struct prekey *p = &out->prekey;
    memcpy(p->region, round->agency->region->name, sizeof p->region);
    memcpy(p->identity, round->own, sizeof p->identity);
    p->number = found ? before.number + 1 : 1;
    if (anew)
        p->number = p->number < round->now ? round->now : p->number + 1;
    p->valid_from = found && before.valid_from > round->now ? before.valid_from : round->now;
    p->valid_until = p->valid_from + PREKEY_VALID;
    randombytes_buf(out->id, sizeof out->id);
    out->time = round->now;
    if (found && !anew)
        rc = prekey_digest(p->previous, &before, err);
    prekey_generate(secret, p->key);
    if (rc == 0)
        rc = prekey_sign(p, round->agency->identity->sign_secret, err);
    if (rc == 0)
        rc = vault_prekey_put(vault, out, secret, err);
    sodium_memzero(secret, sizeof secret);
    return rc;
}

static int note_published(struct vault *vault, const struct vault_prekey *prekey, struct span receipt, struct err *err)
{
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_receipt_put(vault, receipt, err);
    if (rc == 0)
        rc = vault_prekey_of_put(vault, &prekey->prekey, err);
    if (rc == 0)
        rc = vault_prekey_published(vault, prekey->prekey.number, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

static int publish(struct agency *a, const struct vault_prekey *prekey, struct err *err)
{
    struct wire_request request = {.type = WIRE_PREKEY};
    struct wire_reply answer;
    struct receipt_reply reply;
    struct buf statement = buf_of(PREKEY_STATEMENT_MAX), body = buf_of(1024), message = buf_of(RPC_MESSAGE_MAX);
    struct buf receipt = buf_of(VAULT_RECEIPT_MAX);
    int rc = prekey_encode(&statement, &prekey->prekey, err);
    if (rc == 0)
        rc = prekey_request_encode(&body, &(struct prekey_request){buf_span(&statement)}, err);
    memcpy(request.id, prekey->id, sizeof request.id);
    request.body = buf_span(&body);
    request.time = prekey->time;
    agency_sign_again(a, &a->region->matcher, &request);
    if (rc == 0)
        rc = agency_ask_matcher(a, &request, &message, &answer, err);
    if (rc == 0)
        rc = receipt_reply_decode(&reply, answer.body, err);
    if (rc == 0)
        rc = ledgers_receipt(a, &request, &reply.receipt, &receipt, err);
    if (rc == 0)
        rc = note_published(a->vault, prekey, buf_span(&receipt), err);
    buf_free(&statement);
    buf_free(&body);
    buf_free(&message);
    buf_free(&receipt);
    return rc;
}

/* Whether the matcher does not show it any more, since its store was put back. Asked once in an hour. */
static int is_forgotten(struct round *round, const struct vault_prekey *newest, bool *forgotten, struct err *err)
{
    struct agency *a = round->agency;
    *forgotten = false;
    if (a->shown != 0 && round->now < a->shown + SHOWN_FOR)
        return 0;
    round->shown = 0;
    int rc = round_fetch_prekeys(round, &round->own, 1, err);
    a->shown = rc == 0 ? round->now : 0;
    *forgotten = rc == 0 && round->shown != newest->prekey.number;
    return rc;
}

/* A vault that was put back, or is not the agency's first, does not know what was published by the one before. */
static int is_another_vault(struct vault *vault, bool *another, struct err *err)
{
    uint64_t lost = 0;
    int rc = vault_judging_lost(vault, &lost, err);
    *another = rc == 0 && lost > 0;
    return rc;
}

static int make_and_publish(struct round *round, struct vault_prekey *newest, bool anew, struct err *err)
{
    int rc = make_prekey(round, newest, anew, err);
    if (rc == 0)
        rc = publish(round->agency, newest, err);
    return rc;
}

/*
 * One that was made and not published goes first, unless it is as good as over, or was signed by a clock that was
 * ahead.
 */
int round_publish(struct round *round, struct err *err)
{
    struct vault *vault = round->agency->vault;
    struct vault_prekey newest;
    bool found = false, anew = false;
    int rc = vault_prekey_newest(vault, &newest, &found, err);
    const bool ahead = found && !newest.published && newest.time > round->now + WIRE_AHEAD_MAX;
    const bool over = ahead || (found && newest.prekey.valid_until < round->now + RENEW_BEFORE);
    if (rc == 0 && found && newest.published && !over && (rc = is_forgotten(round, &newest, &anew, err)) == 0 && !anew)
        return 0;
    if (rc == 0 && found && !newest.published && over)
        rc = vault_prekey_drop(vault, newest.prekey.number, err);
    if (rc == 0 && !found)
        rc = is_another_vault(vault, &anew, err);
    if (rc == 0)
        rc =
            !found || over || anew ? make_and_publish(round, &newest, anew, err) : publish(round->agency, &newest, err);
    if (rc == ERR_CONFLICT) { /* it was made on what is not the newest any more */
        rc = vault_prekey_drop(vault, newest.prekey.number, err);
        if (rc == 0)
            rc = make_and_publish(round, &newest, true, err);
    }
    return rc;
}
