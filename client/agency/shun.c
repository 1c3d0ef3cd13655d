#include "client/agency/shun.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <stdio.h>
#include <string.h>

#define ROW_SIZE (PARTY_DIGEST_SIZE + 8) /* who, by digest, and until when */

static bool name_file(char path[PATH_LIMIT], const struct agency *agency)
{
    int len = snprintf(path, PATH_LIMIT, "%s.shunned", agency->config->vault);
    return agency->config->vault[0] != '\0' && len > 0 && len < PATH_LIMIT;
}

void shun_load(const struct agency *agency, uint64_t until[REGION_CUSTODIANS_MAX])
{
    char path[PATH_LIMIT];
    const struct region *r = agency->region;
    const uint64_t now = clock_now();
    struct buf rows = buf_of(ROW_SIZE * REGION_CUSTODIANS_MAX);
    memset(until, 0, sizeof *until * REGION_CUSTODIANS_MAX);
    if (!name_file(path, agency) || file_read(&rows, path, ERR_IGNORED) != 0)
        buf_clear(&rows);
    for (size_t at = 0; at + ROW_SIZE <= rows.len; at += ROW_SIZE) {
        const uint64_t end = bytes_get_u64be(rows.data + at + PARTY_DIGEST_SIZE);
        for (size_t i = 0; i < r->custodian_count; i++) {
            uint8_t digest[PARTY_DIGEST_SIZE];
            party_digest(digest, &r->custodians[i].party);
            if (memcmp(digest, rows.data + at, sizeof digest) == 0 && end > now && end <= now + SHUN_FALSE_SECONDS)
                until[i] = end;
        }
    }
    buf_free(&rows);
}

void shun_save(const struct agency *agency, const uint64_t until[REGION_CUSTODIANS_MAX])
{
    char path[PATH_LIMIT];
    const struct region *r = agency->region;
    uint8_t rows[ROW_SIZE * REGION_CUSTODIANS_MAX];
    size_t len = 0;
    for (size_t i = 0; i < r->custodian_count; i++) {
        if (until[i] == 0)
            continue;
        party_digest(rows + len, &r->custodians[i].party);
        bytes_put_u64be(rows + len + PARTY_DIGEST_SIZE, until[i]);
        len += ROW_SIZE;
    }
    if (name_file(path, agency))
        (void)file_write(path, rows, len, 0600, ERR_IGNORED);
}
