#include "client/page/language.h"

#include <stdio.h>
#include <string.h>

#define MAGIC 0x950412deu
#define HEAD 28

static const uint8_t bengali[] = {
#include "catalogues/bn.inc"
};
static const uint8_t indonesian[] = {
#include "catalogues/id.inc"
};
static const uint8_t thai[] = {
#include "catalogues/th.inc"
};
static const uint8_t vietnamese[] = {
#include "catalogues/vi.inc"
};

/* Bengali has a form for none and one; the other three have one for all numbers. */
static size_t above_one(uint64_t number)
{
    return number > 1;
}

static size_t only_form(uint64_t number)
{
    (void)number;
    return 0;
}

const struct language languages[] = {
    {"en", "English", true, NULL, NULL, 0},
    {"bn", "বাংলা", false, above_one, bengali, sizeof bengali},
    {"id", "Bahasa Indonesia", false, only_form, indonesian, sizeof indonesian},
    {"th", "ไทย", false, only_form, thai, sizeof thai},
    {"vi", "Tiếng Việt", false, only_form, vietnamese, sizeof vietnamese},
};
const size_t language_count = ARRAY_LEN(languages);

/* A catalogue without the first page's name is one that nobody has begun. */
static bool is_there(const struct language *l)
{
    return l->catalogue == NULL || catalogue_find(l->catalogue, l->size, "Inbox", 0) != NULL;
}

static const struct language *find(const char *code, size_t len)
{
    for (size_t i = 0; i < language_count; i++)
        if (strlen(languages[i].code) == len && strncasecmp(languages[i].code, code, len) == 0 &&
            is_there(&languages[i]))
            return &languages[i];
    return NULL;
}

const struct language *language_find(const char *code)
{
    return find(code, strlen(code));
}

/* Browsers name what they like best first; what weight they give it does not matter then. */
const struct language *language_liked(const char *accept)
{
    while (accept != NULL && *accept != '\0') {
        accept += strspn(accept, " ,");
        const struct language *l = find(accept, strcspn(accept, "-,; "));
        if (l != NULL)
            return l;
        accept += strcspn(accept, ",");
    }
    return NULL;
}

static uint32_t number_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The i-th string of a table of lengths and places, if it lies within the catalogue with its NUL; *bytes of it. */
static const char *string_at(const uint8_t *c, size_t size, uint32_t table, uint32_t i, size_t *bytes)
{
    const uint64_t at = (uint64_t)table + 8 * (uint64_t)i;
    if (at + 8 > size)
        return NULL;
    const uint64_t len = number_at(c + at), offset = number_at(c + at + 4);
    *bytes = (size_t)len;
    return offset + len < size && c[offset + len] == '\0' ? (const char *)c + offset : NULL;
}

/* Forms of a plural stand behind each other, parted by NULs. */
static const char *form_at(const uint8_t *c, size_t size, uint32_t i, size_t form)
{
    size_t len = 0;
    const char *text = string_at(c, size, number_at(c + 16), i, &len), *end = text != NULL ? text + len : NULL;
    for (; text != NULL && form > 0; form--)
        text = text + strlen(text) < end ? text + strlen(text) + 1 : NULL;
    return text;
}

