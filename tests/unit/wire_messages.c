/*
 * Every message of every conversation, spoilt field by field: each field missing, doubled, unknown, of each wrong type,
 * too long; lengths that lie; every prefix; something behind the end. All is refused, and the field is named.
 */
#include "tests/fuzz/wire_messages.h"
#include "protocol/base/file.h"

#include <msgpack.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FIELDS_MAX 64
#define TOO_LONG 300001 /* longer than any text or bin of any message */

/* A message taken apart, and its fields, those of maps within it as well. */
struct apart {
    msgpack_unpacked unpacked;
    const msgpack_object_kv *field[FIELDS_MAX];
    size_t fields;
};

static void collect(struct apart *a, const msgpack_object *o)
{
    if (o->type == MSGPACK_OBJECT_ARRAY)
        for (uint32_t i = 0; i < o->via.array.size; i++)
            collect(a, &o->via.array.ptr[i]);
    if (o->type != MSGPACK_OBJECT_MAP)
        return;
    for (uint32_t i = 0; i < o->via.map.size; i++) {
        assert_true(a->fields < FIELDS_MAX);
        a->field[a->fields++] = &o->via.map.ptr[i];
        collect(a, &o->via.map.ptr[i].val);
    }
}

/* How a field is spoilt. */
enum spoil { MISSING, DOUBLED, UNKNOWN, VALUES };

static const char zeros[TOO_LONG];

/* Values of every type; lengths that the bytes do not keep. */
static const struct value {
    enum spoil spoil;
    msgpack_object_type type; /* a field of that type may hold it */
    const char *bytes;
    size_t len;
} values[] = {
    {VALUES, MSGPACK_OBJECT_NIL, "\xc0", 1},
    {VALUES, MSGPACK_OBJECT_BOOLEAN, "\xc2", 1},
    {VALUES, MSGPACK_OBJECT_POSITIVE_INTEGER, "\x01", 1},
    {VALUES, MSGPACK_OBJECT_NEGATIVE_INTEGER, "\xff", 1},
    {VALUES, MSGPACK_OBJECT_NEGATIVE_INTEGER, "\xd3\xff\xff\xff\xff\xff\xff\xff\xff", 9},
    {VALUES, MSGPACK_OBJECT_FLOAT64, "\xcb\x3f\xf0\0\0\0\0\0\0", 9},
    {VALUES, MSGPACK_OBJECT_STR, "\xa1x", 2},
    {VALUES, MSGPACK_OBJECT_BIN, "\xc4\x01x", 3},
    {VALUES, MSGPACK_OBJECT_ARRAY, "\x90", 1},
    {VALUES, MSGPACK_OBJECT_MAP, "\x80", 1},
    {VALUES, MSGPACK_OBJECT_EXT, "\xd4\x01\x01", 3},
    {VALUES, MSGPACK_OBJECT_NIL, "\xc1", 1},                 /* never used */
    {VALUES, MSGPACK_OBJECT_NIL, "\xc6\xff\xff\xff\xff", 5}, /* bin of 4 GiB */
    {VALUES, MSGPACK_OBJECT_NIL, "\xdb\xff\xff\xff\xff", 5}, /* text of 4 GiB */
    {VALUES, MSGPACK_OBJECT_NIL, "\xdd\xff\xff\xff\xff", 5}, /* array of 4 billion */
    {VALUES, MSGPACK_OBJECT_NIL, "\xdc\x20\x01", 3},         /* array of 8,193 */
    {VALUES, MSGPACK_OBJECT_NIL, "\xdf\xff\xff\xff\xff", 5}, /* map of 4 billion */
    {VALUES, MSGPACK_OBJECT_NIL, "\xdb\x00\x04\x93\xe1", 5}, /* text of TOO_LONG; the bytes follow */
    {VALUES, MSGPACK_OBJECT_NIL, "\xc6\x00\x04\x93\xe1", 5}, /* bin of TOO_LONG */
};

static int write_buf(void *context, const char *data, size_t len)
{
    return buf_put(context, data, len, ERR_IGNORED);
}

static void pack_map(msgpack_packer *p, const msgpack_object *o, const msgpack_object_kv *field, enum spoil spoil,
                     const struct value *value);

static void pack(msgpack_packer *p, const msgpack_object *o, const msgpack_object_kv *field, enum spoil spoil,
                 const struct value *value)
{
    if (o->type == MSGPACK_OBJECT_MAP) {
        pack_map(p, o, field, spoil, value);
    } else if (o->type == MSGPACK_OBJECT_ARRAY) {
        msgpack_pack_array(p, o->via.array.size);
        for (uint32_t i = 0; i < o->via.array.size; i++)
            pack(p, &o->via.array.ptr[i], field, spoil, value);
    } else {
        msgpack_pack_object(p, *o);
    }
}

