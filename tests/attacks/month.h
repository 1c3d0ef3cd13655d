/*
 * Thirty days of an agency whose daemon sends each edit alone, as the matcher sees them. The requests are what the
 * client's own code plans (client/vault/crowds.h), over a vault of records whose tokens are made up.
 */
#ifndef TESTS_ATTACKS_MONTH_H
#define TESTS_ATTACKS_MONTH_H

#include "client/vault/vault.h"
#include "tests/attacks/people.h"

enum { DAYS = 30, EDITS_A_DAY = 20, WALKS = DAYS * EDITS_A_DAY, WALK_WORDS = (WALKS + 63) / 64 };
enum { MONTH_RECORDS = 1000, MONTH_SIGHTS = 1 << 17 };

/* A record's tags; the first CHANGED change with an edit. One more is had in common by SHARED records. */
enum { CHANGED = 3, TAGS = 5, SHARED_KEY = TAGS, SHARED = 4 };

/* What is to be seen of a tag: in which walks it was added, put anew or removed. */
struct sight {
    uint8_t tag[WIRE_TAG_SIZE];
    int record; /* -1: of none, or invented */
    int key;
    bool known;
    uint64_t walks[WALK_WORDS];
};

struct month {
    struct sight *sight; /* MONTH_SIGHTS places, in no order; tags that are known */
    struct sight **seen; /* those of them that came since the first load */
    size_t seen_count;
    double sent; /* tags for an edit */
    struct vault *vault;
    int64_t domain;
    char dir[64];
};

/* Of MONTH_RECORDS the first half are edited, some of the last withdrawn. alone: what changed goes out alone. */
void month_live(struct month *out, bool alone);
void month_free(struct month *month);

/* In how many walks both were sent. */
unsigned month_together(const struct sight *a, const struct sight *b);

#endif
