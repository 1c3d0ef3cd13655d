/* What judging a pair costs, both sides together, and what letters do. */
#include "tests/bench/bench.h"

#include "client/schema/elements.h"
#include "protocol/letter/letter.h"
#include "protocol/letter/prekey.h"
#include "protocol/psi/psi.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS 160 /* a bundle */
#define SLOTS ELEMENT_SLOTS
#define VALUE_SIZE 12

struct judge_bench {
    struct psi_context context;
    struct psi_pair pair[PAIRS];
    struct psi_note note[PAIRS];
    uint8_t secret[2][32], exchange[16], value[2][PAIRS * SLOTS][VALUE_SIZE];
    struct psi_slot slot[2][PAIRS * SLOTS];
    uint8_t on[PAIRS], agree[2][PAIRS * SLOTS];
    struct buf letter[3];
};

/* A third is absent; a third of the rest agrees. */
static void make_record(struct judge_bench *b, int side)
{
    for (size_t i = 0; i < PAIRS * SLOTS; i++) {
        if (side == 1 && i % 3 == 0)
            memcpy(b->value[1][i], b->value[0][i], VALUE_SIZE);
        else
            randombytes_buf(b->value[side][i], VALUE_SIZE);
        b->slot[side][i].field = (uint16_t)(i % SLOTS);
        if (i % 3 != 2)
            b->slot[side][i].value = span_of(b->value[side][i], VALUE_SIZE);
    }
}

/* All three letters for every pair: what is 'different' costs less. */
static int judge(void *context, struct stopwatch *watch, struct err *err)
{
    struct judge_bench *b = context;
    struct psi_comparison *c = NULL;
    (void)watch;
    for (size_t i = 0; i < 3; i++)
        buf_clear(&b->letter[i]);
    int rc = psi_begin(&b->letter[0], &b->context, b->secret[0], b->exchange, b->pair, b->note, b->slot[0], PAIRS,
                       SLOTS, err);
    if (rc == 0)
        rc = psi_answer(&b->letter[1], &b->context, b->secret[1], buf_span(&b->letter[0]), b->note, b->slot[1], SLOTS,
                        b->on, err);
    if (rc == 0)
        rc = psi_compare(&c, b->agree[0], &b->context, b->secret[0], buf_span(&b->letter[0]), buf_span(&b->letter[1]),
                         err);
    if (rc == 0)
        rc = psi_end(&b->letter[2], c, b->on, err);
    psi_comparison_free(c);
    if (rc == 0)
        rc = psi_conclude(b->agree[1], &b->context, buf_span(&b->letter[0]), buf_span(&b->letter[1]),
                          buf_span(&b->letter[2]), err);
    return rc;
}

static int judge_setup(void **context, struct err *err)
{
    struct judge_bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    *context = b;
    b->context = (struct psi_context){span_of("asia-pacific", 12), span_of("persons", 7), 1, {1}, {2}};
    randombytes_buf(b->secret, sizeof b->secret);
    randombytes_buf(b->exchange, sizeof b->exchange);
    randombytes_buf(b->pair, sizeof b->pair);
    make_record(b, 0);
    make_record(b, 1);
    for (size_t i = 0; i < 3; i++)
        b->letter[i] = buf_of(PSI_LETTER_MAX);
    int rc = judge(b, NULL, err);
    for (size_t i = 0; rc == 0 && i < PAIRS * SLOTS; i++)
        if (b->agree[0][i] != (i % 3 == 0) || b->agree[1][i] != (i % 3 == 0))
            rc = bench_differs("judge.pairs", err);
    return rc;
}

static void judge_teardown(void *context)
{
    struct judge_bench *b = context;
    for (size_t i = 0; i < 3; i++)
        buf_free(&b->letter[i]);
    free(b);
}

#define LETTERS 200

struct letter_bench {
    struct identity sender;
    struct letter_context context;
    uint8_t prekey_secret[32], prekey[32], body[1500];
    struct letter letter;
    struct buf sealed, plain;
};

static int seal(void *context, struct stopwatch *watch, struct err *err)
{
    struct letter_bench *b = context;
    int rc = 0;
    (void)watch;
    for (size_t i = 0; rc == 0 && i < LETTERS; i++) {
        buf_clear(&b->sealed);
        rc = letter_seal(&b->sealed, &b->context, &b->letter, &b->sender, b->prekey, err);
    }
    return rc;
}

static int open_letters(void *context, struct stopwatch *watch, struct err *err)
{
    struct letter_bench *b = context;
    struct letter out;
    int rc = 0;
    (void)watch;
    for (size_t i = 0; rc == 0 && i < LETTERS; i++)
        rc = letter_open(&out, &b->plain, &b->context, &b->sender.party, b->prekey_secret, buf_span(&b->sealed), err);
    return rc != 0 || memcmp(out.body.data, b->body, sizeof b->body) == 0 ? rc : bench_differs("letter.open", err);
}

static int letter_setup(void **context, struct err *err)
{
    static const uint8_t seed[32] = {1};
    struct letter_bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    *context = b;
    b->context = (struct letter_context){span_of("asia-pacific", 12), span_of("persons", 7), {1}, {2}, 1};
    b->letter = (struct letter){
        .number = 1, .kind = LETTER_ASK, .part = 1, .parts = 1, .body = span_of(b->body, sizeof b->body)};
    randombytes_buf(b->body, sizeof b->body);
    b->sealed = b->plain = buf_of(LETTER_SIZE_MAX);
    prekey_generate(b->prekey_secret, b->prekey);
    int rc = identity_from_seed(&b->sender, "THA", seed, err);
    if (rc == 0)
        rc = seal(b, NULL, err);
    if (rc == 0)
        rc = open_letters(b, NULL, err);
    return rc;
}

static void letter_teardown(void *context)
{
    struct letter_bench *b = context;
    buf_free(&b->sealed);
    buf_free(&b->plain);
    free(b);
}

const struct bench_case bench_letter[] = {
    {"judge.pairs",
     "pairs judged on one core, both sides' work and all three letters, the slots of the schemas",
     BENCH_PER_SECOND,
     {PAIRS, judge},
     {0, NULL},
     judge_setup,
     judge_teardown,
     NULL,
     false},
    {"letter.seal",
     "seal and sign a letter of 2 KiB",
     BENCH_US,
     {LETTERS, seal},
     {0, NULL},
     letter_setup,
     letter_teardown,
     NULL,
     false},
    {"letter.open",
     "open and verify a letter of 2 KiB",
     BENCH_US,
     {LETTERS, open_letters},
     {0, NULL},
     letter_setup,
     letter_teardown,
     NULL,
     false},
    {.name = NULL},
};
