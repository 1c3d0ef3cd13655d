/* Errors of fingers and cameras. */
#include "tests/generator/row.h"

#include <ctype.h>
#include <string.h>

bool row_happens(struct row *row, enum rate rate)
{
    static const unsigned short rates[RATES_COUNT][SOURCES] = {
#define RATE(name, scanned, typed, interview) {scanned, typed, interview},
        RATES(RATE)
#undef RATE
    };

    return random_permille(&row->random, rates[rate][row->source] * row->w->errors / 100);
}

bool row_occurs(struct row *row, enum rate rate)
{
    const struct world unscaled = {.errors = 100}, *w = row->w;
    bool occurs;

    row->w = &unscaled;
    occurs = row_happens(row, rate);
    row->w = w;
    return occurs;
}

/* The key beside it, mostly; else any. */
static char wrong_key(char c, struct random *r)
{
    static const char *const rows[] = {"qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890"};
    char small = (char)tolower((unsigned char)c),
         other = isdigit((unsigned char)c) ? (char)('0' + random_below(r, 10)) : (char)('a' + random_below(r, 26));

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *at = strchr(rows[i], small);

        if (at && random_permille(r, 700))
            other = at > rows[i] && (!at[1] || random_permille(r, 500)) ? at[-1] : at[1];
    }
    return isupper((unsigned char)c) ? (char)toupper((unsigned char)other) : other;
}

void text_mistype(char *text, struct random *r)
{
    size_t len = strlen(text), at;
    char c;

    if (len < 4 || len + 2 > FIELD_SIZE)
        return;
    at = 1 + random_below(r, (uint32_t)len - 2);
    if (!isalnum((unsigned char)text[at]) || !isalnum((unsigned char)text[at + 1]))
        return;
    switch (random_below(r, 4)) {
    case 0:
        text[at] = wrong_key(text[at], r);
        break;
    case 1:
        memmove(text + at, text + at + 1, len - at);
        break;
    case 2:
        c = text[at];
        text[at] = text[at + 1];
        text[at + 1] = c;
        break;
    default:
        text[at + 1] = text[at]; /* the next one lost to a key struck twice */
    }
}

void text_misread(char *text, struct random *r)
{
    static const char alike[] = "O0I1S5B8";
    size_t len = strlen(text);

    for (int tries = 0; tries < 20 && len > 0; tries++) {
        char *c = text + random_below(r, (uint32_t)len);
        const char *at = strchr(alike, toupper((unsigned char)*c));

        if (at && *at) {
            *c = alike[(at - alike) ^ 1];
            return;
        }
    }
}

void date_mistype(struct date *d, struct random *r)
{
    switch (random_below(r, 3)) {
    case 0:
        d->day = (uint8_t)(1 + (d->day + (random_permille(r, 500) ? 1u : 9u)) % 28);
        break;
    case 1:
        d->month = (uint8_t)(1 + (d->month + random_below(r, 11)) % 12);
        if (d->day > 28)
            d->day = 28;
        break;
    default: {
        unsigned tens = d->year / 10 % 10, ones = d->year % 10, other = random_below(r, 10);

        if (random_permille(r, 300))
            d->year = (uint16_t)(d->year / 100 * 100 + ones * 10 + tens);
        else
            d->year = (uint16_t)(d->year / 10 * 10 + other);
        while (d->year > 2024)
            d->year = (uint16_t)(d->year - 20);
        if (d->month == 2 && d->day == 29)
            d->day = 28;
    }
    }
}
