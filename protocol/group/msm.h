/* Multi-scalar multiplication, inside the group layer. */
#ifndef PROTOCOL_GROUP_MSM_H
#define PROTOCOL_GROUP_MSM_H

#include "protocol/group/engine.h"

/* group_msm_sets_vartime() on a given engine. */
int msm_vartime(const struct engine *engine, struct point *out, const struct scalar *k, const struct point *const *in,
                size_t sets, size_t n, struct err *err);

/* group_msm_many_vartime() on a given engine. */
int msm_many_vartime(const struct engine *engine, struct point *out, const struct scalar *k, const struct point *in,
                     size_t sums, size_t n, struct err *err);

#endif
