/*
 * Parties with vaults of their own, and between them a matcher in small: it stands in for the connection, keeps what a
 * matcher keeps, in memory that processes share, and does with it what the test tells it to. That events are in a
 * ledger is not its business: their proofs are taken for granted here.
 */
#ifndef TESTS_UNIT_LETTERS_TEST_H
#define TESTS_UNIT_LETTERS_TEST_H

#include "client/agency/ledgers.h"
#include "client/agency/matcher.h"
#include "client/mail/letters.h"
#include "protocol/base/clock.h"
#include "protocol/ledger/letters.h"
#include "protocol/ledger/receipt.h"
#include "protocol/wire/letter.h"
#include "protocol/wire/meeting.h"
#include "tests/unit/region_test.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define POST_LETTERS 96
#define POST_EVENTS 160
#define POST_BYTES (24u << 20)

/* Shared with child processes. */
static struct post {
    long steps, limit; /* at which the process is killed; 0: never */
    long later;        /* seconds that the clock is ahead */
    struct {
        uint8_t bytes[WIRE_EVENT_MAX];
        size_t len;
        uint8_t id[WIRE_ID_SIZE];
    } event[POST_EVENTS];
    size_t events;
    struct {
        uint8_t from[PARTY_DIGEST_SIZE], to[PARTY_DIGEST_SIZE];
        char purpose[PARTY_NAME_MAX + 1];
        size_t at, len, leaf;
        bool fetched, withheld;
    } letter[POST_LETTERS];
    size_t letters;
    struct {
        uint8_t owner[PARTY_DIGEST_SIZE], statement[PREKEY_STATEMENT_MAX];
        size_t len, leaf;
    } prekey[8];
    size_t prekeys;
    uint8_t bytes[POST_BYTES];
    size_t used;
} * post;

static struct region_test post_region;

static inline void post_step(void)
{
    if (post != NULL && ++post->steps == post->limit)
        kill(getpid(), SIGKILL);
}

static inline void post_new(void)
{
    post = mmap(NULL, sizeof *post, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(post, MAP_FAILED);
}

/* --- the clock --- */

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, out);
    if (rc == 0 && clock == CLOCK_REALTIME && post != NULL)
        out->tv_sec += post->later;
    return rc;
}

/* --- the matcher --- */

static inline size_t post_event(enum event_kind kind, const struct agency *a, const uint8_t id[WIRE_ID_SIZE],
                                struct event *event)
{
    struct buf text = buf_of(WIRE_EVENT_MAX);
    event->kind = kind;
    event->time = 1;
    memcpy(event->party, a->identity->party.name, sizeof event->party);
    MUST(event_encode(&text, event, why));
    memcpy(post->event[post->events].bytes, text.data, text.len);
    memcpy(post->event[post->events].id, id, WIRE_ID_SIZE);
    post->event[post->events].len = text.len;
    buf_free(&text);
    return post->events++;
}

static inline bool post_answered(const uint8_t id[WIRE_ID_SIZE])
{
    for (size_t i = 0; i < post->events; i++)
        if (memcmp(post->event[i].id, id, WIRE_ID_SIZE) == 0)
            return true;
    return false;
}

static inline int post_find_prekey(const uint8_t owner[PARTY_DIGEST_SIZE])
{
    for (size_t i = 0; i < post->prekeys; i++)
        if (memcmp(post->prekey[i].owner, owner, PARTY_DIGEST_SIZE) == 0)
            return (int)i;
    return -1;
}

static inline int post_take_prekey(struct agency *a, const struct wire_request *in, struct err *err)
{
    struct prekey_request request;
    struct prekey prekey, before;
    struct event event = {.note = ""};
    uint8_t own[PARTY_DIGEST_SIZE];
    party_digest(own, &a->identity->party);
    int at = post_find_prekey(own);
    MUST(prekey_request_decode(&request, in->body, why));
    MUST(prekey_decode(&prekey, request.statement, why));
    MUST(prekey_verify(&prekey, a->region->name, own, a->identity->party.sign, why));
    if (at >= 0)
        MUST(prekey_decode(&before, span_of(post->prekey[at].statement, post->prekey[at].len), why));
    if (prekey_follows(&prekey, at >= 0 ? &before : NULL, err) != 0)
        return err_set(err, ERR_CONFLICT, "it does not follow");
    MUST(letters_describe_prekey(&event, &prekey, why));
    if (at < 0)
        at = (int)post->prekeys++;
    memcpy(post->prekey[at].owner, own, sizeof own);
    memcpy(post->prekey[at].statement, request.statement.data, request.statement.len);
    post->prekey[at].len = request.statement.len;
    post->prekey[at].leaf = post_event(EVENT_PREKEY, a, in->id, &event);
    return 0;
}

