/*
 * Configuration files: [Section] lines and `Key = value` lines. A line that begins with '#' or ';' is a comment, and so
 * is what stands behind a ';' that follows white space. Space around keys and values does not count. A line is as long
 * as it is.
 */
#ifndef PROTOCOL_BASE_INI_H
#define PROTOCOL_BASE_INI_H

#include "protocol/base/err.h"

#include <stddef.h>

/* What is done with each key, in the order of the file. section is "" before the first. The texts live until it
 * returns. */
typedef int ini_key(void *context, const char *section, const char *key, const char *value, struct err *err);

/*
 * Reads len bytes of text, which it cuts up and which a NUL follows. The first failure ends it: that of `each`, or
 * ERR_USAGE for a line that is neither section nor key. Its text begins with "name:line: ".
 */
int ini_read(char *text, size_t len, const char *name, ini_key *each, void *context, struct err *err);

#endif
