#include "protocol/channel/session.h"

#include <sodium.h>
#include <string.h>

#define WORDS (WINDOW_SIZE / 64 + 1) /* one more than the window, so that moving it clears whole words */

static size_t word_of(uint64_t counter)
{
    return (size_t)(counter / 64 % WORDS);
}

enum window_verdict window_check(const struct window *window, uint64_t counter)
{
    if (!window->any || counter > window->last)
        return WINDOW_NEW;
    if (window->last - counter >= WINDOW_SIZE)
        return WINDOW_OLD;
    return (window->bitmap[word_of(counter)] >> (counter % 64) & 1) != 0 ? WINDOW_SEEN : WINDOW_NEW;
}

void window_update(struct window *window, uint64_t counter)
{
    if (!window->any || counter > window->last) {
        uint64_t from = window->any ? window->last / 64 : 0;
        uint64_t steps = counter / 64 - from;
        for (uint64_t i = 1; i <= (steps < WORDS ? steps : WORDS); i++)
            window->bitmap[(from + i) % WORDS] = 0;
        window->last = counter;
        window->any = true;
    }
    window->bitmap[word_of(counter)] |= (uint64_t)1 << (counter % 64);
}

int session_seal(const struct session *session, uint64_t counter, struct span plain, struct buf *out, struct err *err)
{
    uint8_t nonce[NOISE_NONCE];
    uint8_t *to = buf_reserve(out, plain.len + FRAME_OVERHEAD, err);
    if (to == NULL)
        return err_code(err);
    to[0] = FRAME_TRANSPORT;
    bytes_put_u32be(to + 1, session->index);
    bytes_put_u64be(to + 5, counter);
    noise_nonce(nonce, counter);
    crypto_aead_chacha20poly1305_ietf_encrypt(to + FRAME_HEADER, NULL, plain.data, plain.len, to, FRAME_HEADER, NULL,
                                              nonce, session->send);
    out->len += plain.len + FRAME_OVERHEAD;
    return 0;
}

int session_open(const struct session *session, struct span frame, struct buf *out, struct err *err)
{
    uint8_t nonce[NOISE_NONCE];
    uint32_t index;
    uint64_t counter;
    if (!frame_parse(frame, &index, &counter) || index != session->index)
        return err_set(err, ERR_INPUT, "not a frame of this session");
    size_t len = frame.len - FRAME_OVERHEAD;
    uint8_t *to = buf_reserve(out, len, err);
    if (to == NULL)
        return err_code(err);
    noise_nonce(nonce, counter);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(to, NULL, NULL, frame.data + FRAME_HEADER, len + NOISE_TAG,
                                                  frame.data, FRAME_HEADER, nonce, session->receive) != 0)
        return err_set(err, ERR_VERIFY, "a frame does not authenticate");
    out->len += len;
    return 0;
}

bool frame_parse(struct span frame, uint32_t *index, uint64_t *counter)
{
    if (frame.len < FRAME_OVERHEAD || frame.data[0] != FRAME_TRANSPORT)
        return false;
    *index = bytes_get_u32be(frame.data + 1);
    *counter = bytes_get_u64be(frame.data + 5);
    return true;
}
