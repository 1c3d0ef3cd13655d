/*
 * A region of agencies AAA, BBB, CCC with two purposes, without signatures, and a store in a scratch directory. Time
 * stands still unless a test sets it.
 */
#ifndef TESTS_UNIT_MATCHER_TEST_H
#define TESTS_UNIT_MATCHER_TEST_H

#include "matcher/join/change.h"
#include "matcher/join/sweep.h"
#include "protocol/identity/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { AAA, BBB, CCC, TEST_AGENCIES };
enum { PERSONS, DOCUMENTS, TEST_PURPOSES };

static const uint8_t test_seed[32] = {1};

static inline struct region *test_region(uint64_t version)
{
    static const char *const agencies[] = {"AAA", "BBB", "CCC"}, *const purposes[] = {"persons", "documents"};
    struct region *r = calloc(1, sizeof *r);
    assert_non_null(r);
    strcpy(r->name, "test");
    r->version = version;
    r->digest[0] = (uint8_t)version;
    r->agencies = calloc(TEST_AGENCIES, sizeof *r->agencies);
    r->grants = calloc(64, sizeof *r->grants);
    r->agency_count = TEST_AGENCIES;
    r->digests = calloc(TEST_AGENCIES, sizeof *r->digests);
    for (size_t i = 0; i < TEST_AGENCIES; i++) {
        strcpy(r->agencies[i].name, agencies[i]);
        r->digests[i][0] = (uint8_t)(i + 1);
    }
    r->purpose_count = TEST_PURPOSES;
    for (size_t i = 0; i < TEST_PURPOSES; i++) {
        strcpy(r->purposes[i].name, purposes[i]);
        r->purposes[i].epoch_count = 1;
        r->purposes[i].epochs[0].epoch = 1;
        r->purposes[i].limits = (struct region_limits){.daily = 1000,
                                                       .meets = 1000,
                                                       .asks = 1000,
                                                       .judgements = 6,
                                                       .entries = 1000,
                                                       .mailbox = 1000,
                                                       .letters = 1000};
    }
    return r;
}

static inline void test_grant(struct region *r, int from, int to, int purpose)
{
    r->grants[r->grant_count++] = (struct region_grant){(uint16_t)from, (uint16_t)to, (uint16_t)purpose, {0}};
}

static inline void test_grant_mutual(struct region *r, int a, int b, int purpose)
{
    test_grant(r, a, b, purpose);
    test_grant(r, b, a, purpose);
}

/* A store in dir (made if "") with a join on it. */
struct test_store {
    char dir[64];
    struct identity identity;
    struct store *store;
    struct join join;
    struct world *world;
    struct walks walks;
    struct sweep_place place;
    uint64_t now;
};

#define TEST_NOW 1000000

static inline void test_open(struct test_store *t)
{
    struct err err = {0};
    const struct store_options options = {t->dir, "test/matcher", t->identity.log_secret, NULL};
    if (store_open(&t->store, &options, &err) != 0)
        fail_msg("%s", err.text);
    join_init(&t->join, t->store);
    assert_int_equal(walk_load(&t->walks, t->store, &err), 0);
}

static inline void test_close(struct test_store *t)
{
    join_free(&t->join);
    walk_free(&t->walks);
    world_release(t->world);
    t->world = NULL;
    store_close(t->store);
}

static inline void test_new(struct test_store *t)
{
    struct err err = {0};
    memset(t, 0, sizeof *t);
    t->now = TEST_NOW;
    strcpy(t->dir, "/tmp/concord-store-XXXXXX");
    assert_non_null(mkdtemp(t->dir));
    assert_int_equal(identity_from_seed(&t->identity, "matcher", test_seed, &err), 0);
    test_open(t);
}

static inline void test_remove(struct test_store *t)
{
    char command[128];
    test_close(t);
    snprintf(command, sizeof command, "rm -rf '%s'", t->dir);
    assert_int_equal(system(command), 0);
}

/* Begins a write for the join. */
static inline void test_begin(struct test_store *t)
{
    struct store_write *write;
    struct err err = {0};
    if (store_begin(&write, t->store, &err) != 0)
        fail_msg("%s", err.text);
    join_begin(&t->join, write, t->world, &t->walks);
    t->join.time = t->now;
}

static inline void test_commit(struct test_store *t)
{
    struct err err = {0};
    if (store_commit(t->join.write, &err) != 0)
        fail_msg("%s", err.text);
}

/* With the cause's event and what follows from it. */
static inline void test_commit_cause(struct test_store *t, struct event *cause)
{
    struct err err = {0};
    cause->time = t->join.time;
    if (tally_write(&t->join.tally, t->join.write, cause, NULL, NULL, &err) != 0)
        fail_msg("%s", err.text);
    test_commit(t);
}

/* Puts a manifest in force, up to the beginning of the changes it makes. */
static inline void test_install(struct test_store *t, struct region *region)
{
    struct err err = {0};
    struct world *world = NULL;
    test_begin(t);
    if (world_new(&world, region, t->join.write, &err) != 0)
        fail_msg("%s", err.text);
    world_release(t->world);
    t->join.world = t->world = world;
    if (change_begin(&t->join, &err) != 0)
        fail_msg("%s", err.text);
    test_commit(t);
    assert_int_equal(walk_load(&t->walks, t->store, &err), 0);
    t->place = (struct sweep_place){0};
}

