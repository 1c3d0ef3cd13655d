#include "client/feed/workbook_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (256u << 20) /* of the archive: its directory is held in memory */
#define SMALL_PART_MAX (16u << 20)  /* of workbook, relations and styles, unpacked */
#define TEXTS_PART_MAX (1u << 30)   /* of the shared texts with their markup, unpacked */
#define TEXTS_MAX (256u << 20)      /* bytes of these */
#define TEXTS_COUNT_MAX (8u << 20)
#define RELATIONS_MAX 512
#define FORMATS_MAX 4096

struct relation {
    char id[64], target[160], kind[24]; /* kind: "worksheet", "styles", "sharedStrings", or the end of another */
};

/* What is known while a workbook is opened. */
struct opening {
    struct workbook *book;
    struct err *err;
    int rc; /* of the shared texts */
    struct relation relation[RELATIONS_MAX];
    size_t relations;
    struct {
        char name[WORKBOOK_NAME_MAX + 1], relation[64];
    } sheet[WORKBOOK_SHEETS_MAX];
    size_t sheets;
    unsigned date_format[FORMATS_MAX];
    size_t date_formats;
    bool in_cell_formats, in_text, in_phonetic;
};

static void copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static void ignore_end(void *context, const char *name)
{
    (void)context, (void)name;
}

/* --- relations: what the parts are called --- */

static void relation_begin(void *context, const char *name, const char **attributes)
{
    struct opening *o = context;
    const char *kind = part_attribute(attributes, "Type"), *target = part_attribute(attributes, "Target");
    if (strcmp(name, "Relationship") != 0 || kind == NULL || target == NULL || o->relations == RELATIONS_MAX)
        return;
    struct relation *r = &o->relation[o->relations++];
    const char *slash = strrchr(kind, '/');
    copy(r->id, sizeof r->id, part_attribute(attributes, "Id"));
    copy(r->kind, sizeof r->kind, slash != NULL ? slash + 1 : kind);
    if (target[0] == '/')
        copy(r->target, sizeof r->target, target + 1);
    else
        snprintf(r->target, sizeof r->target, "xl/%s", target);
}

static const struct relation *relation_of_kind(const struct opening *o, const char *kind)
{
    for (size_t i = 0; i < o->relations; i++)
        if (strcmp(o->relation[i].kind, kind) == 0)
            return &o->relation[i];
    return NULL;
}

static const struct relation *relation_of_id(const struct opening *o, const char *id)
{
    for (size_t i = 0; i < o->relations; i++)
        if (strcmp(o->relation[i].id, id) == 0)
            return &o->relation[i];
    return NULL;
}

/* --- the workbook: its sheets, and the day from which it counts --- */

