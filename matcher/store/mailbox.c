/* Mailboxes, and the answers that request ids got: both are appended to and later erased from the old end. */
#include "matcher/store/rocksdb.h"

#include <stdio.h>
#include <stdlib.h>

#define MESSAGE_CHAIN (1 + 2 + 4 + 2 + WIRE_TAG_SIZE + 3 * 8)
#define MESSAGE_HEAD (MESSAGE_CHAIN + 2 * WIRE_HASH_SIZE)
#define ANSWER_HEAD (8 + 32 + 8)

/* --- mailboxes --- */

static struct store_mailbox mailbox_of(const struct box *box)
{
    struct store_mailbox out = {.last = box->last, .acknowledged = box->acknowledged};
    memcpy(out.chain, box->chain, sizeof out.chain);
    return out;
}

struct store_mailbox store_mailbox(struct store *store, uint16_t agency)
{
    struct store_mailbox out = {0};
    pthread_rwlock_rdlock(&store->lock);
    if (agency > 0 && agency <= store->names)
        out = mailbox_of(&store->box[agency - 1].committed);
    pthread_rwlock_unlock(&store->lock);
    return out;
}

struct store_mailbox store_mailbox_now(const struct store *store, uint16_t agency)
{
    return agency > 0 && agency <= store->names_pending ? mailbox_of(&store->box[agency - 1].pending)
                                                        : (struct store_mailbox){0};
}

static void write_message_head(uint8_t value[MESSAGE_HEAD], const struct store_message *message)
{
    value[0] = (uint8_t)message->kind;
    bytes_put_u16be(value + 1, message->purpose);
    bytes_put_u32be(value + 3, message->epoch);
    bytes_put_u16be(value + 7, message->partner);
    memcpy(value + 9, message->tag, WIRE_TAG_SIZE);
    bytes_put_u64be(value + 25, message->time);
    bytes_put_u64be(value + 33, message->leaf);
    bytes_put_u64be(value + 41, message->count);
}

/* The mailbox's chain with the message; a name that is new is the write's own yet. */
static void chain_message(const struct store *s, uint8_t chain[WIRE_HASH_SIZE], uint64_t sequence,
                          const struct store_message *in)
{
    struct mailbox_message m = {.sequence = sequence,
                                .kind = in->kind,
                                .epoch = in->epoch,
                                .time = in->time,
                                .leaf = in->leaf,
                                .count = in->count,
                                .payload = in->payload};
    memcpy(m.tag, in->tag, sizeof m.tag);
    if (in->purpose > 0 && in->purpose <= s->names_pending)
        snprintf(m.purpose, sizeof m.purpose, "%s", s->name[in->purpose - 1].text);
    if (in->partner > 0 && in->partner <= s->names_pending)
        memcpy(m.partner, s->name[in->partner - 1].digest, sizeof m.partner);
    mailbox_chain(chain, &m, in->letter);
}

int store_mailbox_append(struct store_write *write, uint16_t agency, const struct store_message *message,
                         uint64_t *sequence, struct err *err)
{
    struct store *s = write->store;
    struct buf value = buf_of(KV_VALUE_MAX);
    if (agency == 0 || agency > s->names_pending)
        return err_set(err, ERR_INTERNAL, "a message for nobody");
    uint8_t *to = buf_reserve(&value, MESSAGE_HEAD + message->payload.len, err);
    if (to == NULL)
        return err_code(err);
    struct box_pair *pair = &s->box[agency - 1];
    const struct key key = key_message(agency, ++pair->pending.last);
    pair->changed = true;
    write_message_head(to, message);
    memcpy(to + MESSAGE_CHAIN, pair->pending.chain, WIRE_HASH_SIZE);
    chain_message(s, pair->pending.chain, pair->pending.last, message);
    memcpy(to + MESSAGE_CHAIN + WIRE_HASH_SIZE, pair->pending.chain, WIRE_HASH_SIZE);
    if (message->payload.len > 0)
        memcpy(to + MESSAGE_HEAD, message->payload.data, message->payload.len);
    write_put(write, &key, to, MESSAGE_HEAD + message->payload.len);
    if (sequence != NULL)
        *sequence = pair->pending.last;
    buf_free(&value);
    return 0;
}

