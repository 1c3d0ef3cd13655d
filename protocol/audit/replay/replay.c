#include "protocol/audit/replay/replay.h"

#include "protocol/audit/replay/replay_join.h"
#include "protocol/audit/replay/replay_mail.h"
#include "protocol/ledger/archive.h"
#include "protocol/ledger/letters.h"
#include "protocol/wire/letter.h"
#include "protocol/wire/mailbox.h"
#include "protocol/wire/meeting.h"
#include "protocol/wire/statement.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NEVER UINT64_MAX
#define VERIFIED_WITHIN                                                                                                \
    60 /* seconds that a request may have been verified before a manifest and its event stand behind it */

/* A request of the archive, as its event binds it. */
struct found {
    struct wire_request request;
    struct batch batch; /* of a put, remove, query */
    struct buf message; /* that both borrow */
    bool any, missing;  /* missing: there should be one, and is not, or another */
};

struct replay {
    struct audit *audit;
    const struct walk *walk;
    struct walk_handler handler;
    struct archive_reader *archive;
    struct archive_record record; /* the next one */
    bool record_found;
    bool started; /* a request has been taken: what was before the archive is behind */
    struct replay_join join;
    struct replay_lines *lines;
    struct replay_mail *mail;
    const struct manifest *before; /* the manifest that was in force until `since` */
    uint64_t since;
    uint64_t *known_since; /* by purpose: all causes from then on were replayed; 0: from the very first; NEVER */
    bool open;             /* there is a cause, not worked off yet */
    struct event cause;
    uint64_t index;
    struct found found; /* for the cause */
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

static bool has_tags(enum event_kind kind)
{
    return kind == EVENT_PUT || kind == EVENT_REMOVE || kind == EVENT_QUERY;
}

/* Whether the archive has a request for it: loads that close at their date were not asked for. */
static bool has_request(const struct event *e)
{
    return archive_has(e->kind) && (e->kind != EVENT_CLOSE || strcmp(e->note, "date") != 0);
}

/* Whether the party signed it, under this manifest; hash of the statement. */
static bool is_signed(const struct replay *r, const struct manifest *m, uint8_t hash[WIRE_HASH_SIZE])
{
    const struct wire_request *in = &r->found.request;
    const struct party *party = m != NULL ? region_find_party(m->region, r->cause.party) : NULL;
    struct wire_ends ends;
    struct wire_statement statement;
    if (party == NULL)
        return false;
    ends.region = m->region->name;
    party_digest(ends.peer, &m->region->matcher);
    party_digest(ends.sender, party);
    if (r->cause.kind != EVENT_LETTER)
        return wire_request_verify(hash, in, &ends, party->sign, ERR_IGNORED) == 0;
    if (in->body.len != WIRE_HASH_SIZE) /* of a letter the archive has the hash of the body alone */
        return false;
    wire_statement_make(&statement, in, in->body.data, &ends);
    crypto_hash_sha256(hash, statement.bytes, statement.len);
    return wire_statement_verify(in, in->body.data, &ends, party->sign, ERR_IGNORED) == 0;
}

static bool is_scope(const struct event *e, const struct wire_request *request)
{
    return request->scope_count == 1 && strcmp(request->scope[0].purpose, e->purpose) == 0 &&
           request->scope[0].epoch == e->epoch;
}

static bool is_partner(const struct replay *r, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    int partner = replay_world_agency(&r->join.world, r->cause.partner);
    return partner >= 0 && memcmp(r->join.world.digest[partner], digest, PARTY_DIGEST_SIZE) == 0;
}

/* Whether a release, suspend or close says what its event says. */
static bool is_meeting_request(const struct replay *r)
{
    const struct event *e = &r->cause;
    const struct wire_request *in = &r->found.request;
    struct release_request release;
    struct suspend_request suspend;
    if (!is_scope(e, in) || memcmp(in->id, e->id, sizeof e->id) != 0)
        return false;
    switch (e->kind) {
    case EVENT_RELEASE:
        return in->type == WIRE_RELEASE && release_request_decode(&release, in->body, ERR_IGNORED) == 0 &&
               is_partner(r, release.partner) && release.count == e->count && release.until == e->until;
    case EVENT_SUSPEND:
        return in->type == WIRE_SUSPEND && suspend_request_decode(&suspend, in->body, ERR_IGNORED) == 0 &&
               is_partner(r, suspend.partner) && strcmp(e->note, suspend.on ? "on" : "off") == 0;
    default:
        return in->type == WIRE_CLOSE && close_request_decode(in->body, ERR_IGNORED) == 0;
    }
}

/* Whether a prekey is what its event says. */
static bool is_prekey_request(const struct replay *r)
{
    const struct wire_request *in = &r->found.request;
    struct prekey_request request;
    struct prekey prekey;
    return in->type == WIRE_PREKEY && memcmp(in->id, r->cause.id, sizeof in->id) == 0 &&
           prekey_request_decode(&request, in->body, ERR_IGNORED) == 0 &&
           prekey_decode(&prekey, request.statement, ERR_IGNORED) == 0 &&
           letters_verify_prekey(&r->cause, &prekey, r->cause.party, ERR_IGNORED) == 0;
}

/* Whether an acknowledgement is what its event says. */
static bool is_ack_request(const struct replay *r)
{
    const struct wire_request *in = &r->found.request;
    struct ack_request ack;
    return in->type == WIRE_ACK && memcmp(in->id, r->cause.id, sizeof in->id) == 0 &&
           ack_request_decode(&ack, in->body, ERR_IGNORED) == 0 && ack.through == r->cause.sequence &&
           memcmp(ack.chain, r->cause.chain, sizeof ack.chain) == 0;
}

/* Whether the event binds the request, whose statement has this hash. */
static bool is_bound(struct replay *r, const uint8_t hash[WIRE_HASH_SIZE])
{
    struct found *f = &r->found;
    if (memcmp(hash, r->cause.request, WIRE_HASH_SIZE) != 0)
        return false;
    if (r->cause.kind == EVENT_PREKEY)
        return is_prekey_request(r);
    if (r->cause.kind == EVENT_ACKNOWLEDGE)
        return is_ack_request(r);
    if (r->cause.kind == EVENT_LETTER)
        return f->request.type == WIRE_LETTER && memcmp(f->request.id, r->cause.id, sizeof r->cause.id) == 0;
    if (!has_tags(r->cause.kind))
        return is_meeting_request(r);
    return batch_decode(&f->batch, &f->request, ERR_IGNORED) == 0 &&
           batch_verify(&r->cause, &f->batch, r->cause.party, &f->request, hash, ERR_IGNORED) == 0;
}

/* The record of the cause at hand into r->found; one that the event does not bind is none. */
static int take_record(struct replay *r, struct err *err)
{
    struct found *f = &r->found;
    const struct manifest *now = r->join.world.now;
    uint8_t hash[WIRE_HASH_SIZE] = {0};
    buf_clear(&f->message);
    int rc = buf_put(&f->message, r->record.body.data, r->record.body.len, err);
    if (rc != 0)
        return rc;
    bool read =
        r->record.kind == r->cause.kind && wire_request_decode(&f->request, buf_span(&f->message), ERR_IGNORED) == 0;
    bool good = read && is_signed(r, now, hash);
    if (read && !good && r->cause.time <= r->since + VERIFIED_WITHIN)
        good = is_signed(r, r->before, hash);
    if (read && !good)
        is_signed(r, now, hash);
    f->any = read && is_bound(r, hash);
    f->missing = !f->any;
    if (!f->any)
        FOUND(r, FINDING_BATCH_MISSING, r->index,
              "the request that the archive has for it is not the one that the ledger binds");
    else if (!good)
        FOUND(r, FINDING_SIGNATURE, r->index, "%s did not sign the %s that the archive has for it", r->cause.party,
              event_kind_name(r->cause.kind));
    return next_record(r, err);
}

/* A record that is passed over. A copy of the archive may have what the store lost. */
static void tell_other(const struct replay *r)
{
    if (!walk_is_lost(r->walk, r->record.index))
        FOUND(r, FINDING_BATCH_MISSING, r->record.index, "the archive has a request for it, the ledger another event");
}

static int find_record(struct replay *r, struct err *err)
{
    int rc = 0;
    while (rc == 0 && r->record_found && r->record.index < r->index) {
        tell_other(r);
        rc = next_record(r, err);
    }
    if (rc != 0)
        return rc;
    if (r->record_found && r->record.index == r->index) {
        r->started = true;
        return r->join.world.now != NULL ? take_record(r, err) : next_record(r, err);
    }
    r->found.missing = r->started || !r->record_found;
    if (r->found.missing)
        FOUND(r, FINDING_BATCH_MISSING, r->index, "the archive has no request for this %s of %s",
              event_kind_name(r->cause.kind), r->cause.party);
    return 0;
}

/* --- what is known --- */

/* The purposes that the cause is about. */
static size_t purposes_of(const struct replay *r, uint16_t out[WIRE_SCOPE_MAX])
{
    struct event_scope scope;
    size_t count = 0;
    int number = manifests_number(&r->audit->manifests, r->cause.purpose);
    if (number >= 0)
        out[count++] = (uint16_t)number;
    if (event_get_scope(&scope, &r->cause, ERR_IGNORED) != 0)
        return count;
    for (size_t i = 0; count < WIRE_SCOPE_MAX && i < scope.items; i++) {
        number = manifests_number(&r->audit->manifests, scope.item[i].purpose);
        if (number >= 0 && r->cause.scope[0] != '\0')
            out[count++] = (uint16_t)number;
    }
    return count;
}

/* Whether the entries that there were before it are all known. */
static bool is_known(const struct replay *r, uint16_t purpose)
{
    const struct region_purpose *p = replay_world_purpose(&r->join.world, purpose);
    const uint64_t since = r->known_since[purpose];
    return since == 0 || (since != NEVER && p != NULL && p->retention > 0 && since + p->retention < r->cause.time);
}

/*
 * Whether the cause can only be checked in part. Where couples waited before all was known, who waits is not known from
 * then on. Where the archive lacks a request in the middle, nothing is: what it put or removed would else be found with
 * the matcher, whoever lost it.
 */
static bool is_partly(struct replay *r, const uint16_t *purpose, size_t count, bool lost)
{
    const bool waits = r->cause.kind == EVENT_MEET || replay_lines_has(r->lines, EVENT_WAIT);
    bool partly = false;
    for (size_t i = 0; i < count; i++) {
        uint64_t *since = &r->known_since[purpose[i]];
        if (lost && *since != NEVER)
            *since = r->found.missing ? NEVER : r->cause.time + (r->cause.time == 0);
        if (!is_known(r, purpose[i])) {
            partly = true;
            *since = waits ? NEVER : *since;
        }
    }
    return partly;
}

static bool is_never(const struct replay *r, const uint16_t *purpose, size_t count)
{
    bool never = false;
    for (size_t i = 0; i < count; i++)
        never = never || r->known_since[purpose[i]] == NEVER;
    return never;
}

/* --- one cause, when all that follows it is there --- */

/* What the request names as spent, told to who watches. */
static int tell_spent(struct replay *r, const struct batch *batch, struct err *err)
{
    const struct replay_watch *w = &r->join.watch;
    const struct wire_spent_list *spent = batch->type == WIRE_PUT     ? &batch->put.spent
                                          : batch->type == WIRE_QUERY ? &batch->query.spent
                                                                      : NULL;
    return w->named != NULL && spent != NULL && spent->count > 0 ? w->named(w->context, r->index, &r->cause, spent, err)
                                                                 : 0;
}

static int work_request(struct replay *r, uint16_t purpose, int agency, struct err *err)
{
    const struct batch *batch = r->found.any ? &r->found.batch : NULL;
    if (agency < 0)
        return 0; /* verifying has named it */
    r->counts.batches += batch != NULL;
    r->counts.tags += batch != NULL ? batch->tags : 0;
    int rc = batch != NULL ? tell_spent(r, batch, err) : 0;
    if (rc != 0)
        return rc;
    if (r->cause.kind == EVENT_PUT)
        return replay_put(&r->join, purpose, (uint16_t)agency, batch, err);
    if (r->cause.kind == EVENT_REMOVE)
        return replay_remove(&r->join, purpose, (uint16_t)agency, batch, err);
    return batch != NULL ? replay_query(&r->join, (uint16_t)agency, batch, err) : 0;
}

static int work(struct replay *r, uint16_t purpose, struct err *err)
{
    const int agency = replay_world_agency(&r->join.world, r->cause.party);
    switch (r->cause.kind) {
    case EVENT_REJOIN:
        return replay_rejoin(&r->join, purpose, err);
    case EVENT_EXPIRE:
        return agency >= 0 ? replay_expire(&r->join, purpose, (uint16_t)agency, err) : 0;
    case EVENT_END:
        return replay_end(&r->join, purpose, err);
    case EVENT_MEET:
        return replay_meet(&r->join, purpose, err);
    case EVENT_COUNTS:
        return replay_counts_told(&r->join, purpose, err);
    default:
        return work_request(r, purpose, agency, err);
    }
}

/* While a purpose is walked it takes questions alone, and entries end. */
static bool waits_for_walks(enum event_kind kind)
{
    return kind != EVENT_QUERY && kind != EVENT_END && kind != EVENT_REJOIN && kind != EVENT_COUNTS;
}

static int work_off(struct replay *r, struct err *err)
{
    uint16_t purpose[WIRE_SCOPE_MAX];
    const size_t purposes = purposes_of(r, purpose);
    const bool cut = strcmp(r->cause.note, "cut") == 0, lost = has_tags(r->cause.kind) && !r->found.any;
    int rc = 0;
    r->open = false;
    if (purposes == 0 || r->join.world.now == NULL) {
        r->counts.unchecked++; /* verifying has named it */
        replay_mail_blind(r->mail);
        return 0;
    }
    r->join.partly = is_partly(r, purpose, purposes, lost) || cut;
    r->join.out_of_turn = false;
    r->counts.unchecked += r->join.partly;
    if (waits_for_walks(r->cause.kind) && !r->join.partly)
        rc = replay_check_walked(&r->join, purpose[0], err);
    if (rc == 0)
        rc = work(r, purpose[0], err);
    if (rc == 0)
        rc = replay_state_commit(r->join.state, err);
    if (rc == 0 && !lost && !cut && !r->join.out_of_turn && !is_never(r, purpose, purposes))
        replay_lines_compare(r->lines, r->join.partly);
    return rc == 0 ? replay_lines_mail(r->lines, r->mail, &r->join.world, err) : rc;
}

/* --- releases, suspensions, closes: nothing follows them --- */

static int take_release(struct replay *r, uint16_t purpose, uint16_t agency, uint16_t partner, struct err *err)
{
    struct replay_pair *pair;
    int rc = replay_state_pair_make(r->join.state, purpose, agency, partner, &pair, err);
    if (rc != 0)
        return rc;
    pair->release[replay_pair_side(pair, agency)].left = r->cause.count;
    pair->release[replay_pair_side(pair, agency)].until = r->cause.until;
    return 0;
}

static int take_meeting_event(struct replay *r, struct err *err)
{
    const struct replay_world *world = &r->join.world;
    const struct event *e = &r->cause;
    int purpose = manifests_number(&r->audit->manifests, e->purpose), agency = replay_world_agency(world, e->party);
    int partner = e->kind == EVENT_CLOSE ? agency : replay_world_agency(world, e->partner);
    if (purpose < 0 || agency < 0 || partner < 0 || (e->kind != EVENT_CLOSE && partner == agency))
        return 0; /* verifying has named it */
    if (e->kind == EVENT_RELEASE)
        return take_release(r, (uint16_t)purpose, (uint16_t)agency, (uint16_t)partner, err);
    r->join.partly = !is_known(r, (uint16_t)purpose);
    /* Several loads may close at one date, and are then walked together. */
    const bool together = e->kind == EVENT_CLOSE && !r->join.walked[purpose].any;
    int rc = r->join.partly || together ? 0 : replay_check_walked(&r->join, (uint16_t)purpose, err);
    if (rc != 0)
        return rc;
    if (e->kind == EVENT_CLOSE)
        return replay_close(&r->join, (uint16_t)purpose, (uint32_t)e->epoch, (uint16_t)agency, err);
    return replay_suspend(&r->join, (uint16_t)purpose, (uint16_t)agency, (uint16_t)partner, strcmp(e->note, "on") == 0,
                          err);
}

/* --- mailboxes --- */

/* A letter lies in its recipient's mailbox; what it says nobody knows, but its digest. */
static int take_letter(struct replay *r, struct err *err)
{
    const struct event *e = &r->cause;
    const int from = replay_world_agency(&r->join.world, e->party),
              to = replay_world_agency(&r->join.world, e->partner);
    struct mailbox_message message = {
        .kind = MAILBOX_LETTER, .epoch = (uint32_t)e->epoch, .time = e->time, .leaf = r->index};
    if (from < 0 || to < 0)
        return replay_mail_unknown(r->mail, e->partner, 1, err);
    memcpy(message.purpose, e->purpose, sizeof message.purpose);
    memcpy(message.partner, r->join.world.digest[from], sizeof message.partner);
    return replay_mail_add(r->mail, (uint16_t)to, &message, e->digest, err);
}

/* The store is as if it had never been, but for the numbers of the mail that it brought about. */
static void take_lost(struct replay *r, const struct event *event)
{
    r->counts.unchecked += event_is_cause(event->kind);
    if (event->kind == EVENT_LETTER)
        replay_mail_lost(r->mail, event->partner, 1);
    else if (event_is_line(event->kind) && event->kind != EVENT_WAIT)
        replay_mail_lost(r->mail, event->party, event->count);
}

/* --- an event --- */

static int begin_event(struct replay *r, uint64_t index, const struct event *event, struct err *err)
{
    r->cause = *event;
    r->index = r->join.index = index;
    r->found.any = r->found.missing = false;
    r->open = event_is_cause(event->kind);
    if (r->open)
        replay_lines_begin(r->lines, index, event);
    int rc = has_request(event) ? find_record(r, err) : 0;
    if (rc != 0 || r->open || r->join.world.now == NULL)
        return rc;
    if (event->kind == EVENT_ACKNOWLEDGE)
        replay_mail_acknowledge(r->mail, index, event);
    if (event->kind == EVENT_LETTER)
        return take_letter(r, err);
    return event->kind == EVENT_RELEASE || event->kind == EVENT_SUSPEND || event->kind == EVENT_CLOSE
               ? take_meeting_event(r, err)
               : 0;
}

static int take_manifest(struct replay *r, const struct event *event, struct err *err)
{
    const struct manifest *next = manifests_find(&r->audit->manifests, event->digest);
    r->before = r->join.world.now;
    r->since = event->time;
    r->join.world.now = next;
    return next != NULL ? replay_manifest(&r->join, next, err) : 0;
}

static int take_event(void *context, uint64_t index, const struct event *event, struct err *err)
{
    struct replay *r = context;
    const bool lost = walk_is_lost(r->walk, index);
    if (event_is_line(event->kind) && !lost)
        return r->open ? replay_lines_said(r->lines, index, event, err) : 0;
    int rc = r->open ? work_off(r, err) : 0;
    if (lost)
        take_lost(r, event);
    if (rc != 0 || lost)
        return rc;
    if ((event_is_cause(event->kind) || archive_has(event->kind)))
        rc = begin_event(r, index, event, err);
    if (rc == 0 && event->kind == EVENT_MANIFEST)
        rc = take_manifest(r, event, err);
    return rc;
}

/* --- beginning and end --- */

static int make_room(struct replay *r, struct err *err)
{
    const size_t names = r->audit->manifests.names + 1;
    r->known_since = calloc(names, sizeof *r->known_since);
    r->join.walked = calloc(names, sizeof *r->join.walked);
    r->join.walks = calloc(names, sizeof *r->join.walks);
    if (r->known_since == NULL || r->join.walked == NULL || r->join.walks == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    return replay_world_init(&r->join.world, &r->audit->manifests, err);
}

int replay_new(struct replay **out, struct audit *audit, const struct walk *matcher, const char *archive,
               const char *work, struct err *err)
{
    struct replay *r = calloc(1, sizeof *r);
    if (r == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    r->audit = audit;
    r->walk = matcher;
    r->handler = (struct walk_handler){.event = take_event, .context = r};
    r->found.message = buf_of(ARCHIVE_BODY_MAX);
    r->join.findings = &audit->findings;
    r->join.origin = matcher->origin;
    r->join.counts = &r->counts;
    r->join.cause = &r->cause;
    int rc = make_room(r, err);
    if (rc == 0)
        rc = archive_reader_open(&r->archive, archive, err);
    if (rc == 0)
        rc = replay_state_open(&r->join.state, work, err);
    if (rc == 0)
        rc = replay_lines_new(&r->lines, &audit->manifests, &audit->findings, matcher->origin, err);
    r->join.lines = r->lines;
    if (rc == 0)
        rc = replay_mail_new(&r->mail, &r->join.world, &audit->findings, matcher->origin, err);
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
    replay_state_close(replay->join.state);
    replay_lines_free(replay->lines);
    replay_mail_free(replay->mail);
    replay_world_free(&replay->join.world);
    free(replay->join.walked);
    free(replay->join.walks);
    free(replay->known_since);
    buf_free(&replay->found.message);
    free(replay);
}

void replay_watched(struct replay *replay, const struct replay_watch *watch)
{
    replay->join.watch = *watch;
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
        tell_other(r);
        rc = next_record(r, err);
    }
    *counts = r->counts;
    return rc;
}
