#include "protocol/wire/mailbox.h"

#include "protocol/base/sha256.h"
#include "protocol/letter/letter.h"
#include "protocol/wire/codec.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int fetch_request_encode(struct buf *out, const struct fetch_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "after", in->after);
    codec_write_uint(&w, "limit", in->limit);
    return codec_write_end(&w);
}

int fetch_request_decode(struct fetch_request *out, struct span body, struct err *err)
{
    uint64_t limit = 0;
    const struct codec_field fields[] = {
        {"after", CODEC_UINT, &out->after, 0, UINT64_MAX, 0, NULL},
        {"limit", CODEC_UINT, &limit, 1, WIRE_BATCH_MAX, 0, NULL},
    };
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    out->limit = (uint32_t)limit;
    return rc;
}

static void write_message(struct codec_writer *w, const struct mailbox_message *m)
{
    codec_write_map(w);
    codec_write_uint(w, "sequence", m->sequence);
    codec_write_uint(w, "kind", m->kind);
    codec_write_text(w, "purpose", m->purpose);
    codec_write_uint(w, "epoch", m->epoch);
    codec_write_bin(w, "partner", span_of(m->partner, PARTY_DIGEST_SIZE));
    codec_write_bin(w, "tag", span_of(m->tag, WIRE_TAG_SIZE));
    codec_write_uint(w, "time", m->time);
    codec_write_uint(w, "leaf", m->leaf);
    codec_write_uint(w, "count", m->count);
    codec_write_bin(w, "payload", m->payload);
    codec_write_end(w);
}

int fetch_reply_encode(struct buf *out, const struct fetch_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_array(&w, "messages", in->count);
    for (size_t i = 0; i < in->count; i++)
        write_message(&w, &in->message[i]);
    codec_write_events(&w, &in->events);
    codec_write_bin(&w, "checkpoint", in->checkpoint);
    codec_write_bin(&w, "chain", span_of(in->chain, WIRE_HASH_SIZE));
    codec_write_bool(&w, "more", in->more);
    return codec_write_end(&w);
}

/* What a message of each kind has besides its sender. */
static int check_kind(const struct mailbox_message *m, struct err *err)
{
    const bool sealed = m->kind == MAILBOX_MATCH || m->kind == MAILBOX_ASKED || m->kind == MAILBOX_LETTER;
    const bool tagged = m->kind != MAILBOX_LETTER && m->kind != MAILBOX_COUNT;
    const char *field = sealed != (m->payload.len > 0)                                   ? "payload"
                        : m->kind != MAILBOX_LETTER && m->payload.len > WIRE_PAYLOAD_MAX ? "payload"
                        : (m->kind == MAILBOX_COUNT) != (m->count > 0)                   ? "count"
                        : !tagged && !sodium_is_zero(m->tag, sizeof m->tag)              ? "tag"
                        : m->kind != MAILBOX_LETTER && m->purpose[0] == '\0'             ? "purpose"
                                                                                         : NULL;
    return field == NULL ? 0
                         : err_set(err, ERR_INPUT, "malformed message: field '%s' does not go with its kind", field);
}

static int read_message(struct codec_cursor *cursor, struct mailbox_message *out, struct err *err)
{
    uint64_t kind = 0;
    const struct codec_field fields[] = {
        {"sequence", CODEC_UINT, &out->sequence, 1, UINT64_MAX, 0, NULL},
        {"kind", CODEC_UINT, &kind, MAILBOX_MATCH, MAILBOX_COUNT, 0, NULL},
        {"purpose", CODEC_TEXT, out->purpose, 0, PARTY_NAME_MAX, 0, NULL},
        {"epoch", CODEC_U32, &out->epoch, 0, UINT32_MAX, 0, NULL},
        {"partner", CODEC_FIXED, out->partner, 0, PARTY_DIGEST_SIZE, 0, NULL},
        {"tag", CODEC_FIXED, out->tag, 0, WIRE_TAG_SIZE, 0, NULL},
        {"time", CODEC_UINT, &out->time, 0, INT64_MAX, 0, NULL},
        {"leaf", CODEC_UINT, &out->leaf, 0, INT64_MAX, 0, NULL},
        {"count", CODEC_UINT, &out->count, 0, INT64_MAX, 0, NULL},
        {"payload", CODEC_BIN, &out->payload, 0, LETTER_SIZE_MAX, 1, NULL},
    };
    int rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    out->kind = (enum mailbox_kind)kind;
    if (rc == 0)
        rc = check_kind(out, err);
    return rc;
}

