/* Files, read with a limit and written so that a crash leaves the old contents or the new, never a mixture. */
#ifndef PROTOCOL_BASE_FILE_H
#define PROTOCOL_BASE_FILE_H

#include "protocol/base/buf.h"

#include <sys/types.h>

#define PATH_LIMIT 4096 /* bytes of a path with its terminating NUL */

/* Appends the whole of a regular file to out. ERR_INPUT if it is longer than out may hold or is no regular file. */
int file_read(struct buf *out, const char *path, struct err *err);

/* ERR_DENIED, with what to do, if path is a regular file that group or others can use: for what holds a secret. */
int file_refuse_readable(const char *path, struct err *err);

/*
 * Writes beside the target, fsyncs, renames over it, fsyncs the directory. mode is the new file's mode
 * (0600 for secrets), whatever the umask. What is a character device or a pipe (/dev/stdout) is written into as it is.
 */
int file_write(const char *path, const void *data, size_t len, mode_t mode, struct err *err);

/*
 * The same by way of this temporary file, in the same file system. Whoever uses one name for many targets leaves no
 * more than that one behind when killed, and overwrites it with the next.
 */
int file_write_by(const char *path, const char *temporary, const void *data, size_t len, mode_t mode, struct err *err);

/* The same, but ERR_CONFLICT if the file exists: for keys, which nothing may overwrite. */
int file_create(const char *path, const void *data, size_t len, mode_t mode, struct err *err);

/* The SHA-256 of a file of at most max bytes, in groups that can be read aloud. */
#define FILE_DIGEST_TEXT BYTES_GROUPED(32)
int file_digest(char out[static FILE_DIGEST_TEXT], const char *path, size_t max, struct err *err);

/* Makes a directory and its missing parents; one that exists is fine. */
int dir_make(const char *path, mode_t mode, struct err *err);

/* out = dir/name, or name alone when it is absolute or dir is "". ERR_INPUT if it does not fit into size bytes. */
int path_join(char *out, size_t size, const char *dir, const char *name, struct err *err);

/* Whether the name ends so, and is longer. */
bool file_name_ends(const char *name, const char *end);

/* out = the directory part of path ("." if it has none). */
int path_dir(char *out, size_t size, const char *path, struct err *err);

#endif
