#include "client/identity/document.h"

#include "client/identity/nrc.h"
#include "client/identity/plain.h"
#include "protocol/base/bytes.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf8.h>

char mrz_check_digit(const char *text, size_t len)
{
    static const unsigned weight[] = {7, 3, 1};
    unsigned sum = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        unsigned value = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') + 10
                                                : 0;
        sum += weight[i % 3] * value;
    }
    return (char)('0' + sum % 10);
}

/* Codes of Doc 9303 beside those of ISO 3166-1, and former ones that documents still bear. plain: three letters. */
static const char *country_today(const char plain[4])
{
    static const char other[][2][4] = {{"RKS", "XKX"}, {"TMP", "TLS"}, {"BUR", "MMR"}, {"GBD", "GBR"},
                                       {"GBN", "GBR"}, {"GBO", "GBR"}, {"GBP", "GBR"}, {"GBS", "GBR"}};
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        if (memcmp(plain, other[i][0], 3) == 0)
            return other[i][1];
    return plain;
}

void country_from_text(char out[4], const char *text)
{
    char plain[8];
    plain_from_text(plain, sizeof plain, text != NULL ? text : "");
    size_t len = strspn(plain, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    bool whole = plain[len] == '\0' || plain[len] == '<';
    out[0] = '\0';
    if (whole && len == 1 && plain[0] == 'D')
        memcpy(out, "DEU", 4);
    else if (whole && len == 3)
        plain[3] = '\0', memcpy(out, country_today(plain), 4);
}

/* What the letters and digits of a type of document stand for: usual names, and the codes of zones (Doc 9303). */
static const char *const type_names[][2] = {
    {"P", "PASSPORT"},
    {"PP", "PASSPORT"},
    {"PASS", "PASSPORT"},
    {"PASSPORTBOOK", "PASSPORT"},
    {"PN", "PASSPORT"},
    {"PD", "PASSPORT"},
    {"PS", "PASSPORT"},
    {"PO", "PASSPORT"},
    {"PASPOR", "PASSPORT"},
    {"PASPORT", "PASSPORT"},
    {"ORDINARYPASSPORT", "PASSPORT"},
    {"I", "ID"},
    {"ID", "ID"},
    {"IC", "ID"},
    {"NID", "ID"},
    {"NIC", "ID"},
    {"CNIC", "ID"},
    {"NRIC", "ID"},
    {"MYKAD", "ID"},
    {"KTP", "ID"},
    {"NRC", "ID"},
    {"IDCARD", "ID"},
    {"IDENTITYCARD", "ID"},
    {"NATIONALID", "ID"},
    {"NATIONALIDENTITYCARD", "ID"},
    {"NATIONALIDCARD", "ID"},
    {"A", "ID"},
    {"C", "ID"},
    {"AC", "ID"},
    {"V", "VISA"},
    {"VISA", "VISA"},
    {"EVISA", "VISA"},
    {"RESIDENCEPERMIT", "PERMIT"},
    {"WORKPERMIT", "PERMIT"},
    {"SEAMANSBOOK", "SEAFARER"},
    {"SEAFARERSBOOK", "SEAFARER"},
    {"SEAMANBOOK", "SEAFARER"},
    {"IS", "SEAFARER"},
    {"REFUGEETRAVELDOCUMENT", "REFUGEE"},
    {"PR", "REFUGEE"},
    {"EMERGENCYTRAVELDOCUMENT", "EMERGENCY"},
    {"PE", "EMERGENCY"},
    {"EMERGENCYPASSPORT", "EMERGENCY"},
    {"LAISSEZPASSER", "EMERGENCY"},
    {"CERTIFICATEOFIDENTITY", "EMERGENCY"},
};

/* text itself, "" too, if it is none of them. */
static const char *type_named(const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(type_names); i++)
        if (strcmp(text, type_names[i][0]) == 0)
            return type_names[i][1];
    return text;
}

/* --- numbers --- */

struct squeezed {
    char *out;
    size_t len, before_filler;
};

static void squeeze_one(struct squeezed *s, char c)
{
    if (s->len < NUMBER_MAX)
        s->out[s->len++] = c;
}

