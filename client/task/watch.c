#include "client/task/watch.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_feed(const char *name)
{
    return strchr(".~", name[0]) == NULL &&
           (file_name_ends(name, ".csv") || file_name_ends(name, ".jsonl") || file_name_ends(name, ".xlsx")) &&
           !file_name_ends(name, ".rejects.csv");
}

static struct watched_file *find(struct watch *w, const char *path)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->file[i].path, path) == 0)
            return &w->file[i];
    return NULL;
}

static struct watched_file *add(struct watch *w, const char *path, struct err *err)
{
    if (w->count == WATCH_FILES_MAX) {
        err_set(err, ERR_INPUT, "%s holds more than %d feeds: move those that are worked off away", w->directory,
                WATCH_FILES_MAX);
        return NULL;
    }
    struct watched_file *grown = realloc(w->file, (w->count + 1) * sizeof *grown);
    char *copy = strdup(path);
    if (grown != NULL)
        w->file = grown;
    if (grown == NULL || copy == NULL) {
        free(copy);
        err_set(err, ERR_NO_MEMORY, "out of memory for the list of feeds");
        return NULL;
    }
    w->file[w->count] = (struct watched_file){.path = copy, .size = -1};
    return &w->file[w->count++];
}

static int look_at(struct watch *w, const char *name, struct err *err)
{
    char path[PATH_LIMIT];
    struct stat st;
    int rc = path_join(path, sizeof path, w->directory, name, err);
    if (rc != 0)
        return rc;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? 0 : err_errno(err, "%s", path);
    if (!S_ISREG(st.st_mode))
        return 0;
    struct watched_file *f = find(w, path);
    if (f == NULL && (f = add(w, path, err)) == NULL)
        return err_code(err);
    int64_t modified_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    if (f->size != st.st_size || f->modified_ns != modified_ns || f->inode != st.st_ino)
        f->pending = true;
    f->size = st.st_size;
    f->modified_ns = modified_ns;
    f->inode = st.st_ino;
    f->settled = (uint64_t)st.st_mtim.tv_sec + WATCH_SETTLED_SECONDS <= clock_now();
    f->present = true;
    return 0;
}

static void forget_vanished(struct watch *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++) {
        if (w->file[i].present) {
            w->file[kept++] = w->file[i];
            continue;
        }
        free(w->file[i].path);
        w->vanished = true;
    }
    w->count = kept;
}

int watch_look(struct watch *watch, struct err *err)
{
    struct dirent *entry;
    int rc = 0;
    DIR *dir = opendir(watch->directory);
    if (dir == NULL)
        return err_errno(err, "the feed directory %s cannot be read: make it, or name another ([Feed] Directory)",
                         watch->directory);
    for (size_t i = 0; i < watch->count; i++)
        watch->file[i].present = false;
    while (rc == 0 && (errno = 0, entry = readdir(dir)) != NULL)
        if (is_feed(entry->d_name))
            rc = look_at(watch, entry->d_name, err);
    if (rc == 0 && errno != 0)
        rc = err_errno(err, "feed directory %s", watch->directory);
    closedir(dir);
    if (rc == 0)
        forget_vanished(watch);
    return rc;
}

void watch_free(struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++)
        free(watch->file[i].path);
    free(watch->file);
    *watch = (struct watch){.directory = watch->directory};
}
