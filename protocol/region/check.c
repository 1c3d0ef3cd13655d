/* What must hold of a manifest beyond its form: else two programs would understand it differently. */
#include "protocol/region/check.h"

#include "protocol/region/duty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTIES_MAX (REGION_COORDINATORS_MAX + REGION_CUSTODIANS_MAX + REGION_AGENCIES_MAX + 1)

static size_t all_parties(const struct region *r, const struct party *out[PARTIES_MAX])
{
    size_t count = 0;
    out[count++] = &r->matcher;
    for (size_t i = 0; i < r->coordinator_count; i++)
        out[count++] = &r->coordinators[i];
    for (size_t i = 0; i < r->custodian_count; i++)
        out[count++] = &r->custodians[i].party;
    for (size_t i = 0; i < r->agency_count; i++)
        out[count++] = &r->agencies[i];
    return count;
}

/* A name names files, log origins and keys; a key says who speaks, signs, writes a log. */
static int check_pair(const struct party *a, const struct party *b, struct err *err)
{
    const char *same = memcmp(a->channel, b->channel, PARTY_KEY_SIZE) == 0   ? "channel"
                       : memcmp(a->sign, b->sign, PARTY_KEY_SIZE) == 0       ? "sign"
                       : memcmp(a->log, b->log, PARTY_KEY_SIZE) == 0         ? "log"
                       : memcmp(a->witness, b->witness, PARTY_KEY_SIZE) == 0 ? "witness"
                                                                             : NULL;
    if (strcmp(a->name, b->name) == 0)
        return err_set(err, ERR_INPUT, "manifest: two parties are called %s", a->name);
    return same == NULL ? 0
                        : err_set(err, ERR_INPUT, "manifest: %s and %s have the same %s key", a->name, b->name, same);
}

static int check_parties(const struct region *r, struct err *err)
{
    const struct party *party[PARTIES_MAX];
    size_t count = all_parties(r, party);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        for (size_t j = 0; rc == 0 && j < i; j++)
            rc = check_pair(party[j], party[i], err);
    return rc;
}

/* sum of lambda_i * K_i over the coalition is the key. */
static bool makes_key(const struct coalition *coalition, const struct point *shares, const struct point *key)
{
    struct scalar lambda[OPRF_COALITION_MAX];
    struct point members[OPRF_COALITION_MAX], sum;
    for (size_t i = 0; i < coalition->count; i++) {
        if (threshold_lagrange(&lambda[i], coalition, coalition->index[i], ERR_IGNORED) != 0)
            return false;
        members[i] = shares[coalition->index[i] - 1];
    }
    return group_msm_vartime(&sum, lambda, members, coalition->count, ERR_IGNORED) == 0 && group_equal(&sum, key);
}

/*
 * Shares of one key: with the first t - 1 custodians each of the others makes the same key. So every coalition comes to
 * the same tags.
 */
static int check_shares(const struct region *r, const struct region_epoch *e, const char *where, struct err *err)
{
    struct point key, shares[REGION_CUSTODIANS_MAX];
    struct coalition coalition = {.count = r->threshold};
    if (group_decode(&key, &e->key, 1, NULL, ERR_IGNORED) != 0 || group_is_identity(&key))
        return err_set(err, ERR_INPUT, "manifest: %s.key: not a public key", where);
    if (group_decode(shares, e->share, r->custodian_count, NULL, ERR_IGNORED) != 0)
        return err_set(err, ERR_INPUT, "manifest: %s.shares: not public shares", where);
    for (size_t i = 0; i < r->threshold; i++)
        coalition.index[i] = (uint8_t)(i + 1);
    for (size_t last = r->threshold; last <= r->custodian_count; last++) {
        coalition.index[r->threshold - 1] = (uint8_t)last;
        if (!makes_key(&coalition, shares, &key))
            return err_set(err, ERR_INPUT, "manifest: %s: the custodians' public shares are not shares of its key",
                           where);
    }
    return 0;
}

static int check_epochs(const struct region *r, size_t purpose, struct err *err)
{
    const struct region_purpose *p = &r->purposes[purpose];
    char where[64];
    int rc = p->epoch_count > 0 ? 0 : err_set(err, ERR_INPUT, "manifest: purposes[%zu].epochs: one is needed", purpose);
    for (size_t i = 0; rc == 0 && i < p->epoch_count; i++) {
        const struct region_epoch *e = &p->epochs[i];
        snprintf(where, sizeof where, "purposes[%zu].epochs[%zu]", purpose, i);
        if (i > 0 && e->epoch <= p->epochs[i - 1].epoch)
            rc = err_set(err, ERR_INPUT, "manifest: %s.epoch: epochs must ascend", where);
        else if ((e->until == 0) != (i + 1 == p->epoch_count))
            rc = err_set(err, ERR_INPUT, "manifest: %s.until: 0 in the last epoch, a date in the one before", where);
        else if (e->generation == 0)
            rc = err_set(err, ERR_INPUT, "manifest: %s.generation must be 1 or more", where);
        else if (e->slots == 0 || e->slots > REGION_SLOTS_MAX)
            rc = err_set(err, ERR_INPUT, "manifest: %s.slots must be 1 to %d", where, REGION_SLOTS_MAX);
        else
            rc = check_shares(r, e, where, err);
    }
    return rc;
}

