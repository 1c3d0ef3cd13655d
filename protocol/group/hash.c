#include "protocol/group/hash.h"
#include "protocol/group/engine.h"
#include "protocol/group/sha512.h"

#include <sodium.h>
#include <string.h>

#define LENGTH_SIZE 16                /* of the bit length that ends the padding */
#define SUFFIX_MAX (4 + HASH_DST_MAX) /* what follows a message in expand_message_xmd */
#define CHUNK 32                      /* so many at a time stay in the first-level cache */
#define LANE_BLOCKS 4                 /* longer messages are libsodium's */
#define LANE_BYTES (LANE_BLOCKS * SHA512_BLOCK - 1 - LENGTH_SIZE)

/* What all messages of a batch have in common: the state behind their first whole blocks, and their end. */
struct frame {
    crypto_hash_sha512_state start;
    size_t start_len; /* bytes that start has taken: a multiple of SHA512_BLOCK */
    uint8_t suffix[SUFFIX_MAX];
    size_t suffix_len;
};

/* --- one at a time, by libsodium --- */

static void hash_one(uint8_t out[HASH_SIZE], const struct hash_message *m, const struct frame *frame)
{
    crypto_hash_sha512_state state = frame->start;
    for (int p = 0; p < HASH_PARTS_MAX; p++)
        if (m->part[p].len > 0)
            crypto_hash_sha512_update(&state, m->part[p].data, m->part[p].len);
    crypto_hash_sha512_update(&state, frame->suffix, frame->suffix_len);
    crypto_hash_sha512_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

/* --- several in lanes --- */

/* Messages padded to whole blocks (FIPS 180-4 section 5.1.2), one in each lane. */
struct lanes {
    uint8_t message[SHA512_LANES_MAX][LANE_BLOCKS * SHA512_BLOCK];
    size_t blocks[SHA512_LANES_MAX];
    uint8_t *out[SHA512_LANES_MAX];
    size_t count;
    uint64_t state[8 * SHA512_LANES_MAX];
};

static bool fits_lane(const struct hash_message *m, const struct frame *frame)
{
    size_t room = LANE_BYTES - frame->suffix_len;
    for (int p = 0; p < HASH_PARTS_MAX; p++) {
        if (m->part[p].len > room)
            return false;
        room -= m->part[p].len;
    }
    return true;
}

static void fill_lane(struct lanes *lanes, uint8_t out[HASH_SIZE], const struct hash_message *m,
                      const struct frame *frame)
{
    uint8_t *to = lanes->message[lanes->count];
    size_t len = 0;
    for (int p = 0; p < HASH_PARTS_MAX; p++)
        if (m->part[p].len > 0) {
            memcpy(to + len, m->part[p].data, m->part[p].len);
            len += m->part[p].len;
        }
    memcpy(to + len, frame->suffix, frame->suffix_len);
    len += frame->suffix_len;
    size_t blocks = (len + 1 + LENGTH_SIZE + SHA512_BLOCK - 1) / SHA512_BLOCK, end = blocks * SHA512_BLOCK;
    to[len] = 0x80;
    memset(to + len + 1, 0, end - len - 1);
    bytes_put_u64be(to + end - 8, 8 * (uint64_t)(frame->start_len + len));
    lanes->blocks[lanes->count] = blocks;
    lanes->out[lanes->count++] = out;
}

static void take_out(struct lanes *lanes, size_t width, size_t lane)
{
    for (size_t i = 0; i < 8; i++) {
        uint64_t word = __builtin_bswap64(lanes->state[i * width + lane]);
        memcpy(lanes->out[lane] + 8 * i, &word, sizeof word);
    }
}

/* Takes all blocks of all lanes; a lane that has no block left, or no message, hashes its last one and is not looked
 * at. */
static void run_lanes(struct lanes *lanes, const struct engine *engine, const struct frame *frame)
{
    const size_t width = engine->hash_lanes;
    const uint8_t *block[SHA512_LANES_MAX];
    size_t most = 0;
    for (size_t l = 0; l < lanes->count; l++)
        most = lanes->blocks[l] > most ? lanes->blocks[l] : most;
    for (size_t i = 0; i < 8; i++)
        for (size_t l = 0; l < width; l++)
            lanes->state[i * width + l] = frame->start.state[i];
    for (size_t b = 0; b < most; b++) {
        for (size_t l = 0; l < width; l++) {
            size_t lane = l < lanes->count ? l : 0;
            block[l] = lanes->message[lane] + (b < lanes->blocks[lane] ? b : 0) * SHA512_BLOCK;
        }
        engine->hash_compress(lanes->state, block);
        for (size_t l = 0; l < lanes->count; l++)
            if (lanes->blocks[l] == b + 1)
                take_out(lanes, width, l);
    }
    lanes->count = 0;
}

static void hash_batch(uint8_t (*out)[HASH_SIZE], const struct hash_message *m, size_t n, const struct frame *frame)
{
    struct lanes lanes;
    const struct engine *engine = engine_chosen();
    const size_t width = n > 1 ? engine->hash_lanes : 0;
    lanes.count = 0;
    for (size_t i = 0; i < n; i++) {
        if (width == 0 || !fits_lane(&m[i], frame)) {
            hash_one(out[i], &m[i], frame);
            continue;
        }
        fill_lane(&lanes, out[i], &m[i], frame);
        if (lanes.count == width)
            run_lanes(&lanes, engine, frame);
    }
    if (lanes.count > 0)
        run_lanes(&lanes, engine, frame);
    if (width > 0)
        sodium_memzero(&lanes, sizeof lanes);
}

void hash_sha512(uint8_t (*out)[HASH_SIZE], const struct hash_message *m, size_t n)
{
    struct frame frame = {.suffix_len = 0};
    crypto_hash_sha512_init(&frame.start);
    hash_batch(out, m, n, &frame);
}

static void append(struct frame *frame, const void *data, size_t len)
{
    memcpy(frame->suffix + frame->suffix_len, data, len);
    frame->suffix_len += len;
}

/*
 * b_0 = H(Z_pad || msg || I2OSP(64, 2) || 0 || DST'), b_1 = H(b_0 || 1 || DST'), and 64 bytes are b_1 alone. Z_pad is
 * one block of zeroes, so that all messages begin in the state behind it.
 */
void hash_expand(uint8_t (*out)[HASH_SIZE], const struct hash_message *m, size_t n, struct span dst)
{
    static const uint8_t zeroes[SHA512_BLOCK], length[3] = {0, HASH_SIZE, 0};
    const uint8_t one = 1, dst_len = (uint8_t)dst.len;
    struct frame first = {.start_len = SHA512_BLOCK}, second = {.suffix_len = 0};
    crypto_hash_sha512_init(&first.start);
    crypto_hash_sha512_update(&first.start, zeroes, sizeof zeroes);
    append(&first, length, sizeof length);
    append(&first, dst.data, dst.len);
    append(&first, &dst_len, 1);
    crypto_hash_sha512_init(&second.start);
    append(&second, &one, 1);
    append(&second, dst.data, dst.len);
    append(&second, &dst_len, 1);

    hash_batch(out, m, n, &first);
    struct hash_message b0[CHUNK] = {0};
    for (size_t done = 0, len; done < n; done += len) {
        len = n - done < CHUNK ? n - done : CHUNK;
        for (size_t i = 0; i < len; i++)
            b0[i].part[0] = span_of(out[done + i], HASH_SIZE);
        hash_batch(out + done, b0, len, &second);
    }
}

int hash_to_group(struct point *out, const struct hash_message *m, size_t n, struct span dst, struct err *err)
{
    uint8_t uniform[CHUNK][HASH_SIZE];
    int rc = 0;
    for (size_t done = 0, len; done < n && rc == 0; done += len) {
        len = n - done < CHUNK ? n - done : CHUNK;
        hash_expand(uniform, m + done, len, dst);
        group_from_uniform(out + done, uniform, len);
        for (size_t i = 0; i < len && rc == 0; i++)
            if (group_is_identity(&out[done + i]))
                rc = err_set(err, ERR_INPUT, "input %zu hashes to the identity", done + i);
    }
    sodium_memzero(uniform, sizeof uniform);
    return rc;
}
