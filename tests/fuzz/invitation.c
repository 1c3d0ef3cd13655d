/* Invitations, which come by any way: the bytes as they are, and as what was sealed to the party that opens them. */
#include "keys/manifest/invitation.h"
#include "tests/fuzz/fuzz.h"

#include <sodium.h>
#include <string.h>

#define MAGIC "concord-invitation-v1\n"

static void try_open(const struct identity *me, const void *data, size_t size)
{
    struct region *region;
    json_t *json;
    struct err err = {0};
    if (invitation_open(&region, &json, fuzz_file(data, size), me, NULL, &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0' && region == NULL && json == NULL);
    invitation_free(json);
    region_free(region);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct identity me;
    static uint8_t sealed[1 << 16];
    const size_t head = sizeof MAGIC - 1;
    if (me.party.name[0] == '\0')
        fuzz_identity(&me, "AAA", 1);
    try_open(&me, data, size);
    if (size > sizeof sealed - head - crypto_box_SEALBYTES)
        return 0;
    memcpy(sealed, MAGIC, head);
    FUZZ_HOLDS(crypto_box_seal(sealed + head, data, size, me.party.channel) == 0);
    try_open(&me, sealed, head + size + crypto_box_SEALBYTES);
    return 0;
}
