/*
 * The messages of one line of the matcher's ledger, held until all are there: the line's digest is over all of them.
 * One that is not as the ledger says is held, too, so that it can be shown to others.
 */
#ifndef CLIENT_MAIL_LINE_H
#define CLIENT_MAIL_LINE_H

#include "client/agency/agency.h"
#include "protocol/ledger/cover.h"
#include "protocol/wire/mailbox.h"

struct line {
    bool open;
    uint64_t leaf, last;             /* last: sequence number of the last message */
    struct mailbox_message *message; /* count of them, whose payloads line_end() puts in place */
    size_t count, room;
    struct buf payloads, proof; /* proof: of the event, with event and checkpoint */
    size_t event_len, proof_len;
    struct cover cover;
    char partner[PARTY_NAME_MAX + 1]; /* as the event names it; where there is none, as the manifest does */
    char why[ERR_TEXT_MAX];           /* why it is refused; "" if it is covered */
};

void line_init(struct line *line);
void line_free(struct line *line);

/* The event of that leaf in a list; NULL: it has none. */
const struct wire_event *line_find_event(const struct wire_event_list *list, uint64_t leaf);

/*
 * Begins with the line that the message names, of which reply, verified up to the checkpoint, must have the event.
 * after: the leaf of the line before.
 */
int line_begin(struct line *line, const struct agency *agency, const struct mailbox_message *message,
               const struct fetch_reply *reply, const struct checkpoint *checkpoint, uint64_t after, struct err *err);
int line_add(struct line *line, const struct mailbox_message *message, struct err *err);

/* Whether it has all of its messages. One that is refused never has. */
bool line_is_whole(const struct line *line);

/* It has all that came. */
void line_end(struct line *line);

/* The messages with their event as the body of a FETCH reply, for evidence; as many as fit. */
int line_print(struct buf *out, const struct line *line, struct err *err);

#endif
