/* What holds of the rows of a feed, whatever its bytes are. */
#ifndef TESTS_FUZZ_FEED_ROWS_H
#define TESTS_FUZZ_FEED_ROWS_H

#include "client/feed/feed.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Reads a feed to its end: every row is good or rejected, values keep their bounds, and lines are counted upwards. */
static inline void fuzz_feed_rows(const char *path, const char *encoding)
{
    const struct feed_options options = {.path = path, .encoding = encoding, .lenient = true};
    struct feed *feed;
    struct record r;
    struct err err = {0};
    bool end = false;
    size_t line = 0;
    if (feed_open(&feed, &options, &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0');
        return;
    }
    while (feed_next(feed, &r, &end, &err) == 0 && !end) {
        FUZZ_HOLDS(r.line > line && r.field[FIELD_RECORD_ID][0] != '\0');
        line = r.line;
        for (int f = 0; f < FIELDS; f++) {
            const char *value;
            FUZZ_HOLDS(r.more[f] < FIELD_VALUES_MAX);
            for (size_t i = 0; (value = record_value(&r, (enum field)f, i)) != NULL; i++)
                FUZZ_HOLDS(strlen(value) <= FIELD_SIZE_MAX);
        }
    }
    FUZZ_HOLDS(end || err.text[0] != '\0');
    feed_free(feed);
}

#endif
