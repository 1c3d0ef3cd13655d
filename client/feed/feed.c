#include "client/feed/feed.h"

#include "client/identity/normalise.h"
#include "protocol/base/file.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unicode/utf8.h>
#include <unistd.h>

#define CHUNK (64 * 1024)
#define COLUMNS_MAX 256
#define NO_FIELD (-1)

struct feed {
    char path[PATH_LIMIT], rejects_path[PATH_LIMIT + 16];
    int fd;
    FILE *rejects;
    struct csv_parser parser;
    bool parser_ready, ended, row_done, lenient;
    char chunk[CHUNK];
    size_t chunk_len, chunk_at;
    uint64_t done, total, rejected;
    size_t lines, row_line; /* line breaks seen; the line the row began on */
    int column_field[COLUMNS_MAX];
    size_t columns;
    bool has_header;
    /* The row being read. */
    char value[FIELDS][FIELD_SIZE_MAX + 1];
    size_t column;
    const char *bad_field, *bad_reason;
    char header[COLUMNS_MAX][64];
};

/* --- libcsv's callbacks --- */

static bool is_utf8(const char *text, size_t len)
{
    for (int32_t i = 0; i < (int32_t)len;) {
        UChar32 c;
        U8_NEXT(text, i, (int32_t)len, c);
        if (c <= 0)
            return false;
    }
    return true;
}

static void reject(struct feed *f, const char *field, const char *reason)
{
    if (f->bad_reason == NULL) {
        f->bad_field = field;
        f->bad_reason = reason;
    }
}

static void reject_value(struct feed *f, int field, const char *reason)
{
    if (f->lenient && field != FIELD_RECORD_ID)
        f->value[field][0] = '\0';
    else
        reject(f, record_field_name[field], reason);
}

static void take_header(struct feed *f, const char *text, size_t len)
{
    if (f->column == 0 && len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        len -= 3;
    }
    if (!is_utf8(text, len))
        reject(f, "header", "not UTF-8 text");
    else if (f->column == COLUMNS_MAX)
        reject(f, "header", "too many columns");
    else
        snprintf(f->header[f->column], sizeof f->header[0], "%.*s", (int)len, text);
}

static void take_value(struct feed *f, const char *text, size_t len)
{
    if (f->column >= f->columns) {
        reject(f, "row", "more values than the header has columns");
        return;
    }
    int field = f->column_field[f->column];
    if (field == NO_FIELD)
        return;
    if (len > FIELD_SIZE_MAX)
        reject_value(f, field, "too long");
    else if (!is_utf8(text, len))
        reject_value(f, field, "not UTF-8 text");
    else
        memcpy(f->value[field], text, len);
}

static void on_value(void *text, size_t len, void *context)
{
    struct feed *f = context;
    const char *s = text;
    while (len > 0 && (*s == ' ' || *s == '\t'))
        s++, len--;
    while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
        len--;
    if (f->has_header)
        take_value(f, s, len);
    else
        take_header(f, s, len);
    f->column++;
}

static void on_row(int c, void *context)
{
    (void)c;
    ((struct feed *)context)->row_done = true;
}

/* --- reading --- */

static int parser_failed(struct feed *f, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s, line %zu: %s", f->path, f->lines + 1,
                   csv_error(&f->parser) == CSV_EPARSE ? "a quote stands where none may be" : csv_strerror(csv_error(&f->parser)));
}

/* Reads on to the end of a row. *end: there is none any more. */
static int read_row(struct feed *f, bool *end, struct err *err)
{
    explicit_bzero(f->value, sizeof f->value);
    f->row_done = *end = false;
    f->column = 0;
    f->bad_reason = NULL;
    f->row_line = f->lines + 1;
    while (!f->row_done) {
        if (f->chunk_at == f->chunk_len && !f->ended) {
            ssize_t got = read(f->fd, f->chunk, CHUNK);
            if (got < 0)
                return err_errno(err, "cannot read %s", f->path);
            f->chunk_at = 0;
            f->chunk_len = (size_t)got;
            f->ended = got == 0;
        }
        if (f->ended) {
            csv_fini(&f->parser, on_value, on_row, f);
            *end = !f->row_done;
            return 0;
        }
        if (csv_parse(&f->parser, f->chunk + f->chunk_at, 1, on_value, on_row, f) != 1)
            return parser_failed(f, err);
        f->lines += f->chunk[f->chunk_at] == '\n';
        if (f->column == 0 && !f->row_done && f->chunk[f->chunk_at] == '\n')
            f->row_line = f->lines + 1;
        f->chunk_at++;
        f->done++;
    }
    return 0;
}

