/*
 * The Merkle tree of RFC 6962 (section 2): SHA-256, leaves prefixed 0x00, nodes 0x01. Pure functions; nothing is
 * stored. Sizes and indices are below 2^63.
 */
#ifndef PROTOCOL_LEDGER_MERKLE_H
#define PROTOCOL_LEDGER_MERKLE_H

#include "protocol/base/buf.h"

#define MERKLE_HASH 32
#define MERKLE_LEVELS 63

struct hash {
    uint8_t bytes[MERKLE_HASH];
};

void merkle_leaf(struct hash *out, struct span entry);
void merkle_node(struct hash *out, const struct hash *left, const struct hash *right);

/*
 * The roots of the complete subtrees that make up a tree of `size` leaves, largest first: all that appending needs.
 * Subtree i has the size of the i-th highest bit of size.
 */
struct merkle_range {
    uint64_t size;
    struct hash peak[MERKLE_LEVELS];
    unsigned count;
};

/*
 * Adds a leaf. made, if not NULL, is called for every complete subtree that comes to be, the leaf (level 0) first:
 * level, index within the level, hash.
 */
void merkle_append(struct merkle_range *range, const struct hash *leaf,
                   void (*made)(void *context, unsigned level, uint64_t index, const struct hash *hash), void *context);

/* SHA-256("") for the empty tree. */
void merkle_root(struct hash *out, const struct merkle_range *range);

/*
 * Root of the tree that range begins and an incomplete tree ends, whose own root is *right: range's size is a multiple
 * of what the size of that tree rounds up to.
 */
void merkle_fold(struct hash *out, const struct merkle_range *range, const struct hash *right);

/* Where the prover finds the hash of a complete subtree: leaves index * 2^level up to (index + 1) * 2^level. */
struct merkle_source {
    int (*node)(void *context, unsigned level, uint64_t index, struct hash *out, struct err *err);
    void *context;
};

/* Proofs as in RFC 6962 sections 2.1.1 and 2.1.2, appended to out, 32 bytes a hash. ERR_INPUT if out of range. */
int merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size, struct buf *out,
                           struct err *err);
int merkle_prove_consistency(const struct merkle_source *source, uint64_t old_size, uint64_t new_size, struct buf *out,
                             struct err *err);

/* Root of the first `size` leaves. */
int merkle_root_at(const struct merkle_source *source, uint64_t size, struct hash *out, struct err *err);

/* Verification (RFC 9162 sections 2.1.3.2 and 2.1.4.2). ERR_VERIFY says what does not hold. */
int merkle_verify_inclusion(const struct hash *leaf, uint64_t index, uint64_t size, struct span proof,
                            const struct hash *root, struct err *err);
int merkle_verify_consistency(uint64_t old_size, const struct hash *old_root, uint64_t new_size,
                              const struct hash *new_root, struct span proof, struct err *err);

#endif
