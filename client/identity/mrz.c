#include "client/identity/mrz.h"

#include "client/identity/date.h"
#include "client/identity/document.h"
#include "client/identity/rule_files.h"
#include "protocol/base/mark.h"

#include <string.h>

#define ZONE_MAX 90
#define AGE_MAX 105 /* at expiry, of a holder whose year of birth may be of two centuries */

/* Where a field is: offset in all the lines, length. */
struct place {
    uint8_t at, len;
};

/* A format: its fields, each followed by its check digit where one is listed. Offsets count from the first line on. */
struct layout {
    enum mrz_format format;
    uint8_t size;
    bool visa;
    struct place name, number, birth, expiry, optional, nationality;
    uint8_t sex;
    uint8_t optional_check;  /* offset of the optional data's check digit, 0: none */
    uint8_t composite;       /* offset of the check digit over all; 0: none */
    struct place checked[4]; /* what it is over */
};

static const struct layout layouts[] = {
    {MRZ_TD1,
     90,
     false,
     {60, 30},
     {5, 9},
     {30, 6},
     {38, 6},
     {15, 15},
     {45, 3},
     37,
     0,
     59,
     {{5, 25}, {30, 7}, {38, 7}, {48, 11}}},
    {MRZ_TD3,
     88,
     false,
     {5, 39},
     {44, 9},
     {57, 6},
     {65, 6},
     {72, 14},
     {54, 3},
     64,
     86,
     87,
     {{44, 10}, {57, 7}, {65, 22}}},
    {MRZ_MRV_A, 88, true, {5, 39}, {44, 9}, {57, 6}, {65, 6}, {72, 16}, {54, 3}, 64, 0, 0, {{0}}},
    {MRZ_TD2,
     72,
     false,
     {5, 31},
     {36, 9},
     {49, 6},
     {57, 6},
     {64, 7},
     {46, 3},
     56,
     0,
     71,
     {{36, 10}, {49, 7}, {57, 14}}},
    {MRZ_MRV_B, 72, true, {5, 31}, {36, 9}, {49, 6}, {57, 6}, {64, 8}, {46, 3}, 56, 0, 0, {{0}}},
};

/* The characters without what parts lines. 0 if there is another one, or too many. */
static size_t gather(char zone[ZONE_MAX], const char *text, const char **reason)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        char c = *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;
        if (strchr(" \t\r\n|", c) != NULL)
            continue;
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '<')) {
            *reason = N_("a character that no machine-readable zone has");
            return 0;
        }
        if (n == ZONE_MAX) {
            n = 0;
            break;
        }
        zone[n++] = c;
    }
    *reason = N_("not of 90, 88 or 72 characters");
    return n;
}

static const struct layout *layout_of(const char *zone, size_t size)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
        if (layouts[i].size == size && layouts[i].visa == (zone[0] == 'V'))
            return &layouts[i];
    return NULL;
}

/* --- check digits --- */

static bool is_blank(const char *zone, struct place p)
{
    for (size_t i = 0; i < p.len; i++)
        if (zone[p.at + i] != '<')
            return false;
    return true;
}

/* An empty field may have a filler for its check digit. */
static bool check(const char *zone, struct place p, char digit)
{
    return digit == mrz_check_digit(zone + p.at, p.len) || (digit == '<' && is_blank(zone, p));
}

/*
 * A number of more than nine characters goes on in the optional data, its check digit behind it. The end of it there,
 * or 0.
 */
static size_t long_number(const char *zone, const struct layout *l)
{
    size_t end = l->optional.at, limit = l->optional.at + l->optional.len;
    if ((l->format != MRZ_TD1 && l->format != MRZ_TD2) || zone[l->number.at + 9] != '<' || zone[l->optional.at] == '<')
        return 0;
    while (end < limit && zone[end] != '<')
        end++;
    return end - l->optional.at >= 2 || is_blank(zone, l->number) ? end : 0;
}

/* The number of nine characters and what runs on, `between` them: "<" or "". */
static size_t put_number(char out[ZONE_MAX], const char *zone, const struct layout *l, size_t end, const char *between)
{
    size_t n = l->number.len, more = end > 0 ? end - l->optional.at - 1 : 0;
    memcpy(out, zone + l->number.at, n);
    for (; end > 0 && *between != '\0'; between++)
        out[n++] = *between;
    memcpy(out + n, zone + l->optional.at, more);
    return n + more;
}

/* The check digit of a number that runs on is computed with the filler between its parts, or without. */
static bool check_number(struct mrz *out, const char *zone, const struct layout *l)
{
    char number[ZONE_MAX];
    size_t end = long_number(zone, l), kept = 0, n = put_number(number, zone, l, end, "<");
    char digit = end > 0 ? zone[end - 1] : zone[l->number.at + 9];
    bool right = digit == mrz_check_digit(number, n) || (digit == '<' && is_blank(zone, l->number));
    n = put_number(number, zone, l, end, "");
    right = right || digit == mrz_check_digit(number, n);
    for (size_t i = 0; right && i < n && kept + 1 < sizeof out->number; i++)
        if (number[i] != '<')
            out->number[kept++] = number[i];
    out->number[kept] = '\0';
    explicit_bzero(number, sizeof number);
    return right;
}

static bool check_composite(const char *zone, const struct layout *l)
{
    char all[ZONE_MAX];
    size_t n = 0;
    for (size_t i = 0; i < 4; i++) {
        memcpy(all + n, zone + l->checked[i].at, l->checked[i].len);
        n += l->checked[i].len;
    }
    return l->composite == 0 || zone[l->composite] == mrz_check_digit(all, n);
}

/* --- optional data --- */

