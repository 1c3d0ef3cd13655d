/* The files of a party: its identity, the public half, pre-shared keys. */
#include "protocol/base/file.h"
#include "protocol/identity/identity.h"
#include "protocol/identity/psk.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define ENOUGH_HEX (2 * (16 + 24 + 48)) /* salt, nonce, sealed seed */

/* Whether loading it would come to Argon2id, whose 256 MiB would slow down everything here. */
static bool is_sealed(const uint8_t *data, size_t size)
{
    const uint8_t *at = memmem(data, size, "sealed", 6);
    size_t digits = 0;
    for (; at != NULL && at < data + size; at++)
        digits += (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f') || (*at >= 'A' && *at <= 'F');
    return digits >= ENOUGH_HEX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct identity identity;
    struct party party;
    struct err err = {0};
    const char *path = fuzz_file(data, size);
    if (!is_sealed(data, size)) {
        if (identity_load(&identity, path, "", &err) != 0)
            FUZZ_HOLDS(err.text[0] != '\0');
        else
            FUZZ_HOLDS(party_name_check(identity.party.name, &err) == 0);
    }
    if (party_load(&party, path, &err) == 0)
        FUZZ_HOLDS(party_name_check(party.name, &err) == 0);

    /* The same bytes as a pre-shared key: the peer's name is the path's. */
    char dir[64], psk[80];
    uint8_t key[32];
    bool found;
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = '\0';
    snprintf(psk, sizeof psk, "%s.psk", path);
    FUZZ_HOLDS(symlink(path, psk) == 0);
    snprintf(party.name, sizeof party.name, "%s", strrchr(path, '/') + 1);
    int rc = psk_load(key, &found, dir, &party, &err);
    FUZZ_HOLDS(unlink(psk) == 0);
    FUZZ_HOLDS(rc == 0 ? found && size >= 64 : err.text[0] != '\0');
    return 0;
}
