/* Coalitions as events name them: what is read has one way of being written. */
#include "protocol/audit/basis/coalition.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void print(char *out, size_t room, coalition_bits coalition)
{
    size_t len = 0;
    for (unsigned i = 0; i < 16; i++)
        if ((coalition >> i & 1) != 0)
            len += (size_t)snprintf(out + len, room - len, "%s%u", len > 0 ? "," : "", i + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[256] = "", again[256] = "";
    coalition_bits coalition;
    memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
    if (!coalition_read(&coalition, text))
        return 0;
    FUZZ_HOLDS(coalition != 0 && coalition_size(coalition) <= 16);
    print(again, sizeof again, coalition);
    FUZZ_HOLDS(strcmp(text, again) == 0);
    return 0;
}
