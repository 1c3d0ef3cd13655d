/* A bitmap of keys, for people and for programs. */
#ifndef CLIENT_REVIEW_KEY_TEXT_H
#define CLIENT_REVIEW_KEY_TEXT_H

#include "client/schema/schema.h"

#include <jansson.h>

/* Their ids, space between them; cut to size. */
void key_names(char *out, size_t size, const struct schema *schema, uint32_t keys);

/* Their ids, as an array of the caller's. */
json_t *key_array(const struct schema *schema, uint32_t keys);

#endif
