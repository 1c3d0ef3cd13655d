/* The archive: a batch is in it if and only if its commit was, whatever happens in between. */
#include "protocol/ledger/archive.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/concord-archive-XXXXXX");
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static struct archive *opened(const struct archive_end *end)
{
    struct archive *a = NULL;
    struct err err;
    if (archive_open(&a, dir, end, &err) != 0)
        fail_msg("%s", err.text);
    return a;
}

static void append(struct archive *a, uint64_t index, uint64_t time, const char *body)
{
    struct err err;
    const struct archive_record record = {index, time, EVENT_PUT, span_of(body, strlen(body))};
    if (archive_append(a, &record, &err) != 0)
        fail_msg("%s", err.text);
}

static struct archive_end sync_it(struct archive *a)
{
    struct archive_end end;
    struct err err;
    if (archive_sync(a, &end, &err) != 0)
        fail_msg("%s", err.text);
    return end;
}

/* "index:body index:body ...", with "torn" or the error's text at the end. */
static const char *contents(void)
{
    static char out[4096];
    struct archive_reader *r;
    struct archive_record record;
    struct err err;
    bool found = true, torn = false;
    out[0] = '\0';
    if (archive_reader_open(&r, dir, &err) != 0)
        fail_msg("%s", err.text);
    while (archive_reader_next(r, &record, &found, &torn, &err) == 0 && found) {
        size_t len = strlen(out);
        snprintf(out + len, sizeof out - len, "%s%llu:%.*s", len > 0 ? " " : "", (unsigned long long)record.index,
                 (int)record.body.len, (const char *)record.body.data);
    }
    size_t len = strlen(out);
    if (found)
        snprintf(out + len, sizeof out - len, "!%s", err.text);
    else if (torn)
        snprintf(out + len, sizeof out - len, " torn");
    archive_reader_close(r);
    return out;
}

static void keeps_what_is_committed(void **state)
{
    (void)state;
    struct archive_end none = {0};
    struct archive *a = opened(&none);
    append(a, 3, 10, "one");
    append(a, 7, 11, "");
    struct archive_end end = sync_it(a);
    archive_committed(a);
    append(a, 8, 12, "never");
    archive_rollback(a);
    assert_string_equal(contents(), "3:one 7:");
    append(a, 8, 12, "two");
    end = sync_it(a);
    archive_committed(a);
    archive_close(a);
    a = opened(&end);
    append(a, 9, 12, "three");
    sync_it(a);
    archive_committed(a);
    archive_close(a);
    assert_string_equal(contents(), "3:one 7: 8:two 9:three");
}

static void takes_back_what_came_behind_an_end(void **state)
{
    (void)state;
    struct err err;
    struct archive_end none = {0};
    struct archive *a = opened(&none);
    const struct archive_end begun = archive_end(a);
    append(a, 3, 10, "never");
    assert_int_equal(archive_undo(a, &begun, &err), 0); /* the segment too */
    append(a, 4, 10, "one");
    const struct archive_end one = archive_end(a);
    append(a, 5, 11, "never, and long");
    assert_int_equal(archive_undo(a, &one, &err), 0);
    append(a, 6, 12, "two");
    sync_it(a);
    archive_committed(a);
    archive_close(a);
    assert_string_equal(contents(), "4:one 6:two");
}

/* A crash between archive and store: at the next start the store's word counts. */
static void cuts_off_what_the_store_does_not_know(void **state)
{
    (void)state;
    struct archive_end none = {0}, end;
    struct archive *a = opened(&none);
    append(a, 0, 1, "lost");
    sync_it(a);
    archive_close(a);
    assert_string_equal(contents(), "0:lost");
    a = opened(&none);
    assert_string_equal(contents(), "");
    append(a, 0, 1, "kept");
    end = sync_it(a);
    archive_committed(a);
    append(a, 1, 1, "lost again");
    sync_it(a);
    archive_close(a);
    a = opened(&end);
    assert_string_equal(contents(), "0:kept");
    archive_close(a);
}

