#include "client/feed/columns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- opening --- */

/* By the name's end; else by its beginning, which in CSV is the name of a column. */
static int find_format(struct feed *f, struct err *err)
{
    static const char *const endings[] = {".jsonl", ".ndjson", ".json"};
    size_t len = strlen(f->path), at = 0;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (len > strlen(endings[i]) && strcasecmp(f->path + len - strlen(endings[i]), endings[i]) == 0)
            f->json = true;
    int rc = reader_fill(f, err);
    if (rc != 0)
        return rc;
    at = f->chunk_len >= 3 && memcmp(f->chunk, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < f->chunk_len && f->chunk[at] != '\0' && strchr(" \t\r\n", f->chunk[at]) != NULL)
        at++;
    f->json = f->json || (at < f->chunk_len && f->chunk[at] == '{');
    if (f->json && at == f->chunk_len && f->ended)
        return err_set(err, ERR_INPUT, "%s is empty: a feed of JSON lines has an object on each", f->path);
    return f->json ? 0 : csv_read_header(f, err);
}

static int open_file(struct feed *f, const char *encoding, struct err *err)
{
    struct stat st;
    f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0 || fstat(f->fd, &st) != 0)
        return err_errno(err, "cannot open the feed %s", f->path);
    if (S_ISDIR(st.st_mode))
        return err_set(err, ERR_INPUT, "%s is a directory: name a file", f->path);
    f->total = (uint64_t)st.st_size;
    int rc = decode_begin(&f->decode, f->fd, f->path, encoding != NULL ? encoding : "", err);
    return rc == 0 ? find_format(f, err) : rc;
}

int feed_open(struct feed **out, const struct feed_options *options, struct err *err)
{
    struct feed *f = calloc(1, sizeof *f);
    if (f == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a feed");
    snprintf(f->path, sizeof f->path, "%s", options->path);
    snprintf(f->rejects_path, sizeof f->rejects_path, "%s.rejects.csv", f->path);
    f->map = options->map;
    f->map_count = options->map_count;
    f->row.lenient = options->lenient;
    f->dry = options->dry || options->lenient;
    f->any_columns = options->any_columns;
    f->doubles = options->doubles;
    f->fd = -1;
    int rc = columns_check_map(options, err);
    if (rc == 0)
        rc = open_file(f, options->encoding, err);
    if (rc == 0 && !f->dry && unlink(f->rejects_path) != 0 && errno != ENOENT)
        rc = err_errno(err, "cannot remove the old %s", f->rejects_path);
    if (rc != 0)
        feed_free(f);
    else
        *out = f;
    return rc;
}

/* --- rows --- */

static int open_rejects(struct feed *f, struct err *err)
{
    int fd = f->rejects == NULL ? open(f->rejects_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (f->rejects != NULL)
        return 0;
    f->rejects = fd < 0 ? NULL : fdopen(fd, "w");
    if (f->rejects == NULL || fputs("line,field,reason\n", f->rejects) < 0)
        return err_errno(err, "cannot write %s", f->rejects_path);
    return 0;
}

static int write_reject(struct feed *f, const char *field, const char *reason, struct err *err)
{
    int rc = f->dry ? 0 : open_rejects(f, err);
    if (rc == 0 && !f->dry && fprintf(f->rejects, "%zu,%s,\"%s\"\n", f->row.line, field, reason) < 0)
        rc = err_errno(err, "cannot write %s", f->rejects_path);
    return rc;
}

/* What could not be used of a row: all of it, or some values. */
static int tell(struct feed *f, struct err *err)
{
    int rc = 0;
    if (f->row.bad_reason != NULL)
        rc = write_reject(f, f->row.bad_field, f->row.bad_reason, err);
    else
        for (size_t i = 0; rc == 0 && i < f->row.tells; i++)
            rc = write_reject(f, record_field_name[f->row.told[i].field], f->row.told[i].reason, err);
    f->rejected += f->row.bad_reason != NULL || (f->row.tells > 0 && !f->row.lenient);
    return rc;
}

int feed_find(struct feed *feed, struct record *record, const char *id, struct err *err)
{
    bool end = false;
    int rc;
    while ((rc = feed_next(feed, record, &end, err)) == 0 && !end)
        if (strcmp(record->field[FIELD_RECORD_ID], id) == 0)
            return 0;
    return rc != 0 ? rc : err_set(err, ERR_NOT_FOUND, "the feed has no row for the record of this match");
}

int feed_next_any(struct feed *feed, struct record *record, const char **reason, bool *end, struct err *err)
{
    int rc = feed->json ? jsonl_read_row(feed, end, err) : csv_read_row(feed, end, err);
    *reason = NULL;
    if (rc != 0 || *end)
        return rc;
    row_finish(&feed->row, record);
    if (feed->doubles != NULL && doubles_have(feed->doubles, record->field[FIELD_RECORD_ID]))
        row_reject(&feed->row, record_field_name[FIELD_RECORD_ID], "it stands on more than one row");
    *reason = feed->row.bad_reason;
    return tell(feed, err);
}

const struct field_problem *feed_told(const struct feed *feed, size_t *count)
{
    *count = feed->row.bad_reason == NULL ? feed->row.tells : 0;
    return feed->row.told;
}

int feed_next(struct feed *feed, struct record *record, bool *end, struct err *err)
{
    const char *reason = NULL;
    int rc;
    do
        rc = feed_next_any(feed, record, &reason, end, err);
    while (rc == 0 && !*end && reason != NULL);
    return rc;
}

const char *feed_format(const struct feed *feed)
{
    if (feed->json)
        return "JSON lines";
    return feed->delimiter == ';' ? "semicolons" : feed->delimiter == '\t' ? "tabs" : "commas";
}

const char *feed_encoding(const struct feed *feed)
{
    UErrorCode code = U_ZERO_ERROR;
    const char *name = feed->decode.from != NULL ? ucnv_getName(feed->decode.from, &code) : "UTF-8";
    return name != NULL ? name : "?";
}

bool feed_column(const struct feed *feed, size_t i, const char **name, int *field, const char **near)
{
    if (feed->json || i >= feed->columns)
        return false;
    *name = feed->header[i];
    *field = feed->column_field[i];
    *near = *field == NO_FIELD ? column_nearest(*name) : NULL;
    return true;
}

void feed_progress(const struct feed *feed, uint64_t *done, uint64_t *total)
{
    *done = (uint64_t)decode_mark(&feed->decode);
    *total = feed->total;
}

uint64_t feed_rejected(const struct feed *feed)
{
    return feed->rejected;
}

int feed_finish(struct feed *feed, struct err *err)
{
    FILE *rejects = feed->rejects;
    feed->rejects = NULL;
    if (rejects == NULL)
        return 0;
    int failed = fflush(rejects) != 0 || fsync(fileno(rejects)) != 0;
    if (fclose(rejects) != 0 || failed)
        return err_errno(err, "cannot write %s", feed->rejects_path);
    return 0;
}

void feed_free(struct feed *feed)
{
    if (feed == NULL)
        return;
    if (feed->rejects != NULL)
        fclose(feed->rejects);
    if (feed->fd >= 0)
        close(feed->fd);
    if (feed->parser_ready)
        csv_free(&feed->parser);
    decode_end(&feed->decode);
    explicit_bzero(feed, sizeof *feed);
    free(feed);
}
