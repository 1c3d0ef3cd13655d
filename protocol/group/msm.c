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

#define WINDOW_MIN 4 /* a window's buckets make whole segments */
#define WINDOW_MAX 11
#define BUCKETS_MAX (1 << (WINDOW_MAX - 1))
#define SEGMENTS RUNNING_LISTS
#define POINTS_MAX ((size_t)1 << 24)

struct offset_scalar {
    uint64_t word[6];
};

struct msm {
    const struct engine *engine;
    size_t n, sets, windows, buckets;
    size_t sums, buckets_each; /* sums side by side, each of n / sums points and with buckets of its own */
    int window;
    struct offset_scalar *k; /* [point] */
    int16_t *digit;          /* [point], of the window at hand */
    struct niels *affine;    /* [set][point] */
    struct bucket_term *term;
    uint32_t *length_count;           /* [length] */
    struct point *bucket;             /* bucket j - 1 is digit j's */
    struct point *sum, *weighted;     /* [set][window][segment] */
    struct point *total, *run, *part; /* [window] */
    uint32_t start[BUCKETS_MAX + 1], order[BUCKETS_MAX];
};

/* A scalar's word j, of its lower 255 bits. */
static uint64_t scalar_word(const struct scalar *k, int j)
{
    return bytes_get_u64le(k->bytes + 8 * j) & (j == 3 ? UINT64_MAX >> 1 : UINT64_MAX);
}

/* How many bits the longest scalar has; 1 if all are zero. Proofs weigh with short ones. */
static size_t bits_of(const struct scalar *k, size_t n)
{
    uint64_t any[4] = {1};
    for (size_t i = 0; i < n; i++)
        for (int j = 0; j < 4; j++)
            any[j] |= scalar_word(&k[i], j);
    int top = 3;
    while (any[top] == 0)
        top--;
    return 64 * (size_t)top + 64 - (size_t)__builtin_clzll(any[top]);
}

/*
 * The window for n points: filling costs n additions a window, adding the buckets up over two for each of 2^(w-1).
 * The scalars' bits and the one that the offset carries.
 */
static void choose_window(struct msm *m, size_t bits)
{
    size_t best = SIZE_MAX;
    for (int w = WINDOW_MIN; w <= WINDOW_MAX; w++) {
        const size_t windows = (bits + (size_t)w) / (size_t)w, buckets = (size_t)1 << (w - 1);
        const size_t cost = windows * (m->n + 3 * buckets);
        if (cost < best) {
            best = cost;
            m->window = w;
            m->windows = windows;
            m->buckets = buckets;
        }
    }
}

/*
 * k's lower 255 bits + the sum of 2^(w-1) * 2^(w*v) over all windows v: what that has in window v, less 2^(w-1), is
 * the signed digit, and no digit waits for another's carry.
 */
