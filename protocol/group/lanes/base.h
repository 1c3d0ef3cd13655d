/* Tables of bases, inside the group layer. Bases are public. */
#ifndef PROTOCOL_GROUP_BASE_H
#define PROTOCOL_GROUP_BASE_H

#include "protocol/group/engine.h"

/* The table of p, made with any engine and of use to all; NULL when out of memory. Freed with group_base_free(). */
struct group_base *base_new(const struct engine *engine, const struct point *p, struct err *err);

const struct base_window *base_table(const struct group_base *base);

#endif
