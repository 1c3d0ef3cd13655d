/*
 * The parts of match keys by name: which field of a person, which of its values, in which form.
 *
 *     name, family_name, given_names   .all     all words, in alphabetical order; two at least. Of .sound and
 *                                               .skeleton: their consonants in alphabetical order, wherever
 *                                               blanks part the words
 *                                      .sole    the word, where there is but one
 *                                      .each    each word by itself: a value each
 *                                      .pair    each two words: a value each; a name of one word is its own pair
 *        each of these                 .text .root .sound .skeleton   as in client/identity/person.h, fine to coarse
 *                                      .prefix   of .all the first four letters of the roots; else the first three,
 *                                                of words that have so many
 *                                      .suffix   the last ones likewise: who mistypes the front of a name
 *                                                mostly leaves its end alone
 *                                      .initial  first letter of the root
 *     birth_date                       .full .year .year_month .year_day .month_day
 *                                      .turned   year, then day and month in ascending order: the same when swapped
 *     sex                                       one that is not known has both values, and so meets either
 *     nationality
 *     document                         .number   issuer, type and number
 *                                      .folded   issuer and number, letters and digits that OCR confuses as one
 *
 * So "name.all.sound", "birth_date.year", "sex". A person has any number of values for a part: none if the field is
 * unknown, several by .each and .pair, by aliases, by several dates or documents. 1 January counts as "some day of that
 * year". Words of which it is not known whether they are family or given names count as given names, if no other name
 * tells.
 */
#ifndef CLIENT_MATCH_TRANSFORM_H
#define CLIENT_MATCH_TRANSFORM_H

#include "client/identity/person.h"

enum part_field {
    PART_NAME,
    PART_FAMILY_NAME,
    PART_GIVEN_NAMES,
    PART_BIRTH_DATE,
    PART_SEX,
    PART_NATIONALITY,
    PART_DOCUMENT
};
enum part_scope { SCOPE_ALL, SCOPE_SOLE, SCOPE_EACH, SCOPE_PAIR };
enum part_form {
    FORM_TEXT,
    FORM_ROOT,
    FORM_SOUND,
    FORM_SKELETON,
    FORM_PREFIX,
    FORM_SUFFIX,
    FORM_INITIAL, /* of a word */
    FORM_FULL,
    FORM_YEAR,
    FORM_YEAR_MONTH,
    FORM_YEAR_DAY,
    FORM_MONTH_DAY,
    FORM_TURNED,
    FORM_NUMBER,
    FORM_FOLDED,
    FORM_WHOLE
};

struct part {
    enum part_field field;
    enum part_scope scope; /* of names alone */
    enum part_form form;
};

/* The fields that speak of the same thing share evidence: how alike names are is asked once. */
enum part_group { GROUP_NAME, GROUP_BIRTH_DATE, GROUP_SEX, GROUP_NATIONALITY, GROUP_DOCUMENT, GROUPS };
enum part_group part_group(const struct part *part);
extern const char *const part_group_name[GROUPS];

#define PART_TEXT_MAX 40
bool part_parse(struct part *out, const char *text);
const char *part_text(char out[PART_TEXT_MAX], const struct part *part);
bool part_equal(const struct part *a, const struct part *b);

#define PART_VALUES_MAX 16
#define PART_BYTES_MAX 4096

/* The distinct values of a part, in `bytes`; personal data, the caller's to wipe. What does not fit is left out. */
struct part_values {
    unsigned count;
    uint16_t start[PART_VALUES_MAX + 1]; /* value i is bytes[start[i] .. start[i + 1]) */
    uint16_t touched;                    /* bytes that were written to, for whoever wipes them */
    char bytes[PART_BYTES_MAX];
};
void part_derive(struct part_values *out, const struct part *part, const struct person *person);

#endif
