/*
 * What a program built on libsodium's calls does: straightforward loops, one element at a time. The results are those
 * of the engine for the same inputs, byte for byte, except where a random number goes in.
 */
#ifndef TESTS_BENCH_BASELINE_H
#define TESTS_BENCH_BASELINE_H

#include "protocol/base/bytes.h"
#include "protocol/base/err.h"

#define BASELINE_ELEMENT 32

typedef uint8_t baseline_element[BASELINE_ELEMENT];

/* expand_message_xmd(message, dst, 64). */
void baseline_expand(uint8_t out[64], struct span message, struct span dst);

/* RFC 9497: HashToGroup of the input. */
void baseline_hash_to_group(baseline_element out, struct span input);

/* Custodian: evaluated[i] = k * blinded[i] and the batched proof (c then s) against public_key. */
int baseline_evaluate(baseline_element *evaluated, uint8_t proof[64], const uint8_t k[32],
                      const baseline_element public_key, const baseline_element *blinded, size_t n, struct err *err);

/* Client: checks the batched proof. ERR_VERIFY. */
int baseline_verify(const uint8_t proof[64], const baseline_element public_key, const baseline_element *blinded,
                    const baseline_element *evaluated, size_t n, struct err *err);

/* Client: the RFC's multiplicative blinding, r out; and its end, with the inverse of r. */
int baseline_blind(baseline_element blinded, uint8_t r[32], struct span input, struct err *err);
int baseline_finalise(uint8_t out[64], struct span input, const baseline_element evaluated, const uint8_t r[32],
                      struct err *err);

#endif
