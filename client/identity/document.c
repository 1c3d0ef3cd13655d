#include "client/identity/document.h"

#include "client/identity/plain.h"

#include <string.h>

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
        memcpy(out, memcmp(plain, "GB", 2) == 0 && strchr("DNOPS", plain[2]) != NULL ? "GBR" : plain, 3), out[3] = '\0';
}

/* "", PASSPORT, ID ...: what the letters and digits of a type stand for. */
static const char *type_named(const char *text)
{
    static const char *const names[][2] = {
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
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(text, names[i][0]) == 0)
            return names[i][1];
    return text;
}

/* Letters and digits of text alone, and how many stand before the first filler. */
static size_t squeeze(char out[NUMBER_MAX + 1], const char *text, size_t *before_filler)
{
    char plain[128];
    size_t n = 0;
    plain_from_text(plain, sizeof plain, text != NULL ? text : "");
    *before_filler = 0;
    for (const char *c = plain; *c != '\0' && n < NUMBER_MAX; c++) {
        if (*c == '<' && *before_filler == 0)
            *before_filler = n;
        if ((*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9'))
            out[n++] = *c;
    }
    out[n] = '\0';
    return n;
}

static void fold_confusable(char out[NUMBER_MAX + 1], const char *number)
{
    static const char letters[] = "OISB", digits[] = "0158";
    size_t i = 0;
    for (; number[i] != '\0'; i++) {
        const char *letter = strchr(letters, number[i]);
        out[i] = letter != NULL ? digits[letter - letters] : number[i];
    }
    out[i] = '\0';
}

bool document_from_fields(struct person_document *out, const char *type, const char *issuer, const char *number)
{
    size_t filler;
    char written[NUMBER_MAX + 1];
    size_t len = squeeze(out->number, number, &filler);
    if (len > 1 && ((filler > 0 && filler == len - 1) || len == 10) &&
        out->number[len - 1] == mrz_check_digit(out->number, len - 1))
        out->number[len - 1] = '\0';
    fold_confusable(out->folded, out->number);
    squeeze(written, type, &filler);
    strcpy(out->type, type_named(written));
    country_from_text(out->issuer, issuer);
    return len > 0;
}
