/* The log: the tree against RFC 6962's published roots, names of keys, times, rollback, export, witnessing. */
#include "protocol/ledger/ledger.h"
#include "protocol/identity/identity.h"
#include "protocol/ledger/merkle.h"
#include "protocol/ledger/note.h"
#include "protocol/ledger/tile.h"
#include "protocol/ledger/witness.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* --- a log in a scratch directory --- */

static const uint8_t seed[32] = {1};
static struct identity identity;

struct log {
    char dir[64];
    struct kv *kv;
    struct ledger *ledger;
    struct kv_batch *batch;
};

static void must(int rc, const struct err *err)
{
    if (rc != 0)
        fail_msg("%s", err->text);
}

static void log_open(struct log *log)
{
    struct err err;
    must(kv_open(&log->kv, log->dir, 0, &err), &err);
    must(ledger_open(&log->ledger, log->kv, "test/matcher", identity.log_secret, &err), &err);
    must(kv_batch_new(&log->batch, &err), &err);
}

static void log_close(struct log *log)
{
    kv_batch_free(log->batch);
    ledger_close(log->ledger);
    kv_close(log->kv);
}

static void log_new(struct log *log)
{
    struct err err;
    strcpy(log->dir, "/tmp/concord-log-XXXXXX");
    assert_non_null(mkdtemp(log->dir));
    must(identity_from_seed(&identity, "matcher", seed, &err), &err);
    log_open(log);
}

static void run(const char *format, const char *a, const char *b)
{
    char command[512];
    snprintf(command, sizeof command, format, a, b);
    assert_int_equal(system(command), 0);
}

static void log_remove(struct log *log)
{
    log_close(log);
    run("rm -rf '%s'", log->dir, "");
}

static uint64_t append_at(struct log *log, uint64_t time)
{
    struct err err;
    struct event event;
    uint64_t index;
    event_init(&event, EVENT_PUT);
    event.time = time;
    must(ledger_append(log->ledger, log->batch, &event, &index, NULL, &err), &err);
    return index;
}

static void commit(struct log *log)
{
    struct err err;
    must(ledger_seal(log->ledger, log->batch, &err), &err);
    must(kv_commit(log->kv, log->batch, true, &err), &err);
    ledger_committed(log->ledger);
    kv_batch_clear(log->batch);
}

static struct event entry(struct log *log, uint64_t index)
{
    struct err err;
    struct event event;
    struct buf text = buf_of(EVENT_SIZE_MAX);
    must(ledger_entry(log->ledger, index, &text, &err), &err);
    must(event_decode(&event, buf_span(&text), &err), &err);
    buf_free(&text);
    return event;
}

/* --- the tree --- */

/* The leaves and roots that implementations of RFC 6962 have tested with since Certificate Transparency began. */
static const char *const leaves[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
static const char *const roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

static void the_tree_has_the_published_roots(void **state)
{
    (void)state;
    struct merkle_range range = {.size = 0};
    struct hash root, leaf;
    char hex[2 * MERKLE_HASH + 1];
    merkle_root(&root, &range);
    assert_string_equal(bytes_to_hex(hex, root.bytes, MERKLE_HASH),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < 8; i++) {
        uint8_t bytes[16];
        size_t len = strlen(leaves[i]) / 2;
        assert_true(bytes_from_hex(bytes, len, leaves[i]));
        merkle_leaf(&leaf, span_of(bytes, len));
        merkle_append(&range, &leaf, NULL, NULL);
        merkle_root(&root, &range);
        assert_string_equal(bytes_to_hex(hex, root.bytes, MERKLE_HASH), roots[i]);
    }
}

/* Every proof between every pair of sizes holds, and none holds for a neighbour. */
static void proofs_hold_for_what_they_are_about(void **state)
{
    (void)state;
    enum { SIZE = 40 };
    struct log log;
    struct err err;
    struct hash root[SIZE + 1];
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct buf note = buf_of(NOTE_MAX), proof = buf_of(4096), text = buf_of(EVENT_SIZE_MAX);
    log_new(&log);
    for (uint64_t size = 1; size <= SIZE; size++) {
        append_at(&log, 1000);
        commit(&log);
        buf_clear(&note);
        must(ledger_checkpoint(log.ledger, &note, &err), &err);
        must(checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, &err), &err);
        assert_int_equal(checkpoint.size, size);
        root[size] = checkpoint.root;
    }
    for (uint64_t size = 1; size <= SIZE; size++)
        for (uint64_t old = 1; old <= size; old++) {
            struct hash leaf;
            buf_clear(&proof);
            buf_clear(&text);
            must(ledger_entry(log.ledger, old - 1, &text, &err), &err);
            merkle_leaf(&leaf, buf_span(&text));
            must(ledger_inclusion(log.ledger, old - 1, size, &proof, &err), &err);
            must(merkle_verify_inclusion(&leaf, old - 1, size, buf_span(&proof), &root[size], &err), &err);
            if (old < size)
                assert_int_equal(merkle_verify_inclusion(&leaf, old, size, buf_span(&proof), &root[size], &err),
                                 ERR_VERIFY);
            buf_clear(&proof);
            must(ledger_consistency(log.ledger, old, size, &proof, &err), &err);
            must(merkle_verify_consistency(old, &root[old], size, &root[size], buf_span(&proof), &err), &err);
            if (old < size)
                assert_int_equal(
                    merkle_verify_consistency(old, &root[old + 1], size, &root[size], buf_span(&proof), &err),
                    ERR_VERIFY);
        }
    assert_int_equal(ledger_inclusion(log.ledger, SIZE, SIZE, &proof, &err), ERR_INPUT);
    assert_int_equal(ledger_consistency(log.ledger, 1, SIZE + 1, &proof, &err), ERR_INPUT);
    buf_free(&note);
    buf_free(&proof);
    buf_free(&text);
    log_remove(&log);
}

