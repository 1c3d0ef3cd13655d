#include "client/identity/normalise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define INPUT_MAX 512
#define WIDE_MAX 4096
#define TOKENS_MAX 64

/* Every script to Latin, compatibility forms and marks resolved, then ASCII as far as ICU knows it. */
static const char rules[] = "NFKC; Any-Latin; NFD; [:Nonspacing Mark:] Remove; Latin-ASCII; Any-Upper";

struct normaliser {
    UTransliterator *transliterator;
    UChar wide[WIDE_MAX];
};

int normaliser_new(struct normaliser **out, struct err *err)
{
    UChar id[sizeof rules];
    UErrorCode code = U_ZERO_ERROR;
    struct normaliser *n = calloc(1, sizeof *n);
    if (n == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for normalising");
    u_charsToUChars(rules, id, sizeof rules);
    n->transliterator = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &code);
    if (U_FAILURE(code)) {
        normaliser_free(n);
        return err_set(err, ERR_INTERNAL, "ICU has no transliterator \"%s\": %s", rules, u_errorName(code));
    }
    *out = n;
    return 0;
}

void normaliser_free(struct normaliser *normaliser)
{
    if (normaliser == NULL)
        return;
    if (normaliser->transliterator != NULL)
        utrans_close(normaliser->transliterator);
    memset(normaliser->wide, 0, sizeof normaliser->wide);
    free(normaliser);
}

/* --- tokens --- */

struct tokens {
    const char *token[TOKENS_MAX];
    size_t count;
};

/* Splits text in place at spaces. What is beyond TOKENS_MAX is dropped: no name has as many. */
static void split(struct tokens *out, char *text)
{
    char *rest = text;
    out->count = 0;
    for (char *t; out->count < TOKENS_MAX && (t = strtok_r(rest, " ", &rest)) != NULL;)
        out->token[out->count++] = t;
}

static void join(char out[NORMALISED_MAX], const struct tokens *tokens)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < tokens->count; i++) {
        size_t more = strlen(tokens->token[i]);
        if (len + more + 2 > NORMALISED_MAX)
            return;
        if (len > 0)
            out[len++] = ' ';
        memcpy(out + len, tokens->token[i], more + 1);
        len += more;
    }
}