static bool says_yes(const char *text)
{
    return text != NULL && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

static void workbook_begin(void *context, const char *name, const char **attributes)
{
    struct opening *o = context;
    if (strcmp(name, "workbookPr") == 0)
        o->book->from_1904 = says_yes(part_attribute(attributes, "date1904"));
    if (strcmp(name, "sheet") != 0 || o->sheets == WORKBOOK_SHEETS_MAX)
        return;
    copy(o->sheet[o->sheets].name, sizeof o->sheet[0].name, part_attribute(attributes, "name"));
    copy(o->sheet[o->sheets].relation, sizeof o->sheet[0].relation, part_attribute(attributes, "id"));
    const struct relation *r = relation_of_id(o, o->sheet[o->sheets].relation);
    o->sheets += r != NULL && strcmp(r->kind, "worksheet") == 0; /* others are charts */
}

/* --- styles: which cells hold dates --- */

/*
 * A date's format has a day or a year; what stands in quotes or brackets, or behind a sign that makes it a letter,
 * counts not.
 */
static bool format_is_date(const char *code)
{
    for (; *code != '\0'; code++) {
        if (*code == '"' || *code == '[') {
            code = strchr(code + 1, *code == '[' ? ']' : '"');
            if (code == NULL)
                return false;
        } else if (strchr("\\_*", *code) != NULL) {
            if (*++code == '\0')
                return false;
        } else if (strchr("yYdD", *code) != NULL) {
            return true;
        }
    }
    return false;
}

/* The numbers of formats that no workbook has to write down; some are dates where the language is one of East Asia. */
static bool number_is_date(unsigned n)
{
    return (n >= 14 && n <= 17) || n == 22 || (n >= 27 && n <= 31) || n == 36 || (n >= 50 && n <= 54) || n == 57 ||
           n == 58;
}

static unsigned number_of(const char **attributes, const char *name)
{
    const char *text = part_attribute(attributes, name);
    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static void styles_begin(void *context, const char *name, const char **attributes)
{
    struct opening *o = context;
    const char *code = part_attribute(attributes, "formatCode");
    const unsigned number = number_of(attributes, "numFmtId");
    if (strcmp(name, "cellXfs") == 0)
        o->in_cell_formats = true;
    if (strcmp(name, "numFmt") == 0 && code != NULL && format_is_date(code) && o->date_formats < FORMATS_MAX)
        o->date_format[o->date_formats++] = number;
    if (strcmp(name, "xf") != 0 || !o->in_cell_formats || o->book->styles == STYLES_MAX)
        return;
    bool date = number_is_date(number);
    for (size_t i = 0; !date && i < o->date_formats; i++)
        date = o->date_format[i] == number;
    o->book->date[o->book->styles++] = date;
}

static void styles_end(void *context, const char *name)
{
    if (strcmp(name, "cellXfs") == 0)
        ((struct opening *)context)->in_cell_formats = false;
}

/* --- shared texts --- */

static void put_start(struct opening *o)
{
    const uint32_t at = (uint32_t)o->book->texts.len;
    if (o->rc == 0)
        o->rc = buf_put(&o->book->starts, &at, sizeof at, o->err);
}

static void texts_begin(void *context, const char *name, const char **attributes)
{
    struct opening *o = context;
    (void)attributes;
    if (strcmp(name, "si") == 0)
        put_start(o);
    else if (strcmp(name, "t") == 0)
        o->in_text = !o->in_phonetic;
    else if (strcmp(name, "rPh") == 0)
        o->in_phonetic = true;
}

static void texts_end(void *context, const char *name)
{
    struct opening *o = context;
    if (strcmp(name, "t") == 0)
        o->in_text = false;
    else if (strcmp(name, "rPh") == 0)
        o->in_phonetic = false;
}

static void texts_text(void *context, const char *text, size_t len)
{
    struct opening *o = context;
    if (o->in_text && o->rc == 0)
        o->rc = buf_put(&o->book->texts, text, len, o->err);
}

/* --- opening --- */

static const struct part_events relation_events = {relation_begin, ignore_end, NULL},
                                workbook_events = {workbook_begin, ignore_end, NULL},
                                styles_events = {styles_begin, styles_end, NULL},
                                texts_events = {texts_begin, texts_end, texts_text};

/* What else people keep in ZIP archives. */
static int refuse_others(const char *path, zip_t *zip, struct err *err)
{
    static const struct {
        const char *part, *name;
    } others[] = {{"xl/workbook.bin", "a binary workbook (.xlsb): save it as .xlsx"},
                  {"content.xml", "an OpenDocument file (.ods): save it as .xlsx, or as CSV UTF-8"},
                  {"word/document.xml", "a document of a word processor (.docx): export its table as CSV"}};
    if (zip_name_locate(zip, "xl/workbook.xml", ZIP_FL_NOCASE) >= 0)
        return 0;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (zip_name_locate(zip, others[i].part, ZIP_FL_NOCASE) >= 0)
            return err_set(err, ERR_INPUT, "%s is %s", path, others[i].name);
    return err_set(err, ERR_INPUT, "%s is a ZIP archive, and no workbook (.xlsx): unpack it", path);
}

static int open_zip(struct workbook *book, int fd, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_errno(err, "cannot read %s", book->path);
    if (st.st_size > (off_t)FILE_BYTES_MAX)
        return err_set(err, ERR_INPUT, "%s: a workbook of more than 256 MiB: save the sheet as CSV UTF-8", book->path);
    int why = 0, own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        return err_errno(err, "cannot read %s", book->path);
    book->zip = zip_fdopen(own, 0, &why);
    if (book->zip != NULL)
        return refuse_others(book->path, book->zip, err);
    close(own);
    return err_set(err, ERR_INPUT, "%s is a damaged workbook, or one that was not copied whole: copy or save it anew",
                   book->path);
}

/* " A, B, C": as many as fit. */
static void list_sheets(const struct opening *o, char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < o->sheets && len + WORKBOOK_NAME_MAX + 3 < size; i++)
        len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? ", " : "", o->sheet[i].name);
}

