/*
 * Every message of every conversation. The first byte chooses the decoder. What is accepted is written again, and read
 * again: the second writing is the same as the first.
 */
#include "protocol/wire/entry.h"
#include "protocol/wire/evaluate.h"
#include "protocol/wire/mailbox.h"
#include "protocol/wire/status.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define MESSAGE_MAX (4u << 20)

/* One reading and writing; false if it was refused. */
typedef bool again(struct span in, struct buf *out, struct err *err);

#define PLAIN(conversation) \
    static bool conversation(struct span in, struct buf *out, struct err *err) \
    { \
        struct conversation message = {0}; \
        return conversation##_decode(&message, in, err) == 0 && conversation##_encode(out, &message, err) == 0; \
    }

#define ALLOCATED(conversation) \
    static bool conversation(struct span in, struct buf *out, struct err *err) \
    { \
        struct conversation message; \
        if (conversation##_decode(&message, in, err) != 0) \
            return false; \
        bool written = conversation##_encode(out, &message, err) == 0; \
        conversation##_free(&message); \
        return written; \
    }

#define EMPTY(conversation) \
    static bool conversation(struct span in, struct buf *out, struct err *err) \
    { \
        return conversation##_decode(in, err) == 0 && conversation##_encode(out, err) == 0; \
    }

PLAIN(evaluate_request)
PLAIN(evaluate_reply)
PLAIN(entry_reply)
ALLOCATED(query_reply)
PLAIN(fetch_request)
ALLOCATED(fetch_reply)
PLAIN(ack_request)
EMPTY(ack_reply)
PLAIN(wait_request)
PLAIN(wait_reply)
EMPTY(status_request)
PLAIN(status_reply)
EMPTY(checkpoint_request)
PLAIN(checkpoint_reply)
PLAIN(proof_request)
PLAIN(proof_reply)
PLAIN(witness_request)
PLAIN(witness_reply)

static bool entries(enum wire_type type, struct span in, struct buf *out, struct err *err)
{
    struct entry_request message;
    if (entry_request_decode(&message, type, in, err) != 0)
        return false;
    bool written = entry_request_encode(out, type, &message, err) == 0;
    entry_request_free(&message);
    return written;
}

static bool put(struct span in, struct buf *out, struct err *err)
{
    return entries(WIRE_PUT, in, out, err);
}

static bool query(struct span in, struct buf *out, struct err *err)
{
    return entries(WIRE_QUERY, in, out, err);
}

static bool request(struct span in, struct buf *out, struct err *err)
{
    struct wire_request message;
    return wire_request_decode(&message, in, err) == 0 &&
           wire_request_encode(out, message.type, message.id, message.body, err) == 0;
}

static bool reply(struct span in, struct buf *out, struct err *err)
{
    struct wire_reply message;
    if (wire_reply_decode(&message, in, err) != 0)
        return false;
    FUZZ_HOLDS((wire_status_error(&message, "peer", err) == 0) == (message.status == WIRE_OK));
    return message.status == WIRE_OK
               ? wire_reply_encode(out, message.type, message.id, message.body, err) == 0
               : wire_failure_encode(out, message.type, message.id, message.status, message.reason, err) == 0;
}

static again *const messages[] = {
    request,       reply,         evaluate_request, evaluate_reply, put,            query,
    entry_reply,   query_reply,   fetch_request,    fetch_reply,    ack_request,    ack_reply,
    wait_request,  wait_reply,    status_request,   status_reply,   checkpoint_request, checkpoint_reply,
    proof_request, proof_reply,   witness_request,  witness_reply,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct buf first = buf_of(MESSAGE_MAX), second = buf_of(MESSAGE_MAX);
    if (size == 0)
        return 0;
    again *one = messages[data[0] % (sizeof messages / sizeof messages[0])];
    if (one(span_of(data + 1, size - 1), &first, &err)) {
        FUZZ_HOLDS(one(buf_span(&first), &second, &err));
        FUZZ_HOLDS(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    } else {
        FUZZ_HOLDS(err.text[0] != '\0');
    }
    buf_free(&first);
    buf_free(&second);
    return 0;
}
