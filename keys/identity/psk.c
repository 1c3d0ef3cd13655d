#include "keys/verbs.h"
#include "protocol/base/file.h"
#include "protocol/base/settings.h"

#include <sodium.h>

int psk_main(int argc, char **argv)
{
    static const struct usage usage = {
        "concord-keys psk",
        "FILE",
        "Makes a pre-shared key for two parties: 32 random bytes in hexadecimal, mode 0600. Each keeps it as\n"
        "<name of the other>.psk in its directory of pre-shared keys.",
        NULL,
        NULL,
        0};
    uint8_t key[32];
    char text[66];
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands != 1)
        rc = err_set(&err, ERR_USAGE, "psk needs one FILE; see --help");
    if (rc == 0) {
        randombytes_buf(key, sizeof key);
        bytes_to_hex(text, key, sizeof key);
        text[64] = '\n';
        rc = file_create(argv[0], text, 65, 0600, &err);
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(text, sizeof text);
    return verb_end("concord-keys", rc, &err);
}
