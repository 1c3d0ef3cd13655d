/* Names, from text to the words of a person. */
#ifndef CLIENT_IDENTITY_NAME_H
#define CLIENT_IDENTITY_NAME_H

#include "client/identity/latin.h"
#include "client/identity/person.h"

struct normaliser {
    struct rules *rules;
    struct latin *latin;
};

/*
 * out: the name that family and given names make; or, where one of them is NULL or empty, the other as a whole name
 * (a comma in it stands behind the family name). tokens is 0 if nothing is left. *icao: a letter has another form in
 * a machine-readable zone, which how = LATIN_ICAO gives.
 */
int name_from_fields(struct normaliser *n, struct person_name *out, const char *family, const char *given, unsigned how,
                     const struct countries *countries, bool *icao, struct err *err);

/* Whether they are the same words in the same places. */
bool name_equal(const struct person_name *a, const struct person_name *b);

#endif
