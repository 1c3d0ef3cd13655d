/*
 * Every message of every conversation, spoilt field by field: each field missing, doubled, unknown, of each wrong type,
 * too long; lengths that lie; every prefix; something behind the end. All is refused, and the field is named.
 */
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/wire/statement.h"
#include "tests/fuzz/wire_messages.h"

#include <ctype.h>
#include <msgpack.h>
#include <setjmp.h>
#include <sodium.h>
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
    try_message(0, "request-unsigned");
    try_message(1, "reply-failure");
    try_message(1, "reply-malformed");
}

/* --- the documents --- */

/* "put-request" as docs/protocol.md has it: "PUT request"; "receipt reply" where it is of several types. */
static void title(char out[64], const char *name)
{
    const bool capital = strncmp(name, "receipt", 7) != 0 && strncmp(name, "budget", 6) != 0;
    size_t i = 0;
    for (; name[i] != '-'; i++)
        out[i] = (char)(capital ? toupper((unsigned char)name[i]) : name[i]);
    snprintf(out + i, 64 - i, " %s", name + i + 1);
}

static const char *type_name(const msgpack_object *o)
{
    switch (o->type) {
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return "uint";
    case MSGPACK_OBJECT_BOOLEAN:
        return "bool";
    case MSGPACK_OBJECT_STR:
        return "str";
    case MSGPACK_OBJECT_BIN:
        return "bin";
    case MSGPACK_OBJECT_ARRAY:
        return "array";
    default:
        return "map";
    }
}

/* The documents' table has a row for each member of the map at this path, in the order in which they are written. */
static size_t find_rows(const char *document, const char *body, const char *path, const msgpack_object *map)
{
    size_t rows = 0;
    for (uint32_t i = 0; i < map->via.map.size; i++) {
        const msgpack_object_kv *kv = &map->via.map.ptr[i];
        char below[128], row[256];
        snprintf(below, sizeof below, "%s%.*s", path, (int)kv->key.via.str.size, kv->key.via.str.ptr);
        snprintf(row, sizeof row, "\n| %s | `%s` | %s |", body, below, type_name(&kv->val));
        if (strstr(document, row) == NULL)
            fail_msg("docs/protocol.md has no row \"%s\"", row + 1);
        rows++;
        if (kv->val.type != MSGPACK_OBJECT_ARRAY)
            continue; /* a receipt is told once for all */
        assert_true(kv->val.via.array.size > 0);
        strcat(below, "[].");
        rows += find_rows(document, body, below, &kv->val.via.array.ptr[0]);
    }
    return rows;
}

static size_t count_rows(const char *document, const char *body)
{
    char start[80];
    size_t rows = 0;
    snprintf(start, sizeof start, "\n| %s | ", body);
    for (const char *at = document; (at = strstr(at, start)) != NULL; at++)
        rows++;
    return rows;
}

static void the_documents_have_every_member_and_no_other(void **state)
{
    (void)state;
    struct err err;
    struct buf document = buf_of(1 << 20), file = buf_of(1 << 16);
    assert_int_equal(file_read(&document, "docs/protocol.md", &err), 0);
    assert_int_equal(buf_put(&document, "", 1, &err), 0);
    for (size_t i = 0; i < MESSAGES; i++) {
        char path[128], body[64];
        msgpack_unpacked unpacked;
        if (strchr(messages[i].name, '-') == NULL)
            continue; /* the envelopes */
        snprintf(path, sizeof path, "tests/fuzz/seeds/wire/%s", messages[i].name);
        buf_clear(&file);
        assert_int_equal(file_read(&file, path, &err), 0);
        msgpack_unpacked_init(&unpacked);
        assert_int_equal(msgpack_unpack_next(&unpacked, (const char *)file.data + 1, file.len - 1, NULL),
                         MSGPACK_UNPACK_SUCCESS);
        title(body, messages[i].name);
        const size_t rows = find_rows((const char *)document.data, body, "", &unpacked.data);
        if (count_rows((const char *)document.data, body) != rows)
            fail_msg("docs/protocol.md has rows of %s that it has no members for", body);
        msgpack_unpacked_destroy(&unpacked);
    }
    buf_free(&document);
    buf_free(&file);
}

/* --- what only some messages have --- */

static const uint8_t id[WIRE_ID_SIZE] = {7};

