/*
 * Every message of every conversation. The first byte chooses which. What is accepted is written again, and read again:
 * the second writing is the same as the first.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/wire_messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct buf first = buf_of(MESSAGE_MAX), second = buf_of(MESSAGE_MAX);
    if (size == 0)
        return 0;
    again *one = messages[data[0] % MESSAGES].read_and_write;
    if (one(span_of(data + 1, size - 1), &first, &err)) {
        FUZZ_HOLDS(one(buf_span(&first), &second, &err));
        FUZZ_HOLDS(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    } else {
        FUZZ_HOLDS(err.text[0] != '\0');
    }
    buf_free(&first);
    buf_free(&second);
    return 0;
}
