/*
 * A client's connection to a server of nanomsg's kind REP: one request, one reply, matched by an id of our own. What
 * comes with another id is dropped. The server's key is not known here: nothing that it sends is believed, no more than
 * `limit` bytes of it are kept, and nothing that it does ends more than the call.
 */
#ifndef PROTOCOL_SP_DIAL_H
#define PROTOCOL_SP_DIAL_H

#include "protocol/sp/sp.h"

#include <stdatomic.h>

struct dial {
    int fd;   /* -1: not connected */
    int wake; /* for dial_cancel() */
    bool ipc;
    uint32_t id; /* of the last request */
    struct sp_reader reader;
    _Atomic bool cancelled;
};

/* Opens nothing at the other end yet. ERR_IO. */
int dial_init(struct dial *dial, struct err *err);
void dial_free(struct dial *dial);

/*
 * Connects unless it is. deadline: of clock_monotonic_ms(). ERR_UNREACHABLE with a reason that stands behind "NAME at
 * URL "; *refused says whether somebody answered for that address that nothing listens there.
 */
int dial_connect(struct dial *dial, const char *url, uint64_t deadline, bool *refused, struct err *err);
void dial_disconnect(struct dial *dial);

/*
 * Sends body, waits for its reply of at most limit bytes, replaces what *reply has. ERR_UNREACHABLE: no reply until
 * then; ERR_NOT_FOUND: the connection ended, ERR_VERIFY: this is not the protocol, or the reply is too long. After a
 * failure the connection is closed.
 */
int dial_exchange(struct dial *dial, struct span body, size_t limit, uint64_t deadline, struct buf *reply,
                  struct err *err);

/* From another thread: what is under way, and all that comes, ends with ERR_UNREACHABLE. */
void dial_cancel(struct dial *dial);

#endif
