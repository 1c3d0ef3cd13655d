#include "client/identity/nrc.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

/* How the letters of townships are written in Latin: Ministry of Immigration and Population, forms for passports. */
static const char *letter_of(UChar32 c)
{
    static const char *const letters[] = {"KA",  "KHA", "GA",  "GHA", "NGA", "SA", "HSA", "ZA",  "ZHA", "NYA",
                                          "NYA", "TA",  "HTA", "DA",  "DHA", "NA", "TA",  "HTA", "DA",  "DHA",
                                          "NA",  "PA",  "PHA", "BA",  "BHA", "MA", "YA",  "YA",  "LA",  "WA",
                                          "THA", "HA",  "LA",  "AH",  "",    "I",  "I",   "OU",  "OU",  "E"};
    return c >= 0x1000 && c < 0x1028 ? letters[c - 0x1000] : "";
}

/* The kinds of citizen: naing, eh, pyu, thana, thi, ya. */
static char kind_of(UChar32 c)
{
    static const UChar32 burmese[] = {0x1014, 0x1027, 0x1015, 0x101E, 0x101A, 0x1005};
    for (unsigned i = 0; i < sizeof burmese / sizeof burmese[0]; i++)
        if (c == burmese[i])
            return "NEPTYS"[i];
    c = u_toupper(c);
    return c >= 'A' && c <= 'Z' ? (char)c : '\0';
}

struct reader {
    const char *text;
    int32_t at, len;
    UChar32 next; /* 0 at the end */
};

static void step(struct reader *r)
{
    r->next = 0;
    while (r->at < r->len && r->next == 0) {
        U8_NEXT(r->text, r->at, r->len, r->next);
        r->next = r->next == ' ' || r->next == '-' || r->next == 0x200B || r->next == 0xA0 ? 0
                  : r->next < 0                                                            ? 1
                                                                                           : r->next;
    }
}

static size_t digits(struct reader *r, char out[8])
{
    size_t n = 0;
    for (; n < 7 && r->next != 0 && u_charDigitValue(r->next) >= 0; step(r))
        out[n++] = (char)('0' + u_charDigitValue(r->next));
    out[n] = '\0';
    return n;
}

/* Signs behind Burmese letters say nothing that the letters do not. */
static size_t township(struct reader *r, char out[24])
{
    size_t n = 0;
    out[0] = '\0';
    for (; r->next != 0 &&
           (u_isalpha(r->next) || u_getCombiningClass(r->next) > 0 || (U_GET_GC_MASK(r->next) & U_GC_M_MASK) != 0);
         step(r)) {
        UChar32 c = u_toupper(r->next);
        const char *letters = c >= 'A' && c <= 'Z' ? (const char[]){(char)c, '\0'} : letter_of(c);
        n += (size_t)snprintf(out + n, n + 4 < 24 ? 24 - n : 0, "%s", n + 4 < 24 ? letters : "");
        if (n + 4 >= 24)
            return 0;
    }
    return n;
}

bool nrc_from_text(char out[NRC_MAX], const char *text)
{
    struct reader r = {.text = text, .len = text != NULL ? (int32_t)strlen(text) : 0};
    char state[8], number[8], letters[24];
    step(&r);
    if (r.len > 160 || digits(&r, state) == 0 || strlen(state) > 2 || r.next != '/')
        return false;
    step(&r);
    if (township(&r, letters) == 0 || r.next != '(')
        return false;
    step(&r);
    char kind = r.next != 0 ? kind_of(r.next) : '\0';
    while (r.next != 0 && r.next != ')')
        step(&r);
    if (kind == '\0' || r.next != ')')
        return false;
    step(&r);
    if (digits(&r, number) != 6 || r.next != 0)
        return false;
    snprintf(out, NRC_MAX, "%s/%s(%c)%s", state, letters, kind, number);
    return true;
}
