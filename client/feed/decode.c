#include "client/feed/decode.h"

#include <string.h>
#include <unicode/ustring.h>
#include <unistd.h>

/* What people hand over in place of text, by how it begins. */
static const struct {
    const char *begins;
    size_t len;
    const char *name, *remedy;
} others[] = {
    {"\xD0\xCF\x11\xE0", 4, "a workbook of an old Excel (.xls), or one with a password",
     "save it as .xlsx without a password"},
    {"\x1F\x8B", 2, "packed with gzip", "unpack it"},
    {"%PDF", 4, "a PDF document", "export the table that it was made from as CSV"},
    {"{\\rtf", 5, "a document of a word processor (.rtf)", "export the table as CSV"},
    {"<", 1, "an XML or HTML document", "export it as CSV or JSON lines"},
    {"SQLite format 3", 15, "a database (SQLite)", "export its table as CSV"},
    {"\xFF\xFE\0\0", 4, "in UTF-32", "save it in UTF-8"},
};

static int refuse_others(const struct decode *d, const char *path, struct err *err)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (d->raw_len >= others[i].len && memcmp(d->raw, others[i].begins, others[i].len) == 0)
            return err_set(err, ERR_INPUT, "%s is %s, not CSV or JSON lines: %s", path, others[i].name,
                           others[i].remedy);
    return 0;
}

/* UTF-16 by its mark, or by the NULs beside the Latin letters with which every header or object begins. */
static const char *recognise(const struct decode *d)
{
    const char *b = d->raw;
    if (d->raw_len < 2)
        return NULL;
    if (memcmp(b, "\xFF\xFE", 2) == 0 || (b[0] != '\0' && b[1] == '\0'))
        return "UTF-16LE";
    return memcmp(b, "\xFE\xFF", 2) == 0 || (b[0] == '\0' && b[1] != '\0') ? "UTF-16BE" : NULL;
}

static int fill(struct decode *d, const char *path, struct err *err)
{
    while (!d->ended && d->raw_len < sizeof d->raw) {
        ssize_t got = read(d->fd, d->raw + d->raw_len, sizeof d->raw - d->raw_len);
        if (got < 0)
            return err_errno(err, "cannot read %s", path);
        d->ended = got == 0;
        d->raw_len += (size_t)got;
        d->at += got;
    }
    return 0;
}

static bool is_known(const char *encoding)
{
    const size_t len = strlen(encoding);
    for (const char *at = DECODE_ENCODINGS; at != NULL; at = strchr(at, ',') != NULL ? strchr(at, ',') + 2 : NULL)
        if (strncasecmp(at, encoding, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    return false;
}

int decode_begin(struct decode *d, int fd, const char *path, const char *encoding, struct err *err)
{
    UErrorCode code = U_ZERO_ERROR;
    *d = (struct decode){.fd = fd};
    if (encoding[0] != '\0' && !is_known(encoding))
        return err_set(err, ERR_USAGE, "--encoding %s: write one of %s", encoding, DECODE_ENCODINGS);
    int rc = fill(d, path, err);
    if (rc == 0)
        rc = refuse_others(d, path, err);
    if (rc != 0)
        return rc;
    const char *name = recognise(d);
    if (name == NULL && encoding[0] != '\0' && strncasecmp(encoding, "utf", 3) != 0)
        name = encoding;
    if (name == NULL && strcasecmp(encoding, "utf-16") == 0)
        return err_set(err, ERR_INPUT, "%s is not in UTF-16: leave out --encoding", path);
    if (name != NULL && (d->from = ucnv_open(name, &code), U_FAILURE(code)))
        return err_set(err, ERR_INTERNAL, "ICU does not read %s: %s", name, u_errorName(code));
    return 0;
}

void decode_end(struct decode *d)
{
    if (d->from != NULL)
        ucnv_close(d->from);
    explicit_bzero(d, sizeof *d);
}

/* What is in raw; of a character whose end is still to come the beginning stays there, so that any mark is whole. */
static int convert(struct decode *d, const char *path, char out[DECODE_OUT], size_t *len, struct err *err)
{
    UChar wide[DECODE_RAW], *to = wide;
    UErrorCode code = U_ZERO_ERROR;
    const char *from = d->raw;
    int32_t bytes = 0;
    ucnv_toUnicode(d->from, &to, wide + DECODE_RAW, &from, d->raw + d->raw_len, NULL, (UBool)d->ended, &code);
    const int32_t pending = U_SUCCESS(code) && !d->ended ? ucnv_toUCountPending(d->from, &code) : 0;
    if (U_SUCCESS(code))
        u_strToUTF8WithSub(out, DECODE_OUT, &bytes, wide, (int32_t)(to - wide), 0xFFFD, NULL, &code);
    ucnv_resetToUnicode(d->from);
    explicit_bzero(wide, sizeof wide);
    if (U_FAILURE(code) && code != U_STRING_NOT_TERMINATED_WARNING)
        return err_set(err, ERR_INTERNAL, "%s: ICU cannot read it: %s", path, u_errorName(code));
    memmove(d->raw, d->raw + d->raw_len - (size_t)pending, (size_t)pending);
    d->raw_len = (size_t)pending;
    *len = (size_t)bytes;
    return 0;
}

int decode_next(struct decode *d, const char *path, char out[DECODE_OUT], size_t *len, struct err *err)
{
    int rc = fill(d, path, err);
    *len = 0;
    if (rc != 0 || d->raw_len == 0)
        return rc;
    if (d->from != NULL)
        return convert(d, path, out, len, err);
    memcpy(out, d->raw, d->raw_len);
    *len = d->raw_len;
    d->raw_len = 0;
    return 0;
}

off_t decode_mark(const struct decode *d)
{
    return d->at - (off_t)d->raw_len;
}

int decode_go_back(struct decode *d, const char *path, off_t mark, struct err *err)
{
    if (lseek(d->fd, mark, SEEK_SET) < 0)
        return err_errno(err, "%s: cannot go back in the file", path);
    d->at = mark;
    d->raw_len = 0;
    d->ended = false;
    return 0;
}