/* --- names --- */

/* Of the Go checksum database, and of the example in the documentation of Go's package note. */
static void keys_have_the_ids_that_others_give_them(void **state)
{
    (void)state;
    static const char *const known[] = {"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
                                        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"};
    for (size_t i = 0; i < 2; i++) {
        struct err err;
        char name[64] = "";
        uint8_t key[33];
        size_t len = 0;
        struct buf out = buf_of(256);
        const char *plus = strchr(known[i], '+');
        memcpy(name, known[i], (size_t)(plus - known[i]));
        assert_true(bytes_from_base64(key, sizeof key, &len, span_of(plus + 10, strlen(plus + 10))));
        assert_int_equal(len, 33);
        must(note_verifier_key(&out, name, NOTE_ED25519, key + 1, &err), &err);
        assert_int_equal(out.len, strlen(known[i]));
        assert_memory_equal(out.data, known[i], out.len);
        buf_free(&out);
    }
}

static void tiles_are_named_in_groups_of_three_digits(void **state)
{
    (void)state;
    char path[TILE_PATH_MAX];
    assert_string_equal(tile_path(path, 0, 1234067, 256), "tile/0/x001/x234/067");
    assert_string_equal(tile_path(path, 1, 0, 1), "tile/1/000.p/1");
    assert_string_equal(tile_path(path, TILE_ENTRIES, 1000, 255), "tile/entries/x001/000.p/255");
    assert_string_equal(tile_path(path, 7, 999, 256), "tile/7/999");
    assert_int_equal(tile_hashes(256, 1), 1);
    assert_int_equal(tile_hashes(255, 1), 0);
}

/* --- time --- */

static void times_do_not_go_back_unexplained(void **state)
{
    (void)state;
    struct log log;
    log_new(&log);
    append_at(&log, 1000);
    append_at(&log, 1000 - EVENT_CLOCK_SLACK);
    commit(&log);
    assert_int_equal(entry(&log, 1).time, 1000);
    log_close(&log);
    log_open(&log);
    assert_int_equal(append_at(&log, 970), 2);
    assert_int_equal(append_at(&log, 1000 - EVENT_CLOCK_SLACK - 1), 4); /* a clock event goes before */
    append_at(&log, 950);
    commit(&log);
    assert_int_equal(entry(&log, 2).time, 1000);
    struct event clock = entry(&log, 3);
    assert_int_equal(clock.kind, EVENT_CLOCK);
    assert_int_equal(clock.time, 939);
    assert_int_equal(clock.count, 61);
    assert_int_equal(entry(&log, 4).time, 939);
    assert_int_equal(entry(&log, 5).time, 950);
    assert_int_equal(ledger_size(log.ledger), 6);
    log_remove(&log);
}

static void what_is_rolled_back_leaves_nothing(void **state)
{
    (void)state;
    struct log log;
    log_new(&log);
    append_at(&log, 1000);
    commit(&log);
    append_at(&log, 5000);
    ledger_rollback(log.ledger);
    kv_batch_clear(log.batch);
    assert_int_equal(append_at(&log, 1001), 1);
    commit(&log);
    assert_int_equal(entry(&log, 1).time, 1001);
    assert_int_equal(ledger_size(log.ledger), 2);
    log_remove(&log);
}

/* --- export --- */

/* In many steps or in one, what is exported is the same, but for partial tiles that were of use in between. */
static void exporting_by_steps_comes_to_the_same(void **state)
{
    (void)state;
    struct log log;
    struct err err;
    char steps[80], once[80];
    log_new(&log);
    snprintf(steps, sizeof steps, "%s-steps", log.dir);
    snprintf(once, sizeof once, "%s-once", log.dir);
    for (int i = 0; i < 700; i++) {
        append_at(&log, 1000 + (uint64_t)i);
        if (i % 7 == 0 || i == 699)
            commit(&log);
        if (i % 49 == 0 || i == 699)
            must(ledger_export(log.ledger, steps, &err), &err);
    }
    must(ledger_export(log.ledger, steps, &err), &err);
    must(ledger_export(log.ledger, once, &err), &err);
    run("diff -r -x checkpoints '%s' '%s' >&2", steps, once);
    run("[ \"$(ls '%s/checkpoints' | wc -l)\" = 16 ] && [ \"$(ls '%s/checkpoints')\" = 700 ]", steps, once);
    run("rm -rf '%s' '%s'", steps, once);
    log_remove(&log);
}

/* Tiles, entries, cosigned checkpoints: whatever is damaged or deleted on disk, the store has it. */
static void what_is_damaged_on_disk_is_exported_again(void **state)
{
    (void)state;
    struct log log;
    struct err err;
    char out[80], good[80];
    log_new(&log);
    snprintf(out, sizeof out, "%s-out", log.dir);
    snprintf(good, sizeof good, "%s-good", log.dir);
    for (int i = 0; i < 1500; i++) {
        append_at(&log, 1000 + (uint64_t)i);
        if (i % 300 == 0 || i == 1499) {
            commit(&log);
            must(ledger_add_cosignature(log.ledger, ledger_size(log.ledger), span_of("\u2014 w AAAA\n", 11), &err),
                 &err);
        }
    }
    must(ledger_export(log.ledger, out, &err), &err);
    run("cp -r '%s' '%s'", out, good);
    run("find '%s/tile' '%s/checkpoints' -type f -delete", out, out);
    for (int i = 0; i < 3; i++)
        must(ledger_export(log.ledger, out, &err), &err);
    run("diff -r '%s' '%s' >&2", good, out);
    run("for f in $(find '%s/tile' '%s/checkpoints' -type f); do printf x | dd of=$f conv=notrunc bs=1 seek=5 2>/dev/null; done",
        out, out);
    for (int i = 0; i < 3; i++)
        must(ledger_export(log.ledger, out, &err), &err);
    run("diff -r '%s' '%s' >&2", good, out);
    run("rm -rf '%s' '%s'", out, good);
    log_remove(&log);
}

/* A cosignature that comes while exporting fails is exported once it succeeds. */
static void a_failed_export_forgets_no_cosignature(void **state)
{
    (void)state;
    struct log log;
    struct err err;
    char out[80];
    struct buf note = buf_of(NOTE_MAX), line = buf_of(1024);
    struct checkpoint checkpoint;
    struct span body, signatures;
    log_new(&log);
    snprintf(out, sizeof out, "%s-out", log.dir);
    append_at(&log, 1000);
    commit(&log);
    must(ledger_checkpoint(log.ledger, &note, &err), &err);
    must(checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, &err), &err);
    append_at(&log, 1001);
    commit(&log);
    must(ledger_export(log.ledger, out, &err), &err);
    must(cosignature_sign(&line, body, "test/custodian/witness", 1002, identity.witness_secret, &err), &err);
    must(ledger_add_cosignature(log.ledger, 1, buf_span(&line), &err), &err);
    run("mv '%s/checkpoints' '%s/away'", out, out);
    run("touch '%s/checkpoints'%s", out, "");
    assert_int_not_equal(ledger_export(log.ledger, out, &err), 0);
    run("rm '%s/checkpoints'%s", out, "");
    run("mv '%s/away' '%s/checkpoints'", out, out);
    must(ledger_export(log.ledger, out, &err), &err);
    run("grep -q test/custodian/witness '%s/checkpoints/1'%s", out, "");
    run("rm -rf '%s'%s", out, "");
    buf_free(&note);
    buf_free(&line);
    log_remove(&log);
}

