#include "client/identity/name.h"

#include <stdlib.h>

int normaliser_new(struct normaliser **out, struct err *err)
{
    struct normaliser *n = calloc(1, sizeof *n);
    if (n == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for normalising");
    int rc = rules_new(&n->rules, err);
    if (rc == 0)
        rc = latin_new(&n->latin, n->rules, err);
    if (rc == 0)
        *out = n;
    else
        normaliser_free(n);
    return rc;
}

void normaliser_free(struct normaliser *normaliser)
{
    if (normaliser == NULL)
        return;
    latin_free(normaliser->latin);
    rules_free(normaliser->rules);
    free(normaliser);
}
