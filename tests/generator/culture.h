/*
 * How the peoples of the region are named. A name is "Latin|native|variant|variant...": how a passport spells it
 * (ASCII), how its own script does (empty where that is Latin; simplified/traditional for Han), and other spellings in
 * use. The tables in names/ are in descending order of frequency.
 */
#ifndef TESTS_GENERATOR_CULTURE_H
#define TESTS_GENERATOR_CULTURE_H

#include "tests/generator/random.h"

#include <stddef.h>

#define NAME_SIZE 128 /* bytes of one name in any spelling, with its NUL */

/* A source of names: Zipf's law over a table, or a compound of two. Zero: no such names. */
struct name_part {
    const char *const *first;  /* ends with NULL */
    const char *const *second; /* second halves of compounds, or NULL */
    uint16_t compound;         /* out of a thousand names: have a second half */
    uint16_t offset;           /* tenths: q in the frequency 1 / (rank + q); large is even */
    const char *joint;         /* between the halves in Latin; NULL: none, the second in small letters */
    uint32_t counts[2];        /* both filled by cultures_prepare() */
    uint32_t *cumulative[2];
};

enum name_order { NAME_FAMILY_LAST, NAME_FAMILY_FIRST, NAME_PATRONYMIC, NAME_NO_FAMILY };
enum native_order { NATIVE_AS_LATIN, NATIVE_UNSPACED /* family first */, NATIVE_IN_LATIN_FIELDS /* diacritics */ };

struct culture {
    enum name_order order;
    enum native_order native;
    uint8_t given_least, given_most;
    uint8_t romanisation; /* which Latin spelling passports use: 0 the first, 2.. that variant */
    uint16_t prefixed;    /* out of a thousand people: the given names begin with a prefix (Md, Nur, Van, Thi) */
    uint16_t mononym;     /* out of a thousand: no family name */
    uint16_t new_year;    /* out of a thousand: 1 January on all papers, since nobody knows the day */
    uint16_t initials;    /* how many times more often names become initials than elsewhere; 0: once */
    bool keeps_name;      /* wives keep their family name */
    struct name_part men, women, family, family_women /* if it differs */, prefix_men, prefix_women;
    const char *const *rules;                            /* "ph=p": spellings that stand for each other */
    const char *particle_men, *particle_women;           /* "bin|b.|Bin": before the father's name */
    const char *const *titles_men, *const *titles_women; /* may be NULL */
};

struct nation {
    const char *country; /* ISO 3166-1 alpha-3 */
    struct {
        struct culture *culture;
        uint16_t share; /* they sum to a thousand */
    } people[4];
    /* a: a letter, 9: a digit, YYyymmdd: digits of the birth date; all else stands for itself. */
    const char *passport, *id_card;
};

/* Counts tables and sums frequencies. False: no memory. */
bool cultures_prepare(void);
void cultures_free(void);

/* The nation of a country; one of them, always the same, for a country that has none here. */
const struct nation *nation_of(const char *country);
const struct nation *nation_any(struct random *r);

/* A name: borrowed pointers to its entries. */
struct name {
    const char *first, *second; /* second NULL: no compound */
    const char *joint;
    uint8_t spelling[2]; /* of the passport */
};
bool name_choose(struct name *out, const struct name_part *part, const struct culture *c, struct random *r);
bool name_equal(const struct name *a, const struct name *b);

enum name_joint { JOINT_USUAL, JOINT_BLANK, JOINT_HYPHEN, JOINT_NONE };

/* As its passport spells it. */
void name_latin(char out[NAME_SIZE], const struct name *name, enum name_joint joint);

/* In its own script; empty if that is not known. */
void name_native(char out[NAME_SIZE], const struct name *name, bool traditional);

/* Spells otherwise: another romanisation of the table, or one of the culture's rules. The text may stay as it is. */
void name_respell(char text[NAME_SIZE], const struct name *name, const struct culture *c, struct random *r);

/* Alternative `which` of "a|b|c"; counts from 0; the number of alternatives. */
void alternative(char out[NAME_SIZE], const char *list, uint32_t which);
uint32_t alternatives(const char *list);

extern struct culture culture_thai, culture_lao, culture_khmer, culture_burmese, culture_vietnamese, culture_han,
    culture_han_taiwan, culture_han_hongkong, culture_han_nanyang, culture_korean, culture_japanese, culture_bengali,
    culture_rohingya, culture_hindi, culture_nepali, culture_tamil, culture_tamil_malaysia, culture_sinhala,
    culture_pakistani, culture_afghan, culture_malay, culture_indonesian, culture_filipino, culture_turkic,
    culture_mongolian;

#endif
