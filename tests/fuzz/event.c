/* Ledger entries: whatever is taken for an event is the one encoding of it. */
#include "protocol/ledger/event.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event event;
    struct buf again = buf_of(EVENT_SIZE_MAX);
    if (event_decode(&event, span_of(data, size), ERR_IGNORED) == 0 &&
        (event_encode(&again, &event, ERR_IGNORED) != 0 || again.len != size || memcmp(again.data, data, size) != 0))
        abort();
    buf_free(&again);
    return 0;
}
