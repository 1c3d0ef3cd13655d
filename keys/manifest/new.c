#include "keys/manifest/draft.h"
#include "keys/manifest/transcript.h"
#include "keys/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    char name[SETTINGS_TEXT_MAX], transcript[SETTINGS_TEXT_MAX], matcher[SETTINGS_TEXT_MAX];
    char matcher_url[SETTINGS_TEXT_MAX], normaliser[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX];
    struct setting_list coordinator, custodian_url, purpose;
    uint64_t quorum, witnesses;
};

static int read_transcript(struct region *r, const struct options *o, struct err *err)
{
    static struct transcript t;
    int rc = transcript_load(&t, o->transcript, err);
    for (size_t i = 0; rc == 0 && i < t.custodian_count; i++)
        rc = transcript_set_url(&t.custodian[i], transcript_option(&o->custodian_url, t.custodian[i].party.name), err);
    for (size_t i = 0; rc == 0 && i < t.purpose_count; i++) {
        rc = transcript_set_purpose(&t.purpose[i], transcript_option(&o->purpose, t.purpose[i].name), err);
        if (rc == 0 && !bytes_from_hex(t.purpose[i].epochs[0].normaliser, REGION_DIGEST_SIZE, o->normaliser))
            rc = err_set(
                err, ERR_USAGE,
                "--normaliser: \"%.80s\" is not 64 hexadecimal digits: give what concord-client fingerprint prints",
                o->normaliser);
    }
    r->threshold = t.threshold;
    r->custodian_count = t.custodian_count;
    r->purpose_count = t.purpose_count;
    memcpy(r->custodians, t.custodian, sizeof r->custodians);
    memcpy(r->purposes, t.purpose, sizeof r->purposes);
    return rc;
}

static int fill(struct region *r, const struct options *o, struct err *err)
{
    int rc = party_name_check(o->name, err);
    if (rc == 0 && (strlen(o->matcher_url) > REGION_URL_MAX || o->coordinator.count > REGION_COORDINATORS_MAX))
        rc = err_set(err, ERR_USAGE, "the matcher's URL is too long, or there are too many coordinators");
    if (rc != 0)
        return rc;
    strcpy(r->name, o->name);
    strcpy(r->matcher_url, o->matcher_url);
    r->version = 1;
    r->quorum = o->quorum;
    r->witnesses = o->witnesses;
    rc = party_load(&r->matcher, o->matcher, err);
    for (; rc == 0 && r->coordinator_count < o->coordinator.count; r->coordinator_count++)
        rc = party_load(&r->coordinators[r->coordinator_count], o->coordinator.item[r->coordinator_count], err);
    if (rc == 0)
        rc = read_transcript(r, o, err);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    if (access(o->out, F_OK) == 0)
        return err_set(err, ERR_CONFLICT,
                       "%s exists already: change it with add-agency and grant, or choose another --out", o->out);
    struct region *region = calloc(1, sizeof *region);
    int rc = region == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory") : fill(region, o, err);
    if (rc == 0)
        rc = draft_save(region, o->out, err);
    region_free(region);
    return rc;
}

static const struct options defaults = {.out = "region.json", .quorum = 1};

static const struct setting settings[] = {
    {"name", NULL, NULL, SETTING_TEXT, offsetof(struct options, name), "REGION", "the region's name", .required = true},
    {"transcript", NULL, NULL, SETTING_PATH, offsetof(struct options, transcript), "FILE",
     "the key ceremony's transcript", .required = true},
    {"coordinator", NULL, NULL, SETTING_LIST, offsetof(struct options, coordinator), "FILE.pub",
     "a coordinator who signs manifests; repeat", .required = true},
    {"quorum", NULL, NULL, SETTING_NUMBER, offsetof(struct options, quorum), "N", "coordinators that must sign (1)"},
    {"matcher", NULL, NULL, SETTING_PATH, offsetof(struct options, matcher), "FILE.pub",
     "the matcher's public identity", .required = true},
    {"matcher-url", NULL, NULL, SETTING_TEXT, offsetof(struct options, matcher_url), "URL",
     "where it listens: tcp://ADDRESS:PORT", .required = true},
    {"custodian-url", NULL, NULL, SETTING_LIST, offsetof(struct options, custodian_url), "NAME=URL",
     "where a custodian listens; repeat"},
    {"purpose", NULL, NULL, SETTING_LIST, offsetof(struct options, purpose), TRANSCRIPT_PURPOSE_FORM,
     "a purpose of the ceremony and its schema; repeat"},
    {"normaliser", NULL, NULL, SETTING_TEXT, offsetof(struct options, normaliser), "HEX",
     "normaliser fingerprint (concord-client fingerprint)", .required = true},
    {"witnesses", NULL, NULL, SETTING_NUMBER, offsetof(struct options, witnesses), "K",
     "cosignatures a final checkpoint needs (0)"},
    {"out", NULL, NULL, SETTING_PATH, offsetof(struct options, out), "FILE",
     "where to write the manifest (region.json)"},
};

const struct verb manifest_new_verb = {
    .name = "new",
    .brief = "write the first manifest of a region",
    .operands = "",
    .summary = "Writes the first manifest of a region, version 1, unsigned and without agencies.",
    .more = "The purposes, their keys and the custodians come from the transcript; each needs its --purpose and "
            "--custodian-url.",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = run,
};
