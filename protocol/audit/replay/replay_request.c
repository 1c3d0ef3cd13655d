/* Put, remove and query. */
#include "protocol/audit/replay/replay_join.h"

#include <inttypes.h>
#include <string.h>

#define DAY 86400

/* --- putting --- */

/* For each entry of a PUT the agencies that it excludes, numbers u16be behind each other. */
struct exceptions {
    struct span of[WIRE_CHANGE_MAX];
    uint8_t numbers[WIRE_EXCEPT_MAX][2 * WIRE_PARTNERS_MAX];
};

/* A party that never was in a manifest can meet nobody; what is excluded then need not be kept. */
static void read_exceptions(struct exceptions *out, const struct replay_join *join, const struct put_request *put)
{
    memset(out->of, 0, sizeof out->of);
    for (size_t g = 0; g < put->except_count; g++) {
        const struct put_except *group = &put->except[g];
        size_t len = 0;
        for (size_t i = 0; i + PARTY_DIGEST_SIZE <= group->partners.len && len < sizeof out->numbers[g];
             i += PARTY_DIGEST_SIZE) {
            int agency = replay_world_find(&join->world, group->partners.data + i);
            if (agency < 0)
                continue;
            bytes_put_u16be(out->numbers[g] + len, (uint16_t)agency);
            len += 2;
        }
        for (size_t i = 0; i + 2 <= group->entries.len; i += 2)
            out->of[bytes_get_u16be(group->entries.data + i)] = span_of(out->numbers[g], len);
    }
}

static bool same_payload(const struct replay_entry *entry, struct span payload)
{
    return entry->payload.len == payload.len && memcmp(entry->payload.data, payload.data, payload.len) == 0;
}

static int join_couple(struct replay_join *join, const struct tag_place *at, const struct replay_entry *old,
                       const struct replay_entry *entry, const struct replay_entry *other, struct err *err)
{
    if (!replay_couple_allowed_now(join, at, entry->agency, other->agency))
        return 0;
    bool stood = old != NULL && replay_couple_not_excluded(old, other);
    bool stands = replay_couple_not_excluded(entry, other);
    if (!stood && stands)
        return replay_couple_begin(join, at, entry, other, err);
    if (stood && !stands)
        return replay_couple_end(join, at, entry->agency, other->agency, true, err);
    if (stood && !same_payload(old, entry->payload))
        return replay_couple_renew(join, at, entry, other->agency, err);
    return 0;
}

struct put_counts {
    uint64_t added, renewed, replaced;
    uint64_t again; /* of those added */
};

static int count_again(struct replay_join *join, enum replay_use use, const struct tag_place *at, uint16_t agency,
                       uint64_t *count, struct err *err)
{
    bool again;
    int rc = replay_state_used(join->state, use, at->purpose, agency, at->tag, join->cause->time, join->watch.window,
                               &again, err);
    *count += rc == 0 && again;
    return rc;
}

static int put_one(struct replay_join *join, const struct tag_place *at, const struct replay_entry *entry,
                   struct put_counts *counts, struct err *err)
{
    struct replay_tag tag;
    int rc = replay_state_tag(join->state, at, &tag, err);
    if (rc != 0)
        return rc;
    const struct replay_entry *old = replay_tag_own(&tag, entry->agency);
    bool same = old != NULL && same_payload(old, entry->payload);
    counts->added += old == NULL;
    counts->renewed += same;
    counts->replaced += old != NULL && !same;
    if (old == NULL && join->watch.again != NULL)
        rc = count_again(join, REPLAY_ADDED, at, entry->agency, &counts->again, err);
    for (size_t i = 0; rc == 0 && i < tag.count; i++)
        if (tag.entry[i].agency != entry->agency)
            rc = join_couple(join, at, old, entry, &tag.entry[i], err);
    /* Looking for couples that wait has moved the cursor, not what the tag's entries lie in. */
    if (rc == 0)
        replay_state_put(join->state, at, old, entry);
    return rc;
}

/* The first put of an epoch says whether the register loads. */
static int find_register(struct replay_join *join, uint16_t purpose, uint32_t epoch, uint16_t agency, struct err *err)
{
    const struct region_limits *limits = replay_world_limits(&join->world, purpose, agency);
    struct replay_register *r;
    int rc = replay_state_register_make(join->state, purpose, epoch, agency, &r, err);
    if (rc != 0)
        return rc;
    bool loads =
        limits != NULL && limits->load > 0 && (limits->load_until == 0 || join->cause->time < limits->load_until);
    if (r->phase == REGISTER_NONE)
        r->phase = loads ? REGISTER_LOADING : REGISTER_OPEN;
    r->count += join->cause->added;
    r->ended = (struct replay_place){.any = false};
    return 0;
}

