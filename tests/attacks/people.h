/* Registers of invented people (tests/generator), and the tokens of their keys under a hash in place of the OPRF. */
#ifndef TESTS_ATTACKS_PEOPLE_H
#define TESTS_ATTACKS_PEOPLE_H

#include "client/identity/normalise.h"
#include "client/schema/keys.h"
#include "protocol/oprf/token.h"
#include "protocol/wire/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PEOPLE_TEXT 64

struct somebody {
    char family[PEOPLE_TEXT], given[PEOPLE_TEXT], date[16], sex[4], nationality[4];
};

/* A value of a key, of one person or of a guess. */
struct value {
    uint8_t hash[32];
    uint32_t person;
    uint8_t key;
};

struct people {
    struct somebody *person;
    size_t count;
    struct value *value; /* by hash; without those that more share than the key's cap */
    size_t values;
};

extern struct schema attack_schema; /* persons.json */
extern uint8_t attack_key[32];      /* of the OPRF; what no attacker has */

/* Reads DIR/AGENCY.csv; fails the test if it cannot. */
void people_read(struct people *out, const char *dir, const char *agency);
void people_free(struct people *people);

/* The values of a key for a name, a date and a sex, as somebody guesses them. Returns how many. */
size_t people_guess(struct value *out, size_t room, struct normaliser *normaliser, const char *name, const char *date,
                    const char *sex, unsigned key);

void people_token(struct token *out, int purpose, uint32_t epoch, const struct value *value);

/* Position of the key. */
unsigned people_key(const char *id);

/* Zeros; ends the program where there is no memory. */
void *people_alloc(size_t count, size_t size);

/* From the system's random numbers. */
size_t any_below(size_t bound);

#endif
