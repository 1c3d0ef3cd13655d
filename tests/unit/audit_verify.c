/* Auditing an exported ledger: what is whole passes, whatever is touched is named. */
#include "protocol/audit/verify.h"

#include "protocol/base/file.h"
#include "protocol/ledger/ledger.h"
#include "protocol/ledger/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* The ledger grows to each of these sizes and is sealed there; the second custodian cosigns every other time. */
static const uint64_t seals[] = {1, 5, 200, 256, 300, 512, 513, 700};
#define ENTRIES 700

static struct {
    char dir[64], export[80], shown[96];
    struct identity matcher, custodian[2], stranger;
    struct region region;
    struct kv *kv;
    struct ledger *ledger;
} t;

static void ok(int rc, const struct err *err)
{
    if (rc != 0)
        fail_msg("%s", err->text);
}

static void run(const char *format, ...)
{
    char command[512];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    assert_int_equal(system(command), 0);
}

static void make_identity(struct identity *out, const char *name, uint8_t number)
{
    struct err err = {0};
    const uint8_t seed[32] = {number};
    ok(identity_from_seed(out, name, seed, &err), &err);
}

/* The newest checkpoint with a cosignature by this identity in this name. */
static void cosign(const struct identity *by, const char *party)
{
    char name[NOTE_NAME_MAX + 1];
    struct err err = {0};
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct buf note = buf_of(NOTE_MAX), line = buf_of(NOTE_MAX);
    ok(ledger_checkpoint(t.ledger, &note, &err), &err);
    ok(checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, &err), &err);
    ok(witness_name(name, "test", party, &err), &err);
    ok(cosignature_sign(&line, body, name, 1000, by->witness_secret, &err), &err);
    ok(ledger_add_cosignature(t.ledger, checkpoint.size, buf_span(&line), &err), &err);
    buf_free(&note);
    buf_free(&line);
}

static void grow(uint64_t size)
{
    struct err err = {0};
    struct event event;
    struct kv_batch *batch = NULL;
    ok(kv_batch_new(&batch, &err), &err);
    for (uint64_t i = ledger_size(t.ledger); i < size; i++) {
        event_init(&event, i == 0 ? EVENT_START : EVENT_PUT);
        event.count = i;
        ok(ledger_append(t.ledger, batch, &event, NULL, NULL, &err), &err);
    }
    ok(ledger_seal(t.ledger, batch, &err), &err);
    ok(kv_commit(t.kv, batch, false, &err), &err);
    ledger_committed(t.ledger);
    kv_batch_free(batch);
}

static void make_region(void)
{
    strcpy(t.region.name, "test");
    t.region.matcher = t.matcher.party;
    t.region.witnesses = 1;
    t.region.custodian_count = 2;
    for (int i = 0; i < 2; i++)
        t.region.custodians[i].party = t.custodian[i].party;
}

