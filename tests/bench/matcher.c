/* The matcher's work for an entry, and an auditor's for a leaf of the ledger. */
#include "tests/bench/bench.h"

#include "matcher/join/change.h"
#include "protocol/identity/identity.h"
#include "protocol/ledger/batch.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES WIRE_CHANGE_MAX /* of a request, as large as they come */
#define SHARED 10               /* one entry in so many has a partner's beside it */
#define PAYLOAD_SIZE 209        /* sealed: one record of the persons schema */
#define LEAVES 100000
#define LEAF_SIZE 320 /* bytes of an event */

/* --- entries --- */

enum { AGENCY, PARTNER, AGENCIES };

struct matcher_bench {
    char dir[32];
    struct identity identity;
    struct store *store;
    struct join join;
    struct world *world;
    struct walks walks;
    uint64_t time;
    uint8_t payload[PAYLOAD_SIZE];
    uint8_t tag[ENTRIES][WIRE_TAG_SIZE], payloads[ENTRIES][PAYLOAD_SIZE];
    struct buf body;
};

static struct region *make_region(void)
{
    static const char *const names[AGENCIES] = {"THA", "IDN"};
    struct region *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->version = 1;
    snprintf(r->name, sizeof r->name, "bench");
    snprintf(r->purposes[0].name, sizeof r->purposes[0].name, "persons");
    r->purposes[0].epochs[0].epoch = 1;
    r->purposes[0].epoch_count = 1;
    r->purpose_count = 1;
    r->purposes[0].limits =
        (struct region_limits){.daily = UINT32_MAX, .meets = UINT32_MAX, .entries = UINT32_MAX, .mailbox = UINT32_MAX};
    r->agencies = calloc(AGENCIES, sizeof *r->agencies);
    r->digests = calloc(AGENCIES, sizeof *r->digests);
    r->grants = calloc(AGENCIES, sizeof *r->grants);
    if (r->agencies == NULL || r->digests == NULL || r->grants == NULL) {
        region_free(r);
        return NULL;
    }
    r->agency_count = r->grant_count = AGENCIES;
    for (size_t i = 0; i < AGENCIES; i++) {
        snprintf(r->agencies[i].name, sizeof r->agencies[i].name, "%s", names[i]);
        r->digests[i][0] = (uint8_t)(i + 1);
    }
    r->grants[0] = (struct region_grant){AGENCY, PARTNER, 0, {0}};
    r->grants[1] = (struct region_grant){PARTNER, AGENCY, 0, {0}};
    return r;
}

static int compare_tags(const void *a, const void *b)
{
    return memcmp(a, b, WIRE_TAG_SIZE);
}

/* Entries for tags that nobody has yet, in ascending order. */
static void make_entries(struct matcher_bench *b)
{
    randombytes_buf(b->tag, sizeof b->tag);
    for (size_t i = 0; i < ENTRIES; i++)
        memcpy(b->payloads[i], b->payload, PAYLOAD_SIZE);
    qsort(b->tag, ENTRIES, WIRE_TAG_SIZE, compare_tags);
}

/* What the matcher does for a PUT once it is decoded: entries, mail, events, batch and answer in one durable write. */
static int put(struct matcher_bench *b, size_t agency, const struct wire_request *in, struct span message,
               struct err *err)
{
    static const uint8_t hash[WIRE_HASH_SIZE] = {1};
    struct batch batch;
    const struct join_request request = {agency, 0, 1, &batch.part[0]};
    struct store_write *write;
    struct event event;
    struct store_answer answer = {.result = span_of("done", 4)};
    uint8_t id[WIRE_ID_SIZE];
    randombytes_buf(id, sizeof id);
    int rc = batch_decode(&batch, in, err);
    if (rc == 0)
        rc = store_begin(&write, b->store, err);
    if (rc != 0)
        return rc;
    join_begin(&b->join, write, b->world, &b->walks);
    b->join.time = answer.time = ++b->time;
    event_init(&event, EVENT_PUT);
    event.time = b->time;
    rc = join_put_check(&b->join, &request, err);
    if (rc == 0)
        rc = join_put(&b->join, &request, NULL, &event, err);
    batch_describe(&event, &batch, b->world->region->agencies[agency].name, in, hash);
    if (rc == 0)
        rc = tally_write(&b->join.tally, write, &event, &answer.index, NULL, err);
    if (rc == 0)
        rc = store_archive(write, &(struct archive_record){answer.index, b->time, EVENT_PUT, message}, err);
    if (rc == 0)
        rc = store_answer_put(write, b->world->agency_id[agency], id, &answer, err);
    if (rc == 0)
        return store_commit(write, err);
    store_abandon(write);
    return rc;
}

static int encode_put(struct buf *out, uint8_t (*tag)[WIRE_TAG_SIZE], uint8_t (*payload)[PAYLOAD_SIZE], size_t count,
                      struct err *err)
{
    const struct put_request request = {
        .entries = {span_of(tag, count * WIRE_TAG_SIZE), PAYLOAD_SIZE, span_of(payload, count * PAYLOAD_SIZE)}};
    buf_clear(out);
    return put_request_encode(out, &request, err);
}