/* As a matcher that is started again, on the manifest that was in force. */
static inline void test_reopen(struct test_store *t, struct region *region)
{
    struct err err = {0};
    struct join_steps steps = t->join.steps;
    test_close(t);
    test_open(t);
    t->join.steps = steps;
    if (walk_is_running(&t->walks)) {
        test_begin(t);
        assert_int_equal(world_new(&t->world, region, t->join.write, &err), 0);
        test_commit(t);
    } else {
        test_install(t, region);
    }
}

/* One step of what is due. */
static inline bool test_due(struct test_store *t)
{
    struct err err = {0};
    bool done, changes;
    test_begin(t);
    if (sweep_due(&t->join, &t->place, &done, &changes, &err) != 0)
        fail_msg("%s", err.text);
    test_commit(t);
    assert_int_equal(walk_load(&t->walks, t->store, &err), 0);
    return done;
}

/* All that is due, and what is too old. */
static inline void test_upkeep(struct test_store *t)
{
    struct err err = {0};
    bool more = true;
    while (test_due(t)) {
    }
    while (more) {
        test_begin(t);
        assert_int_equal(sweep_expired(&t->join, &more, &err), 0);
        test_commit(t);
    }
}

static inline void test_step(struct test_store *t)
{
    struct err err = {0};
    test_begin(t);
    if (change_step(&t->walks, &t->join, &err) != 0)
        fail_msg("%s", err.text);
    test_commit(t);
    assert_int_equal(walk_load(&t->walks, t->store, &err), 0);
}

#define TEST_AGENCIES_MAX 8

/* The store's number of an agency: its digest is its position in the first manifest and 1. */
static inline uint16_t test_number(struct test_store *t, int agency)
{
    const uint8_t digest[PARTY_DIGEST_SIZE] = {(uint8_t)(agency + 1)};
    return store_agency(t->store, digest);
}

/* A request with the tags whose first byte is each of `tags`, every payload the same text. */
struct test_request {
    uint8_t tag[64][WIRE_TAG_SIZE], payload[4096];
    struct wire_entries entries;
    struct join_request request;
};

static inline const struct join_request *test_request(struct test_request *out, int agency, int purpose,
                                                      const char *tags, const char *payload)
{
    memset(out, 0, sizeof *out);
    size_t count = strlen(tags), size = strlen(payload);
    for (size_t i = 0; i < count; i++) {
        out->tag[i][0] = (uint8_t)tags[i];
        memcpy(out->payload + i * size, payload, size);
    }
    out->entries = (struct wire_entries){span_of(out->tag, count * WIRE_TAG_SIZE), (uint32_t)size,
                                         span_of(out->payload, count * size)};
    out->request = (struct join_request){(size_t)agency, (size_t)purpose, 1, &out->entries};
    return &out->request;
}

