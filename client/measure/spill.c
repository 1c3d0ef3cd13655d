#include "client/measure/spill.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct spill {
    size_t item_size;
    FILE *file[SPILL_PARTITIONS];
    uint64_t count[SPILL_PARTITIONS];
};

static FILE *open_unnamed(void)
{
    const char *dir = getenv("TMPDIR");
    char path[] = "/tmp/concord-XXXXXX";
    int fd = open(dir != NULL && dir[0] != '\0' ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (fd = mkostemp(path, O_CLOEXEC)) >= 0)
        unlink(path);
    return fd >= 0 ? fdopen(fd, "w+") : NULL;
}

int spill_new(struct spill **out, size_t item_size, struct err *err)
{
    struct spill *s = calloc(1, sizeof *s);
    if (s == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    s->item_size = item_size;
    for (size_t i = 0; i < SPILL_PARTITIONS; i++)
        if ((s->file[i] = open_unnamed()) == NULL) {
            spill_free(s);
            return err_errno(err, "cannot make a temporary file");
        }
    *out = s;
    return 0;
}

void spill_free(struct spill *spill)
{
    for (size_t i = 0; spill != NULL && i < SPILL_PARTITIONS; i++)
        if (spill->file[i] != NULL)
            fclose(spill->file[i]);
    free(spill);
}

int spill_put(struct spill *spill, uint64_t hash, const void *item, struct err *err)
{
    size_t p = (size_t)(hash >> 32) % SPILL_PARTITIONS;
    if (fwrite(item, spill->item_size, 1, spill->file[p]) != 1)
        return err_errno(err, "cannot write a temporary file");
    spill->count[p]++;
    return 0;
}

int spill_load(struct spill *spill, size_t partition, struct buf *out, size_t *count, struct err *err)
{
    FILE *f = spill->file[partition];
    size_t n = (size_t)spill->count[partition];
    buf_clear(out);
    if (n > SPILL_PARTITION_MAX / spill->item_size)
        return err_set(err, ERR_NO_MEMORY, "too many tokens for this machine: measure fewer rows");
    uint8_t *to = buf_reserve(out, n * spill->item_size, err);
    if (n > 0 && to == NULL)
        return err_code(err);
    if (fflush(f) != 0 || fseeko(f, 0, SEEK_SET) != 0 || fread(to, spill->item_size, n, f) != n)
        return err_errno(err, "cannot read a temporary file");
    out->len = n * spill->item_size;
    *count = n;
    return 0;
}
