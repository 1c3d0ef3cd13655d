#include "protocol/sp/sp.h"

#include <string.h>

#define STEP 65536u /* a message's memory grows ahead of what has come by no more than this, and by doubling */
#define LAST_HOP 0x80

void sp_greeting(uint8_t out[SP_GREETING_SIZE], enum sp_kind own)
{
    memcpy(out, "\0SP\0\0\0\0\0", SP_GREETING_SIZE);
    bytes_put_u16be(out + 4, (uint16_t)own);
}

size_t sp_prefix(uint8_t out[SP_PREFIX_MAX], bool ipc, uint64_t len)
{
    out[0] = 1;
    bytes_put_u64be(out + ipc, len);
    return 8u + ipc;
}

size_t sp_back(struct span message)
{
    for (size_t at = 0; at + 4 <= message.len && at + 4 <= SP_BACK_MAX; at += 4)
        if ((message.data[at] & LAST_HOP) != 0)
            return at + 4;
    return 0;
}

void sp_reader_init(struct sp_reader *reader, bool ipc, enum sp_kind other, size_t limit)
{
    *reader = (struct sp_reader){.limit = limit, .message = buf_of(SP_DROP_MAX), .ipc = ipc, .other = other};
}

void sp_reader_free(struct sp_reader *reader)
{
    buf_free(&reader->message);
}

bool sp_reader_is_within(const struct sp_reader *reader)
{
    return reader->at >= SP_AT_MESSAGE || reader->have > 0;
}

static size_t head_size(const struct sp_reader *r)
{
    return r->at == SP_AT_GREETING ? SP_GREETING_SIZE : 8u + r->ipc;
}

static size_t least(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

uint8_t *sp_reader_want(struct sp_reader *reader, uint8_t *scratch, size_t scratch_len, size_t *len)
{
    switch (reader->at) {
    case SP_AT_GREETING:
    case SP_AT_LENGTH:
        *len = head_size(reader) - reader->have;
        return reader->head + reader->have;
    case SP_AT_MESSAGE:
        *len = least(reader->left, STEP);
        return buf_reserve(&reader->message, *len, ERR_IGNORED);
    case SP_AT_CUT:
        *len = least(reader->left, SP_KEPT - reader->message.len);
        return buf_reserve(&reader->message, *len, ERR_IGNORED);
    default:
        *len = least(reader->left, scratch_len);
        return scratch;
    }
}

static enum sp_event greeted(const struct sp_reader *r)
{
    uint8_t expected[SP_GREETING_SIZE];
    sp_greeting(expected, r->other);
    return memcmp(r->head, expected, sizeof expected) == 0 ? SP_GREETED : SP_BROKEN;
}

static enum sp_event announced(struct sp_reader *r)
{
    r->left = bytes_get_u64be(r->head + r->ipc);
    if ((r->ipc && r->head[0] != 1) || r->left > SP_DROP_MAX)
        return SP_BROKEN;
    r->at = r->left == 0 ? SP_AT_LENGTH : r->left > r->limit ? SP_AT_CUT : SP_AT_MESSAGE;
    return r->left == 0 ? SP_MESSAGE : SP_MORE;
}

static enum sp_event head_read(struct sp_reader *r, size_t len)
{
    r->have += len;
    if (r->have < head_size(r))
        return SP_MORE;
    r->have = 0;
    if (r->at == SP_AT_LENGTH)
        return announced(r);
    r->at = SP_AT_LENGTH;
    return greeted(r);
}

enum sp_event sp_reader_got(struct sp_reader *reader, size_t len)
{
    if (reader->at == SP_AT_GREETING || reader->at == SP_AT_LENGTH)
        return head_read(reader, len);
    reader->left -= len;
    if (reader->at != SP_AT_REST)
        reader->message.len += len;
    if (reader->at == SP_AT_CUT && (reader->message.len == SP_KEPT || reader->left == 0)) {
        reader->at = reader->left == 0 ? SP_AT_LENGTH : SP_AT_REST;
        return SP_CUT;
    }
    if (reader->left > 0)
        return SP_MORE;
    const bool whole = reader->at == SP_AT_MESSAGE;
    reader->at = SP_AT_LENGTH;
    return whole ? SP_MESSAGE : SP_MORE;
}
