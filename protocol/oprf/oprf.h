/*
 * The verifiable oblivious pseudorandom function of RFC 9497: ristretto255-SHA512, mode VOPRF (0x01), with the
 * key shared among custodians (threshold.h) and, as an alternative to the RFC's multiplicative blinding, additive
 * blinding with the public key (Jarecki, Krawczyk, Xu: "On the (In)Security of the Diffie-Hellman Oblivious PRF
 * with Multiplicative Blinding", 2021). The output for a key and an input is that of the RFC in every case.
 *
 * Everything works on batches of up to OPRF_BATCH_MAX elements. Inputs, blinds and keys are secret: all functions
 * are constant time in them, except that the length of an input shows. Proofs and evaluated elements are public.
 */
#ifndef PROTOCOL_OPRF_OPRF_H
#define PROTOCOL_OPRF_OPRF_H

#include "protocol/base/bytes.h"
#include "protocol/group/group.h"

#define OPRF_BATCH_MAX 8192
#define OPRF_OUTPUT_SIZE 64
#define OPRF_INPUT_MAX 65535
#define OPRF_COALITION_MAX 16
#define OPRF_SEED_SIZE 32

/* c and s of the batched DLEQ proof (RFC 9497 section 2.2): c then s, 32 bytes each, little-endian. */
struct oprf_proof {
    struct scalar c, s;
};

/*
 * Custodian: evaluated[i] = k * blinded[i], and the proof that all were made with the secret of public_key = k * G
 * (BlindEvaluate, section 3.3.2). ERR_INPUT names the index of an element that does not decode or is the identity.
 */
int oprf_evaluate(struct element *evaluated, struct oprf_proof *proof, const struct scalar *k,
                  const struct element *public_key, const struct element *blinded, size_t n, struct err *err);

/*
 * Client: checks a custodian's proof against its public key. Variable time: all inputs are public.
 * ERR_VERIFY when the proof is wrong or an element is invalid.
 */
int oprf_verify_vartime(const struct oprf_proof *proof, const struct element *public_key, const struct element *blinded,
                        const struct element *evaluated, size_t n, struct err *err);

/* A client of one group key. Safe for concurrent use by several threads: nothing in it changes. */
struct oprf_client;

/* public_key: K of the purpose and epoch, from the signed manifest. Owned; oprf_client_free() wipes. */
int oprf_client_new(struct oprf_client **out, const struct element *public_key, struct err *err);
void oprf_client_free(struct oprf_client *client);

/*
 * Makes fresh blinds beforehand, in idle time, for whoever asks little and wants an answer soon: at most `most` now,
 * and until OPRF_AHEAD are there. Each is used once, and wiped. Several threads may. False: nothing is left to be made.
 */
#define OPRF_AHEAD 128
bool oprf_client_prepare(struct oprf_client *client, size_t most);

/* One batch between blind and finalise: the secrets of unblinding. Owned; wiped by oprf_batch_free(). */
struct oprf_batch;

/*
 * blinded[i] = H(input[i]) + r[i] * G. The inputs must stay valid until finalise. 1 <= n <= OPRF_BATCH_MAX.
 *
 * seed: NULL for fresh blinds, or OPRF_SEED_SIZE secret bytes that stand for them, so that a batch which a crash
 * interrupted can be asked for again, element by element the same: a retry, which shows nothing new. The seed must be a
 * pseudorandom function of the key and of all inputs: two batches with one seed would show where their inputs differ.
 */
int oprf_client_blind(struct oprf_client *client, struct oprf_batch **batch, struct element *blinded,
                      const struct span *input, size_t n, const uint8_t seed[OPRF_SEED_SIZE], struct err *err);

/*
 * Checks the proof of every custodian of the coalition against its key (lambda_i * K_i, see threshold_share_key()),
 * adds the evaluations, unblinds and hashes: output[i] is the RFC's output for input[i].
 * evaluated[c] is custodian c's array of n elements. On ERR_VERIFY *cheat is the position in the coalition
 * of the first custodian whose proof is wrong, and no output was written.
 */
int oprf_client_finalise(struct oprf_client *client, struct oprf_batch *batch, uint8_t (*output)[OPRF_OUTPUT_SIZE],
                         const struct element *const *evaluated, const struct oprf_proof *proofs,
                         const struct element *share_keys, size_t coalition, size_t *cheat, struct err *err);

void oprf_batch_free(struct oprf_batch *batch);

#endif
