#include "keys/verbs.h"
#include "protocol/base/file.h"

#include <sodium.h>

static int run(struct call *call, struct err *err)
{
    uint8_t key[32];
    char text[66];
    randombytes_buf(key, sizeof key);
    bytes_to_hex(text, key, sizeof key);
    text[64] = '\n';
    int rc = file_create(call->operand[0], text, 65, 0600, err);
    sodium_memzero(key, sizeof key);
    sodium_memzero(text, sizeof text);
    return rc;
}

const struct verb psk_verb = {
    .name = "psk",
    .brief = "make a pre-shared key for a pair of parties",
    .operands = "FILE",
    .least = 1,
    .most = 1,
    .summary = "Makes a pre-shared key for two parties: 32 random bytes in hexadecimal, mode 0600. Each keeps it as\n"
               "<name of the other>.psk in its directory of pre-shared keys.",
    .run = run,
};
