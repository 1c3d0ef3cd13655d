/*
 * Letters: as they come, and, since nothing unsealed gets past the cipher, payloads that the target seals as a partner
 * would who has the right keys and no scruples. None of them is signed, so none opens.
 */
#include "protocol/channel/noise.h"
#include "protocol/letter/letter.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define SIZE 2048
#define PAYLOAD (SIZE - 9 - NOISE_MESSAGE1_OVERHEAD)

static struct identity sender, recipient;
static const struct letter_context context = {{(const uint8_t *)"r", 1}, {(const uint8_t *)"p", 1}, {1}, {2}, 0};

static void put_prologue(struct buf *out)
{
    static const uint8_t number[8];
    const struct span part[] = {span_of("concord letter v1", 17), context.region,  span_of(context.sender, 32),
                                span_of(context.recipient, 32),   context.purpose, span_of(number, 8)};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        FUZZ_HOLDS(buf_put_part(out, part[i], ERR_IGNORED) == 0);
}

static void try(struct span sealed)
{
    struct letter letter;
    struct err err = {0};
    struct buf plain = buf_of(LETTER_SIZE_MAX);
    FUZZ_HOLDS(letter_open(&letter, &plain, &context, &sender.party, recipient.channel_secret, sealed, &err) != 0);
    FUZZ_HOLDS(err.text[0] != '\0' && plain.len == 0 && letter.body.data == NULL);
    buf_free(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t ephemeral[32] = {9};
    uint8_t payload[PAYLOAD] = {0}, sealed[SIZE] = {1};
    struct noise noise;
    struct buf prologue = buf_of(1024);
    if (sender.party.name[0] == '\0') {
        fuzz_identity(&sender, "THA", 2);
        fuzz_identity(&recipient, "IDN", 3);
    }
    try(span_of(data, size));
    memcpy(payload, data, size < PAYLOAD ? size : PAYLOAD);
    put_prologue(&prologue);
    noise_initiator(&noise, NOISE_X, prologue.data, prologue.len, sender.channel_secret, recipient.party.channel,
                    ephemeral);
    FUZZ_HOLDS(noise_write1(&noise, sealed + 9, payload, PAYLOAD, ERR_IGNORED) == 0);
    try(span_of(sealed, SIZE));
    buf_free(&prologue);
    return 0;
}
