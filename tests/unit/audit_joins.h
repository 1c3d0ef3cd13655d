/*
 * A matcher's ledger and archive written by hand, event by event, for replaying: letters stand for tags, and agencies
 * sign what they ask for. Honest or not is the test's choice.
 */
#ifndef TESTS_UNIT_AUDIT_JOINS_H
#define TESTS_UNIT_AUDIT_JOINS_H

#include "protocol/audit/replay/replay.h"
#include "protocol/ledger/archive.h"
#include "protocol/ledger/batch.h"
#include "protocol/wire/meeting.h"
#include "protocol/wire/statement.h"

#include "audit_test.h"

static struct audit audit;
static struct book book;
static struct archive *archive;
static char archive_dir[96];
static unsigned number;
static struct span excepted;  /* whom puts (all entries) and queries exclude: digests */
static uint64_t again_window; /* for replay_watched() */
static int (*again_counted)(void *context, const struct event *request, const char *purpose, uint64_t count,
                            struct err *err);
static bool forged; /* requests are signed by somebody else */
static struct replay_counts counts;

static inline int begin_book(void **state)
{
    char name[16];
    const struct archive_end none = {0, 0};
    (void)state;
    snprintf(name, sizeof name, "m%u", number);
    snprintf(archive_dir, sizeof archive_dir, "%s/a%u", world.dir, number++);
    book_open(&book, &world.matcher, name);
    book_start(&book);
    MUST(archive_open(&archive, archive_dir, &none, why));
    excepted = span_of(NULL, 0);
    forged = false;
    return 0;
}

static inline int end_book(void **state)
{
    (void)state;
    archive_close(archive);
    book_close(&book);
    audit_close(&audit);
    return 0;
}

/* --- the matcher's side --- */

#define PAYLOAD 3

/* A tag is a letter; an agency's sealed payload for it names both and how often it was replaced. */
struct letter {
    uint8_t tag[WIRE_TAG_SIZE], payload[PAYLOAD];
};

static inline struct letter letter_of(int agency, char letter, char version)
{
    struct letter l = {.payload = {(uint8_t)('0' + agency), (uint8_t)letter, (uint8_t)version}};
    memset(l.tag, letter, sizeof l.tag);
    return l;
}

static inline enum wire_type type_of(enum event_kind kind)
{
    return kind == EVENT_PUT ? WIRE_PUT : kind == EVENT_REMOVE ? WIRE_REMOVE : WIRE_QUERY;
}

static inline struct wire_ends ends_of(int agency)
{
    struct wire_ends ends = {.region = "test"};
    party_digest(ends.peer, &world.matcher.party);
    party_digest(ends.sender, &world.agency[agency].party);
    return ends;
}

/* Signed, and as it is in the archive; hash of its statement. */
static inline void archive_request(struct wire_request *request, const struct event *e, int agency, bool archived,
                                   uint8_t hash[WIRE_HASH_SIZE])
{
    const struct wire_ends ends = ends_of(agency);
    struct buf message = buf_of(1u << 16);
    wire_request_sign(request, &ends, forged ? stranger.sign_secret : world.agency[agency].sign_secret);
    wire_request_hash(hash, request, &ends);
    MUST(wire_request_encode(&message, request, why));
    const struct archive_record record = {book.size, e->time, e->kind, buf_span(&message)};
    if (archived)
        MUST(archive_append(archive, &record, why));
    buf_free(&message);
}

