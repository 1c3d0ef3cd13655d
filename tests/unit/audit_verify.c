/* Auditing an exported ledger: what is whole passes, whatever is touched is named. */
#include "protocol/audit/rules/verify.h"

#include "audit_test.h"
#include "protocol/identity/identity.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* The ledger grows to each of these sizes and is sealed there; the second custodian cosigns every other time. */
static const uint64_t seals[] = {2, 5, 200, 256, 300, 512, 513, 700};
#define ENTRIES 700

static struct {
    char shown[96];
    struct book book;
} t;

/* Exports on the way, so that partial tiles come and go as they do in a daemon. */
static int begin(void **state)
{
    world_begin(state);
    snprintf(t.shown, sizeof t.shown, "%s/shown", world.dir);
    book_open(&t.book, &world.matcher, "export");
    book_start(&t.book);
    for (size_t i = 0; i < COUNT(seals); i++) {
        while (t.book.size < seals[i])
            book_put(&t.book, EVENT_PUT, AAA, 1);
        book_seal(&t.book);
        book_cosign(&t.book, &world.custodian[0], "custodian-1");
        if (i % 2 == 0)
            book_cosign(&t.book, &world.custodian[1], "custodian-2");
        book_export(&t.book);
    }
    return 0;
}

static int end(void **state)
{
    book_close(&t.book);
    return world_end(state);
}

/* A copy that a test may damage. */
static int copy(void **state)
{
    (void)state;
    run("rm -rf '%s' && cp -r '%s' '%s'", t.shown, t.book.export, t.shown);
    return 0;
}

static void verify_shown(struct audit *audit, struct verified *out)
{
    memset(out, 0, sizeof *out);
    open_audit(audit, (char *[]){t.shown}, 1);
    if (audit->count > 0)
        MUST(verify_ledger(audit, &audit->ledger[0], NULL, out, why));
}

static void expect_whole(void)
{
    struct audit audit;
    struct verified v = {.whole = false};
    verify_shown(&audit, &v);
    expect_no_finding(&audit.findings);
    assert_true(v.whole);
    audit_close(&audit);
}

/* There is a finding whose line names the file (below the ledger) and says what. Returns whether all was walked. */
static bool is_named_as(enum finding_code code, const char *file, const char *what)
{
    char start[128];
    struct audit audit;
    struct verified v = {.whole = false};
    verify_shown(&audit, &v);
    snprintf(start, sizeof start, "%s/%s", t.shown, file);
    expect_finding(&audit.findings, code, start);
    expect_finding(&audit.findings, code, what);
    audit_close(&audit);
    return v.whole;
}

static void expect_named_as(enum finding_code code, const char *file, const char *what)
{
    assert_false(is_named_as(code, file, what));
}

static void expect_named(const char *file, const char *what)
{
    expect_named_as(FINDING_DAMAGED, file, what);
}

static void flip(const char *file, long place)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", t.shown, file);
    flip_bit(path, place);
}

/*
 * Puts another character in the place of the first of a checkpoint's root, which differs from run to run: `digit`, or
 * the one behind it if `digit` stands there. 'A' leaves a root, but not the one that was signed; '!' leaves none.
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
    struct audit audit;
    struct verified v;
    (void)state;
    verify_shown(&audit, &v);
    expect_no_finding(&audit.findings);
    assert_true(v.whole);
    assert_string_equal(v.walk->party->name, "matcher");
    assert_int_equal(v.entries, ENTRIES);
    assert_int_equal(v.checkpoints, COUNT(seals));
    assert_int_equal(v.final, 513);
    assert_int_equal(v.kind[EVENT_START], 1);
    assert_int_equal(v.kind[EVENT_PUT], ENTRIES - 2);
    assert_int_equal(v.walk->witness_count, TEST_CUSTODIANS);
    assert_int_equal(v.cosigned_by[0], COUNT(seals));
    assert_int_equal(v.cosigned_by[1], COUNT(seals) / 2);
    assert_int_equal(v.cosigned[0], 0);
    assert_int_equal(v.cosigned[1], COUNT(seals) / 2);
    assert_int_equal(v.cosigned[2], COUNT(seals) / 2);
    audit_close(&audit);
}

/* As when the party exported again while somebody copied: the partial tile is gone, a larger one is there. */
static void a_larger_tile_serves_for_a_partial_one(void **state)
{
    (void)state;
    run("cd '%s' && cp checkpoints/513 checkpoint && rm checkpoints/700 tile/*/002.p/1", t.shown);
    expect_whole();
    run("cd '%s' && mv tile/entries/002.p/188 tile/188", t.shown);
    expect_named("tile/entries/002.p/1", "No such file");
    run("cd '%s' && mv tile/188 tile/entries/002.p/ && cp checkpoints/300 checkpoint && rm checkpoints/51?", t.shown);
    expect_whole(); /* of entries and leaves the full ones, above them the larger */
    run("cd '%s' && mv tile/1/000.p/2 tile/2", t.shown);
    expect_named("tile/1/000.p/1", "No such file");
    run("cd '%s' && mkdir -p tile/1/000.p && head -c 32 tile/2 > tile/1/000.p/1", t.shown);
    expect_whole();
}

