/*
 * The proof that each pair's elements were multiplied by the secret of that pair's key, in order. Private to psi/.
 *
 * It is the batched DLEQ proof of RFC 9497 section 2.2 for several keys at once. For secrets k_p, keys K_p = k_p G,
 * elements C_pi and D_pi = k_p C_pi, weights w_pi of 128 bits from a hash of all of them (small exponents: Bellare,
 * Garay, Rabin: "Fast batch verification", 1998), and M_p = sum of w_pi C_pi, Z = sum of w_pi D_pi, it proves knowledge
 * of one preimage of (K_1, .., K_n, Z) under (k_1, .., k_n) -> (k_1 G, .., k_n G, sum of k_p M_p) (Maurer: "Unifying
 * zero-knowledge proofs of knowledge", 2009), made non-interactive with a challenge that covers everything that was
 * said.
 */
#ifndef PROTOCOL_PSI_PROOF_H
#define PROTOCOL_PSI_PROOF_H

#include "protocol/group/scalar.h"

#define PROOF_CONTEXT 32
#define PROOF_SIZE(pairs) (32 * (1 + (pairs))) /* c, then s_p */

/*
 * context: a hash of everything the proof is about: keys, elements, multiples, and what they belong to.
 * decoded: C, pair by pair. Constant time in the secrets.
 */
int proof_make(uint8_t *out, const uint8_t context[PROOF_CONTEXT], const struct scalar *secret,
               const struct point *decoded, size_t pairs, size_t slots, struct err *err);

/* multiple: D. ERR_VERIFY. Variable time: all is public. */
int proof_verify_vartime(const uint8_t *proof, const uint8_t context[PROOF_CONTEXT], const struct point *key,
                         const struct point *decoded, const struct point *multiple, size_t pairs, size_t slots,
                         struct err *err);

#endif
