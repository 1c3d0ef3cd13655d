/* Receipts: one that is read is printed as it was, and none verifies with another key. */
#include "protocol/ledger/receipt.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[32] = {1};
    struct receipt receipt;
    struct event event;
    struct checkpoint checkpoint;
    struct err err = {0};
    struct buf storage = buf_of(1 << 16), again = buf_of(1 << 16);
    if (receipt_parse(&receipt, span_of(data, size), &storage, &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0');
    } else {
        FUZZ_HOLDS(receipt_print(&again, &receipt, &err) == 0);
        FUZZ_HOLDS(again.len == size && memcmp(again.data, data, size) == 0);
        FUZZ_HOLDS(receipt_verify(&receipt, "region/matcher", key, &event, &checkpoint, &err) != 0);
    }
    buf_free(&storage);
    buf_free(&again);
    return 0;
}