static void pack_map(msgpack_packer *p, const msgpack_object *o, const msgpack_object_kv *field, enum spoil spoil,
                     const struct value *value)
{
    uint32_t size = o->via.map.size;
    bool here = field >= o->via.map.ptr && field < o->via.map.ptr + size;
    msgpack_pack_map(p, !here ? size : spoil == MISSING ? size - 1 : spoil == DOUBLED ? size + 1 : size);
    for (uint32_t i = 0; i < size; i++) {
        const msgpack_object_kv *kv = &o->via.map.ptr[i];
        if (kv == field && spoil == MISSING)
            continue;
        if (kv == field && spoil == UNKNOWN)
            msgpack_pack_str_with_body(p, "surname", 7);
        else
            msgpack_pack_object(p, kv->key);
        if (kv == field && spoil == VALUES) {
            p->callback(p->data, value->bytes, value->len);
            if (value->len == 5 && memcmp(value->bytes + 1, "\x00\x04\x93\xe1", 4) == 0)
                p->callback(p->data, zeros, TOO_LONG);
        } else {
            pack(p, &kv->val, field, spoil, value);
        }
        if (kv == field && spoil == DOUBLED) {
            msgpack_pack_object(p, kv->key);
            pack(p, &kv->val, NULL, spoil, value);
        }
    }
}

static void refused(const struct message *m, const struct apart *a, const msgpack_object_kv *field, enum spoil spoil,
                    const struct value *value)
{
    char named[64];
    struct err err = {.text = ""};
    struct buf spoilt = buf_of(MESSAGE_MAX), out = buf_of(MESSAGE_MAX);
    msgpack_packer packer;
    msgpack_packer_init(&packer, &spoilt, write_buf);
    pack(&packer, &a->unpacked.data, field, spoil, value);
    snprintf(named, sizeof named, "'%.*s'", (int)field->key.via.str.size, field->key.via.str.ptr);
    if (spoil == UNKNOWN)
        strcpy(named, "unknown field 'surname'");
    if (m->read_and_write(buf_span(&spoilt), &out, &err))
        fail_msg("%s takes field %s spoilt (%d, value %zu)", m->name, named, (int)spoil,
                 value != NULL ? (size_t)(value - values) : 0);
    assert_int_equal(err.code, ERR_INPUT);
    if (strstr(err.text, named) == NULL)
        fail_msg("%s: expected %s in '%s'", m->name, named, err.text);
    buf_free(&spoilt);
    buf_free(&out);
}

static void spoil_fields(const struct message *m, const struct apart *a)
{
    for (size_t f = 0; f < a->fields; f++) {
        refused(m, a, a->field[f], MISSING, NULL);
        refused(m, a, a->field[f], DOUBLED, NULL);
        refused(m, a, a->field[f], UNKNOWN, NULL);
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++)
            if (values[v].type != a->field[f]->val.type)
                refused(m, a, a->field[f], VALUES, &values[v]);
    }
}

static void cut_and_lengthen(const struct message *m, struct span good)
{
    struct err err;
    struct buf longer = buf_of(MESSAGE_MAX), out = buf_of(MESSAGE_MAX);
    for (size_t len = 0; len < good.len; len++) {
        /* A copy of exactly that size: the address sanitizer sees the first byte too far. */
        uint8_t *cut = malloc(len + 1);
        memcpy(cut + 1, good.data, len);
        if (m->read_and_write(span_of(cut + 1, len), &out, &err) && strcmp(m->name, "request") != 0 &&
            strcmp(m->name, "reply") != 0)
            fail_msg("%s is taken at %zu of %zu bytes", m->name, len, good.len);
        free(cut);
    }
    assert_int_equal(buf_put(&longer, good.data, good.len, &err), 0);
    assert_int_equal(buf_put(&longer, "\xc0", 1, &err), 0);
    if (m->read_and_write(buf_span(&longer), &out, &err) && strcmp(m->name, "request") != 0 &&
        strcmp(m->name, "reply") != 0)
        fail_msg("%s is taken with something behind its end", m->name);
    buf_free(&longer);
    buf_free(&out);
}

