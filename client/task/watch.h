/*
 * Watching a feed directory: which of its CSV, JSONL and XLSX files are new or changed since they were worked
 * off. By looking, not by notification, so that network file systems work too. Files that begin with a dot, or with the
 * tilde of an office program's lock, or end in .rejects.csv are none.
 */
#ifndef CLIENT_TASK_WATCH_H
#define CLIENT_TASK_WATCH_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WATCH_FILES_MAX 4096
#define WATCH_SETTLED_SECONDS 2 /* a file written to more recently may still be being written */

struct watched_file {
    char *path; /* owned */
    int64_t size, modified_ns;
    uint64_t inode;
    bool pending; /* new or changed, and not worked off */
    bool settled;
    bool present;
};

struct watch {
    const char *directory; /* borrowed */
    struct watched_file *file;
    size_t count;
    bool vanished; /* a file has gone since the caller cleared this */
};

/* Looks once more. ERR_INPUT past WATCH_FILES_MAX; ERR_IO, ERR_NOT_FOUND: the directory cannot be read. */
int watch_look(struct watch *watch, struct err *err);

void watch_free(struct watch *watch);

#endif
