#include "client/identity/record.h"

#include "protocol/base/mark.h"

#include <string.h>

const char *const record_field_name[FIELDS] = {
    "record_id",         N_("family_name"), N_("given_names"), N_("name_native"),  N_("aliases"),    N_("sex"),
    N_("date_of_birth"), "calendar",        N_("nationality"), N_("doc_type"),     N_("doc_issuer"), N_("doc_number"),
    N_("mrz"),           N_("not_for"),     "protected",       "country_of_birth",
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