/* Exports on the way, so that partial tiles come and go as they do in a daemon. */
static int begin(void **state)
{
    char store[80];
    struct err err = {0};
    (void)state;
    strcpy(t.dir, "/tmp/concord-audit-XXXXXX");
    assert_non_null(mkdtemp(t.dir));
    snprintf(store, sizeof store, "%s/store", t.dir);
    snprintf(t.export, sizeof t.export, "%s/export", t.dir);
    snprintf(t.shown, sizeof t.shown, "%s/shown", t.dir);
    make_identity(&t.matcher, "matcher", 1);
    make_identity(&t.custodian[0], "custodian-1", 2);
    make_identity(&t.custodian[1], "custodian-2", 3);
    make_identity(&t.stranger, "stranger", 4);
    make_region();
    ok(kv_open(&t.kv, store, &err), &err);
    ok(ledger_open(&t.ledger, t.kv, "test/matcher", t.matcher.log_secret, &err), &err);
    for (size_t i = 0; i < COUNT(seals); i++) {
        grow(seals[i]);
        cosign(&t.custodian[0], "custodian-1");
        if (i % 2 == 0)
            cosign(&t.custodian[1], "custodian-2");
        cosign(&t.stranger, "stranger");
        ok(ledger_export(t.ledger, t.export, &err), &err);
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    ledger_close(t.ledger);
    kv_close(t.kv);
    run("rm -rf '%s'", t.dir);
    return 0;
}

/* A copy that a test may damage. */
static int copy(void **state)
{
    (void)state;
    run("rm -rf '%s' && cp -r '%s' '%s'", t.shown, t.export, t.shown);
    return 0;
}

static void expect_whole(void)
{
    struct err err = {0};
    struct audit audit;
    ok(audit_verify(&audit, &t.region, t.shown, &err), &err);
}

/* It fails, and the one line names the file (below the ledger) and says what. */
static void expect_named(const char *file, const char *what)
{
    char start[128];
    struct err err = {0};
    struct audit audit;
    assert_int_not_equal(audit_verify(&audit, &t.region, t.shown, &err), 0);
    snprintf(start, sizeof start, "%s/%s", t.shown, file);
    if (strstr(err.text, start) == NULL || strstr(err.text, what) == NULL)
        fail_msg("expected %s and \"%s\", got: %s", file, what, err.text);
}

/* Flips the lowest bit of a byte; a negative place counts from the end. */
static void flip(const char *file, long place)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", t.shown, file);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, place, place < 0 ? SEEK_END : SEEK_SET), 0);
    int byte = getc(f);
    assert_int_not_equal(byte, EOF);
    assert_int_equal(fseek(f, -1, SEEK_CUR), 0);
    putc(byte ^ 1, f);
    assert_int_equal(fclose(f), 0);
}

/*
 * Puts another character in the place of the first of a checkpoint's root, which differs from run to run: `digit`, or the
 * one behind it if `digit` stands there. 'A' leaves a root, but not the one that was signed; '!' leaves none.
 */
static void change_root(const char *file, char digit)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", t.shown, file);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*s %*s "), 0);
    long place = ftell(f);
    int there = getc(f);
    assert_int_equal(fseek(f, place, SEEK_SET), 0);
    putc(there != digit ? digit : digit + 1, f);
    assert_int_equal(fclose(f), 0);
}

static void a_whole_ledger_passes(void **state)
{
    struct err err = {0};
    struct audit audit;
    (void)state;
    ok(audit_verify(&audit, &t.region, t.shown, &err), &err);
    assert_string_equal(audit.party->name, "matcher");
    assert_int_equal(audit.entries, ENTRIES);
    assert_int_equal(audit.checkpoints, COUNT(seals));
    assert_int_equal(audit.kind[EVENT_START], 1);
    assert_int_equal(audit.kind[EVENT_PUT], ENTRIES - 1);
    assert_int_equal(audit.witness_count, 2);
    assert_int_equal(audit.witness[0].cosigned, COUNT(seals));
    assert_int_equal(audit.witness[1].cosigned, COUNT(seals) / 2);
    assert_int_equal(audit.cosigned[0], 0);
    assert_int_equal(audit.cosigned[1], COUNT(seals) / 2);
    assert_int_equal(audit.cosigned[2], COUNT(seals) / 2);
}

/* As when the party exported again while somebody copied: the partial tile is gone, its full successor is there. */
static void a_full_tile_serves_for_a_partial_one(void **state)
{
    (void)state;
    run("cd '%s' && cp checkpoints/513 checkpoint && rm checkpoints/700", t.shown);
    expect_named("tile/entries/002.p/1", "No such file");
    run("cd '%s' && cp checkpoints/300 checkpoint && rm checkpoints/512 checkpoints/513", t.shown);
    expect_named("tile/1/000.p/1", "No such file");
    run("cd '%s' && mkdir -p tile/1/000.p && head -c 32 tile/1/000.p/2 > tile/1/000.p/1", t.shown);
    expect_whole();
}

