/* Machine-readable zones of travel documents: ICAO Doc 9303 parts 4 to 7. */
#ifndef CLIENT_IDENTITY_MRZ_H
#define CLIENT_IDENTITY_MRZ_H

#include "client/identity/person.h"

#define MRZ_NAME_MAX 39 /* characters of the longest name field */

enum mrz_format { MRZ_TD1, MRZ_TD2, MRZ_TD3, MRZ_MRV_A, MRZ_MRV_B };

/*
 * Texts are A-Z 0-9 without fillers; names have spaces for single ones. family is the whole name if there is but one.
 * A field whose check digit is wrong, or that cannot be, is "" or 0.
 */
struct mrz {
    enum mrz_format format;
    char type[3], issuer[4], nationality[4];
    char number[24];   /* without its check digit; TD1 and TD2 let it run on into the optional data */
    char personal[16]; /* the number of the person, where the issuer has it in the optional data (rules/zones.txt) */
    char family[MRZ_NAME_MAX + 1], given[MRZ_NAME_MAX + 1];
    struct person_date birth;       /* year is 0 if unknown; day, or day and month, where they are no day */
    struct person_date birth_other; /* the century before, where both may be meant; else year is 0 */
    char sex;                       /* 'F', 'M' or 0 */
};

/*
 * The lines one after another; what parts them (line breaks, spaces) is ignored, small letters are capitals. False if
 * it is no zone, or no check digit of it is right; *reason says in words why, without the data.
 *
 * Else *reason is NULL, or the first thing that is wrong: that field alone is left out. The check digit of a number
 * that runs on may stand over the filler between its parts or not. The year of birth is never after the year of expiry
 * nor to come; both centuries are given where the holder would be at most 105 years old at expiry.
 */
bool mrz_parse(struct mrz *out, const char *text, const char **reason);

/* Whether the optional data of zones of a country begin with the whole number of the card, or have a person's. */
bool zones_have_number(const char country[4]);
bool zones_have_personal(const char country[4]);

#endif
