#include "protocol/identity/psk.h"

#include "protocol/base/file.h"
#include "protocol/identity/party.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int read_key(uint8_t out[static PSK_SIZE], const char *path, struct err *err)
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

int psk_load(uint8_t out[static PSK_SIZE], bool *found, const char *dir, const char *peer, struct err *err)
{
    char name[PARTY_NAME_MAX + sizeof ".psk"], path[PATH_LIMIT];
    memset(out, 0, PSK_SIZE);
    *found = false;
    if (dir[0] == '\0')
        return 0;
    snprintf(name, sizeof name, "%s.psk", peer);
    int rc = path_join(path, sizeof path, dir, name, err);
    if (rc == 0 && access(path, F_OK) != 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(err, "cannot open %s", path);
    if (rc == 0)
        rc = read_key(out, path, err);
    *found = rc == 0;
    return rc;
}
