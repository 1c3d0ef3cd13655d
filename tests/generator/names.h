/*
 * Names of the region. A name is "Latin|native|variant|variant": how a passport spells it, how its own script does
 * (empty where that is Latin), and other spellings that officers write.
 */
#ifndef TESTS_GENERATOR_NAMES_H
#define TESTS_GENERATOR_NAMES_H

#include "tests/generator/random.h"

#include <stddef.h>

#define NAME_SIZE 64 /* bytes of one name in any spelling, with its NUL */

enum name_order {
    NAME_FAMILY,     /* a family name of its own */
    NAME_PATRONYMIC, /* bin or binti, and the father's given name, in the family field */
    NAME_MONONYM,    /* no family name: given names alone */
};

struct culture {
    const char *country; /* ISO 3166-1 alpha-3 */
    enum name_order order;
    int given_count;          /* given names of a person */
    bool native_unspaced;     /* the native spelling is written without blanks, family name first */
    const char *const *men;   /* each list ends with NULL */
    const char *const *women;
    const char *const *family;
    const char *const *family_end; /* second half of a compound family name, or NULL */
};

/* The culture of a country; one of them, always the same, for a country that has none here. */
const struct culture *culture_of(const char *country);

/* Any culture. */
const struct culture *culture_any(struct random *r);

/* A name of the list, common ones more often. */
const char *name_choose(const char *const *list, struct random *r);

/* How many spellings a name has beyond its first and its native one. */
uint32_t name_variants(const char *name);

/* Copies the spelling: 0 the passport's, 1 the native one, 2 and more the variants. */
void name_spelling(char out[NAME_SIZE], const char *name, uint32_t which);

#endif