/* Which of them is read. */
static int choose(const struct opening *o, const char *wanted, size_t *chosen, struct err *err)
{
    char list[400];
    const char *path = o->book->path;
    list_sheets(o, list, sizeof list);
    if (o->sheets == 0)
        return err_set(err, ERR_INPUT, "%s has no sheet of cells", path);
    if (wanted[0] == '\0' && o->sheets > 1)
        return err_set(err, ERR_USAGE, "%s has %zu sheets: say which with --sheet NAME: %s", path, o->sheets, list);
    for (*chosen = 0; wanted[0] != '\0' && *chosen < o->sheets; ++*chosen)
        if (strcasecmp(o->sheet[*chosen].name, wanted) == 0)
            break;
    return *chosen < o->sheets ? 0 : err_set(err, ERR_USAGE, "%s has no sheet %s: it has %s", path, wanted, list);
}

static int read_texts(struct opening *o, struct err *err)
{
    const struct relation *r = relation_of_kind(o, "sharedStrings");
    struct workbook *book = o->book;
    if (r == NULL)
        return 0;
    o->err = err;
    int rc = part_read_all(book->path, book->zip, r->target, true, TEXTS_PART_MAX, &texts_events, o, err);
    put_start(o);
    if (rc == 0 && o->rc != 0)
        rc = err_wrap(err, "%s: the texts of its cells: save the sheet as CSV UTF-8", book->path);
    return rc;
}

static int read_parts(struct opening *o, const char *sheet, struct err *err)
{
    struct workbook *book = o->book;
    size_t chosen = 0;
    int rc = part_read_all(book->path, book->zip, "xl/_rels/workbook.xml.rels", false, SMALL_PART_MAX, &relation_events,
                           o, err);
    if (rc == 0)
        rc = part_read_all(book->path, book->zip, "xl/workbook.xml", false, SMALL_PART_MAX, &workbook_events, o, err);
    if (rc == 0)
        rc = choose(o, sheet, &chosen, err);
    const struct relation *styles = relation_of_kind(o, "styles");
    if (rc == 0 && styles != NULL)
        rc = part_read_all(book->path, book->zip, styles->target, true, SMALL_PART_MAX, &styles_events, o, err);
    if (rc == 0)
        rc = read_texts(o, err);
    if (rc != 0)
        return rc;
    copy(book->name, sizeof book->name, o->sheet[chosen].name);
    return sheet_open(book, relation_of_id(o, o->sheet[chosen].relation)->target, err);
}

int workbook_open(struct workbook **out, const char *path, int fd, const char *sheet, struct err *err)
{
    struct workbook *book = calloc(1, sizeof *book);
    struct opening *o = calloc(1, sizeof *o);
    int rc = book != NULL && o != NULL ? 0 : err_set(err, ERR_NO_MEMORY, "out of memory for a workbook");
    if (rc == 0) {
        copy(book->path, sizeof book->path, path);
        book->texts = buf_of(TEXTS_MAX);
        book->starts = buf_of((TEXTS_COUNT_MAX + 1) * sizeof(uint32_t));
        o->book = book;
        rc = open_zip(book, fd, err);
    }
    if (rc == 0)
        rc = read_parts(o, sheet, err);
    free(o);
    if (rc != 0)
        workbook_free(book);
    else
        *out = book;
    return rc;
}

void workbook_free(struct workbook *book)
{
    if (book == NULL)
        return;
    part_close(&book->sheet.part);
    if (book->zip != NULL)
        zip_discard(book->zip);
    buf_free(&book->texts);
    buf_free(&book->starts);
    explicit_bzero(book, sizeof *book);
    free(book);
}

const char *workbook_sheet(const struct workbook *book)
{
    return book->name;
}

bool workbook_counts_from_1904(const struct workbook *book)
{
    return book->from_1904;
}
