#include "tests/attacks/people.h"

#include "client/feed/feed.h"

#include <sodium.h>

struct schema attack_schema;
uint8_t attack_key[32];

#define INPUTS_MAX (1u << 20)

void *people_alloc(size_t count, size_t size)
{
    void *out = calloc(count > 0 ? count : 1, size);
    if (out == NULL) {
        fprintf(stderr, "attacks: out of memory\n");
        exit(1);
    }
    return out;
}

size_t any_below(size_t bound)
{
    return randombytes_uniform((uint32_t)bound);
}

unsigned people_key(const char *id)
{
    for (unsigned j = 0; j < attack_schema.keys; j++)
        if (strcmp(attack_schema.key[j].id, id) == 0)
            return j;
    fail_msg("the schema has no key %s", id);
    return 0;
}

static size_t values_of(struct value *out, struct normaliser *normaliser, const struct record *record, uint32_t person)
{
    struct err err = {0};
    struct match_inputs inputs;
    struct buf bytes = buf_of(INPUTS_MAX);
    if (match_keys(&attack_schema, normaliser, record, &inputs, &bytes, &err) != 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < inputs.count; i++) {
        out[i] = (struct value){.person = person, .key = inputs.key[i]};
        crypto_generichash(out[i].hash, sizeof out[i].hash, inputs.input[i].data, inputs.input[i].len, NULL, 0);
    }
    buf_free(&bytes);
    return inputs.count;
}

size_t people_guess(struct value *out, size_t room, struct normaliser *normaliser, const char *name, const char *date,
                    const char *sex, unsigned key)
{
    struct value all[SCHEMA_TOKENS_MAX];
    struct record record = {0};
    size_t count = 0;
    for (size_t f = 0; f < FIELDS; f++)
        record.field[f] = "";
    record.field[FIELD_GIVEN_NAMES] = name;
    record.field[FIELD_DATE_OF_BIRTH] = date;
    record.field[FIELD_SEX] = sex;
    size_t total = values_of(all, normaliser, &record, 0);
    for (size_t i = 0; i < total; i++)
        if (all[i].key == key && count < room)
            out[count++] = all[i];
    return count;
}

static int compare_values(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    int order = memcmp(x->hash, y->hash, sizeof x->hash);
    return order != 0 ? order : (x->person > y->person) - (x->person < y->person);
}

/* What more people share than the cap is not sent. */
static void drop_crowded(struct people *p)
{
    size_t kept = 0;
    qsort(p->value, p->values, sizeof *p->value, compare_values);
    for (size_t i = 0, end; i < p->values; i = end) {
        for (end = i + 1; end < p->values && memcmp(p->value[end].hash, p->value[i].hash, 32) == 0; end++)
            ;
        if (end - i > attack_schema.key[p->value[i].key].cap || end - i > attack_schema.slots)
            continue;
        memmove(p->value + kept, p->value + i, (end - i) * sizeof *p->value);
        kept += end - i;
    }
    p->values = kept;
}

static void *grown(void *array, size_t count, size_t *room, size_t size)
{
    if (count <= *room)
        return array;
    *room = 2 * count;
    array = realloc(array, *room * size);
    assert_non_null(array);
    return array;
}

void people_read(struct people *out, const char *dir, const char *agency)
{
    char path[512];
    const struct feed_options options = {.path = path, .lenient = true};
    struct err err = {0};
    struct normaliser *normaliser = NULL;
    struct feed *feed = NULL;
    struct record r;
    size_t room = 0, value_room = 0;
    bool end = false;
    *out = (struct people){0};
    snprintf(path, sizeof path, "%s/%s.csv", dir, agency);
    if (normaliser_new(&normaliser, &err) != 0 || feed_open(&feed, &options, &err) != 0)
        fail_msg("%s", err.text);
    while (feed_next(feed, &r, &end, &err) == 0 && !end) {
        out->person = grown(out->person, out->count + 1, &room, sizeof *out->person);
        out->value = grown(out->value, out->values + SCHEMA_TOKENS_MAX, &value_room, sizeof *out->value);
        struct somebody *p = &out->person[out->count];
        snprintf(p->family, sizeof p->family, "%s", r.field[FIELD_FAMILY_NAME]);
        snprintf(p->given, sizeof p->given, "%s", r.field[FIELD_GIVEN_NAMES]);
        snprintf(p->date, sizeof p->date, "%s", r.field[FIELD_DATE_OF_BIRTH]);
        snprintf(p->sex, sizeof p->sex, "%s", r.field[FIELD_SEX]);
        snprintf(p->nationality, sizeof p->nationality, "%s", r.field[FIELD_NATIONALITY]);
        out->values += values_of(out->value + out->values, normaliser, &r, (uint32_t)out->count);
        out->count++;
    }
    if (!end)
        fail_msg("%s", err.text);
    feed_free(feed);
    normaliser_free(normaliser);
    drop_crowded(out);
}

void people_free(struct people *people)
{
    free(people->person);
    free(people->value);
    *people = (struct people){0};
}

void people_token(struct token *out, int purpose, uint32_t epoch, const struct value *value)
{
    uint8_t text[2 + sizeof value->hash] = {(uint8_t)purpose, (uint8_t)epoch}, output[OPRF_OUTPUT_SIZE];
    memcpy(text + 2, value->hash, sizeof value->hash);
    crypto_generichash(output, sizeof output, text, sizeof text, attack_key, sizeof attack_key);
    token_cut(out, output);
}
