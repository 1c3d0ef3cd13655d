#include "tests/attacks/register.h"

#include <sodium.h>

static int compare_rows(const void *a, const void *b)
{
    const struct book_row *x = a, *y = b;
    int order = memcmp(x->tag, y->tag, WIRE_TAG_SIZE);
    return order != 0 ? order : (x->value > y->value) - (x->value < y->value);
}

void book_make(struct book *out, const struct value *value, size_t count, int purpose, uint32_t epoch)
{
    struct token token;
    *out = (struct book){people_alloc(count + 1, sizeof *out->row), count};
    for (size_t i = 0; i < count; i++) {
        people_token(&token, purpose, epoch, &value[i]);
        memcpy(out->row[i].tag, token.tag, WIRE_TAG_SIZE);
        out->row[i].value = (uint32_t)i;
    }
    qsort(out->row, count, sizeof *out->row, compare_rows);
}

void book_free(struct book *book)
{
    free(book->row);
    *book = (struct book){0};
}

const struct book_row *book_find(const struct book *book, const uint8_t tag[WIRE_TAG_SIZE], size_t *count)
{
    size_t low = 0, high = book->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (memcmp(book->row[middle].tag, tag, WIRE_TAG_SIZE) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*count = 0; low + *count < book->count && memcmp(book->row[low + *count].tag, tag, WIRE_TAG_SIZE) == 0;)
        ++*count;
    return book->row + low;
}

static const uint8_t owner[PARTY_DIGEST_SIZE] = {PARTNER + 1};

static struct payload_context context_of(const struct enrolled *e, const struct token *token)
{
    return (struct payload_context){
        "test", e->purpose == 0 ? "persons" : "documents", owner, e->epoch, token->tag, token->seal_key};
}

static int compare_handles(const void *a, const void *b)
{
    return memcmp(a, b, HANDLE_SIZE);
}

static void seal(struct entry *out, const struct enrolled *e, const struct book_row *row, size_t count,
                 const struct record_secret *secret)
{
    struct token token;
    struct err err = {0};
    struct buf payload = buf_of(STAGE_PAYLOAD);
    uint8_t slots[SCHEMA_SLOTS_MAX][SLOT_SIZE];
    people_token(&token, e->purpose, e->epoch, &e->people->value[row->value]);
    const struct payload_context context = context_of(e, &token);
    for (size_t i = 0; i < count; i++) {
        const struct value *value = &e->people->value[row[i].value];
        slot_make(slots[i], &attack_schema, &context, &secret[value->person], value->key);
    }
    if (payload_seal(&payload, &attack_schema, &context, slots[0], count, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(payload.len, STAGE_PAYLOAD);
    memcpy(out->tag, token.tag, WIRE_TAG_SIZE);
    memcpy(out->payload, payload.data, STAGE_PAYLOAD);
    buf_free(&payload);
}

void register_entries(struct entry *out, const struct value *value, size_t count)
{
    uint8_t seed[RECORD_SEED_SIZE];
    struct record_secret secret;
    randombytes_buf(seed, sizeof seed);
    record_secret_derive(&secret, seed);
    for (size_t i = 0; i < count; i++) {
        struct value alone = value[i];
        const struct people people = {.value = &alone, .values = 1};
        const struct enrolled e = {0, 1, &people, {0}, NULL};
        alone.person = 0;
        seal(&out[i], &e, &(struct book_row){.value = 0}, 1, &secret);
    }
}

struct entry *enrolled_seal(struct enrolled *out, const struct people *people, int purpose, uint32_t epoch,
                            size_t *count)
{
    struct record_secret *secret = people_alloc(people->count, sizeof *secret);
    struct entry *entry = people_alloc(people->values, sizeof *entry);
    *count = 0;
    *out = (struct enrolled){purpose, epoch, people, .handle = people_alloc(people->count, sizeof *out->handle)};
    for (uint32_t i = 0; i < people->count; i++) {
        uint8_t seed[RECORD_SEED_SIZE];
        randombytes_buf(seed, sizeof seed);
        record_secret_derive(&secret[i], seed);
        memcpy(out->handle[i].bytes, secret[i].handle, HANDLE_SIZE);
        out->handle[i].person = i;
    }
    qsort(out->handle, people->count, sizeof *out->handle, compare_handles);
    book_make(&out->book, people->value, people->values, purpose, epoch);
    for (size_t i = 0, rows; i < out->book.count; i += rows) {
        const struct book_row *row = book_find(&out->book, out->book.row[i].tag, &rows);
        seal(&entry[(*count)++], out, row, rows, secret);
    }
    free(secret);
    return entry;
}

void enrolled_make(struct enrolled *out, const struct people *people, int purpose, uint32_t epoch)
{
    size_t count;
    struct entry *entry = enrolled_seal(out, people, purpose, epoch, &count);
    stage_put(PARTNER, purpose, epoch, entry, count);
    free(entry);
}

void enrolled_free(struct enrolled *enrolled)
{
    book_free(&enrolled->book);
    free(enrolled->handle);
}

size_t enrolled_open(const struct enrolled *enrolled, const struct value *guess, const uint8_t tag[WIRE_TAG_SIZE],
                     struct span payload, bool *known)
{
    struct token token;
    struct err err = {0};
    struct buf slots = buf_of(SCHEMA_SLOTS_MAX * SLOT_SIZE);
    size_t opened = 0;
    people_token(&token, enrolled->purpose, enrolled->epoch, guess);
    const struct payload_context context = context_of(enrolled, &token);
    assert_memory_equal(tag, token.tag, WIRE_TAG_SIZE);
    if (payload_open(&slots, &attack_schema, &context, payload, &err) != 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < attack_schema.slots; i++) {
        const struct slot slot = {&context, guess->key, slots.data + i * SLOT_SIZE};
        struct record_secret secret;
        if (!slot_recover(&secret, &slot))
            continue;
        const struct handle *h = bsearch(secret.handle, enrolled->handle, enrolled->people->count,
                                         sizeof *enrolled->handle, compare_handles);
        assert_non_null(h);
        known[h->person] = true;
        opened++;
    }
    buf_free(&slots);
    return opened;
}