static void envelopes(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct buf out = buf_of(4096);
    struct wire_reply reply;
    struct wire_request request, put = {.type = WIRE_PUT,
                                        .id = {7},
                                        .time = 5,
                                        .scope = {{"persons", 3}},
                                        .scope_count = 1,
                                        .signature = {9},
                                        .body = span_of("\x80", 1)};
    assert_int_equal(wire_request_encode(&out, &put, &err), 0);
    assert_int_equal(wire_request_decode(&request, buf_span(&out), &err), 0);
    assert_int_equal(request.type, WIRE_PUT);
    assert_memory_equal(request.id, id, sizeof id);
    assert_int_equal(request.time, 5);
    assert_int_equal(request.scope_count, 1);
    assert_string_equal(request.scope[0].purpose, "persons");
    assert_int_equal(request.scope[0].epoch, 3);
    assert_memory_equal(request.signature, put.signature, sizeof put.signature);
    assert_int_equal(request.body.len, 1);
    /* A reply is no request, nor the other way about. */
    assert_int_equal(wire_reply_decode(&reply, buf_span(&out), &err), ERR_INPUT);
    buf_clear(&out);
    assert_int_equal(wire_failure_encode(&out, WIRE_PUT, id, WIRE_LIMIT, "used up", &err), 0);
    assert_int_equal(wire_request_decode(&request, buf_span(&out), &err), ERR_INPUT);
    assert_int_equal(wire_reply_decode(&reply, buf_span(&out), &err), 0);
    assert_int_equal(wire_status_error(&reply, "matcher", &err), ERR_DENIED);
    assert_string_equal(err.text, "matcher refused PUT: used up");
    buf_free(&out);
}

#define ID                                                                                                             \
    "\xc4\x10"                                                                                                         \
    "0123456789abcdef"
#define SIGNATURE                                                                                                      \
    "\xc4\x40"                                                                                                         \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Each envelope is refused with these words. */
static void spoilt_envelopes(void **state)
{
    (void)state;
    static const struct {
        const char *message, *said;
        size_t len;
    } bad[] = {
#define BAD(bytes, said) {bytes, said, sizeof(bytes) - 1}
        BAD("\x94\x01\x02" ID "\x80", "the message has protocol version 1"),
        BAD("\x97\x03\x02" ID "\x05\x90\xc4\x00\x80", "the message has protocol version 3"),
        BAD("\x96\x02\x08" ID "\x00\x90\xc4\x00", "too few or too many members"),
        BAD("\x97\x02\x00" ID "\x00\x90\xc4\x00\x80", "'type' is out of range"),
        BAD("\x97\x02\x12" ID "\x00\x90\xc4\x00\x80", "'type' is out of range"),
        BAD("\x97\x02\x08\xc4\x0f"
            "0123456789abcde\x00\x90\xc4\x00\x80",
            "'id' has a length out of bounds"),
        BAD("\x97\x02\x08" ID "\x05\x90\xc4\x00\x80", "'time' belongs to signed requests"),
        BAD("\x97\x02\x08" ID "\x00\x91\x92\xa1p\x01\xc4\x00\x80", "'scope' has too few or too many members"),
        BAD("\x97\x02\x08" ID "\x00\x90" SIGNATURE "\x80", "'signature' has a length out of bounds"),
        BAD("\x97\x02\x02" ID "\x05\x90" SIGNATURE "\x80", "'scope' has too few or too many members"),
        BAD("\x97\x02\x02" ID "\x05\x91\x92\xa1p\x01\xc4\x00\x80", "'signature' has a length out of bounds"),
        BAD("\x97\x02\x02" ID "\x05\x91\x91\xa1p" SIGNATURE "\x80", "'scope' has too few or too many members"),
        BAD("\x97\x02\x02" ID "\x05\x91\x92\xa1/\x01" SIGNATURE "\x80", "'scope' has a purpose that is no name"),
        BAD("\x97\x02\x04" ID "\x05\x92\x92\xa1p\x01\x92\xa1p\x01" SIGNATURE "\x80",
            "'scope' is not strictly ascending"),
        BAD("\x97\x02\x04" ID "\x05\x92\x92\xa1q\x01\x92\xa1p\x02" SIGNATURE "\x80",
            "'scope' is not strictly ascending"),
    };
    struct wire_request request;
    struct err err = {.text = ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(wire_request_decode(&request, span_of(bad[i].message, bad[i].len), &err), ERR_INPUT);
        if (strstr(err.text, bad[i].said) == NULL)
            fail_msg("%zu: expected '%s' in '%s'", i, bad[i].said, err.text);
    }
}