/* No walk reads it: it is compared afterwards. */
static void expect_outgrown(const char *file)
{
    assert_true(is_named_as(FINDING_DAMAGED, file, "the full tile that it became does not begin so"));
}

/* An exporter leaves partial tiles for a while beside the full ones that they became. */
static void what_a_full_tile_outgrew_is_part_of_the_ledger(void **state)
{
    struct audit audit;
    struct verified v;
    (void)state;
    run("cd '%s/tile' && mkdir -p 0/001.p entries/001.p && head -c 640 0/001 >0/001.p/20", t.shown);
    run("cd '%s/tile/entries' && head -c $((0x$(xxd -p -l 2 001) + 2)) 001 >001.p/1", t.shown);
    verify_shown(&audit, &v);
    expect_no_finding(&audit.findings);
    assert_int_equal(v.strays.count, 0);
    audit_close(&audit);
    flip("tile/0/001.p/20", -1);
    expect_outgrown("tile/0/001.p/20");
    run("cd '%s/tile/0' && head -c 639 001 >001.p/20", t.shown);
    expect_outgrown("tile/0/001.p/20");
    run("cd '%s/tile/0' && head -c 640 001 >001.p/20 && truncate -s -1 ../entries/001.p/1", t.shown);
    expect_outgrown("tile/entries/001.p/1");
}

static void a_changed_entry_is_named(void **state)
{
    (void)state;
    flip("tile/entries/001", 2); /* the brace of entry 256 */
    expect_named("tile/entries/001", "entry 256: not a well-formed event");
    copy(NULL);
    flip("tile/entries/002.p/188", -3); /* the last digit of the last digest: still an event */
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
    struct hash leaf;
    struct buf bundle = buf_of(1u << 20);
    (void)state;
    snprintf(path, sizeof path, "%s/tile/entries/002.p/188", t.shown);
    flip("tile/entries/002.p/188", -3);
    MUST(file_read(&bundle, path, why));
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
    run("cd '%s' && cp checkpoints/513 checkpoint && rm checkpoints/700", t.shown); /* what came after is held back */
    run("cd '%s' && rm tile/0/002.p/1 tile/entries/002.p/1 && cp tile/entries/002.p/188 tile/entries/002 && "
        "mv tile/0/002.p/188 tile/0/002 && rm -r tile/entries/002.p",
        t.shown);
    expect_named("tile/entries/002", "not a bundle of 256 entries");
    copy(NULL);
    run("cd '%s' && cp checkpoints/513 checkpoint && rm -r tile/entries/002.p", t.shown);
    expect_named("tile/entries/002.p/188", "No such file"); /* what a checkpoint beside it says that there is */
    copy(NULL);
    run("cd '%s' && sed 's/^700$/701/' checkpoints/700 >checkpoints/701", t.shown);
    expect_named("checkpoints/701", "not the size of a checkpoint up to 700");
}

/* Killed before it has put the newest checkpoint in its place, an exporter has written all that this is about. */
static void an_export_that_was_interrupted_is_whole(void **state)
{
    (void)state;
    run("cd '%s' && cp checkpoints/513 checkpoint", t.shown);
    expect_whole();
    run("cd '%s' && rm checkpoints/700", t.shown); /* before that, too */
    expect_whole();
}

/* --- a ledger that grows --- */

static struct book growing;
static atomic_bool enough;

static void *grow(void *context)
{
    (void)context;
    for (unsigned round = 0; !enough; round++) {
        for (unsigned i = 0; i <= round % 40; i++)
            book_put(&growing, EVENT_PUT, AAA, 1);
        book_seal(&growing);
        if (round % 3 == 0)
            book_witness(&growing);
        book_export(&growing);
    }
    return NULL;
}

