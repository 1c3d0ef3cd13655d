#include "protocol/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Without a cause, an error is still one: who reports it has lost the cause, and that is a defect. */
static int keep_code(struct err *err, enum err_code code)
{
    err->code = code != ERR_OK ? code : ERR_INTERNAL;
    return (int)err->code;
}

int(err_set)(struct err *err, enum err_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return keep_code(err, code);
}

int(err_code)(struct err *err)
{
    return keep_code(err, err->code);
}

static enum err_code code_of_errno(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
        return ERR_NO_MEMORY;
    case ENOENT:
        return ERR_NOT_FOUND;
    default:
        return ERR_IO;
    }
}

int(err_errno)(struct err *err, const char *format, ...)
{
    int number = errno;
    char text[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    /* Keep the reason whole when the context is long: it is what the reader needs most. */
    return err_set(err, code_of_errno(number), "%.*s: %s", ERR_TEXT_MAX - 80, text, strerror(number));
}

int(err_wrap)(struct err *err, const char *format, ...)
{
    char inner[ERR_TEXT_MAX];
    memcpy(inner, err->text, sizeof inner);
    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof err->text)
        snprintf(err->text + used, sizeof err->text - (size_t)used, ": %.*s", (int)(sizeof err->text - (size_t)used),
                 inner);
    return err_code(err);
}

int err_exit_status(int code)
{
    if (code == ERR_OK)
        return 0;
    return code == ERR_USAGE ? 2 : 1;
}
