/*
 * The server's sessions: a bounded table. Answers handshakes, finds and opens transport frames. Thread-safe. Private to
 * rpc/.
 *
 * No peer ends another's sessions: beyond SESSIONS_PEER in use its own oldest goes, beyond SESSIONS_PEER_FRESH that
 * never carried a request the oldest of these. So whoever replays handshakes of a peer cannot push out sessions in use.
 */
#ifndef PROTOCOL_RPC_SESSIONS_H
#define PROTOCOL_RPC_SESSIONS_H

#include "protocol/channel/session.h"
#include "protocol/identity/party.h"

#define SESSIONS_MAX 4096
#define SESSIONS_PEER 64
#define SESSIONS_PEER_FRESH 16

struct sessions;

struct sessions_options {
    const uint8_t *secret; /* the server's channel secret, borrowed */
    int (*authorise)(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                     struct err *err);
    void *context;
};

int sessions_new(struct sessions **out, const struct sessions_options *options, struct err *err);
void sessions_free(struct sessions *sessions);

/* Answers a handshake frame; the same frame again gets the same answer. ERR_DENIED: no peer of ours. */
int sessions_accept(struct sessions *sessions, struct span frame, uint8_t answer[FRAME_HANDSHAKE2_SIZE],
                    struct err *err);

/* What a request keeps of its session to answer later, even if the session is gone by then. Wipe after use. */
struct reply_key {
    struct session session;
    uint64_t counter;
    char peer[PARTY_NAME_MAX + 1];
    uint8_t channel[NOISE_KEY]; /* the peer's */
};

/*
 * Opens a transport frame, appends the plaintext to out, fills key. ERR_NOT_FOUND: unknown or expired session, or a
 * counter seen before: the client must begin anew. ERR_VERIFY: not authentic.
 */
int sessions_open(struct sessions *sessions, struct span frame, struct buf *out, struct reply_key *key,
                  struct err *err);

/* Ends sessions whose peer authorise() does not know any more, or by another name; how many. */
size_t sessions_review(struct sessions *sessions);

#endif
