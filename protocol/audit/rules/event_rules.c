#include "protocol/audit/rules/event_rules.h"

#include "protocol/audit/basis/coalition.h"
#include "protocol/audit/rules/cause_rules.h"
#include "protocol/audit/rules/letter_rules.h"
#include "protocol/audit/rules/witness_rules.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/ledger/refusal.h"
#include "protocol/ledger/window.h"
#include "protocol/ledger/witness.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_MAX 8192 /* entries or elements in one message */
#define CHARGES 8192   /* open addressing: agency, purpose */

/* What an agency had evaluated for a purpose and epoch on a day, and the largest limit that it had on it. */
struct charge {
    uint8_t agency[PARTY_DIGEST_SIZE]; /* a successor under its name has accounts of its own */
    int purpose;                       /* number */
    uint32_t epoch, day;
    bool used, told;
    uint64_t sum, limit;
};

/*
 * Requests seen: a keyed hash of party and id each, so that nobody can make two alike, and the day of the last. Half
 * full at most.
 */
struct seen_one {
    uint8_t hash[16]; /* zeros: free */
    uint64_t time, index;
    uint8_t statement[8]; /* the beginning of its hash */
};

struct seen {
    struct seen_one *one;
    size_t room, count;
    uint8_t key[32];
};

/* What there was before entries that were lost: it is so again behind them. */
struct before {
    bool any, unknown;
    const struct manifest *now;
    uint64_t version;
    struct letter_rules *letters;
};

struct event_rules {
    struct audit *audit;
    const struct walk *walk;
    const struct manifest *now; /* in force; NULL: none yet */
    bool unknown;               /* ... or one that is not at hand */
    uint64_t version;           /* of it */
    uint64_t index, time;       /* of the event at hand; of the last one */
    bool running;
    uint64_t final;         /* entries covered by the newest final checkpoint */
    uint64_t set_back;      /* the entry of the last clock event */
    uint64_t waiting_since; /* time of the first event that none covers; 0: all are covered */
    bool waiting_told;
    struct cause_rules *cause;
    struct letter_rules *letters;
    struct before before[WALK_LOST_MAX]; /* by the number of the walk's losses */
    struct charge charge[CHARGES];
    struct seen seen;
};

