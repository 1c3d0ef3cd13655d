/*
 * How many entries an agency put today, by purpose. It bounds what one can write into the matcher's archive, and into
 * its partners' mailboxes: a change is told to every partner that the tag met, and costs no meeting. Honestly each that
 * is new, or has another payload, takes an evaluation, of today or of the day before, or of the first load:
 * CHANGED_DAYS times the limit `daily`, and `load` as long as that lasts. What is put as it was is renewed for its
 * retention, seldom more than once: RENEWED_TIMES what is held, and as much again as may change. Forgotten with the
 * process.
 */
#ifndef MATCHER_JOIN_CHANGED_H
#define MATCHER_JOIN_CHANGED_H

#include "protocol/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define CHANGED_DAYS 2
#define RENEWED_TIMES 4

enum changed_kind {
    CHANGED_NEW,     /* a new tag, or another payload */
    CHANGED_RENEWED, /* as it was */
    CHANGED_KINDS
};

struct changed {
    struct changed_count *item; /* one for each agency and purpose that changed something; owned */
    size_t count, room;
};

void changed_free(struct changed *changed);

/* Entries of a kind that were put on that day. */
uint64_t changed_today(const struct changed *changed, enum changed_kind kind, uint16_t purpose, uint16_t agency,
                       uint64_t day);

/* Counts one more. ERR_NO_MEMORY. */
int changed_add(struct changed *changed, enum changed_kind kind, uint16_t purpose, uint16_t agency, uint64_t day,
                struct err *err);

#endif