/* Exact sizes of first loads would tell every member how large each register is. */
static int check_load(const struct region_limits *limits, const char *array, size_t i, struct err *err)
{
    if ((limits->load & (limits->load - 1)) == 0)
        return 0;
    return err_set(err, ERR_INPUT, "manifest: %s[%zu]: the limit load must be 0 or a power of two", array, i);
}

static int check_purposes(const struct region *r, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++) {
        if (region_find_purpose(r, r->purposes[i].name) != (int)i)
            rc = err_set(err, ERR_INPUT, "manifest: two purposes are called %s", r->purposes[i].name);
        if (rc == 0)
            rc = check_load(&r->purposes[i].limits, "purposes", i, err);
        if (rc == 0)
            rc = check_epochs(r, i, err);
    }
    return rc;
}

static int check_overrides(const struct region *r, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->override_count; i++) {
        const struct region_override *o = &r->overrides[i];
        if (region_limits(r, o->agency, o->purpose) != &o->limits)
            rc = err_set(err, ERR_INPUT, "manifest: limits[%zu]: those of %s for %s stand twice", i,
                         r->agencies[o->agency].name, r->purposes[o->purpose].name);
        else
            rc = check_load(&o->limits, "limits", i, err);
    }
    return rc;
}

static int check_registers(const struct region *r, struct err *err)
{
    for (size_t i = 0; i < r->register_count; i++) {
        const struct region_register *g = &r->registers[i];
        if (strlen(g->issuer) != REGION_ISSUER_SIZE - 1 || strspn(g->issuer, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
            return err_set(err, ERR_INPUT, "manifest: registers[%zu].issuer: three capital letters are needed", i);
        if (r->purposes[g->purpose].kind != REGION_ISSUED)
            return err_set(err, ERR_INPUT, "manifest: registers[%zu]: %s is of no kind issued", i,
                           r->purposes[g->purpose].name);
        if (region_find_register(r, g->purpose, g->issuer) != g)
            return err_set(err, ERR_INPUT, "manifest: registers[%zu]: that of %s for %s stands twice", i, g->issuer,
                           r->purposes[g->purpose].name);
    }
    return 0;
}

static int check_duties(const struct region *r, struct err *err)
{
    struct duty_hours hours;
    struct err why = {0};
    for (size_t i = 0; i < r->duty_count; i++) {
        const struct region_duty *d = &r->duties[i];
        if (!duty_contact_is_fine(d->contact))
            return err_set(err, ERR_INPUT, "manifest: duties[%zu].contact: 1 to %d printable characters are needed", i,
                           REGION_CONTACT_MAX);
        if (duty_hours_parse(&hours, d->hours, &why) != 0)
            return err_set(err, ERR_INPUT, "manifest: duties[%zu].%s", i, why.text);
        if (region_find_duty(r, d->agency, d->purpose) != d)
            return err_set(err, ERR_INPUT, "manifest: duties[%zu]: that of %s for %s stands twice", i,
                           r->agencies[d->agency].name, r->purposes[d->purpose].name);
    }
    return 0;
}

static int check_grants(const struct region *r, struct err *err)
{
    uint8_t *seen = calloc(r->agency_count * r->agency_count * r->purpose_count + 1, 1);
    int rc = seen == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the manifest") : 0;
    for (size_t i = 0; rc == 0 && i < r->grant_count; i++) {
        const struct region_grant *g = &r->grants[i];
        size_t at = ((size_t)g->purpose * r->agency_count + g->from) * r->agency_count + g->to;
        if (seen[at] != 0)
            rc = err_set(err, ERR_INPUT, "manifest: grants[%zu]: the grant from %s to %s for %s stands twice", i,
                         r->agencies[g->from].name, r->agencies[g->to].name, r->purposes[g->purpose].name);
        seen[at] = 1;
    }
    free(seen);
    return rc;
}

int region_check(const struct region *region, struct err *err)
{
    int rc = 0;
    if (region->version == 0)
        rc = err_set(err, ERR_INPUT, "manifest: version must be 1 or more");
    else if (region->history_count != region->version - 1)
        rc = err_set(err, ERR_INPUT, "manifest: history must have the digests of all versions before this one");
    else if (region->quorum == 0 || region->quorum > region->coordinator_count)
        rc = err_set(err, ERR_INPUT, "manifest: quorum must be 1 to the number of coordinators");
    else if (region->threshold == 0 || region->threshold > region->custodian_count)
        rc = err_set(err, ERR_INPUT, "manifest: threshold must be 1 to the number of custodians");
    else if (region->witnesses > region->custodian_count)
        rc = err_set(err, ERR_INPUT, "manifest: witnesses must be at most the number of custodians");
    if (rc == 0)
        rc = check_parties(region, err);
    if (rc == 0)
        rc = check_purposes(region, err);
    if (rc == 0)
        rc = check_overrides(region, err);
    if (rc == 0)
        rc = check_registers(region, err);
    if (rc == 0)
        rc = check_duties(region, err);
    if (rc == 0)
        rc = check_grants(region, err);
    return rc;
}