static void try_message(size_t place, const char *seed)
{
    char path[128];
    struct err err = {.text = ""};
    struct apart a = {.fields = 0};
    struct buf file = buf_of(1 << 16), out = buf_of(MESSAGE_MAX);
    const struct message *m = &messages[place];
    snprintf(path, sizeof path, "tests/fuzz/seeds/wire/%s", seed);
    if (file_read(&file, path, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(file.data[0], place);
    struct span good = span_of(file.data + 1, file.len - 1);
    if (!m->read_and_write(good, &out, &err))
        fail_msg("%s: %s", seed, err.text);
    assert_int_equal(out.len, good.len);
    assert_memory_equal(out.data, good.data, good.len);
    msgpack_unpacked_init(&a.unpacked);
    assert_int_equal(msgpack_unpack_next(&a.unpacked, (const char *)good.data, good.len, NULL), MSGPACK_UNPACK_SUCCESS);
    collect(&a, &a.unpacked.data);
    spoil_fields(m, &a);
    cut_and_lengthen(m, good);
    msgpack_unpacked_destroy(&a.unpacked);
    buf_free(&file);
    buf_free(&out);
}

static void every_message_is_read_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < MESSAGES; i++)
        try_message(i, messages[i].name);
    try_message(1, "reply-failure");
}

/* --- what only some messages have --- */

static const uint8_t id[WIRE_ID_SIZE] = {7};

static void envelopes(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct buf out = buf_of(4096);
    struct wire_request request;
    struct wire_reply reply;
    assert_int_equal(wire_request_encode(&out, WIRE_PUT, id, span_of("\x80", 1), &err), 0);
    assert_int_equal(wire_request_decode(&request, buf_span(&out), &err), 0);
    assert_int_equal(request.type, WIRE_PUT);
    assert_memory_equal(request.id, id, sizeof id);
    assert_int_equal(request.body.len, 1);
    /* A reply is no request, nor the other way about. */
    assert_int_equal(wire_reply_decode(&reply, buf_span(&out), &err), ERR_INPUT);
    buf_clear(&out);
    assert_int_equal(wire_failure_encode(&out, WIRE_PUT, id, WIRE_BUDGET, "used up", &err), 0);
    assert_int_equal(wire_request_decode(&request, buf_span(&out), &err), ERR_INPUT);
    assert_int_equal(wire_reply_decode(&reply, buf_span(&out), &err), 0);
    assert_int_equal(wire_status_error(&reply, "matcher", &err), ERR_DENIED);
    assert_string_equal(err.text, "matcher refused PUT: used up");
    static const struct {
        const char *message, *said;
        size_t len;
    } bad[] = {
        {"\x94\x02\x02\xc4\x10"
         "0123456789abcdef\x80",
         "protocol version 2", 22},
        {"\x94\x01\x00\xc4\x10"
         "0123456789abcdef\x80",
         "'type' is out of range", 22},
        {"\x94\x01\x0c\xc4\x10"
         "0123456789abcdef\x80",
         "'type' is out of range", 22},
        {"\x94\x01\x02\xc4\x0f"
         "0123456789abcde\x80",
         "'id' has a length out of bounds", 21},
        {"\x95\x01\x02\xc4\x10"
         "0123456789abcdef\x80",
         "too few or too many members", 22},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(wire_request_decode(&request, span_of(bad[i].message, bad[i].len), &err), ERR_INPUT);
        if (strstr(err.text, bad[i].said) == NULL)
            fail_msg("expected '%s' in '%s'", bad[i].said, err.text);
    }
    buf_free(&out);
}

/* A reason comes from an error's text, whatever that holds; it is cut to fit and always readable. */
static void a_reason_always_arrives(void **state)
{
    (void)state;
    char text[ERR_TEXT_MAX];
    struct err err = {.text = ""};
    struct wire_reply reply;
    struct buf out = buf_of(4096);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text + 10, "\n\t\x1b[2J\x7f", 7);
    assert_int_equal(wire_failure_encode(&out, WIRE_PUT, id, WIRE_MALFORMED, text, &err), 0);
    if (wire_reply_decode(&reply, buf_span(&out), &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(strlen(reply.reason), WIRE_REASON_MAX);
    assert_null(strpbrk(reply.reason, "\n\t\x1b\x7f"));
    buf_free(&out);
}

static void statuses_and_errors_belong_together(void **state)
{
    (void)state;
    static const int codes[] = {ERR_OK, ERR_INPUT, ERR_DENIED, ERR_BUSY, ERR_NO_MEMORY, ERR_CONFLICT};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct err err;
        const struct wire_reply reply = {.type = WIRE_PUT, .status = wire_status_of(codes[i])};
        assert_int_equal(wire_status_error(&reply, "matcher", &err), codes[i]);
    }
    assert_int_equal(wire_status_of(ERR_VERIFY), WIRE_FAILED);
    assert_int_equal(wire_status_of(ERR_IO), WIRE_FAILED);
    assert_int_equal(wire_status_of(ERR_INTERNAL), WIRE_FAILED);
}

