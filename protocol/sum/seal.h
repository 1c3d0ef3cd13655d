/*
 * Shares sealed to their custodians, and complaints. Whoever receives a bad share can prove it alone: it shows the key
 * that this one share was sealed with, and a proof that it is the key (the DLEQ proof of RFC 9497, one element). Then
 * everybody opens the share and sees who is right; nothing else is opened by it, and the dealer is asked nothing.
 *
 *   sealed = E ‖ XChaCha20-Poly1305(share), E = e G, key = BLAKE2b-256(label ‖ context ‖ P ‖ E ‖ D), D = e P = p E
 *
 * P = p G is a key of the custodian for one picture and period, wiped when its sum is published, so that who later
 * takes its other keys opens nothing. context: a digest of all that the share belongs to (region, picture, period,
 * dealer, custodian), so that a share that is sent on by another agency opens for nobody. Constant time in secrets and
 * shares.
 */
#ifndef PROTOCOL_SUM_SEAL_H
#define PROTOCOL_SUM_SEAL_H

#include "protocol/sum/sum.h"

#define SUM_CONTEXT_SIZE 32
#define SUM_SEAL_OVERHEAD (32 + 16)
#define SUM_COMPLAINT_SIZE 96 /* D, c, s */

/* A custodian's pair for one picture and period. The secret is wiped by the caller. */
void sum_seal_pair(struct scalar *secret, struct element *public);

/* Appends the sealed share, share.len + SUM_SEAL_OVERHEAD bytes. ERR_INPUT: `to` is no key. */
int sum_seal(struct buf *out, const uint8_t context[SUM_CONTEXT_SIZE], const struct element *to, struct span share,
             struct err *err);

/*
 * Opens, decodes and verifies a share: all that a custodian does with one. ERR_INPUT, ERR_VERIFY: the dealer is at
 * fault, and sum_complain() shows it.
 */
int sum_take(struct sum_share *out, const uint8_t context[SUM_CONTEXT_SIZE], const struct scalar *secret,
             uint8_t custodian, struct span sealed, const struct sum_commitments *commitments,
             const struct sum_basis *basis, struct err *err);

/* What opens this one share to everybody. ERR_INPUT where E is no element: then no proof is needed. */
int sum_complain(uint8_t out[SUM_COMPLAINT_SIZE], const struct scalar *secret, const struct element *public,
                 struct span sealed, struct err *err);

enum sum_verdict {
    SUM_DEALER_GUILTY,    /* the share is not one of the commitments, or cannot be opened */
    SUM_CUSTODIAN_GUILTY, /* the share is right, or the complaint's key is not the one */
};

/*
 * Anybody: who is right. public: the complaining custodian's key. why is a line for people. Fails (ERR_NO_MEMORY)
 * without a verdict.
 */
int sum_complaint_judge(enum sum_verdict *out, struct err *why, const uint8_t complaint[SUM_COMPLAINT_SIZE],
                        const uint8_t context[SUM_CONTEXT_SIZE], const struct element *public, uint8_t custodian,
                        struct span sealed, const struct sum_commitments *commitments, const struct sum_basis *basis,
                        struct err *err);

#endif