/* What is verified is the ledger of one moment, while its tiles and checkpoints come and go. */
static void a_ledger_that_grows_is_whole(void **state)
{
    pthread_t grower;
    struct audit audit;
    struct verified v;
    (void)state;
    book_open(&growing, &world.matcher, "growing");
    book_start(&growing);
    book_publish(&growing);
    assert_int_equal(pthread_create(&grower, NULL, grow, NULL), 0);
    for (unsigned i = 0; i < 40; i++) {
        open_audit(&audit, (char *[]){growing.export}, 1);
        usleep(1000 * (i % 10)); /* it goes on meanwhile */
        MUST(verify_ledger(&audit, &audit.ledger[0], NULL, &v, why));
        expect_no_finding(&audit.findings);
        assert_true(v.whole);
        audit_close(&audit);
    }
    enough = true;
    pthread_join(grower, NULL);
    book_close(&growing);
}

/* A root signed with the log key itself over other entries: the party forked its ledger. */
static void a_forked_checkpoint_is_named(void **state)
{
    char path[256];
    struct buf note = buf_of(NOTE_MAX);
    struct checkpoint forked = {.origin = "test/matcher", .size = 300};
    (void)state;
    snprintf(path, sizeof path, "%s/checkpoints/300", t.shown);
    MUST(checkpoint_sign(&note, &forked, world.matcher.log_secret, why));
    MUST(file_write(path, note.data, note.len, 0644, why));
    expect_named_as(FINDING_FORKED, "checkpoints/300", "rewritten or forked");
    buf_free(&note);
}

/* A second, bad line hides behind no good one of the same name. */
static void a_cosignature_that_does_not_verify_is_named(void **state)
{
    (void)state;
    run("cd '%s/checkpoints' && grep custodian-1 256 >> 300", t.shown);
    expect_named("checkpoints/300", "cosignature of test/custodian-1/witness does not verify");
    copy(NULL);
    run("cd '%s' && grep custodian-2 checkpoints/300 >> checkpoint", t.shown);
    expect_named("checkpoint", "cosignature of test/custodian-2/witness does not verify");
}

/* It counts for nothing, and everything else is verified all the same. */
static void a_cosignature_by_a_stranger_is_named(void **state)
{
    struct audit audit;
    struct verified v;
    struct book book;
    (void)state;
    book_open(&book, &world.matcher, "strange");
    book_start(&book);
    book_seal(&book);
    book_cosign(&book, &world.custodian[0], "custodian-1");
    book_cosign(&book, &stranger, "stranger");
    book_export(&book);
    book_close(&book);
    run("rm -rf '%s' && cp -r '%s/strange' '%s'", t.shown, world.dir, t.shown);
    verify_shown(&audit, &v);
    expect_finding(&audit.findings, FINDING_STRANGER, "test/stranger/witness");
    expect_finding(&audit.findings, FINDING_NOT_FINAL, "no checkpoint has the 2 cosignatures");
    assert_true(v.whole);
    assert_int_equal(v.cosigned[1], 1);
    audit_close(&audit);
}

/* The stranger names its ledger after the matcher's. */
static void a_ledger_of_another_key_is_named(void **state)
{
    struct book book;
    struct identity right = world.matcher;
    (void)state;
    world.matcher = stranger;
    strcpy(world.matcher.party.name, "matcher");
    book_open(&book, &world.matcher, "forged");
    book_start(&book);
    book_publish(&book);
    book_close(&book);
    world.matcher = right;
    run("rm -rf '%s' && cp -r '%s/forged' '%s'", t.shown, world.dir, t.shown);
    expect_named("checkpoint", "no signature by test/matcher");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_whole_ledger_passes, copy),
        cmocka_unit_test_setup(a_larger_tile_serves_for_a_partial_one, copy),
        cmocka_unit_test_setup(what_a_full_tile_outgrew_is_part_of_the_ledger, copy),
        cmocka_unit_test_setup(a_changed_entry_is_named, copy),
        cmocka_unit_test_setup(a_bundle_cut_or_missing_is_named, copy),
        cmocka_unit_test_setup(a_changed_tile_is_named, copy),
        cmocka_unit_test_setup(an_entry_changed_with_its_hash_is_named, copy),
        cmocka_unit_test_setup(a_changed_checkpoint_is_named, copy),
        cmocka_unit_test_setup(checkpoints_out_of_place_are_named, copy),
        cmocka_unit_test_setup(an_export_that_was_interrupted_is_whole, copy),
        cmocka_unit_test(a_ledger_that_grows_is_whole),
        cmocka_unit_test_setup(a_forked_checkpoint_is_named, copy),
        cmocka_unit_test_setup(a_cosignature_that_does_not_verify_is_named, copy),
        cmocka_unit_test_setup(a_cosignature_by_a_stranger_is_named, copy),
        cmocka_unit_test_setup(a_ledger_of_another_key_is_named, copy),
    };
    if (group_init(ERR_IGNORED) != 0)
        return 1;
    return cmocka_run_group_tests(tests, begin, end);
}
