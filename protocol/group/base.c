/* Tables of bases known beforehand; see struct base_window. */
#include "protocol/group/lanes/base.h"

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
static void put_entries(struct base_window *window, int j, const struct niels *entry)
{
    for (int w = 0; w < BASE_WINDOWS; w++)
        for (int l = 0; l < 15; l++)
            window[w].limb[l][j] = entry[w].limb[l];
}

struct group_base *base_new(const struct engine *engine, const struct point *p, struct err *err)
{
    struct point first[BASE_WINDOWS], multiple[BASE_WINDOWS];
    struct niels entry[BASE_WINDOWS];
    struct group_base *b = aligned_alloc(_Alignof(struct group_base), sizeof *b);
    if (b == NULL) {
        err_set(err, ERR_NO_MEMORY, "no memory for the table of a base");
        return NULL;
    }
    first_multiples(engine, first, p);
    memcpy(multiple, first, sizeof multiple);
    for (int j = 0; j < BASE_ENTRIES; j++) {
        engine->affine(entry, multiple, BASE_WINDOWS);
        put_entries(b->window, j, entry);
        engine->add(multiple, multiple, first, BASE_WINDOWS);
    }
    return b;
}

void group_base_free(struct group_base *base)
{
    free(base);
}
