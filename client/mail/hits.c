#include "client/mail/hits.h"

#include "client/agency/evidence.h"
#include "client/agency/matcher.h"
#include "protocol/ledger/cover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct checking {
    struct agency *agency;
    const struct wire_request *request;
    const struct query_reply *reply;
    struct hits_verdict *verdict;
    struct event *line; /* of each event that came; kind 0: it is not proven, or has covered a group */
    bool *judged;       /* of each hit */
    struct evidence evidence;
};

void hits_verdict_free(struct hits_verdict *verdict)
{
    free(verdict->refused);
    verdict->refused = NULL;
}

/* --- what was written down --- */

/* The lines that came and are proven to lie behind the question's event. */
static int read_lines(struct checking *c, struct err *err)
{
    struct checkpoint checkpoint;
    struct span body, signatures;
    int rc = checkpoint_parse(&checkpoint, c->reply->receipt.checkpoint, &body, &signatures, err);
    for (size_t i = 0; rc == 0 && i < c->reply->events.count; i++) {
        const struct wire_event *e = &c->reply->events.item[i];
        if (e->leaf <= c->reply->receipt.leaf || cover_event(&c->line[i], &checkpoint, e, ERR_IGNORED) != 0)
            c->line[i].kind = 0;
    }
    return rc;
}

static void refuse(struct checking *c, const char *partner, uint64_t hits, const char *why)
{
    c->verdict->all += hits;
    if (c->evidence.why[0] != '\0')
        return;
    snprintf(c->evidence.why, sizeof c->evidence.why, "%s", why);
    snprintf(c->evidence.partner, sizeof c->evidence.partner, "%s", partner);
}

/* --- groups of hits --- */

static bool is_of_group(const struct query_hit *a, const struct query_hit *b)
{
    return a->scope == b->scope && memcmp(a->partner, b->partner, PARTY_DIGEST_SIZE) == 0;
}

/* Holds the group that begins at `first` against a line. */
static int cover_group(const struct checking *c, size_t first, size_t line, const struct cover_about *about,
                       struct err *err)
{
    const struct query_reply *r = c->reply;
    struct cover cover;
    int rc = cover_begin(&cover, &c->line[line], r->events.item[line].leaf, about, err);
    for (size_t i = first; rc == 0 && i < r->hits; i++)
        if (is_of_group(&r->hit[i], &r->hit[first]))
            rc = cover_add(&cover, r->hit[i].tag, r->hit[i].payload, err);
    if (rc == 0)
        rc = cover_end(&cover, err);
    return rc;
}

static int find_cover(struct checking *c, size_t first, const char *partner, struct err *err)
{
    const struct wire_scope *scope = &c->request->scope[c->reply->hit[first].scope];
    const struct cover_about about = {c->agency->identity->party.name, partner, scope->purpose, scope->epoch,
                                      EVENT_DELIVER};
    for (size_t i = 0; i < c->reply->events.count; i++) {
        if (c->line[i].kind == 0 || strcmp(c->line[i].partner, partner) != 0 ||
            strcmp(c->line[i].purpose, scope->purpose) != 0)
            continue;
        int rc = cover_group(c, first, i, &about, err);
        c->line[i].kind = 0;
        return rc;
    }
    return err_set(err, ERR_VERIFY, "no entry of the ledger covers these hits");
}

/* A newer manifest may grant what this one does not: its hits are no fault. */
static int has_newer_manifest(struct checking *c, bool *newer, struct err *err)
{
    uint64_t version = 0;
    int rc = agency_matcher_manifest(c->agency, &version, err);
    *newer = rc == 0 && version > c->agency->region->version;
    if (*newer)
        c->verdict->manifest = version;
    return rc;
}

