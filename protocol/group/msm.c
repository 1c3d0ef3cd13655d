/*
 * Pippenger's method with signed digits ("On the evaluation of powers and monomials", 1980): the scalars are cut into
 * windows of w bits; in each window the points with digit j go to bucket j, subtracted where the digit is negative; and
 * the sum of j * bucket j over all windows, each shifted to its place, is the answer.
 *
 * The work is in filling the buckets, one affine addition for every point and window. So that lanes can share it
 * without getting into each other's way, the points are sorted by bucket first (a counting sort), and the buckets by
 * length: each lane then sums up a bucket of its own, held in registers.
 *
 * VARIABLE TIME, in memory too: for public data.
 */
#include "protocol/group/msm.h"
#include "protocol/base/bytes.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_MAX 10
#define BUCKETS_MAX (1 << (WINDOW_MAX - 1))
#define SEGMENTS_MAX 8

struct msm {
    const struct engine *engine;
    size_t n, windows, buckets, segments;
    int window;
    int16_t *digit;         /* [window][point] */
    struct niels *affine;   /* [point] */
    struct bucket_term *term;
    uint32_t *length_count; /* [length] */
    struct point *bucket;   /* [window][bucket], bucket j - 1 being digit j's */
    struct point *slice, *sum, *weighted; /* [window][segment] */
    uint32_t start[BUCKETS_MAX + 1], order[BUCKETS_MAX];
};

/*
 * The window for n points: filling costs n additions a window, adding the buckets up two for each of 2^(w-1).
 * 255 bits and the last carry.
 */
static void choose_window(struct msm *m)
{
    size_t best = SIZE_MAX;
    for (int w = 3; w <= WINDOW_MAX; w++) {
        const size_t windows = (size_t)(256 + w - 1) / (size_t)w, buckets = (size_t)1 << (w - 1);
        const size_t cost = windows * (m->n + 3 * buckets);
        if (cost < best) {
            best = cost;
            m->window = w;
            m->windows = windows;
            m->buckets = buckets;
        }
    }
    m->segments = m->buckets < SEGMENTS_MAX ? m->buckets : SEGMENTS_MAX;
}

static void recode_all(struct msm *m, const struct scalar *k)
{
    const int w = m->window, half = 1 << (w - 1);
    const uint64_t low = ((uint64_t)1 << w) - 1;
    for (size_t i = 0; i < m->n; i++) {
        uint64_t word[5] = {0};
        for (int j = 0; j < 4; j++)
            word[j] = bytes_get_u64le(k[i].bytes + 8 * j);
        word[3] &= UINT64_MAX >> 1;
        int carry = 0;
        for (size_t v = 0; v < m->windows; v++) {
            const size_t bit = v * (size_t)w, at = bit / 64, shift = bit % 64;
            const uint64_t bits = word[at] >> shift | (shift > 0 ? word[at + 1] << (64 - shift) : 0);
            int d = (int)(bits & low) + carry;
            carry = d > half;
            d -= carry << w;
            m->digit[v * m->n + i] = (int16_t)d;
        }
    }
}

/* Sorts the points of a window by bucket, and the buckets that hold any by falling length. */
static size_t sort_window(struct msm *m, const int16_t *digit)
{
    uint32_t at[BUCKETS_MAX + 1];
    memset(m->start, 0, sizeof m->start);
    for (size_t i = 0; i < m->n; i++)
        if (digit[i] != 0)
            m->start[digit[i] < 0 ? -digit[i] : digit[i]]++;
    /* start[j] counted digit j, which is bucket j - 1: summed up, it is where bucket j starts. */
    for (size_t b = 1; b <= m->buckets; b++)
        m->start[b] += m->start[b - 1];
    memcpy(at, m->start, sizeof at);
    for (size_t i = 0; i < m->n; i++)
        if (digit[i] != 0)
            m->term[at[(digit[i] < 0 ? -digit[i] : digit[i]) - 1]++] =
                (struct bucket_term){.point = (uint32_t)i & INT32_MAX, .negative = digit[i] < 0};

    uint32_t longest = 0;
    for (size_t b = 0; b < m->buckets; b++) {
        const uint32_t length = m->start[b + 1] - m->start[b];
        longest = length > longest ? length : longest;
    }
    memset(m->length_count, 0, (longest + 2) * sizeof *m->length_count);
    for (size_t b = 0; b < m->buckets; b++)
        m->length_count[m->start[b + 1] - m->start[b]]++;
    uint32_t place = 0;
    for (uint32_t length = longest + 1; length-- > 1;) {
        const uint32_t count = m->length_count[length];
        m->length_count[length] = place;
        place += count;
    }
    for (size_t b = 0; b < m->buckets; b++) {
        const uint32_t length = m->start[b + 1] - m->start[b];
        if (length > 0)
            m->order[m->length_count[length]++] = (uint32_t)b;
    }
    return place;
}

