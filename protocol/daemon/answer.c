#include "protocol/daemon/answer.h"

#include "protocol/base/log.h"
#include "protocol/daemon/figures.h"

/* Before the request ends. */
static void count(const struct rpc_request *request, enum wire_type type, enum wire_status status)
{
    static const char *const names[] = {"ok",   "malformed", "denied", "limit", "busy",
                                        "full", "conflict",  "failed", "clock", "spent"};
    figures_answered(wire_type_name(type), status < sizeof names / sizeof names[0] ? names[status] : "other",
                     rpc_request_age_us(request));
}

void answer_ok(struct rpc_request *request, const struct wire_request *in, struct span body)
{
    struct err err;
    struct buf message = buf_of(RPC_MESSAGE_MAX);
    if (wire_reply_encode(&message, in->type, in->id, body, &err) == 0) {
        count(request, in->type, WIRE_OK);
        rpc_reply(request, message.data, message.len);
    } else {
        answer_failure(request, in, &err);
    }
    buf_free(&message);
}

void answer_refusal(struct rpc_request *request, const struct wire_request *in, enum wire_status status,
                    const char *reason)
{
    struct err err;
    struct buf message = buf_of(4096);
    count(request, in->type, status);
    if (wire_failure_encode(&message, in->type, in->id, status, reason, &err) == 0)
        rpc_reply(request, message.data, message.len);
    else
        rpc_drop(request);
    buf_free(&message);
}

void answer_failure(struct rpc_request *request, const struct wire_request *in, const struct err *err)
{
    enum wire_status status = wire_status_of(err->code);
    log_event(status == WIRE_FAILED ? LOG_ERROR : LOG_WARN, "refused", "type=%s peer=%s reason=\"%s\"",
              wire_type_name(in->type), rpc_request_peer(request), err->text);
    answer_refusal(request, in, status, status == WIRE_FAILED ? "it failed; the daemon's log says why" : err->text);
}

void answer_malformed(struct rpc_request *request, const char *reason)
{
    struct err err;
    struct buf message = buf_of(4096);
    count(request, WIRE_UNKNOWN, WIRE_MALFORMED);
    if (wire_malformed_encode(&message, reason, &err) == 0)
        rpc_reply(request, message.data, message.len);
    else
        rpc_drop(request);
    buf_free(&message);
}

static int answer_checkpoint(struct ledger *ledger, struct span in, struct buf *body, struct err *err)
{
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    int rc = checkpoint_request_decode(in, err);
    if (rc == 0)
        rc = ledger_checkpoint(ledger, &note, err);
    if (rc == 0)
        rc = checkpoint_reply_encode(body, &(struct checkpoint_reply){buf_span(&note)}, err);
    buf_free(&note);
    return rc;
}

static int answer_proof(struct ledger *ledger, struct span in, struct buf *body, struct err *err)
{
    struct proof_request ask;
    struct buf proof = buf_of(LEDGER_PROOF_MAX * LEDGER_HASH_SIZE);
    int rc = proof_request_decode(&ask, in, err);
    if (rc == 0)
        rc = ledger_consistency(ledger, ask.old_size, ask.new_size, &proof, err);
    if (rc == 0)
        rc = proof_reply_encode(body, &(struct proof_reply){buf_span(&proof)}, err);
    buf_free(&proof);
    return rc;
}

int answer_ledger(struct ledger *ledger, const struct wire_request *in, struct buf *body, struct err *err)
{
    return in->type == WIRE_CHECKPOINT ? answer_checkpoint(ledger, in->body, body, err)
                                       : answer_proof(ledger, in->body, body, err);
}

int answer_receipt(struct ledger *ledger, uint64_t index, struct span event, struct buf *storage,
                   struct wire_receipt *receipt, struct err *err)
{
    struct checkpoint checkpoint;
    struct span body, signatures;
    buf_clear(storage);
    int rc = ledger_checkpoint(ledger, storage, err);
    size_t note = storage->len;
    if (rc == 0)
        rc = checkpoint_parse(&checkpoint, buf_span(storage), &body, &signatures, err);
    if (rc == 0)
        rc = ledger_inclusion(ledger, index, checkpoint.size, storage, err);
    if (rc == 0)
        *receipt = (struct wire_receipt){event, index, span_of(storage->data + note, storage->len - note),
                                         span_of(storage->data, note)};
    return rc;
}