/* What cannot be read is answered all the same; type 0 stands for nothing else. */
static void the_unreadable_is_answered(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct wire_reply reply;
    struct buf out = buf_of(4096);
    const uint8_t nobody[WIRE_ID_SIZE] = {0};
    assert_int_equal(wire_malformed_encode(&out, "protocol version 1", &err), 0);
    assert_int_equal(wire_reply_decode(&reply, buf_span(&out), &err), 0);
    assert_int_equal(reply.type, WIRE_UNKNOWN);
    assert_int_equal(reply.status, WIRE_MALFORMED);
    assert_string_equal(reply.reason, "protocol version 1");
    buf_clear(&out);
    assert_int_equal(wire_reply_encode(&out, WIRE_UNKNOWN, nobody, span_of("\x80", 1), &err), 0);
    assert_int_equal(wire_reply_decode(&reply, buf_span(&out), &err), ERR_INPUT);
    buf_clear(&out);
    assert_int_equal(wire_failure_encode(&out, WIRE_UNKNOWN, id, WIRE_MALFORMED, "x", &err), 0);
    assert_int_equal(wire_reply_decode(&reply, buf_span(&out), &err), ERR_INPUT);
    buf_free(&out);
}

/* --- the statement and its signature --- */

static const struct wire_ends ends = {.region = "pacific", .peer = {1}, .sender = {2}};

static struct wire_request question(void)
{
    return (struct wire_request){.type = WIRE_QUERY,
                                 .id = {7},
                                 .time = 1800000000,
                                 .scope = {{"documents", 3}, {"persons", 1}},
                                 .scope_count = 2,
                                 .body = span_of("\x80", 1)};
}

/* Written out by hand from the layout in the header. */
static void the_statement_is_as_specified(void **state)
{
    (void)state;
    struct err err;
    uint8_t body[32];
    struct wire_statement s;
    struct buf expected = buf_of(1024);
    const struct wire_request request = question();
    const uint8_t zeros_31[31] = {0};
    crypto_hash_sha256(body, (const uint8_t *)"\x80", 1);
#define PUT(bytes) assert_int_equal(buf_put(&expected, bytes, sizeof(bytes) - 1, &err), 0)
    PUT("\0\x12"
        "concord request v2"
        "\0\x07pacific"
        "\0\x20\x01");
    assert_int_equal(buf_put(&expected, zeros_31, 31, &err), 0);
    PUT("\0\x20\x02");
    assert_int_equal(buf_put(&expected, zeros_31, 31, &err), 0);
    PUT("\0\x01\x04"
        "\0\x10\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\x01\x02"
        "\0\x09"
        "documents"
        "\0\x04\0\0\0\x03");
    PUT("\0\x07persons"
        "\0\x04\0\0\0\x01"
        "\0\x08\0\0\0\0\x6b\x49\xd2\0"
        "\0\x20");
#undef PUT
    assert_int_equal(buf_put(&expected, body, 32, &err), 0);
    wire_statement_make(&s, &request, body, &ends);
    assert_int_equal(s.len, expected.len);
    assert_memory_equal(s.bytes, expected.data, s.len);
    buf_free(&expected);
}

static void the_largest_statement_fits(void **state)
{
    (void)state;
    struct wire_statement s;
    struct wire_request request = {.type = WIRE_QUERY, .scope_count = WIRE_SCOPE_MAX};
    struct wire_ends long_ends = {.region = "r23456789012345678901234567890123456789012345678901234567890123"};
    const uint8_t hash[32] = {0};
    for (size_t i = 0; i < WIRE_SCOPE_MAX; i++)
        memset(request.scope[i].purpose, 'a' + (int)i, PARTY_NAME_MAX);
    assert_int_equal(strlen(long_ends.region), 63);
    wire_statement_make(&s, &request, hash, &long_ends);
    assert_in_range(s.len, 1, WIRE_STATEMENT_MAX);
}

