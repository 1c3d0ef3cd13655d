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
 * Each event is committed in the same atomic write as the change that it describes. A put, remove, query, expire,
 * rejoin, meet, end or counts is a *cause*: what it made go to whom follows directly behind it, as *lines* deliver,
 * withdraw, asked and wait, one for each pair of agencies concerned, and nothing stands between. They are sorted by
 * party, partner, kind (in the order above), purpose, epoch.
 *
 * Digests: SHA-256(salt || u32be length || part || u32be length || part ...), where the parts are, in order,
 *     put                for each entry of the batch, its tag and its payload
 *     query              for each scope, for each entry of its batch, its tag and its payload
 *     remove             for each tag of the batch, the tag
 *     expire             for each tag whose entry went, the tag; oldest entry first, those of one second by tag
 *     end                for each tag whose entry went, the tag, ascending
 *     meet               for each couple that met, the tag, in the order in which they waited
 *     deliver for each tag of its cause for which the partner's entry went to party: the tag, and its payload
 *      asked for each tag of its cause for which party was told that partner asked: the tag, and its payload; none
 *                         behind a counts
 *     withdraw           for each tag of its cause for which party was told that the partner's entry is gone: the tag
 *     wait               for each tag of its cause whose couple waits: the tag
 *     evaluate           for each scope, the blinded elements
 *     letter             the letter as it was sealed
 * The tags of a put, remove, query (in each scope) or rejoin ascend, and so do those of every line, whatever its
 * cause. Other digests are not salted: a manifest's SHA-256, the root of a checkpoint, those
 * of prekeys.
 *
 * What a party asked for has the request's id, and in `request` SHA-256 of the statement that the party signed
 * (protocol/wire/statement.h). Two such events with one party and id in a ledger convict its owner.
 *
 * Times do not go back from one event to the next, except behind a clock event. A machine's clock that is up to
 * EVENT_CLOCK_SLACK seconds behind the last event is taken to show that event's time; if it is further behind, a clock
 * event comes first. The time of a put is the age of its entries.
 */
#ifndef PROTOCOL_LEDGER_EVENT_H
#define PROTOCOL_LEDGER_EVENT_H

#include "protocol/base/buf.h"
#include "protocol/base/sha256.h"
#include "protocol/wire/ledger.h"

#define EVENT_SALT_SIZE 16
#define EVENT_DIGEST_SIZE 32
#define EVENT_SIZE_MAX WIRE_EVENT_MAX
#define EVENT_NOTE_MAX 200
#define EVENT_SCOPE_MAX 1280
#define EVENT_CLOCK_SLACK 60 /* seconds */

enum event_kind {
    EVENT_START = 1, /* the daemon started: note = its version */
    EVENT_STOP,      /* ... stopped in good order */
    EVENT_MANIFEST,  /* a manifest is in force: count = its version, digest = its digest; its file lies in manifests/ */
    EVENT_PUT, /* party put count entries = added + renewed (same payload, new age) + replaced (other payload); except
                        of them exclude partners, waiting meetings wait because of it, spent evaluations were named */
    EVENT_REMOVE,   /* party named count tags, removed entries were there */
    EVENT_EXPIRE,   /* the count oldest entries of party passed the retention of the purpose */
    EVENT_QUERY,    /* party asked for count tags and got hits entries; except partners were excluded, unasked were not
                        asked; note "cut": a reply could not hold them all */
    EVENT_REJOIN,   /* the next count tags of the purpose, ascending by epoch and tag, were walked for the pairs of
                        agencies that began or ended to be partners; note "done": to the end */
    EVENT_MEET,     /* the next count couples of party and partner (names ascending) that waited met */
    EVENT_END,      /* count entries of party went, ascending by tag, since their epoch ended or party left */
    EVENT_COUNTS,   /* the day that ended at `until` is over: the owners of issued documents are told who asked how
                        much, in count lines asked, whose count is of tags */
    EVENT_DELIVER,  /* line: count entries of partner went to party: its mailbox, or the answer to its query */
    EVENT_WITHDRAW, /* line: party was told of count entries of partner that they are gone */
    EVENT_ASKED,    /* line: party was told of count tags that partner asked about */
    EVENT_WAIT,     /* line: count couples of party and partner (names ascending) came to be and wait */
    EVENT_RELEASE,  /* party lets partner meet count more until a time */
    EVENT_SUSPEND,  /* party suspended partner (note "on") or lets it take part again ("off") */
    EVENT_CLOSE,    /* the first load of party's register is over; note "request" or "date" */
    EVENT_ACKNOWLEDGE, /* party took count messages from its mailbox, up to sequence; chain = of what it was handed */
    EVENT_REFUSE,      /* a request of party was refused: note = why, of refusal.h; count = the how manieth that day */
    EVENT_EVALUATE,    /* a custodian evaluated count elements for party; note = its coalition, as "1,3" */
    EVENT_WITNESS,     /* a checkpoint of party's log was cosigned: count = its size, digest = its root */
    EVENT_SPLIT,  /* a checkpoint of party's log contradicts one seen before: count = its size, digest = its root; both
                        lie in evidence/ */
    EVENT_CLOCK,  /* the machine's clock went back by count seconds */
    EVENT_LETTER, /* party sent partner a letter of size bytes, sealed to its prekey of the number `sequence` */
    EVENT_PREKEY, /* party published its prekey of the number `sequence`, valid until `until`; digest = of the
                       statement, chain = of the one before */
    EVENT_RESTORED,  /* the store was put back from an old copy: what count entries, from that of the number `sequence`
                        on, brought about is lost; they were taken back into the tree, or are lost themselves if it
                        stands in their place; note = who says so, and why */
    EVENT_COMPLAINT, /* a name alone, its rules come later */
    EVENT_LAPSE /* count letters to party, the latest of the time `until`, lay unfetched until nobody could open them */
};
#define EVENT_KINDS (EVENT_LAPSE + 1)

