/* Statements of prekeys: one that is read is printed as it was, and none verifies that its party did not sign. */
#include "protocol/letter/prekey.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct identity nobody;
    struct prekey prekey;
    struct err err = {0};
    struct buf again = buf_of(PREKEY_STATEMENT_MAX);
    if (nobody.party.name[0] == '\0')
        fuzz_identity(&nobody, "nobody", 77);
    if (prekey_decode(&prekey, span_of(data, size), &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0');
    } else {
        FUZZ_HOLDS(prekey_encode(&again, &prekey, &err) == 0);
        FUZZ_HOLDS(again.len == size && memcmp(again.data, data, size) == 0);
        FUZZ_HOLDS(prekey_verify(&prekey, prekey.region, prekey.identity, nobody.party.sign, &err) != 0);
        (void)prekey_usable(&prekey, 1800000000, &err);
        FUZZ_HOLDS(prekey_follows(&prekey, &prekey, &err) != 0);
    }
    buf_free(&again);
    return 0;
}
