#include "protocol/base/tree.h"

#include "protocol/base/bytes.h"
#include "protocol/base/file.h"
#include "protocol/base/sha256.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (1u << 18)

static bool is_left_out(const char *name)
{
    return name[0] == '.' || strcmp(name, "LOCK") == 0 || strcmp(name, "LOG") == 0 || strncmp(name, "LOG.old", 7) == 0;
}

/* --- one file --- */

static int write_whole(int fd, const uint8_t *data, size_t len, const char *path, struct err *err)
{
    while (len > 0) {
        ssize_t written = write(fd, data, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return err_errno(err, "cannot write %s", path);
        data += written;
        len -= (size_t)written;
    }
    return 0;
}

/* Hands the file over piece by piece: into `to` unless that is -1, and into sum. */
static int read_through(int fd, const char *path, int to, const char *to_path, struct sha256_state *sum,
                        struct err *err)
{
    uint8_t *chunk = malloc(CHUNK);
    int rc = chunk == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for copying") : 0;
    while (rc == 0) {
        ssize_t got = read(fd, chunk, CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            rc = err_errno(err, "cannot read %s", path);
        if (got <= 0)
            break;
        sha256_add(sum, span_of(chunk, (size_t)got));
        rc = to >= 0 ? write_whole(to, chunk, (size_t)got, to_path, err) : 0;
    }
    free(chunk);
    return rc;
}

static int copy_file(const char *from, const char *to, mode_t mode, struct err *err)
{
    struct sha256_state sum;
    sha256_start(&sum);
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0)
        return errno == ENOENT ? 0 : err_errno(err, "cannot open %s", from);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0777);
    int rc = out < 0 ? err_errno(err, "cannot make %s", to) : read_through(in, from, out, to, &sum, err);
    if (rc == 0 && fsync(out) != 0)
        rc = err_errno(err, "cannot write %s", to);
    close(in);
    if (out >= 0)
        close(out);
    return rc;
}

static int hash_file(const char *path, uint8_t out[32], struct err *err)
{
    struct sha256_state sum;
    sha256_start(&sum);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "cannot open %s", path);
    int rc = read_through(fd, path, -1, "", &sum, err);
    sha256_end(&sum, out);
    close(fd);
    return rc;
}

/* --- walking --- */

/* What is done with each: `to` is where the same place lies in the other tree, if there is one. */
struct walk {
    int (*file)(struct walk *walk, const char *from, const char *to, mode_t mode, struct err *err);
    int (*enter)(struct walk *walk, const char *from, const char *to, struct err *err); /* may be NULL */
    struct buf *list;
};

static int walk_names(struct walk *walk, const char *from, const char *to, unsigned depth, struct err *err);

static int walk_one(struct walk *walk, const char *from, const char *to, unsigned depth, struct err *err)
{
    struct stat st;
    if (lstat(from, &st) != 0)
        return errno == ENOENT ? 0 : err_errno(err, "cannot look at %s", from);
    if (S_ISREG(st.st_mode))
        return walk->file(walk, from, to, st.st_mode, err);
    if (!S_ISDIR(st.st_mode) || depth == TREE_DEPTH_MAX)
        return err_set(err, ERR_INPUT, "%s is %s", from, S_ISDIR(st.st_mode) ? "too deep" : "no file");
    int rc = walk->enter != NULL ? walk->enter(walk, from, to, err) : 0;
    return rc != 0 ? rc : walk_names(walk, from, to, depth + 1, err);
}

static int walk_names(struct walk *walk, const char *from, const char *to, unsigned depth, struct err *err)
{
    char *below = malloc((size_t)2 * PATH_LIMIT), *below_to = below != NULL ? below + PATH_LIMIT : NULL;
    struct dirent **names = NULL;
    int rc = below == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a path") : 0;
    int count = rc == 0 ? scandir(from, &names, NULL, alphasort) : 0;
    if (rc == 0 && count < 0)
        rc = err_errno(err, "cannot read the directory %s", from);
    for (int i = 0; i < count; i++) {
        if (rc == 0 && !is_left_out(names[i]->d_name)) {
            rc = path_join(below, PATH_LIMIT, from, names[i]->d_name, err);
            if (rc == 0)
                rc = path_join(below_to, PATH_LIMIT, to, names[i]->d_name, err);
            if (rc == 0)
                rc = walk_one(walk, below, below_to, depth, err);
        }
        free(names[i]);
    }
    free(names);
    free(below);
    return rc;
}

