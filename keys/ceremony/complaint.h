/*
 * Who is lying, the contributor of a share or its recipient. A recipient who cannot use its share complains, signed.
 * The contributor answers with the secret that this one share was encrypted with (contribution_deal_secret()):
 * everybody can open the share then, and finds it bad, or good and the complaint false. What is given away is a share
 * of a ceremony that is void. What is wrong with a contribution otherwise, everybody sees without an answer.
 *
 *   complaint   {"concord-complaint": 2, "ceremony", "contribution": SHA-256 in hexadecimal, "against", "by": names,
 *               "purpose", "epoch", "reason", "time", "signature"}; the signature, by the complainer's sign key, is
 *               over the object without it, compact, members sorted
 *   answer      {"concord-answer": 2, "ceremony", "contribution", "to", "purpose", "epoch", "secret"}: not signed,
 *               since nobody but the contributor knows the secret
 */
#ifndef KEYS_CEREMONY_COMPLAINT_H
#define KEYS_CEREMONY_COMPLAINT_H

#include "keys/ceremony/ceremony.h"

struct complaint {
    size_t against, by, purpose; /* positions in the ceremony */
    uint8_t contribution[32];    /* SHA-256 of the file */
    char reason[ERR_TEXT_MAX];
};

/* ERR_VERIFY: it is not signed by who is said to complain. */
int complaint_write(const char *path, const struct complaint *complaint, const struct ceremony *ceremony,
                    const struct identity *by, struct err *err);
int complaint_read(struct complaint *out, const struct ceremony *ceremony, const char *path, struct err *err);

/* Reads the contribution that the complaint is about. ERR_INPUT: it is about another one. */
int complaint_contribution(struct contribution parts[REGION_PURPOSES_MAX], const struct complaint *complaint,
                           const struct ceremony *ceremony, const char *path, struct err *err);

/* deal: secret; once it is written, it is public. */
int answer_write(const char *path, const struct complaint *complaint, const struct ceremony *ceremony,
                 const uint8_t deal[32], struct err *err);
int answer_read(uint8_t deal[32], const struct complaint *complaint, const struct ceremony *ceremony, const char *path,
                struct err *err);

/* deal: of the answer, or NULL without one. why: what is wrong with the contribution, if it is. */
enum verdict { VERDICT_UNANSWERED, VERDICT_CONTRIBUTOR, VERDICT_COMPLAINER };
int complaint_judge(enum verdict *out, struct err *why, const struct complaint *complaint,
                    const struct contribution *parts, const struct ceremony *ceremony, const uint8_t *deal,
                    struct err *err);

#endif
