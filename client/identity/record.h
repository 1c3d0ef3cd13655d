/* A row of a feed: what an agency knows of one person or document, as it wrote it. Personal data: never logged. */
#ifndef CLIENT_FEED_RECORD_H
#define CLIENT_FEED_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field {
    FIELD_RECORD_ID,
    FIELD_FAMILY_NAME,
    FIELD_GIVEN_NAMES,
    FIELD_NAME_NATIVE,
    FIELD_ALIASES,       /* other names, each in one piece */
    FIELD_SEX,           /* F, M or X */
    FIELD_DATE_OF_BIRTH, /* client/identity/date.h */
    FIELD_CALENDAR,      /* of the dates of birth: gregorian, buddhist, ... */
    FIELD_NATIONALITY,   /* ISO 3166-1 alpha-3 */
    FIELD_DOC_TYPE,
    FIELD_DOC_ISSUER, /* ISO 3166-1 alpha-3 */
    FIELD_DOC_NUMBER,
    FIELD_MRZ, /* the lines of a machine-readable zone: adds to the fields above */
    /* No part of the identity, but whom the record is not for: */
    FIELD_NOT_FOR,          /* states (ISO 3166-1 alpha-3), agencies by name, or "none" */
    FIELD_PROTECTED,        /* yes or what for, or no: a person in need of protection */
    FIELD_COUNTRY_OF_BIRTH, /* ISO 3166-1 alpha-3: for those in need of protection alone */
    FIELDS
};

#define FIELD_SIZE_MAX 512 /* bytes of a value */
#define FIELD_VALUES_MAX 8

/*
 * Values are NUL-terminated UTF-8, borrowed from whoever filled the record. field[f] is the first one, "" where the
 * feed has none; more[f] further ones stand behind it, each after the NUL of the one before. Where several fields
 * describe one thing (family and given names; type, issuer and number), their first values belong together, their
 * second ones, and so on.
 */
struct record {
    const char *field[FIELDS];
    uint8_t more[FIELDS];
    size_t line; /* in the file, from 1 */
};

/* Value i of a field, NULL past the last one. */
const char *record_value(const struct record *record, enum field field, size_t i);

/* "family_name", ...: the column's name. */
extern const char *const record_field_name[FIELDS];

#endif
