#include "client/border/request.h"

#include "protocol/base/mark.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static bool is_askable(int field)
{
    return field >= FIELD_FAMILY_NAME && field <= FIELD_MRZ;
}

static int field_named(const char *name)
{
    for (int f = 0; f < FIELDS; f++)
        if (is_askable(f) && strcmp(record_field_name[f], name) == 0)
            return f;
    return -1;
}

static int get_field(struct check_request *out, int field, const json_t *value, struct err *err)
{
    const char *name = record_field_name[field], *text = json_string_value(value);
    if (text == NULL)
        return err_set(err, ERR_INPUT, "%s: text is needed", name);
    if (json_string_length(value) > FIELD_SIZE_MAX)
        return err_set(err, ERR_INPUT, "%s: it has more than %d bytes", name, FIELD_SIZE_MAX);
    memcpy(out->value[field], text, json_string_length(value) + 1);
    return 0;
}

static int get_names(char (*out)[PARTY_NAME_MAX + 1], size_t *count, const char *member, const json_t *value,
                     struct err *err)
{
    if (!json_is_array(value) || json_array_size(value) > REQUEST_NAMES_MAX)
        return err_set(err, ERR_INPUT, "%s: an array of at most %d names is needed", member, REQUEST_NAMES_MAX);
    for (*count = 0; *count < json_array_size(value); ++*count) {
        const char *name = json_string_value(json_array_get(value, *count));
        if (name == NULL || strlen(name) > PARTY_NAME_MAX || party_name_check(name, ERR_IGNORED) != 0)
            return err_set(err, ERR_INPUT, "%s: member %zu is no name", member, *count);
        snprintf(out[*count], sizeof out[0], "%s", name);
    }
    return 0;
}

static int get_deadline(struct check_request *out, const json_t *value, struct err *err)
{
    const json_int_t ms = json_integer_value(value);
    if (!json_is_integer(value) || ms < 1 || ms > REQUEST_DEADLINE_MAX_MS)
        return err_set(err, ERR_INPUT, "deadline_ms: a number from 1 to %d is needed", REQUEST_DEADLINE_MAX_MS);
    out->deadline_ms = (uint64_t)ms;
    return 0;
}

static int get_member(struct check_request *out, const char *name, const json_t *value, struct err *err)
{
    const int field = field_named(name);
    if (field >= 0)
        return get_field(out, field, value, err);
    if (strcmp(name, "purposes") == 0)
        return get_names(out->purpose, &out->purposes, name, value, err);
    if (strcmp(name, "not_for") == 0)
        return get_names(out->not_for, &out->not_fors, name, value, err);
    if (strcmp(name, "deadline_ms") == 0)
        return get_deadline(out, value, err);
    return err_set(err, ERR_INPUT, "there is a member that is none: see the openapi document");
}

void request_start(struct check_request *out)
{
    memset(out, 0, sizeof *out);
    out->deadline_ms = REQUEST_DEADLINE_MS;
}

/* One bad field costs that field, and is told. */
int request_end(struct check_request *out, struct err *err)
{
    struct record record = request_record(out);
    out->problems = record_mend(&record, DATES_UNSAID, out->told);
    if (!record_is_empty(&record))
        return 0;
    return out->problems > 0
               ? err_set(err, ERR_INPUT, N_("%s: %s"), record_field_name[out->told[0].field], out->told[0].reason)
               : err_set(err, ERR_INPUT, N_("a zone, a document, or a name is needed"));
}

int request_parse(struct check_request *out, struct span json, struct err *err)
{
    json_error_t why;
    const char *name;
    json_t *value, *root;
    int rc = 0;
    request_start(out);
    if (json.len == 0 || json.len > REQUEST_BODY_MAX)
        return err_set(err, ERR_INPUT, "an object of at most %u bytes is needed", REQUEST_BODY_MAX);
    root = json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(root))
        rc = err_set(err, ERR_INPUT, "this is no JSON object (byte %d)", why.position);
    json_object_foreach(root, name, value)
    {
        if (rc == 0)
            rc = get_member(out, name, value, err);
    }
    json_decref(root);
    return rc == 0 ? request_end(out, err) : rc;
}

struct record request_record(const struct check_request *request)
{
    struct record record = {.line = 0};
    for (int f = 0; f < FIELDS; f++)
        record.field[f] = request->value[f];
    return record;
}
