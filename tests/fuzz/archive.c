/* The archive's segments: an input is the only one of a directory. */
#include "protocol/ledger/archive.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char dir[] = "/dev/shm/concord-fuzz-XXXXXX", path[128];
    struct archive_reader *reader;
    struct archive_record record;
    struct err err;
    bool found = true, torn;
    uint64_t bytes = ARCHIVE_HEAD;
    if (path[0] == '\0' && mkdtemp(dir) == NULL)
        return 0;
    snprintf(path, sizeof path, "%s/%020d.batches", dir, 3);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || archive_reader_open(&reader, dir, &err) != 0)
        abort();
    close(fd);
    int rc = 0;
    while ((rc = archive_reader_next(reader, &record, &found, &torn, &err)) == 0 && found)
        bytes += ARCHIVE_RECORD_HEAD + record.body.len;
    if (bytes > size + (bytes == ARCHIVE_HEAD ? ARCHIVE_HEAD : 0) || (rc != 0 && err.text[0] == '\0'))
        abort(); /* more than there was, or a failure without a reason */
    archive_reader_close(reader);
    unlink(path);
    return 0;
}