int event_rules_new(struct event_rules **out, struct audit *audit, const struct walk *walk, struct err *err)
{
    struct event_rules *r = calloc(1, sizeof *r);
    if (r == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the rules");
    r->audit = audit;
    r->walk = walk;
    randombytes_buf(r->seen.key, sizeof r->seen.key);
    int rc = cause_rules_new(&r->cause, &audit->manifests, &audit->findings, walk->origin, err);
    if (rc == 0)
        rc = letter_rules_new(&r->letters, &audit->findings, walk->origin, err);
    if (rc != 0)
        event_rules_free(r);
    else
        *out = r;
    return rc;
}

void event_rules_free(struct event_rules *rules)
{
    if (rules == NULL)
        return;
    cause_rules_free(rules->cause);
    letter_rules_free(rules->letters);
    for (size_t i = 0; i < WALK_LOST_MAX; i++)
        letter_rules_free(rules->before[i].letters);
    free(rules->seen.one);
    free(rules);
}

uint64_t event_rules_final(const struct event_rules *rules)
{
    return rules->final;
}

#define FOUND(r, code, ...) findings_add(&(r)->audit->findings, code, (r)->walk->origin, (r)->index, __VA_ARGS__)

/* --- times --- */

/* A clock that was set right says so in an event; a time that goes back without one no daemon of ours writes. */
static void check_time(struct event_rules *r, const struct event *e)
{
    char before[CLOCK_TEXT_SIZE], now[CLOCK_TEXT_SIZE];
    struct finding_blame owner = {FINDING_GUILTY, ""};
    memcpy(owner.who, r->walk->party->name, sizeof r->walk->party->name);
    if (e->kind == EVENT_CLOCK && e->count > WINDOW_CLOCKS)
        FOUND(r, FINDING_CLOCK, "the party's clock went back by %" PRIu64 " s", e->count);
    else if (e->kind != EVENT_CLOCK && e->time < r->time)
        findings_blame(&r->audit->findings, FINDING_CLOCK, &owner, r->walk->origin, r->index,
                       "its time is %s, but %s was written down before it", clock_text(now, e->time),
                       clock_text(before, r->time));
    r->time = e->time;
    r->set_back = e->kind == EVENT_CLOCK ? r->index : r->set_back;
}

/* By the manifest in force; nobody must cosign a custodian's. */
static size_t witnesses_needed(const struct event_rules *r)
{
    return r->walk->custodian >= 0 || r->now == NULL ? r->walk->witnesses_needed : r->now->region->witnesses;
}

/* Within one run of the daemon an event is to be covered before another is so much younger. */
static void check_waiting(struct event_rules *r, const struct event *e)
{
    if (witnesses_needed(r) == 0 || e->kind == EVENT_WITNESS || e->kind == EVENT_STOP)
        return;
    if (r->waiting_since == 0 || e->kind == EVENT_START || e->time < r->waiting_since) {
        r->waiting_since = e->time;
        r->waiting_told = false;
    } else if (e->time - r->waiting_since > WINDOW_FINAL && !r->waiting_told) {
        char since[CLOCK_TEXT_SIZE];
        r->waiting_told = true;
        FOUND(r, FINDING_NOT_FINAL,
              "no checkpoint with %zu cosignatures covers the events since %s: %" PRIu64 " entries are final",
              witnesses_needed(r), clock_text(since, r->waiting_since), r->final);
    }
}

void event_rules_stranger(struct event_rules *rules, const struct walk_checkpoint *checkpoint, const char *where)
{
    if (checkpoint->stranger[0] != '\0')
        FOUND(rules, FINDING_STRANGER,
              "%s: the checkpoint of %" PRIu64 " entries carries a line of neither the party nor its "
              "witnesses: %s",
              where, checkpoint->size, checkpoint->stranger);
}

int event_rules_checkpoint(void *context, const struct walk_checkpoint *checkpoint, struct err *err)
{
    struct event_rules *r = context;
    (void)err;
    event_rules_stranger(r, checkpoint, "checkpoints");
    if (checkpoint->cosigned != 0 && checkpoint->cosigned + WINDOW_CLOCKS < r->time)
        FOUND(r, FINDING_CLOCK, "a witness cosigned the entry %" PRIu64 " s before the time that it states",
              r->time - checkpoint->cosigned);
    if (coalition_size(checkpoint->by) >= witnesses_needed(r)) {
        r->final = checkpoint->size;
        r->waiting_since = 0;
    }
    return 0;
}

/* --- requests --- */

static struct seen_one *slot_of(struct seen_one *one, size_t room, const uint8_t key[16])
{
    static const uint8_t none[16];
    size_t at = (size_t)bytes_get_u64be(key) % room;
    while (memcmp(one[at].hash, none, sizeof none) != 0 && memcmp(one[at].hash, key, sizeof none) != 0)
        at = (at + 1) % room;
    return &one[at];
}

static int grow_seen(struct seen *seen, struct err *err)
{
    static const uint8_t none[16];
    const size_t room = seen->room > 0 ? 2 * seen->room : 4096;
    struct seen_one *one = calloc(room, sizeof *one);
    if (one == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the requests of a ledger");
    for (size_t i = 0; i < seen->room; i++)
        if (memcmp(seen->one[i].hash, none, sizeof none) != 0)
            *slot_of(one, room, seen->one[i].hash) = seen->one[i];
    free(seen->one);
    seen->one = one;
    seen->room = room;
    return 0;
}

/*
 * Whether the two have been seen before, in an entry that was not lost; remembers them. An id that is long forgotten
 * may name another request; the same request is too old by then, unless the clock was set back.
 */
static int is_repeated(struct seen *seen, const struct walk *walk, uint64_t set_back, uint64_t index,
                       const struct event *e, bool *repeated, struct err *err)
{
    crypto_generichash_state state;
    uint8_t hash[16];
    crypto_generichash_init(&state, seen->key, sizeof seen->key, sizeof hash);
    crypto_generichash_update(&state, e->id, sizeof e->id);
    crypto_generichash_update(&state, (const uint8_t *)e->party, strlen(e->party));
    crypto_generichash_final(&state, hash, sizeof hash);
    int rc = 2 * (seen->count + 1) > seen->room ? grow_seen(seen, err) : 0;
    if (rc != 0)
        return rc;
    struct seen_one *slot = slot_of(seen->one, seen->room, hash);
    const bool known = memcmp(slot->hash, hash, sizeof hash) == 0;
    const uint64_t apart = slot->time < e->time ? e->time - slot->time : slot->time - e->time;
    const bool again = apart <= WINDOW_REPEATED ||
                       (memcmp(slot->statement, e->request, sizeof slot->statement) == 0 && slot->index >= set_back);
    *repeated = known && again && !walk_is_lost(walk, slot->index);
    seen->count += !known;
    memcpy(slot->hash, hash, sizeof hash);
    slot->time = e->time;
    slot->index = index;
    memcpy(slot->statement, e->request, sizeof slot->statement);
    return 0;
}

static bool is_by_date(const struct event *e)
{
    return e->kind == EVENT_CLOSE && strcmp(e->note, "date") == 0;
}

/*
 * A request is done once, whoever repeats it: its id is signed, and so the second event is the ledger's owner's own
 * doing.
 */
static int check_request(struct event_rules *r, const struct event *e, struct err *err)
{
    bool asked_for = event_is_asked_for(e->kind) && !is_by_date(e), repeated = false;
    bool named = !sodium_is_zero(e->id, sizeof e->id) && !sodium_is_zero(e->request, sizeof e->request);
    if (asked_for != named)
        FOUND(r, FINDING_NOT_CONSISTENT, "%s with%s the id and hash of a request", event_kind_name(e->kind),
              named ? "" : "out");
    if (!asked_for || !named)
        return 0;
    int rc = is_repeated(&r->seen, r->walk, r->set_back, r->index, e, &repeated, err);
    if (rc == 0 && repeated)
        FOUND(r, FINDING_REPEATED, "%s of %s for a request that an earlier event is about, too",
              event_kind_name(e->kind), e->party);
    return rc;
}

/* --- the daemon and its manifests --- */

static void check_start(struct event_rules *r, const struct event *e)
{
    if (r->index == 0 && e->kind != EVENT_START)
        FOUND(r, FINDING_NOT_CONSISTENT, "a ledger begins with a start, this one with %s", event_kind_name(e->kind));
    if (r->index > 0 && !r->running && e->kind != EVENT_START && e->kind != EVENT_CLOCK && e->kind != EVENT_RESTORED)
        FOUND(r, FINDING_NOT_CONSISTENT, "%s behind a stop and before the next start", event_kind_name(e->kind));
    if (e->kind == EVENT_START || e->kind == EVENT_STOP)
        r->running = e->kind == EVENT_START;
    else if (r->index == 0)
        r->running = true;
}

static void check_manifest(struct event_rules *r, const struct event *e)
{
    const struct manifest *next = manifests_find(&r->audit->manifests, e->digest);
    char hex[2 * EVENT_DIGEST_SIZE + 1];
    bytes_to_hex(hex, e->digest, sizeof e->digest);
    if (r->version > 0 && e->count <= r->version)
        FOUND(r, FINDING_NOT_ALLOWED, "manifest version %" PRIu64 " was put in force while %" PRIu64 " was", e->count,
              r->version);
    if (next == NULL) {
        const struct manifests *all = &r->audit->manifests;
        bool forked = false;
        for (size_t i = 0; i < all->count; i++)
            forked = forked || all->list[i].region->version == e->count;
        if (forked)
            FOUND(r, FINDING_FORKED,
                  "manifest version %" PRIu64 " with the digest %.16s was put in force, which is not the one "
                  "that the coordinators' chain has",
                  e->count, hex);
        else
            FOUND(r, FINDING_MANIFEST_MISSING,
                  "what follows is not checked against manifest version %" PRIu64 " (digest %.16s): "
                  "give it with --manifest",
                  e->count, hex);
    } else if (next->region->version != e->count) {
        FOUND(r, FINDING_NOT_CONSISTENT, "it calls manifest version %" PRIu64 " version %" PRIu64,
              next->region->version, e->count);
    }
    r->now = next;
    r->unknown = next == NULL;
    r->version = e->count;
    cause_rules_manifest(r->cause, next);
}

/* --- a store that was put back --- */

static int keep_before(struct event_rules *r, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->walk->losses; i++) {
        struct before *b = &r->before[i];
        if (r->walk->lost[i].gone || r->walk->lost[i].from != r->index || b->any)
            continue;
        *b = (struct before){true, r->unknown, r->now, r->version, NULL};
        rc = letter_rules_copy(&b->letters, r->letters, err);
    }
    return rc;
}

/*
 * Between the last entry and the next start. What was lost may come again: manifests, requests under the same ids,
 * prekeys.
 */
static void check_restored(struct event_rules *r, const struct event *e)
{
    const struct walk_lost *lost = walk_lost_by(r->walk, r->index);
    r->running = false;
    if (lost == NULL || e->note[0] == '\0' || e->party[0] != '\0')
        FOUND(r, FINDING_NOT_CONSISTENT,
              "restored: %" PRIu64 " entries from %" PRIu64
              " on are none that end here or would be here, or nobody says why",
              e->count, e->sequence);
    if (lost == NULL || lost->gone)
        return;
    struct before *b = &r->before[lost - r->walk->lost];
    r->unknown = b->unknown;
    r->now = b->now;
    r->version = b->version;
    letter_rules_free(r->letters);
    r->letters = b->letters;
    b->letters = NULL;
    cause_rules_manifest(r->cause, r->now);
}

/* --- who, for what --- */

static void check_agency(struct event_rules *r, const struct event *e, int party)
{
    if (!manifest_has_agency(r->now, party))
        FOUND(r, FINDING_NOT_ALLOWED, "%s of %s, which is no agency in manifest version %" PRIu64,
              event_kind_name(e->kind), e->party, r->version);
}

/*
 * Removals go on as long as something is held, releases and the like until the epoch's date; all else is of the current
 * one.
 */
static bool epoch_fits(const struct region_purpose *p, const struct event *e, uint32_t epoch)
{
    const struct region_epoch *found = region_find_epoch(p, epoch);
    switch (e->kind) {
    case EVENT_REMOVE:
        return true;
    case EVENT_RELEASE:
    case EVENT_SUSPEND:
    case EVENT_CLOSE: /* of its own accord also what has ended meanwhile */
        return found != NULL || is_by_date(e);
    default:
        return found == region_current(p);
    }
}

static void check_one_purpose(struct event_rules *r, const struct event *e, const struct wire_scope *scope)
{
    const struct region_purpose *p = manifest_purpose(r->now, manifests_number(&r->audit->manifests, scope->purpose));
    if (p == NULL)
        FOUND(r, FINDING_NOT_ALLOWED, "%s for %s, which is no purpose of manifest version %" PRIu64,
              event_kind_name(e->kind), scope->purpose[0] != '\0' ? scope->purpose : "nothing", r->version);
    else if (!epoch_fits(p, e, scope->epoch))
        FOUND(r, FINDING_NOT_ALLOWED, "%s for %s in epoch %u while %u was in force", event_kind_name(e->kind),
              scope->purpose, (unsigned)scope->epoch, (unsigned)region_current(p)->epoch);
}

static void check_purpose(struct event_rules *r, const struct event *e)
{
    struct event_scope scope;
    if (event_get_scope(&scope, e, ERR_IGNORED) != 0)
        FOUND(r, FINDING_NOT_CONSISTENT, "%s with a malformed scope", event_kind_name(e->kind));
    else if (scope.items == 0)
        check_one_purpose(r, e, &scope.item[0]);
    for (size_t i = 0; i < scope.items; i++)
        check_one_purpose(r, e, &scope.item[i]);
}

static void check_count(struct event_rules *r, const struct event *e, uint64_t parts)
{
    if (e->count == 0 || e->count > BATCH_MAX || parts > e->count)
        FOUND(r, FINDING_NOT_CONSISTENT, "%s of %" PRIu64 " with parts of %" PRIu64, event_kind_name(e->kind), e->count,
              parts);
}

static void check_entries(struct event_rules *r, const struct event *e, int party)
{
    uint64_t parts = e->kind == EVENT_PUT      ? e->added + e->renewed + e->replaced
                     : e->kind == EVENT_REMOVE ? e->removed
                                               : 0;
    check_agency(r, e, party);
    check_purpose(r, e);
    check_count(r, e, parts);
    if (e->kind == EVENT_PUT && parts != e->count)
        FOUND(r, FINDING_NOT_CONSISTENT, "put of %" PRIu64 " entries, of which %" PRIu64 " are accounted for", e->count,
              parts);
}

static void check_expire(struct event_rules *r, const struct event *e, int purpose)
{
    const struct region_purpose *p = manifest_purpose(r->now, purpose);
    if (p == NULL || p->retention == 0)
        FOUND(r, FINDING_NOT_ALLOWED, "entries of %s expired although %s sets no retention", e->party,
              e->purpose[0] != '\0' ? e->purpose : "nothing");
}

/* --- meeting --- */

static void check_both(struct event_rules *r, const struct event *e, int party)
{
    int partner = manifests_number(&r->audit->manifests, e->partner);
    check_agency(r, e, party);
    if (!manifest_has_agency(r->now, partner) || partner == party)
        FOUND(r, FINDING_NOT_ALLOWED, "%s of %s with %s, which is no other agency in manifest version %" PRIu64,
              event_kind_name(e->kind), e->party, e->partner[0] != '\0' ? e->partner : "nobody", r->version);
}

static void check_note(struct event_rules *r, const struct event *e, const char *one, const char *other)
{
    if (strcmp(e->note, one) != 0 && strcmp(e->note, other) != 0)
        FOUND(r, FINDING_NOT_CONSISTENT, "%s with the note \"%s\", not %s or %s", event_kind_name(e->kind), e->note,
              one, other);
}

/* A first load closes when its agency says so, or at the date of its limits. */
static void check_close(struct event_rules *r, const struct event *e)
{
    const struct region *region = r->now->region;
    int agency = region_find_agency(region, e->party), purpose = region_find_purpose(region, e->purpose);
    check_note(r, e, "request", "date");
    if (!is_by_date(e) || agency < 0 || purpose < 0)
        return;
    const struct region_limits *limits = region_limits(region, agency, purpose);
    if (limits->load != 0 && (limits->load_until == 0 || e->time < limits->load_until))
        FOUND(r, FINDING_NOT_ALLOWED, "the first load of %s for %s was closed before its date", e->party, e->purpose);
}

static void check_meeting(struct event_rules *r, const struct event *e, int party)
{
    if (e->kind == EVENT_CLOSE)
        check_agency(r, e, party);
    else
        check_both(r, e, party);
    if (e->kind != EVENT_MEET)
        check_purpose(r, e);
    if (e->kind == EVENT_SUSPEND)
        check_note(r, e, "on", "off");
    if (e->kind == EVENT_CLOSE)
        check_close(r, e);
    if (e->kind == EVENT_MEET && (e->count == 0 || strcmp(e->party, e->partner) >= 0))
        FOUND(r, FINDING_NOT_CONSISTENT, "a meet of nothing, or of two that do not stand in the order of their names");
}

/* What ended: the epoch, the purpose in the manifest, the agency in it, whose name a successor may have. */
static void check_end(struct event_rules *r, const struct event *e, int party, int purpose)
{
    const struct region_purpose *p = manifest_purpose(r->now, purpose);
    const struct region_epoch *epoch = p != NULL ? region_find_epoch(p, (uint32_t)e->epoch) : NULL;
    bool stands = epoch != NULL && (epoch->until == 0 || e->time < epoch->until);
    bool succeeded = r->audit->manifests.count > 1; /* only replaying tells who it is */
    if (stands && manifest_has_agency(r->now, party) && !succeeded)
        FOUND(r, FINDING_NOT_ALLOWED, "entries of %s for %s were ended in epoch %" PRIu64 ", which has not ended",
              e->party, e->purpose, e->epoch);
}

static void check_counts(struct event_rules *r, const struct event *e, int purpose)
{
    const struct region_purpose *p = manifest_purpose(r->now, purpose);
    if (p == NULL || p->kind != REGION_ISSUED)
        FOUND(r, FINDING_NOT_ALLOWED, "counts of questions for %s, which is no purpose of kind issued",
              e->purpose[0] != '\0' ? e->purpose : "nothing");
    if (e->until == 0 || e->until % 86400 != 0 || e->until > e->time)
        FOUND(r, FINDING_NOT_CONSISTENT, "counts of a day that is not over");
}

static void check_refusal(struct event_rules *r, const struct event *e)
{
    bool known = false;
    const char *name;
    for (int i = 1; !known && (name = refusal_name((enum refusal)i)) != NULL; i++)
        known = strcmp(name, e->note) == 0;
    if (!known)
        FOUND(r, FINDING_NOT_CONSISTENT, "a refusal for a reason that there is not");
}

/* --- the custodian's --- */

static struct charge *find_charge(struct event_rules *r, const uint8_t agency[PARTY_DIGEST_SIZE], int purpose,
                                  uint32_t epoch)
{
    size_t at = (bytes_get_u32be(agency) + (size_t)purpose * 31 + epoch) % CHARGES;
    for (size_t tries = 0; tries < CHARGES; tries++, at = (at + 1) % CHARGES) {
        struct charge *c = &r->charge[at];
        if (!c->used) {
            *c = (struct charge){.purpose = purpose, .epoch = epoch, .used = true};
            memcpy(c->agency, agency, sizeof c->agency);
        }
        if (c->purpose == purpose && c->epoch == epoch && memcmp(c->agency, agency, sizeof c->agency) == 0)
            return c;
    }
    return NULL;
}

/*
 * The custodian charges by its events' times, and so none goes over midnight. A manifest of that day may have lowered
 * the limit.
 */
static void check_limit(struct event_rules *r, const struct event *e, const struct wire_scope *scope, uint64_t count)
{
    const struct region *region = r->now->region;
    const int agency = region_find_agency(region, e->party), at = region_find_purpose(region, scope->purpose);
    const int purpose = manifests_number(&r->audit->manifests, scope->purpose);
    struct charge *c = agency >= 0 && at >= 0 ? find_charge(r, region->digests[agency], purpose, scope->epoch) : NULL;
    if (c == NULL)
        return;
    const struct region_limits *limits = region_limits(region, agency, at);
    const uint64_t limit = region_share_of(region, limits->load) + region_share_of(region, limits->daily);
    const uint32_t day = clock_day(e->time);
    if (c->day != day) {
        c->day = day;
        c->sum = c->limit = 0;
        c->told = false;
    }
    c->sum += count;
    c->limit = limit > c->limit ? limit : c->limit;
    if (c->sum <= c->limit || c->told)
        return;
    c->told = true;
    FOUND(r, FINDING_NOT_ALLOWED, "%s had %" PRIu64 " elements evaluated for %s on one day, the limit is %" PRIu64,
          e->party, c->sum, scope->purpose, c->limit);
}

static void check_limits(struct event_rules *r, const struct event *e)
{
    struct event_scope scope;
    if (event_get_scope(&scope, e, ERR_IGNORED) != 0)
        return; /* a finding already */
    for (size_t i = 0; i < scope.items; i++)
        check_limit(r, e, &scope.item[i], scope.count[i]);
}

/* The sharing of the key that did it is the manifest's. */
static void check_generation(struct event_rules *r, const struct event *e, int purpose)
{
    const struct region_purpose *p = manifest_purpose(r->now, purpose);
    const struct region_epoch *epoch = p != NULL ? region_find_epoch(p, (uint32_t)e->epoch) : NULL;
    if (e->generation != 0 && epoch != NULL && e->generation != epoch->generation)
        FOUND(r, FINDING_NOT_ALLOWED, "evaluated under generation %" PRIu64 " of the key while %u was in force",
              e->generation, (unsigned)epoch->generation);
}

/* As many as the threshold, this custodian among them. */
static void check_coalition(struct event_rules *r, const struct event *e)
{
    coalition_bits coalition;
    const struct region *region = r->now->region;
    const int own = region_find_custodian(region, r->walk->party->name);
    if (own < 0)
        FOUND(r, FINDING_NOT_ALLOWED, "evaluated although %s is no custodian in manifest version %" PRIu64,
              r->walk->party->name, r->version);
    if (!coalition_read(&coalition, e->note) || coalition_size(coalition) != region->threshold ||
        coalition >> region->custodian_count != 0)
        FOUND(r, FINDING_NOT_CONSISTENT, "evaluated for the coalition \"%s\", which is none of %zu of %zu custodians",
              e->note, region->threshold, region->custodian_count);
    else if (own >= 0 && (coalition >> own & 1) == 0)
        FOUND(r, FINDING_NOT_ALLOWED, "evaluated for the coalition %s, to which this custodian does not belong",
              e->note);
}

static void check_evaluate(struct event_rules *r, const struct event *e, int party, int purpose)
{
    check_agency(r, e, party);
    check_purpose(r, e);
    check_count(r, e, 0);
    check_coalition(r, e);
    check_limits(r, e);
    check_generation(r, e, purpose);
}

/* --- witnessing --- */

static const struct party *find_peer(const struct event_rules *r, const char *name)
{
    const struct region *region = r->now->region;
    int custodian = region_find_custodian(region, name);
    if (r->walk->custodian < 0)
        return custodian >= 0 ? &region->custodians[custodian].party : NULL;
    return strcmp(region->matcher.name, name) == 0 ? &region->matcher : NULL;
}

static void check_peer(struct event_rules *r, const struct event *e)
{
    const struct party *peer = find_peer(r, e->party);
    if (peer == NULL)
        FOUND(r, FINDING_NOT_ALLOWED, "%s of %s, whose ledger this party does not witness", event_kind_name(e->kind),
              e->party);
    else
        witness_rules_event(&(struct witness_rules){r->audit, r->walk, r->now, r->index}, e, peer);
}

/* --- an event --- */

static bool belongs_here(const struct event_rules *r, enum event_kind kind)
{
    switch (kind) {
    case EVENT_START:
    case EVENT_STOP:
    case EVENT_MANIFEST:
    case EVENT_REFUSE:
    case EVENT_WITNESS:
    case EVENT_SPLIT:
    case EVENT_CLOCK:
    case EVENT_RESTORED:
    case EVENT_CLOSE: /* a first load is counted here, and joined there */
        return true;
    case EVENT_EVALUATE:
        return r->walk->custodian >= 0;
    default:
        return r->walk->custodian < 0;
    }
}

static void check_allowed(struct event_rules *r, const struct event *e)
{
    int party = manifests_number(&r->audit->manifests, e->party),
        purpose = manifests_number(&r->audit->manifests, e->purpose);
    switch (e->kind) {
    case EVENT_PUT:
    case EVENT_REMOVE:
    case EVENT_QUERY:
        check_entries(r, e, party);
        break;
    case EVENT_EXPIRE:
        check_expire(r, e, purpose);
        break;
    case EVENT_RELEASE:
    case EVENT_SUSPEND:
    case EVENT_CLOSE:
    case EVENT_MEET:
        check_meeting(r, e, party);
        break;
    case EVENT_END:
        check_end(r, e, party, purpose);
        break;
    case EVENT_COUNTS:
        check_counts(r, e, purpose);
        break;
    case EVENT_ACKNOWLEDGE:
        if (region_find_party(r->now->region, e->party) == NULL)
            check_agency(r, e, party);
        break;
    case EVENT_REFUSE:
        check_refusal(r, e);
        break;
    case EVENT_EVALUATE:
        check_evaluate(r, e, party, purpose);
        break;
    case EVENT_WITNESS:
    case EVENT_SPLIT:
        check_peer(r, e);
        break;
    default:
        break;
    }
}

int event_rules_event(void *context, uint64_t index, const struct event *event, struct err *err)
{
    struct event_rules *r = context;
    r->index = index;
    check_start(r, event);
    check_time(r, event);
    check_waiting(r, event);
    if (!belongs_here(r, event->kind)) {
        FOUND(r, FINDING_NOT_ALLOWED, "%s is no event of a %s", event_kind_name(event->kind),
              r->walk->custodian < 0 ? "matcher" : "custodian");
        return 0;
    }
    int rc = keep_before(r, err);
    if (rc == 0)
        rc = check_request(r, event, err);
    if (rc != 0)
        return rc;
    if (event->kind == EVENT_MANIFEST)
        check_manifest(r, event);
    else if (event->kind == EVENT_RESTORED)
        check_restored(r, event);
    else if (r->now != NULL)
        check_allowed(r, event);
    else if (!r->unknown && event->kind != EVENT_START && event->kind != EVENT_STOP && event->kind != EVENT_CLOCK)
        FOUND(r, FINDING_NOT_ALLOWED, "%s before any manifest was in force", event_kind_name(event->kind));
    if (r->now != NULL)
        rc = letter_rules_event(r->letters, r->now, index, event, err);
    if (rc != 0)
        return rc;
    return cause_rules_event(r->cause, index, event, err);
}

void event_rules_end(struct event_rules *rules)
{
    cause_rules_end(rules->cause);
    rules->index = FINDING_NONE;
    witness_rules_end(&(struct witness_rules){rules->audit, rules->walk, rules->now, FINDING_NONE});
    if (witnesses_needed(rules) > 0 && rules->final == 0)
        FOUND(rules, FINDING_NOT_FINAL, "no checkpoint has the %zu cosignatures that the manifest demands",
              witnesses_needed(rules));
}
