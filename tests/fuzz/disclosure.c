/* Bodies of disclosure: what is read lies within its bytes, is written as it can be read again, and keeps the rules. */
#include "protocol/wire/disclosure.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct disclosure_answer answer, answer_again;

/* The first byte says which it is. */
static void read_answer(struct span body, struct buf *out, struct err *err)
{
    if (disclosure_answer_decode(&answer, body, err) != 0)
        return;
    FUZZ_HOLDS(answer.count <= DISCLOSURE_VALUES_MAX);
    for (size_t i = 0; i < answer.count; i++) {
        const struct span v = answer.value[i].bytes;
        FUZZ_HOLDS(v.len <= DISCLOSURE_VALUE_MAX && v.data >= body.data && v.data + v.len <= body.data + body.len);
        FUZZ_HOLDS(i == 0 || answer.value[i - 1].field < answer.value[i].field);
    }
    FUZZ_HOLDS(disclosure_answer_encode(out, &answer, err) == 0);
    FUZZ_HOLDS(disclosure_answer_decode(&answer_again, buf_span(out), err) == 0);
}

#define AGAIN(kind)                                                                                                    \
    static void read_##kind(struct span body, struct buf *out, struct err *err)                                        \
    {                                                                                                                  \
        struct disclosure_##kind one, two;                                                                             \
        if (disclosure_##kind##_decode(&one, body, err) != 0)                                                          \
            return;                                                                                                    \
        FUZZ_HOLDS(disclosure_##kind##_encode(out, &one, err) == 0);                                                   \
        FUZZ_HOLDS(disclosure_##kind##_decode(&two, buf_span(out), err) == 0);                                         \
        FUZZ_HOLDS(memcmp(&one, &two, sizeof one) == 0);                                                               \
    }

AGAIN(ask)
AGAIN(outcome)
AGAIN(recall)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(struct span, struct buf *, struct err *) = {read_ask, read_answer, read_outcome,
                                                                               read_recall};
    struct err err = {0};
    struct buf out = buf_of(DISCLOSURE_ANSWER_MAX * 2);
    if (size > 0)
        readers[data[0] % 4](span_of(data + 1, size - 1), &out, &err);
    buf_free(&out);
    return 0;
}
