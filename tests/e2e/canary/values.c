/*
 * canary-values SCHEMA FEED...: what must never leave an agency, one value a line in hexadecimal: every field of every
 * row as it is written, every form that it takes when it is normalised, and every input of the OPRF.
 */
#include "client/feed/feed.h"
#include "client/identity/person.h"
#include "client/schema/keys.h"
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

static void print_dates(const struct person *p)
{
    for (unsigned i = 0; i < p->dates; i++) {
        const struct person_date *d = &p->date[i];
        char form[64];
        snprintf(form, sizeof form, "%04u%02u%02u", d->year, d->month, d->day);
        print_text(form);
        snprintf(form, sizeof form, "%04u%02u%02u", d->year, d->day, d->month);
        print_text(form);
        snprintf(form, sizeof form, "%04u-%02u-%02u", d->year, d->month, d->day);
        print_text(form);
    }
}

/* The words of a name in a row, in one of their forms. */
static void print_words(const struct person_name *name, size_t form)
{
    char all[NAME_TOKENS_MAX * (TOKEN_MAX + 1) + 1] = "";
    size_t len = 0;
    for (unsigned i = 0; i < name->tokens; i++) {
        const struct name_token *t = &name->token[i];
        const char *forms[] = {t->text, t->root, t->sound, t->skeleton};
        len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", i > 0 ? " " : "", forms[form]);
    }
    print_text(all);
}

static int print_record(const struct schema *schema, struct normaliser *n, const struct record *record,
                        struct buf *bytes, struct err *err)
{
    struct match_inputs inputs;
    struct person person;
    const char *value;
    for (int f = 0; f < FIELDS; f++)
        for (size_t i = 0; (value = record_value(record, (enum field)f, i)) != NULL; i++)
            print_text(value);
    int rc = person_from_record(n, record, &person, err);
    for (unsigned i = 0; rc == 0 && i < person.names; i++)
        for (size_t form = 0; form < 4; form++)
            print_words(&person.name[i], form);
    for (unsigned i = 0; rc == 0 && i < person.documents; i++) {
        print_text(person.document[i].number);
        print_text(person.document[i].folded);
    }
    if (rc == 0)
        print_dates(&person);
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
