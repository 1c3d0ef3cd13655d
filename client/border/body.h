/* Bodies of the border interface's answers: JSON, and problem details (RFC 9457). */
#ifndef CLIENT_BORDER_BODY_H
#define CLIENT_BORDER_BODY_H

#include "protocol/web/web.h"

#include <jansson.h>

/* Appends a value as compact text, its members by name. Takes the value; NULL: ERR_NO_MEMORY. */
int body_put(struct buf *out, json_t *value, struct err *err);

/* What went wrong, as a value (NULL: out of memory), or as the reply. Neither text may hold anything personal. */
json_t *body_problem(unsigned status, const char *title, const char *detail);
int body_refuse(struct web_reply *reply, unsigned status, const char *title, const char *detail, struct err *err);

/* The same where it may be tried again in a second. */
int body_refuse_busy(struct web_reply *reply, unsigned status, const char *detail, struct err *err);

#endif
