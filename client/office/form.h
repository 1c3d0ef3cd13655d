/*
 * What a browser sends with a form: application/x-www-form-urlencoded, or multipart/form-data with files. Values are
 * NUL-terminated text of one line, in which control characters are blanks and a NUL that came is the end; files are
 * bytes.
 */
#ifndef CLIENT_OFFICE_FORM_H
#define CLIENT_OFFICE_FORM_H

#include "protocol/base/buf.h"

#define FORM_FIELDS_MAX 96
#define FORM_NAME_MAX 64

struct form_field {
    char name[FORM_NAME_MAX];
    const char *value; /* text; of a file its name */
    struct span bytes; /* the same, or what the file holds */
    bool file;
};

struct form {
    struct form_field field[FORM_FIELDS_MAX];
    size_t count;
    char *text; /* owned: all values, personal data */
    size_t size;
};

/* type: the Content-Type that came; NULL: none. ERR_INPUT: no such form, or too many fields. Borrows body (files). */
int form_read(struct form *out, const char *type, struct span body, struct err *err);
void form_free(struct form *form); /* wipes */

/* The first of this name; "" where there is none. The i-th that has this name, or NULL. */
const char *form_value(const struct form *form, const char *name);
const struct form_field *form_field(const struct form *form, const char *name, size_t i);

#endif
