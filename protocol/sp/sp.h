/*
 * What nanomsg's sockets of the kinds REQ and REP say to each other over a stream, written and read without its library
 * (the SP specifications sp-tcp-mapping-01, sp-request-reply-01; for ipc as nanomsg 1.1.5 does it):
 *
 *   greeting   00 'S' 'P' 00 | kind u16be | 00 00           both sides, at once
 *   message    length u64be | bytes                         over ipc each behind one byte 01
 *   its bytes  hops u32be ... | id u32be with the highest bit set | body
 *
 * The library allocates what a stranger announces, keeps every connection, and ends the process by an assertion on
 * errors of the network that it did not think of. The reader here takes bytes as they come, grows only with what has
 * arrived, and drops what is longer than its owner allows at that moment.
 */
#ifndef PROTOCOL_SP_SP_H
#define PROTOCOL_SP_SP_H

#include "protocol/base/buf.h"

#define SP_GREETING_SIZE 8
#define SP_PREFIX_MAX 9         /* what stands before a message's bytes: its length, over ipc one byte more */
#define SP_BACK_MAX 16          /* hops and id: of a client that asks through at most three of nanomsg's devices */
#define SP_KEPT 64              /* of a message that is too long, so many bytes are kept, to answer it by */
#define SP_DROP_MAX (64u << 20) /* a message that claims to be longer breaks the connection */

enum sp_kind { SP_REQ = 0x30, SP_REP = 0x31 };

void sp_greeting(uint8_t out[SP_GREETING_SIZE], enum sp_kind own);

/* What stands before a message of len bytes; how long it is. */
size_t sp_prefix(uint8_t out[SP_PREFIX_MAX], bool ipc, uint64_t len);

/* How many bytes hops and id take at the beginning of a message; 0 if they are not there. */
size_t sp_back(struct span message);

enum sp_event {
    SP_MORE,    /* nothing is complete yet */
    SP_GREETED, /* the other side is what it should be */
    SP_MESSAGE, /* `message` is one: take it, or clear it */
    SP_CUT,     /* `message` is the beginning of one that is longer than `limit`: the rest is dropped as it comes */
    SP_BROKEN   /* this is not the protocol, or memory has run out: close */
};

/* Where one connection's bytes go. Zeroed, then set up by sp_reader_init(). */
struct sp_reader {
    size_t limit; /* bytes of a message: the owner sets it, for those that are announced from now on */
    struct buf message;
    /* private */
    bool ipc;
    enum sp_kind other;
    enum { SP_AT_GREETING, SP_AT_LENGTH, SP_AT_MESSAGE, SP_AT_CUT, SP_AT_REST } at;
    uint8_t head[SP_PREFIX_MAX];
    size_t have;   /* of the head */
    uint64_t left; /* of the message */
};

void sp_reader_init(struct sp_reader *reader, bool ipc, enum sp_kind other, size_t limit);
void sp_reader_free(struct sp_reader *reader);

/* Whether a message has begun and is not over. */
bool sp_reader_is_within(const struct sp_reader *reader);

/*
 * Where the next bytes of the stream go, and how many at most: never 0. What is only dropped goes to scratch. NULL if
 * memory has run out.
 */
uint8_t *sp_reader_want(struct sp_reader *reader, uint8_t *scratch, size_t scratch_len, size_t *len);

/* So many bytes were put there. */
enum sp_event sp_reader_got(struct sp_reader *reader, size_t len);

#endif