/*
 * A letter of another script stands as its number in Unicode: two letters never become one, and none vanishes. Latin
 * letters lose their marks; Cyrillic ones are written as Doc 9303 has them, since zones and clerks do.
 */
static UChar32 without_mark(UChar32 c)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar parts[8];
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&code);
    bool latin = c < 0x0250 || (c >= 0x1E00 && c < 0x1F00);
    return latin && unorm2_getDecomposition(nfd, c, parts, 8, &code) > 0 && U_SUCCESS(code) ? parts[0] : c;
}

static void squeeze_letter(struct squeezed *s, UChar32 c)
{
    static const char *const cyrillic[] = {"A",  "B",  "V",  "G",    "D",  "E", "ZH", "Z", "I",  "I", "K",
                                           "L",  "M",  "N",  "O",    "P",  "R", "S",  "T", "U",  "F", "KH",
                                           "TS", "CH", "SH", "SHCH", "IE", "Y", "",   "E", "IU", "IA"};
    char code[16];
    UChar32 base = u_toupper(without_mark(c));
    const char *letters = code;
    if (base >= 0x0410 && base <= 0x042F)
        letters = cyrillic[base - 0x0410];
    else if (base == 0x04AE || base == 0x0423)
        letters = "U";
    else if (base == 0x04E8)
        letters = "O";
    else if (base < 0x80)
        snprintf(code, sizeof code, "%c", (char)base);
    else
        snprintf(code, sizeof code, "%X", (unsigned)base);
    for (; *letters != '\0'; letters++)
        squeeze_one(s, *letters);
}

/* Letters and digits of text alone, and how many stand before the first filler. */
static size_t squeeze(char out[NUMBER_MAX + 1], const char *text, size_t *before_filler)
{
    struct squeezed s = {.out = out};
    int32_t len = text != NULL ? (int32_t)strlen(text) : 0;
    for (int32_t i = 0; i < len;) {
        UChar32 c;
        if ((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'A' && text[i] <= 'Z')) {
            squeeze_one(&s, text[i++]);
            continue;
        }
        U8_NEXT(text, i, len, c);
        c = c >= 0xFF01 && c <= 0xFF5E ? c - 0xFF01 + '!' : c;
        int32_t digit = c >= 0 ? u_charDigitValue(c) : -1;
        if (c == '<' && s.before_filler == 0)
            s.before_filler = s.len;
        if (digit >= 0)
            squeeze_one(&s, (char)('0' + digit));
        else if (c > 0 && c < 0x80 && u_isalpha(c))
            squeeze_one(&s, (char)u_toupper(c));
        else if (c >= 0x80 && (u_isalpha(c) || (U_GET_GC_MASK(c) & U_GC_MC_MASK) != 0))
            squeeze_letter(&s, c);
    }
    out[s.len] = '\0';
    *before_filler = s.before_filler;
    return s.len;
}

/* Of a number that is digits throughout, leading zeros go: spreadsheets lose them. */
static void fold_confusable(char out[NUMBER_MAX + 1], const char *number)
{
    static const char letters[] = "OISB", digits[] = "0158";
    size_t i = 0;
    for (; number[i] != '\0'; i++) {
        const char *letter = strchr(letters, number[i]);
        out[i] = letter != NULL ? digits[letter - letters] : number[i];
    }
    out[i] = '\0';
    size_t zeros = strspn(out, "0");
    if (out[strspn(out, "0123456789")] == '\0' && zeros > 0)
        memmove(out, out + zeros - (zeros == i), i - zeros + (zeros == i) + 1);
}

bool document_from_fields(struct person_document *out, const char *type, const char *issuer, const char *number)
{
    size_t filler;
    char written[NUMBER_MAX + 1], registration[NRC_MAX];
    size_t len = squeeze(out->number, nrc_from_text(registration, number) ? registration : number, &filler);
    if (len > 1 && ((filler > 0 && filler == len - 1) || len == 10) &&
        out->number[len - 1] == mrz_check_digit(out->number, len - 1))
        out->number[len - 1] = '\0';
    fold_confusable(out->folded, out->number);
    squeeze(written, type, &filler);
    strcpy(out->type, type_named(written));
    country_from_text(out->issuer, issuer);
    return len > 0;
}
