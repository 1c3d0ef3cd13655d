#include "client/page/language.h"

#include "protocol/base/bytes.h"

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

const struct language languages[] = {
    {"en", "English", true, NULL, 0},
    {"bn", "বাংলা", false, bengali, sizeof bengali},
    {"id", "Bahasa Indonesia", false, indonesian, sizeof indonesian},
    {"th", "ไทย", false, thai, sizeof thai},
    {"vi", "Tiếng Việt", false, vietnamese, sizeof vietnamese},
};
const size_t language_count = ARRAY_LEN(languages);

/* A catalogue without the first page's name is one that nobody has begun. */
static bool is_there(const struct language *l)
{
    return l->catalogue == NULL || catalogue_find(l->catalogue, l->size, "Inbox") != NULL;
}

static const struct language *find(const char *code, size_t len)
{
    for (size_t i = 0; i < language_count; i++)
        if (strlen(languages[i].code) == len && strncmp(languages[i].code, code, len) == 0 && is_there(&languages[i]))
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

/* The i-th string of a table of lengths and places, if it lies within the catalogue with its NUL. */
static const char *string_at(const uint8_t *c, size_t size, uint32_t table, uint32_t i)
{
    const uint64_t at = (uint64_t)table + 8 * (uint64_t)i;
    if (at + 8 > size)
        return NULL;
    const uint64_t len = number_at(c + at), offset = number_at(c + at + 4);
    return offset + len < size && c[offset + len] == '\0' ? (const char *)c + offset : NULL;
}

const char *catalogue_find(const uint8_t *catalogue, size_t size, const char *english)
{
    if (size < HEAD || number_at(catalogue) != MAGIC)
        return NULL;
    const uint32_t originals = number_at(catalogue + 12), translations = number_at(catalogue + 16);
    uint32_t low = 0, high = number_at(catalogue + 8);
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const char *original = string_at(catalogue, size, originals, middle);
        const int order = original != NULL ? strcmp(english, original) : 0;
        if (original == NULL)
            return NULL;
        if (order == 0)
            return string_at(catalogue, size, translations, middle);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const char *language_say(const struct language *language, const char *english)
{
    const char *said = language != NULL && language->catalogue != NULL && english[0] != '\0'
                           ? catalogue_find(language->catalogue, language->size, english)
                           : NULL;
    return said != NULL && said[0] != '\0' ? said : english;
}
