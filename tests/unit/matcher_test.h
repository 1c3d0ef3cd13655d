/* A region of agencies AAA, BBB, CCC with two purposes, without signatures, and a store in a scratch directory. */
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
    struct change change;
};

static inline void test_open(struct test_store *t)
{
    struct err err = {0};
    const struct store_options options = {t->dir, "test/matcher", t->identity.log_secret, NULL};
    if (store_open(&t->store, &options, &err) != 0)
        fail_msg("%s", err.text);
    join_init(&t->join, t->store);
    assert_int_equal(change_load(&t->change, t->store, &err), 0);
}

static inline void test_close(struct test_store *t)
{
    join_free(&t->join);
    change_free(&t->change);
    world_release(t->world);
    t->world = NULL;
    store_close(t->store);
}

static inline void test_new(struct test_store *t)
{
    struct err err = {0};
    memset(t, 0, sizeof *t);
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
    join_begin(&t->join, write, t->world);
    t->join.time = 1000;
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
    assert_int_equal(change_load(&t->change, t->store, &err), 0);
}

static inline void test_step(struct test_store *t)
{
    struct err err = {0};
    test_begin(t);
    if (change_step(&t->change, &t->join, &err) != 0)
        fail_msg("%s", err.text);
    test_commit(t);
    assert_int_equal(change_load(&t->change, t->store, &err), 0);
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

static inline void test_put(struct test_store *t, int agency, int purpose, const char *tags, const char *payload)
{
    struct test_request r;
    struct err err = {0};
    struct event event;
    event_init(&event, EVENT_PUT);
    test_begin(t);
    if (join_put(&t->join, test_request(&r, agency, purpose, tags, payload), &event, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(event.added + event.renewed + event.replaced, strlen(tags));
    test_commit_cause(t, &event);
}

static inline uint64_t test_drop(struct test_store *t, int agency, int purpose, const char *tags)
{
    struct test_request r;
    struct err err = {0};
    struct event event;
    event_init(&event, EVENT_REMOVE);
    test_begin(t);
    if (join_remove(&t->join, test_request(&r, agency, purpose, tags, ""), &event, &err) != 0)
        fail_msg("%s", err.text);
    test_commit_cause(t, &event);
    return event.removed;
}

static inline bool test_add_line(void *context, const struct store_message *m)
{
    char *out = context;
    size_t len = strlen(out);
    snprintf(out + len, 1024 - len, "%s%c%c%.*s<%u", len > 0 ? " " : "", m->kind == MAILBOX_MATCH ? '+' : '-',
             m->tag[0], (int)m->payload.len, m->payload.data != NULL ? (const char *)m->payload.data : "",
             m->partner - 1u);
    return true;
}

/*
 * What waits for an agency, as "+<tag><payload><<partner>" of matches and "-<tag><<partner>" of withdrawals, partners
 * as positions; acknowledges it.
 */
static inline const char *test_mail(struct test_store *t, int agency)
{
    static char out[1024];
    struct err err = {0};
    uint16_t id = t->world->agency_id[agency];
    out[0] = '\0';
    if (store_mailbox_read(t->store, id, 0, test_add_line, out, &err) != 0)
        fail_msg("%s", err.text);
    test_begin(t);
    if (store_mailbox_acknowledge(t->join.write, id, store_mailbox(t->store, id).last, &err) != 0)
        fail_msg("%s", err.text);
    test_commit(t);
    return out;
}

#endif