static int read_messages(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct fetch_reply *out = to;
    int rc = codec_read_array(cursor, "messages", 0, WIRE_BATCH_MAX, &out->count, err);
    if (rc != 0 || out->count == 0)
        return rc;
    out->message = calloc(out->count, sizeof *out->message);
    if (out->message == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu messages", out->count);
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        rc = read_message(cursor, &out->message[i], err);
        if (rc == 0 && i > 0 && out->message[i].sequence <= out->message[i - 1].sequence)
            rc = err_set(err, ERR_INPUT, "malformed message: the sequence numbers do not ascend");
    }
    return rc;
}

int fetch_reply_decode(struct fetch_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"messages", CODEC_READ, out, 0, 0, 0, read_messages},
        {"events", CODEC_READ, &out->events, 0, 0, 0, codec_read_events},
        {"checkpoint", CODEC_BIN, &out->checkpoint, 0, WIRE_CHECKPOINT_MAX, 1, NULL},
        {"chain", CODEC_FIXED, out->chain, 0, WIRE_HASH_SIZE, 0, NULL},
        {"more", CODEC_BOOL, &out->more, 0, 0, 0, NULL},
    };
    memset(out, 0, sizeof *out);
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc == 0 && (out->events.count > 0) != (out->checkpoint.len > 0))
        rc = err_set(err, ERR_INPUT, "malformed message: field 'checkpoint' goes with events, and only with them");
    if (rc != 0)
        fetch_reply_free(out);
    return rc;
}

void fetch_reply_free(struct fetch_reply *reply)
{
    free(reply->message);
    wire_event_list_free(&reply->events);
    memset(reply, 0, sizeof *reply);
}

/* Each part behind its length, or of a length that its kind has. */
void mailbox_chain(uint8_t chain[WIRE_HASH_SIZE], const struct mailbox_message *message, const uint8_t *letter)
{
    static const char label[] = "concord mailbox v2";
    const size_t purpose = strlen(message->purpose);
    uint8_t head[8 + 1 + 4 + 8 + 8 + 8 + 1], body[WIRE_HASH_SIZE];
    struct sha256_state state;
    bytes_put_u64be(head, message->sequence);
    head[8] = (uint8_t)message->kind;
    bytes_put_u32be(head + 9, message->epoch);
    bytes_put_u64be(head + 13, message->time);
    bytes_put_u64be(head + 21, message->leaf);
    bytes_put_u64be(head + 29, message->count);
    head[37] = (uint8_t)purpose;
    if (letter != NULL)
        memcpy(body, letter, sizeof body);
    else
        sha256(body, message->payload);
    sha256_start(&state);
    sha256_add(&state, span_of(label, sizeof label - 1));
    sha256_add(&state, span_of(chain, WIRE_HASH_SIZE));
    sha256_add(&state, span_of(head, sizeof head));
    sha256_add(&state, span_of(message->purpose, purpose));
    sha256_add(&state, span_of(message->partner, sizeof message->partner));
    sha256_add(&state, span_of(message->tag, sizeof message->tag));
    sha256_add(&state, span_of(body, sizeof body));
    sha256_end(&state, chain);
}

int ack_request_encode(struct buf *out, const struct ack_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "through", in->through);
    codec_write_bin(&w, "chain", span_of(in->chain, WIRE_HASH_SIZE));
    return codec_write_end(&w);
}

int ack_request_decode(struct ack_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"through", CODEC_UINT, &out->through, 0, UINT64_MAX, 0, NULL},
        {"chain", CODEC_FIXED, out->chain, 0, WIRE_HASH_SIZE, 0, NULL},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int ack_reply_encode(struct buf *out, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    return codec_write_end(&w);
}

int ack_reply_decode(struct span body, struct err *err)
{
    return codec_read_map(body, NULL, 0, err);
}

int wait_request_encode(struct buf *out, const struct wait_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "after", in->after);
    codec_write_uint(&w, "seconds", in->seconds);
    return codec_write_end(&w);
}

int wait_request_decode(struct wait_request *out, struct span body, struct err *err)
{
    uint64_t seconds = 0;
    const struct codec_field fields[] = {
        {"after", CODEC_UINT, &out->after, 0, UINT64_MAX, 0, NULL},
        {"seconds", CODEC_UINT, &seconds, 1, MAILBOX_WAIT_MAX, 0, NULL},
    };
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    out->seconds = (uint32_t)seconds;
    return rc;
}

int wait_reply_encode(struct buf *out, const struct wait_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bool(&w, "available", in->available);
    return codec_write_end(&w);
}

int wait_reply_decode(struct wait_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {{"available", CODEC_BOOL, &out->available, 0, 0, 0, NULL}};
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}