static const struct point identity = {.y = {1}, .z = {1}};

static void fill_buckets(struct msm *m)
{
    for (size_t v = 0; v < m->windows; v++) {
        struct point *bucket = m->bucket + v * m->buckets;
        const size_t used = sort_window(m, m->digit + v * m->n);
        for (size_t b = 0; b < m->buckets; b++)
            if (m->start[b + 1] == m->start[b])
                bucket[b] = identity;
        m->engine->bucket_sums(bucket, &(struct buckets){m->affine, m->term, m->start, m->order, used});
    }
}

static void double_all(const struct msm *m, struct point *p, size_t n, size_t times)
{
    for (size_t i = 0; i < times; i++)
        m->engine->add(p, p, p, n);
}

/*
 * sum over j = 1 .. B of j * bucket j, in all windows at once: running sums from the top, s the buckets and r the s;
 * but each window is cut into segments that run side by side. Segment g, of L buckets above g * L, ends with
 * r = sum of (j - g*L) * bucket j and s = sum of bucket j: what is missing is L * sum of g * s.
 */
static void add_up_buckets(struct msm *m)
{
    const size_t per_segment = m->buckets / m->segments, all = m->windows * m->segments, windows = m->windows;
    for (size_t i = 0; i < all; i++)
        m->sum[i] = m->weighted[i] = identity;
    for (size_t j = per_segment; j-- > 0;) {
        for (size_t i = 0; i < all; i++)
            m->slice[i] = m->bucket[i / windows * per_segment + i % windows * m->buckets + j];
        m->engine->add(m->sum, m->sum, m->slice, all);
        m->engine->add(m->weighted, m->weighted, m->sum, all);
    }
    /* slice = sum of g * s by running sums again, in the order [segment][window]. */
    struct point *run = m->slice + windows, *total = m->slice;
    for (size_t w = 0; w < windows; w++)
        run[w] = total[w] = identity;
    for (size_t g = m->segments - 1; g > 0; g--) {
        m->engine->add(run, run, m->sum + g * windows, windows);
        m->engine->add(total, total, run, windows);
    }
    for (size_t length = per_segment; length > 1; length /= 2)
        double_all(m, total, windows, 1);
    for (size_t g = 0; g < m->segments; g++)
        m->engine->add(total, total, m->weighted + g * windows, windows);
}

static void msm_free(struct msm *m)
{
    free(m->digit);
    free(m->affine);
    free(m->term);
    free(m->length_count);
    free(m->bucket);
    free(m->slice);
    free(m);
}

static struct msm *msm_new(const struct engine *engine, size_t n)
{
    struct msm *m = calloc(1, sizeof *m);
    if (m == NULL)
        return NULL;
    m->engine = engine;
    m->n = n;
    choose_window(m);
    const size_t parts = m->windows * m->segments;
    m->digit = calloc(m->windows * n, sizeof *m->digit);
    m->affine = aligned_alloc(_Alignof(struct niels), n * sizeof *m->affine);
    m->term = malloc(n * sizeof *m->term);
    m->length_count = malloc((n + 2) * sizeof *m->length_count);
    m->bucket = malloc(m->windows * m->buckets * sizeof *m->bucket);
    m->slice = malloc(3 * parts * sizeof *m->slice);
    if (m->digit == NULL || m->affine == NULL || m->term == NULL || m->length_count == NULL || m->bucket == NULL ||
        m->slice == NULL) {
        msm_free(m);
        return NULL;
    }
    m->sum = m->slice + parts;
    m->weighted = m->sum + parts;
    return m;
}

int msm_vartime(const struct engine *engine, struct point *out, const struct scalar *k, const struct point *const *in,
                size_t sets, size_t n, struct err *err)
{
    for (size_t s = 0; s < sets; s++)
        out[s] = identity;
    if (n == 0)
        return 0;
    struct msm *m = n <= INT32_MAX ? msm_new(engine, n) : NULL;
    if (m == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory to add up %zu products", n);
    recode_all(m, k);
    for (size_t s = 0; s < sets; s++) {
        engine->affine(m->affine, in[s], n);
        fill_buckets(m);
        add_up_buckets(m);
        for (size_t v = m->windows; v-- > 0;) {
            double_all(m, &out[s], 1, (size_t)m->window);
            engine->add(&out[s], &out[s], &m->slice[v], 1);
        }
    }
    msm_free(m);
    return 0;
}
