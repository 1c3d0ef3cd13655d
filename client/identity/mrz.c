#include "client/identity/mrz.h"

#include "client/identity/date.h"
#include "client/identity/document.h"

#include <string.h>

#define ZONE_MAX 90

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
            *reason = "a character that no machine-readable zone has";
            return 0;
        }
        if (n == ZONE_MAX) {
            n = 0;
            break;
        }
        zone[n++] = c;
    }
    *reason = "not of 90, 88 or 72 characters";
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

static bool check_number(struct mrz *out, const char *zone, const struct layout *l)
{
    char number[sizeof out->number];
    size_t n = 0, end = long_number(zone, l);
    memcpy(number, zone + l->number.at, 9);
    n = 9;
    if (end > 0) {
        memcpy(number + n, zone + l->optional.at, end - l->optional.at - 1);
        n += end - l->optional.at - 1;
    }
    char digit = end > 0 ? zone[end - 1] : zone[l->number.at + 9];
    if (digit != mrz_check_digit(number, n) && !(digit == '<' && is_blank(zone, l->number)))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (number[i] != '<')
            out->number[kept++] = number[i];
    out->number[kept] = '\0';
    return true;
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

static const char *check_all(struct mrz *out, const char *zone, const struct layout *l)
{
    if (!check_number(out, zone, l))
        return "the check digit of the document number is wrong";
    if (!check(zone, l->birth, zone[l->birth.at + 6]))
        return "the check digit of the date of birth is wrong";
    if (!check(zone, l->expiry, zone[l->expiry.at + 6]))
        return "the check digit of the date of expiry is wrong";
    if (l->optional_check != 0 && !check(zone, l->optional, zone[l->optional_check]))
        return "the check digit of the personal number is wrong";
    return check_composite(zone, l) ? NULL : "the composite check digit is wrong";
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

static bool read_birth(struct person_date *out, const char *birth, const char *expiry)
{
    int year = two_digits(birth), month = two_digits(birth + 2), day = two_digits(birth + 4),
        until = two_digits(expiry);
    *out = (struct person_date){0};
    if (year == -2 || month == -2 || day == -2 || month > 12)
        return false;
    if (year < 0)
        return true;
    int last = until < 0 ? 2030 : until >= 70 ? 1900 + until : 2000 + until;
    out->year = (unsigned)(2000 + year <= last ? 2000 + year : 1900 + year);
    out->month = month > 0 ? (unsigned)month : 0;
    out->day = month > 0 && day > 0 ? (unsigned)day : 0;
    out->assumed = out->month == 1 && out->day == 1;
    return out->day == 0 || out->day <= date_days_in(out->year, out->month);
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

bool mrz_parse(struct mrz *out, const char *text, const char **reason)
{
    char zone[ZONE_MAX] = "";
    size_t size = gather(zone, text, reason);
    const struct layout *l = size > 0 ? layout_of(zone, size) : NULL;
    if (l == NULL)
        return false;
    memset(out, 0, sizeof *out);
    out->format = l->format;
    *reason = check_all(out, zone, l);
    if (*reason == NULL && !read_birth(&out->birth, zone + l->birth.at, zone + l->expiry.at))
        *reason = "its date of birth is no date";
    out->sex = zone[l->sex] == 'F' || zone[l->sex] == 'M' ? zone[l->sex] : '\0';
    memcpy(out->type, zone, zone[1] == '<' ? 1 : 2);
    char country[4] = "";
    memcpy(country, zone + 2, 3);
    country_from_text(out->issuer, country);
    memcpy(country, zone + l->nationality.at, 3);
    country_from_text(out->nationality, country);
    read_names(out, zone + l->name.at, l->name.len);
    explicit_bzero(zone, sizeof zone);
    return *reason == NULL;
}
