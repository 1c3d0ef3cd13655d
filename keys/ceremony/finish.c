#include "keys/ceremony/complaint.h"
#include "keys/ceremony/share.h"
#include "keys/verbs.h"
#include "protocol/base/file.h"
#include "protocol/group/scalar.h"
#include "protocol/identity/identity.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All contributions, by custodian. */
struct gathering {
    struct ceremony ceremony;
    struct contribution part[REGION_CUSTODIANS_MAX][REGION_PURPOSES_MAX];
    uint8_t digest[REGION_CUSTODIANS_MAX][32];
    bool present[REGION_CUSTODIANS_MAX];
};

/* A bad contribution voids the ceremony. By the complaint everybody can find out whose fault that is. */
static int complain(const struct gathering *g, size_t purpose, size_t cheater, const struct identity *me, size_t index,
                    const char *reason, const char *out, struct err *err)
{
    struct complaint complaint = {.against = cheater, .by = index, .purpose = purpose};
    char path[PATH_LIMIT];
    memcpy(complaint.contribution, g->digest[cheater], sizeof complaint.contribution);
    snprintf(complaint.reason, sizeof complaint.reason, "%s", reason);
    snprintf(path, sizeof path, "%s.complaint.json", out);
    int rc = complaint_write(path, &complaint, &g->ceremony, me, err);
    if (rc != 0)
        return err_wrap(err, "the contribution of %s is bad: %s. The ceremony is void, but the complaint was not kept",
                        g->ceremony.custodian[cheater].name, reason);
    return err_set(err, ERR_VERIFY,
                   "the contribution of %s is bad: %s. The ceremony is void: show everybody %s (concord-keys ceremony "
                   "verify says who is at fault), and begin anew",
                   g->ceremony.custodian[cheater].name, reason, path);
}

static int gather(struct gathering *g, char **files, int count, struct err *err)
{
    static struct contribution parts[REGION_PURPOSES_MAX];
    for (int i = 0; i < count; i++) {
        size_t from;
        uint8_t digest[32];
        int rc = contribution_read(parts, &from, digest, &g->ceremony, files[i], err);
        if (rc != 0)
            return rc;
        if (g->present[from])
            return err_set(err, ERR_INPUT, "there are two contributions of %s", g->ceremony.custodian[from].name);
        memcpy(g->part[from], parts, sizeof parts);
        memcpy(g->digest[from], digest, sizeof digest);
        g->present[from] = true;
    }
    for (size_t i = 0; i < g->ceremony.custodian_count; i++)
        if (!g->present[i])
            return err_set(err, ERR_INPUT, "the contribution of %s is missing: every custodian must contribute",
                           g->ceremony.custodian[i].name);
    return 0;
}

/* This custodian's share of one purpose: the sum of what everybody dealt to it. */
static int collect_share(struct scalar *out, const struct gathering *g, size_t purpose, const struct identity *me,
                         size_t index, const char *path, struct err *err)
{
    struct scalar share;
    int rc = 0;
    scalar_set(out, 0);
    for (size_t from = 0; rc == 0 && from < g->ceremony.custodian_count; from++) {
        const struct contribution *part = &g->part[from][purpose];
        struct err why;
        rc = contribution_check(part, &g->ceremony, purpose, from, &why);
        if (rc == 0)
            rc = contribution_open_share(&share, part, &g->ceremony, purpose, from, me, index, &why);
        if (rc == ERR_VERIFY)
            rc = complain(g, purpose, from, me, index, why.text, path, err);
        else if (rc != 0)
            *err = why;
        else
            scalar_add(out, out, &share);
    }
    sodium_memzero(&share, sizeof share);
    return rc;
}

/* The commitments of the sum of all polynomials. */
static int sum_commitments(struct element *out, const struct gathering *g, size_t purpose, struct err *err)
{
    struct point sum[OPRF_COALITION_MAX], next[OPRF_COALITION_MAX];
    size_t t = g->ceremony.threshold;
    int rc = group_decode(sum, g->part[0][purpose].commitment, t, NULL, err);
    for (size_t from = 1; rc == 0 && from < g->ceremony.custodian_count; from++) {
        rc = group_decode(next, g->part[from][purpose].commitment, t, NULL, err);
        if (rc == 0)
            group_add(sum, sum, next, t);
    }
    if (rc == 0)
        group_encode(out, sum, t);
    return rc;
}

static int purpose_to_json(json_t **out, const struct gathering *g, size_t purpose, struct err *err)
{
    struct element commitments[OPRF_COALITION_MAX], share;
    const struct ceremony *c = &g->ceremony;
    int rc = sum_commitments(commitments, g, purpose, err);
    json_t *list = json_array(), *shares = json_array();
    for (size_t i = 0; i < c->threshold; i++)
        json_array_append_new(list, json_hex(&commitments[i], 32));
    for (size_t i = 0; rc == 0 && i < c->custodian_count; i++) {
        rc = threshold_public_share(&share, commitments, c->threshold, (uint8_t)(i + 1), err);
        json_array_append_new(shares, json_hex(&share, 32));
    }
    *out = json_pack("{s:s, s:I, s:o, s:o, s:o}", "name", c->purpose[purpose].name, "epoch",
                     (json_int_t)c->purpose[purpose].epoch, "key", json_hex(&commitments[0], 32), "commitments", list,
                     "shares", shares);
    return rc;
}

