/* The matcher's work for an entry, and an auditor's for a leaf of the ledger. */
#include "tests/bench/bench.h"
#include "tests/bench/puts.h"

#include "protocol/base/tree.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES WIRE_CHANGE_MAX /* of a request, as large as they come */
#define SHARED 10               /* one entry in so many has a partner's beside it */
#define LEAVES 100000
#define LEAF_SIZE 320 /* bytes of an event */

/* --- entries --- */

struct matcher_bench {
    char dir[32];
    struct puts puts;
    uint8_t tag[ENTRIES][WIRE_TAG_SIZE];
};

/* Some tags are the partner's first. Both are written, only the second is measured. */
static int put_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct matcher_bench *b = context;
    static uint8_t shared[ENTRIES / SHARED][WIRE_TAG_SIZE];
    stopwatch_set(watch, WATCH_STOP);
    randombytes_buf(b->tag, sizeof b->tag);
    puts_sort(b->tag, ENTRIES);
    for (size_t i = 0; i < ENTRIES / SHARED; i++)
        memcpy(shared[i], b->tag[i * SHARED], WIRE_TAG_SIZE);
    int rc = puts_put(&b->puts, PUTS_PARTNER, shared, ENTRIES / SHARED, err);
    uint64_t before = puts_mail(&b->puts, PUTS_OURS);
    stopwatch_set(watch, WATCH_GO);
    if (rc == 0)
        rc = puts_put(&b->puts, PUTS_OURS, b->tag, ENTRIES, err);
    stopwatch_set(watch, WATCH_STOP);
    if (rc == 0 && puts_mail(&b->puts, PUTS_OURS) - before != ENTRIES / SHARED)
        rc = err_set(err, ERR_INTERNAL, "the join delivered another number of matches than there are");
    return rc;
}

static int put_setup(void **context, struct err *err)
{
    struct matcher_bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    *context = b;
    snprintf(b->dir, sizeof b->dir, "/tmp/concord-bench-XXXXXX");
    if (mkdtemp(b->dir) == NULL)
        return err_errno(err, "cannot make a directory in /tmp");
    return puts_open(&b->puts, b->dir, err);
}

static void put_teardown(void *context)
{
    struct matcher_bench *b = context;
    struct err ignored;
    puts_close(&b->puts);
    if (tree_remove(b->dir, &ignored) != 0)
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
