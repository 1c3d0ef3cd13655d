/*
 * Ledger events: what happened, one entry of the log each. An entry is one line of JSON without blanks: one object,
 * members in the order of struct event, so that an auditor reads it with jq and an event has exactly one encoding:
 *
 *     {"kind":"put","time":1763985600,"salt":"<32
 *     hex>","party":"THA","purpose":"persons","epoch":1,"count":2,"added":2,
 *      "digest":"<64 hex>"}
 *
 * kind, time and salt always stand there; a member that is 0 or empty does not. Numbers are decimal without leading
 * zeroes, below 2^63; texts are printable ASCII without " and \. Never personal data, never a tag: who, when, which
 * purpose, how many, salted digests. The salt is random: without it and the data, a digest says nothing.
 *
 * Each event is committed in the same atomic write as the change that it describes. A put, remove, query, expire or
 * rejoin is a *cause*: what it made go to whom follows directly behind it, as one deliver or withdraw for each pair of
 * agencies concerned, and nothing stands between. They are sorted by party, then partner, then kind (deliver before
 * withdraw).
 *
 * Digests: SHA-256(salt || u32be length || part || u32be length || part ...), where the parts are, in order,
 *     put                for each entry of the batch, its tag and its payload
 *     remove, query      for each tag of the batch, the tag
 *     expire             for each tag that expired, the tag; oldest entry first, those of one second by tag
 *     deliver            for each tag of its cause for which the partner's entry went to party: the tag, and its
 *     payload withdraw           for each tag of its cause for which party was told that the partner's entry is gone:
 *     the tag evaluate           the blinded elements
 * The tags of a put, remove or query ascend; those of a rejoin ascend; those of an expire are in the order above. Other
 * digests are not salted: a manifest's SHA-256, the root of a checkpoint.
 *
 * Times do not go back from one event to the next, except behind a clock event. A machine's clock that is up to
 * EVENT_CLOCK_SLACK seconds behind the last event is taken to show that event's time; if it is further behind, a clock
 * event comes first. The time of a put is the age of its entries.
 */
#ifndef PROTOCOL_LEDGER_EVENT_H
#define PROTOCOL_LEDGER_EVENT_H

#include "protocol/base/buf.h"
#include "protocol/identity/party.h"

#define EVENT_SALT_SIZE 16
#define EVENT_DIGEST_SIZE 32
#define EVENT_SIZE_MAX 1024
#define EVENT_NOTE_MAX 200
#define EVENT_CLOCK_SLACK 60 /* seconds */

enum event_kind {
    EVENT_START = 1, /* the daemon started: note = its version */
    EVENT_STOP,      /* ... stopped in good order */
    EVENT_MANIFEST,  /* a manifest is in force: count = its version, digest = its digest; its file lies in manifests/ */
    EVENT_PUT,       /* party put count entries = added + renewed (same payload, new age) + replaced (other payload) */
    EVENT_REMOVE,    /* party named count tags, removed entries were there */
    EVENT_EXPIRE,    /* the count oldest entries of party passed the retention of the purpose */
    EVENT_QUERY,     /* party queried count tags and got hits entries; note "cut": a reply could not hold them all */
    /* the next count tags of the purpose, ascending by epoch and tag, were walked for the pairs of agencies whose
     * grants began or ended; note "done": to the end */
    EVENT_REJOIN,
    EVENT_DELIVER,     /* count entries of partner went to party: its mailbox, or the answer to its query */
    EVENT_WITHDRAW,    /* party was told of count entries of partner that they are gone */
    EVENT_ACKNOWLEDGE, /* party took count messages from its mailbox */
    /* a request of party was refused: note = why, a reason of refusal.h; count = the how manieth of the day */
    EVENT_REFUSE,
    EVENT_EVALUATE, /* a custodian evaluated count elements for party; note = its coalition, as "1,3" */
    EVENT_WITNESS,  /* a checkpoint of party's log was cosigned: count = its size, digest = its root */
    /* a checkpoint of party's log contradicts one seen before: count = its size, digest = its root; both lie in
     * evidence/ */
    EVENT_SPLIT,
    EVENT_CLOCK /* the machine's clock went back by count seconds */
};
#define EVENT_KINDS (EVENT_CLOCK + 1)

/* Members that a kind does not use are empty or zero. In the JSON, names and order are these. */
struct event {
    enum event_kind kind;
    uint64_t time; /* seconds since 1970 */
    uint8_t salt[EVENT_SALT_SIZE];
    char party[PARTY_NAME_MAX + 1];
    char partner[PARTY_NAME_MAX + 1];
    char purpose[PARTY_NAME_MAX + 1];
    uint64_t epoch; /* below 2^32 */
    uint64_t count;
    uint64_t added, renewed, replaced; /* of a put */
    uint64_t removed;                  /* of a remove */
    uint64_t hits;                     /* of a query */
    uint8_t digest[EVENT_DIGEST_SIZE];
    char note[EVENT_NOTE_MAX + 1];
};

/* "put", "deliver", ...; NULL for an unknown kind. And back; 0 for an unknown name. */
const char *event_kind_name(enum event_kind kind);
enum event_kind event_kind_of(const char *name);

/* Whether deliver and withdraw events may follow it. */
bool event_is_cause(enum event_kind kind);

/* Fills salt and time, clears the rest. */
void event_init(struct event *event, enum event_kind kind);

int event_encode(struct buf *out, const struct event *event, struct err *err);

/* Takes the one encoding of an event and no other. ERR_INPUT. Allocates nothing. */
int event_decode(struct event *out, struct span text, struct err *err);

/* The salted digest above, part by part. */
struct event_digest {
    _Alignas(8) uint8_t state[128]; /* crypto_hash_sha256_state */
};
void event_digest_start(struct event_digest *digest, const uint8_t salt[EVENT_SALT_SIZE]);
void event_digest_add(struct event_digest *digest, struct span part);
void event_digest_end(struct event_digest *digest, uint8_t out[EVENT_DIGEST_SIZE]);

#endif
