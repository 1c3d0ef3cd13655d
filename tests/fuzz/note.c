/* Checkpoints with signatures and cosignatures: only the seed's signatures verify. */
#include "protocol/ledger/note.h"
#include "protocol/identity/identity.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct identity matcher, witness;
    struct checkpoint checkpoint, signed_one;
    struct span body, signatures;
    struct err err = {0};
    uint64_t time;
    if (matcher.party.name[0] == '\0') {
        fuzz_identity(&matcher, "matcher", 1);
        fuzz_identity(&witness, "custodian-1", 2);
    }
    struct span note = span_of(data, size);
    bool parsed = checkpoint_parse(&checkpoint, note, &body, &signatures, &err) == 0;
    FUZZ_HOLDS(parsed || err.text[0] != '\0');
    if (parsed) {
        FUZZ_HOLDS(body.data == data && body.len + 1 + signatures.len == size && checkpoint.size <= INT64_MAX);
        FUZZ_HOLDS(strlen(checkpoint.origin) > 0 && strcspn(checkpoint.origin, " +\n") == strlen(checkpoint.origin));
    }
    if (checkpoint_verify(&signed_one, note, matcher.party.log, &err) == 0)
        FUZZ_HOLDS(parsed && strcmp(signed_one.origin, "region/matcher") == 0 && signed_one.size == 1234567);
    if (cosignature_verify(note, "region/custodian-1/witness", witness.party.witness, &time, &err) == 0)
        FUZZ_HOLDS(parsed && time == 1764000000);
    return 0;
}
