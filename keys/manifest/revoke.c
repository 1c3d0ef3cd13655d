#include "keys/manifest/draft.h"
#include "keys/verbs.h"
#include "protocol/base/text.h"

#include <stdio.h>
#include <string.h>

struct options {
    struct setting_list from, to, purpose;
};

/* An empty list means all. */
static bool concerns(const struct setting_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->item[i], name) == 0)
            return true;
    return list->count == 0;
}

static int revoke(struct region *r, const void *context, struct err *err)
{
    const struct options *o = context;
    size_t kept = 0, before = r->grant_count;
    for (size_t i = 0; i < before; i++) {
        const struct region_grant *g = &r->grants[i];
        if (!concerns(&o->from, r->agencies[g->from].name) || !concerns(&o->to, r->agencies[g->to].name) ||
            !concerns(&o->purpose, r->purposes[g->purpose].name))
            r->grants[kept++] = *g;
    }
    r->grant_count = kept;
    if (kept == before)
        return err_set(err, ERR_NOT_FOUND, "the manifest has no such grant");
    printf("%s, %zu remain\n", TEXT_COUNT(before - kept, "grant revoked", "grants revoked"), kept);
    return 0;
}

static int run(struct call *call, struct err *err)
{
    return draft_change(call->operand[0], revoke, call->options, err);
}

static const struct setting settings[] = {
    {"from", NULL, NULL, SETTING_LIST, offsetof(struct options, from), "AGENCY", "whose grants end; repeat",
     .required = true},
    {"to", NULL, NULL, SETTING_LIST, offsetof(struct options, to), "AGENCY", "only grants to this agency; repeat"},
    {"purpose", NULL, NULL, SETTING_LIST, offsetof(struct options, purpose), "NAME", "only for this purpose; repeat"},
};

const struct verb manifest_revoke_verb = {
    .name = "revoke",
    .brief = "take an agency's grants back",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary =
        "Takes grants out of the manifest. Once the next version is in force, the matcher tells both agencies of each pair to\n"
        "forget what they had of each other.",
    .more = "  concord-keys manifest revoke --from THA --to MMR --purpose persons region.json",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .run = run,
};
