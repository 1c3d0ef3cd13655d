#include "client/office/form.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BOUNDARY_MAX 72

static int too_many(struct err *err)
{
    return err_set(err, ERR_INPUT, "a form with more than %d fields", FORM_FIELDS_MAX);
}

/* Lines that were broken and what else steers become blanks: letters and the log take text of one line. */
static void flatten(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
}

/* --- urlencoded --- */

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Into out, which has room for as many bytes and a NUL. A "%" that begins nothing stands for itself. */
static size_t decode(char *out, const char *in, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        const int high = in[i] == '%' && i + 2 < len ? digit(in[i + 1]) : -1;
        const int low = high >= 0 ? digit(in[i + 2]) : -1;
        out[n++] = low >= 0 ? (char)(high << 4 | low) : in[i] == '+' ? ' ' : in[i];
        i += low >= 0 ? 2 : 0;
    }
    out[n] = '\0';
    flatten(out);
    return n;
}

static int add(struct form *f, const char *name, size_t name_len, const char *value, size_t len, struct err *err)
{
    struct form_field *field = &f->field[f->count];
    if (f->count == FORM_FIELDS_MAX)
        return too_many(err);
    if (name_len >= FORM_NAME_MAX)
        return err_set(err, ERR_INPUT, "a form with a field whose name is longer than %d bytes", FORM_NAME_MAX - 1);
    memcpy(field->name, name, name_len);
    field->name[name_len] = '\0';
    field->value = value;
    field->bytes = span_of(value, len);
    f->count++;
    return 0;
}

static int read_urlencoded(struct form *f, struct span body, struct err *err)
{
    const char *in = (const char *)body.data;
    char name[3 * FORM_NAME_MAX];
    int rc = 0;
    for (size_t at = 0; rc == 0 && at < body.len;) {
        const char *end = memchr(in + at, '&', body.len - at);
        const size_t len = end != NULL ? (size_t)(end - in) - at : body.len - at;
        const char *equals = memchr(in + at, '=', len);
        const size_t named = equals != NULL ? (size_t)(equals - in) - at : len;
        char *value = f->text + f->size;
        if (named >= sizeof name)
            return err_set(err, ERR_INPUT, "a form with a field whose name is too long");
        const size_t name_len = decode(name, in + at, named);
        const size_t value_len = equals != NULL ? decode(value, equals + 1, len - named - 1) : decode(value, "", 0);
        f->size += value_len + 1;
        if (len > 0)
            rc = add(f, name, name_len, value, value_len, err);
        at += len + 1;
    }
    return rc;
}

/* --- multipart (RFC 7578) --- */

/* The value of name="..." in a part's header; false: there is none. */
static bool parameter(char *out, size_t size, const char *head, size_t len, const char *name)
{
    const size_t name_len = strlen(name);
    for (size_t i = 0; i + name_len + 2 < len; i++) {
        if ((i > 0 && head[i - 1] != ' ' && head[i - 1] != ';') || memcmp(head + i, name, name_len) != 0 ||
            memcmp(head + i + name_len, "=\"", 2) != 0)
            continue;
        const char *from = head + i + name_len + 2, *end = memchr(from, '"', (size_t)(head + len - from));
        if (end == NULL || (size_t)(end - from) >= size)
            return false;
        memcpy(out, from, (size_t)(end - from));
        out[end - from] = '\0';
        return true;
    }
    return false;
}

/* A text that must outlive the part's head. */
static const char *keep(struct form *f, const void *bytes, size_t len)
{
    char *to = f->text + f->size;
    if (len > 0)
        memcpy(to, bytes, len);
    to[len] = '\0';
    flatten(to);
    f->size += len + 1;
    return to;
}

static int read_part(struct form *f, const char *part, size_t len, struct err *err)
{
    char name[FORM_NAME_MAX], file[256];
    const char *end = memmem(part, len, "\r\n\r\n", 4);
    if (end == NULL || !parameter(name, sizeof name, part, (size_t)(end - part), "name"))
        return err_set(err, ERR_INPUT, "a form with a part that has no name");
    const bool is_file = parameter(file, sizeof file, part, (size_t)(end - part), "filename");
    const struct span bytes = span_of(end + 4, len - (size_t)(end + 4 - part));
    if (is_file && bytes.len == 0 && file[0] == '\0')
        return 0;
    const char *value = is_file ? keep(f, file, strlen(file)) : keep(f, bytes.data, bytes.len);
    int rc = add(f, name, strlen(name), value, strlen(value), err);
    if (rc == 0 && is_file) {
        f->field[f->count - 1].bytes = bytes;
        f->field[f->count - 1].file = true;
    }
    return rc;
}

static int read_multipart(struct form *f, const char *type, struct span body, struct err *err)
{
    char mark[BOUNDARY_MAX + 8] = "\r\n--";
    const char *boundary = strcasestr(type, "boundary="), *at = (const char *)body.data, *end = at + body.len;
    boundary = boundary != NULL ? boundary + strlen("boundary=") + (boundary[9] == '"') : "";
    const size_t len = strcspn(boundary, "\"; \t");
    if (len == 0 || len > BOUNDARY_MAX)
        return err_set(err, ERR_INPUT, "a form whose parts have no boundary");
    memcpy(mark + 4, boundary, len);
    const size_t mark_len = len + 4;
    if (body.len < mark_len || memcmp(at, mark + 2, mark_len - 2) != 0)
        return err_set(err, ERR_INPUT, "a form that does not begin with its boundary");
    at += mark_len - 2;
    int rc = 0;
    while (rc == 0 && !(end - at >= 2 && at[0] == '-' && at[1] == '-')) {
        const char *next = at < end ? memmem(at, (size_t)(end - at), mark, mark_len) : NULL;
        if (next == NULL)
            return err_set(err, ERR_INPUT, "a form that was cut off");
        rc = read_part(f, at, (size_t)(next - at), err);
        at = next + mark_len;
    }
    return rc;
}

/* --- reading --- */

int form_read(struct form *out, const char *type, struct span body, struct err *err)
{
    const char *kind = type != NULL ? type : "";
    memset(out, 0, sizeof *out);
    if (body.len == 0)
        return 0;
    out->text = malloc(body.len + FORM_FIELDS_MAX + 2);
    if (out->text == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a form");
    int rc = strncasecmp(kind, "application/x-www-form-urlencoded", 33) == 0 ? read_urlencoded(out, body, err)
             : strncasecmp(kind, "multipart/form-data", 19) == 0             ? read_multipart(out, kind, body, err)
                                                                 : err_set(err, ERR_INPUT, "what came is no form");
    if (rc != 0)
        form_free(out);
    return rc;
}

void form_free(struct form *form)
{
    if (form->text != NULL)
        sodium_memzero(form->text, form->size);
    free(form->text);
    memset(form, 0, sizeof *form);
}

const struct form_field *form_field(const struct form *form, const char *name, size_t i)
{
    for (size_t k = 0; k < form->count; k++)
        if (strcmp(form->field[k].name, name) == 0 && i-- == 0)
            return &form->field[k];
    return NULL;
}

const char *form_value(const struct form *form, const char *name)
{
    const struct form_field *f = form_field(form, name, 0);
    return f != NULL ? f->value : "";
}
