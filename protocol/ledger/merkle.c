#include "protocol/ledger/merkle.h"

#include "protocol/base/sha256.h"

#include <sodium.h>
#include <string.h>

void merkle_leaf(struct hash *out, struct span entry)
{
    sha256_prefixed(out->bytes, 0x00, entry);
}

void merkle_node(struct hash *out, const struct hash *left, const struct hash *right)
{
    uint8_t input[2 * MERKLE_HASH];
    memcpy(input, left->bytes, MERKLE_HASH);
    memcpy(input + MERKLE_HASH, right->bytes, MERKLE_HASH);
    sha256_prefixed(out->bytes, 0x01, span_of(input, sizeof input));
}

void merkle_append(struct merkle_range *range, const struct hash *leaf,
                   void (*made)(void *context, unsigned level, uint64_t index, const struct hash *hash), void *context)
{
    struct hash hash = *leaf;
    unsigned level = 0;
    uint64_t index = range->size;
    if (made != NULL)
        made(context, 0, index, &hash);
    /* Each trailing one bit of the old size is a subtree that the new one completes to twice its size. */
    for (; (range->size >> level & 1) != 0; level++) {
        merkle_node(&hash, &range->peak[--range->count], &hash);
        index >>= 1;
        if (made != NULL)
            made(context, level + 1, index, &hash);
    }
    range->peak[range->count++] = hash;
    range->size++;
}

void merkle_fold(struct hash *out, const struct merkle_range *range, const struct hash *right)
{
    struct hash hash = *right;
    for (unsigned i = range->count; i > 0; i--)
        merkle_node(&hash, &range->peak[i - 1], &hash);
    *out = hash;
}

void merkle_root(struct hash *out, const struct merkle_range *range)
{
    struct merkle_range rest = *range;
    if (range->count == 0) {
        crypto_hash_sha256(out->bytes, NULL, 0);
        return;
    }
    rest.count--;
    merkle_fold(out, &rest, &range->peak[rest.count]);
}

/* The largest power of two below n; n >= 2. */
static uint64_t split(uint64_t n)
{
    uint64_t k = 1;
    while (k < n - k)
        k <<= 1;
    return k;
}

static unsigned log2_of(uint64_t power)
{
    unsigned level = 0;
    while (power > 1) {
        power >>= 1;
        level++;
    }
    return level;
}

/* Hash of the leaves from `from`, `count` of them, as the tree has that subtree: `from` is a multiple of what count
 * rounds up to. Recursion is as deep as count has bits. */
static int subtree(const struct merkle_source *source, uint64_t from, uint64_t count, struct hash *out, struct err *err)
{
    if ((count & (count - 1)) == 0) {
        unsigned level = log2_of(count);
        return source->node(source->context, level, from >> level, out, err);
    }
    uint64_t k = split(count);
    struct hash left, right;
    int rc = subtree(source, from, k, &left, err);
    if (rc == 0)
        rc = subtree(source, from + k, count - k, &right, err);
    if (rc == 0)
        merkle_node(out, &left, &right);
    return rc;
}

int merkle_root_at(const struct merkle_source *source, uint64_t size, struct hash *out, struct err *err)
{
    if (size == 0) {
        crypto_hash_sha256(out->bytes, NULL, 0);
        return 0;
    }
    return subtree(source, 0, size, out, err);
}

/* The proof runs from the leaf to the root; the walk from the root to the leaf, so each step appends after
 * recursing. */
static int path(const struct merkle_source *source, uint64_t index, uint64_t from, uint64_t count, struct buf *out,
                struct err *err)
{
    if (count == 1)
        return 0;
    uint64_t k = split(count);
    struct hash hash;
    int rc =
        index < k ? path(source, index, from, k, out, err) : path(source, index - k, from + k, count - k, out, err);
    if (rc == 0)
        rc = index < k ? subtree(source, from + k, count - k, &hash, err) : subtree(source, from, k, &hash, err);
    if (rc == 0)
        rc = buf_put(out, hash.bytes, MERKLE_HASH, err);
    return rc;
}

int merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size, struct buf *out,
                           struct err *err)
{
    if (index >= size)
        return err_set(err, ERR_INPUT, "the ledger has no leaf %llu at size %llu", (unsigned long long)index,
                       (unsigned long long)size);
    return path(source, index, 0, size, out, err);
}

