#include "client/identity/except.h"

#include "client/identity/document.h"
#include "client/identity/mrz.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAMES_MAX (5 * FIELD_VALUES_MAX + 1)
#define NAME_MAX_BYTES 64

enum protection protection_of(const char *text)
{
    static const char *const yes[] = {"yes",     "y",      "true",    "1",    "asylum-seeker",
                                      "refugee", "victim", "witness", "minor"},
                             *const no[] = {"no", "n", "false", "0"};
    if (text == NULL || text[0] == '\0')
        return PROTECTION_UNSAID;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        if (strcasecmp(text, yes[i]) == 0)
            return PROTECTION_YES;
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (strcasecmp(text, no[i]) == 0)
            return PROTECTION_NO;
    return PROTECTION_UNREADABLE;
}

/* --- names --- */

struct names {
    char name[NAMES_MAX][NAME_MAX_BYTES];
    size_t count;
};

static void add(struct names *n, const char *text, size_t len)
{
    if (len == 0 || len >= NAME_MAX_BYTES || n->count == NAMES_MAX)
        return;
    char *to = n->name[n->count];
    for (size_t i = 0; i < len; i++)
        to[i] = (char)toupper((unsigned char)text[i]);
    to[len] = '\0';
    for (size_t i = 0; i < n->count; i++)
        if (strcmp(n->name[i], to) == 0)
            return;
    n->count++;
}

static void add_state(struct names *n, const char *text)
{
    char code[4];
    country_from_text(code, text);
    add(n, code, strlen(code));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void write_names(char out[EXCEPT_TEXT_MAX + 1], struct names *n)
{
    size_t len = 0;
    qsort(n->name, n->count, sizeof n->name[0], by_name);
    out[0] = '\0';
    for (size_t i = 0; i < n->count; i++) {
        const size_t more = strlen(n->name[i]);
        if (len + 1 + more > EXCEPT_TEXT_MAX)
            return;
        if (len > 0)
            out[len++] = ',';
        memcpy(out + len, n->name[i], more + 1);
        len += more;
    }
}

/* --- of a record --- */

static void add_field(struct names *n, const struct record *record, enum field field)
{
    const char *text;
    for (size_t i = 0; (text = record_value(record, field, i)) != NULL; i++)
        add_state(n, text);
}

/* The states that the person may have fled, or whose papers it has. */
static void add_states(struct names *n, const struct record *record)
{
    struct mrz zone;
    const char *text, *reason;
    add_field(n, record, FIELD_NATIONALITY);
    add_field(n, record, FIELD_COUNTRY_OF_BIRTH);
    add_field(n, record, FIELD_DOC_ISSUER);
    for (size_t i = 0; (text = record_value(record, FIELD_MRZ, i)) != NULL; i++) {
        if (!mrz_parse(&zone, text, &reason))
            continue;
        add_state(n, zone.nationality);
        add_state(n, zone.issuer);
    }
    explicit_bzero(&zone, sizeof zone);
}

static void add_usual(struct names *n, const struct record *record, const char *usual)
{
    if (strcasecmp(usual, "protected") == 0) {
        add_states(n, record);
        return;
    }
    for (const char *at = usual; *at != '\0'; at += strspn(at, ",")) {
        const size_t len = strcspn(at, ",");
        if (len != 4 || strncasecmp(at, "none", 4) != 0)
            add(n, at, len);
        at += len;
    }
}

void except_of(char out[EXCEPT_TEXT_MAX + 1], const struct record *record, const char *usual)
{
    struct names n = {.count = 0};
    const enum protection protection = protection_of(record_value(record, FIELD_PROTECTED, 0));
    const char *text = record_value(record, FIELD_NOT_FOR, 0);
    for (size_t i = 0; text != NULL && (text = record_value(record, FIELD_NOT_FOR, i)) != NULL; i++)
        if (strcasecmp(text, "none") != 0)
            add(&n, text, strlen(text));
    if (record_value(record, FIELD_NOT_FOR, 0) == NULL && protection == PROTECTION_YES)
        add_states(&n, record);
    else if (record_value(record, FIELD_NOT_FOR, 0) == NULL && protection == PROTECTION_UNSAID)
        add_usual(&n, record, usual);
    write_names(out, &n);
    explicit_bzero(&n, sizeof n);
}

/* --- whom it means --- */

static bool is_meant(const char *name, size_t len, const char *agency)
{
    return strncasecmp(name, agency, len) == 0 &&
           (agency[len] == '\0' || (len == 3 && !isalpha((unsigned char)agency[len])));
}

bool except_means(const char *names, const char *agency)
{
    for (const char *at = names; *at != '\0'; at += strspn(at, ",")) {
        const size_t len = strcspn(at, ",");
        if (is_meant(at, len, agency))
            return true;
        at += len;
    }
    return false;
}
