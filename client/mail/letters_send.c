/* Letters that go: sealed to the recipient's prekey, sent as one request each, which a crash repeats. */
#include "client/mail/round.h"

#include "client/agency/ledgers.h"
#include "client/agency/matcher.h"
#include "protocol/base/clock.h"
#include "protocol/wire/letter.h"
#include "protocol/wire/meeting.h"
#include "protocol/wire/statement.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* --- sealing --- */

/* ERR_DENIED, ERR_NOT_FOUND: why it waits. */
static int find_prekey(const struct round *round, const struct vault_letter *l, struct prekey *prekey, struct err *err)
{
    const struct agency *a = round->agency;
    const struct party *peer = region_find_party_by_digest(a->region, l->peer);
    char when[CLOCK_TEXT_SIZE];
    bool found = false;
    if (peer == NULL)
        return err_set(err, ERR_DENIED, "the recipient is no party of the manifest any more");
    const char *hindrance = region_letter_hindrance(a->region, &a->identity->party, peer, l->purpose);
    if (hindrance != NULL)
        return err_set(err, ERR_DENIED, "%s", hindrance);
    int rc = vault_prekey_of(a->vault, l->peer, prekey, &found, err);
    if (rc == 0 && !found)
        return err_set(err, ERR_NOT_FOUND, "%s has not published a prekey yet", peer->name);
    if (rc == 0 && prekey_usable(prekey, round->now, ERR_IGNORED) != 0)
        return err_set(err, ERR_NOT_FOUND, "the newest prekey of %s was valid until %s: it has not been here since",
                       peer->name, clock_text(when, prekey->valid_until));
    return rc;
}

static int seal(const struct round *round, const struct vault_letter *l, const struct prekey *prekey, struct buf *out,
                struct err *err)
{
    const struct agency *a = round->agency;
    struct letter_context context = {.region = span_of(a->region->name, strlen(a->region->name)),
                                     .purpose = span_of(l->purpose, strlen(l->purpose)),
                                     .prekey = prekey->number};
    memcpy(context.sender, round->own, sizeof context.sender);
    memcpy(context.recipient, l->peer, sizeof context.recipient);
    buf_clear(out);
    return letter_seal(out, &context, &l->letter, a->identity, prekey->key, err);
}

/* The current one of the purpose that it is about; 0: about none. */
static uint32_t epoch_of(const struct agency *a, const struct vault_letter *l)
{
    const int purpose = region_find_purpose(a->region, l->purpose);
    return purpose >= 0 ? region_current(&a->region->purposes[purpose])->epoch : 0;
}

static int seal_one(struct round *round, const struct vault_letter *l, struct buf *sealed, struct err *err)
{
    struct vault *vault = round->agency->vault;
    struct prekey prekey;
    struct vault_letter_request request = {.time = round->now, .epoch = epoch_of(round->agency, l)};
    char why[LETTER_WHY_MAX + 1];
    int rc = find_prekey(round, l, &prekey, err);
    if (rc == ERR_DENIED || rc == ERR_NOT_FOUND) {
        round->counts->waiting++;
        snprintf(why, sizeof why, "%.*s", LETTER_WHY_MAX, err->text);
        return vault_letter_why(vault, l->number, why, err);
    }
    if (rc == 0)
        rc = seal(round, l, &prekey, sealed, err);
    randombytes_buf(request.id, sizeof request.id);
    if (rc == 0)
        rc = vault_letter_seal(vault, l->number, prekey.valid_until, &request, buf_span(sealed), err);
    return rc;
}

static int seal_all(struct round *round, struct err *err)
{
    struct buf bytes = buf_of(2 * LETTER_SIZE_MAX), sealed = buf_of(LETTER_SIZE_MAX);
    struct vault_letter letter = {.number = 0};
    bool found = true;
    int rc = 0;
    while (rc == 0) {
        rc = vault_letter_waiting(round->agency->vault, letter.number, &letter, &bytes, &found, err);
        if (rc != 0 || !found)
            break;
        rc = seal_one(round, &letter, &sealed, err);
    }
    buf_free(&bytes);
    buf_free(&sealed);
    return rc;
}

