#include "protocol/ledger/event.h"

#include "protocol/base/clock.h"
#include "protocol/base/text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[EVENT_KINDS] = {
    "",       "start",    "stop",    "manifest", "put",   "remove", "expire",  "query",    "rejoin",    "meet",
    "end",    "counts",   "deliver", "withdraw", "asked", "wait",   "release", "suspend",  "close",     "acknowledge",
    "refuse", "evaluate", "witness", "split",    "clock", "letter", "prekey",  "restored", "complaint", "lapse"};

const char *event_kind_name(enum event_kind kind)
{
    return (unsigned)kind > 0 && (unsigned)kind < EVENT_KINDS ? kind_names[kind] : NULL;
}

enum event_kind event_kind_of(const char *name)
{
    for (unsigned i = 1; i < EVENT_KINDS; i++)
        if (strcmp(kind_names[i], name) == 0)
            return (enum event_kind)i;
    return (enum event_kind)0;
}

bool event_is_cause(enum event_kind kind)
{
    return kind == EVENT_PUT || kind == EVENT_REMOVE || kind == EVENT_QUERY || kind == EVENT_EXPIRE ||
           kind == EVENT_REJOIN || kind == EVENT_MEET || kind == EVENT_END || kind == EVENT_COUNTS;
}

bool event_is_line(enum event_kind kind)
{
    return kind == EVENT_DELIVER || kind == EVENT_WITHDRAW || kind == EVENT_ASKED || kind == EVENT_WAIT;
}

bool event_is_asked_for(enum event_kind kind)
{
    return kind == EVENT_PUT || kind == EVENT_REMOVE || kind == EVENT_QUERY || kind == EVENT_EVALUATE ||
           kind == EVENT_RELEASE || kind == EVENT_SUSPEND || kind == EVENT_CLOSE || kind == EVENT_ACKNOWLEDGE ||
           kind == EVENT_LETTER || kind == EVENT_PREKEY;
}

void event_init(struct event *event, enum event_kind kind)
{
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->time = clock_now();
    randombytes_buf(event->salt, sizeof event->salt);
}

void event_set_request(struct event *event, const struct wire_request *request, const uint8_t hash[WIRE_HASH_SIZE])
{
    memcpy(event->id, request->id, sizeof event->id);
    memcpy(event->request, hash, sizeof event->request);
}

/* --- the scope --- */

_Static_assert(WIRE_SCOPE_MAX *(PARTY_NAME_MAX + sizeof "/4294967295:8192") <= EVENT_SCOPE_MAX,
               "the longest scope fits");

static void write_scope(char out[EVENT_SCOPE_MAX], const struct event_scope *scope)
{
    size_t len = 0;
    memset(out, 0, EVENT_SCOPE_MAX);
    for (size_t i = 0; i < scope->items && len < EVENT_SCOPE_MAX; i++)
        len += (size_t)snprintf(out + len, EVENT_SCOPE_MAX - len, "%s%s/%" PRIu32 ":%" PRIu64, i > 0 ? "," : "",
                                scope->item[i].purpose, scope->item[i].epoch, scope->count[i]);
}

void event_set_scope(struct event *event, const struct event_scope *scope)
{
    event->count = 0;
    for (size_t i = 0; i < scope->items; i++)
        event->count += scope->count[i];
    if (scope->items > 1) {
        write_scope(event->scope, scope);
    } else {
        memcpy(event->purpose, scope->item[0].purpose, sizeof event->purpose);
        event->epoch = scope->item[0].epoch;
    }
}

/* One "name/epoch:count". */
static bool read_scope_item(const char **text, struct wire_scope *item, uint64_t *count)
{
    int end = 0;
    bool good = sscanf(*text, "%63[^/,:]/%" SCNu32 ":%" SCNu64 "%n", item->purpose, &item->epoch, count, &end) == 3 &&
                end > 0 && *count > 0 && *count <= WIRE_BATCH_MAX;
    *text += end;
    return good;
}

static bool scope_ascends(const struct wire_scope *a, const struct wire_scope *b)
{
    int order = strcmp(a->purpose, b->purpose);
    return order < 0 || (order == 0 && a->epoch < b->epoch);
}

