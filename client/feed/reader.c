#include "client/feed/reader.h"

#include <string.h>

int reader_fill(struct feed *f, struct err *err)
{
    if (f->chunk_at < f->chunk_len || f->ended)
        return 0;
    f->mark = (struct mark){decode_mark(&f->decode), f->done};
    f->chunk_at = 0;
    int rc = decode_next(&f->decode, f->path, f->chunk, &f->chunk_len, err);
    f->ended = rc == 0 && f->chunk_len == 0;
    return rc;
}

int reader_go_back(struct feed *f, const struct mark *mark, uint64_t done, struct err *err)
{
    int rc = decode_go_back(&f->decode, f->path, mark->at, err);
    f->chunk_at = f->chunk_len = 0;
    f->ended = false;
    f->done = mark->done;
    while (rc == 0 && f->done < done && !f->ended) {
        rc = reader_fill(f, err);
        const size_t have = f->chunk_len - f->chunk_at;
        const size_t n = have < done - f->done ? have : (size_t)(done - f->done);
        f->chunk_at += n;
        f->done += n;
    }
    return rc;
}

int reader_field_named(const char *name)
{
    for (int i = 0; i < FIELDS; i++)
        if (strcasecmp(name, record_field_name[i]) == 0)
            return i;
    return NO_FIELD;
}
