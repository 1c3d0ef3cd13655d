/* The value of SHELF_TAG: what the matcher was told of a tag that a record has. */
#ifndef CLIENT_VAULT_TOLD_H
#define CLIENT_VAULT_TOLD_H

#include "client/vault/vault_internal.h"

/* key and flag u8, then the crowd u32be, but for the first crowd, of which most tags are for ever. */
#define TOLD_SIZE_MAX 5
#define TOLD_SENT 0x80
#define TOLD_FIRST_CROWD 1

struct told {
    unsigned key;
    bool sent;      /* the matcher has the tag, */
    uint32_t crowd; /* as one of these (crowds.h); else 0 */
};

static inline size_t told_write(uint8_t out[TOLD_SIZE_MAX], const struct told *told)
{
    const bool first = !told->sent || told->crowd == TOLD_FIRST_CROWD;
    out[0] = (uint8_t)(told->key | (told->sent ? TOLD_SENT : 0));
    bytes_put_u32be(out + 1, told->crowd);
    return first ? 1 : TOLD_SIZE_MAX;
}

/* ERR_VERIFY: damaged. */
static inline int told_read(struct told *out, struct span value, struct err *err)
{
    *out = (struct told){.key = 0};
    if (value.len != 1 && value.len != TOLD_SIZE_MAX)
        return vault_damaged("tag", err);
    out->key = value.data[0] & TAG_KEY;
    out->sent = (value.data[0] & TOLD_SENT) != 0;
    if (out->sent)
        out->crowd = value.len == 1 ? TOLD_FIRST_CROWD : bytes_get_u32be(value.data + 1);
    return 0;
}

#endif
