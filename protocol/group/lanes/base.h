/* Tables of bases, inside the group layer. Bases are public. */
#ifndef PROTOCOL_GROUP_BASE_H
#define PROTOCOL_GROUP_BASE_H

#include "protocol/group/engine.h"

/* The table of p, made with any engine and of use to all; NULL when out of memory. Freed with group_base_free(). */
struct group_base *base_new(const struct engine *engine, const struct point *p, struct err *err);

const struct base_window *base_table(const struct group_base *base);

/* group_bases_new() and group_bases_mul() on a given engine. */
struct group_bases *bases_new(const struct engine *engine, const struct point *base, size_t n, struct err *err);
void bases_mul(const struct engine *engine, struct point *out, const struct group_bases *bases, const struct scalar *k,
               size_t bits, size_t n);

#endif