static inline int post_take_letter(struct agency *a, const struct wire_request *in, struct err *err)
{
    struct letter_request request;
    struct event event = {.note = ""};
    MUST(letter_request_decode(&request, in->body, why));
    const struct party *to = region_find_party_by_digest(a->region, request.recipient);
    if (to == NULL)
        return err_set(err, ERR_DENIED, "nobody");
    memcpy(event.partner, to->name, sizeof event.partner);
    if (in->scope_count > 0)
        memcpy(event.purpose, in->scope[0].purpose, sizeof event.purpose);
    letters_describe(&event, request.letter);
    assert_true(post->letters < POST_LETTERS && post->used + request.letter.len <= POST_BYTES);
    size_t i = post->letters;
    party_digest(post->letter[i].from, &a->identity->party);
    memcpy(post->letter[i].to, request.recipient, PARTY_DIGEST_SIZE);
    memcpy(post->letter[i].purpose, event.purpose, sizeof event.purpose);
    memcpy(post->bytes + post->used, request.letter.data, request.letter.len);
    post->letter[i].at = post->used;
    post->letter[i].len = request.letter.len;
    post->letter[i].leaf = post_event(EVENT_LETTER, a, in->id, &event);
    post->used += request.letter.len;
    post->letters++;
    return 0;
}

static inline int post_show_prekeys(const struct wire_request *in, struct buf *body, struct err *err)
{
    struct prekeys_request request;
    struct prekeys_item item[8];
    struct wire_event event[8];
    struct prekeys_reply reply = {.item = item, .events = {event, 0}};
    MUST(prekeys_request_decode(&request, in->body, why));
    for (size_t leaf = 0; leaf < post->events; leaf++)
        for (size_t i = 0; i < post->prekeys; i++)
            for (size_t at = 0; at < request.parties.len; at += PARTY_DIGEST_SIZE) {
                if (post->prekey[i].leaf != leaf ||
                    memcmp(request.parties.data + at, post->prekey[i].owner, PARTY_DIGEST_SIZE) != 0)
                    continue;
                item[reply.count++] =
                    (struct prekeys_item){leaf, span_of(post->prekey[i].statement, post->prekey[i].len)};
                event[reply.events.count++] =
                    (struct wire_event){.leaf = leaf, .event = span_of(post->event[leaf].bytes, post->event[leaf].len)};
            }
    if (reply.count > 0)
        reply.checkpoint = span_of("checkpoint", 10);
    return prekeys_reply_encode(body, &reply, err);
}

int agency_meet_matcher(struct agency *agency, struct err *err)
{
    (void)agency;
    (void)err;
    return 0;
}

int agency_ask_matcher(struct agency *agency, const struct wire_request *request, struct buf *message,
                       struct wire_reply *reply, struct err *err)
{
    const struct receipt_reply receipt = {{.event = span_of("{}", 2), .checkpoint = span_of("checkpoint", 10)}};
    int rc = 0;
    post_step();
    buf_clear(message);
    if (request->type == WIRE_PREKEYS)
        rc = post_show_prekeys(request, message, err);
    else if (!post_answered(request->id))
        rc = request->type == WIRE_PREKEY ? post_take_prekey(agency, request, err)
                                          : post_take_letter(agency, request, err);
    if (rc == 0 && request->type != WIRE_PREKEYS)
        rc = receipt_reply_encode(message, &receipt, err);
    *reply = (struct wire_reply){.type = request->type, .body = buf_span(message)};
    post_step();
    return rc;
}

int agency_tell_matcher(struct agency *agency, enum wire_type type, struct span body, struct buf *message,
                        struct wire_reply *reply, struct err *err)
{
    struct wire_request request = {.type = type, .body = body};
    randombytes_buf(request.id, sizeof request.id);
    return agency_ask_matcher(agency, &request, message, reply, err);
}

int agency_matcher_manifest(struct agency *agency, uint64_t *version, struct err *err);
int agency_matcher_manifest(struct agency *agency, uint64_t *version, struct err *err)
{
    (void)err;
    *version = agency->region->version;
    return 0;
}

