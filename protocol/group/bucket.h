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
            const bool on = i < length[l];
            row[l] = on ? b->points[term[l][i].point].limb : identity.limb;
            negative |= (unsigned)(on && term[l][i].negative) << l;
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

#endif
