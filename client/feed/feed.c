#include "client/feed/columns.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
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

/* A workbook is a ZIP archive, whatever its name. */
static bool is_archive(int fd)
{
    char begins[4];
    return pread(fd, begins, sizeof begins, 0) == sizeof begins && memcmp(begins, "PK\3\4", sizeof begins) == 0;
}

static int open_file(struct feed *f, const struct feed_options *options, struct err *err)
{
    struct stat st;
    f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0 || fstat(f->fd, &st) != 0)
        return err_errno(err, "cannot open the feed %s", f->path);
    if (S_ISDIR(st.st_mode))
        return err_set(err, ERR_INPUT, "%s is a directory: name a file", f->path);
    f->total = (uint64_t)st.st_size;
    if (is_archive(f->fd))
        return xlsx_open(f, options->sheet != NULL ? options->sheet : "", err);
    int rc = decode_begin(&f->decode, f->fd, f->path, options->encoding != NULL ? options->encoding : "", err);
    return rc == 0 ? find_format(f, err) : rc;
}

/* Eight digits that tell the directories of two feeds apart. */
static uint32_t directory_number(const char *path, size_t len)
{
    static const uint8_t key[crypto_shorthash_KEYBYTES];
    char directory[PATH_LIMIT], *real;
    uint8_t hash[crypto_shorthash_BYTES];
    snprintf(directory, sizeof directory, "%.*s", len > 0 ? (int)len : 1, len > 0 ? path : ".");
    real = realpath(directory, NULL);
    const char *where = real != NULL ? real : directory;
    crypto_shorthash(hash, (const uint8_t *)where, strlen(where), key);
    free(real);
    return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
}

void feed_rejects_path(char out[FEED_REJECTS_MAX], const struct feed_options *options)
{
    const char *slash = strrchr(options->path, '/'), *name = slash != NULL ? slash + 1 : options->path;
    if (options->rejects != NULL && options->rejects[0] != '\0')
        snprintf(out, FEED_REJECTS_MAX, "%.*s/%s.%08x.rejects.csv", (int)(PATH_LIMIT - 1 - strlen(name)),
                 options->rejects, name, directory_number(options->path, (size_t)(name - options->path)));
    else
        snprintf(out, FEED_REJECTS_MAX, "%s.rejects.csv", options->path);
}

bool feed_rejects_left(char out[FEED_REJECTS_MAX], const struct feed_options *options)
{
    feed_rejects_path(out, options);
    return access(out, F_OK) == 0;
}

static int rejects_fail(const struct feed *f, const char *what, struct err *err)
{
    return err_errno(err, "%s %s (--rejects DIR puts it elsewhere)", what, f->rejects_path);
}

int feed_open(struct feed **out, const struct feed_options *options, struct err *err)
{
    struct feed *f = calloc(1, sizeof *f);
    if (f == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a feed");
    snprintf(f->path, sizeof f->path, "%s", options->path);
    feed_rejects_path(f->rejects_path, options);
    f->row.dates = &f->dates;
    f->map = options->map;
    f->map_count = options->map_count;
    f->row.lenient = options->lenient;
    f->dry = options->dry || options->lenient;
    f->any_columns = options->any_columns;
    f->doubles = options->doubles;
    f->fd = -1;
    int rc = columns_check_map(options, err);
    if (rc == 0)
        rc = dates_declare(&f->dates, options->dates, err);
    if (options->dates_mixed && f->dates.order == DATES_UNSAID)
        f->dates.order = DATES_MIXED;
    if (rc == 0)
        rc = open_file(f, options, err);
    if (rc == 0 && !f->dry && unlink(f->rejects_path) != 0 && errno != ENOENT)
        rc = rejects_fail(f, "cannot remove the old", err);
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
    if (f->rejects == NULL || fputs("line,record_id,field,fault,remedy\n", f->rejects) < 0)
        return rejects_fail(f, "cannot write", err);
    return 0;
}

static int write_reject(struct feed *f, const char *id, const struct row_fault *fault, struct err *err)
{
    if (f->dry)
        return 0;
    int rc = open_rejects(f, err);
    if (rc != 0)
        return rc;
    fprintf(f->rejects, "%zu,\"", f->row.line);
    for (; *id != '\0'; id++)
        fprintf(f->rejects, *id == '"' ? "\"\"" : "%c", *id);
    if (fprintf(f->rejects, "\",%s,\"%s\",\"%s\"\n", fault->field, fault->reason, fault->remedy) < 0)
        return rejects_fail(f, "cannot write", err);
    return 0;
}

/* What could not be used of a row: all of it, and which values. */
static int tell(struct feed *f, const char *id, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < f->row.faults; i++)
        rc = write_reject(f, id, &f->row.fault[i], err);
    for (size_t i = 0; rc == 0 && i < f->row.tells; i++) {
        const struct field_problem *p = &f->row.told[i];
        rc = write_reject(f, id, &(struct row_fault){record_field_name[p->field], p->reason, p->remedy}, err);
    }
    f->rejected += f->row.faults > 0 || (f->row.tells > 0 && !f->row.lenient);
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

static int read_row(struct feed *f, bool *end, struct err *err)
{
    if (f->book != NULL)
        return xlsx_read_row(f, end, err);
    return f->json ? jsonl_read_row(f, end, err) : csv_read_row(f, end, err);
}

int feed_next_any(struct feed *feed, struct record *record, const char **reason, bool *end, struct err *err)
{
    int rc = read_row(feed, end, err);
    *reason = NULL;
    if (rc != 0 || *end)
        return rc;
    row_finish(&feed->row, record);
    if (feed->doubles != NULL && doubles_have(feed->doubles, record->field[FIELD_RECORD_ID]))
        row_reject(&feed->row, record_field_name[FIELD_RECORD_ID], "it stands on more than one row",
                   "keep one of the rows, or give each an id of its own");
    *reason = feed->row.faults > 0 ? feed->row.fault[0].reason : NULL;
    return tell(feed, record->field[FIELD_RECORD_ID], err);
}

const struct field_problem *feed_told(const struct feed *feed, size_t *count)
{
    *count = feed->row.tells;
    return feed->row.told;
}

bool feed_asks_order(const struct feed *feed)
{
    return feed->dates.order == DATES_UNSAID;
}

const struct row_fault *feed_fault(const struct feed *feed, size_t i)
{
    return i < feed->row.faults ? &feed->row.fault[i] : NULL;
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
    if (feed->book != NULL)
        return feed->format;
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
    if (feed->book != NULL)
        workbook_progress(feed->book, done, total);
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
    workbook_free(feed->book);
    decode_end(&feed->decode);
    explicit_bzero(feed, sizeof *feed);
    free(feed);
}
