/* Signature files: nothing verifies over this text but the signature that the seed holds, and its comment belongs to
 * it. */
#include "protocol/region/minisign.h"
#include "protocol/identity/identity.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] = "the text";
    static struct identity coordinator;
    static struct buf signature;
    struct err err = {0};
    if (signature.len == 0) {
        fuzz_identity(&coordinator, "coordinator", 1);
        signature = buf_of(4096);
        FUZZ_HOLDS(minisign_sign(&signature, text, sizeof text, coordinator.sign_secret, "made for fuzzing", &err) ==
                   0);
    }
    if (minisign_verify(text, sizeof text, (const char *)data, size, coordinator.party.sign, &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0');
        return 0;
    }
    /* Line ends and the untrusted comment may differ; the rest may not. */
    const char *rest = strchr((const char *)signature.data, '\n') + 1;
    FUZZ_HOLDS(size > 0 && memmem(data, size, rest, strcspn(rest, "\n")) != NULL);
    FUZZ_HOLDS(memmem(data, size, "trusted comment: made for fuzzing", 33) != NULL);
    return 0;
}
