/* What a value must be to be of use, field by field: for feeds and for queries. */
#ifndef CLIENT_FEED_CHECK_H
#define CLIENT_FEED_CHECK_H

#include "client/identity/record.h"

/* False: *field has a value that cannot be used, *reason says why, without it. The record id is not looked at. */
bool record_check(const struct record *record, enum field *field, const char **reason);

/*
 * Blanks the values that cannot be used; of a date, what can be used stays. In place: the values must be the caller's.
 */
void record_mend(struct record *record);

/* Whether it is text of whole characters without NUL. */
bool text_is_utf8(const char *text, size_t len);

#endif
