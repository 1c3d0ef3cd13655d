#include "protocol/ledger/event.h"

#include "protocol/base/clock.h"

#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {"",      "start",   "stop",     "manifest", "put",    "remove",   "expire",
                                         "query", "deliver", "withdraw", "relay",    "refuse", "evaluate", "witness"};
#define KINDS (sizeof kind_names / sizeof kind_names[0])

const char *event_kind_name(enum event_kind kind)
{
    return (unsigned)kind > 0 && (unsigned)kind < KINDS ? kind_names[kind] : NULL;
}

void event_init(struct event *event, enum event_kind kind)
{
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->time = clock_now();
    randombytes_buf(event->salt, sizeof event->salt);
}

static int put_text(struct buf *out, const char *member, const char *text, struct err *err)
{
    return text[0] == '\0' ? 0 : buf_printf(out, err, ",\"%s\":\"%s\"", member, text);
}

static int put_number(struct buf *out, const char *member, uint64_t number, struct err *err)
{
    return number == 0 ? 0 : buf_printf(out, err, ",\"%s\":%" PRIu64, member, number);
}

/* Texts are names and fixed reasons of ours; what JSON would have to escape is refused instead. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e || *text == '"' || *text == '\\')
            return false;
    return true;
}

int event_encode(struct buf *out, const struct event *e, struct err *err)
{
    char salt[2 * EVENT_SALT_SIZE + 1], digest[2 * EVENT_DIGEST_SIZE + 1];
    const char *kind = event_kind_name(e->kind);
    if (kind == NULL || !is_plain(e->party) || !is_plain(e->partner) || !is_plain(e->purpose) || !is_plain(e->note))
        return err_set(err, ERR_INTERNAL, "an event cannot be written");
    size_t start = out->len;
    int rc = buf_printf(out, err, "{\"kind\":\"%s\",\"time\":%" PRIu64 ",\"salt\":\"%s\"", kind, e->time,
                        bytes_to_hex(salt, e->salt, sizeof e->salt));
    if (rc == 0)
        rc = put_text(out, "party", e->party, err);
    if (rc == 0)
        rc = put_text(out, "partner", e->partner, err);
    if (rc == 0)
        rc = put_text(out, "purpose", e->purpose, err);
    if (rc == 0)
        rc = put_number(out, "epoch", e->epoch, err);
    if (rc == 0)
        rc = put_number(out, "count", e->count, err);
    if (rc == 0)
        rc = put_number(out, "hits", e->hits, err);
    if (rc == 0 && !sodium_is_zero(e->digest, sizeof e->digest))
        rc = put_text(out, "digest", bytes_to_hex(digest, e->digest, sizeof e->digest), err);
    if (rc == 0)
        rc = put_text(out, "note", e->note, err);
    if (rc == 0)
        rc = buf_put(out, "}", 1, err);
    if (rc != 0)
        out->len = start;
    return rc;
}

static bool get_text(json_t *json, const char *member, char *out, size_t size)
{
    json_t *value = json_object_get(json, member);
    if (value == NULL)
        return true;
    const char *text = json_string_value(value);
    if (text == NULL || text[0] == '\0' || strlen(text) >= size)
        return false;
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static bool get_number(json_t *json, const char *member, uint64_t max, uint64_t *out)
{
    json_t *value = json_object_get(json, member);
    if (value == NULL)
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > max)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

static bool get_members(struct event *e, json_t *json)
{
    char kind[16] = "", salt[2 * EVENT_SALT_SIZE + 1] = "", digest[2 * EVENT_DIGEST_SIZE + 1] = "";
    uint64_t epoch = 0;
    if (!get_text(json, "kind", kind, sizeof kind) || !get_number(json, "time", INT64_MAX, &e->time) ||
        !get_text(json, "salt", salt, sizeof salt) || !bytes_from_hex(e->salt, sizeof e->salt, salt) ||
        !get_text(json, "party", e->party, sizeof e->party) ||
        !get_text(json, "partner", e->partner, sizeof e->partner) ||
        !get_text(json, "purpose", e->purpose, sizeof e->purpose) ||
        !get_number(json, "epoch", UINT32_MAX, &epoch) || !get_number(json, "count", INT64_MAX, &e->count) ||
        !get_number(json, "hits", INT64_MAX, &e->hits) || !get_text(json, "digest", digest, sizeof digest) ||
        (digest[0] != '\0' && !bytes_from_hex(e->digest, sizeof e->digest, digest)) ||
        !get_text(json, "note", e->note, sizeof e->note))
        return false;
    e->epoch = (uint32_t)epoch;
    for (size_t i = 1; i < KINDS; i++)
        if (strcmp(kind_names[i], kind) == 0)
            e->kind = (enum event_kind)i;
    return e->kind != 0;
}

int event_decode(struct event *out, struct span text, struct err *err)
{
    json_error_t fault;
    struct buf again = buf_of(EVENT_SIZE_MAX);
    memset(out, 0, sizeof *out);
    if (text.len > EVENT_SIZE_MAX)
        return err_set(err, ERR_INPUT, "an event of %zu bytes is too long", text.len);
    json_t *json = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &fault);
    int rc = 0;
    /* One event has one encoding: writing it again must give the same bytes. */
    if (!json_is_object(json) || !get_members(out, json) || event_encode(&again, out, NULL) != 0 ||
        again.len != text.len || memcmp(again.data, text.data, text.len) != 0)
        rc = err_set(err, ERR_INPUT, "not a well-formed event");
    json_decref(json);
    buf_free(&again);
    return rc;
}

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct event_digest), "the state fits");

void event_digest_start(struct event_digest *digest, const uint8_t salt[EVENT_SALT_SIZE])
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)digest->state);
    crypto_hash_sha256_update((crypto_hash_sha256_state *)digest->state, salt, EVENT_SALT_SIZE);
}

void event_digest_add(struct event_digest *digest, struct span part)
{
    uint8_t len[4];
    bytes_put_u32be(len, (uint32_t)part.len);
    crypto_hash_sha256_update((crypto_hash_sha256_state *)digest->state, len, sizeof len);
    crypto_hash_sha256_update((crypto_hash_sha256_state *)digest->state, part.data, part.len);
}

void event_digest_end(struct event_digest *digest, uint8_t out[EVENT_DIGEST_SIZE])
{
    crypto_hash_sha256_final((crypto_hash_sha256_state *)digest->state, out);
}
