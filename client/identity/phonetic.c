/*
 * How a name sounds, coarsely enough that the usual ways of writing it in Latin letters meet: PH and F, V and W, aspirates
 * with and without H, doubled letters, vowels. A token's code is its first letter's class and the classes of the consonants
 * behind it.
 */
#include "client/identity/normalise.h"

#include <stdlib.h>
#include <string.h>

#define CODE_MAX 8
#define TOKENS_MAX 64

struct code {
    char text[CODE_MAX + 1];
};

static bool is_vowel(char c)
{
    return c == 'A' || c == 'E' || c == 'I' || c == 'O' || c == 'U' || c == 'Y';
}

/* The class of the letter at s, and how many letters it takes. 0: silent. */
static char class_of(const char *s, size_t len, size_t *taken)
{
    char next = len > 1 ? s[1] : '\0';
    *taken = 1;
    if (next == 'H' && strchr("BCDGJKPSTZ", s[0]) != NULL)
        *taken = 2;
    else if (next == 'G' && s[0] == 'N')
        *taken = 2;
    switch (s[0]) {
    case 'P':
        return *taken == 2 ? 'F' : 'P';
    case 'C':
        return *taken == 2 ? 'J' : 'K';
    case 'S':
    case 'Z':
    case 'X':
        return 'S';
    case 'K':
    case 'Q':
        return 'K';
    case 'V':
    case 'W':
        return 'V';
    case 'D':
    case 'T':
        return 'T';
    case 'M':
    case 'N':
        return s[0];
    case 'H':
        return '\0';
    default:
        return is_vowel(s[0]) ? '\0' : s[0];
    }
}

static void encode(struct code *out, const char *token, size_t len)
{
    size_t n = 0;
    char last = '\0';
    memset(out, 0, sizeof *out);
    if (len > 0 && is_vowel(token[0]))
        out->text[n++] = 'A';
    for (size_t i = 0, taken; i < len && n < CODE_MAX; i += taken) {
        char c = class_of(token + i, len - i, &taken);
        if (c != '\0' && c != last)
            out->text[n++] = c;
        last = c != '\0' ? c : is_vowel(token[i]) ? '\0' : last;
    }
    if (n == 0 && len > 0)
        out->text[0] = token[0];
}

static int compare_codes(const void *a, const void *b)
{
    return strcmp(((const struct code *)a)->text, ((const struct code *)b)->text);
}

void normalise_phonetic(char out[NORMALISED_MAX], const char *name)
{
    struct code code[TOKENS_MAX];
    size_t count = 0, len = 0;
    while (*name != '\0' && count < TOKENS_MAX) {
        size_t token = strcspn(name, " ");
        if (token > 0)
            encode(&code[count++], name, token);
        name += token + strspn(name + token, " ");
    }
    qsort(code, count, sizeof code[0], compare_codes);
    for (size_t i = 0; i < count; i++) {
        size_t more = strlen(code[i].text);
        if (i > 0)
            out[len++] = ' ';
        memcpy(out + len, code[i].text, more);
        len += more;
    }
    out[len] = '\0';
}
