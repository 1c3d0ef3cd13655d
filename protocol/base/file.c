#include "protocol/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read(struct buf *out, const char *path, struct err *err)
{
    int rc = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_errno(err, "cannot open %s", path);
    struct stat st;
    if (fstat(fd, &st) != 0) {
        rc = err_errno(err, "cannot read %s", path);
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        rc = err_set(err, ERR_INPUT, "%s is %s, a regular file is needed", path,
                     S_ISDIR(st.st_mode) ? "a directory" : "a device or pipe");
        goto out;
    }
    for (;;) {
        uint8_t chunk[8192];
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            rc = err_errno(err, "cannot read %s", path);
            goto out;
        }
        if (got == 0)
            break;
        rc = buf_put(out, chunk, (size_t)got, err);
        explicit_bzero(chunk, sizeof chunk);
        if (rc != 0) {
            err_wrap(err, "%s", path);
            goto out;
        }
    }
out:
    close(fd);
    return rc;
}

int file_refuse_readable(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return err_errno(err, "cannot open %s", path);
    if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
        return err_set(err, ERR_DENIED, "%s is a secret but others can read it: chmod 600 %s", path, path);
    return 0;
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t put = write(fd, data, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        data += put;
        len -= (size_t)put;
    }
    return 0;
}

static int sync_dir(const char *path, struct err *err)
{
    char dir[PATH_LIMIT];
    int rc = path_dir(dir, sizeof dir, path, err);
    if (rc != 0)
        return rc;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "cannot open directory %s", dir);
    if (fsync(fd) != 0 && errno != EINVAL)
        rc = err_errno(err, "cannot sync directory %s", dir);
    close(fd);
    return rc;
}

/* Fills the file that is open as `temporary` on its way to path, and closes it; removes it if that fails. */
static int fill(int fd, const char *temporary, const char *path, const void *data, size_t len, mode_t mode,
                struct err *err)
{
    int rc = 0;
    if (fchmod(fd, mode) != 0 || write_all(fd, data, len) != 0 || fsync(fd) != 0)
        rc = err_errno(err, "cannot write %s", path);
    close(fd);
    if (rc != 0)
        unlink(temporary);
    return rc;
}

/* The temporary file has the target's directory and mode, so a secret is never readable by others. */
static int write_temporary(char *temporary, size_t size, const char *path, const void *data, size_t len, mode_t mode,
                           struct err *err)
{
    if ((size_t)snprintf(temporary, size, "%s.XXXXXX", path) >= size)
        return err_set(err, ERR_INPUT, "path too long: %s", path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "cannot create %s", path);
    return fill(fd, temporary, path, data, len, mode, err); /* cppcheck-suppress resourceLeak ; fill() closes it */
}

static int put_in_place(const char *temporary, const char *path, struct err *err)
{
    if (rename(temporary, path) == 0)
        return sync_dir(path, err);
    int rc = err_errno(err, "cannot write %s", path);
    unlink(temporary);
    return rc;
}

/* A device or a pipe is written into: a file that took its place would be the end of /dev/null. */
static int write_into(const char *path, const void *data, size_t len, struct err *err)
{
    int rc = 0;
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_errno(err, "cannot open %s", path);
    if (write_all(fd, data, len) != 0)
        rc = err_errno(err, "cannot write %s", path);
    close(fd);
    return rc;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode, struct err *err)
{
    char temporary[PATH_LIMIT];
    struct stat st;
    if (stat(path, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)))
        return write_into(path, data, len, err);
    int rc = write_temporary(temporary, sizeof temporary, path, data, len, mode, err);
    if (rc == 0)
        rc = put_in_place(temporary, path, err);
    return rc;
}

int file_write_by(const char *path, const char *temporary, const void *data, size_t len, mode_t mode, struct err *err)
{
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc = fd < 0 ? err_errno(err, "cannot create %s", temporary) : fill(fd, temporary, path, data, len, mode, err);
    if (rc == 0)
        rc = put_in_place(temporary, path, err);
    return rc;
}

int file_create(const char *path, const void *data, size_t len, mode_t mode, struct err *err)
{
    char temporary[PATH_LIMIT];
    int rc = write_temporary(temporary, sizeof temporary, path, data, len, mode, err);
    if (rc != 0)
        return rc;
    if (link(temporary, path) != 0)
        rc = errno == EEXIST ? err_set(err, ERR_CONFLICT, "%s exists already and is not overwritten", path)
                             : err_errno(err, "cannot create %s", path);
    unlink(temporary);
    if (rc == 0)
        rc = sync_dir(path, err);
    return rc;
}

int dir_make(const char *path, mode_t mode, struct err *err)
{
    char part[PATH_LIMIT];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof part)
        return err_set(err, ERR_INPUT, "not a usable directory name: '%s'", path);
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char kept = part[i];
        part[i] = '\0';
        if (mkdir(part, mode) != 0 && errno != EEXIST)
            return err_errno(err, "cannot create directory %s", part);
        part[i] = kept;
    }
    struct stat st;
    if (stat(path, &st) != 0)
        return err_errno(err, "cannot create directory %s", path);
    if (!S_ISDIR(st.st_mode))
        return err_set(err, ERR_CONFLICT, "%s exists and is not a directory", path);
    return 0;
}

bool file_name_ends(const char *name, const char *end)
{
    const size_t n = strlen(name), e = strlen(end);
    return n > e && strcmp(name + n - e, end) == 0;
}

int path_join(char *out, size_t size, const char *dir, const char *name, struct err *err)
{
    int need =
        name[0] == '/' || dir[0] == '\0' ? snprintf(out, size, "%s", name) : snprintf(out, size, "%s/%s", dir, name);
    if (need < 0 || (size_t)need >= size)
        return err_set(err, ERR_INPUT, "path too long: %s/%s", dir, name);
    return 0;
}

int path_dir(char *out, size_t size, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    const char *from = slash == NULL ? "." : path;
    size_t len = slash == NULL || slash == path ? 1 : (size_t)(slash - path);
    if (len >= size)
        return err_set(err, ERR_INPUT, "path too long: %s", path);
    memcpy(out, from, len);
    out[len] = '\0';
    return 0;
}

int file_digest(char out[static FILE_DIGEST_TEXT], const char *path, size_t max, struct err *err)
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    struct buf text = buf_of(max);
    int rc = file_read(&text, path, err);
    if (rc == 0) {
        crypto_hash_sha256(digest, text.data, text.len);
        bytes_to_groups(out, digest, sizeof digest);
    }
    buf_free(&text);
    return rc;
}