static void a_changed_entry_is_named(void **state)
{
    (void)state;
    flip("tile/entries/001", 40); /* in the time or salt of entry 256: still an event or not, as it falls */
    expect_named("tile/entries/001", "entry 256");
    copy(NULL);
    flip("tile/entries/002.p/188", -3); /* the last digit of the last count: still an event */
    expect_named("tile/entries/002.p/188", "entry 699 was changed");
}

static void a_bundle_cut_or_missing_is_named(void **state)
{
    (void)state;
    flip("tile/entries/000", 1); /* a length */
    expect_named("tile/entries/000", "not a bundle of 256 entries");
    copy(NULL);
    run("truncate -s -1 '%s/tile/entries/001'", t.shown);
    expect_named("tile/entries/001", "not a bundle of 256 entries");
    copy(NULL);
    run("echo >> '%s/tile/entries/002.p/188'", t.shown);
    expect_named("tile/entries/002.p/188", "not a bundle of 188 entries");
    copy(NULL);
    run("rm '%s/tile/entries/001'", t.shown);
    expect_named("tile/entries/001", "No such file");
    copy(NULL);
    run("cd '%s/tile/entries' && mv 000 x && mv 001 000 && mv x 001", t.shown);
    expect_named("tile/entries/000", "entry 0 was changed");
}

static void a_changed_tile_is_named(void **state)
{
    (void)state;
    flip("tile/0/001", 32 * 44 + 7);
    expect_named("tile/0/001", "hash 44 is not that of its entries");
    copy(NULL);
    flip("tile/1/000.p/2", 40);
    expect_named("tile/1/000.p/2", "hash 1 is not that of its entries");
    copy(NULL);
    run("truncate -s -1 '%s/tile/0/000'", t.shown);
    expect_named("tile/0/000", "not a tile of 256 hashes");
    copy(NULL);
    run("rm '%s/tile/0/002.p/188'", t.shown);
    expect_named("tile/0/002.p/188", "No such file");
}

/* Entry and hash changed together: the signed root gives it away. */
static void an_entry_changed_with_its_hash_is_named(void **state)
{
    char path[256];
    struct err err = {0};
    struct hash leaf;
    struct buf bundle = buf_of(1u << 20);
    (void)state;
    snprintf(path, sizeof path, "%s/tile/entries/002.p/188", t.shown);
    flip("tile/entries/002.p/188", -3);
    ok(file_read(&bundle, path, &err), &err);
    size_t at = 0;
    for (int i = 0; i < 187; i++)
        at += 2 + (size_t)bytes_get_u16be(bundle.data + at);
    merkle_leaf(&leaf, span_of(bundle.data + at + 2, bundle.len - at - 2));
    snprintf(path, sizeof path, "%s/tile/0/002.p/188", t.shown);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, -MERKLE_HASH, SEEK_END), 0);
    assert_int_equal(fwrite(leaf.bytes, MERKLE_HASH, 1, f), 1);
    assert_int_equal(fclose(f), 0);
    expect_named("checkpoints/700", "its root is not that of the first 700 entries");
    buf_free(&bundle);
}

static void a_changed_checkpoint_is_named(void **state)
{
    (void)state;
    change_root("checkpoint", 'A');
    expect_named("checkpoint", "the signature of test/matcher does not verify");
    copy(NULL);
    change_root("checkpoint", '!');
    expect_named("checkpoint", "root is malformed");
    copy(NULL);
    flip("checkpoint", 0);
    expect_named("checkpoint", "knows neither matcher nor custodian with the ledger uest/matcher");
    copy(NULL);
    change_root("checkpoints/300", 'A');
    expect_named("checkpoints/300", "the signature of test/matcher does not verify");
    copy(NULL);
    change_root("checkpoints/300", '!');
    expect_named("checkpoints/300", "root is malformed");
    copy(NULL);
    run("rm '%s/checkpoint'", t.shown);
    expect_named("checkpoint", "No such file");
    copy(NULL);
    run("rm '%s/checkpoints/700'", t.shown);
    expect_named("checkpoints/700", "is missing");
}