static void a_signature_covers_everything(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    uint8_t sign[32], secret[64], hash[32], same[32], other[32];
    crypto_sign_keypair(sign, secret);
    struct wire_request good = question();
    wire_request_sign(&good, &ends, secret);
    assert_int_equal(wire_request_verify(hash, &good, &ends, sign, &err), 0);
    wire_request_hash(same, &good, &ends);
    assert_memory_equal(hash, same, 32);
    for (size_t i = 0; i < 12; i++) {
        struct wire_request r = good;
        struct wire_ends e = ends;
        switch (i) {
        case 0:
            r.type = WIRE_EVALUATE;
            break;
        case 1:
            r.id[15] ^= 1;
            break;
        case 2:
            r.time++;
            break;
        case 3:
            r.scope[1].epoch++;
            break;
        case 4:
            r.scope[0].purpose[0] ^= 1;
            break;
        case 5:
            r.scope_count = 1;
            break;
        case 6:
            r.body = span_of("\x81", 1);
            break;
        case 7:
            e.region = "atlantic";
            break;
        case 8:
            e.peer[31] ^= 1;
            break;
        case 9:
            e.sender[0] ^= 1;
            break;
        case 10:
            r.signature[0] ^= 1;
            break;
        default:
            r.signature[63] ^= 0x10;
            break;
        }
        assert_int_equal(wire_request_verify(other, &r, &e, sign, &err), ERR_VERIFY);
        assert_int_equal(memcmp(other, hash, 32) == 0, i >= 10);
    }
    assert_memory_equal(err.text, "signature", 9);
    sign[0] ^= 1;
    assert_int_equal(wire_request_verify(hash, &good, &ends, sign, &err), ERR_VERIFY);
}

/* The body's hash alone stands for it where the body is not kept. */
static void a_signature_is_shown_without_the_body(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    uint8_t sign[32], secret[64], body[32];
    struct wire_request request = question();
    crypto_sign_keypair(sign, secret);
    crypto_hash_sha256(body, request.body.data, request.body.len);
    wire_request_sign(&request, &ends, secret);
    request.body = span_of(NULL, 0);
    assert_int_equal(wire_statement_verify(&request, body, &ends, sign, &err), 0);
    body[0] ^= 1;
    assert_int_equal(wire_statement_verify(&request, body, &ends, sign, &err), ERR_VERIFY);
}

static void requests_are_timely(void **state)
{
    (void)state;
    static const struct {
        uint64_t signed_at, now;
        int rc;
    } cases[] = {
        {1000000, 1000000, 0},         {1000300, 1000000, 0},   {1000301, 1000000, ERR_CLOCK},   {1000000, 1604800, 0},
        {1000000, 1604801, ERR_CLOCK}, {0, 1000000, ERR_CLOCK}, {INT64_MAX, 1000000, ERR_CLOCK}, {0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char at[CLOCK_TEXT_SIZE], now[CLOCK_TEXT_SIZE];
        struct err err = {.text = ""};
        struct wire_request request = {.time = cases[i].signed_at};
        assert_int_equal(wire_request_timely(&request, cases[i].now, &err), cases[i].rc);
        clock_text(at, cases[i].signed_at);
        clock_text(now, cases[i].now);
        if (cases[i].rc != 0 && (strstr(err.text, at) == NULL || strstr(err.text, now) == NULL))
            fail_msg("both times are missing in '%s'", err.text);
        if (cases[i].rc != 0 && strstr(err.text, "; set ") == NULL)
            fail_msg("what to do is missing in '%s'", err.text);
    }
}

static void a_custodian_signs_what_it_evaluated(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    uint8_t log_key[32], secret[64], request[32] = {3};
    crypto_sign_keypair(log_key, secret);
    struct evaluate_reply reply = {.batch = {{span_of(zeros, 64), {{{1}}}, 9}, {span_of(zeros, 32), {{{2}}}, 8}},
                                   .count = 2};
    evaluate_reply_sign(&reply, request, secret);
    assert_int_equal(evaluate_reply_verify(&reply, request, log_key, &err), 0);
    reply.batch[0].left = 1; /* for information: another day it is another */
    assert_int_equal(evaluate_reply_verify(&reply, request, log_key, &err), 0);
    reply.batch[0].evaluated.len = 32;
    reply.batch[1].evaluated.len = 64;
    assert_int_equal(evaluate_reply_verify(&reply, request, log_key, &err), ERR_VERIFY);
    reply.batch[0].evaluated.len = 64;
    reply.batch[1].evaluated.len = 32;
    request[31] ^= 1;
    assert_int_equal(evaluate_reply_verify(&reply, request, log_key, &err), ERR_VERIFY);
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
    static const int codes[] = {ERR_OK, ERR_INPUT, ERR_DENIED, ERR_BUSY, ERR_NO_MEMORY, ERR_CONFLICT, ERR_CLOCK};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct err err;
        const struct wire_reply reply = {.type = WIRE_PUT, .status = wire_status_of(codes[i])};
        assert_int_equal(wire_status_error(&reply, "matcher", &err), codes[i]);
    }
    assert_int_equal(wire_status_of(ERR_VERIFY), WIRE_FAILED);
    assert_int_equal(wire_status_of(ERR_IO), WIRE_FAILED);
    assert_int_equal(wire_status_of(ERR_INTERNAL), WIRE_FAILED);
}