/* Members that a kind does not use are empty or zero. In the JSON, names and order are these. */
struct event {
    enum event_kind kind;
    uint64_t time; /* seconds since 1970 */
    uint8_t salt[EVENT_SALT_SIZE];
    char party[PARTY_NAME_MAX + 1];
    char partner[PARTY_NAME_MAX + 1];
    char purpose[PARTY_NAME_MAX + 1];
    uint64_t epoch;              /* below 2^32 */
    char scope[EVENT_SCOPE_MAX]; /* "documents/3:16,persons/1:48" in place of purpose and epoch: several, with counts */
    uint8_t id[WIRE_ID_SIZE];    /* of the request */
    uint8_t request[WIRE_HASH_SIZE]; /* SHA-256 of its statement */
    uint64_t count;
    uint64_t added, renewed, replaced; /* of a put */
    uint64_t removed;                  /* of a remove */
    uint64_t hits;                     /* of a query */
    uint64_t except;                   /* entries of a put, partners of a query */
    uint64_t unasked;                  /* partners of a query */
    uint64_t waiting;                  /* of a put */
    uint64_t spent;                    /* evaluations named */
    uint64_t generation;               /* of the key that evaluated, where all scopes have the same */
    uint64_t until;                    /* of a release, of counts, of a prekey, of a lapse; seconds since 1970 */
    uint64_t sequence;                 /* of an acknowledge; number of a prekey; of a restored, the first entry */
    uint64_t size;                     /* of a letter, bytes */
    uint8_t chain[EVENT_DIGEST_SIZE];  /* of a mailbox; of the prekey before */
    uint8_t digest[EVENT_DIGEST_SIZE];
    char note[EVENT_NOTE_MAX + 1];
};

/* "put", "deliver", ...; NULL for an unknown kind. And back; 0 for an unknown name. */
const char *event_kind_name(enum event_kind kind);
enum event_kind event_kind_of(const char *name);

/* Whether lines may follow it; whether it is such a line; whether a request made it, so that it has an id. */
bool event_is_cause(enum event_kind kind);
bool event_is_line(enum event_kind kind);
bool event_is_asked_for(enum event_kind kind);

/* Fills salt and time, clears the rest. */
void event_init(struct event *event, enum event_kind kind);

/* Fills id and request: hash is wire_request_hash(). */
void event_set_request(struct event *event, const struct wire_request *request, const uint8_t hash[WIRE_HASH_SIZE]);

/* What an event is about: one purpose, or several. */
struct event_scope {
    struct wire_scope item[WIRE_SCOPE_MAX];
    uint64_t count[WIRE_SCOPE_MAX]; /* of the event's count, how many are of each; at least 1 */
    size_t items;                   /* strictly ascending, as in the request */
};

/* Fills purpose and epoch, or scope; and count with the sum. 1 to WIRE_SCOPE_MAX items. */
void event_set_scope(struct event *event, const struct event_scope *scope);

/*
 * And back; items is 0 for an event about none. ERR_INPUT: the text is not the one way of writing it, or its sum not
 * count.
 */
int event_get_scope(struct event_scope *out, const struct event *event, struct err *err);

int event_encode(struct buf *out, const struct event *event, struct err *err);

/* Takes the one encoding of an event and no other. ERR_INPUT. Allocates nothing. */
int event_decode(struct event *out, struct span text, struct err *err);

/* The salted digest above, part by part. */
struct event_digest {
    struct sha256_state hash;
};
void event_digest_start(struct event_digest *digest, const uint8_t salt[EVENT_SALT_SIZE]);
void event_digest_add(struct event_digest *digest, struct span part);
void event_digest_end(struct event_digest *digest, uint8_t out[EVENT_DIGEST_SIZE]);

#endif