/* --- what is done --- */

static int copy_one(struct walk *walk, const char *from, const char *to, mode_t mode, struct err *err)
{
    (void)walk;
    return copy_file(from, to, mode, err);
}

static int make_below(struct walk *walk, const char *from, const char *to, struct err *err)
{
    struct stat st;
    (void)walk;
    return dir_make(to, stat(from, &st) == 0 ? st.st_mode & 0777 : 0700, err);
}

int tree_copy(const char *from, const char *to, struct err *err)
{
    struct walk walk = {.file = copy_one, .enter = make_below};
    return walk_one(&walk, from, to, 0, err);
}

static int list_one(struct walk *walk, const char *from, const char *to, mode_t mode, struct err *err)
{
    uint8_t hash[32];
    char hex[65];
    (void)mode;
    int rc = hash_file(from, hash, err);
    if (rc == 0) {
        bytes_to_hex(hex, hash, sizeof hash);
        rc = buf_put(walk->list, hex, 64, err);
    }
    if (rc == 0)
        rc = buf_put(walk->list, "  ", 2, err);
    if (rc == 0)
        rc = buf_put(walk->list, to, strlen(to), err);
    return rc == 0 ? buf_put(walk->list, "\n", 1, err) : rc;
}

int tree_list(struct buf *list, const char *dir, const char *name, struct err *err)
{
    char path[PATH_LIMIT];
    struct walk walk = {.file = list_one, .list = list};
    int rc = path_join(path, sizeof path, dir, name, err);
    return rc != 0 ? rc : walk_one(&walk, path, name, 0, err);
}

/* A line without its end. */
static int check_line(struct span line, const char *dir, struct err *err)
{
    char name[PATH_LIMIT], path[PATH_LIMIT], hex[65];
    uint8_t listed[32], hash[32];
    if (line.len <= 66 || line.len - 66 >= sizeof name)
        return err_set(err, ERR_VERIFY, "the list of files of %s is damaged", dir);
    memcpy(hex, line.data, 64);
    hex[64] = '\0';
    memcpy(name, line.data + 66, line.len - 66);
    name[line.len - 66] = '\0';
    if (!bytes_from_hex(listed, sizeof listed, hex) || name[0] == '/' || strstr(name, "..") != NULL)
        return err_set(err, ERR_VERIFY, "the list of files of %s is damaged", dir);
    int rc = path_join(path, sizeof path, dir, name, err);
    if (rc == 0)
        rc = hash_file(path, hash, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, ERR_VERIFY, "%s is gone", path);
    if (rc == 0 && memcmp(hash, listed, sizeof hash) != 0)
        rc = err_set(err, ERR_VERIFY, "%s is damaged: it is not as it was written", path);
    return rc;
}

int tree_check(struct span list, const char *dir, uint64_t *files, struct err *err)
{
    int rc = 0;
    *files = 0;
    while (rc == 0 && list.len > 0) {
        const uint8_t *end = memchr(list.data, '\n', list.len);
        if (end == NULL)
            return err_set(err, ERR_VERIFY, "the list of files of %s is damaged", dir);
        const size_t len = (size_t)(end - list.data);
        rc = check_line(span_of(list.data, len), dir, err);
        list = span_of(end + 1, list.len - len - 1);
        ++*files;
    }
    return rc;
}

int tree_remove(const char *dir, struct err *err)
{
    char path[PATH_LIMIT];
    struct dirent **names = NULL;
    int rc = 0, count = scandir(dir, &names, NULL, alphasort);
    if (count < 0)
        return errno == ENOENT ? 0 : err_errno(err, "cannot read the directory %s", dir);
    for (int i = 0; i < count; i++) {
        const char *name = names[i]->d_name;
        struct stat st;
        if (rc == 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            rc = path_join(path, sizeof path, dir, name, err);
            if (rc == 0 && lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
                rc = tree_remove(path, err);
            else if (rc == 0 && unlink(path) != 0 && errno != ENOENT)
                rc = err_errno(err, "cannot remove %s", path);
        }
        free(names[i]);
    }
    free(names);
    return rc == 0 && rmdir(dir) != 0 ? err_errno(err, "cannot remove %s", dir) : rc;
}

bool tree_is_empty(const char *dir)
{
    struct dirent **names = NULL;
    int count = scandir(dir, &names, NULL, alphasort);
    bool empty = count < 0 ? errno == ENOENT : count == 2;
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return empty;
}