/* --- the header --- */

static int field_named(const char *name)
{
    for (int i = 0; i < FIELDS; i++)
        if (strcasecmp(name, record_field_name[i]) == 0)
            return i;
    return NO_FIELD;
}

/* A column's field: what the map says of it, else what its own name is. */
static int map_column(const struct feed_options *options, const char *column)
{
    for (size_t i = 0; i < options->map_count; i++) {
        const char *sign = strrchr(options->map[i], '=');
        size_t len = (size_t)(sign - options->map[i]);
        if (strlen(column) == len && strncmp(column, options->map[i], len) == 0)
            return field_named(sign + 1);
    }
    return field_named(column);
}

static int check_map(const struct feed_options *options, struct err *err)
{
    for (size_t i = 0; i < options->map_count; i++) {
        const char *sign = strrchr(options->map[i], '=');
        if (sign == NULL || sign == options->map[i] || field_named(sign + 1) == NO_FIELD)
            return err_set(err, ERR_USAGE, "--map %s: write COLUMN=FIELD, FIELD being one of record_id, family_name, "
                           "given_names, name_native, aliases, sex, date_of_birth, nationality, doc_type, doc_issuer, doc_number",
                           options->map[i]);
    }
    return 0;
}

static int read_header(struct feed *f, const struct feed_options *options, struct err *err)
{
    bool end, seen[FIELDS] = {false};
    int rc = read_row(f, &end, err);
    if (rc != 0)
        return rc;
    if (end)
        return err_set(err, ERR_INPUT, "%s is empty: a feed begins with a line of column names", f->path);
    if (f->bad_reason != NULL)
        return err_set(err, ERR_INPUT, "%s is no CSV file in UTF-8: its %s is %s", f->path, f->bad_field, f->bad_reason);
    f->columns = f->column;
    for (size_t i = 0; i < f->columns; i++) {
        int field = map_column(options, f->header[i]);
        f->column_field[i] = field;
        if (field == NO_FIELD)
            continue;
        if (seen[field])
            return err_set(err, ERR_INPUT, "%s: two columns for %s", f->path, record_field_name[field]);
        seen[field] = true;
    }
    if (!seen[FIELD_RECORD_ID])
        return err_set(err, ERR_INPUT, "%s has no column record_id (name the columns with --map COLUMN=FIELD)", f->path);
    f->has_header = true;
    return 0;
}

