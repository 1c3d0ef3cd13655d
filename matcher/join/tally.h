/*
 * What one cause (protocol/ledger/event.h) made go to whom, line by line: a line is a kind of event, a party, a
 * partner, a purpose and an epoch, with the tags it is about and what went with them. When the cause is over,
 * tally_write() appends its event and those of the lines, in the order of event.h, and puts what goes into mailboxes
 * behind each other in that same order, each message with the leaf of its line, tags ascending. So a reader checks a
 * line's digest over a run of messages.
 */
#ifndef MATCHER_JOIN_TALLY_H
#define MATCHER_JOIN_TALLY_H

#include "matcher/store/store.h"

#define TALLY_BUCKETS 256
#define TALLY_LINES_MAX 65536

struct tally_item {
    uint8_t tag[WIRE_TAG_SIZE];
    size_t at, len; /* of its payload in the line's bytes */
};

struct tally_line {
    enum event_kind kind; /* EVENT_DELIVER, EVENT_WITHDRAW, EVENT_ASKED, EVENT_WAIT */
    bool mail;            /* it goes into the party's mailbox, not into an answer */
    uint16_t party, partner, purpose;
    uint32_t epoch;
    struct tally_item *item;
    size_t count, room;
    struct buf bytes;
    uint64_t asked; /* of a count without tags */
    bool unordered;
    struct event event;
    int next; /* of the same bucket, -1 ends */
};

struct tally {
    struct tally_line *line;
    size_t count, room;
    size_t bytes;     /* of what the lines hold */
    uint64_t waiting; /* couples that came to wait */
    int bucket[TALLY_BUCKETS];
};

void tally_init(struct tally *tally);
void tally_free(struct tally *tally);

/* What a tag is counted in. party and partner of a wait in any order. */
struct tally_key {
    enum event_kind kind;
    bool mail;
    uint16_t party, partner, purpose;
    uint32_t epoch;
};

/* Counts one tag; payload: of a delivery and of a question, else empty; copied. */
int tally_add(struct tally *tally, const struct tally_key *key, const uint8_t tag[WIRE_TAG_SIZE], struct span payload,
              struct err *err);

/* Counts `asked` tags of a day, in a purpose of kind issued: a line asked without digest, a message without tag. */
int tally_add_count(struct tally *tally, const struct tally_key *key, uint64_t asked, struct err *err);

/*
 * Appends the cause, then the lines, dated as it is, with mail and waiting couples, and forgets them. index and
 * encoded are the cause's, as of store_event().
 */
int tally_write(struct tally *tally, struct store_write *write, const struct event *cause, uint64_t *index,
                struct buf *encoded, struct err *err);

#endif
