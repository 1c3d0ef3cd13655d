/*
 * The door of a daemon: accepts connections of nanomsg's REQ sockets over TCP or a unix socket, and hands on their
 * messages. It answers to one question: what may somebody cost who has shown no key yet?
 *
 *   strangers   at most GATE_STRANGERS connections, GATE_STRANGERS_ADDRESS of one address: the oldest gives way to the
 *               newest, of the same address first. GATE_HELLO_MS to greet and send one message, GATE_PROVE_MS until the
 *               owner says whose key it is; messages of GATE_STRANGER_MESSAGE bytes, of memory so many bytes at most.
 *               GATE_SECOND new ones a second, GATE_SECOND_ADDRESS of one address: beyond that the kernel drops their
 *               first packets (filter.h), but not those from addresses from which a key was shown within
 *               GATE_FAMILIAR_MS.
 *   known keys  at most GATE_KEY_CONNECTIONS of one key: its own oldest gives way. Whole messages, GATE_IN_FLIGHT of a
 *               connection at a time, GATE_KEY_SECOND of a key a second, or GATE_KEY_BYTES: what comes beyond stays in
 *               the peer's socket. So no reply is lost without the end of its connection, which the peer sees.
 *   all         nothing moves for GATE_STALLED_MS within a message or a reply, or for GATE_IDLE_MS between: closed.
 *
 * One thread does all of it. Descriptors are what the process may have, less GATE_RESERVED for store and ledger.
 */
#ifndef PROTOCOL_SP_GATE_H
#define PROTOCOL_SP_GATE_H

#include "protocol/sp/sp.h"

#define GATE_CONNECTIONS 4096
#define GATE_STRANGERS 1024
#define GATE_STRANGERS_ADDRESS 64
#define GATE_SECOND 500
#define GATE_SECOND_ADDRESS 64
#define GATE_KEY_CONNECTIONS 64
#define GATE_STRANGER_MESSAGE (SP_BACK_MAX + 4096u)
#define GATE_KEY_SECOND 1000
#define GATE_KEY_BYTES (16u << 20)
#define GATE_RESERVED 768
#define GATE_IN_FLIGHT 4
#define GATE_HELLO_MS 5000
#define GATE_PROVE_MS 10000
#define GATE_STALLED_MS 30000
#define GATE_IDLE_MS 900000
#define GATE_FAMILIAR_MS 86400000
#define GATE_KEY_SIZE 32
#define GATE_KEYS 512 /* different ones at a time */

struct gate;

/* A message and where its answer goes. Ends with gate_answer() or gate_drop(), or nothing more is read from there. */
struct gate_message {
    uint32_t connection, generation;
    size_t back_len;
    uint8_t back[SP_BACK_MAX]; /* hops and id, to be sent back with the answer */
    bool cut;                  /* longer than was allowed: only its beginning is here */
    bool known;                /* the connection is of a key that was shown */
    bool familiar;             /* from its address a key was shown within GATE_FAMILIAR_MS */
    uint16_t key;              /* a number for that key as long as it has connections; GATE_KEYS: none yet */
    uint64_t came_us;          /* for the owner: when it took it */
    struct buf bytes;          /* hops and id, then the body; owned by whoever has the message */
};

/* What stands behind hops and id. */
struct span gate_body(const struct gate_message *message);

struct gate_options {
    const char *url; /* tcp://ADDRESS:PORT, ADDRESS a literal one, IPv6 in brackets, or *; or ipc://PATH */
    size_t limit;    /* bytes of a message of a known key, without hops and id */
    /* Called in the gate's thread for each message; takes it. Must not wait. */
    void (*take)(void *context, struct gate_message *message);
    void *context;
};

/* Raises the number of open files as far as it goes, binds and starts. ERR_IO names url and reason. */
int gate_open(struct gate **out, const struct gate_options *options, struct err *err);

/* Accepts and reads nothing more; answers still go out. */
void gate_drain(struct gate *gate);

/* Gives what is to be sent out a moment to leave, then closes everything and frees. */
void gate_close(struct gate *gate);

/* ERR_IO once it cannot accept any more. */
int gate_check(struct gate *gate, struct err *err);

/* These may be called by any thread, also about connections that are gone. */

/* Sends bytes as the answer and frees the message. The bytes are copied. */
void gate_answer(struct gate *gate, struct gate_message *message, struct span bytes);
/* The same, and then the connection is closed. */
void gate_dismiss(struct gate *gate, struct gate_message *message, struct span bytes);
/* Ends the message without an answer. */
void gate_drop(struct gate *gate, struct gate_message *message);
/* Whoever is at the other end of this message's connection has shown this key. */
void gate_know(struct gate *gate, const struct gate_message *message, const uint8_t key[GATE_KEY_SIZE]);

#endif