static uint8_t *ascending_tags(size_t count)
{
    uint8_t *tags = calloc(count, WIRE_TAG_SIZE);
    for (size_t i = 0; i < count; i++)
        bytes_put_u32be(tags + i * WIRE_TAG_SIZE, (uint32_t)i);
    return tags;
}

static void put_is(struct put_request *request, int rc, const char *said)
{
    struct err err = {.text = ""};
    struct put_request read;
    struct buf out = buf_of(1 << 20);
    assert_int_equal(put_request_encode(&out, request, &err), 0);
    if (put_request_decode(&read, buf_span(&out), &err) != rc)
        fail_msg("expected %d: %s", rc, err.text);
    if (rc != 0 && strstr(err.text, said) == NULL)
        fail_msg("expected '%s' in '%s'", said, err.text);
    buf_free(&out);
}

static void puts_hold_together(void **state)
{
    (void)state;
    uint8_t tags[48] = {[15] = 1, [31] = 2, [47] = 3}, partners[64] = {[0] = 1, [32] = 2};
    struct put_request put = {.entries = {span_of(tags, 48), 4, span_of(zeros, 12)}};
    put_is(&put, 0, NULL);
    tags[47] = 2;
    put_is(&put, ERR_INPUT, "'tags' is not strictly ascending");
    tags[47] = 3;
    put.entries.payloads.len = 8;
    put_is(&put, ERR_INPUT, "'payloads' has 8 bytes for 3 tags of 4 each");
    put.entries.payloads.len = 12;
    put.except[0] = (struct put_except){span_of(partners, 64), span_of("\0\0\0\2", 4)};
    put.except[1] = (struct put_except){span_of(partners, 32), span_of("\0\1", 2)};
    put.except_count = 2;
    put_is(&put, 0, NULL);
    put.except[1].entries = span_of("\0\2", 2);
    put_is(&put, ERR_INPUT, "position 2 in two groups");
    put.except[1].entries = span_of("\0\3", 2);
    put_is(&put, ERR_INPUT, "position 3 behind the last tag");
    put.except[1].entries = span_of("\0\1\0\1", 4);
    put_is(&put, ERR_INPUT, "'entries' is not strictly ascending");
    put.except_count = 1;
    partners[32] = 1;
    put_is(&put, ERR_INPUT, "'partners' is not strictly ascending");
    put.except_count = 0;
    put.spent = (struct wire_spent_list){{{{1}, 7, 2, 2}, {{1}, 7, 9, 1}}, 2};
    put_is(&put, ERR_INPUT, "'spent' is not strictly ascending");
    put.spent.item[1].custodian[0] = 2;
    put_is(&put, 0, NULL);
    put.spent.item[1].count = 10;
    put_is(&put, ERR_INPUT, "'spent' takes 10 of 9");
}