static int compare_tokens(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* --- names --- */

/* What is no part of a name; and spellings of one and the same, which even one person's documents mix. */
static const char *const titles[] = {"MR", "MRS", "MS", "MISS", "DR", "PROF", "SIR", "HAJI", "HAJJI", "HAJJAH", "SRI", "SHRI",
                                     "DATO", "DATUK", "TUN", "NAI", "NANG", "NANGSAO", "SON", "DAUGHTER", "AL", "EL"};
static const char *const same[][2] = {
    {"MD", "MOHAMMED"}, {"MOHD", "MOHAMMED"}, {"MUHD", "MOHAMMED"}, {"MOHAMAD", "MOHAMMED"}, {"MOHAMED", "MOHAMMED"},
    {"MOHAMMAD", "MOHAMMED"}, {"MUHAMAD", "MOHAMMED"}, {"MUHAMMAD", "MOHAMMED"}, {"MUHAMMED", "MOHAMMED"},
    {"MOHAMMOD", "MOHAMMED"}, {"MUHAMED", "MOHAMMED"}, {"MHD", "MOHAMMED"}, {"MST", "MOSAMMAT"}, {"MOST", "MOSAMMAT"},
    {"MUSAMMAT", "MOSAMMAT"}, {"BN", "BIN"}, {"IBN", "BIN"}, {"BTE", "BINTI"}, {"BTI", "BINTI"}, {"BINTE", "BINTI"},
    {"BINT", "BINTI"}, {"ABD", "ABDUL"}, {"ABDAL", "ABDUL"},
};

static bool is_title(const char *token)
{
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (strcmp(token, titles[i]) == 0)
            return true;
    return false;
}

static const char *unify(const char *token)
{
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (strcmp(token, same[i][0]) == 0)
            return same[i][1];
    return token;
}

/* Letters and digits stay, apostrophes vanish, all else parts tokens. */
static void to_ascii(char *out, size_t size, const UChar *wide, int32_t len)
{
    size_t n = 0;
    for (int32_t i = 0; i < len && n + 2 < size; i++) {
        UChar c = wide[i];
        if (c >= 'a' && c <= 'z')
            c = (UChar)(c - 'a' + 'A');
        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out[n++] = (char)c;
        else if (c != '\'' && c != '`' && c != 0x2019 && c != 0x02BC && c != 0x02BB && n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    out[n] = '\0';
}

static int transliterate(struct normaliser *n, int32_t *len, const char *text, struct err *err)
{
    UErrorCode code = U_ZERO_ERROR;
    if (strnlen(text, INPUT_MAX + 1) > INPUT_MAX)
        return err_set(err, ERR_INPUT, "a name is longer than %d bytes", INPUT_MAX);
    u_strFromUTF8(n->wide, WIDE_MAX, len, text, -1, &code);
    if (U_FAILURE(code))
        return err_set(err, ERR_INPUT, "a name is not UTF-8");
    int32_t limit = *len;
    utrans_transUChars(n->transliterator, n->wide, len, WIDE_MAX, 0, &limit, &code);
    if (U_FAILURE(code))
        return err_set(err, ERR_INPUT, "a name cannot be transliterated: %s", u_errorName(code));
    return 0;
}

int normalise_name(struct normaliser *n, char out[NORMALISED_MAX], const char *name, struct err *err)
{
    char text[WIDE_MAX];
    struct tokens all, kept = {.count = 0};
    int32_t len = 0;
    out[0] = '\0';
    if (name[0] == '\0')
        return 0;
    int rc = transliterate(n, &len, name, err);
    if (rc == 0) {
        to_ascii(text, sizeof text, n->wide, len);
        split(&all, text);
        for (size_t i = 0; i < all.count; i++)
            if (!is_title(all.token[i]))
                kept.token[kept.count++] = unify(all.token[i]);
        join(out, kept.count > 0 ? &kept : &all);
    }
    explicit_bzero(text, sizeof text);
    explicit_bzero(n->wide, sizeof n->wide);
    return rc;
}

void normalise_unordered(char out[NORMALISED_MAX], const char *name)
{
    char text[NORMALISED_MAX];
    struct tokens tokens;
    snprintf(text, sizeof text, "%s", name);
    split(&tokens, text);
    qsort(tokens.token, tokens.count, sizeof tokens.token[0], compare_tokens);
    join(out, &tokens);
    explicit_bzero(text, sizeof text);
}

/* --- documents and dates --- */

void normalise_document(char out[NORMALISED_MAX], const char *number)
{
    size_t n = 0;
    for (; *number != '\0' && n + 1 < NORMALISED_MAX; number++) {
        char c = *number;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (c == 'O')
            c = '0';
        else if (c == 'I')
            c = '1';
        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out[n++] = c;
    }
    out[n] = '\0';
}

static bool digits(const char *text, size_t count, unsigned *out)
{
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *out = *out * 10 + (unsigned)(text[i] - '0');
    }
    return true;
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool normalise_date(struct birth_date *out, const char *text)
{
    struct birth_date d = {0};
    size_t len = strnlen(text, 11);
    char dashed[11];
    if (len == 8 && digits(text, 8, &d.year)) {
        snprintf(dashed, sizeof dashed, "%.4s-%.2s-%.2s", text, text + 4, text + 6);
        text = dashed;
        len = 10;
    }
    if ((len != 4 && len != 7 && len != 10) || !digits(text, 4, &d.year) || d.year < 1850 || d.year > 2150)
        return false;
    if (len >= 7 && (text[4] != '-' || !digits(text + 5, 2, &d.month) || d.month < 1 || d.month > 12))
        return false;
    if (len == 10 && (text[7] != '-' || !digits(text + 8, 2, &d.day) || d.day < 1 || d.day > days_in(d.year, d.month)))
        return false;
    *out = d;
    return true;
}