/* Some tags are the partner's first. Both are written, only the second is measured. */
static int put_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct matcher_bench *b = context;
    static uint8_t shared[ENTRIES / SHARED][WIRE_TAG_SIZE];
    struct wire_request request = {.type = WIRE_PUT, .scope = {{"persons", 1}}, .scope_count = 1};
    stopwatch_set(watch, WATCH_STOP);
    make_entries(b);
    for (size_t i = 0; i < ENTRIES / SHARED; i++)
        memcpy(shared[i], b->tag[i * SHARED], WIRE_TAG_SIZE);
    int rc = encode_put(&b->body, shared, b->payloads, ENTRIES / SHARED, err);
    request.body = buf_span(&b->body);
    if (rc == 0)
        rc = put(b, PARTNER, &request, span_of("", 0), err);
    if (rc == 0)
        rc = encode_put(&b->body, b->tag, b->payloads, ENTRIES, err);
    request.body = buf_span(&b->body);
    uint64_t before = rc == 0 ? store_mailbox(b->store, b->world->agency_id[AGENCY]).last : 0;
    stopwatch_set(watch, WATCH_GO);
    if (rc == 0)
        rc = put(b, AGENCY, &request, buf_span(&b->body), err);
    stopwatch_set(watch, WATCH_STOP);
    if (rc == 0 && store_mailbox(b->store, b->world->agency_id[AGENCY]).last - before != ENTRIES / SHARED)
        rc = err_set(err, ERR_INTERNAL, "the join delivered another number of matches than there are");
    return rc;
}

static int install(struct matcher_bench *b, struct err *err)
{
    struct store_write *write;
    struct region *region = make_region();
    if (region == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    int rc = store_begin(&write, b->store, err);
    if (rc != 0) {
        region_free(region);
        return rc;
    }
    rc = world_new(&b->world, region, write, err);
    if (rc == 0) {
        join_begin(&b->join, write, b->world, &b->walks);
        rc = change_begin(&b->join, err);
    }
    if (rc == 0)
        return store_commit(write, err);
    store_abandon(write);
    return rc;
}

static int put_setup(void **context, struct err *err)
{
    struct matcher_bench *b = calloc(1, sizeof *b);
    static const uint8_t seed[32] = {1};
    char archive[64];
    if (b == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    *context = b;
    snprintf(b->dir, sizeof b->dir, "/tmp/concord-bench-XXXXXX");
    randombytes_buf(b->payload, sizeof b->payload);
    if (mkdtemp(b->dir) == NULL)
        return err_errno(err, "cannot make a directory in /tmp");
    int rc = identity_from_seed(&b->identity, "matcher", seed, err);
    const struct store_options options = {b->dir, "bench/matcher", b->identity.log_secret, archive};
    b->body = buf_of(RPC_MESSAGE_MAX);
    snprintf(archive, sizeof archive, "%s/archive", b->dir);
    if (rc == 0)
        rc = store_open(&b->store, &options, err);
    if (rc != 0)
        return rc;
    join_init(&b->join, b->store);
    return install(b, err);
}

static void put_teardown(void *context)
{
    struct matcher_bench *b = context;
    char command[64];
    if (b->store != NULL) {
        join_free(&b->join);
        store_close(b->store);
    }
    world_release(b->world);
    buf_free(&b->body);
    snprintf(command, sizeof command, "rm -rf %s", b->dir);
    if (system(command) != 0)
        fprintf(stderr, "cannot remove %s\n", b->dir);
    free(b);
}

/* --- the ledger --- */

static int leaves_setup(void **context, struct err *err)
{
    uint8_t *leaves = malloc(LEAVES * (size_t)LEAF_SIZE);
    if (leaves == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    randombytes_buf(leaves, LEAVES * (size_t)LEAF_SIZE);
    *context = leaves;
    return 0;
}

/* From the entries to the root: what verifying an exported ledger comes to. */
static int leaves_ours(void *context, struct stopwatch *watch, struct err *err)
{
    const uint8_t *leaves = context;
    struct merkle_range range = {.size = 0};
    struct hash leaf, root;
    (void)watch;
    for (size_t i = 0; i < LEAVES; i++) {
        merkle_leaf(&leaf, span_of(leaves + i * LEAF_SIZE, LEAF_SIZE));
        merkle_append(&range, &leaf, NULL, NULL);
    }
    merkle_root(&root, &range);
    return range.size == LEAVES ? 0 : err_set(err, ERR_INTERNAL, "the tree has another number of leaves");
}

/* libsodium's SHA-256 over the same blocks: a leaf and, for every leaf but one, a node. */
static int leaves_baseline(void *context, struct stopwatch *watch, struct err *err)
{
    const uint8_t *leaves = context;
    uint8_t hash[32], pair[65] = {1};
    (void)watch;
    (void)err;
    for (size_t i = 0; i < LEAVES; i++) {
        crypto_hash_sha256(hash, leaves + i * LEAF_SIZE, LEAF_SIZE);
        memcpy(pair + 1, hash, sizeof hash);
        crypto_hash_sha256(hash, pair, sizeof pair);
    }
    return 0;
}

const struct bench_case bench_matcher[] = {
    {"matcher.put",
     "store, join, mailbox and ledger for an entry; one in ten meets a partner's",
     BENCH_US,
     {ENTRIES, put_ours},
     {0, NULL},
     put_setup,
     put_teardown,
     NULL,
     false},
    {"ledger.verify",
     "leaves hashed into the tree, a second",
     BENCH_PER_SECOND,
     {LEAVES, leaves_ours},
     {LEAVES, leaves_baseline},
     leaves_setup,
     free,
     NULL,
     false},
    {.name = NULL},
};
