#include "keys/manifest/draft.h"
#include "keys/manifest/transcript.h"
#include "keys/verbs.h"

#include <stdio.h>
#include <string.h>

struct options {
    char transcript[SETTINGS_TEXT_MAX];
    struct setting_list custodian_url, purpose;
};

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
static int take_custodians(struct region *r, struct transcript *t, const struct setting_list *urls, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !same_custodians(r, t) && i < r->purpose_count; i++)
        if (!covers(t, r->purposes[i].name))
            return err_set(err, ERR_INPUT, "the custodians changed, but the ceremony has no key for %s",
                           r->purposes[i].name);
    for (size_t i = 0; rc == 0 && i < t->custodian_count; i++) {
        struct region_custodian *c = &t->custodian[i];
        const char *url = transcript_option(urls, c->party.name);
        int known = region_find_custodian(r, c->party.name);
        rc = transcript_set_url(c, url == NULL && known >= 0 ? r->custodians[known].url : url, err);
    }
    r->threshold = t->threshold;
    r->custodian_count = t->custodian_count;
    memcpy(r->custodians, t->custodian, sizeof r->custodians);
    return rc;
}

static int take_purpose(struct region *r, struct region_purpose *p, const char *option, struct err *err)
{
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

static int rekey(struct region *r, const void *context, struct err *err)
{
    const struct options *o = context;
    static struct transcript t;
    int rc = transcript_load(&t, o->transcript, err);
    if (rc == 0)
        rc = take_custodians(r, &t, &o->custodian_url, err);
    for (size_t i = 0; rc == 0 && i < t.purpose_count; i++)
        rc = take_purpose(r, &t.purpose[i], transcript_option(&o->purpose, t.purpose[i].name), err);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    return draft_change(call->operand[0], rekey, call->options, err);
}

static const struct setting settings[] = {
    {"transcript", NULL, NULL, SETTING_PATH, offsetof(struct options, transcript), "FILE",
     "the new ceremony's transcript", .required = true},
    {"custodian-url", NULL, NULL, SETTING_LIST, offsetof(struct options, custodian_url), "NAME=URL",
     "where a new custodian listens; repeat"},
    {"purpose", NULL, NULL, SETTING_LIST, offsetof(struct options, purpose),
     "NAME=SCHEMA.json[,retention=30d][,budget=N]", "a purpose that is new, or changes; repeat"},
};

const struct verb manifest_rekey_verb = {
    .name = "rekey",
    .brief = "put the keys of a new ceremony in force",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary =
        "Puts the keys of a new ceremony in force: new epochs of purposes, new purposes, and, where the ceremony covers every\n"
        "purpose, new custodians. Agencies then enrol anew; tags of the old epoch expire.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .run = run,
};
