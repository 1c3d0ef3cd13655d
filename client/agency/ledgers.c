#include "client/agency/ledgers.h"

#include "client/agency/evidence.h"
#include "client/agency/shun.h"
#include "protocol/base/clock.h"
#include "protocol/ledger/batch.h"
#include "protocol/ledger/receipt.h"
#include "protocol/ledger/witness.h"
#include "protocol/wire/evaluate.h"
#include "protocol/wire/ledger.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define CUSTODIAN_TIMEOUT_MS 3000

/* A ledger, what was seen of it, and what it shows now. */
struct view {
    const struct party *owner;
    char origin[NOTE_NAME_MAX + 1];
    struct buf seen_note;
    struct checkpoint seen, shown;
    bool known; /* something was seen */
};

static int call(struct rpc_client *client, const struct party *owner, enum wire_type type, const struct buf *body,
                struct buf *message, struct wire_reply *reply, struct err *err)
{
    return wire_ask(client, owner->name, type, buf_span(body), message, reply, err);
}

/* A proof between the two sizes from the owner, whichever is larger, checked against both roots. */
static int prove(struct rpc_client *client, const struct party *owner, const struct checkpoint *old,
                 const struct checkpoint *new, struct err *err)
{
    struct wire_reply reply;
    struct proof_reply proof;
    struct buf body = buf_of(256), message = buf_of(RPC_MESSAGE_MAX);
    int rc = proof_request_encode(&body, &(struct proof_request){old->size, new->size}, err);
    if (rc == 0)
        rc = call(client, owner, WIRE_PROOF, &body, &message, &reply, err);
    if (rc == 0 && proof_reply_decode(&proof, reply.body, err) != 0) /* damaged on its way, it proves nothing */
        rc = err_set(err, ERR_IO, "the proof of %s cannot be read", owner->name);
    if (rc == 0)
        rc = merkle_verify_consistency(old->size, &old->root, new->size, &new->root, proof.proof, err);
    buf_free(&body);
    buf_free(&message);
    return rc;
}

/* A proof that does not hold is asked for once more: bytes may have been damaged. */
static int prove_again(struct rpc_client *client, const struct party *owner, const struct checkpoint *old,
                       const struct checkpoint *new, struct err *err)
{
    int rc = prove(client, owner, old, new, err);
    return rc == ERR_VERIFY ? prove(client, owner, old, new, err) : rc;
}

/* The owner's fault, and evidence of it; being out of reach is not. */
static int contradiction(struct agency *a, const struct view *v, struct span shown, int rc, struct err *err)
{
    struct evidence evidence = {.kind = EVIDENCE_CHECKPOINTS, .first = buf_span(&v->seen_note), .second = shown};
    struct buf mark = buf_of(2 * NOTE_MAX);
    if (rc != ERR_VERIFY && rc != ERR_INPUT)
        return rc;
    snprintf(evidence.party, sizeof evidence.party, "%s", v->owner->name);
    snprintf(evidence.why, sizeof evidence.why, "%s", err->text);
    rc = buf_put(&mark, evidence.first.data, evidence.first.len, err);
    if (rc == 0)
        rc = buf_put(&mark, shown.data, shown.len, err);
    if (rc == 0)
        rc = agency_evidence_keep(a, &evidence, buf_span(&mark), err);
    buf_free(&mark);
    if (rc != 0)
        return rc;
    return err_set(
        err, ERR_VERIFY,
        "%s contradicts its own ledger: it showed %" PRIu64 " entries before and shows %" PRIu64 " now, and these do "
        "not belong together (%.200s). It was put back to an old state, or shows different histories. Nothing more is sent. "
        "Tell the auditors: concord-client evidence export DIR writes out both checkpoints",
        v->owner->name, v->seen.size, v->shown.size, evidence.why);
}

static int compare(struct agency *a, struct rpc_client *client, const struct view *v, struct span shown,
                   struct err *err)
{
    int rc = 0;
    if (v->shown.size < v->seen.size)
        rc = prove_again(client, v->owner, &v->shown, &v->seen, err);
    else if (v->shown.size > v->seen.size)
        rc = prove_again(client, v->owner, &v->seen, &v->shown, err);
    else
        rc = merkle_verify_consistency(v->seen.size, &v->seen.root, v->shown.size, &v->shown.root, span_of(NULL, 0),
                                       err);
    return rc != 0 ? contradiction(a, v, shown, rc, err) : 0;
}

