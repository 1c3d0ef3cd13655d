#include "protocol/group/group.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Every element is kept by its encoding, in the first 32 bytes of x, and computed on by libsodium. */
struct group_base {
    struct point p;
    bool generator;
};

static const struct group_base generator = {.generator = true};

int group_init(struct err *err)
{
    if (sodium_init() < 0)
        return err_set(err, ERR_INTERNAL, "libsodium does not start");
    return 0;
}

const char *group_engine(void)
{
    return "portable";
}

int group_decode(struct point *out, const struct element *in, size_t n, size_t *bad, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct element e = in[i];
        if (!crypto_core_ristretto255_is_valid_point(e.bytes)) {
            if (bad != NULL)
                *bad = i;
            return err_set(err, ERR_INPUT, "element %zu of %zu is not a valid ristretto255 encoding", i, n);
        }
        memset(&out[i], 0, sizeof out[i]);
        memcpy(out[i].x, e.bytes, 32);
    }
    return 0;
}

void group_encode(struct element *out, const struct point *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct point p = in[i];
        memcpy(out[i].bytes, p.x, 32);
    }
}

void group_from_uniform(struct point *out, const uint8_t (*in)[64], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memset(&out[i], 0, sizeof out[i]);
        crypto_core_ristretto255_from_hash((unsigned char *)out[i].x, in[i]);
    }
}

void group_mul(struct point *out, const struct scalar *k, const struct point *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct point p = in[i];
        memset(&out[i], 0, sizeof out[i]);
        (void)!crypto_scalarmult_ristretto255((unsigned char *)out[i].x, k->bytes, (unsigned char *)p.x);
    }
}

const struct group_base *group_generator(void)
{
    return &generator;
}

struct group_base *group_base_new(const struct element *base, struct err *err)
{
    struct group_base *b = calloc(1, sizeof *b);
    if (b == NULL) {
        err_set(err, ERR_NO_MEMORY, "no memory for a base");
        return NULL;
    }
    if (group_decode(&b->p, base, 1, NULL, err) != 0) {
        free(b);
        return NULL;
    }
    return b;
}

void group_base_free(struct group_base *base)
{
    free(base);
}

void group_base_mul(struct point *out, const struct group_base *base, const struct scalar *k, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memset(&out[i], 0, sizeof out[i]);
        if (base->generator)
            (void)!crypto_scalarmult_ristretto255_base((unsigned char *)out[i].x, k[i].bytes);
        else
            group_mul(&out[i], &k[i], &base->p, 1);
    }
}

void group_add(struct point *out, const struct point *a, const struct point *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        crypto_core_ristretto255_add((unsigned char *)out[i].x, (const unsigned char *)a[i].x,
                                     (const unsigned char *)b[i].x);
}

void group_sub(struct point *out, const struct point *a, const struct point *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        crypto_core_ristretto255_sub((unsigned char *)out[i].x, (const unsigned char *)a[i].x,
                                     (const unsigned char *)b[i].x);
}

bool group_equal(const struct point *a, const struct point *b)
{
    return sodium_memcmp(a->x, b->x, 32) == 0;
}

bool group_is_identity(const struct point *a)
{
    return sodium_is_zero((const unsigned char *)a->x, 32);
}

int group_msm_vartime(struct point *out, const struct scalar *k, const struct point *in, size_t n, struct err *err)
{
    (void)err;
    struct point sum = {0}, p;
    for (size_t i = 0; i < n; i++) {
        group_mul(&p, &k[i], &in[i], 1);
        group_add(&sum, &sum, &p, 1);
    }
    *out = sum;
    return 0;
}