/* SUBPROOF of RFC 6962: whole says that the old tree is this subtree, whose hash the verifier has already. */
static int subproof(const struct merkle_source *source, uint64_t old_size, uint64_t from, uint64_t count, bool whole,
                    struct buf *out, struct err *err)
{
    struct hash hash;
    int rc;
    if (old_size == count) {
        if (whole)
            return 0;
        rc = subtree(source, from, count, &hash, err);
        if (rc == 0)
            rc = buf_put(out, hash.bytes, MERKLE_HASH, err);
        return rc;
    }
    uint64_t k = split(count);
    if (old_size <= k) {
        rc = subproof(source, old_size, from, k, whole, out, err);
        if (rc == 0)
            rc = subtree(source, from + k, count - k, &hash, err);
    } else {
        rc = subproof(source, old_size - k, from + k, count - k, false, out, err);
        if (rc == 0)
            rc = subtree(source, from, k, &hash, err);
    }
    if (rc == 0)
        rc = buf_put(out, hash.bytes, MERKLE_HASH, err);
    return rc;
}

int merkle_prove_consistency(const struct merkle_source *source, uint64_t old_size, uint64_t new_size, struct buf *out,
                             struct err *err)
{
    if (old_size > new_size)
        return err_set(err, ERR_INPUT, "no consistency proof from size %llu to the smaller %llu",
                       (unsigned long long)old_size, (unsigned long long)new_size);
    if (old_size == 0 || old_size == new_size)
        return 0;
    return subproof(source, old_size, 0, new_size, true, out, err);
}

static int not_valid(struct err *err, const char *what)
{
    return err_set(err, ERR_VERIFY, "%s", what);
}

/* The next hash of a proof; false at its end. */
static bool next_hash(struct span *proof, struct hash *out)
{
    if (proof->len < MERKLE_HASH)
        return false;
    memcpy(out->bytes, proof->data, MERKLE_HASH);
    proof->data += MERKLE_HASH;
    proof->len -= MERKLE_HASH;
    return true;
}

int merkle_verify_inclusion(const struct hash *leaf, uint64_t index, uint64_t size, struct span proof,
                            const struct hash *root, struct err *err)
{
    struct hash hash = *leaf, sibling;
    if (index >= size)
        return not_valid(err, "the inclusion proof is for a leaf beyond the tree");
    uint64_t fn = index, sn = size - 1;
    while (next_hash(&proof, &sibling)) {
        if (sn == 0)
            return not_valid(err, "the inclusion proof is too long");
        if ((fn & 1) != 0 || fn == sn) {
            merkle_node(&hash, &sibling, &hash);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            merkle_node(&hash, &hash, &sibling);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0 || proof.len != 0)
        return not_valid(err, "the inclusion proof is too short");
    if (memcmp(hash.bytes, root->bytes, MERKLE_HASH) != 0)
        return not_valid(err, "the inclusion proof does not lead to the checkpoint's root");
    return 0;
}

int merkle_verify_consistency(uint64_t old_size, const struct hash *old_root, uint64_t new_size,
                              const struct hash *new_root, struct span proof, struct err *err)
{
    struct hash fr, sr, c;
    if (old_size > new_size)
        return not_valid(err, "the ledger shrank");
    if (old_size == new_size || old_size == 0) {
        if (proof.len != 0)
            return not_valid(err, "the consistency proof is too long");
        if (old_size == new_size && memcmp(old_root->bytes, new_root->bytes, MERKLE_HASH) != 0)
            return not_valid(err, "two checkpoints of one size have different roots: the ledger was forked");
        return 0;
    }
    if ((old_size & (old_size - 1)) == 0)
        fr = *old_root;
    else if (!next_hash(&proof, &fr))
        return not_valid(err, "the consistency proof is empty");
    sr = fr;
    uint64_t fn = old_size - 1, sn = new_size - 1;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    while (next_hash(&proof, &c)) {
        if (sn == 0)
            return not_valid(err, "the consistency proof is too long");
        if ((fn & 1) != 0 || fn == sn) {
            merkle_node(&fr, &c, &fr);
            merkle_node(&sr, &c, &sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            merkle_node(&sr, &sr, &c);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0 || proof.len != 0)
        return not_valid(err, "the consistency proof is too short");
    if (memcmp(fr.bytes, old_root->bytes, MERKLE_HASH) != 0)
        return not_valid(err, "the consistency proof does not start at the old root: the ledger was rewritten");
    if (memcmp(sr.bytes, new_root->bytes, MERKLE_HASH) != 0)
        return not_valid(err, "the consistency proof does not lead to the new root: the ledger was rewritten");
    return 0;
}
