/* A ledger that is longer than what one thread takes at a time: any number of threads sees the same, in order. */
#include "protocol/audit/walk/walk.h"

#include "audit_test.h"

/* Around the chunks of 4,096 entries and the 65,536 that the third level of tiles begins with. */
static const uint64_t seals[] = {2, 4095, 4096, 4097, 8192, 65536, 66000};

static struct book book;
static char shown[96];

struct seen {
    uint64_t events, seals, counts;
};

static int begin(void **state)
{
    world_begin(state);
    snprintf(shown, sizeof shown, "%s/shown", world.dir);
    book_open(&book, &world.matcher, "export");
    book_start(&book);
    for (size_t i = 0; i < COUNT(seals); i++) {
        while (book.size < seals[i])
            book_put(&book, EVENT_PUT, AAA, 1 + book.size % 7);
        book_publish(&book);
    }
    return 0;
}

static int end(void **state)
{
    book_close(&book);
    return world_end(state);
}

static int copy(void **state)
{
    (void)state;
    run("rm -rf '%s' && cp -r '%s' '%s'", shown, book.export, shown);
    return 0;
}

static void flip(const char *file, long place)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", shown, file);
    flip_bit(path, place);
}

static int take_event(void *context, uint64_t index, const struct event *event, struct err *err)
{
    struct seen *seen = context;
    (void)err;
    assert_int_equal(index, seen->events);
    if (index >= 2)
        assert_int_equal(event->count, 1 + index % 7);
    seen->events++;
    return 0;
}

static int take_checkpoint(void *context, const struct walk_checkpoint *checkpoint, struct err *err)
{
    struct seen *seen = context;
    (void)err;
    assert_int_equal(checkpoint->size, seals[seen->seals]);
    assert_int_equal(checkpoint->size, seen->events);
    seen->seals++;
    return 0;
}

static int walk_shown(unsigned jobs, struct seen *seen, struct err *err)
{
    struct walk walk;
    *seen = (struct seen){0};
    const struct walk_handler handler = {take_event, take_checkpoint, seen};
    MUST(walk_open(&walk, world.region, shown, why));
    int rc = walk_run(&walk, jobs, NULL, &handler, err);
    walk_close(&walk);
    return rc;
}

static void all_is_seen_in_order(void **state)
{
    static const unsigned jobs[] = {1, 2, 3, 16};
    struct seen seen;
    (void)state;
    for (size_t i = 0; i < COUNT(jobs); i++) {
        MUST(walk_shown(jobs[i], &seen, why));
        assert_int_equal(seen.events, 66000);
        assert_int_equal(seen.seals, COUNT(seals));
    }
}

/* The newest checkpoint ends with the last entry of a chunk, or of one and a bit; full tiles serve for partial ones. */
static void every_end_of_a_ledger_is_right(void **state)
{
    struct seen seen;
    (void)state;
    for (size_t i = COUNT(seals); i > 0; i--) {
        run("cp '%s/checkpoints/%u' '%s/checkpoint'", book.export, (unsigned)seals[i - 1], shown);
        MUST(walk_shown(2, &seen, why));
        assert_int_equal(seen.events, seals[i - 1]);
        assert_int_equal(seen.seals, i);
        run("rm '%s/checkpoints/%u'", shown, (unsigned)seals[i - 1]);
    }
}

static void expect_error(int code, const char *text, uint64_t seen_before)
{
    static const unsigned jobs[] = {1, 4};
    struct seen seen;
    for (size_t i = 0; i < COUNT(jobs); i++) {
        struct err err = {.text = ""};
        assert_int_equal(walk_shown(jobs[i], &seen, &err), code);
        if (strstr(err.text, text) == NULL)
            fail_msg("expected \"%s\", got: %s", text, err.text);
        assert_int_equal(seen.events, seen_before);
    }
}

static void what_is_wrong_far_behind_is_named(void **state)
{
    (void)state;
    flip("tile/2/000.p/1", 3);
    expect_error(ERR_VERIFY,
                 "tile/2/000.p/1: hash 0 is not that of its entries, which lead to the root of checkpoints/66000",
                 66000);
    copy(NULL);
    flip("tile/1/000", 8000);
    expect_error(ERR_VERIFY, "tile/1/000: hash 250 is not that of its entries", 65536);
    copy(NULL);
    run("rm '%s/tile/entries/200'", shown);
    expect_error(ERR_NOT_FOUND, "tile/entries/200", 51200);
    copy(NULL);
    run("sed -i 's/1111\"}/1110\"}/' '%s/tile/entries/020'", shown);
    expect_error(ERR_VERIFY, "tile/entries/020: entry 5120 was changed", 8192);
}

static void a_fork_far_behind_is_named(void **state)
{
    char path[160];
    struct checkpoint forked = {.origin = "test/matcher", .size = 8192};
    struct buf note = buf_of(NOTE_MAX);
    (void)state;
    MUST(checkpoint_sign(&note, &forked, world.matcher.log_secret, why));
    snprintf(path, sizeof path, "%s/checkpoints/8192", shown);
    MUST(file_write(path, note.data, note.len, 0644, why));
    expect_error(ERR_CONFLICT, "checkpoints/8192: its root is not that of the first 8192 entries", 8192);
    buf_free(&note);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_is_seen_in_order, copy),
        cmocka_unit_test_setup(every_end_of_a_ledger_is_right, copy),
        cmocka_unit_test_setup(what_is_wrong_far_behind_is_named, copy),
        cmocka_unit_test_setup(a_fork_far_behind_is_named, copy),
    };
    if (group_init(ERR_IGNORED) != 0)
        return 1;
    return cmocka_run_group_tests_name("audit_walk", tests, begin, end);
}
