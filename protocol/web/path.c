#include "protocol/web/path.h"

#include <string.h>

static bool take_segment(const char *segment, size_t len, struct web_args *args)
{
    if (len == 0 || len >= WEB_ARG_MAX || args->count == WEB_ARGS_MAX || strspn(segment, ".") >= len)
        return false;
    memcpy(args->text[args->count], segment, len);
    args->text[args->count++][len] = '\0';
    return true;
}

bool web_path_fits(const char *pattern, const char *path, struct web_args *args)
{
    args->count = 0;
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '*') {
            const size_t len = strcspn(path, "/");
            if (!take_segment(path, len, args))
                return false;
            path += len;
        } else if (*pattern != *path++) {
            return false;
        }
    }
    return *path == '\0';
}
