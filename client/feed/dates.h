/* What is declared of a feed's dates, and dates written anew by it. For the files of this folder alone. */
#ifndef CLIENT_FEED_DATES_H
#define CLIENT_FEED_DATES_H

#include "client/feed/check.h"
#include "protocol/base/err.h"

#define DATES_TEXT_MAX 64 /* bytes of a date that is written anew */

struct dates {
    enum dates_order order;
    bool serial;          /* five digits are a day as spreadsheets count */
    bool from_1904;       /* and count from there, as those of old Macintoshes */
    const char *calendar; /* of rows that do not say one; "" */
};

/* words: parted by commas or blanks; "" or NULL: nothing is declared. ERR_USAGE. */
int dates_declare(struct dates *out, const char *words, struct err *err);

/*
 * A date that is to be read by what was declared, as YYYY-MM-DD; returns its length, 0 where it stays as it is.
 * *gregorian: of that calendar, whatever the row says.
 */
size_t dates_rewrite(const struct dates *dates, char out[DATES_TEXT_MAX], const char *text, size_t len,
                     bool *gregorian);

/* Days of a spreadsheet as YYYY-MM-DD; its length, 0: no day from 1900 to 2150. */
size_t dates_from_serial(char out[DATES_TEXT_MAX], uint32_t days, bool from_1904);

#endif
