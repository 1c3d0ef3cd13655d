/* The layout of the three letters: reading. psi.c writes them. */
#include "protocol/psi/psi.h"

#include "protocol/base/cursor.h"
#include "protocol/psi/proof.h"

#include <sodium.h>
#include <string.h>

static bool read_start(struct cursor *c, const uint8_t **exchange, size_t *pairs, size_t *slots)
{
    *exchange = cursor_take(c, PSI_EXCHANGE_SIZE);
    *pairs = cursor_u16be(c);
    *slots = cursor_u8(c);
    return *pairs > 0 && *pairs <= PSI_PAIRS_MAX && *slots > 0 && *slots <= PSI_SLOTS_MAX;
}

static const struct element *take_elements(struct cursor *c, size_t n)
{
    return (const struct element *)cursor_take(c, n * sizeof(struct element));
}

static const struct psi_note *take_notes(struct cursor *c, size_t n)
{
    return (const struct psi_note *)cursor_take(c, n * sizeof(struct psi_note));
}

static int refuse(int number, struct span letter, struct err *err)
{
    return err_set(err, ERR_INPUT, "%zu bytes are no letter %d of judging", letter.len, number);
}

int psi_letter1_read(struct psi_letter1 *out, struct span letter, struct err *err)
{
    struct cursor c = cursor_of(letter);
    if (!read_start(&c, &out->exchange, &out->pairs, &out->slots))
        return refuse(1, letter, err);
    out->pair = (const struct psi_pair *)cursor_take(&c, out->pairs * sizeof *out->pair);
    out->note = take_notes(&c, out->pairs);
    out->key = take_elements(&c, out->pairs);
    out->list = take_elements(&c, out->pairs * out->slots);
    out->bytes = letter;
    return cursor_ends(&c) ? 0 : refuse(1, letter, err);
}

int psi_letter2_read(struct psi_letter2 *out, struct span letter, struct err *err)
{
    struct cursor c = cursor_of(letter);
    if (!read_start(&c, &out->exchange, &out->pairs, &out->slots))
        return refuse(2, letter, err);
    out->answered = cursor_take(&c, 32);
    out->status = cursor_take(&c, out->pairs);
    out->note = take_notes(&c, out->pairs);
    out->key = take_elements(&c, out->pairs);
    out->list = take_elements(&c, 2 * out->pairs * out->slots);
    out->proof = cursor_take(&c, PROOF_SIZE(out->pairs));
    out->bytes = letter;
    return cursor_ends(&c) ? 0 : refuse(2, letter, err);
}

int psi_letter3_read(struct psi_letter3 *out, struct span letter, struct err *err)
{
    struct cursor c = cursor_of(letter);
    if (!read_start(&c, &out->exchange, &out->pairs, &out->slots))
        return refuse(3, letter, err);
    out->answered = cursor_take(&c, 32);
    out->status = cursor_take(&c, out->pairs);
    out->returned = take_elements(&c, out->pairs * out->slots);
    out->proof = cursor_take(&c, PROOF_SIZE(out->pairs));
    out->bytes = letter;
    return cursor_ends(&c) ? 0 : refuse(3, letter, err);
}

bool psi_begins(const uint8_t own[PSI_DIGEST_SIZE], const uint8_t other[PSI_DIGEST_SIZE], struct span purpose,
                uint32_t epoch)
{
    static const char label[] = "concord judge order v1";
    const bool lower = memcmp(own, other, PSI_DIGEST_SIZE) < 0;
    uint8_t coin[32], number[4];
    crypto_generichash_state state;
    bytes_put_u32be(number, epoch);
    crypto_generichash_init(&state, NULL, 0, sizeof coin);
    crypto_generichash_update(&state, (const uint8_t *)label, sizeof label - 1);
    crypto_generichash_update(&state, lower ? own : other, PSI_DIGEST_SIZE);
    crypto_generichash_update(&state, lower ? other : own, PSI_DIGEST_SIZE);
    crypto_generichash_update(&state, number, sizeof number);
    crypto_generichash_update(&state, purpose.data, purpose.len);
    crypto_generichash_final(&state, coin, sizeof coin);
    return ((coin[0] & 1) == 0) == lower;
}
