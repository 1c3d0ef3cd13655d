/* Which route a request is for. */
#ifndef PROTOCOL_WEB_PATH_H
#define PROTOCOL_WEB_PATH_H

#include <stdbool.h>

#define WEB_PATH_MAX 1024 /* bytes of a path with its terminating NUL */
#define WEB_ARGS_MAX 4
#define WEB_ARG_MAX 128 /* bytes with the terminating NUL */

struct web_args {
    char text[WEB_ARGS_MAX][WEB_ARG_MAX]; /* what stood for each "*" */
    unsigned count;
};

/*
 * Whether path is what the pattern says: the same, with "*" for one segment that is not empty and shorter than
 * WEB_ARG_MAX. A segment of dots alone fits no "*".
 */
bool web_path_fits(const char *pattern, const char *path, struct web_args *args);

#endif
