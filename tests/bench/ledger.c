/* A ledger as it is after years: appending to it, opening it, proving from it. */
#include "tests/bench/bench.h"
#include "protocol/identity/identity.h"

#include "protocol/ledger/ledger.h"
#include "protocol/ledger/receipt.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ENTRIES 10000000 /* unless --rows says otherwise */
#define GROUP 1000       /* entries of one commit while it is made */
#define PROOFS 2000

static char dir[32];
static struct identity identity;

static uint64_t entries(void)
{
    return bench_rows > 0 ? bench_rows : ENTRIES;
}

static void remove_dir(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    if (system(command) != 0)
        fprintf(stderr, "cannot remove %s\n", dir);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int open_it(struct kv **kv, struct ledger **ledger, struct err *err)
{
    int rc = kv_open(kv, dir, 0, err);
    if (rc == 0)
        rc = ledger_open(ledger, *kv, "bench/matcher", identity.log_secret, err);
    return rc;
}

static void close_it(struct kv *kv, struct ledger *ledger)
{
    ledger_close(ledger);
    kv_close(kv);
}

static void describe(struct event *event, uint64_t i)
{
    event_init(event, EVENT_DELIVER);
    event->time = 1700000000 + i / 10;
    strcpy(event->party, "THA");
    strcpy(event->partner, "IDN");
    strcpy(event->purpose, "travel-documents");
    event->epoch = 1;
    event->count = 1 + i % 100;
    memcpy(event->digest, event->salt, sizeof event->salt);
}

static int append_group(struct kv *kv, struct ledger *ledger, struct kv_batch *batch, uint64_t from, struct err *err)
{
    int rc = 0;
    kv_batch_clear(batch);
    for (uint64_t i = from; rc == 0 && i < from + GROUP; i++) {
        struct event event;
        describe(&event, i);
        rc = ledger_append(ledger, batch, &event, NULL, NULL, err);
    }
    if (rc == 0)
        rc = ledger_seal(ledger, batch, err);
    if (rc == 0)
        rc = kv_commit(kv, batch, true, err);
    if (rc == 0)
        ledger_committed(ledger);
    return rc;
}

/* Makes the ledger once; microseconds an entry. */
static int append_measure(double *value, struct err *err)
{
    static const uint8_t seed[32] = {1};
    static double per_entry;
    struct kv *kv = NULL;
    struct ledger *ledger = NULL;
    struct kv_batch *batch = NULL;
    int rc = 0;
    if (dir[0] == '\0') {
        snprintf(dir, sizeof dir, "/tmp/concord-bench-XXXXXX");
        if (mkdtemp(dir) == NULL)
            return err_errno(err, "cannot make a directory in /tmp");
        atexit(remove_dir);
        rc = identity_from_seed(&identity, "matcher", seed, err);
        if (rc == 0)
            rc = open_it(&kv, &ledger, err);
        if (rc == 0)
            rc = kv_batch_new(&batch, err);
        double start = seconds();
        for (uint64_t i = 0; rc == 0 && i < entries(); i += GROUP)
            rc = append_group(kv, ledger, batch, i, err);
        per_entry = (seconds() - start) * 1e6 / (double)entries();
        kv_batch_free(batch);
        close_it(kv, ledger);
    }
    *value = per_entry;
    return rc;
}

/* Microseconds from nothing to a ledger that answers; the store's own opening is in it. */
static int open_measure(double *value, struct err *err)
{
    struct kv *kv = NULL;
    struct ledger *ledger = NULL;
    int rc = append_measure(value, err);
    double start = seconds();
    if (rc == 0)
        rc = open_it(&kv, &ledger, err);
    *value = (seconds() - start) * 1e6;
    if (rc == 0 && ledger_size(ledger) != (entries() + GROUP - 1) / GROUP * GROUP)
        rc = err_set(err, ERR_INTERNAL, "the ledger lost entries");
    close_it(kv, ledger);
    return rc;
}

/* One entry with its proof, checked. */
static int prove_one(struct ledger *ledger, struct span note, uint64_t index, struct err *err)
{
    struct event event;
    struct checkpoint checkpoint;
    struct buf entry = buf_of(EVENT_SIZE_MAX), proof = buf_of(LEDGER_PROOF_MAX * LEDGER_HASH_SIZE);
    int rc = ledger_inclusion(ledger, index, ledger_size(ledger), &proof, err);
    if (rc == 0)
        rc = ledger_entry(ledger, index, &entry, err);
    const struct receipt receipt = {buf_span(&entry), index, buf_span(&proof), note};
    if (rc == 0)
        rc = receipt_verify(&receipt, "bench/matcher", identity.party.log, &event, &checkpoint, err);
    buf_free(&entry);
    buf_free(&proof);
    return rc;
}

/* Microseconds for a proof of inclusion of any entry, from a store that has just been opened. */
static int prove_measure(double *value, struct err *err)
{
    struct kv *kv = NULL;
    struct ledger *ledger = NULL;
    struct buf note = buf_of(NOTE_MAX), proof = buf_of(LEDGER_PROOF_MAX * LEDGER_HASH_SIZE);
    int rc = append_measure(value, err);
    if (rc == 0)
        rc = open_it(&kv, &ledger, err);
    if (rc == 0)
        rc = ledger_checkpoint(ledger, &note, err);
    for (int i = 0; rc == 0 && i < 10; i++)
        rc = prove_one(ledger, buf_span(&note), randombytes_uniform((uint32_t)entries()), err);
    double start = seconds();
    for (int i = 0; rc == 0 && i < PROOFS; i++) {
        buf_clear(&proof);
        rc = ledger_inclusion(ledger, randombytes_uniform((uint32_t)entries()), ledger_size(ledger), &proof, err);
    }
    *value = (seconds() - start) * 1e6 / PROOFS;
    buf_free(&note);
    buf_free(&proof);
    close_it(kv, ledger);
    return rc;
}

const struct bench_case bench_ledger[] = {
    {.name = "ledger.append",
     .what = "an event into a ledger of 10 million, 1,000 a commit",
     .unit = BENCH_US,
     .measure = append_measure,
     .slow = true},
    {.name = "ledger.open",
     .what = "opening a ledger of 10 million events",
     .unit = BENCH_US,
     .measure = open_measure,
     .slow = true},
    {.name = "ledger.prove",
     .what = "a proof of inclusion in a ledger of 10 million events",
     .unit = BENCH_US,
     .measure = prove_measure,
     .slow = true},
    {.name = NULL},
};
