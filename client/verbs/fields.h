/* A record given on the command line, a flag for each field: for verbs that look at one. */
#ifndef CLIENT_VERBS_FIELDS_H
#define CLIENT_VERBS_FIELDS_H

#include "client/identity/record.h"
#include "protocol/base/verbs.h"

struct fields {
    char value[FIELDS][SETTINGS_TEXT_MAX];
};

/* The flags, as rows of a verb whose options are a struct fields or begin with one. */
#define FIELDS_AT(field) offsetof(struct fields, value[field])
// clang-format off
#define FIELDS_FLAGS \
    {"family-name", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_FAMILY_NAME), "TEXT", "family name, or the whole name"}, \
    {"given-names", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_GIVEN_NAMES), "TEXT", "given names"}, \
    {"name-native", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_NAME_NATIVE), "TEXT", "name in its own script"}, \
    {"alias", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_ALIASES), "TEXT", "another name"}, \
    {"sex", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_SEX), "F|M|X", "sex"}, \
    {"date-of-birth", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_DATE_OF_BIRTH), "DATE", \
     "YYYY, YYYY-MM, YYYY-MM-DD, or as written, in figures or words"}, \
    {"calendar", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_CALENDAR), "NAME", \
     "of that date, if not gregorian: buddhist, hijri ..."}, \
    {"nationality", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_NATIONALITY), "AAA", "ISO 3166-1 alpha-3"}, \
    {"doc-type", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_DOC_TYPE), "TEXT", "type of document"}, \
    {"doc-issuer", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_DOC_ISSUER), "AAA", "issuer of the document"}, \
    {"doc-number", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_DOC_NUMBER), "TEXT", "number of the document"}, \
    {"mrz", NULL, NULL, SETTING_TEXT, FIELDS_AT(FIELD_MRZ), "LINES", \
     "machine-readable zone of the document, lines one after another"}
// clang-format on

/* As a row of a feed would be; borrows the values. */
struct record fields_record(const struct fields *fields);

/* That there is a field at all, and that each is UTF-8 of a bounded length. verb: who needs them, for the error. */
int fields_check(const struct fields *fields, const char *verb, struct err *err);

#endif
