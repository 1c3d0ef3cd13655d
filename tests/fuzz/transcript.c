/* A ceremony's transcript, which others hand over: what is read keeps its bounds. */
#include "keys/manifest/transcript.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct transcript read;
    struct err err = {0};
    if (transcript_load(&read, fuzz_file(data, size), &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0');
        return 0;
    }
    FUZZ_HOLDS(read.custodian_count <= REGION_CUSTODIANS_MAX && read.purpose_count <= REGION_PURPOSES_MAX);
    for (size_t i = 0; i < read.custodian_count; i++)
        FUZZ_HOLDS(strnlen(read.custodian[i].party.name, PARTY_NAME_MAX + 1) <= PARTY_NAME_MAX);
    for (size_t i = 0; i < read.purpose_count; i++)
        FUZZ_HOLDS(strnlen(read.purpose[i].name, PARTY_NAME_MAX + 1) <= PARTY_NAME_MAX);
    return 0;
}
