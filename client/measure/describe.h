/* A schema in words. */
#ifndef CLIENT_TUNE_DESCRIBE_H
#define CLIENT_TUNE_DESCRIBE_H

#include "client/schema/schema.h"

#include <stdio.h>

void schema_describe(FILE *out, const struct schema *schema);

#endif
