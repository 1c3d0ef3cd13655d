#include "protocol/identity/psk.h"

#include "protocol/base/file.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int psk_read(uint8_t out[static PSK_SIZE], const char *path, struct err *err)
{
    struct buf text = buf_of(2 * PSK_SIZE + 16); /* the digits, and what an editor leaves behind them */
    int rc = file_refuse_readable(path, err);
    if (rc == 0)
        rc = file_read(&text, path, err);
    if (rc == 0)
        rc = buf_put(&text, "", 1, err);
    if (rc == 0) {
        char *hex = (char *)text.data;
        hex[strcspn(hex, "\r\n")] = '\0';
        if (!bytes_from_hex(out, PSK_SIZE, hex))
            rc = err_set(err, ERR_INPUT, "%s is not 64 hexadecimal digits (concord-keys psk writes one)", path);
    }
    buf_free(&text);
    return rc;
}

void psk_derive(uint8_t out[static PSK_SIZE], const uint8_t root[static PSK_SIZE], const struct party *party)
{
    static const char context[] = "concord psk v1";
    uint8_t text[sizeof context + PARTY_DIGEST_SIZE];
    memcpy(text, context, sizeof context);
    party_digest(text + sizeof context, party);
    crypto_generichash(out, PSK_SIZE, text, sizeof text, root, PSK_SIZE);
}

static int read_if_there(uint8_t out[static PSK_SIZE], bool *found, const char *dir, const char *name, struct err *err)
{
    char path[PATH_LIMIT];
    int rc = path_join(path, sizeof path, dir, name, err);
    *found = false;
    if (rc == 0 && access(path, F_OK) != 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(err, "cannot open %s", path);
    if (rc == 0)
        rc = psk_read(out, path, err);
    *found = rc == 0;
    return rc;
}

int psk_load(uint8_t out[static PSK_SIZE], bool *found, const char *dir, const struct party *peer, struct err *err)
{
    char name[PARTY_NAME_MAX + sizeof ".psk"];
    uint8_t root[PSK_SIZE];
    memset(out, 0, PSK_SIZE);
    *found = false;
    if (dir[0] == '\0')
        return 0;
    snprintf(name, sizeof name, "%s.psk", peer->name);
    int rc = read_if_there(out, found, dir, name, err);
    if (rc != 0 || *found)
        return rc;
    rc = read_if_there(root, found, dir, PSK_ROOT, err);
    if (*found)
        psk_derive(out, root, peer);
    sodium_memzero(root, sizeof root);
    return rc;
}
