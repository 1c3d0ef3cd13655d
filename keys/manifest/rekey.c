#include "keys/manifest/draft.h"
#include "keys/manifest/transcript.h"
#include "keys/verbs.h"

#include <stdio.h>
#include <string.h>

static char transcript[SETTINGS_TEXT_MAX];
static struct setting_list custodian_url, purpose;

static const struct setting settings[] = {
    {"transcript", NULL, NULL, SETTING_PATH, transcript, "FILE", "the new ceremony's transcript"},
    {"custodian-url", NULL, NULL, SETTING_LIST, &custodian_url, "NAME=URL", "where a new custodian listens; repeat"},
    {"purpose", NULL, NULL, SETTING_LIST, &purpose, "NAME=SCHEMA.json[,retention=30d][,budget=N]",
     "a purpose that is new, or changes; repeat"},
};
static const struct usage usage = {
    "concord-keys manifest rekey",
    "MANIFEST",
    "Puts the keys of a new ceremony in force: new epochs of purposes, new purposes, and, where the ceremony covers every\n"
    "purpose, new custodians. Agencies then enrol anew; tags of the old epoch expire.",
    NULL,
    settings,
    3};

static bool same_custodians(const struct region *r, const struct transcript *t)
{
    if (r->custodian_count != t->custodian_count || r->threshold != t->threshold)
        return false;
    for (size_t i = 0; i < r->custodian_count; i++)
        if (memcmp(&r->custodians[i].party, &t->custodian[i].party, sizeof t->custodian[i].party) != 0)
            return false;
    return true;
}

static bool covers(const struct transcript *t, const char *name)
{
    for (size_t i = 0; i < t->purpose_count; i++)
        if (strcmp(t->purpose[i].name, name) == 0)
            return true;
    return false;
}

/* Other custodians hold no shares of the old keys: their ceremony must have made new ones for all. */
static int take_custodians(struct region *r, struct transcript *t, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !same_custodians(r, t) && i < r->purpose_count; i++)
        if (!covers(t, r->purposes[i].name))
            return err_set(err, ERR_INPUT, "the custodians changed, but the ceremony has no key for %s",
                           r->purposes[i].name);
    for (size_t i = 0; rc == 0 && i < t->custodian_count; i++) {
        struct region_custodian *c = &t->custodian[i];
        const char *url = transcript_option(&custodian_url, c->party.name);
        int known = region_find_custodian(r, c->party.name);
        rc = transcript_set_url(c, url == NULL && known >= 0 ? r->custodians[known].url : url, err);
    }
    r->threshold = t->threshold;
    r->custodian_count = t->custodian_count;
    memcpy(r->custodians, t->custodian, sizeof r->custodians);
    return rc;
}

static int take_purpose(struct region *r, struct region_purpose *p, struct err *err)
{
    const char *option = transcript_option(&purpose, p->name);
    int at = region_find_purpose(r, p->name), rc = 0;
    if (at < 0 && r->purpose_count == REGION_PURPOSES_MAX)
        return err_set(err, ERR_INPUT, "a region has at most %d purposes", REGION_PURPOSES_MAX);
    if (at >= 0 && p->epoch <= r->purposes[at].epoch)
        return err_set(err, ERR_CONFLICT, "epoch %u of %s is not newer than epoch %u in force", (unsigned)p->epoch,
                       p->name, (unsigned)r->purposes[at].epoch);
    if (at >= 0 && option == NULL) {
        memcpy(p->schema, r->purposes[at].schema, sizeof p->schema);
        p->retention = r->purposes[at].retention;
        p->budget = r->purposes[at].budget;
    } else {
        rc = transcript_set_purpose(p, option, err);
    }
    if (rc == 0)
        r->purposes[at >= 0 ? (size_t)at : r->purpose_count++] = *p;
    return rc;
}

static int rekey(struct region *r, void *context, struct err *err)
{
    (void)context;
    static struct transcript t;
    int rc = transcript_load(&t, transcript, err);
    if (rc == 0)
        rc = take_custodians(r, &t, err);
    for (size_t i = 0; rc == 0 && i < t.purpose_count; i++)
        rc = take_purpose(r, &t.purpose[i], err);
    return rc;
}

int manifest_rekey_main(int argc, char **argv)
{
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && (operands != 1 || transcript[0] == '\0'))
        rc = err_set(&err, ERR_USAGE, "rekey needs --transcript FILE and the manifest; see --help");
    if (rc == 0)
        rc = draft_change(argv[0], rekey, NULL, &err);
    setting_list_free(&custodian_url);
    setting_list_free(&purpose);
    return verb_end("concord-keys", rc, &err);
}