int feed_open(struct feed **out, const struct feed_options *options, struct err *err)
{
    struct stat st;
    struct feed *f = calloc(1, sizeof *f);
    if (f == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a feed");
    snprintf(f->path, sizeof f->path, "%s", options->path);
    snprintf(f->rejects_path, sizeof f->rejects_path, "%s.rejects.csv", f->path);
    f->fd = open(options->path, O_RDONLY | O_CLOEXEC);
    int rc = check_map(options, err);
    if (rc == 0 && (f->fd < 0 || fstat(f->fd, &st) != 0))
        rc = err_errno(err, "cannot open the feed %s", options->path);
    if (rc == 0 && S_ISDIR(st.st_mode))
        rc = err_set(err, ERR_INPUT, "%s is a directory: name a CSV file", options->path);
    if (rc == 0) {
        f->total = (uint64_t)st.st_size;
        f->parser_ready = csv_init(&f->parser, CSV_STRICT | CSV_STRICT_FINI) == 0;
        rc = f->parser_ready ? read_header(f, options, err) : err_set(err, ERR_NO_MEMORY, "out of memory for a feed");
    }
    f->lenient = options->lenient;
    if (rc == 0 && !f->lenient && unlink(f->rejects_path) != 0 && errno != ENOENT)
        rc = err_errno(err, "cannot remove the old %s", f->rejects_path);
    if (rc != 0)
        feed_free(f);
    else
        *out = f;
    return rc;
}

/* --- rows --- */

static bool is_country(const char *text)
{
    size_t i = 0;
    for (; text[i] != '\0'; i++)
        if (i == 3 || !((text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= 'a' && text[i] <= 'z')))
            return false;
    return i == 3 || i == 0;
}

/* Year and month, or the year, of a date whose rest is impossible. */
static void shorten_date(char *text)
{
    struct birth_date date;
    for (size_t len = strlen(text); len > 4 && !normalise_date(&date, text);)
        text[--len] = '\0';
}

static void check_row(struct feed *f)
{
    struct birth_date date;
    if (f->lenient)
        shorten_date(f->value[FIELD_DATE_OF_BIRTH]);
    const char *sex = f->value[FIELD_SEX];
    if (f->column < f->columns)
        reject(f, "row", "fewer values than the header has columns");
    if (f->value[FIELD_RECORD_ID][0] == '\0')
        reject(f, "record_id", "missing");
    if (sex[0] != '\0' && (sex[1] != '\0' || strchr("FMXfmx", sex[0]) == NULL))
        reject_value(f, FIELD_SEX, "not F, M or X");
    if (f->value[FIELD_DATE_OF_BIRTH][0] != '\0' && !normalise_date(&date, f->value[FIELD_DATE_OF_BIRTH]))
        reject_value(f, FIELD_DATE_OF_BIRTH, "not YYYY, YYYY-MM or YYYY-MM-DD, or no day of the calendar");
    if (!is_country(f->value[FIELD_NATIONALITY]))
        reject_value(f, FIELD_NATIONALITY, "not three letters (ISO 3166-1 alpha-3)");
    if (!is_country(f->value[FIELD_DOC_ISSUER]))
        reject_value(f, FIELD_DOC_ISSUER, "not three letters (ISO 3166-1 alpha-3)");
}

static int write_reject(struct feed *f, struct err *err)
{
    if (f->lenient) {
        f->rejected++;
        return 0;
    }
    if (f->rejects == NULL) {
        int fd = open(f->rejects_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        f->rejects = fd < 0 ? NULL : fdopen(fd, "w");
        if (f->rejects == NULL)
            return err_errno(err, "cannot write %s", f->rejects_path);
        fputs("line,field,reason\n", f->rejects);
    }
    f->rejected++;
    if (fprintf(f->rejects, "%zu,%s,\"%s\"\n", f->row_line, f->bad_field, f->bad_reason) < 0)
        return err_errno(err, "cannot write %s", f->rejects_path);
    return 0;
}

/* Splits "one | two; three" in place into values one after another; how many stand behind the first. */
static unsigned char split_values(char *text)
{
    char *to = text;
    unsigned char count = 0;
    for (char *from = text; count < FIELD_VALUES_MAX;) {
        from += strspn(from, " |;");
        size_t len = strcspn(from, "|;"), kept = len;
        bool last = from[len] == '\0';
        if (len == 0)
            break;
        while (from[kept - 1] == ' ')
            kept--;
        memmove(to, from, kept);
        to[kept] = '\0';
        to += kept + 1;
        count++;
        if (last)
            break;
        from += len + 1;
    }
    if (count == 0)
        text[0] = '\0';
    return (unsigned char)(count > 0 ? count - 1 : 0);
}

int feed_next(struct feed *feed, struct record *record, bool *end, struct err *err)
{
    int rc;
    for (;;) {
        rc = read_row(feed, end, err);
        if (rc != 0 || *end)
            return rc;
        check_row(feed);
        if (feed->bad_reason == NULL)
            break;
        rc = write_reject(feed, err);
        if (rc != 0)
            return rc;
    }
    for (int i = 0; i < FIELDS; i++) {
        record->field[i] = feed->value[i];
        record->more[i] = i == FIELD_ALIASES ? split_values(feed->value[i]) : 0;
    }
    record->line = feed->row_line;
    return 0;
}

void feed_progress(const struct feed *feed, uint64_t *done, uint64_t *total)
{
    *done = feed->done;
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
    explicit_bzero(feed, sizeof *feed);
    free(feed);
}