const char *catalogue_find(const uint8_t *catalogue, size_t size, const char *english, size_t form)
{
    if (size < HEAD || number_at(catalogue) != MAGIC)
        return NULL;
    uint32_t low = 0, high = number_at(catalogue + 8);
    size_t len;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const char *original = string_at(catalogue, size, number_at(catalogue + 12), middle, &len);
        const int order = original != NULL ? strcmp(english, original) : 0;
        if (original == NULL)
            return NULL;
        if (order == 0)
            return form_at(catalogue, size, middle, form);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* What the catalogue has; NULL: nothing, or an empty translation. The empty sentence is the catalogue's header. */
static const char *find_said(const struct language *l, const char *english, size_t form)
{
    const char *said = l != NULL && l->catalogue != NULL && english[0] != '\0'
                           ? catalogue_find(l->catalogue, l->size, english, form)
                           : NULL;
    return said != NULL && said[0] != '\0' ? said : NULL;
}

const char *language_say(const struct language *language, const char *english)
{
    const char *said = find_said(language, english, 0);
    return said != NULL ? said : english;
}

const char *language_say_count(const struct language *language, const char *one, const char *many, uint64_t number)
{
    const bool counts = language != NULL && language->form != NULL;
    const char *said = counts ? find_said(language, one, language->form(number)) : NULL;
    return said != NULL ? said : number == 1 ? one : many;
}

const char *language_word(char out[LANGUAGE_WORD_MAX], const struct language *language, const char *word)
{
    const char *said = find_said(language, word, 0);
    snprintf(out, LANGUAGE_WORD_MAX, "%s", word);
    for (char *at = out; (at = strpbrk(at, "-_")) != NULL;)
        *at = ' ';
    return said != NULL ? said : out;
}

/* --- what was made already --- */

size_t conversion_here(const char *format, size_t *place)
{
    size_t len = 1;
    *place = 0;
    if (format[0] != '%')
        return 0;
    if (format[1] >= '1' && format[1] <= '0' + SAY_TEXTS_MAX && format[2] == '$') {
        *place = (size_t)(format[1] - '0');
        len = 3;
    }
    len += strspn(format + len, ".0123456789");
    len += strspn(format + len, "hlz");
    return format[len] != '\0' && strchr("sdu", format[len]) != NULL ? len + 1 : 0;
}

/* Reads back which texts a format took to make this one; *own: how many bytes are the format's. False: it did not. */
static bool unmake(struct language_made *out, size_t *own, const char *format, const char *text)
{
    size_t plain = strcspn(format, "%"), place;
    out->count = 0;
    *own = plain;
    if (strncmp(format, text, plain) != 0)
        return false;
    for (format += plain, text += plain; *format != '\0'; format += plain) {
        const size_t len = conversion_here(format, &place);
        if (len == 0 || out->count == SAY_TEXTS_MAX)
            return false;
        format += len;
        plain = strcspn(format, "%");
        const size_t left = strlen(text);
        const char *end = format[plain] != '\0' ? memmem(text, left, format, plain)
                          : left >= plain       ? text + left - plain
                                                : NULL;
        if (end == NULL || strncmp(end, format, plain) != 0)
            return false;
        out->text[out->count++] = span_of(text, (size_t)(end - text));
        text = end + plain;
        *own += plain;
    }
    return *text == '\0' && *own > 0;
}

/* A text that is a word of the program is put into the language, too. */
static struct span put_into(const struct language *l, struct span text)
{
    char word[LANGUAGE_WORD_MAX];
    if (text.len >= sizeof word)
        return text;
    memcpy(word, text.data, text.len);
    word[text.len] = '\0';
    const char *said = find_said(l, word, 0);
    return said != NULL ? span_of(said, strlen(said)) : text;
}

/* Of all formats that make the text, the one that says most of it. */
bool language_find_made(struct language_made *out, const struct language *language, const char *text)
{
    const uint8_t *c = language != NULL ? language->catalogue : NULL;
    const size_t size = c != NULL ? language->size : 0;
    size_t most = 0, own, len;
    struct language_made made;
    const char *format;
    if (size < HEAD || number_at(c) != MAGIC)
        return false;
    for (uint32_t i = 0; i < number_at(c + 8) && (format = string_at(c, size, number_at(c + 12), i, &len)) != NULL; i++)
        if (unmake(&made, &own, format, text) && own > most && (made.said = form_at(c, size, i, 0)) != NULL) {
            most = own;
            *out = made;
        }
    for (size_t i = 0; most > 0 && i < out->count; i++)
        out->text[i] = put_into(language, out->text[i]);
    return most > 0 && out->said[0] != '\0';
}
