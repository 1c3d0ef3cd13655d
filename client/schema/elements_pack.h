/* A record's elements as bytes, for the vault: those that do not follow from others. Personal data. */
#ifndef CLIENT_SCHEMA_ELEMENTS_PACK_H
#define CLIENT_SCHEMA_ELEMENTS_PACK_H

#include "client/schema/elements.h"

/*
 * presence u32be, in its two highest bits how many words are the family name; then of each slot that does not follow
 * from others (element_follows()) and is not absent, in order: place u8, length u8, value. A length of 255: no value,
 * it is that of the slot before.
 */
#define ELEMENTS_PACKED_MAX (4 + ELEMENT_SLOTS * (2 + ELEMENT_VALUE_MAX))

/* Returns how many bytes of out were written. */
size_t elements_pack(uint8_t out[ELEMENTS_PACKED_MAX], const struct elements *elements);

/* The same of a person as a feed or a question has it: how many records there are is told when a pair is judged. */
size_t elements_pack_person(uint8_t out[ELEMENTS_PACKED_MAX], const struct person *person);

/* False: damaged. */
bool elements_unpack(struct elements *out, struct span packed);

#endif
