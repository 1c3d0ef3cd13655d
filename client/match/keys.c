#include "client/match/schema.h"

#include <stdio.h>
#include <string.h>

#define INPUT_VERSION 1

/* All parts of a record, normalised once for all keys. Secret. */
struct parts {
    char value[PARTS][NORMALISED_MAX];
};

static void upper(char out[NORMALISED_MAX], const char *in)
{
    size_t n = 0;
    for (; in[n] != '\0' && n + 1 < NORMALISED_MAX; n++)
        out[n] = in[n] >= 'a' && in[n] <= 'z' ? (char)(in[n] - 'a' + 'A') : in[n];
    out[n] = '\0';
}

static int name_parts(struct parts *p, struct normaliser *n, const struct record *record, struct err *err)
{
    const char *family = record->field[FIELD_FAMILY_NAME], *given = record->field[FIELD_GIVEN_NAMES];
    char *full = p->value[PART_FULL_NAME];
    int rc = normalise_name(n, p->value[PART_FAMILY_NAME], family, err);
    if (rc == 0)
        rc = normalise_name(n, p->value[PART_GIVEN_NAMES], given, err);
    if (rc == 0 && family[0] == '\0' && given[0] == '\0')
        rc = normalise_name(n, full, record->field[FIELD_NAME_NATIVE], err);
    else if (rc == 0)
        snprintf(full, NORMALISED_MAX, "%.500s%s%.500s", p->value[PART_FAMILY_NAME],
                 p->value[PART_FAMILY_NAME][0] != '\0' && p->value[PART_GIVEN_NAMES][0] != '\0' ? " " : "",
                 p->value[PART_GIVEN_NAMES]);
    normalise_unordered(p->value[PART_FULL_NAME_UNORDERED], full);
    normalise_phonetic(p->value[PART_FULL_NAME_PHONETIC], full);
    return rc;
}

/* Day and month in ascending order meet whichever way round they were written; where they cannot be confused, no key. */
static void date_parts(struct parts *p, const char *text)
{
    struct birth_date d;
    if (!normalise_date(&d, text))
        return;
    snprintf(p->value[PART_BIRTH_YEAR], NORMALISED_MAX, "%04u", d.year);
    if (d.day == 0)
        return;
    snprintf(p->value[PART_BIRTH_DATE], NORMALISED_MAX, "%04u%02u%02u", d.year, d.month, d.day);
    if (d.day <= 12 && d.day != d.month)
        snprintf(p->value[PART_BIRTH_DATE_UNORDERED], NORMALISED_MAX, "%04u%02u%02u", d.year,
                 d.day < d.month ? d.day : d.month, d.day < d.month ? d.month : d.day);
}

static int make_parts(struct parts *p, struct normaliser *n, const struct record *record, struct err *err)
{
    memset(p, 0, sizeof *p);
    date_parts(p, record->field[FIELD_DATE_OF_BIRTH]);
    upper(p->value[PART_SEX], record->field[FIELD_SEX]);
    if (p->value[PART_SEX][0] == 'X')
        p->value[PART_SEX][0] = '\0';
    upper(p->value[PART_NATIONALITY], record->field[FIELD_NATIONALITY]);
    upper(p->value[PART_DOC_ISSUER], record->field[FIELD_DOC_ISSUER]);
    normalise_document(p->value[PART_DOC_TYPE], record->field[FIELD_DOC_TYPE]);
    normalise_document(p->value[PART_DOC_NUMBER], record->field[FIELD_DOC_NUMBER]);
    return name_parts(p, n, record, err);
}

static int append_input(struct buf *bytes, const struct schema *schema, size_t key, const struct parts *p, struct err *err)
{
    const uint8_t version = INPUT_VERSION, position = (uint8_t)key;
    int rc = buf_put(bytes, &version, 1, err);
    if (rc == 0)
        rc = buf_put(bytes, schema->digest, sizeof schema->digest, err);
    if (rc == 0)
        rc = buf_put(bytes, &position, 1, err);
    for (size_t i = 0; rc == 0 && i < schema->key[key].parts; i++) {
        const char *value = p->value[schema->key[key].part[i]];
        uint8_t len[2];
        bytes_put_u16be(len, (uint16_t)strlen(value));
        rc = buf_put(bytes, len, sizeof len, err);
        if (rc == 0)
            rc = buf_put(bytes, value, strlen(value), err);
    }
    return rc;
}

static bool exists(const struct schema_key *key, const struct parts *p)
{
    for (size_t i = 0; i < key->parts; i++)
        if (p->value[key->part[i]][0] == '\0')
            return false;
    return true;
}

int match_keys(const struct schema *schema, struct normaliser *normaliser, const struct record *record,
               struct match_inputs *out, struct buf *bytes, struct err *err)
{
    struct parts parts;
    size_t end[SCHEMA_TOKENS_MAX];
    buf_clear(bytes);
    out->count = 0;
    int rc = make_parts(&parts, normaliser, record, err);
    for (size_t j = 0; rc == 0 && j < schema->keys; j++) {
        if (!exists(&schema->key[j], &parts))
            continue;
        rc = append_input(bytes, schema, j, &parts, err);
        out->key[out->count] = (uint8_t)j;
        end[out->count++] = bytes->len;
    }
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        size_t start = i > 0 ? end[i - 1] : 0;
        out->input[i] = span_of(bytes->data + start, end[i] - start);
    }
    explicit_bzero(&parts, sizeof parts);
    return rc;
}
