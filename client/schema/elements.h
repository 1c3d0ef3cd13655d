/*
 * What two agencies compare of a pair of records that opened (docs/judging.md): a fixed table of slots, each with one
 * value, so that no list can test more than its slots. A slot is a field and a value, or absent; two slots agree where
 * both are equal, whatever their places. The table is the same for all schemas and part of the normaliser's
 * fingerprint.
 *
 *     names       four words at most: two of the family name and two given names; of a name in one field, and of
 *                 further names, words fill what is left. Six forms of each, and two of all words together; the
 *                 family name
 *     birth date  day, month, year; the date with day and month in ascending order; the year without its last digit
 *                 and without its third. The first day of a calendar's year is a year alone
 *     documents   two: issuer and number, letters and digits folded; issuer and type
 *     sex; nationalities: two
 *
 * Beside them goes a presence: how much of each group of fields there is. It is told in letters and holds no value.
 */
#ifndef CLIENT_SCHEMA_ELEMENTS_H
#define CLIENT_SCHEMA_ELEMENTS_H

#include "client/schema/schema.h"

enum element_field {
    ELEMENT_WORD_TEXT,
    ELEMENT_WORD_ROOT,
    ELEMENT_WORD_SKELETON,
    ELEMENT_WORD_FRONT,   /* first three letters of the root */
    ELEMENT_WORD_END,     /* last three */
    ELEMENT_WORD_LETTERS, /* letters of the root in alphabetical order */
    ELEMENT_NAME_LETTERS, /* those of all words together, wherever blanks stand */
    ELEMENT_NAME_SKELETON,
    ELEMENT_FAMILY, /* roots of the words of the family name, where it is known which these are */
    ELEMENT_DAY,
    ELEMENT_MONTH,
    ELEMENT_YEAR,
    ELEMENT_TURNED,
    ELEMENT_DECADE,  /* the year without its last digit */
    ELEMENT_CENTURY, /* the year without its third */
    ELEMENT_DOCUMENT,
    ELEMENT_DOCUMENT_KIND,
    ELEMENT_SEX,
    ELEMENT_NATIONALITY,
    ELEMENT_FIELDS
};

#define ELEMENT_WORDS 4
#define ELEMENT_FAMILY_WORDS 2
#define ELEMENT_DOCUMENTS 2
#define ELEMENT_NATIONALITIES 2
#define ELEMENT_SLOTS (6 * ELEMENT_WORDS + 3 + 6 + 2 * ELEMENT_DOCUMENTS + 1 + ELEMENT_NATIONALITIES)
#define ELEMENT_VALUE_MAX 48 /* longer ones are cut */

/* len 0: absent. */
struct element_slot {
    uint16_t field;
    uint8_t len;
    char value[ELEMENT_VALUE_MAX];
};

/* How much a record has of what is compared. records: log2 of how many records its agency has, rounded down. */
struct presence {
    uint8_t words;                    /* 0..ELEMENT_WORDS, of the first name */
    uint8_t day, month, year, sex;    /* 0, 1 */
    uint8_t documents, nationalities; /* 0..2 */
    uint8_t records;                  /* 0..31 */
};

struct elements {
    struct element_slot slot[ELEMENT_SLOTS];
    struct presence presence;
    uint8_t family; /* how many of the first words are the family name; 0: that is not known */
};

/*
 * A record's elements. records: how many its agency holds for the purpose. Personal data: the caller's to wipe.
 * Of two slots with the same field and value the second is absent.
 */
void elements_of_person(struct elements *out, const struct person *person, uint64_t records);

/* Every slot with its field, and absent. */
void elements_clear(struct elements *out);

/*
 * Does the field follow from others: a word's letters from its root, a decade from its year? Then elements_derive()
 * puts it.
 */
bool element_follows(enum element_field field);
void elements_derive(struct elements *elements);

/* What an exchange would tell, of elements that lie side by side. */
void elements_agree(uint8_t agree[ELEMENT_SLOTS], const struct elements *own, const struct elements *other);

/* presence.records for so many. */
uint8_t presence_records(uint64_t records);

/* As it stands in letters. False: bits that mean nothing. */
uint32_t presence_pack(const struct presence *presence);
bool presence_unpack(struct presence *out, uint32_t packed);

#endif
