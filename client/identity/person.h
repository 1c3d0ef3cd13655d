/*
 * What normalising makes of a record: everything that match keys are built of, once for all keys, bounded, without
 * allocation. A field that the feed gives several values becomes several alternatives; equal ones are kept once.
 *
 * Texts are NUL-terminated ASCII, A-Z and 0-9 alone. Personal data: whoever holds a person wipes it (person_wipe).
 */
#ifndef CLIENT_IDENTITY_PERSON_H
#define CLIENT_IDENTITY_PERSON_H

#include "client/identity/record.h"
#include "client/identity/normalise.h"

#define PERSON_NAMES_MAX 8
#define PERSON_DATES_MAX 4
#define PERSON_NATIONALITIES_MAX 4
#define PERSON_DOCUMENTS_MAX 8
#define NAME_TOKENS_MAX 12 /* further ones are dropped */
#define TOKEN_MAX 31       /* letters of a token; further ones are dropped */
#define CODE_MAX 12        /* letters of a token's codes */
#define NUMBER_MAX 31

/*
 * One word of a name, in four forms from fine to coarse. Each form is a function of the one word alone, so that codes
 * of any subset and order of a name's words can be put together. None is ever empty.
 */
struct name_token {
    char text[TOKEN_MAX + 1];    /* as written, in Latin letters */
    char root[TOKEN_MAX + 1];    /* one spelling for all spellings of the same name: MOHD, MUHAMMAD -> MOHAMMED */
    char sound[CODE_MAX + 1];    /* how the root sounds (spelling.h) */
    char skeleton[CODE_MAX + 1]; /* the first letter of the root, folded, and its consonants, doubled ones once */
};

enum name_source { NAME_PRIMARY, NAME_NATIVE, NAME_ALIAS, NAME_MRZ };

/*
 * A name: its words without titles and particles, family name first. token[0 .. family) is the family name, the rest
 * are given names. family is 0 where it is not known which word is what (all names in one field, an alias): compare
 * such a name by all its words. A person with one name has one token. tokens is never 0.
 */
struct person_name {
    struct name_token token[NAME_TOKENS_MAX];
    unsigned tokens, family;
    enum name_source source;
};

/* month and day are 0 where unknown; day only with a month. In the Gregorian calendar, whatever the feed's is. */
struct person_date {
    unsigned year, month, day;
    bool assumed; /* the first day of its calendar's year: in many registers it stands for "some day of that year" */
};

/* issuer and type are "" where the feed has none; number is never empty. */
struct person_document {
    char type[NUMBER_MAX + 1], issuer[4];
    char number[NUMBER_MAX + 1]; /* exact */
    char folded[NUMBER_MAX + 1]; /* letters that are read for digits as those digits, no leading zeros: weaker */
};

struct person {
    struct person_name name[PERSON_NAMES_MAX]; /* primary ones first */
    struct person_date date[PERSON_DATES_MAX];
    char nationality[PERSON_NATIONALITIES_MAX][4];
    struct person_document document[PERSON_DOCUMENTS_MAX];
    unsigned names, dates, nationalities, documents;
    char sex; /* 'F', 'M', or 0: unknown, not stated, or several */
};

/* What does not fit the bounds above is dropped, in order. ERR_INPUT: a name that is not UTF-8. */
int person_from_record(struct normaliser *normaliser, const struct record *record, struct person *out, struct err *err);

/* Of a person that person_from_record() made, or tried to. */
void person_wipe(struct person *person);

#endif