static void add_offset(const struct msm *m, struct offset_scalar *out, const struct scalar *k)
{
    *out = (struct offset_scalar){{0}};
    for (size_t v = 0; v < m->windows; v++) {
        const size_t bit = (v + 1) * (size_t)m->window - 1;
        out->word[bit / 64] |= (uint64_t)1 << bit % 64;
    }
    uint64_t carry = 0;
    for (int j = 0; j < 5; j++) {
        const uint64_t kj = j == 4 ? 0 : scalar_word(k, j);
        const unsigned __int128 sum = (unsigned __int128)out->word[j] + kj + carry;
        out->word[j] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
}

/* The topmost takes all that is left, which may be one bit more, for 2^(w-1) itself. */
static void digits_of(struct msm *m, size_t window)
{
    const size_t bit = window * (size_t)m->window, at = bit / 64, shift = bit % 64;
    const int half = 1 << (m->window - 1);
    const uint64_t low = window + 1 < m->windows ? 2 * (uint64_t)half - 1 : UINT64_MAX;
    for (size_t i = 0; i < m->n; i++) {
        const uint64_t *word = m->k[i].word + at;
        m->digit[i] = (int16_t)((int)((word[0] >> shift | word[1] << 1 << (63 - shift)) & low) - half);
    }
}

/* The used buckets by falling length; returns how many. */
static size_t sort_buckets(struct msm *m)
{
    uint32_t longest = 0, place = 0;
    for (size_t b = 0; b < m->buckets; b++) {
        const uint32_t length = m->start[b + 1] - m->start[b];
        longest = length > longest ? length : longest;
    }
    memset(m->length_count, 0, (longest + 1) * sizeof *m->length_count);
    for (size_t b = 0; b < m->buckets; b++)
        m->length_count[m->start[b + 1] - m->start[b]]++;
    for (uint32_t length = longest; length > 0; length--) {
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

/* Where a term is sorted: 0, or one more than its bucket, which are those of sum 0, then those of sum 1 and so on. */
static size_t place_of(const struct msm *m, size_t sum, int digit)
{
    return (size_t)abs(digit) + (-(size_t)(digit != 0) & sum * m->buckets_each);
}

/*
 * The terms of a window, by bucket. Digits are as good as random: no branch is taken on them, the zeroes are sorted
 * along, before bucket 0's.
 */
static void sort_terms(struct msm *m)
{
    uint32_t at[BUCKETS_MAX + 1], count[BUCKETS_MAX + 1] = {0};
    const size_t each = m->n / m->sums;
    for (size_t s = 0; s < m->sums; s++)
        for (size_t i = s * each; i < (s + 1) * each; i++)
            count[place_of(m, s, m->digit[i])]++;
    uint32_t sum = 0;
    for (size_t d = 0; d <= m->buckets; d++) {
        at[d] = sum;
        sum += count[d];
        m->start[d] = sum; /* where bucket d begins, that of digit d + 1 */
    }
    for (size_t s = 0; s < m->sums; s++)
        for (size_t i = s * each; i < (s + 1) * each; i++) {
            const int digit = m->digit[i];
            m->term[at[place_of(m, s, digit)]++] = (struct bucket_term){(uint32_t)i << 1 | (uint32_t)digit >> 31};
        }
}

static const struct point identity = {.y = {1}, .z = {1}};

/* Fills the buckets of a window, of which `used` are not empty, with a set's points and adds them up by lists. */
static void add_buckets(struct msm *m, size_t set, size_t used, size_t at, size_t lists)
{
    for (size_t b = 0; b < m->buckets; b++)
        if (m->start[b + 1] == m->start[b])
            m->bucket[b] = identity;
    m->engine->bucket_sums(m->bucket, &(struct buckets){m->affine + set * m->n, m->term, m->start, m->order, used});
    m->engine->running_sums(m->sum + at, m->weighted + at, m->bucket, lists, m->buckets / lists);
}

static size_t sort_window(struct msm *m, size_t window)
{
    digits_of(m, window);
    sort_terms(m);
    return sort_buckets(m);
}

static void fill_window(struct msm *m, size_t window)
{
    const size_t used = sort_window(m, window);
    for (size_t s = 0; s < m->sets; s++)
        add_buckets(m, s, used, (s * m->windows + window) * SEGMENTS, SEGMENTS);
}

/* p[w] += list[w][segment] in all windows. */
static void add_segment(const struct msm *m, struct point *p, const struct point *list, size_t segment)
{
    for (size_t w = 0; w < m->windows; w++)
        m->part[w] = list[w * SEGMENTS + segment];
    m->engine->add(p, p, m->part, m->windows);
}

/*
 * total[w] = sum over j = 1 .. B of j * bucket j of window w. It was added up by running sums from the top, s the
 * buckets, r the s; but each window in segments side by side. Segment g, of L buckets above g * L, ended with
 * r = sum of (j - g*L) * bucket j and s = sum of bucket j; what is missing is L * sum of g * s.
 */
static void join_segments(struct msm *m, size_t set)
{
    const struct point *sum = m->sum + set * m->windows * SEGMENTS,
                       *weighted = m->weighted + set * m->windows * SEGMENTS;
    for (size_t w = 0; w < m->windows; w++)
        m->total[w] = m->run[w] = identity;
    for (size_t g = SEGMENTS - 1; g > 0; g--) {
        add_segment(m, m->run, sum, g);
        m->engine->add(m->total, m->total, m->run, m->windows);
    }
    for (size_t length = m->buckets / SEGMENTS; length > 1; length /= 2)
        m->engine->add(m->total, m->total, m->total, m->windows);
    for (size_t g = 0; g < SEGMENTS; g++)
        add_segment(m, m->total, weighted, g);
}

static void msm_free(struct msm *m)
{
    free(m->k);
    free(m->digit);
    free(m->affine);
    free(m->term);
    free(m->length_count);
    free(m->bucket);
    free(m->sum);
    free(m);
}

/* lists: how many sums of buckets are kept for each set. The shape of m is chosen. NULL when out of memory. */
static struct msm *msm_allocate(struct msm shape, size_t lists)
{
    struct msm *m = malloc(sizeof *m);
    if (m == NULL)
        return NULL;
    *m = shape;
    const size_t parts = m->sets * lists;
    m->k = malloc(m->n * sizeof *m->k);
    m->digit = malloc(m->n * sizeof *m->digit);
    m->affine = aligned_alloc(_Alignof(struct niels), m->sets * m->n * sizeof *m->affine);
    m->term = malloc(m->n * sizeof *m->term);
    m->length_count = malloc((m->n + 1) * sizeof *m->length_count);
    m->bucket = malloc(m->buckets * sizeof *m->bucket);
    m->sum = malloc((2 * parts + 3 * m->windows) * sizeof *m->sum);
    if (m->k == NULL || m->digit == NULL || m->affine == NULL || m->term == NULL || m->length_count == NULL ||
        m->bucket == NULL || m->sum == NULL) {
        msm_free(m);
        return NULL;
    }
    m->weighted = m->sum + parts;
    m->total = m->weighted + parts;
    m->run = m->total + m->windows;
    m->part = m->run + m->windows;
    return m;
}

static struct msm *msm_new(const struct engine *engine, const struct scalar *k, size_t sets, size_t n)
{
    struct msm shape = {.engine = engine, .n = n, .sets = sets, .sums = 1};
    choose_window(&shape, bits_of(k, n));
    return msm_allocate(shape, shape.windows * SEGMENTS);
}

/* The scalars and the points of all sets, as filling wants them. */
static void take_in(struct msm *m, const struct scalar *k, const struct point *const *in)
{
    for (size_t i = 0; i < m->n; i++)
        add_offset(m, &m->k[i], &k[i]);
    for (size_t s = 0; s < m->sets; s++)
        m->engine->affine(m->affine + s * m->n, in[s], m->n);
}

int msm_vartime(const struct engine *engine, struct point *out, const struct scalar *k, const struct point *const *in,
                size_t sets, size_t n, struct err *err)
{
    for (size_t s = 0; s < sets; s++)
        out[s] = identity;
    if (n == 0)
        return 0;
    struct msm *m = n <= POINTS_MAX ? msm_new(engine, k, sets, n) : NULL;
    if (m == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory to add up %zu products", n);
    take_in(m, k, in);
    for (size_t w = 0; w < m->windows; w++)
        fill_window(m, w);
    for (size_t s = 0; s < sets; s++) {
        join_segments(m, s);
        for (size_t w = m->windows; w-- > 0;) {
            for (int i = 0; i < m->window; i++)
                engine->add(&out[s], &out[s], &out[s], 1);
            engine->add(&out[s], &out[s], &m->total[w], 1);
        }
    }
    msm_free(m);
    return 0;
}

/*
 * Many short sums at once: the smallest window, the buckets of all sums filled in the same lanes, and one list of
 * running sums for each sum, which then is its digit of the answer. sums: at most SUMS_MAX; the lists are filled up to
 * whole lanes.
 */
#define SUMS_MAX ((size_t)BUCKETS_MAX >> (WINDOW_MIN - 1))

static int add_up_many(const struct engine *engine, struct point *out, const struct scalar *k, const struct point *in,
                       size_t sums, size_t n, struct err *err)
{
    const size_t lists = (sums + RUNNING_LISTS - 1) / RUNNING_LISTS * RUNNING_LISTS;
    struct msm shape = {.engine = engine, .n = sums * n, .sets = 1, .sums = sums, .window = WINDOW_MIN};
    shape.windows = (bits_of(k, shape.n) + WINDOW_MIN) / WINDOW_MIN;
    shape.buckets_each = (size_t)1 << (WINDOW_MIN - 1);
    shape.buckets = lists * shape.buckets_each;
    struct msm *m = msm_allocate(shape, lists);
    if (m == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory for %zu sums of %zu products", sums, n);
    take_in(m, k, &in);
    for (size_t s = 0; s < sums; s++)
        out[s] = identity;
    for (size_t w = m->windows; w-- > 0;) {
        for (int i = 0; i < m->window; i++)
            engine->add(out, out, out, sums);
        add_buckets(m, 0, sort_window(m, w), 0, lists);
        engine->add(out, out, m->weighted, sums);
    }
    msm_free(m);
    return 0;
}

int msm_many_vartime(const struct engine *engine, struct point *out, const struct scalar *k, const struct point *in,
                     size_t sums, size_t n, struct err *err)
{
    if (n == 0 || n > POINTS_MAX / SUMS_MAX)
        return err_set(err, ERR_INTERNAL, "sums of %zu products", n);
    int rc = 0;
    for (size_t done = 0, len; rc == 0 && done < sums; done += len) {
        len = sums - done < SUMS_MAX ? sums - done : SUMS_MAX;
        rc = add_up_many(engine, out + done, k + done * n, in + done * n, len, n, err);
    }
    return rc;
}