/* --- proofs --- */

int ledgers_check(struct agency *agency, struct rpc_client *client, const struct party *owner, struct span checkpoint,
                  struct err *err)
{
    (void)agency;
    (void)client;
    (void)owner;
    (void)checkpoint;
    (void)err;
    return 0;
}

int ledgers_receipt(struct agency *agency, const struct wire_request *request, const struct wire_receipt *receipt,
                    struct buf *out, struct err *err)
{
    (void)agency;
    (void)request;
    (void)receipt;
    return buf_put(out, "receipt", 7, err);
}

int receipt_verify(const struct receipt *receipt, const char *origin, const uint8_t log_key[32], struct event *event,
                   struct checkpoint *checkpoint, struct err *err)
{
    (void)origin;
    (void)log_key;
    (void)checkpoint;
    return event_decode(event, receipt->event, err);
}

int receipt_print(struct buf *out, const struct receipt *receipt, struct err *err)
{
    (void)receipt;
    return buf_put(out, "receipt", 7, err);
}

/* --- parties --- */

struct correspondent {
    struct agency agency;
    struct agency_config config;
    char vault[192];
    uint8_t digest[PARTY_DIGEST_SIZE];
};

static inline void party_open(struct correspondent *c, const struct identity *identity)
{
    memset(&c->agency, 0, sizeof c->agency);
    c->agency.identity = identity;
    c->agency.region = post_region.region;
    c->agency.config = &c->config;
    party_digest(c->digest, &identity->party);
    snprintf(c->vault, sizeof c->vault, "%s/vault-%s", post_region.dir, identity->party.name);
    MUST(vault_open(&c->agency.vault, c->vault, identity->storage_secret, why));
    MUST(vault_lock(c->agency.vault, why));
}

static inline void party_close(struct correspondent *c)
{
    vault_close(c->agency.vault);
    c->agency.vault = NULL;
}

/* The region with its matcher, and two of its agencies. */
static inline void post_open(struct correspondent *a, struct correspondent *b)
{
    region_test_new(&post_region);
    post_new();
    party_open(a, &post_region.agency[0]);
    party_open(b, &post_region.agency[1]);
}

static inline void post_close(struct correspondent *a, struct correspondent *b)
{
    party_close(a);
    party_close(b);
    munmap(post, sizeof *post);
    post = NULL;
    region_test_end(&post_region);
}

static inline void party_queue(struct correspondent *from, const struct correspondent *to, enum letter_kind kind,
                               struct span body)
{
    static const uint8_t thread[LETTER_THREAD_SIZE] = {7};
    MUST(vault_begin(from->agency.vault, why));
    MUST(letters_queue(from->agency.vault, to->digest, "persons", kind, thread, body, why));
    MUST(vault_commit(from->agency.vault, why));
}

/* As the mailbox hands the letter out, in the name of whom it says it is from. */
static inline int party_receive(struct correspondent *c, size_t i, struct err *err)
{
    const size_t leaf = post->letter[i].leaf;
    struct wire_event event = {.leaf = leaf, .event = span_of(post->event[leaf].bytes, post->event[leaf].len)};
    const struct fetch_reply reply = {.events = {&event, 1}, .checkpoint = span_of("checkpoint", 10)};
    struct mailbox_message m = {.sequence = i + 1,
                                .kind = MAILBOX_LETTER,
                                .time = clock_now(),
                                .leaf = leaf,
                                .payload = span_of(post->bytes + post->letter[i].at, post->letter[i].len)};
    memcpy(m.purpose, post->letter[i].purpose, sizeof m.purpose);
    memcpy(m.partner, post->letter[i].from, sizeof m.partner);
    return letters_arrive(&c->agency, &m, &reply, err);
}

static inline void party_fetch(struct correspondent *c)
{
    for (size_t i = 0; i < post->letters; i++) {
        if (post->letter[i].fetched || post->letter[i].withheld ||
            memcmp(post->letter[i].to, c->digest, PARTY_DIGEST_SIZE) != 0)
            continue;
        MUST(party_receive(c, i, why));
        post_step();
        post->letter[i].fetched = true;
        post_step();
    }
}

static inline struct letters_counts party_round(struct correspondent *c, const struct letter_handler *handler,
                                                size_t handlers)
{
    struct letters_counts counts;
    party_fetch(c);
    MUST(letters_round(&c->agency, handler, handlers, &counts, why));
    return counts;
}

#endif
