/*
 * A session: what two parties have after a handshake, and the frames that travel (docs/protocol.md, "Frames").
 *
 *   handshake 1   01 | Noise message 1, its payload the client's clock (u64be)      client to server
 *   handshake 2   02 | Noise message 2: the session's index (u32be), clock (u64be)  server to client
 *   transport     03 | index u32be | counter u64be | ciphertext and tag             both ways
 *   notice        04 | reason                                                       server to client, unauthenticated
 *
 * Requests are numbered by the client; the reply to a request carries the request's counter, so that a reply cannot be
 * taken for another's. A request resent by the transport is the identical frame: the window refuses to open it twice,
 * and the server says that it knows no such session; the client shakes hands anew and asks again (rpc/), and the
 * request id inside the message makes that harmless (wire/). Nothing is kept here to answer from. A frame may be longer
 * than Noise's 65535 bytes: the limit is the specification's, not the cipher's, whose own (2^38 bytes) is far; the
 * format says so.
 */
#ifndef PROTOCOL_CHANNEL_SESSION_H
#define PROTOCOL_CHANNEL_SESSION_H

#include "protocol/base/buf.h"
#include "protocol/channel/noise.h"

#include <stdbool.h>

enum frame_type { FRAME_HANDSHAKE1 = 1, FRAME_HANDSHAKE2 = 2, FRAME_TRANSPORT = 3, FRAME_NOTICE = 4 };
enum frame_notice { NOTICE_UNKNOWN_SESSION = 1, NOTICE_BUSY = 2, NOTICE_DENIED = 3, NOTICE_TOO_LONG = 4 };

#define FRAME_HEADER 13
#define FRAME_OVERHEAD (FRAME_HEADER + NOISE_TAG)
#define FRAME_HELLO1_SIZE 8       /* payload of message 1: the client's clock */
#define FRAME_HELLO2_SIZE (4 + 8) /* of message 2: the session's index, the server's clock */
#define FRAME_HANDSHAKE1_SIZE (1 + NOISE_MESSAGE1_OVERHEAD + FRAME_HELLO1_SIZE)
#define FRAME_HANDSHAKE2_SIZE (1 + NOISE_MESSAGE2_OVERHEAD + FRAME_HELLO2_SIZE)

#define SESSION_PROLOGUE "concord/2"
#define SESSION_REKEY_MESSAGES (1u << 20) /* the client handshakes anew after so many requests ... */
#define SESSION_REKEY_SECONDS 600         /* ... or so long */
#define SESSION_REJECT_SECONDS 900        /* the server forgets a session of that age, whatever it is doing */
#define WINDOW_SIZE 1024                  /* counters; a multiple of 64 */

/* The sliding window of RFC 6479: accepts each counter once, and none that is WINDOW_SIZE or more behind. */
struct window {
    uint64_t last;
    bool any;
    uint64_t bitmap[WINDOW_SIZE / 64 + 1];
};

enum window_verdict { WINDOW_NEW, WINDOW_SEEN, WINDOW_OLD };
enum window_verdict window_check(const struct window *window, uint64_t counter);
/* Marks a counter as seen. Only after the frame proved authentic. */
void window_update(struct window *window, uint64_t counter);

struct session {
    uint32_t index;
    uint8_t send[NOISE_KEY], receive[NOISE_KEY];
    uint64_t born_ms;     /* monotonic */
    uint64_t next;        /* client: counter of the next request */
    struct window window; /* server: counters of requests */
};

/* Appends the whole frame for plain to out. */
int session_seal(const struct session *session, uint64_t counter, struct span plain, struct buf *out, struct err *err);

/*
 * Opens a transport frame whose header names this session, and appends the plaintext to out. ERR_VERIFY if it does not
 * authenticate. Does not look at the window: the caller does.
 */
int session_open(const struct session *session, struct span frame, struct buf *out, struct err *err);

/* Header of a transport frame; false if it is none or too short to be one. */
bool frame_parse(struct span frame, uint32_t *index, uint64_t *counter);

#endif
