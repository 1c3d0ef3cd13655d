/*
 * The mailbox at the matcher, batch by batch. While one is taken in, the next is under way, over a connection and on a
 * thread of its own; a mailbox that one batch empties costs neither.
 */
#ifndef CLIENT_MAIL_FETCHING_H
#define CLIENT_MAIL_FETCHING_H

#include "client/agency/agency.h"
#include "protocol/wire/mailbox.h"

struct fetching;

/* Of messages after this sequence number. The agency is borrowed. */
int fetching_new(struct fetching **out, struct agency *agency, uint64_t after, struct err *err);

/*
 * The next batch, as the matcher sent it; only if the one before said that there is more. Borrowed until the next call:
 * there are two at most. A failure ends it: what is left is fetched anew.
 */
int fetching_next(struct fetching *fetching, const struct fetch_reply **out, struct err *err);

/* Breaks off what is under way. NULL is fine. */
void fetching_free(struct fetching *fetching);

#endif
