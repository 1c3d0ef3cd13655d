/* What a query was answered, as the matcher's store has it: what is read is written again as it was. */
#include "matcher/service/hits.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct join_hits hits;
    struct err err = {0};
    struct buf again = buf_of(1u << 20);
    if (hits_decode(&hits, span_of(data, size), &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0');
        return 0;
    }
    FUZZ_HOLDS(hits.count <= WIRE_BATCH_MAX && hits.unasked_count <= QUERY_UNASKED_MAX);
    FUZZ_HOLDS(hits_encode(&again, &hits, &err) == 0 && again.len == size);
    FUZZ_HOLDS(memcmp(again.data + 1, data + 1, size - 1) == 0 && (again.data[0] != 0) == (data[0] != 0));
    join_hits_free(&hits);
    buf_free(&again);
    return 0;
}
