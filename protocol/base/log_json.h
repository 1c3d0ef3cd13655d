/* A log line of ours (log.h) as an object of JSON. */
#ifndef PROTOCOL_BASE_LOG_JSON_H
#define PROTOCOL_BASE_LOG_JSON_H

#include <stddef.h>

/* Bytes that the object needs at most for a line of so many, without a newline in both. */
#define LOG_JSON_MAX(len) (2 * (len) + 8)

/*
 * line: `key=value key="value with \" escapes"`, as log_event() writes it, perhaps cut anywhere. out has room for
 * LOG_JSON_MAX(len); how many bytes it has then. Values of up to 15 digits are numbers, all others strings; what is
 * not UTF-8 becomes question marks.
 */
size_t log_json(char *out, const char *line, size_t len);

#endif
