#include "protocol/ledger/evidence.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 2
#define BASE64 sodium_base64_VARIANT_ORIGINAL

/* The names of the two members that hold bytes; the second may be missing. */
static const struct {
    const char *name, *first, *second;
} kinds[] = {
    [EVIDENCE_CHECKPOINTS] = {"checkpoints", "seen", "shown"},
    [EVIDENCE_EVALUATION] = {"evaluation", "request", "reply"},
    [EVIDENCE_MAIL] = {"mail", "messages", NULL},
    [EVIDENCE_HITS] = {"hits", "reply", "request"},
    [EVIDENCE_PREKEYS] = {"prekeys", "known", "shown"},
};

const char *evidence_kind_name(enum evidence_kind kind)
{
    return kinds[kind].name;
}

/* --- writing --- */

/* Sets the member; false if memory runs out. name NULL: there is none of that name. */
static bool set_bytes(json_t *object, const char *name, struct span bytes)
{
    size_t size = sodium_base64_encoded_len(bytes.len, BASE64);
    char *text = name != NULL ? malloc(size) : NULL;
    if (name == NULL)
        return true;
    bool set = text != NULL;
    if (set) {
        sodium_bin2base64(text, size, bytes.data, bytes.len, BASE64);
        set = json_object_set_new(object, name, json_string(text)) == 0;
    }
    free(text);
    return set;
}

int evidence_print(struct buf *out, const struct evidence *evidence, struct err *err)
{
    const struct evidence *e = evidence;
    json_t *object =
        json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "concord-evidence", FORMAT, "kind",
                  kinds[e->kind].name, "region", e->region, "agency", e->agency, "party", e->party, "partner",
                  e->partner, "time", (json_int_t)e->time, "manifest", (json_int_t)e->manifest, "why", e->why);
    char *text = object != NULL && set_bytes(object, kinds[e->kind].first, e->first) &&
                         set_bytes(object, kinds[e->kind].second, e->second)
                     ? json_dumps(object, JSON_INDENT(1))
                     : NULL;
    int rc =
        text == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for evidence") : buf_printf(out, err, "%s\n", text);
    free(text);
    json_decref(object);
    return rc;
}

/* --- reading --- */

static bool get_text(char *out, size_t size, json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    size_t len = json_string_length(value);
    if (!json_is_string(value) || len >= size || strlen(json_string_value(value)) != len)
        return false;
    memcpy(out, json_string_value(value), len + 1);
    return true;
}

static bool get_number(uint64_t *out, json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

/* Decodes into storage, which was reserved and does not move. */
static bool get_bytes(struct span *out, struct buf *storage, json_t *object, const char *name)
{
    json_t *value = name != NULL ? json_object_get(object, name) : NULL;
    uint8_t *to = storage->data + storage->len;
    size_t got = 0;
    *out = span_of(NULL, 0);
    if (name == NULL)
        return true;
    if (!json_is_string(value) || !bytes_from_base64(to, storage->cap - storage->len, &got,
                                                     span_of(json_string_value(value), json_string_length(value))))
        return false;
    *out = span_of(to, got);
    storage->len += got;
    return true;
}

static bool get_kind(enum evidence_kind *out, json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "kind"));
    for (size_t k = EVIDENCE_CHECKPOINTS; name != NULL && k < ARRAY_LEN(kinds); k++)
        if (strcmp(kinds[k].name, name) == 0) {
            *out = (enum evidence_kind)k;
            return true;
        }
    return false;
}

static bool read_members(struct evidence *e, json_t *object, struct buf *storage)
{
    uint64_t format = 0;
    return get_number(&format, object, "concord-evidence") && format == FORMAT && get_kind(&e->kind, object) &&
           get_text(e->region, sizeof e->region, object, "region") &&
           get_text(e->agency, sizeof e->agency, object, "agency") &&
           get_text(e->party, sizeof e->party, object, "party") &&
           get_text(e->partner, sizeof e->partner, object, "partner") && get_number(&e->time, object, "time") &&
           get_number(&e->manifest, object, "manifest") && get_text(e->why, sizeof e->why, object, "why") &&
           get_bytes(&e->first, storage, object, kinds[e->kind].first) &&
           get_bytes(&e->second, storage, object, kinds[e->kind].second);
}

int evidence_parse(struct evidence *out, struct span text, struct buf *storage, struct err *err)
{
    memset(out, 0, sizeof *out);
    buf_clear(storage);
    if (text.len > EVIDENCE_MAX)
        return err_set(err, ERR_INPUT, "evidence is not longer than %u bytes", EVIDENCE_MAX);
    if (buf_reserve(storage, text.len, err) == NULL)
        return err_code(err);
    json_t *object = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    bool good = json_is_object(object) && read_members(out, object, storage);
    json_decref(object);
    return good ? 0
                : err_set(err, ERR_INPUT,
                          "it is no evidence as concord-client exports it, or of another version than %d", FORMAT);
}
