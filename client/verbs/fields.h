/* A record given on the command line, a flag for each field: for verbs that look at one. */
#ifndef CLIENT_VERBS_FIELDS_H
#define CLIENT_VERBS_FIELDS_H

#include "client/identity/record.h"
#include "protocol/base/verbs.h"

struct fields {
    char value[FIELDS][SETTINGS_TEXT_MAX];
};

/* The flags, as rows of a verb whose options are a struct fields. */
#define FIELDS_FLAGS 12
extern const struct setting fields_flags[FIELDS_FLAGS];

/* As a row of a feed would be; borrows the values. */
struct record fields_record(const struct fields *fields);

/* That there is a field at all, and that each is UTF-8 of a bounded length. verb: who needs them, for the error. */
int fields_check(const struct fields *fields, const char *verb, struct err *err);

#endif
