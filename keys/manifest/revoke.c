#include "keys/manifest/draft.h"
#include "keys/verbs.h"
#include "protocol/base/settings.h"

#include <stdio.h>
#include <string.h>

static struct setting_list from, to, purpose;

static const struct setting settings[] = {
    {"from", NULL, NULL, SETTING_LIST, &from, "AGENCY", "whose grants end; repeat"},
    {"to", NULL, NULL, SETTING_LIST, &to, "AGENCY", "only grants to this agency; repeat"},
    {"purpose", NULL, NULL, SETTING_LIST, &purpose, "NAME", "only for this purpose; repeat"},
};
static const struct usage usage = {
    "concord-keys manifest revoke",
    "MANIFEST",
    "Takes grants out of the manifest. Once the next version is in force, the matcher tells both agencies of each pair to\n"
    "forget what they had of each other.",
    "  concord-keys manifest revoke --from THA --to MMR --purpose persons region.json",
    settings,
    3};

/* An empty list means all. */
static bool concerns(const struct setting_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->item[i], name) == 0)
            return true;
    return list->count == 0;
}

static int revoke(struct region *r, void *context, struct err *err)
{
    (void)context;
    size_t kept = 0, before = r->grant_count;
    for (size_t i = 0; i < before; i++) {
        const struct region_grant *g = &r->grants[i];
        if (!concerns(&from, r->agencies[g->from].name) || !concerns(&to, r->agencies[g->to].name) ||
            !concerns(&purpose, r->purposes[g->purpose].name))
            r->grants[kept++] = *g;
    }
    r->grant_count = kept;
    if (kept == before)
        return err_set(err, ERR_NOT_FOUND, "the manifest has no such grant");
    printf("%zu grants revoked, %zu remain\n", before - kept, kept);
    return 0;
}

int manifest_revoke_main(int argc, char **argv)
{
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && (operands != 1 || from.count == 0))
        rc = err_set(&err, ERR_USAGE, "revoke needs --from AGENCY and the manifest; see --help");
    if (rc == 0)
        rc = draft_change(argv[0], revoke, NULL, &err);
    setting_list_free(&from);
    setting_list_free(&to);
    setting_list_free(&purpose);
    return verb_end("concord-keys", rc, &err);
}
