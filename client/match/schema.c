#include "client/match/schema.h"

#include "protocol/base/file.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define WEIGHTS_MAX 255 /* shares are taken at distinct non-zero points of GF(256) */

static const char *const part_name[PARTS] = {
    "family_name", "given_names", "full_name", "full_name_unordered", "full_name_phonetic", "sex", "nationality",
    "birth_date", "birth_year", "birth_date_unordered", "doc_type", "doc_issuer", "doc_number",
};

static int read_parts(struct schema_key *key, json_t *parts, struct err *err)
{
    size_t i;
    json_t *item;
    key->parts = json_array_size(parts);
    if (key->parts == 0 || key->parts > SCHEMA_PARTS_MAX)
        return err_set(err, ERR_INPUT, "key %s has %zu parts, not 1 to %d", key->id, key->parts, SCHEMA_PARTS_MAX);
    json_array_foreach(parts, i, item) {
        const char *name = json_string_value(item);
        int part = 0;
        while (part < PARTS && (name == NULL || strcmp(name, part_name[part]) != 0))
            part++;
        if (part == PARTS)
            return err_set(err, ERR_INPUT, "key %s: %.40s is no part", key->id, name != NULL ? name : "a value that is no text");
        key->part[i] = (enum schema_part)part;
    }
    return 0;
}

static int read_key(struct schema *s, json_t *in, struct err *err)
{
    struct schema_key *key = &s->key[s->keys];
    const char *id, *class;
    json_int_t weight;
    json_t *parts;
    json_error_t why;
    if (json_unpack_ex(in, &why, JSON_STRICT, "{s:s, s:s, s:I, s:o}", "id", &id, "class", &class, "weight", &weight, "parts",
                       &parts) != 0)
        return err_set(err, ERR_INPUT, "key %zu: %s", s->keys + 1, why.text);
    int rc = party_name_check(id, err);
    if (rc != 0 || strlen(id) > SCHEMA_ID_MAX)
        return err_set(err, ERR_INPUT, "key %zu: its id is not 1 to %d of A-Z a-z 0-9 . _ -", s->keys + 1, SCHEMA_ID_MAX);
    snprintf(key->id, sizeof key->id, "%s", id);
    for (size_t j = 0; j < s->keys; j++)
        if (strcmp(s->key[j].id, id) == 0)
            return err_set(err, ERR_INPUT, "two keys have the id %s", id);
    if (strcmp(class, "person") != 0 && strcmp(class, "document") != 0)
        return err_set(err, ERR_INPUT, "key %s: class is person or document", id);
    key->class = strcmp(class, "person") == 0 ? CLASS_PERSON : CLASS_DOCUMENT;
    if (weight < 1 || weight > SCHEMA_WEIGHT_MAX)
        return err_set(err, ERR_INPUT, "key %s: weight is 1 to %d", id, SCHEMA_WEIGHT_MAX);
    key->weight = (unsigned)weight;
    s->keys++;
    return read_parts(key, parts, err);
}

static int read_schema(struct schema *s, json_t *root, struct err *err)
{
    const char *format, *name;
    json_int_t threshold, cap;
    json_t *keys, *item;
    json_error_t why;
    size_t i;
    unsigned sum = 0;
    if (json_unpack_ex(root, &why, JSON_STRICT, "{s:s, s:s, s:I, s:I, s:o}", "format", &format, "name", &name, "threshold",
                       &threshold, "cap", &cap, "keys", &keys) != 0)
        return err_set(err, ERR_INPUT, "%s", why.text);
    if (strcmp(format, "concord-schema-1") != 0)
        return err_set(err, ERR_INPUT, "its format is %.40s, not concord-schema-1", format);
    int rc = party_name_check(name, err);
    if (rc != 0)
        return rc;
    snprintf(s->name, sizeof s->name, "%s", name);
    if (json_array_size(keys) == 0 || json_array_size(keys) > SCHEMA_KEYS_MAX)
        return err_set(err, ERR_INPUT, "it has %zu keys, not 1 to %d", json_array_size(keys), SCHEMA_KEYS_MAX);
    json_array_foreach(keys, i, item) {
        rc = read_key(s, item, err);
        if (rc != 0)
            return rc;
        sum += s->key[i].weight;
    }
    if (sum > WEIGHTS_MAX || threshold < 1 || threshold > sum || cap < 1 || cap > SCHEMA_CAP_MAX)
        return err_set(err, ERR_INPUT, "weights sum to %u (at most %d), threshold is 1 to that sum, cap is 1 to %d", sum,
                       WEIGHTS_MAX, SCHEMA_CAP_MAX);
    s->threshold = (unsigned)threshold;
    s->cap = (unsigned)cap;
    return 0;
}

int schema_parse(struct schema *out, const void *json, size_t len, struct err *err)
{
    json_error_t why;
    memset(out, 0, sizeof *out);
    json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL)
        return err_set(err, ERR_INPUT, "line %d: %s", why.line, why.text);
    int rc = read_schema(out, root, err);
    json_decref(root);
    crypto_hash_sha256(out->digest, json, len);
    return rc;
}

int schema_load(struct schema *out, const char *dir, const char *purpose, const uint8_t digest[SCHEMA_DIGEST_SIZE],
                struct err *err)
{
    char path[PATH_LIMIT], name[PARTY_NAME_MAX + 8];
    struct buf file = buf_of(SCHEMA_FILE_MAX);
    snprintf(name, sizeof name, "%s.json", purpose);
    int rc = path_join(path, sizeof path, dir, name, err);
    if (rc == 0)
        rc = file_read(&file, path, err);
    if (rc == 0 && (rc = schema_parse(out, file.data, file.len, err)) != 0)
        err_wrap(err, "the schema %s", path);
    if (rc == 0 && memcmp(out->digest, digest, SCHEMA_DIGEST_SIZE) != 0)
        rc = err_set(err, ERR_VERIFY, "the schema %s is not the one of the manifest: its digest differs", path);
    buf_free(&file);
    return rc;
}