/* The request with these letters, filled up if it is a question, as the agency would have sent it. */
static inline struct wire_request request_of(const struct event *e, const char *letters, char version, int agency,
                                             struct buf *body)
{
    static uint8_t tags[64][WIRE_TAG_SIZE], payloads[64][PAYLOAD], positions[64][2];
    size_t given = strlen(letters), count = e->kind == EVENT_QUERY ? 16 : given;
    struct wire_request request = {.type = type_of(e->kind), .time = e->time, .scope_count = 1};
    bytes_put_u64be(request.id, book.size + 1);
    request.scope[0].epoch = (uint32_t)e->epoch;
    strcpy(request.scope[0].purpose, e->purpose);
    for (size_t i = 0; i < count; i++) {
        const struct letter l = letter_of(agency, i < given ? letters[i] : (char)(0xe0 + i), version);
        memcpy(tags[i], l.tag, sizeof l.tag);
        memcpy(payloads[i], l.payload, sizeof l.payload);
        bytes_put_u16be(positions[i], (uint16_t)i);
    }
    const struct wire_entries all = {span_of(tags, count * WIRE_TAG_SIZE), PAYLOAD, span_of(payloads, count * PAYLOAD)};
    const struct put_request put = {
        .entries = all, .except = {{excepted, span_of(positions, 2 * count)}}, .except_count = excepted.len > 0};
    if (e->kind == EVENT_PUT)
        MUST(put_request_encode(body, &put, why));
    else if (e->kind == EVENT_REMOVE)
        MUST(remove_request_encode(body, &(struct remove_request){all.tags}, why));
    else
        MUST(query_request_encode(body, &(struct query_request){.batch = {all}, .count = 1, .except = excepted}, why));
    request.body = buf_span(body);
    return request;
}

/* A put, remove or query with its request in the archive (unless archived is false). letters ascend. */
static inline void batch(struct event *e, const char *letters, char version, int agency, bool archived)
{
    uint8_t hash[WIRE_HASH_SIZE];
    struct batch parts;
    struct buf body = buf_of(1u << 16);
    struct wire_request request = request_of(e, letters, version, agency, &body);
    MUST(batch_decode(&parts, &request, why));
    archive_request(&request, e, agency, archived, hash);
    uint64_t said = e->count;
    batch_describe(e, &parts, world.agency[agency].party.name, &request, hash);
    if (e->kind != EVENT_QUERY)
        e->count = said; /* a test may lie */
    book_add(&book, e);
    buf_free(&body);
}

/* A release, suspend or close of an agency with its request. */
static inline void meeting(enum event_kind kind, int agency, int partner, uint64_t count, const char *note)
{
    struct event e = event_of(&book, kind, agency, count);
    struct buf body = buf_of(4096);
    struct wire_request request = {.time = e.time, .scope = {{"persons", 1}}, .scope_count = 1};
    struct release_request release = {.count = count, .until = e.time + DAY};
    struct suspend_request suspend = {.on = strcmp(note, "on") == 0};
    strcpy(e.note, note);
    bytes_put_u64be(request.id, book.size + 1);
    if (partner >= 0) {
        strcpy(e.partner, world.agency[partner].party.name);
        party_digest(release.partner, &world.agency[partner].party);
        memcpy(suspend.partner, release.partner, sizeof suspend.partner);
    }
    if (kind == EVENT_RELEASE) {
        e.until = release.until;
        request.type = WIRE_RELEASE;
        MUST(release_request_encode(&body, &release, why));
    } else if (kind == EVENT_SUSPEND) {
        request.type = WIRE_SUSPEND;
        MUST(suspend_request_encode(&body, &suspend, why));
    } else {
        request.type = WIRE_CLOSE;
        MUST(close_request_encode(&body, why));
    }
    request.body = buf_span(&body);
    archive_request(&request, &e, agency, true, e.request);
    memcpy(e.id, request.id, sizeof e.id);
    book_add(&book, &e);
    buf_free(&body);
}

static inline void put_waiting(int agency, const char *letters, uint64_t waiting)
{
    struct event e = event_of(&book, EVENT_PUT, agency, strlen(letters));
    e.waiting = waiting;
    batch(&e, letters, 'a', agency, true);
}

static inline void put(int agency, const char *letters)
{
    put_waiting(agency, letters, 0);
}

static inline void query_unasked(int agency, const char *letters, uint64_t hits, uint64_t unasked)
{
    struct event e = event_of(&book, EVENT_QUERY, agency, strlen(letters));
    e.hits = hits;
    e.unasked = unasked;
    batch(&e, letters, 'a', agency, true);
}

static inline void query(int agency, const char *letters, uint64_t hits)
{
    query_unasked(agency, letters, hits, 0);
}

static inline void take_away(int agency, const char *letters)
{
    struct event e = event_of(&book, EVENT_REMOVE, agency, strlen(letters));
    batch(&e, letters, 'a', agency, true);
}