/* How many custodians of the manifest have cosigned it. */
static size_t count_cosignatures(const struct region *r, struct span checkpoint)
{
    char name[NOTE_NAME_MAX + 1];
    uint64_t time;
    size_t count = 0;
    for (size_t i = 0; i < r->custodian_count; i++) {
        const struct party *p = &r->custodians[i].party;
        count += witness_name(name, r->name, p->name, ERR_IGNORED) == 0 &&
                 cosignature_verify(checkpoint, name, p->witness, &time, ERR_IGNORED) == 0;
    }
    return count;
}

/* Receipts are provisional until so many witnesses as the manifest demands have seen the same ledger. */
static int note_final(struct agency *a, const struct party *owner, const struct checkpoint *shown, struct span note,
                      struct err *err)
{
    struct vault_final final;
    if (owner != &a->region->matcher)
        return 0;
    int rc = vault_final_get(a->vault, &final, err);
    if (rc != 0 || shown->size <= final.size || count_cosignatures(a->region, note) < a->region->witnesses)
        return rc;
    return vault_final_put(a->vault, &(struct vault_final){shown->size, clock_now()}, err);
}

int ledgers_check(struct agency *agency, struct rpc_client *client, const struct party *owner, struct span checkpoint,
                  struct err *err)
{
    struct view v = {.owner = owner, .seen_note = buf_of(NOTE_MAX)};
    struct span body, signatures;
    int rc = ledger_origin(v.origin, agency->region->name, owner->name, err);
    if (rc == 0)
        rc = checkpoint_verify(&v.shown, checkpoint, owner->log, err);
    if (rc == 0 && strcmp(v.shown.origin, v.origin) != 0)
        rc = err_set(err, ERR_VERIFY, "%s shows the ledger %s", owner->name, v.shown.origin);
    if (rc == 0)
        rc = vault_ledger_get(agency->vault, v.origin, owner->log, &v.seen_note, &v.known, err);
    if (rc == 0 && v.known)
        rc = checkpoint_parse(&v.seen, buf_span(&v.seen_note), &body, &signatures, err);
    if (rc == 0 && v.known)
        rc = compare(agency, client, &v, checkpoint, err);
    if (rc == 0 && (!v.known || v.shown.size > v.seen.size))
        rc = vault_ledger_put(agency->vault, v.origin, owner->log, checkpoint, err);
    if (rc == 0)
        rc = note_final(agency, owner, &v.shown, checkpoint, err);
    buf_free(&v.seen_note);
    return rc;
}

int ledgers_greet(struct agency *agency, struct rpc_client *client, const struct party *owner, struct err *err)
{
    struct wire_reply reply;
    struct checkpoint_reply checkpoint;
    struct buf body = buf_of(256), message = buf_of(RPC_MESSAGE_MAX);
    int rc = checkpoint_request_encode(&body, err);
    if (rc == 0)
        rc = call(client, owner, WIRE_CHECKPOINT, &body, &message, &reply, err);
    if (rc == 0)
        rc = checkpoint_reply_decode(&checkpoint, reply.body, err);
    if (rc == 0)
        rc = ledgers_check(agency, client, owner, checkpoint.checkpoint, err);
    buf_free(&body);
    buf_free(&message);
    return rc;
}

int ledgers_greet_custodians(struct agency *agency, struct err *err)
{
    const struct region *r = agency->region;
    const uint64_t silent = clock_now() + SHUN_SILENT_SECONDS;
    uint64_t until[REGION_CUSTODIANS_MAX];
    int rc = 0;
    shun_load(agency, until);
    for (size_t i = 0; rc != ERR_VERIFY && i < r->custodian_count; i++) {
        struct rpc_client *client = NULL;
        if (until[i] != 0 && until[i] <= silent)
            continue; /* it did not answer of late, and would cost each process its seconds */
        rc = agency_connect(agency, &r->custodians[i].party, r->custodians[i].url, CUSTODIAN_TIMEOUT_MS, &client, err);
        if (rc == 0)
            rc = ledgers_greet(agency, client, &r->custodians[i].party, err);
        rpc_client_close(client);
        if (rc == ERR_UNREACHABLE) {
            until[i] = silent;
            shun_save(agency, until);
        }
    }
    return rc == ERR_VERIFY ? rc : 0;
}

/* The event must be about what was sent: an old receipt would prove as well that something is in the ledger. */
/* Requests without tags: the hash of the statement is about all that they say. */
static enum event_kind plain_kind(enum wire_type type)
{
    return type == WIRE_RELEASE   ? EVENT_RELEASE
           : type == WIRE_SUSPEND ? EVENT_SUSPEND
           : type == WIRE_CLOSE   ? EVENT_CLOSE
           : type == WIRE_LETTER  ? EVENT_LETTER
           : type == WIRE_PREKEY  ? EVENT_PREKEY
                                  : 0;
}

