#include "client/verbs/fields.h"

#include "client/feed/check.h"

#include <string.h>

#define AT(field) offsetof(struct fields, value[field])

const struct setting fields_flags[FIELDS_FLAGS] = {
    {"family-name", NULL, NULL, SETTING_TEXT, AT(FIELD_FAMILY_NAME), "TEXT", "family name, or the whole name"},
    {"given-names", NULL, NULL, SETTING_TEXT, AT(FIELD_GIVEN_NAMES), "TEXT", "given names"},
    {"name-native", NULL, NULL, SETTING_TEXT, AT(FIELD_NAME_NATIVE), "TEXT", "name in its own script"},
    {"alias", NULL, NULL, SETTING_TEXT, AT(FIELD_ALIASES), "TEXT", "another name"},
    {"sex", NULL, NULL, SETTING_TEXT, AT(FIELD_SEX), "F|M|X", "sex"},
    {"date-of-birth", NULL, NULL, SETTING_TEXT, AT(FIELD_DATE_OF_BIRTH), "DATE",
     "YYYY, YYYY-MM, YYYY-MM-DD, or as written, in figures or words"},
    {"calendar", NULL, NULL, SETTING_TEXT, AT(FIELD_CALENDAR), "NAME",
     "of that date, if not gregorian: buddhist, hijri ..."},
    {"nationality", NULL, NULL, SETTING_TEXT, AT(FIELD_NATIONALITY), "AAA", "ISO 3166-1 alpha-3"},
    {"doc-type", NULL, NULL, SETTING_TEXT, AT(FIELD_DOC_TYPE), "TEXT", "type of document"},
    {"doc-issuer", NULL, NULL, SETTING_TEXT, AT(FIELD_DOC_ISSUER), "AAA", "issuer of the document"},
    {"doc-number", NULL, NULL, SETTING_TEXT, AT(FIELD_DOC_NUMBER), "TEXT", "number of the document"},
    {"mrz", NULL, NULL, SETTING_TEXT, AT(FIELD_MRZ), "LINES",
     "machine-readable zone of the document, lines one after another"},
};

struct record fields_record(const struct fields *fields)
{
    struct record record = {.line = 0};
    for (int i = 0; i < FIELDS; i++)
        record.field[i] = fields->value[i];
    return record;
}

int fields_check(const struct fields *fields, const char *verb, struct err *err)
{
    bool any = false;
    for (int i = 0; i < FIELDS; i++) {
        const char *value = fields->value[i];
        any = any || value[0] != '\0';
        if (strlen(value) > FIELD_SIZE_MAX || !text_is_utf8(value, strlen(value)))
            return err_set(err, ERR_USAGE, "%s is longer than %d bytes or not UTF-8", record_field_name[i],
                           FIELD_SIZE_MAX);
    }
    return any ? 0
               : err_set(err, ERR_USAGE,
                         "%s needs fields: --family-name, --date-of-birth, --doc-number, --mrz ...; see --help", verb);
}
