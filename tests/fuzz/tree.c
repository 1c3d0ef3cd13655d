/*
 * The list of a backup's files: whatever it says, nothing outside the backup is opened, and only a list of the files
 * that are there passes.
 */
#include "protocol/base/file.h"
#include "protocol/base/tree.h"
#include "tests/fuzz/fuzz.h"

static char dir[] = "/dev/shm/concord-fuzz-XXXXXX";

static void remove_dir(void)
{
    struct err err;
    (void)tree_remove(dir, &err);
}

/* store/a holds "a", store/b nothing: what the seeds list. */
static void make_dir(void)
{
    char path[96];
    struct err err;
    FUZZ_HOLDS(mkdtemp(dir) != NULL);
    atexit(remove_dir);
    snprintf(path, sizeof path, "%s/store", dir);
    FUZZ_HOLDS(dir_make(path, 0700, &err) == 0);
    snprintf(path, sizeof path, "%s/store/a", dir);
    FUZZ_HOLDS(file_write(path, "a", 1, 0600, &err) == 0);
    snprintf(path, sizeof path, "%s/store/b", dir);
    FUZZ_HOLDS(file_write(path, "", 0, 0600, &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t files = 0;
    struct err err = {.text = ""};
    if (dir[sizeof dir - 2] == 'X')
        make_dir();
    const int rc = tree_check(span_of(data, size), dir, &files, &err);
    FUZZ_HOLDS(rc == 0 || err.text[0] != '\0');
    FUZZ_HOLDS(rc != 0 || files * 66 <= size);
    return 0;
}
