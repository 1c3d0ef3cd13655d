/*
 * Every message of every conversation, with one function each that reads it and writes it again: for the fuzz target
 * and the unit test. In tests/fuzz/seeds/wire/ lies one of each; its first byte is the place in the table.
 */
#ifndef TESTS_FUZZ_WIRE_MESSAGES_H
#define TESTS_FUZZ_WIRE_MESSAGES_H

#include "protocol/wire/entry.h"
#include "protocol/wire/evaluate.h"
#include "protocol/wire/letter.h"
#include "protocol/wire/mailbox.h"
#include "protocol/wire/meeting.h"
#include "protocol/wire/status.h"

#include <stdbool.h>
#include <string.h>

#define MESSAGE_MAX (4u << 20) /* bytes that a message is written into */

/* One reading and writing; false if it was refused. */
typedef bool again(struct span in, struct buf *out, struct err *err);

#define PLAIN(conversation)                                                                                            \
    static bool conversation(struct span in, struct buf *out, struct err *err)                                         \
    {                                                                                                                  \
        struct conversation message = {0};                                                                             \
        return conversation##_decode(&message, in, err) == 0 && conversation##_encode(out, &message, err) == 0;        \
    }

#define ALLOCATED(conversation)                                                                                        \
    static bool conversation(struct span in, struct buf *out, struct err *err)                                         \
    {                                                                                                                  \
        struct conversation message;                                                                                   \
        if (conversation##_decode(&message, in, err) != 0)                                                             \
            return false;                                                                                              \
        bool written = conversation##_encode(out, &message, err) == 0;                                                 \
        conversation##_free(&message);                                                                                 \
        return written;                                                                                                \
    }

#define EMPTY(conversation)                                                                                            \
    static bool conversation(struct span in, struct buf *out, struct err *err)                                         \
    {                                                                                                                  \
        return conversation##_decode(in, err) == 0 && conversation##_encode(out, err) == 0;                            \
    }

/* Batches go with the envelope's scopes: two here. */
#define BATCHED(conversation)                                                                                          \
    static bool conversation(struct span in, struct buf *out, struct err *err)                                         \
    {                                                                                                                  \
        struct conversation message;                                                                                   \
        return conversation##_decode(&message, 2, in, err) == 0 && conversation##_encode(out, &message, err) == 0;     \
    }

BATCHED(evaluate_request)
PLAIN(evaluate_reply)
PLAIN(put_request)
PLAIN(put_reply)
PLAIN(remove_request)
PLAIN(remove_reply)
BATCHED(query_request)
ALLOCATED(query_reply)
PLAIN(fetch_request)
ALLOCATED(fetch_reply)
PLAIN(ack_request)
EMPTY(ack_reply)
PLAIN(wait_request)
PLAIN(wait_reply)
EMPTY(status_request)
ALLOCATED(status_reply)
PLAIN(budget_reply)
EMPTY(checkpoint_request)
PLAIN(checkpoint_reply)
PLAIN(proof_request)
PLAIN(proof_reply)
PLAIN(witness_request)
PLAIN(witness_reply)
PLAIN(release_request)
PLAIN(suspend_request)
EMPTY(close_request)
PLAIN(receipt_reply)
PLAIN(letter_request)
PLAIN(prekey_request)
PLAIN(prekeys_request)
ALLOCATED(prekeys_reply)

static bool request(struct span in, struct buf *out, struct err *err)
{
    struct wire_request message;
    return wire_request_decode(&message, in, err) == 0 && wire_request_encode(out, &message, err) == 0;
}

static bool reply(struct span in, struct buf *out, struct err *err)
{
    struct wire_reply message;
    if (wire_reply_decode(&message, in, err) != 0)
        return false;
    return message.status == WIRE_OK
               ? wire_reply_encode(out, message.type, message.id, message.body, err) == 0
               : wire_failure_encode(out, message.type, message.id, message.status, message.reason, err) == 0;
}

struct message {
    const char *name;
    again *read_and_write;
};

static const struct message messages[] = {
    {"request", request},
    {"reply", reply},
    {"evaluate-request", evaluate_request},
    {"evaluate-reply", evaluate_reply},
    {"put-request", put_request},
    {"put-reply", put_reply},
    {"remove-request", remove_request},
    {"remove-reply", remove_reply},
    {"query-request", query_request},
    {"query-reply", query_reply},
    {"fetch-request", fetch_request},
    {"fetch-reply", fetch_reply},
    {"ack-request", ack_request},
    {"ack-reply", ack_reply},
    {"wait-request", wait_request},
    {"wait-reply", wait_reply},
    {"status-request", status_request},
    {"status-reply", status_reply},
    {"checkpoint-request", checkpoint_request},
    {"checkpoint-reply", checkpoint_reply},
    {"proof-request", proof_request},
    {"proof-reply", proof_reply},
    {"witness-request", witness_request},
    {"witness-reply", witness_reply},
    {"release-request", release_request},
    {"suspend-request", suspend_request},
    {"close-request", close_request},
    {"receipt-reply", receipt_reply},
    {"letter-request", letter_request},
    {"prekey-request", prekey_request},
    {"prekeys-request", prekeys_request},
    {"prekeys-reply", prekeys_reply},
    {"budget-reply", budget_reply},
};

#define MESSAGES (sizeof messages / sizeof messages[0])

#endif
