/* Evidence: what is read is written as it was read, and who has no key of a party convicts nobody. */
#include "protocol/audit/rules/weigh.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct party agencies[1] = {{.name = "THA"}};
static uint8_t digests[1][PARTY_DIGEST_SIZE] = {{1}};
static const struct region region = {.name = "test",
                                     .matcher = {.name = "matcher", .log = {2}},
                                     .agencies = agencies,
                                     .digests = digests,
                                     .agency_count = 1,
                                     .custodians = {{.party = {.name = "custodian-1", .log = {3}}}},
                                     .custodian_count = 1};

static void check(const struct evidence *evidence)
{
    struct evidence read;
    enum weight weight;
    struct err err = {0};
    struct buf text = buf_of(EVIDENCE_MAX), storage = buf_of(EVIDENCE_MAX);
    FUZZ_HOLDS(evidence_print(&text, evidence, &err) == 0);
    FUZZ_HOLDS(evidence_parse(&read, buf_span(&text), &storage, &err) == 0);
    FUZZ_HOLDS(read.kind == evidence->kind && strcmp(read.why, evidence->why) == 0 &&
               read.first.len == evidence->first.len && read.second.len == evidence->second.len);
    buf_clear(&text);
    FUZZ_HOLDS(evidence_weigh(&weight, &text, evidence, &region, &err) != 0 || weight != WEIGHT_CONVICTS);
    buf_free(&text);
    buf_free(&storage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct evidence evidence;
    struct err err = {0};
    struct buf storage = buf_of(EVIDENCE_MAX);
    if (evidence_parse(&evidence, span_of(data, size), &storage, &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
    else
        check(&evidence);
    buf_free(&storage);
    return 0;
}
