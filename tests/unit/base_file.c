/* Files and buffers: limits, replacement, what may not be overwritten. */
#include "protocol/base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/concord-file-XXXXXX";
static char path[64];

static void buffer_keeps_its_limit(void **state)
{
    (void)state;
    struct buf b = buf_of(10);
    struct err err;
    assert_int_equal(buf_put(&b, "12345678", 8, &err), 0);
    assert_int_equal(buf_put(&b, "9ab", 3, &err), ERR_INPUT);
    assert_int_equal(b.len, 8);
    assert_int_equal(buf_put(&b, "9a", 2, &err), 0);
    assert_memory_equal(b.data, "123456789a", 10);
    assert_null(buf_reserve(&b, SIZE_MAX, &err));
    buf_free(&b);
    assert_int_equal(b.len, 0);
    assert_int_equal(buf_put(&b, "", 0, &err), 0);
    buf_free(&b);
}

static void write_replaces_and_create_does_not(void **state)
{
    (void)state;
    struct err err;
    struct stat st;
    struct buf b = buf_of(100);
    assert_int_equal(file_create(path, "one", 3, 0600, &err), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(file_create(path, "two", 3, 0600, &err), ERR_CONFLICT);
    assert_int_equal(file_read(&b, path, &err), 0);
    assert_memory_equal(b.data, "one", 3);
    buf_clear(&b);
    assert_int_equal(file_write(path, "three", 5, 0644, &err), 0);
    assert_int_equal(file_read(&b, path, &err), 0);
    assert_int_equal(b.len, 5);
    buf_free(&b);
    unlink(path);
}

static void reading_says_why_not(void **state)
{
    (void)state;
    struct err err;
    struct buf b = buf_of(4);
    assert_int_equal(file_read(&b, "/nonexistent/file", &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "/nonexistent/file"));
    assert_int_equal(file_read(&b, dir, &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "is a directory"));
    assert_int_equal(file_write(path, "12345", 5, 0600, &err), 0);
    assert_int_equal(file_read(&b, path, &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "4 bytes allowed"));
    unlink(path);
    buf_free(&b);
}

static void directories_and_paths(void **state)
{
    (void)state;
    struct err err;
    char deep[96], joined[16];
    snprintf(deep, sizeof deep, "%s/a/b/c", dir);
    assert_int_equal(dir_make(deep, 0700, &err), 0);
    assert_int_equal(dir_make(deep, 0700, &err), 0);
    for (int i = 0; i < 3; i++) {
        rmdir(deep);
        *strrchr(deep, '/') = '\0';
    }
    assert_int_equal(path_join(joined, sizeof joined, "a", "b", &err), 0);
    assert_string_equal(joined, "a/b");
    assert_int_equal(path_join(joined, sizeof joined, "a", "/b", &err), 0);
    assert_string_equal(joined, "/b");
    assert_int_equal(path_join(joined, sizeof joined, "0123456789", "01234", &err), ERR_INPUT);
    assert_int_equal(path_dir(joined, sizeof joined, "file", &err), 0);
    assert_string_equal(joined, ".");
    assert_int_equal(path_dir(joined, sizeof joined, "/file", &err), 0);
    assert_string_equal(joined, "/");
}

static void a_pipe_is_written_into(void **state)
{
    (void)state;
    struct err err;
    struct stat st;
    char got[8] = "";
    assert_int_equal(mkfifo(path, 0600), 0);
    int fd = open(path, O_RDWR | O_NONBLOCK);
    assert_int_equal(file_write(path, "three", 5, 0644, &err), 0);
    assert_int_equal(read(fd, got, sizeof got), 5);
    assert_string_equal(got, "three");
    close(fd);
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_int_equal(file_create(path, "three", 5, 0644, &err), ERR_CONFLICT);
    unlink(path);
}

static void errors_keep_their_reason(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(err_set(&err, ERR_OK, "nothing"), ERR_INTERNAL);
    err_set(&err, ERR_INPUT, "bad %d", 7);
    assert_int_equal(err_wrap(&err, "file %s", "x"), ERR_INPUT);
    assert_string_equal(err.text, "file x: bad 7");
    char lengthy[2000];
    memset(lengthy, 'a', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    err_wrap(&err, "%s", lengthy);
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_keeps_its_limit), cmocka_unit_test(write_replaces_and_create_does_not),
        cmocka_unit_test(reading_says_why_not),   cmocka_unit_test(directories_and_paths),
        cmocka_unit_test(a_pipe_is_written_into), cmocka_unit_test(errors_keep_their_reason),
    };
    if (mkdtemp(dir) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/file", dir);
    int failed = cmocka_run_group_tests_name("base_file", tests, NULL, NULL);
    rmdir(dir);
    return failed;
}
