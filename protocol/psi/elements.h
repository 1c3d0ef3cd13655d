/* From slots to elements, and what is derived for an exchange. Private to psi/. */
#ifndef PROTOCOL_PSI_ELEMENTS_H
#define PROTOCOL_PSI_ELEMENTS_H

#include "protocol/psi/psi.h"

/* The names that everything of a purpose and two parties is bound to, each behind its length. */
#define NAMES_MAX (2 + 16 + 2 * (2 + PSI_NAME_MAX) + 2 + 4 + 2 * (2 + PSI_DIGEST_SIZE))
struct names {
    uint8_t bytes[NAMES_MAX];
    size_t len;
};

/* ERR_INPUT if a name is too long. */
int names_write(struct names *out, const struct psi_context *context, struct err *err);

/* One side's secrets of an exchange; wiped by the caller. */
struct exchange_secret {
    struct scalar exponent[PSI_PAIRS_MAX];
    uint8_t absent[32]; /* seed of what stands for absent elements */
};

/* role: 'a' or 'b'; material: what the exchange is, for this role. */
void exchange_derive(struct exchange_secret *out, const uint8_t secret[PSI_SECRET_SIZE], char role,
                     const uint8_t *material, size_t len, size_t pairs);

/* BLAKE2b-256 of the label behind its length and of what follows it. */
void exchange_digest(uint8_t out[32], const char *label, struct span a, struct span b);

/* ERR_INPUT for a value that is too long. */
int slots_check(const struct psi_slot *slot, size_t slots, struct err *err);

/* The elements of one pair's slots. index: the pair's, in the exchange. */
int elements_hash(struct point *out, const struct names *names, const struct psi_pair *pair,
                  const struct exchange_secret *secret, size_t index, const struct psi_slot *slot, size_t slots,
                  struct err *err);

/* agree[i] = 1 if mine[i] is among theirs, else 0. Constant time. */
void elements_intersect(uint8_t *agree, const struct element *mine, const struct element *theirs, size_t n);

#endif
