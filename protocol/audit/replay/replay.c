#include "protocol/audit/replay/replay.h"

#include "protocol/audit/replay/replay_lines.h"
#include "protocol/audit/replay/replay_state.h"
#include "protocol/ledger/archive.h"
#include "protocol/ledger/batch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define AGED_STEP 4096

struct replay {
    struct audit *audit;
    const struct walk *walk;
    struct walk_handler handler;
    struct archive_reader *archive;
    struct archive_record record; /* the next one */
    bool record_found;
    bool started; /* a batch has been taken: what was before the archive is behind */
    struct replay_state *state;
    struct replay_lines *lines;
    const struct manifest *now;
    uint64_t *known_since; /* by purpose: all causes from then on were replayed; 0: from the very first */
    bool open;             /* there is a cause, not worked off yet */
    struct event cause;
    uint64_t index;
    struct batch batch; /* of the cause */
    bool has_batch;
    struct buf body; /* that the batch borrows */
    struct replay_counts counts;
};

#define FOUND(r, code, index, ...) findings_add(&(r)->audit->findings, code, (r)->walk->origin, index, __VA_ARGS__)

/* --- the archive --- */

static int next_record(struct replay *r, struct err *err)
{
    bool torn = false;
    int rc = archive_reader_next(r->archive, &r->record, &r->record_found, &torn, err);
    if (!finding_is_error(rc))
        return rc;
    FOUND(r, FINDING_DAMAGED, FINDING_NONE, "the archive: %s", err->text);
    r->record_found = false;
    return 0;
}

static bool has_batch(enum event_kind kind)
{
    return kind == EVENT_PUT || kind == EVENT_REMOVE || kind == EVENT_QUERY;
}

/* The record of the cause at hand into r->batch; one that the event does not bind is none. */
static int take_batch(struct replay *r, struct err *err)
{
    struct wire_request request;
    int rc = 0;
    buf_clear(&r->body);
    r->has_batch = false;
    if (r->record.kind == r->cause.kind)
        rc = buf_put(&r->body, r->record.body.data, r->record.body.len, err);
    if (rc == 0 && r->record.kind == r->cause.kind &&
        wire_request_decode(&request, buf_span(&r->body), ERR_IGNORED) == 0 &&
        batch_decode(&r->batch, &request, ERR_IGNORED) == 0)
        r->has_batch = batch_verify(&r->cause, &r->batch, r->cause.party, &request, NULL, ERR_IGNORED) == 0;
    if (rc == 0 && !r->has_batch)
        FOUND(r, FINDING_BATCH_MISSING, r->index,
              "the batch that the archive has for it is not the one that the ledger binds");
    if (rc == 0)
        rc = next_record(r, err);
    return rc;
}

static int find_batch(struct replay *r, struct err *err)
{
    int rc = 0;
    while (rc == 0 && r->record_found && r->record.index < r->index) {
        FOUND(r, FINDING_BATCH_MISSING, r->record.index, "the archive has a batch for it, the ledger another event");
        rc = next_record(r, err);
    }
    if (rc != 0)
        return rc;
    if (r->record_found && r->record.index == r->index) {
        r->started = true;
        return take_batch(r, err);
    }
    if (r->started || !r->record_found)
        FOUND(r, FINDING_BATCH_MISSING, r->index, "the archive has no batch for this %s of %s",
              event_kind_name(r->cause.kind), r->cause.party);
    return 0;
}

/* --- what a cause brings about --- */

struct joining {
    struct replay *r;
    uint16_t purpose, agency; /* numbers */
    uint32_t epoch;
};

static int due(const struct joining *j, enum event_kind kind, uint16_t party, uint16_t partner, const uint8_t *tag,
               struct span payload, struct err *err)
{
    uint64_t *count = kind == EVENT_DELIVER ? &j->r->counts.delivered : &j->r->counts.withdrawn;
    ++*count;
    return replay_lines_due(j->r->lines, kind, party, partner, j->epoch, span_of(tag, WIRE_TAG_SIZE), payload, err);
}

