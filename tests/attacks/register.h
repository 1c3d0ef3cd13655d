/*
 * A partner's register as its entries lie at the matcher, and what an attacker makes of payloads of which it has the
 * seal key.
 */
#ifndef TESTS_ATTACKS_REGISTER_H
#define TESTS_ATTACKS_REGISTER_H

#include "client/payload/payload.h"
#include "tests/attacks/stage.h"

/* Values by the tag that they have in a purpose and epoch. */
struct book {
    struct book_row {
        uint8_t tag[WIRE_TAG_SIZE];
        uint32_t value;
    } * row;
    size_t count;
};

void book_make(struct book *out, const struct value *value, size_t count, int purpose, uint32_t epoch);
void book_free(struct book *book);

/* The first row of the tag and how many there are. */
const struct book_row *book_find(const struct book *book, const uint8_t tag[WIRE_TAG_SIZE], size_t *count);

/* All of a register in a purpose and epoch: its entries, whose they are by tag, and whose by handle. */
struct handle {
    uint8_t bytes[HANDLE_SIZE];
    uint32_t person;
};

struct enrolled {
    int purpose;
    uint32_t epoch;
    const struct people *people;
    struct book book;
    struct handle *handle;
};

/* Seals all entries: *count of them, owned. Or seals and puts them. */
struct entry *enrolled_seal(struct enrolled *out, const struct people *people, int purpose, uint32_t epoch,
                            size_t *count);
void enrolled_make(struct enrolled *out, const struct people *people, int purpose, uint32_t epoch);
void enrolled_free(struct enrolled *enrolled);

/* One person's entries for these values, alone in them: what a matcher sees. */
void register_entries(struct entry *out, const struct value *value, size_t count);

/* Whose handle the slots of a payload give to who knows the value: sets known[person]. Returns how many opened. */
size_t enrolled_open(const struct enrolled *enrolled, const struct value *guess, const uint8_t tag[WIRE_TAG_SIZE],
                     struct span payload, bool *known);

#endif
