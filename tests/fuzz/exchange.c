/*
 * An exchange of judging, as the vault has it: what is read is packed again as it was, and no letter that was made up
 * ends it.
 */
#include "client/judge/exchange.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const struct schema schema = {.keys = 1};
static const uint8_t own[32] = {1}, other[32] = {2}, secret[32] = {3};
static const struct judge_terms terms = {&schema, {(const uint8_t *)"r", 1}, {(const uint8_t *)"p", 1}, 1, own, other,
                                         secret};

static void go_on(struct exchange *x, struct span letter)
{
    static struct judge_outcome outcome[JUDGE_PAIRS_MAX];
    struct err err = {0};
    struct buf letter3 = buf_of(PSI_LETTER_MAX);
    const enum exchange_state state = x->state;
    FUZZ_HOLDS(exchange_end(x, &letter3, outcome, &terms, letter, &err) != 0 && err.text[0] != '\0');
    FUZZ_HOLDS(exchange_conclude(x, outcome, &terms, letter, &err) != 0 && x->state == state);
    buf_free(&letter3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct exchange x;
    struct err err = {0};
    struct buf again = buf_of(4u << 20);
    if (exchange_unpack(&x, span_of(data, size), &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0' && x.cases == NULL);
    } else {
        FUZZ_HOLDS(exchange_pack(&again, &x, &err) == 0);
        FUZZ_HOLDS(again.len == size && memcmp(again.data, data, size) == 0);
        go_on(&x, span_of(data, size));
        exchange_free(&x);
    }
    buf_free(&again);
    return 0;
}
