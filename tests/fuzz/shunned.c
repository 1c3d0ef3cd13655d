/* The file of custodians that are asked last: whatever it says, nobody is shunned longer than a false one would be. */
#include "client/agency/shun.h"
#include "protocol/base/clock.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct region region = {.custodian_count = 2, .threshold = 1};

/* A row whose first byte is odd is about the first custodian, whose digest nobody guesses. */
static void write_rows(const char *path, const uint8_t *data, size_t size)
{
    uint8_t digest[PARTY_DIGEST_SIZE];
    FILE *file = fopen(path, "wb");
    FUZZ_HOLDS(file != NULL);
    party_digest(digest, &region.custodians[0].party);
    for (size_t at = 0; at < size; at += PARTY_DIGEST_SIZE + 8) {
        const size_t len = size - at < PARTY_DIGEST_SIZE + 8 ? size - at : PARTY_DIGEST_SIZE + 8;
        const bool known = (data[at] & 1) != 0 && len > PARTY_DIGEST_SIZE;
        const size_t own = known ? PARTY_DIGEST_SIZE : 0;
        FUZZ_HOLDS(fwrite(digest, 1, own, file) == own && fwrite(data + at + own, 1, len - own, file) == len - own);
    }
    FUZZ_HOLDS(fclose(file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct agency_config config;
    const struct agency agency = {.config = &config, .region = &region};
    uint64_t until[REGION_CUSTODIANS_MAX];
    char path[128];
    for (uint8_t i = 0; i < 2; i++)
        region.custodians[i].party.channel[0] = i + 1;
    snprintf(config.vault, sizeof config.vault, "%s", fuzz_file(data, 0));
    snprintf(path, sizeof path, "%.100s.shunned", config.vault);
    write_rows(path, data, size);
    shun_load(&agency, until);
    unlink(path);
    for (size_t i = 0; i < REGION_CUSTODIANS_MAX; i++)
        FUZZ_HOLDS(until[i] <= clock_now() + SHUN_FALSE_SECONDS && (until[i] == 0 || i < 2));
    return 0;
}
