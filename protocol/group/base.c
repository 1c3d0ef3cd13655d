/* Tables of bases known beforehand; see struct base_window. */
#include "protocol/group/lanes/base.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct group_base {
    struct base_window window[BASE_WINDOWS];
};

const struct base_window *base_table(const struct group_base *base)
{
    return base->window;
}

/* multiple[w] = 2^(BASE_WINDOW * w) * p. */
static void first_multiples(const struct engine *engine, struct point multiple[BASE_WINDOWS], const struct point *p)
{
    struct point q = *p;
    for (int w = 0; w < BASE_WINDOWS; w++) {
        multiple[w] = q;
        for (int i = 0; i < BASE_WINDOW; i++)
            engine->add(&q, &q, &q, 1);
    }
}

/* The affine limbs must be canonical: a lookup serves every engine. */
static void put_entries(struct base_window *window, int j, const struct niels *entry, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (int l = 0; l < 15; l++)
            window[i].limb[l][j] = entry[i].limb[l];
}

#define FILL_CHUNK 64

/* window[i] = the multiples of p[i]. */
static void fill_windows(const struct engine *engine, struct base_window *window, const struct point *p, size_t n)
{
    struct point multiple[FILL_CHUNK];
    struct niels entry[FILL_CHUNK];
    for (size_t done = 0, len; done < n; done += len) {
        len = n - done < FILL_CHUNK ? n - done : FILL_CHUNK;
        memcpy(multiple, p + done, len * sizeof *multiple);
        for (int j = 0; j < BASE_ENTRIES; j++) {
            engine->affine(entry, multiple, len);
            put_entries(window + done, j, entry, len);
            engine->add(multiple, multiple, p + done, len);
        }
    }
}

struct group_base *base_new(const struct engine *engine, const struct point *p, struct err *err)
{
    struct point first[BASE_WINDOWS];
    struct group_base *b = aligned_alloc(_Alignof(struct group_base), sizeof *b);
    if (b == NULL) {
        err_set(err, ERR_NO_MEMORY, "no memory for the table of a base");
        return NULL;
    }
    first_multiples(engine, first, p);
    fill_windows(engine, b->window, first, BASE_WINDOWS);
    return b;
}

void group_base_free(struct group_base *base)
{
    free(base);
}

struct group_bases {
    size_t n;
    struct base_window window[];
};

struct group_bases *bases_new(const struct engine *engine, const struct point *base, size_t n, struct err *err)
{
    struct group_bases *b = NULL;
    if (n <= GROUP_BASES_MAX)
        b = aligned_alloc(_Alignof(struct group_bases), sizeof *b + n * sizeof *b->window);
    if (b == NULL) {
        err_set(err, ERR_NO_MEMORY, "no memory for the tables of %zu bases", n);
        return NULL;
    }
    b->n = n;
    fill_windows(engine, b->window, base, n);
    return b;
}

void group_bases_free(struct group_bases *bases)
{
    free(bases);
}

/* The windows' sums, each shifted to its place. The topmost has room for a carry. */
void bases_mul(const struct engine *engine, struct point *out, const struct group_bases *bases, const struct scalar *k,
               size_t bits, size_t n)
{
    const size_t windows = (bits + 1) / BASE_WINDOW + 1;
    struct point window[BASE_WINDOWS];
    engine->window_sums(window, bases->window, k, n < bases->n ? n : bases->n, windows);
    struct point sum = window[windows - 1];
    for (size_t w = windows - 1; w-- > 0;) {
        for (int i = 0; i < BASE_WINDOW; i++)
            engine->add(&sum, &sum, &sum, 1);
        engine->add(&sum, &sum, &window[w], 1);
    }
    *out = sum;
    sodium_memzero(window, sizeof window);
    sodium_memzero(&sum, sizeof sum);
}