/* Read leniently, written again, compared: there is one way. */
static bool read_scope(struct event_scope *out, const struct event *event)
{
    char again[EVENT_SCOPE_MAX];
    const char *text = event->scope;
    uint64_t sum = 0;
    bool good = true;
    while (good && *text != '\0' && out->items < WIRE_SCOPE_MAX) {
        size_t i = out->items++;
        good = read_scope_item(&text, &out->item[i], &out->count[i]) &&
               (i == 0 || scope_ascends(&out->item[i - 1], &out->item[i]));
        sum += out->count[i];
        if (*text == ',')
            text++;
    }
    write_scope(again, out);
    return good && out->items > 1 && sum == event->count && strcmp(again, event->scope) == 0;
}

int event_get_scope(struct event_scope *out, const struct event *event, struct err *err)
{
    memset(out, 0, sizeof *out);
    if (event->scope[0] == '\0') {
        out->items = event->purpose[0] != '\0';
        memcpy(out->item[0].purpose, event->purpose, sizeof event->purpose);
        out->item[0].epoch = (uint32_t)event->epoch;
        out->count[0] = event->count;
        return 0;
    }
    if (event->purpose[0] != '\0' || event->epoch != 0 || !read_scope(out, event))
        return err_set(err, ERR_INPUT, "an event's scope is not well-formed");
    return 0;
}

/* --- one encoding --- */

enum member_type { MEMBER_NUMBER, MEMBER_TEXT, MEMBER_BYTES };

/* The members behind kind, in their order; writer and reader both walk this table. */
struct member {
    const char *name;
    enum member_type type;
    size_t offset, size;
    bool always;
};

#define MEMBER(type, name, always)                                                                                     \
    {                                                                                                                  \
#name, type, offsetof(struct event, name), sizeof((struct event *)0)->name, always                             \
    }
static const struct member members[] = {
    MEMBER(MEMBER_NUMBER, time, true),      MEMBER(MEMBER_BYTES, salt, true),
    MEMBER(MEMBER_TEXT, party, false),      MEMBER(MEMBER_TEXT, partner, false),
    MEMBER(MEMBER_TEXT, purpose, false),    MEMBER(MEMBER_NUMBER, epoch, false),
    MEMBER(MEMBER_TEXT, scope, false),      MEMBER(MEMBER_BYTES, id, false),
    MEMBER(MEMBER_BYTES, request, false),   MEMBER(MEMBER_NUMBER, count, false),
    MEMBER(MEMBER_NUMBER, added, false),    MEMBER(MEMBER_NUMBER, renewed, false),
    MEMBER(MEMBER_NUMBER, replaced, false), MEMBER(MEMBER_NUMBER, removed, false),
    MEMBER(MEMBER_NUMBER, hits, false),     MEMBER(MEMBER_NUMBER, except, false),
    MEMBER(MEMBER_NUMBER, unasked, false),  MEMBER(MEMBER_NUMBER, waiting, false),
    MEMBER(MEMBER_NUMBER, spent, false),    MEMBER(MEMBER_NUMBER, generation, false),
    MEMBER(MEMBER_NUMBER, until, false),    MEMBER(MEMBER_NUMBER, sequence, false),
    MEMBER(MEMBER_NUMBER, size, false),     MEMBER(MEMBER_BYTES, chain, false),
    MEMBER(MEMBER_BYTES, digest, false),    MEMBER(MEMBER_TEXT, note, false),
};
#define MEMBERS (sizeof members / sizeof members[0])

/* What JSON would have to escape is refused instead. */
static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
}

/* A line being written. Only an event with members at their longest that never go together does not fit. */
struct event_text {
    char text[EVENT_SIZE_MAX];
    size_t len;
    bool full;
};

static void put(struct event_text *line, const char *text, size_t len)
{
    line->full |= len > sizeof line->text - line->len;
    if (line->full)
        return;
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static void put_text(struct event_text *line, const char *text)
{
    put(line, text, strlen(text));
}

static void put_number(struct event_text *line, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(line, digits + at, sizeof digits - at);
}

static bool put_member(struct event_text *line, const struct member *m, const void *value)
{
    char hex[2 * EVENT_DIGEST_SIZE + 1];
    uint64_t number = 0;
    if (m->type == MEMBER_NUMBER)
        memcpy(&number, value, sizeof number);
    if (!m->always && (m->type == MEMBER_TEXT ? *(const char *)value == '\0' : sodium_is_zero(value, m->size)))
        return true;
    put_text(line, ",\"");
    put_text(line, m->name);
    put_text(line, m->type == MEMBER_NUMBER ? "\":" : "\":\"");
    if (m->type == MEMBER_NUMBER) {
        put_number(line, number);
        return number <= INT64_MAX;
    }
    if (m->type == MEMBER_BYTES)
        put_text(line, bytes_to_hex(hex, value, m->size));
    else
        put_text(line, value);
    put_text(line, "\"");
    return true;
}

static bool texts_are_plain(const struct event *event)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const char *text = (const char *)event + members[i].offset;
        for (; members[i].type == MEMBER_TEXT && *text != '\0'; text++)
            if (!is_plain((uint8_t)*text))
                return false;
    }
    return true;
}