int round_seal(struct round *round, struct err *err)
{
    uint8_t peer[WIRE_PARTNERS_MAX][PARTY_DIGEST_SIZE];
    size_t count = 0;
    int rc = vault_letter_peers(round->agency->vault, peer, WIRE_PARTNERS_MAX, &count, err);
    if (rc != 0 || count == 0)
        return rc;
    rc = round_fetch_prekeys(round, peer, count, err);
    if (rc == 0)
        rc = seal_all(round, err);
    return rc;
}

/* --- sending --- */

static int make_request(const struct agency *a, const struct vault_letter *l, struct wire_request *request,
                        struct buf *body, struct err *err)
{
    struct letter_request letter = {.letter = l->sealed};
    memcpy(letter.recipient, l->peer, sizeof letter.recipient);
    buf_clear(body);
    int rc = letter_request_encode(body, &letter, err);
    *request = (struct wire_request){.type = WIRE_LETTER, .time = l->request.time, .body = buf_span(body)};
    memcpy(request->id, l->request.id, sizeof request->id);
    if (l->request.epoch != 0) {
        request->scope_count = 1;
        memcpy(request->scope[0].purpose, l->purpose, sizeof request->scope[0].purpose);
        request->scope[0].epoch = l->request.epoch;
    }
    agency_sign_again(a, &a->region->matcher, request);
    return rc;
}

static int note_sent(struct vault *vault, const struct vault_letter *l, struct span receipt, struct err *err)
{
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_receipt_put(vault, receipt, err);
    if (rc == 0)
        rc = vault_letter_receipt_put(vault, l->peer, &l->letter, receipt, err);
    if (rc == 0)
        rc = vault_letter_sent(vault, l->number, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

static int send_one(struct agency *a, const struct vault_letter *l, struct err *err)
{
    struct wire_request request;
    struct wire_reply answer;
    struct receipt_reply reply;
    struct buf body = buf_of(LETTER_SIZE_MAX + 256), message = buf_of(RPC_MESSAGE_MAX);
    struct buf receipt = buf_of(VAULT_RECEIPT_MAX);
    int rc = make_request(a, l, &request, &body, err);
    if (rc == 0)
        rc = agency_ask_matcher(a, &request, &message, &answer, err);
    if (rc == 0)
        rc = receipt_reply_decode(&reply, answer.body, err);
    if (rc == 0)
        rc = ledgers_receipt(a, &request, &reply.receipt, &receipt, err);
    if (rc == 0)
        rc = note_sent(a->vault, l, buf_span(&receipt), err);
    buf_free(&body);
    buf_free(&message);
    buf_free(&receipt);
    return rc;
}

/*
 * What the matcher does not take waits and says why; the others go all the same. Of an epoch that is over, or signed by
 * a clock that was ahead, nothing would ever be taken: the next round seals it anew.
 */
static int send_or_hold(struct round *round, const struct vault_letter *l, struct err *err)
{
    char why[LETTER_WHY_MAX + 1];
    if (l->request.epoch != epoch_of(round->agency, l) || l->request.time > round->now + WIRE_AHEAD_MAX)
        return vault_letter_unseal(round->agency->vault, l->number, err);
    int rc = send_one(round->agency, l, err);
    round->counts->sent += rc == 0 && !letter_is_control(l->letter.kind);
    if (rc != ERR_DENIED && rc != ERR_CONFLICT && rc != ERR_BUSY)
        return rc;
    round->counts->held++;
    snprintf(why, sizeof why, "%.*s", LETTER_WHY_MAX, err->text);
    return vault_letter_why(round->agency->vault, l->number, why, err);
}

int round_send(struct round *round, struct err *err)
{
    struct buf bytes = buf_of(2 * LETTER_SIZE_MAX);
    struct vault_letter letter = {.number = 0};
    bool found = true;
    int rc = 0;
    while (rc == 0) {
        rc = vault_letter_sealed(round->agency->vault, letter.number, &letter, &bytes, &found, err);
        if (rc != 0 || !found)
            break;
        rc = send_or_hold(round, &letter, err);
    }
    buf_free(&bytes);
    return rc;
}
