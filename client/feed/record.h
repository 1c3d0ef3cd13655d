/* A row of a feed: what an agency knows of one person or document, as it wrote it. Personal data: never logged. */
#ifndef CLIENT_FEED_RECORD_H
#define CLIENT_FEED_RECORD_H

#include <stddef.h>

enum field {
    FIELD_RECORD_ID,
    FIELD_FAMILY_NAME,
    FIELD_GIVEN_NAMES,
    FIELD_NAME_NATIVE,
    FIELD_SEX,           /* F, M or X */
    FIELD_DATE_OF_BIRTH, /* YYYY, YYYY-MM or YYYY-MM-DD */
    FIELD_NATIONALITY,   /* ISO 3166-1 alpha-3 */
    FIELD_DOC_TYPE,
    FIELD_DOC_ISSUER,    /* ISO 3166-1 alpha-3 */
    FIELD_DOC_NUMBER,
    FIELDS
};

#define FIELD_SIZE_MAX 512 /* bytes of a value */

/* Values are NUL-terminated UTF-8, "" where the feed has none; borrowed from whoever filled the record. */
struct record {
    const char *field[FIELDS];
    size_t line; /* in the file, from 1 */
};

/* "family_name", ...: the column's name. */
extern const char *const record_field_name[FIELDS];

#endif
