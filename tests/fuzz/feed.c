/* Feeds, in both formats: every row is good or rejected, values keep their bounds, and lines are counted upwards. */
#include "tests/fuzz/feed_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const encodings[] = {"", "windows-874", "gb18030", "shift_jis"};
    const char *path = fuzz_file(data, size);
    fuzz_feed_rows(path, encodings[size % 4]);
    return 0;
}
