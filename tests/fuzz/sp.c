/* A stream as a stranger sends it, cut at every place that the first byte says, at the reader of nanomsg's wire. */
#include "protocol/sp/sp.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define LIMIT 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t scratch[100];
    struct sp_reader reader;
    enum sp_event event = SP_MORE;
    if (size == 0)
        return 0;
    const size_t step = 1 + data[0] % 64u;
    sp_reader_init(&reader, (data[0] & 64) != 0, SP_REQ, LIMIT);
    for (size_t at = 1; at < size && event != SP_BROKEN;) {
        size_t len = 0;
        uint8_t *to = sp_reader_want(&reader, scratch, sizeof scratch, &len);
        FUZZ_HOLDS(to != NULL && len > 0);
        len = len < step ? len : step;
        len = len < size - at ? len : size - at;
        memcpy(to, data + at, len);
        at += len;
        event = sp_reader_got(&reader, len);
        FUZZ_HOLDS(reader.message.len <= LIMIT && reader.message.cap <= 2 * LIMIT);
        FUZZ_HOLDS(event != SP_CUT || reader.message.len <= SP_KEPT);
        if (event == SP_MESSAGE || event == SP_CUT) {
            FUZZ_HOLDS(sp_back(buf_span(&reader.message)) <= reader.message.len);
            buf_clear(&reader.message);
        }
    }
    sp_reader_free(&reader);
    return 0;
}