/* Killed in the middle of writing a file, by a limit on its size. */
static void export_and_die(struct log *log, const char *out)
{
    int status;
    log_close(log);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit small = {4096, 4096}, none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGXFSZ, SIG_DFL);
        log_open(log);
        setrlimit(RLIMIT_FSIZE, &small);
        ledger_export(log->ledger, out, ERR_IGNORED);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
    log_open(log);
}

static void a_killed_export_leaves_nothing_behind(void **state)
{
    (void)state;
    struct log log;
    struct err err;
    char out[80], fresh[80];
    log_new(&log);
    snprintf(out, sizeof out, "%s-out", log.dir);
    snprintf(fresh, sizeof fresh, "%s-fresh", log.dir);
    for (uint64_t i = 0; i < 300; i++)
        append_at(&log, 1000 + i);
    commit(&log);
    export_and_die(&log, out);
    run("[ -n \"$(find '%s' -type f)\" ]%s", out, ""); /* something was begun */
    must(ledger_export(log.ledger, out, &err), &err);
    must(ledger_export(log.ledger, fresh, &err), &err);
    run("diff -r '%s' '%s' >&2", out, fresh);
    run("rm -rf '%s' '%s'", out, fresh);
    log_remove(&log);
}

/* --- witnessing --- */

/* Shows the checkpoint of one log to the witness that the other's owner is. */
static int show(struct log *witness, struct log *owner, uint64_t old_size, struct witness_decision *out,
                struct err *err)
{
    struct witnessed log = {.party = "matcher", .origin = "test/matcher"};
    struct buf note = buf_of(NOTE_MAX), proof = buf_of(4096);
    memcpy(log.key, identity.party.log, sizeof log.key);
    must(ledger_checkpoint(owner->ledger, &note, err), err);
    must(ledger_consistency(owner->ledger, old_size, ledger_size(owner->ledger), &proof, err), err);
    int rc =
        witness_decide(witness->ledger, witness->batch, &log, old_size, buf_span(&proof), buf_span(&note), out, err);
    if ((rc == 0 && !out->behind) || out->split)
        commit(witness);
    buf_free(&note);
    buf_free(&proof);
    return rc;
}