static int check_plain(const struct agency *a, const struct wire_request *request, const uint8_t hash[WIRE_HASH_SIZE],
                       const struct event *event, struct err *err)
{
    bool same = event->kind == plain_kind(request->type) && strcmp(event->party, a->identity->party.name) == 0 &&
                memcmp(event->id, request->id, sizeof event->id) == 0 &&
                memcmp(event->request, hash, sizeof event->request) == 0;
    return same ? 0 : err_set(err, ERR_VERIFY, "its event is about another request");
}

static int check_event(const struct agency *a, const struct wire_request *request, const struct event *event,
                       struct err *err)
{
    struct batch batch;
    struct wire_ends ends = {.region = a->region->name};
    uint8_t hash[WIRE_HASH_SIZE];
    party_digest(ends.peer, &a->region->matcher);
    party_digest(ends.sender, &a->identity->party);
    wire_request_hash(hash, request, &ends);
    if (plain_kind(request->type) != 0)
        return check_plain(a, request, hash, event, err);
    int rc = batch_decode(&batch, request, err);
    if (rc == 0)
        rc = batch_verify(event, &batch, a->identity->party.name, request, hash, err);
    return rc;
}

int ledgers_receipt_verify(const struct agency *agency, const struct wire_request *request,
                           const struct wire_receipt *receipt, struct buf *out, struct err *err)
{
    const struct party *matcher = &agency->region->matcher;
    const struct receipt in = {receipt->event, receipt->leaf, receipt->proof, receipt->checkpoint};
    char origin[NOTE_NAME_MAX + 1];
    struct event event;
    struct checkpoint checkpoint;
    int rc = ledger_origin(origin, agency->region->name, matcher->name, err);
    if (rc == 0)
        rc = receipt_verify(&in, origin, matcher->log, &event, &checkpoint, err);
    if (rc == 0)
        rc = check_event(agency, request, &event, err);
    return rc != 0 ? err_wrap(err, "the matcher's receipt") : receipt_print(out, &in, err);
}

int ledgers_receipt(struct agency *agency, const struct wire_request *request, const struct wire_receipt *receipt,
                    struct buf *out, struct err *err)
{
    int rc = ledgers_receipt_verify(agency, request, receipt, out, err);
    if (rc == 0)
        rc = ledgers_check(agency, agency->matcher, &agency->region->matcher, receipt->checkpoint, err);
    return rc;
}

/* --- custodians --- */

static int check_evaluation(const struct agency *a, const struct wire_request *request, const struct event *event,
                            struct err *err)
{
    struct evaluate_request ask = {.count = 0};
    struct event_scope scope;
    struct event_digest digest;
    uint8_t expected[EVENT_DIGEST_SIZE];
    int rc = evaluate_request_decode(&ask, request->scope_count, request->body, err);
    if (rc == 0)
        rc = event_get_scope(&scope, event, err);
    if (rc != 0)
        return rc;
    bool same = event->kind == EVENT_EVALUATE && strcmp(event->party, a->identity->party.name) == 0 &&
                memcmp(event->id, request->id, sizeof event->id) == 0 && scope.items == request->scope_count;
    event_digest_start(&digest, event->salt);
    for (size_t i = 0; same && i < ask.count; i++) {
        const struct span blinded = ask.batch[i].blinded;
        same = strcmp(scope.item[i].purpose, request->scope[i].purpose) == 0 &&
               scope.item[i].epoch == request->scope[i].epoch && scope.count[i] == blinded.len / sizeof(struct element);
        for (size_t at = 0; at < blinded.len; at += sizeof(struct element))
            event_digest_add(&digest, span_of(blinded.data + at, sizeof(struct element)));
    }
    event_digest_end(&digest, expected);
    same = same && memcmp(expected, event->digest, sizeof expected) == 0;
    return same ? 0 : err_set(err, ERR_VERIFY, "its event is about another request");
}

int ledgers_evaluation_verify(const struct agency *agency, const struct party *custodian,
                              const struct wire_request *request, const struct wire_receipt *receipt, struct buf *out,
                              uint64_t *time, struct err *err)
{
    const struct receipt in = {receipt->event, receipt->leaf, receipt->proof, receipt->checkpoint};
    char origin[NOTE_NAME_MAX + 1];
    struct event event;
    struct checkpoint checkpoint;
    int rc = ledger_origin(origin, agency->region->name, custodian->name, err);
    if (rc == 0)
        rc = receipt_verify(&in, origin, custodian->log, &event, &checkpoint, err);
    if (rc == 0)
        rc = check_evaluation(agency, request, &event, err);
    if (rc == 0)
        *time = event.time;
    return rc != 0 ? err_wrap(err, "the receipt of %s", custodian->name) : receipt_print(out, &in, err);
}
