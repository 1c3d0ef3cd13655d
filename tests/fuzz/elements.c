/* A record's elements, as the vault has them: what is read is packed again as it was, and agrees with itself. */
#include "client/schema/elements_pack.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct elements elements;
    uint8_t again[ELEMENTS_PACKED_MAX], agree[ELEMENT_SLOTS];
    if (!elements_unpack(&elements, span_of(data, size)))
        return 0;
    FUZZ_HOLDS(size <= sizeof again);
    FUZZ_HOLDS(elements_pack(again, &elements) == size && memcmp(again, data, size) == 0);
    elements_agree(agree, &elements, &elements);
    for (size_t i = 0; i < ELEMENT_SLOTS; i++)
        FUZZ_HOLDS(agree[i] == (elements.slot[i].len > 0));
    return 0;
}
