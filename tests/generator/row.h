/* A row in the making. */
#ifndef TESTS_GENERATOR_ROW_H
#define TESTS_GENERATOR_ROW_H

#include "tests/generator/world.h"

#define FIELD_SIZE 256
#define MRZ_SIZE 91

struct row {
    const struct world *w;
    const struct record *record;
    const struct person *person;
    enum source source;
    const char *country;  /* whose citizen the person passes for */
    bool own;             /* an agency about people of its own country */
    struct random random; /* of what this officer makes of it */
    struct document document;
    char given[FIELD_SIZE], family[FIELD_SIZE], native[FIELD_SIZE], aliases[FIELD_SIZE], date[16], mrz[MRZ_SIZE];
    const char *sex, *nationality, *issuer, *calendar;
    char number[48];
};

/* Whether an error happens: its rate for this source, scaled. What is no error is not scaled. */
bool row_happens(struct row *row, enum rate rate);
bool row_occurs(struct row *row, enum rate rate);

/* Fills given, family, native, aliases and mrz. */
void names_make(struct row *row);

/* The machine-readable zone (ICAO 9303: passports TD3, cards TD1) without line breaks; empty if there is none. */
void mrz_write(char out[MRZ_SIZE], const struct row *row, const char *family, const char *given);

/* One character wrong: replaced, left out, doubled, or swapped with the next; never the first. */
void text_mistype(char *text, struct random *r);

/* One character taken for another that looks like it (O 0, I 1, S 5, B 8), if there is such a one. */
void text_misread(char *text, struct random *r);

/* One digit of a date wrong, so that it still is a date. */
void date_mistype(struct date *d, struct random *r);

#endif