static int write_transcript(const struct gathering *g, const char *path, struct err *err)
{
    json_t *custodians = json_array(), *contributions = json_array(), *purposes = json_array();
    char *text = NULL;
    int rc = 0;
    for (size_t i = 0; i < g->ceremony.custodian_count; i++) {
        const struct party *p = &g->ceremony.custodian[i];
        json_array_append_new(custodians, json_pack("{s:s, s:o, s:o, s:o, s:o}", "name", p->name, "channel",
                                                    json_hex(p->channel, 32), "sign", json_hex(p->sign, 32), "log",
                                                    json_hex(p->log, 32), "witness", json_hex(p->witness, 32)));
        json_array_append_new(contributions, json_hex(g->digest[i], 32));
    }
    for (size_t i = 0; rc == 0 && i < g->ceremony.purpose_count; i++) {
        json_t *purpose = NULL;
        rc = purpose_to_json(&purpose, g, i, err);
        json_array_append_new(purposes, purpose);
    }
    json_t *json = json_pack("{s:i, s:o, s:I, s:o, s:o, s:o}", "concord-transcript", 1, "ceremony",
                             json_hex(g->ceremony.digest, 32), "threshold", (json_int_t)g->ceremony.threshold,
                             "custodians", custodians, "contributions", contributions, "purposes", purposes);
    if (rc == 0 && (text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS)) == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for the transcript");
    if (rc == 0)
        rc = file_create(path, text, strlen(text), 0644, err);
    free(text);
    json_decref(json);
    return rc;
}

static int finish(struct gathering *g, const struct identity *me, const char *out, const char *transcript,
                  struct err *err)
{
    static struct shares shares;
    int index = ceremony_find(&g->ceremony, &me->party), rc = 0;
    if (index < 0)
        return err_set(err, ERR_DENIED, "%s is no custodian of this ceremony", me->party.name);
    shares.count = g->ceremony.purpose_count;
    for (size_t i = 0; rc == 0 && i < shares.count; i++) {
        memcpy(shares.share[i].purpose, g->ceremony.purpose[i].name, sizeof shares.share[i].purpose);
        shares.share[i].epoch = g->ceremony.purpose[i].epoch;
        rc = collect_share(&shares.share[i].scalar, g, i, me, (size_t)index, out, err);
    }
    if (rc == 0)
        rc = shares_write(out, &shares, me, err);
    if (rc == 0)
        rc = write_transcript(g, transcript, err);
    shares_wipe(&shares);
    return rc;
}

struct options {
    char identity[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX], transcript[SETTINGS_TEXT_MAX];
};

static int run(struct call *call, struct err *err)
{
    static struct gathering g;
    const struct options *o = call->options;
    struct identity identity = {0};
    char groups[FILE_DIGEST_TEXT];
    int rc = ceremony_load(&g.ceremony, call->operand[0], err);
    if (rc == 0)
        rc = identity_load(&identity, o->identity, NULL, err);
    if (rc == 0)
        rc = gather(&g, call->operand + 1, call->operands - 1, err);
    if (rc == 0)
        rc = finish(&g, &identity, o->out, o->transcript, err);
    if (rc == 0)
        rc = file_digest(groups, o->transcript, CEREMONY_FILE_MAX, err);
    if (rc == 0)
        printf("%s: share of %s (keep it secret)\n%s: transcript, for the manifest; all custodians have the same\n"
               "digest %s\n",
               o->out, identity.party.name, o->transcript, groups);
    identity_wipe(&identity);
    return rc;
}

static const struct options defaults = {.transcript = "transcript.json"};

static const struct setting settings[] = {
    {"identity", NULL, NULL, SETTING_PATH, offsetof(struct options, identity), "FILE", "this custodian's identity",
     .required = true},
    {"out", NULL, NULL, SETTING_PATH, offsetof(struct options, out), "FILE.share", "where to write the secret share",
     .required = true},
    {"transcript", NULL, NULL, SETTING_PATH, offsetof(struct options, transcript), "FILE",
     "where to write the transcript (transcript.json)"},
};

const struct verb ceremony_finish_verb = {
    .name = "finish",
    .brief = "check all contributions; write this custodian's share and the transcript",
    .operands = "CEREMONY CONTRIBUTION...",
    .least = 2,
    .most = VERB_ANY,
    .summary =
        "Checks every custodian's contribution, writes this custodian's share (sealed under its identity) and the public\n"
        "transcript, whose bytes must be the same at every custodian: compare its SHA-256.",
    .more =
        "A bad contribution is named, and a signed complaint is written beside --out (ceremony verify). Exit status 1.",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = run,
};