static void tags_ascend_and_have_payloads(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct buf out = buf_of(4096);
    const struct span x = span_of("x", 1);
    struct wire_entry same[] = {{{1}, x}, {{1}, x}}, falling[] = {{{2}, x}, {{1}, x}};
    struct entry_request request = {.purpose = "persons", .epoch = 1, .entry = same, .count = 2}, read;
    assert_int_equal(entry_request_encode(&out, WIRE_REMOVE, &request, &err), 0);
    assert_int_equal(entry_request_decode(&read, WIRE_REMOVE, buf_span(&out), &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "not strictly ascending"));
    assert_null(read.entry);
    buf_clear(&out);
    request.entry = falling;
    assert_int_equal(entry_request_encode(&out, WIRE_PUT, &request, &err), 0);
    assert_int_equal(entry_request_decode(&read, WIRE_PUT, buf_span(&out), &err), ERR_INPUT);
    /* A PUT is no REMOVE: it has a field that REMOVE does not know. */
    assert_int_equal(entry_request_decode(&read, WIRE_REMOVE, buf_span(&out), &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "unknown field 'payloads'"));
    buf_free(&out);
    /* One payload for two tags. */
    static const char lying[] = "\x84\xa7purpose\xa1p\xa5"
                                "epoch\x01\xa4tags\xc4\x20"
                                "0000000000000000"
                                "1111111111111111"
                                "\xa8payloads\x91\xc4\x01x";
    assert_int_equal(entry_request_decode(&read, WIRE_PUT, span_of(lying, sizeof lying - 1), &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "1 payloads for 2 tags"));
}

static void mail_is_in_order_and_of_its_kind(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct fetch_reply read;
    const struct span x = span_of("x", 1), none = {NULL, 0};
    struct mailbox_message mail[2] = {{5, MAILBOX_MATCH, "persons", 1, "IDN", {1}, x},
                                      {5, MAILBOX_MATCH, "persons", 1, "IDN", {2}, x}};
    const struct {
        uint64_t first, second;
        enum mailbox_kind kind;
        struct span payload;
        int rc;
    } cases[] = {
        {4, 5, MAILBOX_MATCH, x, 0},
        {5, 5, MAILBOX_MATCH, x, ERR_INPUT},
        {6, 5, MAILBOX_MATCH, x, ERR_INPUT},
        {0, 5, MAILBOX_MATCH, x, ERR_INPUT},
        {4, 5, MAILBOX_MATCH, none, ERR_INPUT},
        {4, 5, MAILBOX_WITHDRAWN, none, 0},
        {4, 5, MAILBOX_WITHDRAWN, x, ERR_INPUT},
        {4, 5, (enum mailbox_kind)3, none, ERR_INPUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = buf_of(4096);
        mail[0].sequence = cases[i].first;
        mail[1].sequence = cases[i].second;
        mail[1].kind = cases[i].kind;
        mail[1].payload = cases[i].payload;
        assert_int_equal(fetch_reply_encode(&out, &(struct fetch_reply){mail, 2, false}, &err), 0);
        assert_int_equal(fetch_reply_decode(&read, buf_span(&out), &err), cases[i].rc);
        fetch_reply_free(&read);
        buf_free(&out);
    }
}

/* The largest batch fits a message; a buffer that is too small is told, not overrun. */
static void the_largest_batch_travels(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct buf out = buf_of(MESSAGE_MAX), small = buf_of(1000);
    static struct wire_entry entry[WIRE_BATCH_MAX];
    struct entry_request request = {.purpose = "persons", .epoch = UINT32_MAX, .entry = entry, .count = WIRE_BATCH_MAX},
                         read;
    for (size_t i = 0; i < WIRE_BATCH_MAX; i++) {
        bytes_put_u32be(entry[i].tag, (uint32_t)i);
        entry[i].payload = span_of(entry[i].tag, 1 + i % 16);
    }
    assert_int_equal(entry_request_encode(&out, WIRE_PUT, &request, &err), 0);
    assert_int_equal(entry_request_decode(&read, WIRE_PUT, buf_span(&out), &err), 0);
    assert_int_equal(read.count, WIRE_BATCH_MAX);
    assert_int_equal(read.epoch, UINT32_MAX);
    assert_memory_equal(read.entry[8191].tag, entry[8191].tag, WIRE_TAG_SIZE);
    assert_int_equal(read.entry[8191].payload.len, 16);
    entry_request_free(&read);
    assert_int_equal(entry_request_encode(&small, WIRE_PUT, &request, &err), ERR_INPUT);
    request.count = WIRE_BATCH_MAX;
    buf_free(&out);
    buf_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_read_strictly), cmocka_unit_test(envelopes),
        cmocka_unit_test(a_reason_always_arrives),        cmocka_unit_test(statuses_and_errors_belong_together),
        cmocka_unit_test(tags_ascend_and_have_payloads),  cmocka_unit_test(mail_is_in_order_and_of_its_kind),
        cmocka_unit_test(the_largest_batch_travels),
    };
    return cmocka_run_group_tests_name("wire_messages", tests, NULL, NULL);
}
