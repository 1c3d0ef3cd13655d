/* Machine-readable zones of travel documents: ICAO Doc 9303 parts 4 to 7. */
#ifndef CLIENT_IDENTITY_MRZ_H
#define CLIENT_IDENTITY_MRZ_H

#include "client/identity/person.h"

#define MRZ_NAME_MAX 39 /* characters of the longest name field */

enum mrz_format { MRZ_TD1, MRZ_TD2, MRZ_TD3, MRZ_MRV_A, MRZ_MRV_B };

/*
 * Texts are A-Z 0-9 without fillers; names have spaces for single ones. family is the whole name if there is but one.
 */
struct mrz {
    enum mrz_format format;
    char type[3], issuer[4], nationality[4];
    char number[24]; /* without its check digit; TD1 and TD2 let it run on into the optional data */
    char family[MRZ_NAME_MAX + 1], given[MRZ_NAME_MAX + 1];
    struct person_date birth; /* year is 0 if unknown */
    char sex;                 /* 'F', 'M' or 0 */
};

/*
 * The lines one after another; what parts them (line breaks, spaces) is ignored, small letters are capitals. Every
 * check digit is verified. The year of birth is the latest that is not after the year of expiry. False, and *reason
 * what is wrong in words without the data, if it is no such zone.
 */
bool mrz_parse(struct mrz *out, const char *text, const char **reason);

#endif