static void checkpoints_out_of_place_are_named(void **state)
{
    (void)state;
    run("cd '%s/checkpoints' && mv 300 x && mv 512 300 && mv x 512", t.shown);
    expect_named("checkpoints/300", "it is the checkpoint of size 512");
    copy(NULL);
    run("cp '%s/checkpoints/300' '%s/checkpoints/0300'", t.shown, t.shown);
    expect_named("checkpoints/0300", "not the size of a checkpoint");
    copy(NULL);
    run("cp '%s/checkpoints/513' '%s/checkpoint'", t.shown, t.shown); /* what came after is held back */
    run("cd '%s' && cp tile/entries/002.p/188 tile/entries/002 && cp tile/0/002.p/188 tile/0/002", t.shown);
    expect_named("tile/entries/002", "not a bundle of 256 entries");
    run("cd '%s' && rm tile/entries/002 tile/0/002 checkpoints/5*", t.shown);
    run("cd '%s' && cp checkpoints/256 checkpoint && mkdir -p tile/1/000.p && head -c 32 tile/1/000.p/2 > tile/1/000.p/1",
        t.shown);
    expect_named("checkpoints/", "not the size of a checkpoint up to 256");
}

/* A root signed with the log key itself over other entries: the party forked its ledger. */
static void a_forked_checkpoint_is_named(void **state)
{
    char path[256];
    struct err err = {0};
    struct buf note = buf_of(NOTE_MAX);
    struct checkpoint forked = {.origin = "test/matcher", .size = 300};
    (void)state;
    snprintf(path, sizeof path, "%s/checkpoints/300", t.shown);
    ok(checkpoint_sign(&note, &forked, t.matcher.log_secret, &err), &err);
    ok(file_write(path, note.data, note.len, 0644, &err), &err);
    expect_named("checkpoints/300", "rewritten or forked");
    buf_free(&note);
}

/* A second, bad line hides behind no good one of the same name; a stranger's line is nobody's business. */
static void a_cosignature_that_does_not_verify_is_named(void **state)
{
    (void)state;
    run("cd '%s/checkpoints' && grep custodian-1 256 >> 300", t.shown);
    expect_named("checkpoints/300", "cosignature of test/custodian-1/witness does not verify");
    copy(NULL);
    run("cd '%s' && grep custodian-2 checkpoints/300 >> checkpoint", t.shown);
    expect_named("checkpoint", "cosignature of test/custodian-2/witness does not verify");
    copy(NULL);
    run("cd '%s/checkpoints' && grep stranger 256 >> 300", t.shown);
    expect_whole();
}

static void a_ledger_of_another_key_is_refused(void **state)
{
    struct party right = t.region.matcher;
    (void)state;
    t.region.matcher = t.stranger.party;
    strcpy(t.region.matcher.name, "matcher");
    expect_named("checkpoint", "no signature by test/matcher");
    t.region.matcher = right;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_whole_ledger_passes, copy),
        cmocka_unit_test_setup(a_full_tile_serves_for_a_partial_one, copy),
        cmocka_unit_test_setup(a_changed_entry_is_named, copy),
        cmocka_unit_test_setup(a_bundle_cut_or_missing_is_named, copy),
        cmocka_unit_test_setup(a_changed_tile_is_named, copy),
        cmocka_unit_test_setup(an_entry_changed_with_its_hash_is_named, copy),
        cmocka_unit_test_setup(a_changed_checkpoint_is_named, copy),
        cmocka_unit_test_setup(checkpoints_out_of_place_are_named, copy),
        cmocka_unit_test_setup(a_forked_checkpoint_is_named, copy),
        cmocka_unit_test_setup(a_cosignature_that_does_not_verify_is_named, copy),
        cmocka_unit_test_setup(a_ledger_of_another_key_is_refused, copy),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
