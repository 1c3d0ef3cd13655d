#include "protocol/oprf/oprf_internal.h"

#include <string.h>

int oprf_decode(struct point *out, const struct element *in, size_t n, const char *what, struct err *err)
{
    /* The identity is the one element that encodes as zeroes. What comes from outside is public. */
    static const struct element identity;
    for (size_t i = 0; i < n; i++)
        if (memcmp(in[i].bytes, identity.bytes, sizeof identity.bytes) == 0)
            return err_set(err, ERR_INPUT, "%s %zu of %zu is the identity", what, i, n);
    int rc = group_decode(out, in, n, NULL, err);
    return rc == 0 ? 0 : err_wrap(err, "%s", what);
}
