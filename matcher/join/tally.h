/*
 * What one cause (protocol/ledger/event.h) made go to whom, summed per receiver and partner, for the ledger: an event
 * each, with the count and a salted digest over the messages in the order they were appended: a tag and, of a match,
 * its payload.
 */
#ifndef MATCHER_JOIN_TALLY_H
#define MATCHER_JOIN_TALLY_H

#include "matcher/store/store.h"

#define TALLY_BUCKETS 256
#define TALLY_LINES_MAX 65536

struct tally_line {
    enum event_kind kind; /* EVENT_DELIVER, EVENT_WITHDRAW */
    uint16_t party, partner, purpose;
    uint32_t epoch;
    uint64_t count;
    struct event event;
    struct event_digest digest;
    int next; /* of the same bucket, -1 ends */
};

struct tally {
    struct tally_line *line;
    size_t count, room;
    int bucket[TALLY_BUCKETS];
};

void tally_init(struct tally *tally);
void tally_free(struct tally *tally);

/* Counts one tag; payload: empty of a withdrawal. */
int tally_add(struct tally *tally, enum event_kind kind, uint16_t party, uint16_t partner, uint16_t purpose,
              uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE], struct span payload, struct err *err);

/*
 * Appends the cause, then the lines, dated as it is and in the order of event.h, and forgets them. index and encoded
 * are the cause's, as of store_event().
 */
int tally_write(struct tally *tally, struct store_write *write, const struct event *cause, uint64_t *index,
                struct buf *encoded, struct err *err);

#endif