static void questions_are_padded(void **state)
{
    (void)state;
    static const struct {
        size_t first, second;
        int rc;
    } cases[] = {{8, 8, 0},   {15, 2, ERR_INPUT}, {1, 14, ERR_INPUT}, {63, 1, 0},
                 {64, 64, 0}, {64, 1, ERR_INPUT}, {8191, 1, 0},       {8192, 64, ERR_INPUT}};
    uint8_t *tags = ascending_tags(WIRE_BATCH_MAX);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {.text = ""};
        struct query_request read, query = {.count = 2};
        struct buf out = buf_of(1 << 20);
        query.batch[0] = (struct wire_entries){span_of(tags, 16 * cases[i].first), 1, span_of(zeros, cases[i].first)};
        query.batch[1] =
            (struct wire_entries){span_of(tags, 16 * cases[i].second), 2, span_of(zeros, 2 * cases[i].second)};
        assert_int_equal(query_request_encode(&out, &query, &err), 0);
        assert_int_equal(query_request_decode(&read, 2, buf_span(&out), &err), cases[i].rc);
        assert_int_equal(query_request_decode(&read, 1, buf_span(&out), &err), ERR_INPUT);
        buf_free(&out);
    }
    free(tags);
}

static void batches_go_with_scopes(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct buf out = buf_of(1 << 20);
    struct evaluate_request read, request = {.coalition = {.count = 1, .index = {1}},
                                             .batch = {{1, span_of(zeros, 32 * 8191)}, {1, span_of(zeros, 32)}},
                                             .count = 2};
    assert_int_equal(evaluate_request_encode(&out, &request, &err), 0);
    assert_int_equal(evaluate_request_decode(&read, 2, buf_span(&out), &err), 0);
    assert_int_equal(evaluate_request_decode(&read, 1, buf_span(&out), &err), ERR_INPUT);
    buf_clear(&out);
    request.batch[1].blinded.len = 64;
    assert_int_equal(evaluate_request_encode(&out, &request, &err), 0);
    assert_int_equal(evaluate_request_decode(&read, 2, buf_span(&out), &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "8193 elements"));
    buf_free(&out);
}