static void compare_put(struct replay_join *join, const struct put_counts *counts)
{
    const struct event *e = join->cause;
    if (counts->added != e->added || counts->renewed != e->renewed || counts->replaced != e->replaced)
        JOIN_FOUND(join, FINDING_NOT_CONSISTENT,
                   "it says %" PRIu64 " added, %" PRIu64 " renewed, %" PRIu64 " replaced; by what was there "
                   "they are %" PRIu64 ", %" PRIu64 " and %" PRIu64,
                   e->added, e->renewed, e->replaced, counts->added, counts->renewed, counts->replaced);
}

int replay_put(struct replay_join *join, uint16_t purpose, uint16_t agency, const struct batch *batch, struct err *err)
{
    static struct exceptions except; /* too large for the stack; one replay at a time */
    struct tag_place at = {purpose, (uint32_t)join->cause->epoch, NULL};
    struct put_counts counts = {0};
    int rc = find_register(join, purpose, at.epoch, agency, err);
    if (rc != 0 || batch == NULL)
        return rc;
    read_exceptions(&except, join, &batch->put);
    for (size_t i = 0; rc == 0 && i < wire_entries_count(&batch->part[0]); i++) {
        const struct replay_entry entry = {agency, join->cause->time, wire_entries_payload(&batch->part[0], i),
                                           except.of[i]};
        at.tag = wire_entries_tag(&batch->part[0], i);
        rc = put_one(join, &at, &entry, &counts, err);
    }
    if (rc == 0 && !join->partly)
        compare_put(join, &counts);
    if (rc == 0 && counts.again > 0)
        rc = join->watch.again(join->watch.context, join->cause, join->cause->purpose, counts.again, err);
    return rc;
}

/* --- removing --- */

int replay_remove(struct replay_join *join, uint16_t purpose, uint16_t agency, const struct batch *batch,
                  struct err *err)
{
    struct tag_place at = {purpose, (uint32_t)join->cause->epoch, NULL};
    struct replay_register *r;
    uint64_t removed = 0, said = join->cause->removed;
    int rc = replay_state_register_make(join->state, purpose, at.epoch, agency, &r, err);
    if (rc != 0)
        return rc;
    r->count -= said < r->count ? said : r->count;
    for (size_t i = 0; batch != NULL && rc == 0 && i < wire_entries_count(&batch->part[0]); i++) {
        struct replay_tag tag;
        at.tag = wire_entries_tag(&batch->part[0], i);
        rc = replay_state_tag(join->state, &at, &tag, err);
        const struct replay_entry *own = rc == 0 ? replay_tag_own(&tag, agency) : NULL;
        removed += own != NULL;
        if (own != NULL)
            rc = replay_entry_end(join, &at, &tag, own, false, err);
    }
    if (rc == 0 && batch != NULL && !join->partly && removed != said)
        JOIN_FOUND(join, FINDING_NOT_CONSISTENT, "it says %" PRIu64 " removed; %" PRIu64 " were there", said, removed);
    return rc;
}

/* --- asking --- */

/* One scope of a query. */
struct asking {
    struct replay_join *join;
    uint16_t me, purpose;
    uint32_t epoch;
    const struct wire_entries *entries;
    bool issued;
    bool asked[ROSTER_MAX]; /* by number */
};

static bool is_excepted(struct span except, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    for (size_t i = 0; i + PARTY_DIGEST_SIZE <= except.len; i += PARTY_DIGEST_SIZE)
        if (memcmp(except.data + i, digest, PARTY_DIGEST_SIZE) == 0)
            return true;
    return false;
}

static enum query_reason reason_of(const struct asking *a, uint16_t partner, struct span except)
{
    const struct replay_join *join = a->join;
    const struct replay_pair *pair = replay_state_pair(join->state, a->purpose, a->me, partner);
    if (is_excepted(except, join->world.digest[partner]))
        return QUERY_EXCEPTED;
    if (pair != NULL && (pair->suspended[0] || pair->suspended[1]))
        return QUERY_SUSPENDED;
    if (pair == NULL || pair->state != PAIR_JOINED)
        return QUERY_REJOINING;
    const uint64_t used = pair->day == join->cause->time / DAY ? pair->asked[replay_pair_side(pair, a->me)] : 0;
    const struct region_limits *limits = replay_world_limits(&join->world, a->purpose, a->me);
    return limits == NULL || used + wire_entries_count(a->entries) > limits->asks ? QUERY_ASKS_USED : 0;
}