static const struct replay_entry *own_entry(const struct replay_tag *tag, uint16_t agency)
{
    for (size_t i = 0; i < tag->count; i++)
        if (tag->entry[i].agency == agency)
            return &tag->entry[i];
    return NULL;
}

static bool is_partner(const struct joining *j, const struct replay_entry *entry)
{
    return entry->agency != j->agency && manifest_mutual(j->r->now, j->purpose, j->agency, entry->agency);
}

static bool same_payload(const struct replay_entry *entry, struct span payload)
{
    return entry->payload.len == payload.len && memcmp(entry->payload.data, payload.data, payload.len) == 0;
}

struct put_counts {
    uint64_t added, renewed, replaced;
};

static int join_put(const struct joining *j, const uint8_t *in, struct span payload, struct put_counts *counts,
                    struct err *err)
{
    struct replay_tag tag;
    int rc = replay_state_tag(j->r->state, j->purpose, j->epoch, in, &tag, err);
    if (rc != 0)
        return rc;
    const struct replay_entry *old = own_entry(&tag, j->agency), entry = {j->agency, j->r->cause.time, payload};
    bool same = old != NULL && same_payload(old, payload);
    counts->added += old == NULL;
    counts->renewed += same;
    counts->replaced += old != NULL && !same;
    for (size_t i = 0; rc == 0 && !same && i < tag.count; i++) {
        if (!is_partner(j, &tag.entry[i]))
            continue;
        rc = due(j, EVENT_DELIVER, tag.entry[i].agency, j->agency, in, payload, err);
        if (rc == 0)
            rc = due(j, EVENT_DELIVER, j->agency, tag.entry[i].agency, in, tag.entry[i].payload, err);
    }
    if (rc == 0)
        replay_state_put(j->r->state, j->purpose, j->epoch, in, old, &entry);
    return rc;
}

static int join_remove(const struct joining *j, const uint8_t *in, uint64_t *removed, struct err *err)
{
    struct replay_tag tag;
    int rc = replay_state_tag(j->r->state, j->purpose, j->epoch, in, &tag, err);
    const struct replay_entry *old = rc == 0 ? own_entry(&tag, j->agency) : NULL;
    if (old == NULL)
        return rc;
    ++*removed;
    for (size_t i = 0; rc == 0 && i < tag.count; i++)
        if (is_partner(j, &tag.entry[i]))
            rc = due(j, EVENT_WITHDRAW, tag.entry[i].agency, j->agency, in, span_of(NULL, 0), err);
    if (rc == 0)
        replay_state_remove(j->r->state, j->purpose, j->epoch, in, old);
    return rc;
}

static int join_query(const struct joining *j, const uint8_t *in, struct err *err)
{
    struct replay_tag tag;
    int rc = replay_state_tag(j->r->state, j->purpose, j->epoch, in, &tag, err);
    for (size_t i = 0; rc == 0 && i < tag.count; i++)
        if (is_partner(j, &tag.entry[i]))
            rc = due(j, EVENT_DELIVER, j->agency, tag.entry[i].agency, in, tag.entry[i].payload, err);
    return rc;
}

/* --- causes with a batch --- */

