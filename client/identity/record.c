#include "client/identity/record.h"

#include <string.h>

const char *const record_field_name[FIELDS] = {
    "record_id",     "family_name", "given_names", "name_native",      "aliases",    "sex",
    "date_of_birth", "calendar",    "nationality", "doc_type",         "doc_issuer", "doc_number",
    "mrz",           "not_for",     "protected",   "country_of_birth",
};

const char *record_value(const struct record *record, enum field field, size_t i)
{
    const char *value = record->field[field];
    if (value == NULL || i > record->more[field] || (value[0] == '\0' && record->more[field] == 0))
        return NULL;
    for (; i > 0; i--)
        value += strlen(value) + 1;
    return value;
}
