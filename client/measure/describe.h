/* A schema in words. */
#ifndef CLIENT_TUNE_DESCRIBE_H
#define CLIENT_TUNE_DESCRIBE_H

#include "client/measure/yield.h"

#include <jansson.h>
#include <stdio.h>

/* yields: what guessing its keys finds, country by country. */
void schema_describe(FILE *out, const struct schema *schema, const struct yields *yields);

/* The same for programs (docs/man/concord-client.1 has the members). NULL: out of memory. */
json_t *schema_object(const struct schema *schema, const struct yields *yields);

#endif
