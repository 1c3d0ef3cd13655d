#include "client/task/withdraw.h"

#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

static int look(struct agency *a, const struct agency_purpose *p, const char *id, bool removes, uint64_t *found,
                struct err *err)
{
    static const uint8_t none[32];
    struct vault_ref record;
    bool same;
    int rc = vault_record_find(a->vault, p->domain, id, none, &record, &same, err);
    *found += rc == 0;
    if (rc == 0 && removes)
        rc = vault_record_remove(a->vault, p->domain, &record, err);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* An epoch that is over is told nothing of it. */
static int look_everywhere(struct agency *a, const char *id, bool removes, uint64_t *found, struct err *err)
{
    int rc = 0;
    *found = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = look(a, &a->purpose[i], id, removes, found, err);
    for (size_t i = 0; rc == 0 && i < a->endings; i++)
        rc = look(a, &a->ending[i], id, removes, found, err);
    for (size_t i = 0; rc == 0 && i < a->pasts; i++)
        rc = look(a, &a->past[i], id, removes, found, err);
    return rc;
}

int withdraw_find(struct agency *agency, const char *id, uint64_t *found, struct err *err)
{
    return look_everywhere(agency, id, false, found, err);
}

int withdraw_record(struct agency *agency, const char *id, struct err *err)
{
    uint64_t found;
    int rc = look_everywhere(agency, id, true, &found, err);
    if (rc == 0 && found == 0)
        return err_set(err, ERR_NOT_FOUND, N_("no record of this id is enrolled"));
    return rc == 0 ? vault_withhold(agency->vault, id, clock_now(), err) : rc;
}
