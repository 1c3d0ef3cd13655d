/* What a border post sends, and the file of posts. */
#include "client/border/posts.h"
#include "client/border/request.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct check_request request;
    struct posts posts;
    struct err err;
    if (size > 0 && data[0] == 'P') {
        if (posts_parse(&posts, span_of(data + 1, size - 1), &err) == 0)
            (void)posts_find(&posts, "00");
        posts_free(&posts);
    } else if (request_parse(&request, span_of(data, size), &err) == 0) {
        const struct record record = request_record(&request);
        FUZZ_HOLDS(!record_is_empty(&record) && request.deadline_ms > 0);
    }
    return 0;
}