static void mail_is_in_order_and_of_its_kind(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct fetch_reply read;
    const struct span x = span_of("x", 1), none = {NULL, 0};
    struct mailbox_message mail[2] = {{5, MAILBOX_MATCH, "persons", 1, {1}, {1}, 9, 4, 0, x},
                                      {5, MAILBOX_MATCH, "persons", 1, {1}, {2}, 9, 4, 0, x}};
    const struct {
        uint64_t first, second;
        enum mailbox_kind kind;
        uint8_t tag;
        uint64_t count;
        const char *purpose;
        struct span payload;
        int rc;
    } cases[] = {
        {4, 5, MAILBOX_MATCH, 2, 0, "persons", x, 0},
        {5, 5, MAILBOX_MATCH, 2, 0, "persons", x, ERR_INPUT},
        {6, 5, MAILBOX_MATCH, 2, 0, "persons", x, ERR_INPUT},
        {0, 5, MAILBOX_MATCH, 2, 0, "persons", x, ERR_INPUT},
        {4, 5, MAILBOX_MATCH, 2, 0, "persons", none, ERR_INPUT},
        {4, 5, MAILBOX_MATCH, 2, 1, "persons", x, ERR_INPUT},
        {4, 5, MAILBOX_MATCH, 2, 0, "", x, ERR_INPUT},
        {4, 5, MAILBOX_WITHDRAWN, 2, 0, "persons", none, 0},
        {4, 5, MAILBOX_WITHDRAWN, 2, 0, "persons", x, ERR_INPUT},
        {4, 5, MAILBOX_ASKED, 2, 0, "persons", x, 0},
        {4, 5, MAILBOX_ASKED, 2, 0, "persons", none, ERR_INPUT},
        {4, 5, MAILBOX_LETTER, 0, 0, "", x, 0},
        {4, 5, MAILBOX_LETTER, 2, 0, "persons", x, ERR_INPUT},
        {4, 5, MAILBOX_COUNT, 0, 7, "persons", none, 0},
        {4, 5, MAILBOX_COUNT, 0, 0, "persons", none, ERR_INPUT},
        {4, 5, MAILBOX_COUNT, 2, 7, "persons", none, ERR_INPUT},
        {4, 5, (enum mailbox_kind)6, 2, 0, "persons", none, ERR_INPUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = buf_of(4096);
        mail[0].sequence = cases[i].first;
        mail[1].sequence = cases[i].second;
        mail[1].kind = cases[i].kind;
        mail[1].tag[0] = cases[i].tag;
        mail[1].count = cases[i].count;
        snprintf(mail[1].purpose, sizeof mail[1].purpose, "%s", cases[i].purpose);
        mail[1].payload = cases[i].payload;
        assert_int_equal(fetch_reply_encode(&out, &(struct fetch_reply){.message = mail, .count = 2}, &err), 0);
        if (fetch_reply_decode(&read, buf_span(&out), &err) != cases[i].rc)
            fail_msg("case %zu: expected %d: %s", i, cases[i].rc, err.text);
        fetch_reply_free(&read);
        buf_free(&out);
    }
}

/* The events that cover messages come with the checkpoint that their proofs lead to. */
static void events_ascend_and_have_a_checkpoint(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct fetch_reply read;
    struct wire_event event[2] = {{4, span_of("{}", 2), {NULL, 0}}, {5, span_of("{}", 2), {NULL, 0}}};
    for (size_t i = 0; i < 3; i++) {
        struct buf out = buf_of(4096);
        struct fetch_reply reply = {.events = {event, 2}, .checkpoint = span_of("note", i == 1 ? 0 : 4)};
        event[1].leaf = i == 2 ? 4 : 5;
        assert_int_equal(fetch_reply_encode(&out, &reply, &err), 0);
        assert_int_equal(fetch_reply_decode(&read, buf_span(&out), &err), i == 0 ? 0 : ERR_INPUT);
        fetch_reply_free(&read);
        buf_free(&out);
    }
}

/* The largest change fits a message, a larger one is refused; a buffer that is too small is told, not overrun. */
static void the_largest_change_travels(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct buf out = buf_of(MESSAGE_MAX), small = buf_of(1000);
    const size_t last = WIRE_CHANGE_MAX - 1;
    uint8_t *tags = ascending_tags(WIRE_CHANGE_MAX + 1);
    struct put_request read,
        put = {.entries = {span_of(tags, WIRE_CHANGE_MAX * WIRE_TAG_SIZE), 20, span_of(zeros, 20 * WIRE_CHANGE_MAX)}};
    assert_int_equal(put_request_encode(&out, &put, &err), 0);
    assert_int_equal(put_request_decode(&read, buf_span(&out), &err), 0);
    assert_int_equal(wire_entries_count(&read.entries), WIRE_CHANGE_MAX);
    assert_memory_equal(wire_entries_tag(&read.entries, last), tags + last * WIRE_TAG_SIZE, WIRE_TAG_SIZE);
    assert_int_equal(wire_entries_payload(&read.entries, last).len, 20);
    assert_ptr_equal(wire_entries_payload(&read.entries, last).data + 20,
                     read.entries.payloads.data + 20 * WIRE_CHANGE_MAX);
    assert_int_equal(put_request_encode(&small, &put, &err), ERR_INPUT);
    put.entries = (struct wire_entries){span_of(tags, (WIRE_CHANGE_MAX + 1) * WIRE_TAG_SIZE), 1,
                                        span_of(zeros, WIRE_CHANGE_MAX + 1)};
    put_is(&put, ERR_INPUT, "'tags'");
    free(tags);
    buf_free(&out);
    buf_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_read_strictly),
        cmocka_unit_test(the_documents_have_every_member_and_no_other),
        cmocka_unit_test(envelopes),
        cmocka_unit_test(spoilt_envelopes),
        cmocka_unit_test(the_unreadable_is_answered),
        cmocka_unit_test(the_statement_is_as_specified),
        cmocka_unit_test(the_largest_statement_fits),
        cmocka_unit_test(a_signature_covers_everything),
        cmocka_unit_test(a_signature_is_shown_without_the_body),
        cmocka_unit_test(requests_are_timely),
        cmocka_unit_test(a_custodian_signs_what_it_evaluated),
        cmocka_unit_test(a_reason_always_arrives),
        cmocka_unit_test(statuses_and_errors_belong_together),
        cmocka_unit_test(puts_hold_together),
        cmocka_unit_test(questions_are_padded),
        cmocka_unit_test(batches_go_with_scopes),
        cmocka_unit_test(mail_is_in_order_and_of_its_kind),
        cmocka_unit_test(events_ascend_and_have_a_checkpoint),
        cmocka_unit_test(the_largest_change_travels),
    };
    return cmocka_run_group_tests_name("wire_messages", tests, NULL, NULL);
}
