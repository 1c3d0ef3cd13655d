#include "client/feed/reader.h"

#include <string.h>
#include <unistd.h>

int reader_fill(struct feed *f, struct err *err)
{
    if (f->chunk_at < f->chunk_len || f->ended)
        return 0;
    ssize_t got = read(f->fd, f->chunk, CHUNK);
    if (got < 0)
        return err_errno(err, "cannot read %s", f->path);
    f->chunk_at = 0;
    f->chunk_len = (size_t)got;
    f->ended = got == 0;
    return 0;
}

int reader_field_named(const char *name)
{
    for (int i = 0; i < FIELDS; i++)
        if (strcasecmp(name, record_field_name[i]) == 0)
            return i;
    return NO_FIELD;
}

int reader_field_of(const struct feed *f, const char *column)
{
    for (size_t i = 0; i < f->map_count; i++) {
        const char *sign = strrchr(f->map[i], '=');
        size_t len = (size_t)(sign - f->map[i]);
        if (strlen(column) == len && strncmp(column, f->map[i], len) == 0)
            return reader_field_named(sign + 1);
    }
    return reader_field_named(column);
}