int event_encode(struct buf *out, const struct event *event, struct err *err)
{
    struct event_text line = {.len = 0};
    const char *kind = event_kind_name(event->kind);
    bool good = kind != NULL && event->epoch <= UINT32_MAX && texts_are_plain(event);
    if (good) {
        put_text(&line, "{\"kind\":\"");
        put_text(&line, kind);
        put_text(&line, "\"");
    }
    for (size_t i = 0; good && i < MEMBERS; i++)
        good = put_member(&line, &members[i], (const char *)event + members[i].offset);
    put_text(&line, "}");
    if (!good || line.full)
        return err_set(err, ERR_INTERNAL, "an event cannot be written");
    return buf_put(out, line.text, line.len, err);
}

/* Up to the quotation mark that ends it, which is taken too; fits into size with a NUL behind. */
static bool take_text(struct span *text, char *out, size_t size)
{
    size_t len = 0;
    while (len < text->len && is_plain(text->data[len]))
        len++;
    if (len == 0 || len >= size || len == text->len || text->data[len] != '"')
        return false;
    memcpy(out, text->data, len);
    out[len] = '\0';
    *text = span_of(text->data + len + 1, text->len - len - 1);
    return true;
}

/* 0..15; 16 and more for what is no lower-case hexadecimal digit. Public data: no need for constant time, but for
 * speed. */
static unsigned digit_of(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - (unsigned)'0' : c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : 16;
}

static bool take_bytes(struct span *text, uint8_t *out, size_t size)
{
    unsigned wrong = 0;
    if (text->len <= 2 * size || text->data[2 * size] != '"')
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned high = digit_of(text->data[2 * i]), low = digit_of(text->data[2 * i + 1]);
        wrong |= high | low;
        out[i] = (uint8_t)(high << 4 | low);
    }
    *text = span_of(text->data + 2 * size + 1, text->len - 2 * size - 1);
    return (wrong & 16) == 0;
}

static bool take_member(struct span *text, const struct member *m, void *value)
{
    struct span rest = *text;
    uint64_t number;
    if (!text_take(&rest, ",\"") || !text_take(&rest, m->name) ||
        !text_take(&rest, m->type == MEMBER_NUMBER ? "\":" : "\":\""))
        return !m->always;
    *text = rest;
    if (m->type == MEMBER_TEXT)
        return take_text(text, value, m->size);
    if (m->type == MEMBER_BYTES)
        return take_bytes(text, value, m->size) && (m->always || !sodium_is_zero(value, m->size));
    if (!text_take_number(text, &number) || (number == 0 && !m->always))
        return false;
    memcpy(value, &number, sizeof number);
    return true;
}

int event_decode(struct event *out, struct span text, struct err *err)
{
    char kind[16];
    memset(out, 0, sizeof *out);
    bool good = text.len <= EVENT_SIZE_MAX && text_take(&text, "{\"kind\":\"") && take_text(&text, kind, sizeof kind) &&
                (out->kind = event_kind_of(kind)) != 0;
    for (size_t i = 0; good && i < MEMBERS; i++)
        good = take_member(&text, &members[i], (char *)out + members[i].offset);
    if (!good || out->epoch > UINT32_MAX || !text_take(&text, "}") || text.len > 0)
        return err_set(err, ERR_INPUT, "not a well-formed event");
    return 0;
}

void event_digest_start(struct event_digest *digest, const uint8_t salt[EVENT_SALT_SIZE])
{
    sha256_start(&digest->hash);
    sha256_add(&digest->hash, span_of(salt, EVENT_SALT_SIZE));
}

void event_digest_add(struct event_digest *digest, struct span part)
{
    uint8_t len[4];
    bytes_put_u32be(len, (uint32_t)part.len);
    sha256_add(&digest->hash, span_of(len, sizeof len));
    sha256_add(&digest->hash, part);
}

void event_digest_end(struct event_digest *digest, uint8_t out[EVENT_DIGEST_SIZE])
{
    sha256_end(&digest->hash, out);
}
