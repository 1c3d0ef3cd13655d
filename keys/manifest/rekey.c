#include "keys/manifest/draft.h"
#include "keys/manifest/transcript.h"
#include "keys/verbs.h"
#include "protocol/base/clock.h"

#include <stdio.h>
#include <string.h>

struct options {
    char transcript[SETTINGS_TEXT_MAX], until[SETTINGS_TEXT_MAX], normaliser[SETTINGS_TEXT_MAX];
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

/* What the command line says of all purposes. */
struct terms {
    uint64_t until;         /* of the old epochs; 0: they end at once */
    const char *normaliser; /* "": as the old epoch's */
};

/* Other custodians hold no shares of the old keys: their ceremony must have made new ones for all. */
static int take_custodians(struct region *r, struct transcript *t, const struct setting_list *urls,
                           const struct terms *terms, struct err *err)
{
    int rc = 0;
    if (!same_custodians(r, t) && terms->until != 0)
        return err_set(err, ERR_INPUT, "the custodians changed and hold no shares of the old keys: leave out --until");
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

/*
 * A purpose that the manifest has stays what it is, but for what an option says anew; its last epoch may go on beside.
 */
static int succeed(struct region_purpose *p, const struct region_purpose *old, const char *option, uint64_t until,
                   struct err *err)
{
    struct region_epoch fresh = p->epochs[0], last = *region_current(old);
    int rc = 0;
    if (fresh.epoch <= last.epoch)
        return err_set(err, ERR_CONFLICT, "epoch %u of %s is not newer than epoch %u in force", (unsigned)fresh.epoch,
                       p->name, (unsigned)last.epoch);
    if (option == NULL) {
        *p = *old;
        memcpy(fresh.schema, last.schema, sizeof fresh.schema);
        fresh.slots = last.slots;
    } else {
        rc = transcript_set_purpose(p, option, err);
        fresh = p->epochs[0];
    }
    memcpy(fresh.normaliser, last.normaliser, sizeof fresh.normaliser);
    last.until = until;
    p->epochs[0] = last;
    p->epochs[until != 0] = fresh;
    p->epoch_count = until != 0 ? 2 : 1;
    return rc;
}

static int take_purpose(struct region *r, struct region_purpose *p, const char *option, const struct terms *terms,
                        struct err *err)
{
    int at = region_find_purpose(r, p->name), rc;
    if (at < 0 && r->purpose_count == REGION_PURPOSES_MAX)
        return err_set(err, ERR_INPUT, "a region has at most %d purposes", REGION_PURPOSES_MAX);
    if (at < 0 && terms->normaliser[0] == '\0')
        return err_set(err, ERR_USAGE, "%s is a new purpose: give --normaliser", p->name);
    if (at >= 0)
        rc = succeed(p, &r->purposes[at], option, terms->until, err);
    else
        rc = transcript_set_purpose(p, option, err);
    if (rc == 0 && terms->normaliser[0] != '\0' &&
        !bytes_from_hex(p->epochs[p->epoch_count - 1].normaliser, REGION_DIGEST_SIZE, terms->normaliser))
        rc =
            err_set(err, ERR_USAGE,
                    "--normaliser: \"%.80s\" is not 64 hexadecimal digits: give what concord-client fingerprint prints",
                    terms->normaliser);
    if (rc == 0)
        r->purposes[at >= 0 ? (size_t)at : r->purpose_count++] = *p;
    return rc;
}

static void tell_end(const struct region *r, const struct transcript *t)
{
    for (size_t i = 0; i < t->purpose_count; i++)
        printf(
            "%s: epoch %u is the only one from now on: what stands in an earlier one is withdrawn at once, and there are no "
            "matches until agencies have enrolled anew. --until DATE would let the earlier one stand beside it\n",
            t->purpose[i].name, region_current(&r->purposes[region_find_purpose(r, t->purpose[i].name)])->epoch);
}

static int rekey(struct region *r, const void *context, struct err *err)
{
    const struct options *o = context;
    static struct transcript t;
    struct terms terms = {.normaliser = o->normaliser};
    uint64_t length;
    int rc = o->until[0] != '\0' ? clock_parse(&terms.until, &length, o->until, err) : 0;
    if (rc == 0)
        rc = transcript_load(&t, o->transcript, err);
    if (rc == 0)
        rc = take_custodians(r, &t, &o->custodian_url, &terms, err);
    for (size_t i = 0; rc == 0 && i < t.purpose_count; i++)
        rc = take_purpose(r, &t.purpose[i], transcript_option(&o->purpose, t.purpose[i].name), &terms, err);
    if (rc == 0 && terms.until == 0)
        tell_end(r, &t);
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
    {"purpose", NULL, NULL, SETTING_LIST, offsetof(struct options, purpose), TRANSCRIPT_PURPOSE_FORM,
     "a purpose that is new, or changes; repeat"},
    {"until", NULL, NULL, SETTING_TEXT, offsetof(struct options, until), "DATE",
     "the old epochs last until then (they end at once)"},
    {"normaliser", NULL, NULL, SETTING_TEXT, offsetof(struct options, normaliser), "HEX",
     "normaliser fingerprint of the new epochs (as the old ones')"},
};

const struct verb manifest_rekey_verb = {
    .name = "rekey",
    .brief = "put the keys of a new ceremony in force",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary =
        "Puts the keys of a new ceremony in force: new epochs of purposes, new purposes, and, where the ceremony covers every\n"
        "purpose, new custodians. Agencies then enrol anew; until the date, what stands in an old epoch is still joined and can\n"
        "be removed. New custodians have no share of the old keys: then the old epochs end at once.",
    .more = "  concord-keys manifest rekey --transcript transcript.json --until 2027-01-31 region.json",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .run = run,
};
