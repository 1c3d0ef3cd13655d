/* People, their documents, and the records that agencies hold about them: who is who is known here, and only here. */
#ifndef TESTS_GENERATOR_WORLD_H
#define TESTS_GENERATOR_WORLD_H

#include "tests/generator/names.h"

#include <stdio.h>

#define AGENCIES_MAX 64
#define GIVEN_MAX 3
#define NO_DOCUMENT UINT32_MAX

struct person {
    const struct culture *culture;
    const char *given[GIVEN_MAX];
    const char *family;     /* NULL for a mononym; the father's given name for a patronymic */
    const char *family_end; /* second half of a compound, or NULL */
    uint16_t year;
    uint8_t month;
    uint8_t day;
    bool woman;
};

struct document {
    char issuer[4];
    char number[12];
    uint8_t type; /* index into document_types */
};

/* One row of one agency's feed. */
struct record {
    uint32_t person;
    uint32_t document; /* or NO_DOCUMENT */
    uint16_t agency;
    bool altered;   /* written by another officer: spellings, dates and typing may differ */
    uint32_t row;   /* 1 .. records of the agency */
    uint64_t seed;  /* of what this officer made of it */
};

struct world {
    struct random random;
    char agencies[AGENCIES_MAX][4];
    uint32_t agency_count;
    uint32_t records_each;
    uint32_t overlap_permille; /* of an agency's records: people whom an earlier record is about */
    struct person *persons;
    struct document *documents;
    struct record *records; /* agency by agency */
    uint32_t person_count;
    uint32_t document_count;
    uint32_t record_count;
};

/* Fills the world. agencies, records_each, overlap_permille and random are set by the caller. False: no memory. */
bool world_make(struct world *w);

void world_free(struct world *w);

/* Writes the row of a record, with its line end. */
void record_write(FILE *out, const struct world *w, const struct record *record);

/* Writes the header of a feed. */
void record_header(FILE *out);

#endif
