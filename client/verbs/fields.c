#include "client/verbs/fields.h"

#include "client/feed/check.h"

#include <string.h>

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