static int parse_message(struct store_message *out, struct span key, struct span value, struct err *err)
{
    if (value.len < MESSAGE_HEAD || value.data[0] < MAILBOX_MATCH || value.data[0] > MAILBOX_COUNT)
        return err_set(err, ERR_VERIFY, "the matcher's store is damaged: a message");
    out->sequence = bytes_get_u64be(key.data + 3);
    out->kind = (enum mailbox_kind)value.data[0];
    out->purpose = bytes_get_u16be(value.data + 1);
    out->epoch = bytes_get_u32be(value.data + 3);
    out->partner = bytes_get_u16be(value.data + 7);
    memcpy(out->tag, value.data + 9, WIRE_TAG_SIZE);
    out->time = bytes_get_u64be(value.data + 25);
    out->leaf = bytes_get_u64be(value.data + 33);
    out->count = bytes_get_u64be(value.data + 41);
    out->letter = NULL;
    memcpy(out->before, value.data + MESSAGE_CHAIN, sizeof out->before);
    memcpy(out->after, value.data + MESSAGE_CHAIN + WIRE_HASH_SIZE, sizeof out->after);
    out->payload = span_of(value.data + MESSAGE_HEAD, value.len - MESSAGE_HEAD);
    return 0;
}

int store_mailbox_read(struct store *store, uint16_t agency, uint64_t after, store_visit_message *visit, void *context,
                       struct err *err)
{
    const struct store_mailbox box = store_mailbox(store, agency);
    struct kv_cursor *c = NULL;
    struct key prefix = key_of('M');
    key_u16(&prefix, agency);
    if (after >= box.last)
        return 0;
    int rc = kv_cursor_open(&c, store->kv, err);
    if (rc != 0)
        return rc;
    const struct key from = key_message(agency, after + 1);
    kv_cursor_seek(c, from.bytes, from.len);
    for (; kv_cursor_valid(c) && key_begins(&prefix, kv_cursor_key(c), KEY_MESSAGE_SIZE); kv_cursor_next(c)) {
        struct store_message message;
        rc = parse_message(&message, kv_cursor_key(c), kv_cursor_value(c), err);
        if (rc != 0 || message.sequence > box.last || !visit(context, &message))
            break; /* beyond the last: written a moment ago, by a write that the ledger does not show yet */
    }
    if (rc == 0)
        rc = kv_cursor_error(c, err);
    kv_cursor_free(c);
    return rc;
}

int store_mailbox_acknowledge(struct store_write *write, uint16_t agency, uint64_t through, uint64_t *count,
                              struct err *err)
{
    *count = 0;
    struct store *s = write->store;
    struct box_pair *pair = agency > 0 && agency <= s->names_pending ? &s->box[agency - 1] : NULL;
    uint64_t last = pair != NULL ? pair->pending.last : 0;
    if (through > last)
        return err_set(err, ERR_INPUT, "message %llu cannot be acknowledged: the last one is %llu",
                       (unsigned long long)through, (unsigned long long)last);
    if (pair != NULL && through > pair->pending.acknowledged) {
        *count = through - pair->pending.acknowledged;
        pair->pending.acknowledged = through;
        pair->changed = true;
        write->staged = true;
    }
    return 0;
}

/* --- answers --- */

int store_answer_put(struct store_write *write, uint16_t agency, const uint8_t id[WIRE_ID_SIZE],
                     const struct store_answer *answer, struct err *err)
{
    const struct key key = key_answer(agency, id), age = key_answer_age('A', answer->time, agency, id);
    uint8_t head[ANSWER_HEAD];
    struct buf value = buf_of(KV_VALUE_MAX);
    bytes_put_u64be(head, answer->time);
    memcpy(head + 8, answer->digest, 32);
    bytes_put_u64be(head + 40, answer->index);
    int rc = buf_put(&value, head, sizeof head, err);
    if (rc == 0)
        rc = buf_put(&value, answer->result.data, answer->result.len, err);
    if (rc == 0) {
        write_put(write, &key, value.data, value.len);
        write_put(write, &age, NULL, 0);
    }
    buf_free(&value);
    return rc;
}

void store_hits_put(struct store_write *write, uint16_t agency, const uint8_t id[WIRE_ID_SIZE], uint64_t time,
                    struct span hits)
{
    const struct key key = key_answer_age('Y', time, agency, id);
    write_put(write, &key, hits.data, hits.len);
}

int store_hits_get(struct store *store, uint16_t agency, const uint8_t id[WIRE_ID_SIZE], uint64_t time,
                   struct buf *bytes, struct err *err)
{
    const struct key key = key_answer_age('Y', time, agency, id);
    return kv_get(store->kv, key.bytes, key.len, bytes, err);
}