static int work_batch(const struct joining *j, bool partly, struct err *err)
{
    struct replay *r = j->r;
    const struct event *e = &r->cause;
    struct put_counts put = {0};
    uint64_t removed = 0;
    int rc = 0;
    const struct wire_entries *part = &r->batch.part[0];
    for (size_t i = 0; rc == 0 && i < wire_entries_count(part); i++) {
        const uint8_t *in = wire_entries_tag(part, i);
        rc = e->kind == EVENT_PUT      ? join_put(j, in, wire_entries_payload(part, i), &put, err)
             : e->kind == EVENT_REMOVE ? join_remove(j, in, &removed, err)
                                       : join_query(j, in, err);
    }
    r->counts.batches++;
    r->counts.tags += r->batch.tags;
    if (!partly && e->kind == EVENT_PUT &&
        (put.added != e->added || put.renewed != e->renewed || put.replaced != e->replaced))
        FOUND(r, FINDING_NOT_CONSISTENT, r->index,
              "it says %" PRIu64 " added, %" PRIu64 " renewed, %" PRIu64 " replaced; by what was there "
              "they are %" PRIu64 ", %" PRIu64 " and %" PRIu64,
              e->added, e->renewed, e->replaced, put.added, put.renewed, put.replaced);
    if (!partly && e->kind == EVENT_REMOVE && removed != e->removed)
        FOUND(r, FINDING_NOT_CONSISTENT, r->index, "it says %" PRIu64 " removed; %" PRIu64 " were there", e->removed,
              removed);
    return rc;
}

/* --- expiry --- */

static int expire_tag(const struct joining *j, const uint8_t *in, struct err *err)
{
    struct replay_tag tag;
    int rc = replay_state_tag(j->r->state, j->purpose, j->epoch, in, &tag, err);
    const struct replay_entry *old = rc == 0 ? own_entry(&tag, j->agency) : NULL;
    for (size_t i = 0; rc == 0 && old != NULL && i < tag.count; i++) {
        if (!is_partner(j, &tag.entry[i]))
            continue;
        rc = due(j, EVENT_WITHDRAW, tag.entry[i].agency, j->agency, in, span_of(NULL, 0), err);
        if (rc == 0)
            rc = due(j, EVENT_WITHDRAW, j->agency, tag.entry[i].agency, in, span_of(NULL, 0), err);
    }
    if (rc == 0 && old != NULL)
        replay_state_remove(j->r->state, j->purpose, j->epoch, in, old);
    return rc;
}

