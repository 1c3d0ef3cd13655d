#include "keys/manifest/draft.h"
#include "keys/verbs.h"

#include <stdlib.h>

static int add_agency(struct region *r, const struct party *agency, struct err *err)
{
    if (r->agency_count == REGION_AGENCIES_MAX)
        return err_set(err, ERR_INPUT, "a region has at most %d agencies", REGION_AGENCIES_MAX);
    if (region_find_agency(r, agency->name) >= 0)
        return err_set(err, ERR_CONFLICT, "%s is an agency of the region already", agency->name);
    struct party *more = realloc(r->agencies, (r->agency_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory");
    more[r->agency_count++] = *agency;
    r->agencies = more;
    return 0;
}

struct options {
    struct setting_list agency;
};

static int add_all(struct region *r, const void *context, struct err *err)
{
    const struct options *o = context;
    struct party party;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < o->agency.count; i++) {
        rc = party_load(&party, o->agency.item[i], err);
        if (rc == 0)
            rc = add_agency(r, &party, err);
    }
    return rc;
}

static int run(struct call *call, struct err *err)
{
    return draft_change(call->operand[0], add_all, call->options, err);
}

static const struct setting settings[] = {
    {"agency", NULL, NULL, SETTING_LIST, offsetof(struct options, agency), "FILE.pub",
     "an agency's public identity; repeat", .required = true},
};

const struct verb manifest_add_agency_verb = {
    .name = "add-agency",
    .brief = "add an agency's public identity",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary = "Adds agencies. Changing a signed manifest begins its next version.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .run = run,
};