static int judge_group(struct checking *c, size_t first, struct err *err)
{
    const struct query_hit *hit = &c->reply->hit[first];
    const struct region *region = c->agency->region;
    const char *purpose = c->request->scope[hit->scope].purpose;
    int at = region_find_agency_by_digest(region, hit->partner), rc = 0;
    bool granted = agency_partner(c->agency, hit->partner, purpose) >= 0, newer = false;
    uint64_t hits = 0;
    struct err why = {.text = ""};
    if (at >= 0)
        find_cover(c, first, region->agencies[at].name, &why);
    if (why.code == 0 && granted)
        return 0;
    for (size_t i = first; i < c->reply->hits; i++)
        if (is_of_group(&c->reply->hit[i], hit)) {
            c->verdict->refused[i] = true;
            hits++;
        }
    if (!granted)
        rc = has_newer_manifest(c, &newer, err);
    if (rc != 0 || newer)
        return rc;
    if (!granted)
        err_set(&why, ERR_VERIFY, "%s has no mutual grant for %s in version %" PRIu64 " of the manifest",
                at >= 0 ? region->agencies[at].name : "an agency that the manifest does not have", purpose,
                region->version);
    if (at >= 0)
        c->verdict->partner[at] += hits;
    refuse(c, at >= 0 ? region->agencies[at].name : "", hits, why.text);
    return 0;
}

static int judge_hits(struct checking *c, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->reply->hits; i++) {
        if (c->judged[i])
            continue;
        for (size_t k = i; k < c->reply->hits; k++)
            c->judged[k] = c->judged[k] || is_of_group(&c->reply->hit[k], &c->reply->hit[i]);
        rc = judge_group(c, i, err);
    }
    return rc;
}

/* What was written down and did not come. */
static int judge_rest(struct checking *c, struct err *err)
{
    struct event event;
    char why[ERR_TEXT_MAX];
    int rc = event_decode(&event, c->reply->receipt.event, err);
    for (size_t i = 0; rc == 0 && i < c->reply->events.count; i++) {
        if (c->line[i].kind != EVENT_DELIVER || strcmp(c->line[i].party, c->agency->identity->party.name) != 0)
            continue;
        snprintf(why, sizeof why, "the ledger says that %" PRIu64 " entries of %s were handed out; none came",
                 c->line[i].count, c->line[i].partner);
        refuse(c, c->line[i].partner, c->line[i].count, why);
    }
    if (rc == 0 && event.hits != c->reply->hits && c->verdict->all == 0) {
        snprintf(why, sizeof why, "the ledger says that the question had %" PRIu64 " hits; %zu came", event.hits,
                 c->reply->hits);
        refuse(c, "", 1, why);
    }
    return rc;
}

static int keep_evidence(struct checking *c, struct span body, struct err *err)
{
    struct buf message = buf_of(RPC_MESSAGE_MAX);
    int rc = wire_request_encode(&message, c->request, err);
    c->evidence.kind = EVIDENCE_HITS;
    c->evidence.first = body;
    c->evidence.second = buf_span(&message);
    snprintf(c->evidence.party, sizeof c->evidence.party, "%s", c->agency->region->matcher.name);
    if (rc == 0)
        rc = agency_evidence_keep(c->agency, &c->evidence, span_of(c->request->id, WIRE_ID_SIZE), err);
    buf_free(&message);
    return rc;
}

int hits_check(struct agency *agency, const struct wire_request *request, const struct query_reply *reply,
               struct span body, struct hits_verdict *out, struct err *err)
{
    *out = (struct hits_verdict){.refused = calloc(reply->hits + 1, sizeof *out->refused)};
    struct checking c = {.agency = agency,
                         .request = request,
                         .reply = reply,
                         .verdict = out,
                         .line = calloc(reply->events.count + 1, sizeof *c.line),
                         .judged = calloc(reply->hits + 1, sizeof *c.judged)};
    int rc = out->refused == NULL || c.line == NULL || c.judged == NULL
                 ? err_set(err, ERR_NO_MEMORY, "out of memory for the hits of a question")
                 : read_lines(&c, err);
    for (size_t i = 0; rc == 0 && i < reply->hits; i++)
        if (reply->hit[i].scope >= request->scope_count)
            rc = err_set(err, ERR_VERIFY, "%s answers about a purpose that was not asked about",
                         agency->region->matcher.name);
    if (rc == 0)
        rc = judge_hits(&c, err);
    if (rc == 0)
        rc = judge_rest(&c, err);
    if (rc == 0 && out->all > 0)
        rc = keep_evidence(&c, body, err);
    free(c.line);
    free(c.judged);
    return rc;
}
