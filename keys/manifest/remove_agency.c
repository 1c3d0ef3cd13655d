#include "keys/manifest/draft.h"
#include "keys/verbs.h"
#include "protocol/base/settings.h"

#include <string.h>

static struct setting_list agency;

static const struct setting settings[] = {
    {"agency", NULL, NULL, SETTING_LIST, &agency, "NAME", "the agency that leaves; repeat"},
};
static const struct usage usage = {
    "concord-keys manifest remove-agency",
    "MANIFEST",
    "Removes agencies, with all grants from and to them. Once the next version is in force, nobody serves them any more and\n"
    "their partners are told to forget what they had of them.",
    NULL,
    settings,
    1};

/* Its own limits go with it. */
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
    r->agency_count--;
    memmove(&r->agencies[at], &r->agencies[at + 1], (r->agency_count - (size_t)at) * sizeof *r->agencies);
    return 0;
}

static int remove_all(struct region *r, void *context, struct err *err)
{
    (void)context;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < agency.count; i++)
        rc = remove_one(r, agency.item[i], err);
    return rc;
}

int manifest_remove_agency_main(int argc, char **argv)
{
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && (operands != 1 || agency.count == 0))
        rc = err_set(&err, ERR_USAGE, "remove-agency needs --agency NAME and the manifest; see --help");
    if (rc == 0)
        rc = draft_change(argv[0], remove_all, NULL, &err);
    setting_list_free(&agency);
    return verb_end("concord-keys", rc, &err);
}