/* Every entry excludes the agencies whose bits are set. Returns how many couples wait because of it. */
static inline uint64_t test_put_except(struct test_store *t, int agency, int purpose, uint32_t epoch, const char *tags,
                                       const char *payload, unsigned except)
{
    struct test_request r;
    struct err err = {0};
    struct event event;
    uint8_t numbers[2 * TEST_AGENCIES_MAX];
    struct span spans[64];
    size_t len = 0;
    for (int i = 0; except >> i != 0; i++) {
        if ((except >> i & 1) == 0)
            continue;
        bytes_put_u16be(numbers + len, test_number(t, i));
        len += 2;
    }
    for (size_t i = 0; i < 64; i++)
        spans[i] = span_of(numbers, len);
    event_init(&event, EVENT_PUT);
    test_begin(t);
    test_request(&r, agency, purpose, tags, payload);
    r.request.epoch = epoch;
    if (join_put(&t->join, &r.request, spans, &event, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(event.added + event.renewed + event.replaced, strlen(tags));
    test_commit_cause(t, &event);
    return event.waiting;
}

static inline uint64_t test_put(struct test_store *t, int agency, int purpose, const char *tags, const char *payload)
{
    return test_put_except(t, agency, purpose, 1, tags, payload, 0);
}

static inline void test_close_load(struct test_store *t, int agency, int purpose)
{
    struct err err = {0};
    struct event event;
    event_init(&event, EVENT_CLOSE);
    test_begin(t);
    assert_int_equal(change_close(&t->join, t->world->purpose_id[purpose], 1, t->world->agency_id[agency], &err), 0);
    test_commit_cause(t, &event);
    assert_int_equal(walk_load(&t->walks, t->store, &err), 0);
}

static inline void test_release(struct test_store *t, int agency, int partner, uint64_t count, uint64_t until)
{
    struct err err = {0};
    struct event event;
    event_init(&event, EVENT_RELEASE);
    test_begin(t);
    assert_int_equal(join_release(&t->join, t->world->purpose_id[0], t->world->agency_id[agency],
                                  t->world->agency_id[partner], &(struct store_release){count, until}, &err),
                     0);
    test_commit_cause(t, &event);
}

static inline void test_suspend(struct test_store *t, int agency, int partner, bool on)
{
    struct err err = {0};
    struct event event;
    event_init(&event, EVENT_SUSPEND);
    test_begin(t);
    assert_int_equal(change_suspend(&t->join, t->world->purpose_id[0], t->world->agency_id[agency],
                                    t->world->agency_id[partner], on, &err),
                     0);
    test_commit_cause(t, &event);
    assert_int_equal(walk_load(&t->walks, t->store, &err), 0);
}

static inline uint64_t test_drop_epoch(struct test_store *t, int agency, int purpose, uint32_t epoch, const char *tags)
{
    struct test_request r;
    struct err err = {0};
    struct event event;
    event_init(&event, EVENT_REMOVE);
    test_begin(t);
    test_request(&r, agency, purpose, tags, "");
    r.request.epoch = epoch;
    if (join_remove(&t->join, &r.request, &event, &err) != 0)
        fail_msg("%s", err.text);
    test_commit_cause(t, &event);
    return event.removed;
}

static inline uint64_t test_drop(struct test_store *t, int agency, int purpose, const char *tags)
{
    return test_drop_epoch(t, agency, purpose, 1, tags);
}

/*
 * The hits, as "<tag><payload><<partner>", then the partners that were not asked, as "!<partner>:<reason>", and the
 * registers of those that were, as "@<partner>:<time>".
 */
static inline const char *test_ask(struct test_store *t, int agency, int purpose, uint32_t epoch, const char *tags,
                                   const char *payload, int except)
{
    static char out[1024];
    struct test_request r;
    struct join_hits hits;
    struct err err = {0};
    struct event event;
    struct span excepted = except < 0 ? span_of(NULL, 0) : span_of(t->world->region->digests[except], 32);
    size_t len = 0;
    out[0] = '\0';
    event_init(&event, EVENT_QUERY);
    test_begin(t);
    test_request(&r, agency, purpose, tags, payload);
    r.request.epoch = epoch;
    if (join_query(&t->join, &r.request, 1, excepted, &hits, &event, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(event.hits, hits.count);
    for (size_t i = 0; i < hits.count; i++)
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%c%.*s<%d", len > 0 ? " " : "", hits.hit[i].tag[0],
                                (int)hits.hit[i].payload.len, (const char *)hits.hit[i].payload.data,
                                hits.hit[i].partner[0] - 1);
    for (size_t i = 0; i < hits.unasked_count; i++)
        len += (size_t)snprintf(out + len, sizeof out - len, "%s!%d:%d", len > 0 ? " " : "",
                                hits.unasked[i].partner[0] - 1, hits.unasked[i].reason);
    for (size_t i = 0; i < hits.register_count; i++)
        len += (size_t)snprintf(out + len, sizeof out - len, "%s@%d:%llu", len > 0 ? " " : "",
                                hits.registers[i].partner[0] - 1, (unsigned long long)hits.registers[i].time);
    join_hits_free(&hits);
    test_commit_cause(t, &event);
    return out;
}

static inline struct store_pair test_pair(struct test_store *t, int a, int b)
{
    return store_pair(t->store, t->world->purpose_id[0], t->world->agency_id[a], t->world->agency_id[b]);
}

#define TEST_MAIL 65536

static inline bool test_add_line(void *context, const struct store_message *m)
{
    char *out = context;
    size_t len = strlen(out);
    if (m->kind == MAILBOX_COUNT)
        snprintf(out + len, TEST_MAIL - len, "%s#%u<%u", len > 0 ? " " : "", (unsigned)m->count, m->partner - 1u);
    else
        snprintf(out + len, TEST_MAIL - len, "%s%c%c%.*s<%u", len > 0 ? " " : "",
                 m->kind == MAILBOX_MATCH       ? '+'
                 : m->kind == MAILBOX_WITHDRAWN ? '-'
                                                : '?',
                 m->tag[0], (int)m->payload.len, m->payload.data != NULL ? (const char *)m->payload.data : "",
                 m->partner - 1u);
    return true;
}

/*
 * What waits for an agency, as "+<tag><payload><<partner>" of matches, "-<tag><<partner>" of withdrawals, "?..." of
 * questions, "#<count><<partner>" of their counts; partners as positions. Acknowledges it.
 */
static inline const char *test_mail(struct test_store *t, int agency)
{
    static char out[TEST_MAIL];
    struct err err = {0};
    uint64_t count;
    uint16_t id = test_number(t, agency);
    out[0] = '\0';
    if (store_mailbox_read(t->store, id, store_mailbox(t->store, id).acknowledged, test_add_line, out, &err) != 0)
        fail_msg("%s", err.text);
    test_begin(t);
    if (store_mailbox_acknowledge(t->join.write, id, store_mailbox(t->store, id).last, &count, &err) != 0)
        fail_msg("%s", err.text);
    test_commit(t);
    return out;
}

#endif