/* Adds to *unasked who is not asked for another reason than the asker's. */
static void choose(struct asking *a, struct span except, uint64_t *unasked)
{
    struct replay_join *join = a->join;
    for (size_t b = 0; b < join->world.agencies; b++) {
        if (b == a->me || !replay_world_mutual(&join->world, a->purpose, a->me, (uint16_t)b))
            continue;
        enum query_reason reason = reason_of(a, (uint16_t)b, except);
        struct replay_pair *pair = replay_state_pair(join->state, a->purpose, a->me, (uint16_t)b);
        a->asked[b] = reason == 0;
        *unasked += reason != 0 && reason != QUERY_EXCEPTED;
        if (reason != 0)
            continue;
        replay_pair_new_day(pair, join->cause->time / DAY);
        pair->asked[replay_pair_side(pair, a->me)] += wire_entries_count(a->entries);
    }
}

static int ask_one(struct asking *a, const uint8_t tag[WIRE_TAG_SIZE], const struct replay_entry *entry,
                   struct span question, struct err *err)
{
    const int me = a->join->world.name[a->me], partner = a->join->world.name[entry->agency];
    const struct replay_line_key hit = {EVENT_DELIVER, me, partner, a->purpose, a->epoch, a->me, entry->agency};
    const struct replay_line_key notice = {EVENT_ASKED, partner, me, a->purpose, a->epoch, entry->agency, a->me};
    a->join->counts->delivered++;
    int rc = replay_lines_due(a->join->lines, &hit, tag, entry->payload, err);
    return rc != 0 || a->issued ? rc : replay_lines_due(a->join->lines, &notice, tag, question, err);
}

static int ask(struct asking *a, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < wire_entries_count(a->entries); i++) {
        const struct tag_place at = {a->purpose, a->epoch, wire_entries_tag(a->entries, i)};
        struct replay_tag tag;
        rc = replay_state_tag(a->join->state, &at, &tag, err);
        for (size_t k = 0; rc == 0 && k < tag.count; k++)
            if (a->asked[tag.entry[k].agency] && !replay_entry_excludes(&tag.entry[k], a->me))
                rc = ask_one(a, at.tag, &tag.entry[k], wire_entries_payload(a->entries, i), err);
    }
    return rc;
}

/* Who watches is told how many of the scope's tags were asked for before. */
static int tell_again(const struct asking *a, const char *purpose, struct err *err)
{
    const struct replay_watch *w = &a->join->watch;
    uint64_t count = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && w->again != NULL && i < wire_entries_count(a->entries); i++) {
        const struct tag_place at = {a->purpose, a->epoch, wire_entries_tag(a->entries, i)};
        rc = count_again(a->join, REPLAY_ASKED, &at, a->me, &count, err);
    }
    return rc == 0 && count > 0 ? w->again(w->context, a->join->cause, purpose, count, err) : rc;
}

int replay_query(struct replay_join *join, uint16_t agency, const struct batch *batch, struct err *err)
{
    uint64_t unasked = 0;
    int rc = 0;
    for (size_t s = 0; rc == 0 && s < batch->scope.items; s++) {
        struct asking a = {.join = join, .me = agency, .epoch = batch->scope.item[s].epoch, .entries = &batch->part[s]};
        int purpose = manifests_number(join->world.manifests, batch->scope.item[s].purpose);
        const struct region_purpose *p = purpose >= 0 ? replay_world_purpose(&join->world, (uint16_t)purpose) : NULL;
        if (p == NULL)
            continue; /* verifying has named it */
        a.purpose = (uint16_t)purpose;
        a.issued = p->kind == REGION_ISSUED;
        choose(&a, batch->query.except, &unasked);
        rc = ask(&a, err);
        if (rc == 0)
            rc = tell_again(&a, p->name, err);
    }
    if (rc == 0 && !join->partly && unasked != join->cause->unasked)
        JOIN_FOUND(join, FINDING_ASKED_BEYOND,
                   "it says that %" PRIu64
                   " partners were not asked; by limits, suspensions and grants they were %" PRIu64,
                   join->cause->unasked, unasked);
    return rc;
}
