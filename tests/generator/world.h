/*
 * Who is who: people, their documents, and the records that agencies hold about them. Nothing is stored: a record is
 * found by its number, and follows from the seed alone, so that memory does not grow with the world.
 *
 * Record numbers go round the agencies: record n is row n / agencies + 1 of agency n % agencies. A person has the
 * number of the first record about them, a document that of the first record that names it.
 */
#ifndef TESTS_GENERATOR_WORLD_H
#define TESTS_GENERATOR_WORLD_H

#include "tests/generator/culture.h"
#include "tests/generator/rates.h"

#include <stdio.h>

#define AGENCIES_MAX 64
#define GIVEN_MAX 4
#define FATHER_MAX 2
#define NO_DOCUMENT UINT64_MAX

struct world {
    uint64_t seed;
    char agencies[AGENCIES_MAX][4];
    uint32_t agency_count;
    uint32_t records_each;
    uint32_t overlap_permille; /* of the records: about somebody whom an earlier record is about */
    uint32_t errors;           /* per cent of the rates */
};

struct record {
    uint64_t number, person, document; /* document: or NO_DOCUMENT */
    uint32_t agency, row;              /* row: from 1 */
};

void record_find(struct record *out, const struct world *w, uint64_t number);

struct date {
    uint16_t year;
    uint8_t month, day;
};

struct person {
    const struct nation *nation;
    const struct culture *culture;
    struct name prefix, given[GIVEN_MAX], family[FATHER_MAX], married;
    int given_count, family_count;
    bool has_prefix, woman, moves_name; /* moves_name: takes the husband's family name */
    struct date born;
};

void person_find(struct person *out, const struct world *w, uint64_t number);

enum document_type { DOCUMENT_PASSPORT, DOCUMENT_ID_CARD, DOCUMENT_SEAMAN, DOCUMENT_REFUGEE };

struct document {
    enum document_type type;
    const char *issuer;
    char number[24];
    struct date expires;
};

/* As it was made out to the person. */
void document_find(struct document *out, const struct world *w, uint64_t number, const struct person *person);

extern const char *const document_type_name[];

/* Writes the row of a record, with its line end; the header of a feed. */
void record_write(FILE *out, const struct world *w, const struct record *record);
void record_header(FILE *out);

/*
 * A row of the register of valid documents of an agency's country, if the record is the first that names such a
 * document: as it was made out, to whom it was made out. With its header.
 */
void register_write(FILE *out, const struct world *w, const struct record *record, const char *country);
void register_header(FILE *out);

/* What a stream of random numbers is for. */
enum stream { STREAM_RECORD, STREAM_PERSON, STREAM_DOCUMENT, STREAM_NAMES_OF_DOCUMENT, STREAM_ROW };

#endif
