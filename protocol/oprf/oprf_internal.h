/*
 * What the files of this folder share, and what the tests of RFC 9497's vectors need: the hashes, the proof
 * on decoded elements, and the places where a random number can be handed in. Programs include oprf.h.
 */
#ifndef PROTOCOL_OPRF_OPRF_INTERNAL_H
#define PROTOCOL_OPRF_OPRF_INTERNAL_H

#include "protocol/oprf/oprf.h"

/* contextString = "OPRFV1-" || I2OSP(modeVOPRF, 1) || "-" || identifier (RFC 9497 section 3.1). */
#define OPRF_CONTEXT "OPRFV1-\x01-ristretto255-SHA512"
#define OPRF_SPAN(literal)                                                                                             \
    {                                                                                                                  \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                \
    }

/* So many messages are hashed at a time: whole lanes, and the scratch space stays in the first-level cache. */
#define OPRF_CHUNK 32

static inline size_t oprf_chunk_of(size_t n, size_t done)
{
    return n - done < OPRF_CHUNK ? n - done : OPRF_CHUNK;
}

/* HashToGroup of section 4.1: out[i] = H(input[i]). ERR_INPUT for an input that is too long or maps to the identity. */
int oprf_hash_to_group(struct point *out, const struct span *input, size_t n, struct err *err);

/* The last step of Finalize: out[i] = Hash(input[i], unblinded[i]). */
void oprf_hash_output(uint8_t (*out)[OPRF_OUTPUT_SIZE], const struct span *input, const struct element *unblinded,
                      size_t n);

/* The weights d_i of ComputeComposites (section 2.2.1). c are the blinded elements, d the evaluated ones. */
int dleq_weights(struct scalar *weight, const struct element *public_key, const struct element *c,
                 const struct element *d, size_t n, struct err *err);

/* A batch of elements in both forms. */
struct dleq_elements {
    const struct element *encoded;
    const struct point *decoded;
};

/* GenerateProof with the nonce r, which must be secret, uniform and used once. Constant time in k and r. */
int dleq_prove(struct oprf_proof *proof, const struct scalar *k, const struct scalar *r,
               const struct element *public_key, struct dleq_elements blinded, const struct element *evaluated,
               size_t n, struct err *err);

/* VerifyProof. Variable time. */
int dleq_verify_vartime(const struct oprf_proof *proof, const struct element *public_key, struct dleq_elements blinded,
                        struct dleq_elements evaluated, size_t n, struct err *err);

/* Decodes elements from outside and refuses the identity, which no honest party sends. what names them in errors. */
int oprf_decode(struct point *out, const struct element *in, size_t n, const char *what, struct err *err);

/* oprf_evaluate() with the nonce of the proof given. */
int oprf_evaluate_with_nonce(struct element *evaluated, struct oprf_proof *proof, const struct scalar *k,
                             const struct scalar *r, const struct element *public_key, const struct element *blinded,
                             size_t n, struct err *err);

#endif