static bool listed(const char *kind, const char country[4])
{
    const char *text = rule_files[RULES_ZONES].text;
    char line[RULE_LINE_MAX];
    while (country[0] != '\0' && rule_line(&text, line))
        if (strncmp(line, kind, strlen(kind)) == 0 && strstr(line + strlen(kind), country) != NULL)
            return true;
    return false;
}

bool zones_have_number(const char country[4])
{
    return listed("number:", country);
}

bool zones_have_personal(const char country[4])
{
    return listed("personal:", country);
}

/* What stands before the first filler of the optional data is the number of the card, or of the person. */
static void read_optional(struct mrz *out, const char *zone, const struct layout *l)
{
    const char *optional = zone + l->optional.at;
    size_t len = 0;
    while (len < l->optional.len && optional[len] != '<')
        len++;
    if (len < 6 || len >= sizeof out->personal || long_number(zone, l) > 0 || l->visa)
        return;
    if (l->format == MRZ_TD1 && zones_have_number(out->issuer)) {
        memcpy(out->number, optional, len);
        out->number[len] = '\0';
    } else if (zones_have_personal(out->issuer)) {
        memcpy(out->personal, optional, len);
        out->personal[len] = '\0';
    }
}

/* --- fields --- */

/* Two digits, -1 for fillers, -2 for anything else. */
static int two_digits(const char *text)
{
    if (text[0] == '<' && text[1] == '<')
        return -1;
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return -2;
    return (text[0] - '0') * 10 + text[1] - '0';
}

/* What is known of a day; month and day are left out where there is no such one. False if they are. */
static bool make_date(struct person_date *out, unsigned year, int month, int day)
{
    bool good = month <= 12 && month != 0 && (day < 0 || month > 0);
    *out = (struct person_date){.year = year};
    if (month <= 0 || month > 12)
        return good || (month <= 0 && day <= 0);
    out->month = (unsigned)month;
    if (day <= 0 || (unsigned)day > date_days_in(year, out->month))
        return day <= 0;
    out->day = (unsigned)day;
    out->assumed = out->month == 1 && out->day == 1;
    return good;
}

static bool read_birth(struct mrz *out, const char *birth, const char *expiry)
{
    int year = two_digits(birth), month = two_digits(birth + 2), day = two_digits(birth + 4),
        until = two_digits(expiry);
    if (year < 0)
        return year == -1;
    month = month == -2 ? 99 : month;
    day = day == -2 ? 99 : day;
    unsigned last = until < 0 ? 2100 : (unsigned)until + (until >= 70 ? 1900 : 2000);
    unsigned found = 2000 + (unsigned)year;
    bool good = make_date(&out->birth, found, month, day);
    if (found > last || date_is_to_come(&out->birth)) {
        found -= 100;
        return make_date(&out->birth, found, month, day);
    }
    if (until >= 0 && last - (found - 100) <= AGE_MAX)
        make_date(&out->birth_other, found - 100, month, day);
    return good;
}

/* Copies from..to, single fillers as spaces. */
static void read_name(char *out, const char *from, const char *to)
{
    while (to > from && to[-1] == '<')
        to--;
    for (; from < to; from++)
        *out++ = *from == '<' ? ' ' : *from;
    *out = '\0';
}

static void read_names(struct mrz *out, const char *name, size_t len)
{
    const char *end = name + len, *gap = name;
    while (gap + 1 < end && !(gap[0] == '<' && gap[1] == '<'))
        gap++;
    read_name(out->family, name, gap + 1 < end ? gap : end);
    read_name(out->given, gap + 1 < end ? gap + 2 : end, end);
}

/* Reads each field whose check digit is right; *reason is the first that is wrong. False if all are. */
static bool read_checked(struct mrz *out, const char *zone, const struct layout *l, const char **reason)
{
    bool number = check_number(out, zone, l), birth = check(zone, l->birth, zone[l->birth.at + 6]),
         expiry = check(zone, l->expiry, zone[l->expiry.at + 6]),
         optional = l->optional_check == 0 || check(zone, l->optional, zone[l->optional_check]),
         real = !birth || read_birth(out, zone + l->birth.at, expiry ? zone + l->expiry.at : "<<");
    *reason = !number                     ? N_("the check digit of the document number is wrong")
              : !birth                    ? N_("the check digit of the date of birth is wrong")
              : !expiry                   ? N_("the check digit of the date of expiry is wrong")
              : !optional                 ? N_("the check digit of the personal number is wrong")
              : !check_composite(zone, l) ? N_("the composite check digit is wrong")
              : !real                     ? N_("its date of birth is no date")
                                          : NULL;
    if (optional && number)
        read_optional(out, zone, l);
    return number || birth || expiry;
}

bool mrz_parse(struct mrz *out, const char *text, const char **reason)
{
    char zone[ZONE_MAX] = "", country[4] = "";
    size_t size = gather(zone, text, reason);
    const struct layout *l = size > 0 ? layout_of(zone, size) : NULL;
    memset(out, 0, sizeof *out);
    if (l == NULL)
        return false;
    out->format = l->format;
    out->sex = zone[l->sex] == 'F' || zone[l->sex] == 'M' ? zone[l->sex] : '\0';
    memcpy(out->type, zone, zone[1] == '<' ? 1 : 2);
    memcpy(country, zone + 2, 3);
    country_from_text(out->issuer, country);
    memcpy(country, zone + l->nationality.at, 3);
    country_from_text(out->nationality, country);
    bool readable = read_checked(out, zone, l, reason);
    read_names(out, zone + l->name.at, l->name.len);
    explicit_bzero(zone, sizeof zone);
    return readable;
}
