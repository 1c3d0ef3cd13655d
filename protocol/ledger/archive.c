#include "protocol/ledger/archive.h"

#include "protocol/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define NAME_DIGITS 20
#define NAME_SUFFIX ".batches"

bool archive_has(enum event_kind kind)
{
    return kind == EVENT_PUT || kind == EVENT_REMOVE || kind == EVENT_QUERY || kind == EVENT_RELEASE ||
           kind == EVENT_SUSPEND || kind == EVENT_CLOSE || kind == EVENT_ACKNOWLEDGE || kind == EVENT_LETTER ||
           kind == EVENT_PREKEY;
}

/* --- segments in a directory --- */

struct segments {
    uint64_t *first; /* ascending; owned */
    size_t count;
};

static bool parse_name(const char *name, uint64_t *first)
{
    char again[PATH_LIMIT];
    *first = strtoull(name, NULL, 10);
    snprintf(again, sizeof again, "%0*" PRIu64 NAME_SUFFIX, NAME_DIGITS, *first);
    return strcmp(name, again) == 0;
}

static int compare_first(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static int list_segments(struct segments *out, const char *dir, struct err *err)
{
    size_t room = 0;
    int rc = 0;
    DIR *d = opendir(dir);
    *out = (struct segments){0};
    if (d == NULL)
        return err_errno(err, "cannot list %s", dir);
    for (struct dirent *file = readdir(d); rc == 0 && file != NULL; file = readdir(d)) {
        uint64_t first;
        if (!parse_name(file->d_name, &first))
            continue;
        if (out->count == room) {
            room = room > 0 ? 2 * room : 64;
            uint64_t *more = realloc(out->first, room * sizeof *more);
            if (more == NULL) {
                rc = err_set(err, ERR_NO_MEMORY, "out of memory for the archive");
                break;
            }
            out->first = more;
        }
        out->first[out->count++] = first;
    }
    closedir(d);
    if (out->count > 0)
        qsort(out->first, out->count, sizeof *out->first, compare_first);
    return rc;
}

static int segment_path(char out[PATH_LIMIT], const char *dir, uint64_t first, struct err *err)
{
    char name[NAME_DIGITS + sizeof NAME_SUFFIX];
    snprintf(name, sizeof name, "%0*" PRIu64 NAME_SUFFIX, NAME_DIGITS, first);
    return path_join(out, PATH_LIMIT, dir, name, err);
}

/* --- writing --- */

struct archive {
    char dir[PATH_LIMIT];
    int dir_fd, fd;               /* fd: of the segment that end is in; -1 if there is none */
    struct archive_end committed; /* as the caller's store says */
    struct archive_end end;       /* behind what was appended */
    bool made;                    /* the segment came to be since the last commit: its name is not on disk yet */
    bool dirty;                   /* something lies behind the committed end */
};

static int open_segment(struct archive *a, uint64_t first, int flags, struct err *err)
{
    char path[PATH_LIMIT];
    int rc = segment_path(path, a->dir, first, err);
    if (rc != 0)
        return rc;
    if (a->fd >= 0)
        close(a->fd);
    a->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    return a->fd < 0 ? err_errno(err, "cannot open %s", path) : 0;
}

/* By errno. */
static int cannot_write(const struct archive *a, struct err *err)
{
    const int why = errno;
    char path[PATH_LIMIT];
    int rc = segment_path(path, a->dir, a->end.segment, err);
    errno = why;
    return rc == 0 ? err_errno(err, "cannot write to the archive, %s", path) : rc;
}

static int cut(struct archive *a, struct err *err)
{
    if (ftruncate(a->fd, (off_t)a->committed.bytes) != 0)
        return err_errno(err, "cannot cut the archive in %s", a->dir);
    a->dirty = false;
    return 0;
}

/* At most one segment can lie beyond: the one that the write begun last was to begin. */
static int drop_later(struct archive *a, const struct segments *s, struct err *err)
{
    char path[PATH_LIMIT];
    bool begun = a->committed.bytes > 0;
    size_t later = 0;
    while (later < s->count && (!begun || s->first[s->count - 1 - later] > a->committed.segment))
        later++;
    if (later > 1)
        return err_set(err, ERR_VERIFY,
                       "%s goes on beyond what the store knows of: it is the archive of another store, or the store "
                       "was put back from an old copy; name an empty directory, and keep this one for the auditors",
                       a->dir);
    int rc = later == 0 ? 0 : segment_path(path, a->dir, s->first[s->count - 1], err);
    if (rc == 0 && later == 1 && unlink(path) != 0)
        rc = err_errno(err, "cannot erase %s", path);
    return rc;
}

static int recover(struct archive *a, struct err *err)
{
    struct segments s;
    struct stat there;
    int rc = list_segments(&s, a->dir, err);
    if (rc == 0)
        rc = drop_later(a, &s, err);
    if (rc == 0 && a->committed.bytes > 0)
        rc = open_segment(a, a->committed.segment, 0, err);
    if (rc == 0 && a->fd >= 0 && fstat(a->fd, &there) != 0)
        rc = err_errno(err, "cannot look at the archive in %s", a->dir);
    if (rc == ERR_NOT_FOUND || (rc == 0 && a->fd >= 0 && (uint64_t)there.st_size < a->committed.bytes))
        rc = err_set(err, ERR_VERIFY,
                     "%s lacks batches that the ledger has: put the archive back from its backup, or name an empty "
                     "directory to begin another",
                     a->dir);
    if (rc == 0 && a->fd >= 0)
        rc = cut(a, err);
    free(s.first);
    return rc;
}

int archive_open(struct archive **out, const char *dir, const struct archive_end *end, struct err *err)
{
    struct segments s = {0};
    struct archive *a = calloc(1, sizeof *a);
    if (a == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the archive");
    a->dir_fd = a->fd = -1;
    int rc = path_join(a->dir, sizeof a->dir, "", dir, err);
    if (rc == 0 && end->bytes > 0 && access(dir, F_OK) != 0)
        rc = err_set(err, ERR_VERIFY,
                     "%s is gone, which the store has an archive in: put it back; an empty directory there begins "
                     "another archive",
                     dir);
    if (rc == 0)
        rc = dir_make(dir, 0700, err);
    if (rc == 0 && (a->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        rc = err_errno(err, "cannot open %s", dir);
    if (rc == 0)
        rc = list_segments(&s, dir, err);
    if (rc == 0 && s.count > 0)
        a->committed = *end; /* an empty directory begins another archive */
    free(s.first);
    if (rc == 0)
        rc = recover(a, err);
    a->end = a->committed;
    if (rc != 0)
        archive_close(a);
    else
        *out = a;
    return rc;
}

void archive_close(struct archive *archive)
{
    if (archive == NULL)
        return;
    if (archive->fd >= 0)
        close(archive->fd);
    if (archive->dir_fd >= 0)
        close(archive->dir_fd);
    free(archive);
}

static int write_at_end(struct archive *a, const void *head, size_t head_len, struct span body, struct err *err)
{
    const struct iovec parts[] = {{(void *)head, head_len}, {(void *)body.data, body.len}};
    size_t len = head_len + body.len;
    a->dirty = true;
    ssize_t written = pwritev(a->fd, parts, body.len > 0 ? 2 : 1, (off_t)a->end.bytes);
    if (written >= 0 && (size_t)written < len)
        errno = ENOSPC; /* a regular file takes less than all of it for want of room alone */
    if (written < 0 || (size_t)written < len)
        return cannot_write(a, err);
    a->end.bytes += len;
    return 0;
}

/* Only where a commit begins: so that a rollback has one segment to look at. */
static int begin_segment(struct archive *a, uint64_t first, struct err *err)
{
    uint8_t head[ARCHIVE_HEAD];
    int rc = open_segment(a, first, O_CREAT | O_TRUNC, err);
    if (rc != 0)
        return rc;
    a->made = true;
    a->end = (struct archive_end){first, 0};
    memcpy(head, ARCHIVE_MAGIC, 8);
    bytes_put_u64be(head + 8, first);
    return write_at_end(a, head, sizeof head, span_of(NULL, 0), err);
}

int archive_append(struct archive *archive, const struct archive_record *record, struct err *err)
{
    struct archive *a = archive;
    uint8_t head[ARCHIVE_RECORD_HEAD];
    bool fresh = a->end.segment == a->committed.segment && a->end.bytes == a->committed.bytes;
    int rc = 0;
    if (record->body.len > ARCHIVE_BODY_MAX)
        return err_set(err, ERR_INTERNAL, "a batch of %zu bytes does not fit the archive", record->body.len);
    if (a->dirty && fresh && a->fd >= 0)
        rc = cut(a, err); /* what a rollback could not */
    if (rc == 0 && fresh && (a->end.bytes == 0 || a->end.bytes > ARCHIVE_SEGMENT_BYTES))
        rc = begin_segment(a, record->index, err);
    if (rc != 0)
        return rc;
    bytes_put_u32be(head, (uint32_t)record->body.len);
    bytes_put_u64be(head + 4, record->index);
    bytes_put_u64be(head + 12, record->time);
    head[20] = (uint8_t)record->kind;
    return write_at_end(a, head, sizeof head, record->body, err);
}

int archive_sync(struct archive *archive, struct archive_end *end, struct err *err)
{
    *end = archive->end;
    if (archive->fd < 0 || !archive->dirty)
        return 0;
    if (fdatasync(archive->fd) != 0 || (archive->made && fsync(archive->dir_fd) != 0))
        return cannot_write(archive, err);
    return 0;
}

void archive_committed(struct archive *archive)
{
    archive->committed = archive->end;
    archive->made = archive->dirty = false;
}

void archive_rollback(struct archive *archive)
{
    struct archive *a = archive;
    char path[PATH_LIMIT];
    if (!a->dirty)
        return;
    if (a->made && segment_path(path, a->dir, a->end.segment, ERR_IGNORED) == 0)
        unlink(path);
    if (a->made) {
        close(a->fd);
        a->fd = -1;
        a->dirty = a->made = false;
        if (a->committed.bytes > 0 && open_segment(a, a->committed.segment, 0, ERR_IGNORED) != 0)
            a->committed = (struct archive_end){0}; /* gone: the next record begins a segment */
    } else {
        cut(a, ERR_IGNORED);
    }
    a->end = a->committed;
}

struct archive_end archive_end(const struct archive *archive)
{
    return archive->end;
}

int archive_undo(struct archive *archive, const struct archive_end *end, struct err *err)
{
    struct archive *a = archive;
    if (end->segment == a->committed.segment && end->bytes == a->committed.bytes) {
        archive_rollback(a); /* the segment may have begun since */
        return a->dirty ? err_set(err, ERR_IO, "cannot cut the archive in %s", a->dir) : 0;
    }
    if (ftruncate(a->fd, (off_t)end->bytes) != 0)
        return err_errno(err, "cannot cut the archive in %s", a->dir);
    a->end = *end;
    return 0;
}

/* Time of the first record of a segment; false if it has none that can be read. */
static bool first_time(const char *dir, uint64_t first, uint64_t *time)
{
    char path[PATH_LIMIT];
    uint8_t head[ARCHIVE_RECORD_HEAD];
    if (segment_path(path, dir, first, ERR_IGNORED) != 0)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && pread(fd, head, sizeof head, ARCHIVE_HEAD) == (ssize_t)sizeof head;
    if (fd >= 0)
        close(fd);
    if (good)
        *time = bytes_get_u64be(head + 12);
    return good;
}

int archive_prune(struct archive *archive, uint64_t before, struct err *err)
{
    struct segments s;
    char path[PATH_LIMIT];
    uint64_t time;
    int rc = list_segments(&s, archive->dir, err);
    /* A segment ends before the next begins. */
    for (size_t i = 0; rc == 0 && i + 1 < s.count && first_time(archive->dir, s.first[i + 1], &time) && time < before;
         i++) {
        rc = segment_path(path, archive->dir, s.first[i], err);
        if (rc == 0 && unlink(path) != 0)
            rc = err_errno(err, "cannot erase %s", path);
    }
    free(s.first);
    return rc;
}

/* --- reading --- */

struct archive_reader {
    char dir[PATH_LIMIT], path[PATH_LIMIT];
    struct segments segments;
    size_t next; /* segment to be opened next */
    FILE *file;  /* the one being read; NULL between two */
    uint64_t offset, last;
    bool any; /* last is one */
    struct buf body;
};

int archive_reader_open(struct archive_reader **out, const char *dir, struct err *err)
{
    struct archive_reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the archive");
    r->body = buf_of(ARCHIVE_BODY_MAX);
    int rc = path_join(r->dir, sizeof r->dir, "", dir, err);
    if (rc == 0)
        rc = list_segments(&r->segments, dir, err);
    if (rc != 0)
        archive_reader_close(r);
    else
        *out = r;
    return rc;
}

void archive_reader_close(struct archive_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->file != NULL)
        fclose(reader->file);
    buf_free(&reader->body);
    free(reader->segments.first);
    free(reader);
}

static int malformed(const struct archive_reader *r, const char *what, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s, at byte %" PRIu64 ": %s", r->path, r->offset, what);
}

/* Fills to, or says how the file ends before that: *got bytes were there. */
static int take(struct archive_reader *r, void *to, size_t len, size_t *got, struct err *err)
{
    *got = fread(to, 1, len, r->file);
    if (*got < len && ferror(r->file))
        return err_errno(err, "cannot read %s", r->path);
    return 0;
}

static int next_segment(struct archive_reader *r, bool *torn, struct err *err)
{
    uint8_t head[ARCHIVE_HEAD];
    uint64_t first = r->segments.first[r->next++];
    size_t got = 0;
    int rc = segment_path(r->path, r->dir, first, err);
    r->offset = 0;
    if (rc == 0 && (r->file = fopen(r->path, "rb")) == NULL)
        rc = err_errno(err, "cannot read %s", r->path);
    if (rc == 0)
        rc = take(r, head, sizeof head, &got, err);
    if (rc != 0)
        return rc;
    *torn = got < sizeof head;
    if (*torn)
        return 0;
    if (memcmp(head, ARCHIVE_MAGIC, 8) != 0 || bytes_get_u64be(head + 8) != first)
        return malformed(r, "no segment of an archive begins like this", err);
    r->offset = ARCHIVE_HEAD;
    return 0;
}

static int check_head(struct archive_reader *r, const uint8_t head[ARCHIVE_RECORD_HEAD], struct archive_record *out,
                      struct err *err)
{
    out->body.len = bytes_get_u32be(head);
    out->index = bytes_get_u64be(head + 4);
    out->time = bytes_get_u64be(head + 12);
    out->kind = (enum event_kind)head[20];
    if (!archive_has(out->kind))
        return malformed(r, "a record of no known kind", err);
    if (out->body.len > ARCHIVE_BODY_MAX)
        return malformed(r, "a batch is too long", err);
    if ((r->any && out->index <= r->last) || out->index > INT64_MAX ||
        (r->offset == ARCHIVE_HEAD && out->index != r->segments.first[r->next - 1]))
        return malformed(r, "a record is out of order", err);
    r->last = out->index;
    r->any = true;
    return 0;
}

/* *end: the segment has no further record. */
static int read_record(struct archive_reader *r, struct archive_record *out, bool *end, bool *torn, struct err *err)
{
    uint8_t head[ARCHIVE_RECORD_HEAD];
    size_t got;
    int rc = take(r, head, sizeof head, &got, err);
    *end = rc == 0 && got == 0;
    *torn = rc == 0 && got > 0 && got < sizeof head;
    if (rc != 0 || *end || *torn)
        return rc;
    rc = check_head(r, head, out, err);
    buf_clear(&r->body);
    if (rc == 0 && out->body.len > 0 && buf_reserve(&r->body, out->body.len, err) == NULL)
        rc = ERR_NO_MEMORY;
    if (rc == 0)
        rc = take(r, r->body.data, out->body.len, &got, err);
    *torn = rc == 0 && got < out->body.len;
    out->body.data = r->body.data;
    r->offset += ARCHIVE_RECORD_HEAD + out->body.len;
    return rc;
}

int archive_reader_next(struct archive_reader *reader, struct archive_record *record, bool *found, bool *torn,
                        struct err *err)
{
    struct archive_reader *r = reader;
    int rc = 0;
    *found = *torn = false;
    while (rc == 0 && !*found) {
        bool end = false;
        if (r->file == NULL && r->next == r->segments.count)
            return 0;
        if (r->file == NULL)
            rc = next_segment(r, torn, err);
        if (rc == 0 && !*torn)
            rc = read_record(r, record, &end, torn, err);
        if (rc == 0 && *torn && r->next < r->segments.count)
            rc = malformed(r, "a segment that others follow ends within a record", err);
        *found = rc == 0 && !end && !*torn;
        if (!*found && r->file != NULL) {
            fclose(r->file);
            r->file = NULL;
        }
        if (*torn)
            return rc;
    }
    return rc;
}
