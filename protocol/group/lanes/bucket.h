/* The work of multi-scalar multiplication (msm.c) that an engine does in lanes. VARIABLE TIME: public data only. */
#ifndef PROTOCOL_GROUP_BUCKET_H
#define PROTOCOL_GROUP_BUCKET_H

/* Each lane sums up a bucket of its own, the longest beside each other, so that few lanes wait. */
static void bucket_sums_lanes(struct point *out, const struct buckets *b, size_t first)
{
    static const struct niels identity = {{1, [5] = 1}};
    const struct bucket_term *term[LANES];
    struct point sum[LANES];
    uint32_t length[LANES], longest = 0;
    size_t lanes = b->count - first < LANES ? b->count - first : LANES;
    for (size_t l = 0; l < LANES; l++) {
        const uint32_t bucket = l < lanes ? b->order[first + l] : 0;
        term[l] = b->term + b->start[bucket];
        length[l] = l < lanes ? b->start[bucket + 1] - b->start[bucket] : 0;
        longest = length[l] > longest ? length[l] : longest;
    }
    extended q = point_identity();
    for (uint32_t i = 0; i < longest; i++) {
        const uint64_t *row[LANES];
        unsigned negative = 0;
        for (size_t l = 0; l < LANES; l++) {
            const uint32_t code = i < length[l] ? term[l][i].code : 0;
            row[l] = i < length[l] ? b->points[code >> 1].limb : identity.limb;
            negative |= (code & 1) << l;
        }
        fe c[3];
        fe_load(c, row, 3);
        const affine addend = {c[0], c[1], c[2]};
        const completed next = point_add_affine(&q, &addend, mask_from_bits(negative));
        q = completed_extend(&next);
    }
    point_store(sum, &q);
    for (size_t l = 0; l < lanes; l++)
        out[b->order[first + l]] = sum[l];
}

/* Running sums from the end of LANES lists, each `length` points long and all one after the other. */
static void running_sums_lanes(struct point *sum, struct point *weighted, const struct point *list, size_t length)
{
    extended s = point_identity(), r = s;
    for (size_t j = length; j-- > 0;) {
        const uint64_t *row[LANES];
        for (size_t l = 0; l < LANES; l++)
            row[l] = (const uint64_t *)&list[l * length + j];
        fe c[4];
        fe_load(c, row, 4);
        const extended p = {c[0], c[1], c[2], c[3]};
        const cached addend = point_cache(&p);
        completed next = point_add_cached(&s, &addend, mask_all(0));
        s = completed_extend(&next);
        const cached so_far = point_cache(&s);
        next = point_add_cached(&r, &so_far, mask_all(0));
        r = completed_extend(&next);
    }
    point_store(sum, &s);
    point_store(weighted, &r);
}

#endif