/* The oldest entries go, in steps, since the event may name more than memory should hold. */
static int work_expire(const struct joining *j, bool partly, struct err *err)
{
    struct replay *r = j->r;
    const struct region_purpose *p = manifest_purpose(r->now, j->purpose);
    struct event_digest digest;
    uint8_t out[EVENT_DIGEST_SIZE];
    uint64_t done = 0, youngest = 0;
    size_t count = 1;
    int rc = 0;
    struct replay_aged *aged = malloc(AGED_STEP * sizeof *aged);
    if (aged == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    event_digest_start(&digest, r->cause.salt);
    while (rc == 0 && count > 0 && done < r->cause.count) {
        uint64_t left = r->cause.count - done;
        rc = replay_state_oldest(r->state, j->purpose, j->epoch, j->agency, aged,
                                 left < AGED_STEP ? (size_t)left : AGED_STEP, &count, err);
        for (size_t i = 0; rc == 0 && i < count; i++) {
            if (partly && p != NULL && aged[i].time + p->retention >= r->cause.time)
                count = 0; /* the others that expired are from before the archive */
            else {
                event_digest_add(&digest, span_of(aged[i].tag, WIRE_TAG_SIZE));
                youngest = aged[i].time;
                rc = expire_tag(j, aged[i].tag, err);
                done++;
            }
        }
        if (rc == 0)
            rc = replay_state_commit(r->state, err);
    }
    event_digest_end(&digest, out);
    free(aged);
    if (rc != 0 || partly)
        return rc;
    if (done < r->cause.count || memcmp(out, r->cause.digest, sizeof out) != 0)
        FOUND(r, FINDING_NOT_CONSISTENT, r->index, "the entries that expired are not the %" PRIu64 " oldest of %s",
              r->cause.count, r->cause.party);
    else if (p != NULL && youngest + p->retention >= r->cause.time)
        FOUND(r, FINDING_NOT_ALLOWED, r->index, "entries of %s expired before the retention of %s had passed",
              r->cause.party, r->cause.purpose);
    return 0;
}

/* --- changes of grants --- */

static int walk_tag(struct joining *j, const struct replay_place *place, struct err *err)
{
    struct replay_tag tag;
    int rc = replay_state_tag(j->r->state, j->purpose, place->epoch, place->tag, &tag, err);
    j->epoch = place->epoch;
    for (size_t i = 0; rc == 0 && i < tag.count; i++)
        for (size_t k = i + 1; rc == 0 && k < tag.count; k++) {
            const struct replay_entry *a = &tag.entry[i], *b = &tag.entry[k];
            enum replay_pair_state state = PAIR_JOINED;
            if (!replay_state_pair(j->r->state, j->purpose, a->agency, b->agency, &state) || state == PAIR_JOINED)
                continue;
            bool begins = state == PAIR_BEGINS;
            enum event_kind kind = begins ? EVENT_DELIVER : EVENT_WITHDRAW;
            rc = due(j, kind, a->agency, b->agency, place->tag, begins ? b->payload : span_of(NULL, 0), err);
            if (rc == 0)
                rc = due(j, kind, b->agency, a->agency, place->tag, begins ? a->payload : span_of(NULL, 0), err);
        }
    return rc;
}

static int work_rejoin(struct joining *j, bool partly, struct err *err)
{
    struct replay *r = j->r;
    struct replay_place *place = replay_state_walked(r->state, j->purpose);
    bool found = true, done = strcmp(r->cause.note, "done") == 0;
    uint64_t walked = 0;
    int rc = 0;
    /* Of an archive that lacks the beginning, how far a step went is not known. */
    uint64_t count = partly ? 0 : r->cause.count;
    while (rc == 0 && found && walked < count) {
        rc = replay_state_next_tag(r->state, j->purpose, place, &found, err);
        if (rc == 0 && found)
            rc = walk_tag(j, place, err);
        walked += found;
    }
    if (rc == 0 && !partly && walked < count)
        FOUND(r, FINDING_NOT_CONSISTENT, r->index, "it walked %" PRIu64 " tags, but there are no more than %" PRIu64,
              count, walked);
    if (rc == 0 && done && !partly) {
        struct replay_place end = *place;
        rc = replay_state_next_tag(r->state, j->purpose, &end, &found, err);
        if (rc == 0 && found)
            FOUND(r, FINDING_MATCH_OMITTED, r->index, "the walk for %s was ended before its last tag",
                  r->cause.purpose);
    }
    return rc == 0 && done ? replay_state_settle(r->state, j->purpose, err) : rc;
}

/* A purpose whose grants changed is walked before anything else happens in it. */
static int check_walked(const struct joining *j, struct err *err)
{
    if (!replay_state_walks(j->r->state, j->purpose))
        return 0;
    FOUND(j->r, FINDING_MATCH_OMITTED, j->r->index,
          "the grants of %s changed, but what both sides then had in common was not told "
          "before this %s",
          j->r->cause.purpose, event_kind_name(j->r->cause.kind));
    return replay_state_settle(j->r->state, j->purpose, err);
}

/* --- one cause, when all that follows it is there --- */

/* Whether the entries that there were before it are all known. */
static bool is_known(const struct replay *r, uint16_t purpose)
{
    const struct region_purpose *p = manifest_purpose(r->now, purpose);
    uint64_t since = r->known_since[purpose];
    return since == 0 || (p != NULL && p->retention > 0 && since + p->retention < r->cause.time);
}

static int work_off(struct replay *r, struct err *err)
{
    int purpose = manifests_number(&r->audit->manifests, r->cause.purpose);
    int agency = manifests_number(&r->audit->manifests, r->cause.party);
    struct joining j = {r, (uint16_t)purpose, (uint16_t)agency, (uint32_t)r->cause.epoch};
    int rc = 0;
    r->open = false;
    if (purpose < 0 || r->now == NULL || (agency < 0 && r->cause.kind != EVENT_REJOIN)) {
        r->counts.unchecked++; /* verifying has named it */
        goto out;
    }
    bool lost = has_batch(r->cause.kind) && !r->has_batch;
    if (lost)
        r->known_since[purpose] = r->cause.time + (r->cause.time == 0);
    bool partly = !is_known(r, (uint16_t)purpose) || strcmp(r->cause.note, "cut") == 0;
    r->counts.unchecked += partly;
    if (r->cause.kind != EVENT_REJOIN && !partly)
        rc = check_walked(&j, err);
    if (rc == 0 && r->cause.kind == EVENT_REJOIN)
        rc = work_rejoin(&j, partly, err);
    else if (rc == 0 && r->cause.kind == EVENT_EXPIRE)
        rc = work_expire(&j, partly, err);
    else if (rc == 0 && !lost)
        rc = work_batch(&j, partly, err);
    if (rc == 0)
        rc = replay_state_commit(r->state, err);
    if (rc == 0 && !lost && strcmp(r->cause.note, "cut") != 0)
        replay_lines_compare(r->lines, partly);
out:
    r->has_batch = false;
    return rc;
}

static int begin_cause(struct replay *r, uint64_t index, const struct event *event, struct err *err)
{
    r->open = true;
    r->cause = *event;
    r->index = index;
    replay_lines_begin(r->lines, index, event);
    return has_batch(event->kind) ? find_batch(r, err) : 0;
}

static int take_event(void *context, uint64_t index, const struct event *event, struct err *err)
{
    struct replay *r = context;
    int rc = 0;
    if (event->kind == EVENT_DELIVER || event->kind == EVENT_WITHDRAW)
        return r->open ? replay_lines_said(r->lines, index, event, err) : 0;
    if (r->open)
        rc = work_off(r, err);
    if (rc == 0 && event_is_cause(event->kind))
        rc = begin_cause(r, index, event, err);
    if (rc == 0 && event->kind == EVENT_MANIFEST) {
        r->now = manifests_find(&r->audit->manifests, event->digest);
        if (r->now != NULL)
            rc = replay_state_manifest(r->state, r->now, err);
    }
    return rc;
}

/* --- beginning and end --- */

int replay_new(struct replay **out, struct audit *audit, const struct walk *matcher, const char *archive,
               const char *work, struct err *err)
{
    struct replay *r = calloc(1, sizeof *r);
    if (r == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    r->audit = audit;
    r->walk = matcher;
    r->handler = (struct walk_handler){.event = take_event, .context = r};
    r->body = buf_of(ARCHIVE_BODY_MAX);
    r->known_since = calloc(audit->manifests.names + 1, sizeof *r->known_since);
    int rc = r->known_since == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for replaying")
                                    : archive_reader_open(&r->archive, archive, err);
    if (rc == 0)
        rc = replay_state_open(&r->state, work, &audit->manifests, err);
    if (rc == 0)
        rc = replay_lines_new(&r->lines, &audit->manifests, &audit->findings, matcher->origin, err);
    if (rc == 0)
        rc = next_record(r, err);
    if (rc != 0)
        replay_free(r);
    else
        *out = r;
    return rc;
}

void replay_free(struct replay *replay)
{
    if (replay == NULL)
        return;
    archive_reader_close(replay->archive);
    replay_state_close(replay->state);
    replay_lines_free(replay->lines);
    free(replay->known_since);
    buf_free(&replay->body);
    free(replay);
}

const struct walk_handler *replay_handler(struct replay *replay)
{
    return &replay->handler;
}

int replay_finish(struct replay *replay, struct replay_counts *counts, struct err *err)
{
    struct replay *r = replay;
    int rc = r->open ? work_off(r, err) : 0;
    /* What lies beyond the ledger that is audited was archived later. */
    while (rc == 0 && r->record_found && r->record.index < r->walk->newest.size) {
        FOUND(r, FINDING_BATCH_MISSING, r->record.index, "the archive has a batch for it, the ledger another event");
        rc = next_record(r, err);
    }
    *counts = r->counts;
    return rc;
}
