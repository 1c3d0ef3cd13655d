/*
 * canary-values SCHEMA FEED...: what must never leave an agency, one value a line in hexadecimal: every field of every row as
 * it is written, every form that it takes when it is normalised, and every input of the OPRF.
 */
#include "client/feed/feed.h"
#include "client/match/keys.h"
#include "protocol/base/file.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void print(const void *value, size_t len)
{
    for (size_t i = 0; i < len; i++)
        printf("%02x", ((const uint8_t *)value)[i]);
    if (len > 0)
        printf("\n");
}

static void print_text(const char *value)
{
    print(value, strlen(value));
}

static void print_date(const char *text)
{
    char form[64];
    struct birth_date d;
    if (!normalise_date(&d, text))
        return;
    snprintf(form, sizeof form, "%04u%02u%02u", d.year, d.month, d.day);
    print_text(form);
    snprintf(form, sizeof form, "%04u%02u%02u", d.year, d.day, d.month);
    print_text(form);
    snprintf(form, sizeof form, "%04u", d.year);
    print_text(form);
}

static int print_names(struct normaliser *n, const struct record *record, struct err *err)
{
    static const enum field names[] = {FIELD_FAMILY_NAME, FIELD_GIVEN_NAMES, FIELD_NAME_NATIVE};
    char form[NORMALISED_MAX], other[NORMALISED_MAX], full[2 * FIELD_SIZE_MAX + 2];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i <= 3; i++) {
        snprintf(full, sizeof full, "%s %s", record->field[FIELD_FAMILY_NAME], record->field[FIELD_GIVEN_NAMES]);
        rc = normalise_name(n, form, i < 3 ? record->field[names[i]] : full, err);
        if (rc != 0)
            break;
        print_text(form);
        normalise_unordered(other, form);
        print_text(other);
        normalise_phonetic(other, form);
        print_text(other);
    }
    return rc;
}

static int print_record(const struct schema *schema, struct normaliser *n, const struct record *record, struct buf *bytes,
                        struct err *err)
{
    struct match_inputs inputs;
    char number[NORMALISED_MAX];
    for (int f = 0; f < FIELDS; f++)
        print_text(record->field[f]);
    normalise_document(number, record->field[FIELD_DOC_NUMBER]);
    print_text(number);
    print_date(record->field[FIELD_DATE_OF_BIRTH]);
    int rc = print_names(n, record, err);
    if (rc == 0)
        rc = match_keys(schema, n, record, &inputs, bytes, err);
    for (size_t i = 0; rc == 0 && i < inputs.count; i++)
        print(inputs.input[i].data, inputs.input[i].len);
    return rc;
}

static int print_feed(const struct schema *schema, struct normaliser *n, const char *path, struct err *err)
{
    const struct feed_options options = {.path = path};
    struct buf bytes = buf_of(1 << 20);
    struct record record;
    struct feed *feed = NULL;
    bool end = false;
    int rc = feed_open(&feed, &options, err);
    while (rc == 0 && (rc = feed_next(feed, &record, &end, err)) == 0 && !end)
        rc = print_record(schema, n, &record, &bytes, err);
    if (rc == 0)
        rc = feed_finish(feed, err);
    feed_free(feed);
    buf_free(&bytes);
    return rc;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct schema schema;
    struct normaliser *n = NULL;
    struct buf json = buf_of(SCHEMA_FILE_MAX);
    if (argc < 3 || sodium_init() < 0) {
        fprintf(stderr, "usage: canary-values SCHEMA FEED...\n");
        return 2;
    }
    int rc = file_read(&json, argv[1], &err);
    if (rc == 0)
        rc = schema_parse(&schema, json.data, json.len, &err);
    if (rc == 0)
        rc = normaliser_new(&n, &err);
    for (int i = 2; rc == 0 && i < argc; i++)
        rc = print_feed(&schema, n, argv[i], &err);
    if (rc != 0)
        fprintf(stderr, "canary-values: %s\n", err.text);
    normaliser_free(n);
    buf_free(&json);
    return rc != 0;
}
