#include "client/schema/keys.h"

#include <string.h>

#define INPUT_VERSION 2
#define INPUT_HEAD (1 + SCHEMA_DIGEST_SIZE + 1)

/* A record's values of all parts, each derived once for all keys. Secret. */
struct derivation {
    struct part_values values[SCHEMA_ATOMS_MAX];
};

/* The values of a key: all combinations of its parts' values, counted up like the digits of a number, the last part
 * fastest. */
struct combination {
    const struct part_values *values[SCHEMA_PARTS_MAX];
    unsigned at[SCHEMA_PARTS_MAX];
};

static bool next(struct combination *c, size_t parts)
{
    for (size_t i = parts; i > 0; i--) {
        if (++c->at[i - 1] < c->values[i - 1]->count)
            return true;
        c->at[i - 1] = 0;
    }
    return false;
}

/* False where the key has no value: a part that must be there is missing. */
static bool first(struct combination *c, const struct schema_key *key, const struct derivation *d)
{
    for (size_t i = 0; i < key->parts; i++) {
        c->values[i] = &d->values[key->atom[i]];
        c->at[i] = 0;
        if (c->values[i]->count == 0 && !key->optional[i])
            return false;
    }
    return true;
}

static int append_input(struct buf *bytes, const struct schema *schema, size_t key, const struct combination *c,
                        struct err *err)
{
    size_t parts = schema->key[key].parts, len = INPUT_HEAD;
    uint16_t part_len[SCHEMA_PARTS_MAX];
    for (size_t i = 0; i < parts; i++) {
        const struct part_values *v = c->values[i];
        part_len[i] = v->count > 0 ? (uint16_t)(v->start[c->at[i] + 1] - v->start[c->at[i]]) : 0;
        len += sizeof part_len[i] + part_len[i];
    }
    uint8_t *to = buf_reserve(bytes, len, err);
    if (to == NULL)
        return err_code(err);
    to[0] = INPUT_VERSION;
    memcpy(to + 1, schema->digest, SCHEMA_DIGEST_SIZE);
    to[1 + SCHEMA_DIGEST_SIZE] = (uint8_t)key;
    to += INPUT_HEAD;
    for (size_t i = 0; i < parts; i++) {
        bytes_put_u16be(to, part_len[i]);
        memcpy(to + 2, c->values[i]->bytes + c->values[i]->start[c->at[i]], part_len[i]);
        to += 2 + part_len[i];
    }
    bytes->len += len;
    return 0;
}

static int append_key(const struct schema *schema, size_t key, const struct derivation *d, struct match_inputs *out,
                      size_t end[SCHEMA_TOKENS_MAX], struct buf *bytes, struct err *err)
{
    struct combination c;
    int rc = 0;
    if (!first(&c, &schema->key[key], d))
        return 0;
    do {
        if (out->count == SCHEMA_TOKENS_MAX)
            return 0;
        rc = append_input(bytes, schema, key, &c, err);
        out->key[out->count] = (uint8_t)key;
        end[out->count++] = bytes->len;
    } while (rc == 0 && schema->key[key].weight == 2 && next(&c, schema->key[key].parts));
    return rc;
}

int match_keys_of_person(const struct schema *schema, const struct person *person, struct match_inputs *out,
                         struct buf *bytes, struct err *err)
{
    struct derivation d;
    size_t end[SCHEMA_TOKENS_MAX] = {0};
    int rc = 0;
    buf_clear(bytes);
    out->count = 0;
    for (size_t i = 0; i < schema->atoms; i++)
        part_derive(&d.values[i], &schema->atom[i], person);
    for (size_t j = 0; rc == 0 && j < schema->keys; j++)
        rc = append_key(schema, j, &d, out, end, bytes, err);
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        size_t start = i > 0 ? end[i - 1] : 0;
        out->input[i] = span_of(bytes->data + start, end[i] - start);
    }
    for (size_t i = 0; i < schema->atoms; i++)
        explicit_bzero(d.values[i].bytes, d.values[i].touched);
    return rc;
}

int match_keys(const struct schema *schema, struct normaliser *normaliser, const struct record *record,
               struct match_inputs *out, struct buf *bytes, struct err *err)
{
    struct person person;
    int rc = person_from_record(normaliser, record, &person, err);
    if (rc == 0)
        rc = match_keys_of_person(schema, &person, out, bytes, err);
    person_wipe(&person);
    return rc;
}
