/* The member "judging" of a schema: what is seen of a pair, weighed (client/schema/seen.h). Private to schema/. */
#ifndef CLIENT_SCHEMA_JUDGING_H
#define CLIENT_SCHEMA_JUDGING_H

#include "client/schema/schema.h"

#include <jansson.h>

/* ERR_INPUT names member and reason; a member that is not known is refused. NULL: all weights are zero. */
int judging_read(struct judging *out, json_t *in, struct err *err);

#endif