/* A line of this kind: partner's entries, or questions, for these letters go to party. */
static inline void line(enum event_kind kind, int party, int partner, const char *letters, char version)
{
    struct event e = event_of(&book, kind, party, strlen(letters));
    struct event_digest digest;
    strcpy(e.partner, world.agency[partner].party.name);
    event_digest_start(&digest, e.salt);
    for (; *letters != '\0'; letters++) {
        const struct letter entry = letter_of(partner, *letters, version);
        event_digest_add(&digest, span_of(entry.tag, sizeof entry.tag));
        if (kind == EVENT_DELIVER || kind == EVENT_ASKED)
            event_digest_add(&digest, span_of(entry.payload, sizeof entry.payload));
    }
    event_digest_end(&digest, e.digest);
    book_add(&book, &e);
}

static inline void deliver_version(int party, int partner, const char *letters, char version)
{
    line(EVENT_DELIVER, party, partner, letters, version);
}

static inline void deliver(int party, int partner, const char *letters)
{
    deliver_version(party, partner, letters, 'a');
}

/* party is told what partner asked. */
static inline void asked(int party, int partner, const char *letters)
{
    line(EVENT_ASKED, party, partner, letters, 'a');
}

/* party's name comes first. */
static inline void wait_for(int party, int partner, const char *letters)
{
    line(EVENT_WAIT, party, partner, letters, 'a');
}

static inline void digest_tags(struct event *e, const char *letters)
{
    struct event_digest digest;
    event_digest_start(&digest, e->salt);
    for (; *letters != '\0'; letters++) {
        const struct letter entry = letter_of(0, *letters, 'a');
        event_digest_add(&digest, span_of(entry.tag, sizeof entry.tag));
    }
    event_digest_end(&digest, e->digest);
}

static inline void withdraw(int party, int partner, const char *letters)
{
    struct event e = event_of(&book, EVENT_WITHDRAW, party, strlen(letters));
    strcpy(e.partner, world.agency[partner].party.name);
    digest_tags(&e, letters);
    book_add(&book, &e);
}

/* The couples of AAA and BBB that waited meet; letters in the order in which they waited. */
static inline void meet(const char *letters)
{
    struct event e = event_of(&book, EVENT_MEET, AAA, strlen(letters));
    strcpy(e.partner, "BBB");
    digest_tags(&e, letters);
    book_add(&book, &e);
}

static inline void end_entries(int agency, const char *letters)
{
    struct event e = event_of(&book, EVENT_END, agency, strlen(letters));
    digest_tags(&e, letters);
    book_add(&book, &e);
}

static inline void expire(int agency, const char *letters)
{
    struct event e = event_of(&book, EVENT_EXPIRE, agency, strlen(letters));
    digest_tags(&e, letters);
    book_add(&book, &e);
}

/* --- the auditor's --- */

static inline void replay_all(void)
{
    char work[96];
    struct archive_end done;
    struct replay *replay;
    struct verified v;
    book_publish(&book);
    MUST(archive_sync(archive, &done, why));
    archive_committed(archive);
    snprintf(work, sizeof work, "%s/work", world.dir);
    run("rm -rf '%s'", work);
    audit_close(&audit);
    open_audit(&audit, (char *[]){book.export}, 1);
    MUST(replay_new(&replay, &audit, &audit.ledger[0], archive_dir, work, why));
    if (again_counted != NULL)
        replay_watched(replay, &(struct replay_watch){.window = again_window, .again = again_counted});
    MUST(verify_ledger(&audit, &audit.ledger[0], replay_handler(replay), &v, why));
    MUST(replay_finish(replay, &counts, why));
    replay_free(replay);
}

static inline void expect(enum finding_code code, const char *text)
{
    replay_all();
    expect_finding(&audit.findings, code, text);
}

static inline void change_manifest(void)
{
    world_next();
    struct event e = event_of(&book, EVENT_MANIFEST, -1, world.region->version);
    memcpy(e.digest, world.region->digest, 32);
    book_add(&book, &e);
}

static inline void walk(uint64_t tags, const char *note)
{
    struct event e = event_of(&book, EVENT_REJOIN, -1, tags);
    strcpy(e.purpose, "persons");
    strcpy(e.note, note);
    book_add(&book, &e);
}

/* What AAA and BBB have in common so far, honestly told. */
static inline void common_ground(void)
{
    put(AAA, "bcde");
    put(BBB, "cdxy");
    deliver(AAA, BBB, "cd");
    deliver(BBB, AAA, "cd");
}

#endif
