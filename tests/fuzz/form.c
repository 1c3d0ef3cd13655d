/*
 * Forms as browsers send them to the desk, behind 'u' the one kind, behind 'm' the other with the boundary "x": what is
 * read is text of one line, or lies in the body.
 */
#include "client/office/form.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_text(const char *text)
{
    for (; *text != '\0'; text++)
        FUZZ_HOLDS((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_field(const struct form *form, const struct form_field *field, const uint8_t *data, size_t size)
{
    FUZZ_HOLDS(memchr(field->name, '\0', sizeof field->name) != NULL);
    FUZZ_HOLDS(form_field(form, field->name, 0) != NULL);
    check_text(field->value);
    check_text(form_value(form, field->name));
    if (field->file)
        FUZZ_HOLDS(field->bytes.data >= data && field->bytes.data + field->bytes.len <= data + size);
    else
        FUZZ_HOLDS((const char *)field->bytes.data == field->value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct form form;
    struct err err = {0};
    if (size == 0)
        return 0;
    const char *type = data[0] == 'u'   ? "application/x-www-form-urlencoded"
                       : data[0] == 'm' ? "multipart/form-data; boundary=x"
                                        : NULL;
    if (form_read(&form, type, span_of(data + 1, size - 1), &err) == 0) {
        FUZZ_HOLDS(form.count <= FORM_FIELDS_MAX);
        for (size_t i = 0; i < form.count; i++)
            check_field(&form, &form.field[i], data + 1, size - 1);
    } else {
        FUZZ_HOLDS(err.text[0] != '\0');
    }
    form_free(&form);
    return 0;
}