static void a_fork_is_refused_and_both_checkpoints_kept(void **state)
{
    (void)state;
    struct log witness, one, two;
    struct witness_decision decision;
    struct err err;
    char out[80];
    log_new(&witness);
    log_new(&one);
    log_new(&two);
    snprintf(out, sizeof out, "%s-out", witness.dir);
    for (int i = 0; i < 3; i++) {
        append_at(&one, 1000);
        append_at(&two, 1000); /* another salt, another history */
    }
    commit(&one);
    commit(&two);
    assert_int_equal(show(&witness, &one, 0, &decision, &err), 0);
    assert_false(decision.behind);
    assert_int_equal(entry(&witness, 0).kind, EVENT_WITNESS);
    assert_int_equal(show(&witness, &one, 0, &decision, &err), 0);
    assert_true(decision.behind);
    assert_int_equal(decision.size, 3);
    assert_int_equal(show(&witness, &two, 3, &decision, &err), ERR_VERIFY); /* of the same size */
    assert_true(decision.split);
    append_at(&two, 1001);
    commit(&two);
    assert_int_equal(show(&witness, &two, 3, &decision, &err), ERR_VERIFY); /* grown beyond */
    assert_true(decision.split);
    append_at(&one, 1001);
    commit(&one);
    assert_int_equal(show(&witness, &one, 3, &decision, &err), 0); /* the first is believed as before */
    assert_int_equal(ledger_size(witness.ledger), 4);
    const struct event split = entry(&witness, 2);
    assert_int_equal(split.kind, EVENT_SPLIT);
    assert_int_equal(split.count, 4);
    assert_string_equal(split.party, "matcher");
    must(ledger_export(witness.ledger, out, &err), &err);
    run("cd '%s/evidence' && [ \"$(echo *)\" = '1.seen 1.shown 2.seen 2.shown' ]%s", out, "");
    run("cd '%s/evidence' && [ $(sed -n 2p 2.seen) = 3 ] && [ $(sed -n 2p 2.shown) = 4 ]%s", out, "");
    run("rm -rf '%s'%s", out, "");
    log_remove(&witness);
    log_remove(&one);
    log_remove(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_has_the_published_roots),
        cmocka_unit_test(proofs_hold_for_what_they_are_about),
        cmocka_unit_test(keys_have_the_ids_that_others_give_them),
        cmocka_unit_test(tiles_are_named_in_groups_of_three_digits),
        cmocka_unit_test(times_do_not_go_back_unexplained),
        cmocka_unit_test(what_is_rolled_back_leaves_nothing),
        cmocka_unit_test(exporting_by_steps_comes_to_the_same),
        cmocka_unit_test(what_is_damaged_on_disk_is_exported_again),
        cmocka_unit_test(a_failed_export_forgets_no_cosignature),
        cmocka_unit_test(a_killed_export_leaves_nothing_behind),
        cmocka_unit_test(a_fork_is_refused_and_both_checkpoints_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
