/*
 * Ledger events: one state change each, as the bytes of a log entry: canonical JSON, one object, members in the order of
 * the struct, so that an auditor reads it with jq. Never personal data, never a tag: who, when, which purpose, how many,
 * salted digests.
 */
#ifndef PROTOCOL_LEDGER_EVENT_H
#define PROTOCOL_LEDGER_EVENT_H

#include "protocol/base/buf.h"
#include "protocol/region/party.h"

#define EVENT_SALT_SIZE 16
#define EVENT_DIGEST_SIZE 32
#define EVENT_SIZE_MAX 4096
#define EVENT_NOTE_MAX 200

enum event_kind {
    EVENT_START = 1,   /* the daemon started */
    EVENT_STOP,        /* ... stopped in good order */
    EVENT_MANIFEST,    /* count = its version, digest = its digest (not salted) */
    EVENT_PUT,         /* party put count entries; digest over tags and payloads */
    EVENT_REMOVE,      /* party removed count entries; digest over tags */
    EVENT_EXPIRE,      /* count entries of party passed their retention */
    EVENT_QUERY,       /* party queried count tags, hits = matches found */
    EVENT_DELIVER,     /* count messages from partner's entries went to party's mailbox; digest over them */
    EVENT_WITHDRAW,    /* count withdrawal messages about partner's entries went to party's mailbox */
    EVENT_RELAY,       /* an end-to-end sealed message from party to partner */
    EVENT_REFUSE,      /* a request of party was refused: note = budget, grant, epoch, conflict */
    EVENT_EVALUATE,    /* a custodian evaluated count elements for party; digest over the blinded elements */
    EVENT_WITNESS      /* a checkpoint of party's log was cosigned: count = its size, digest = its root (not salted) */
};

/* Members that a kind does not use are empty or zero and do not appear in the JSON. */
struct event {
    enum event_kind kind;
    uint64_t time; /* seconds since 1970 */
    uint8_t salt[EVENT_SALT_SIZE];
    char party[PARTY_NAME_MAX + 1];
    char partner[PARTY_NAME_MAX + 1];
    char purpose[PARTY_NAME_MAX + 1];
    uint32_t epoch;
    uint64_t count;
    uint64_t hits;
    uint8_t digest[EVENT_DIGEST_SIZE]; /* see event_digest_*() */
    char note[EVENT_NOTE_MAX + 1];
};

/* "put", "deliver", ...; NULL for an unknown kind. */
const char *event_kind_name(enum event_kind kind);

/* Fills salt and time, clears the rest. */
void event_init(struct event *event, enum event_kind kind);

int event_encode(struct buf *out, const struct event *event, struct err *err);
int event_decode(struct event *out, struct span text, struct err *err);

/* Salted digest: SHA-256(salt || part || part ...), each part preceded by its length as u32be. */
struct event_digest {
    _Alignas(8) uint8_t state[128]; /* crypto_hash_sha256_state */
};
void event_digest_start(struct event_digest *digest, const uint8_t salt[EVENT_SALT_SIZE]);
void event_digest_add(struct event_digest *digest, struct span part);
void event_digest_end(struct event_digest *digest, uint8_t out[EVENT_DIGEST_SIZE]);

#endif
