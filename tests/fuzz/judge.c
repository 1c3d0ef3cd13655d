/* The letters of judging: what is read lies within its bytes, and no letter that was made up is believed. */
#include "protocol/psi/psi.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define HOLDS_WITHIN(p, len) FUZZ_HOLDS((const uint8_t *)(p) >= data && (const uint8_t *)(p) + (len) <= data + size)

static const struct psi_context context = {.epoch = 1};
static const uint8_t secret[32] = {1};

static void read_all(const uint8_t *data, size_t size)
{
    struct psi_letter1 l1;
    struct psi_letter2 l2;
    struct psi_letter3 l3;
    struct err err = {0};
    const struct span letter = span_of(data, size);
    if (psi_letter1_read(&l1, letter, &err) == 0)
        HOLDS_WITHIN(l1.list, l1.pairs * l1.slots * sizeof *l1.list);
    if (psi_letter2_read(&l2, letter, &err) == 0)
        HOLDS_WITHIN(l2.list, 2 * l2.pairs * l2.slots * sizeof *l2.list);
    if (psi_letter3_read(&l3, letter, &err) == 0)
        HOLDS_WITHIN(l3.returned, l3.pairs * l3.slots * sizeof *l3.returned);
}

/* A letter 1 of two pairs of three slots, and its honest letter 2. */
static void honest(struct buf *letter1, struct buf *letter2)
{
    static const struct psi_pair pair[2];
    static const struct psi_note note[2];
    static const struct psi_slot slot[6];
    static const uint8_t exchange[16] = {7}, status[2]; /* not the seeds' */
    FUZZ_HOLDS(psi_begin(letter1, &context, secret, exchange, pair, note, slot, 2, 3, ERR_IGNORED) == 0);
    FUZZ_HOLDS(psi_answer(letter2, &context, secret, buf_span(letter1), note, slot, 3, status, ERR_IGNORED) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf letter1, letter2;
    static const struct psi_slot slot[PSI_PAIRS_MAX * PSI_SLOTS_MAX];
    static const uint8_t status[PSI_PAIRS_MAX];
    static const struct psi_note note[PSI_PAIRS_MAX];
    static uint8_t agree[PSI_PAIRS_MAX * PSI_SLOTS_MAX];
    struct psi_letter1 l1;
    struct psi_comparison *c = NULL;
    struct err err = {0};
    struct buf out = buf_of(PSI_LETTER_MAX);
    const struct span letter = span_of(data, size);
    if (letter1.len == 0) {
        FUZZ_HOLDS(group_init(&err) == 0);
        letter1 = letter2 = buf_of(PSI_LETTER_MAX);
        honest(&letter1, &letter2);
    }
    read_all(data, size);
    if (psi_letter1_read(&l1, letter, &err) == 0 &&
        psi_answer(&out, &context, secret, letter, note, slot, l1.slots, status, &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0' && out.len == 0);
    const bool same = size == letter2.len && memcmp(data, letter2.data, size) == 0;
    FUZZ_HOLDS(same || psi_compare(&c, agree, &context, secret, buf_span(&letter1), letter, &err) != 0);
    FUZZ_HOLDS(psi_conclude(agree, &context, buf_span(&letter1), buf_span(&letter2), letter, &err) != 0);
    buf_free(&out);
    return 0;
}
