#include "keys/manifest/draft.h"
#include "keys/verbs.h"

#include <string.h>

struct options {
    struct setting_list agency;
};

/* Its own limits go with it, what it says of its registers, and who answers for it. */
static void remove_registers(struct region *r, int at)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->register_count; i++) {
        struct region_register g = r->registers[i];
        if (g.agency == at)
            continue;
        g.agency = (uint16_t)(g.agency - (g.agency > at));
        r->registers[kept++] = g;
    }
    r->register_count = kept;
}

static void remove_duties(struct region *r, int at)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->duty_count; i++) {
        struct region_duty d = r->duties[i];
        if (d.agency == at)
            continue;
        d.agency = (uint16_t)(d.agency - (d.agency > at));
        r->duties[kept++] = d;
    }
    r->duty_count = kept;
}

static void remove_limits(struct region *r, int at)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->override_count; i++) {
        struct region_override o = r->overrides[i];
        if (o.agency == at)
            continue;
        o.agency = (uint16_t)(o.agency - (o.agency > at));
        r->overrides[kept++] = o;
    }
    r->override_count = kept;
}

static int remove_one(struct region *r, const char *name, struct err *err)
{
    int at = region_find_agency(r, name);
    size_t kept = 0;
    if (at < 0)
        return err_set(err, ERR_NOT_FOUND, "the manifest has no agency %s", name);
    for (size_t i = 0; i < r->grant_count; i++) {
        struct region_grant g = r->grants[i];
        if (g.from == at || g.to == at)
            continue;
        g.from = (uint16_t)(g.from - (g.from > at));
        g.to = (uint16_t)(g.to - (g.to > at));
        r->grants[kept++] = g;
    }
    r->grant_count = kept;
    remove_limits(r, at);
    remove_registers(r, at);
    remove_duties(r, at);
    r->agency_count--;
    memmove(&r->agencies[at], &r->agencies[at + 1], (r->agency_count - (size_t)at) * sizeof *r->agencies);
    return 0;
}

static int remove_all(struct region *r, const void *context, struct err *err)
{
    const struct options *o = context;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < o->agency.count; i++)
        rc = remove_one(r, o->agency.item[i], err);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    return draft_change(call->operand[0], remove_all, call->options, err);
}

static const struct setting settings[] = {
    {"agency", NULL, NULL, SETTING_LIST, offsetof(struct options, agency), "NAME", "the agency that leaves; repeat",
     .required = true},
};

const struct verb manifest_remove_agency_verb = {
    .name = "remove-agency",
    .brief = "remove an agency and its grants",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary =
        "Removes agencies, with all grants from and to them. Once the next version is in force, nobody serves them any more and\n"
        "their partners are told to forget what they had of them.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .run = run,
};
