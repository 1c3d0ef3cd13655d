/* Ledger entries: whatever is taken for an event is the one encoding of it; and so is whatever is taken for a scope. */
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
    struct event_scope scope;
    struct event twin = {.kind = 0};
    if (size > 0 && event_decode(&event, span_of(data, size), ERR_IGNORED) == 0 &&
        event_get_scope(&scope, &event, ERR_IGNORED) == 0 && scope.items > 0) {
        event_set_scope(&twin, &scope);
        if (twin.count != event.count || strcmp(twin.scope, event.scope) != 0 ||
            strcmp(twin.purpose, event.purpose) != 0 || twin.epoch != event.epoch)
            abort();
    }
    buf_free(&again);
    return 0;
}
