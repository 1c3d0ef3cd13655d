/* Machine-readable zones (ICAO 9303 parts 3 to 5). */
#include "tests/generator/row.h"

#include <ctype.h>
#include <string.h>

#define TD3_LINE 44
#define TD1_LINE 30
#define NUMBER_MAX 9

/* ICAO 9303 part 3, 4.9: weights 7, 3, 1; letters count from 10, the filler 0. */
static char check_digit(const char *text, size_t len)
{
    static const unsigned weight[] = {7, 3, 1};
    unsigned sum = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned value = isdigit((unsigned char)text[i])   ? (unsigned)(text[i] - '0')
                         : isupper((unsigned char)text[i]) ? (unsigned)(text[i] - 'A') + 10
                                                           : 0;
        sum += value * weight[i % 3];
    }
    return (char)('0' + sum % 10);
}

/* Letters; blanks and hyphens become fillers, all else is left out. Returns the end. */
static char *put_name(char *to, const char *end, const char *text)
{
    for (; *text && to < end; text++)
        if (isalpha((unsigned char)*text))
            *to++ = (char)toupper((unsigned char)*text);
        else if (*text == ' ' || *text == '-')
            *to++ = '<';
    return to;
}

static void put_names(char *to, size_t size, const char *family, const char *given)
{
    const char *end = to + size;

    to = put_name(to, end, *family ? family : given);
    if (*family && *given && to + 2 < end)
        put_name(to + 2, end, given);
}

static void put_checked(char *to, const char *text, size_t size)
{
    memcpy(to, text, strnlen(text, size));
    to[size] = check_digit(to, size);
}

static void put_date(char *to, const struct date *d)
{
    char text[8];

    snprintf(text, sizeof(text), "%02u%02u%02u", d->year % 100u, d->month % 100u, d->day % 100u);
    put_checked(to, text, 6);
}

static void write_td3(char *out, const struct row *row, const char *family, const char *given)
{
    char *second = out + TD3_LINE, checked[39];

    memset(out, '<', 2 * TD3_LINE);
    out[0] = 'P';
    memcpy(out + 2, row->document.issuer, 3);
    put_names(out + 5, TD3_LINE - 5, family, given);
    put_checked(second, row->document.number, 9);
    memcpy(second + 10, row->country, 3);
    put_date(second + 13, &row->person->born);
    second[20] = row->person->woman ? 'F' : 'M';
    put_date(second + 21, &row->document.expires);
    second[42] = '<'; /* an empty personal number may have the filler for its check digit */
    memcpy(checked, second, 10);
    memcpy(checked + 10, second + 13, 7);
    memcpy(checked + 17, second + 21, 22);
    second[43] = check_digit(checked, 39);
}

static void write_td1(char *out, const struct row *row, const char *family, const char *given)
{
    char *second = out + TD1_LINE, checked[50];

    memset(out, '<', 3 * TD1_LINE);
    out[0] = 'I';
    memcpy(out + 2, row->document.issuer, 3);
    put_checked(out + 5, row->document.number, 9);
    put_date(second, &row->person->born);
    second[7] = row->person->woman ? 'F' : 'M';
    put_date(second + 8, &row->document.expires);
    memcpy(second + 15, row->country, 3);
    memcpy(checked, out + 5, 25);
    memcpy(checked + 25, second, 7);
    memcpy(checked + 32, second + 8, 7);
    memcpy(checked + 39, second + 18, 11);
    second[29] = check_digit(checked, 50);
    put_names(out + 2 * TD1_LINE, TD1_LINE, family, given);
}

void mrz_write(char out[MRZ_SIZE], const struct row *row, const char *family, const char *given)
{
    memset(out, 0, MRZ_SIZE);
    if (strlen(row->document.number) > NUMBER_MAX)
        return;
    if (row->document.type == DOCUMENT_PASSPORT)
        write_td3(out, row, family, given);
    else if (row->document.type == DOCUMENT_ID_CARD)
        write_td1(out, row, family, given);
}