int store_answer_get(struct store *store, uint16_t agency, const uint8_t id[WIRE_ID_SIZE], struct store_answer *answer,
                     struct buf *bytes, struct err *err)
{
    const struct key key = key_answer(agency, id);
    buf_clear(bytes);
    int rc = kv_get(store->kv, key.bytes, key.len, bytes, err);
    if (rc != 0)
        return rc;
    if (bytes->len < ANSWER_HEAD)
        return err_set(err, ERR_VERIFY, "the matcher's store is damaged: an answer");
    answer->time = bytes_get_u64be(bytes->data);
    memcpy(answer->digest, bytes->data + 8, 32);
    answer->index = bytes_get_u64be(bytes->data + 40);
    answer->result = span_of(bytes->data + ANSWER_HEAD, bytes->len - ANSWER_HEAD);
    return 0;
}

/* --- erasing what is done with --- */

int store_clean_aged(struct store_write *w, struct store_aged aged, uint64_t before, size_t max, bool *more,
                     struct err *err)
{
    const struct key prefix = key_of(aged.kind);
    struct kv_cursor *c = NULL;
    size_t count = 0;
    int rc = kv_cursor_open(&c, w->store->kv, err);
    if (rc != 0)
        return rc;
    for (kv_cursor_seek(c, prefix.bytes, prefix.len);
         count < max && kv_cursor_valid(c) && key_begins(&prefix, kv_cursor_key(c), aged.size); kv_cursor_next(c)) {
        const uint8_t *at = kv_cursor_key(c).data;
        struct key age = key_of(aged.kind), key = key_of(aged.of);
        if (bytes_get_u64be(at + 1) >= before)
            break;
        key_bytes(&age, at + 1, aged.size - 1);
        key_bytes(&key, at + 9, aged.size - 9);
        write_delete(w, &age);
        if (aged.of != '\0')
            write_delete(w, &key);
        count++;
    }
    *more = *more || count == max;
    rc = kv_cursor_error(c, err);
    kv_cursor_free(c);
    return rc;
}

/* One message, without its payload. */
static int read_message(struct store *s, uint16_t agency, uint64_t sequence, struct store_message *out, struct err *err)
{
    const struct key key = key_message(agency, sequence);
    struct buf value = buf_of(KV_VALUE_MAX);
    int rc = kv_get(s->kv, key.bytes, key.len, &value, err);
    if (rc == 0)
        rc = parse_message(out, span_of(key.bytes, key.len), buf_span(&value), err);
    out->payload = span_of(NULL, 0);
    buf_free(&value);
    return rc;
}

int store_mailbox_chain(struct store *store, uint16_t agency, uint64_t sequence, uint8_t chain[WIRE_HASH_SIZE],
                        struct err *err)
{
    struct store_message message;
    int rc = read_message(store, agency, sequence, &message, err);
    if (rc == 0)
        memcpy(chain, message.after, WIRE_HASH_SIZE);
    return rc;
}

/* Of a letter that lapsed nothing is left, and it is passed over. */
static int clean_mailbox(struct store_write *w, uint16_t agency, uint64_t before, size_t max, size_t *count,
                         struct err *err)
{
    struct box_pair *pair = &w->store->box[agency - 1];
    struct store_message message;
    int rc = 0;
    while (rc == 0 && *count < max && pair->pending.erased < pair->pending.acknowledged) {
        const struct key key = key_message(agency, pair->pending.erased + 1);
        rc = read_message(w->store, agency, pair->pending.erased + 1, &message, err);
        if (rc == 0 && message.time >= before)
            break;
        rc = rc == ERR_NOT_FOUND ? 0 : rc;
        if (rc == 0) {
            write_delete(w, &key);
            pair->pending.erased++;
            pair->changed = true;
            ++*count;
        }
    }
    return rc;
}

int store_clean(struct store_write *write, const struct store_clean_before *before, size_t max, bool *more,
                struct err *err)
{
    size_t count = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < write->store->names_pending && count < max; i++)
        rc = clean_mailbox(write, (uint16_t)(i + 1), before->mail, max, &count, err);
    *more = count == max;
    if (rc == 0)
        rc = store_clean_aged(write, (struct store_aged){'A', KEY_ANSWER_AGE_SIZE, 'R'}, before->answers, max, more,
                              err);
    if (rc == 0)
        rc = store_clean_aged(write, (struct store_aged){'Y', KEY_ANSWER_AGE_SIZE, '\0'}, before->hits, max, more, err);
    return rc;
}