static void refuses_the_archive_of_another_store(void **state)
{
    (void)state;
    struct archive_end none = {0}, end;
    struct err err;
    struct archive *a = opened(&none);
    append(a, 0, 1, "kept");
    end = sync_it(a);
    archive_committed(a);
    archive_close(a);
    end.bytes++;
    assert_int_equal(archive_open(&a, dir, &end, &err), ERR_VERIFY);
    end.segment++;
    assert_int_equal(archive_open(&a, dir, &end, &err), ERR_VERIFY);
    for (int i = 5; i < 7; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%020d.batches", dir, i);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    assert_int_equal(archive_open(&a, dir, &none, &err), ERR_VERIFY);
}

/* Makes the segment look large enough for the next commit to begin another; opened anew, since a writer trusts its own
 * count. */
static struct archive *opened_large(struct archive_end end, off_t *real)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%020llu.batches", dir, (unsigned long long)end.segment);
    *real = (off_t)end.bytes;
    end.bytes = ARCHIVE_SEGMENT_BYTES + 1;
    assert_int_equal(truncate(path, (off_t)end.bytes), 0);
    return opened(&end);
}

static void restore(uint64_t segment, off_t real)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%020llu.batches", dir, (unsigned long long)segment);
    assert_int_equal(truncate(path, real), 0);
}

static void begins_segments_and_erases_old_ones(void **state)
{
    (void)state;
    struct archive_end none = {0}, end;
    struct err err;
    off_t real;
    struct archive *a = opened(&none);
    append(a, 2, 100, "old");
    end = sync_it(a);
    archive_committed(a);
    archive_close(a);
    a = opened_large(end, &real);
    append(a, 9, 150, "lost");
    sync_it(a);
    archive_rollback(a);
    append(a, 10, 200, "new");
    append(a, 11, 200, "same commit");
    end = sync_it(a);
    archive_committed(a);
    archive_close(a);
    restore(2, real);
    assert_int_equal(end.segment, 10);
    a = opened_large(end, &real);
    append(a, 20, 300, "newest");
    sync_it(a);
    archive_committed(a);
    restore(10, real);
    assert_string_equal(contents(), "2:old 10:new 11:same commit 20:newest");
    assert_int_equal(archive_prune(a, 200, &err), 0);
    assert_string_equal(contents(), "2:old 10:new 11:same commit 20:newest");
    assert_int_equal(archive_prune(a, 201, &err), 0);
    assert_string_equal(contents(), "10:new 11:same commit 20:newest");
    assert_int_equal(archive_prune(a, 1000, &err), 0);
    assert_string_equal(contents(), "20:newest");
    archive_close(a);
}

/* Cut at every byte, the reader gives the records that are whole and says that one is torn. */
static void reads_up_to_the_tear(void **state)
{
    (void)state;
    struct archive_end none = {0};
    struct archive *a = opened(&none);
    append(a, 0, 1, "first");
    const uint64_t whole = sync_it(a).bytes;
    append(a, 1, 1, "second");
    const uint64_t end = sync_it(a).bytes;
    archive_committed(a);
    archive_close(a);
    for (uint64_t bytes = end - 1; bytes > 0; bytes--) {
        restore(0, (off_t)bytes);
        assert_string_equal(contents(), bytes > whole           ? "0:first torn"
                                        : bytes == whole        ? "0:first"
                                        : bytes == ARCHIVE_HEAD ? ""
                                                                : " torn");
    }
}

/* A disk that takes no more: what was there stays, and the next batch goes in once there is room. */
static void survives_a_full_disk(void **state)
{
    (void)state;
    static char large[100000];
    struct archive_end none = {0};
    struct err err;
    struct rlimit was, small;
    struct archive *a = opened(&none);
    memset(large, 'x', sizeof large - 1);
    append(a, 0, 1, "kept");
    sync_it(a);
    archive_committed(a);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = (struct rlimit){50000, was.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const struct archive_record record = {1, 1, EVENT_PUT, span_of(large, sizeof large - 1)};
    int rc = archive_append(a, &record, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_int_equal(rc, ERR_NO_MEMORY);
    archive_rollback(a);
    assert_string_equal(contents(), "0:kept");
    append(a, 1, 1, "after");
    sync_it(a);
    archive_committed(a);
    archive_close(a);
    assert_string_equal(contents(), "0:kept 1:after");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_what_is_committed, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(takes_back_what_came_behind_an_end, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(cuts_off_what_the_store_does_not_know, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(refuses_the_archive_of_another_store, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(begins_segments_and_erases_old_ones, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(reads_up_to_the_tear, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(survives_a_full_disk, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
