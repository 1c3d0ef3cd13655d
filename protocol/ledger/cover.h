/*
 * What covers the entries that the matcher hands out: lines of its ledger (event.h). A message of a mailbox names the
 * leaf of its line; a hit of a query is covered by a line behind the query's event. A line tells party, partner,
 * purpose and epoch, how many tags it is about, and the salted digest of all of them with what went with each: so who
 * got all of a line can tell that it got what the ledger says, and nothing else.
 */
#ifndef PROTOCOL_LEDGER_COVER_H
#define PROTOCOL_LEDGER_COVER_H

#include "protocol/ledger/event.h"
#include "protocol/ledger/note.h"
#include "protocol/wire/mailbox.h"

#define COVER_MESSAGES_MAX 65536 /* of a line: the matcher makes none that are longer */

/* The messages of one line, one after another. */
struct cover {
    struct event event;
    uint64_t leaf, count;
    struct event_digest digest;
    uint8_t tag[WIRE_TAG_SIZE]; /* of the last message */
    bool counts;                /* it tells how much was asked, without a digest */
};

/* What the messages of a line have in common. */
struct cover_about {
    const char *party, *partner, *purpose; /* names; borrowed */
    uint32_t epoch;
    enum event_kind kind;
};

/* EVENT_DELIVER for a match, ...; 0 for a letter. */
enum event_kind cover_kind(enum mailbox_kind kind);

/*
 * Reads an event that came with a proof, which must lead to this checkpoint, verified by the caller. ERR_VERIFY,
 * ERR_INPUT.
 */
int cover_event(struct event *out, const struct checkpoint *checkpoint, const struct wire_event *in, struct err *err);

/* Begins with the line at leaf. ERR_VERIFY says in what it is not about this. */
int cover_begin(struct cover *out, const struct event *event, uint64_t leaf, const struct cover_about *about,
                struct err *err);

/*
 * Takes the next message of the line. ERR_VERIFY: there are more than the line is about, or their tags do not ascend.
 */
int cover_add(struct cover *cover, const uint8_t tag[WIRE_TAG_SIZE], struct span payload, struct err *err);

/* The line that tells how much was asked on a day has one message without tag. ERR_VERIFY: it tells another number. */
int cover_add_count(struct cover *cover, uint64_t count, struct err *err);

/* All messages were taken. ERR_VERIFY: they are not those that the line is about. */
int cover_end(struct cover *cover, struct err *err);

#endif
