/*
 * Letters: sealed from one party of the region to another, end to end, over whatever carries them.
 *
 * A letter is sealed with Noise_X_25519_ChaChaPoly_BLAKE2b from the sender's channel key to a prekey of the recipient.
 * Noise alone would let whoever takes a prekey's secret make letters from anybody: so the payload is signed by the
 * sender's Ed25519 key as well. What the letter is for (region, both identities, purpose, prekey) is bound in and sent
 * along nowhere. Letters have one of five sizes. A longer body goes in parts.
 *
 * These are pure functions on memory. What they leave to the caller: to keep streams (numbers without gaps, digests),
 * to drop letters whose ephemeral it has seen, to keep what it sent until it is acknowledged, and to check the
 * manifest. The layout is in docs/letters.md. Secrets are handled in constant time; lengths and verdicts are not
 * secret.
 */
#ifndef PROTOCOL_LETTER_LETTER_H
#define PROTOCOL_LETTER_LETTER_H

#include "protocol/base/buf.h"
#include "protocol/identity/identity.h"

/* All there is beside the body: version and prekey number, Noise's part, the payload's head and signature. */
#define LETTER_OVERHEAD (9 + 96 + 81 + 64)
#define LETTER_SIZE_MAX (1u << 20)
#define LETTER_BODY_MAX (LETTER_SIZE_MAX - LETTER_OVERHEAD)
#define LETTER_PARTS_MAX 64
#define LETTER_THREAD_SIZE 16
#define LETTER_STREAM_SIZE 16

enum letter_kind {
    LETTER_JUDGE1 = 1,
    LETTER_JUDGE2 = 2,
    LETTER_JUDGE3 = 3,
    LETTER_JUDGE_ANEW = 4,
    LETTER_ASK = 16,
    LETTER_ANSWER = 17,
    LETTER_OUTCOME = 18,
    LETTER_RECALL = 19,
    LETTER_PICTURE = 32,
    LETTER_RECEIPT = 48,     /* control: these letters came */
    LETTER_CANNOT_OPEN = 49, /* control: this one cannot be opened, seal it anew */
    LETTER_OTHER = 64,       /* from people to people */
};

/*
 * Control letters stand outside of streams, part 1 of 1, stream, number and `before` zeros: they say the same however
 * often they come, and nobody acknowledges them.
 */
bool letter_is_control(enum letter_kind kind);

/* What a letter is bound to, without being in it. Identities are digests of all public keys of a party. */
struct letter_context {
    struct span region, purpose;
    uint8_t sender[32], recipient[32];
    uint64_t prekey; /* the number of the recipient's prekey */
};

struct letter {
    uint8_t stream[LETTER_STREAM_SIZE]; /* random; one for each pair of parties and vault of the sender */
    uint64_t number;                    /* in the stream: 1, 2, ... */
    uint8_t before[32];                 /* letter_digest() of number - 1; in number 1: see letter_stream_begins() */
    enum letter_kind kind;
    uint8_t thread[LETTER_THREAD_SIZE];
    uint16_t part,
        parts; /* 1 .. parts, parts at most LETTER_PARTS_MAX; every part but the last has LETTER_BODY_MAX bytes */
    struct span body; /* borrowed */
};

/* The size that a body of len bytes is padded to, or 0 if it needs parts. */
size_t letter_size(size_t len);

/*
 * Appends the sealed letter: 2, 8, 32, 128 KiB or 1 MiB. prekey: the recipient's key, which the caller has verified.
 * Each call makes another letter, with another ephemeral, and the same letter_digest(). ERR_INPUT for a letter that
 * letter_open() would refuse, ERR_VERIFY for a prekey of low order.
 */
int letter_seal(struct buf *out, const struct letter_context *context, const struct letter *letter,
                const struct identity *sender, const uint8_t prekey[32], struct err *err);

/* The number of the prekey that is needed to open it. ERR_INPUT if this is no letter. */
int letter_prekey(uint64_t *out, struct span sealed, struct err *err);

/*
 * The ephemeral key of what letter_prekey() took for a letter: unique for each, inside `sealed`. A recipient keeps
 * those it opened as long as the prekey's secret and drops a letter that repeats one.
 */
const uint8_t *letter_ephemeral(struct span sealed);

/*
 * Opens a letter. plain, which the caller wipes and frees, holds what out->body points into. ERR_INPUT: malformed.
 * ERR_VERIFY: sealed for somebody or something else, changed, or not by the sender. On failure *out is zeros and plain
 * empty.
 */
int letter_open(struct letter *out, struct buf *plain, const struct letter_context *context, const struct party *sender,
                const uint8_t prekey_secret[32], struct span sealed, struct err *err);

/* What the next letter of the stream names: over everything but the sealing, so that sealing anew keeps the chain. */
void letter_digest(uint8_t out[32], const struct letter *letter);

/* `before` of a stream's first letter: zeros, or, from a vault that was put back, the stream that it gave up. */
void letter_stream_begins(uint8_t before[32], const uint8_t *old_stream);

/* How many parts a body of len bytes needs (1 for an empty one); 0 if it is too long for any letter. */
size_t letter_parts(size_t len);

/* The body of one of them. */
struct span letter_part(struct span body, size_t part);

/* The parts of one body, in whichever order they come. Open so that callers allocate it; all zeros at first. */
struct letter_assembly {
    struct letter first; /* what the parts have in common; its body is not used */
    struct buf body;
    size_t last_len;
    uint64_t seen; /* bit part - 1 */
};

/*
 * Takes a part that letter_open() gave; *complete says whether all are there, and then assembly->body is the body. A
 * part that came before changes nothing. ERR_INPUT for one of another body, which is not taken: kind, thread, parts,
 * stream and the number of part 1 must agree. letter_assembly_free() wipes.
 */
int letter_assemble(struct letter_assembly *assembly, bool *complete, const struct letter *part, struct err *err);
void letter_assembly_free(struct letter_assembly *assembly);

#endif
