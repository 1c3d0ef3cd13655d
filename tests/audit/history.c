#define walk matcher_walk /* both sides have a struct of that name */
#include "matcher/join/change.h"
#include "matcher/join/spend.h"
#include "matcher/join/sweep.h"
#undef walk

#include "tests/audit/history.h"

#include "keys/custodian/record.h"
#include "keys/custodian/restored.h"
#include "matcher/service/restored.h"
#include "matcher/store/keys.h"
#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/ledger/archive.h"
#include "protocol/ledger/batch.h"
#include "protocol/ledger/receipt.h"
#include "protocol/ledger/witness.h"
#include "protocol/wire/evaluate.h"
#include "protocol/wire/entry.h"
#include "tests/audit/disk.h"
#include "tests/unit/region_test.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { AAA, BBB, CCC, PERSONS = 0, TAGS = 240, PUT_MOST = 12, QUERY_SIZE = 16, ELEMENT = 32 };
#define DAY 86400
#define BEGINNING (1800000000 / DAY * DAY + DAY / 2)

/* --- chance and time --- */

static uint64_t random_state, now; /* now: as an honest clock has it */
static int64_t offset;             /* of the clock of whoever acts */
static unsigned failing;           /* writes to a disk that is full, before there is room again */

bool (*history_matcher_event)(struct event *event);
bool (*history_custodian_event)(int custodian, struct event *event);
bool (*history_matcher_mail)(uint16_t to, uint8_t tag[WIRE_TAG_SIZE]);

unsigned history_any(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)((random_state >> 11) % below);
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    if (clock != CLOCK_REALTIME || now == 0)
        return (int)syscall(SYS_clock_gettime, clock, out);
    *out = (struct timespec){.tv_sec = (time_t)((int64_t)now + offset)};
    return 0;
}

/* The disk is simulated, too: what was written stays. */
int fsync(int file)
{
    (void)file;
    return 0;
}

int fdatasync(int file)
{
    (void)file;
    return 0;
}

/* While somebody waits to cheat there is room: a write that fails has cheated nobody. */
static bool is_full(void)
{
    if (history_matcher_event != NULL || history_custodian_event != NULL || history_matcher_mail != NULL)
        return false;
    failing -= failing > 0;
    return failing > 0;
}

int __real_kv_commit(struct kv *kv, struct kv_batch *batch, bool durable, struct err *err);
int __wrap_kv_commit(struct kv *kv, struct kv_batch *batch, bool durable, struct err *err);
int __wrap_kv_commit(struct kv *kv, struct kv_batch *batch, bool durable, struct err *err)
{
    return is_full() ? err_set(err, ERR_IO, "no space left on device") : __real_kv_commit(kv, batch, durable, err);
}

int __real_file_write_by(const char *path, const char *temporary, const void *data, size_t len, mode_t mode,
                         struct err *err);
int __wrap_file_write_by(const char *path, const char *temporary, const void *data, size_t len, mode_t mode,
                         struct err *err);
int __wrap_file_write_by(const char *path, const char *temporary, const void *data, size_t len, mode_t mode,
                         struct err *err)
{
    return is_full() ? err_set(err, ERR_IO, "no space left on device")
                     : __real_file_write_by(path, temporary, data, len, mode, err);
}

/* Whether shares make a key is not what is tried here, and would be a third of the time. */
int __wrap_region_check(const struct region *region, struct err *err);
int __wrap_region_check(const struct region *region, struct err *err)
{
    (void)region;
    (void)err;
    return 0;
}

/* --- the parties --- */

static struct region_test world;
static struct identity custodian_id[HISTORY_CUSTODIANS];
static struct history_files files;
static bool meddling; /* an event of a cheat's own making, which no hook sees */

/* What both daemons have. */
struct party_at_work {
    struct daemon_config config;
    struct daemon daemon;
    int64_t offset;
    bool up, listed; /* listed: it is in the manifest that it has in force */
    uint64_t version;
    uint64_t seen[1 + HISTORY_CUSTODIANS]; /* sizes of its ledger that witnesses have cosigned; the matcher first */
    char store[160];
};

static struct matcher_at_work {
    struct party_at_work at;
    struct store *store;
    struct store_write *staged;
    struct join join;
    struct world *in_force;
    struct walks walks;
    struct sweep_place place;
    bool must_begin;
} matcher;

static struct custodian_at_work {
    struct party_at_work at;
    struct custodian work;
} custodian[HISTORY_CUSTODIANS];

/* A batch that custodians evaluate: who has answered, with which leaf; by: the coalition when it is complete. */
struct evaluation {
    uint8_t id[WIRE_ID_SIZE];
    unsigned count;
    bool has[HISTORY_CUSTODIANS], complete;
    uint64_t leaf[HISTORY_CUSTODIANS];
    int by[2];
};

/* What an agency is at: the tags are numbers. */
struct plan {
    bool any;
    enum wire_type type;
    uint8_t id[WIRE_ID_SIZE];
    unsigned tag[QUERY_SIZE], count;
    uint32_t epoch;
    struct evaluation evaluation;
};

static struct agency_at_work {
    struct plan plan;
    unsigned held[TAGS]; /* epoch in which it is held, 0: not */
    uint64_t taken;      /* of its mailbox, and the chain up to there as it computes it */
    uint8_t chain[WIRE_HASH_SIZE];
    uint8_t ack[WIRE_ID_SIZE]; /* id of the acknowledgement that is under way */
    bool must_ack;
} agency[HISTORY_AGENCIES];

/* Some of the receipts that agencies were given. */
static struct {
    int owner;
    struct buf text;
} receipt[24];
static size_t receipts, handed; /* handed: out, kept or not */

static uint8_t answered[4096][WIRE_ID_SIZE]; /* requests that the matcher has written down */
static size_t answers, answers_then;         /* then: when the matcher's store was copied */
static uint64_t ids;
static bool is_lax;                        /* the matcher lets everything be spent again */
static bool was_spent[HISTORY_CUSTODIANS]; /* something that this custodian evaluated */

const struct history_files *history_files(void)
{
    return &files;
}

const struct identity *history_agency(int at)
{
    return &world.agency[at];
}

const struct identity *history_custodian(int at)
{
    return &custodian_id[at];
}

const struct identity *history_matcher(void)
{
    return &world.matcher;
}

uint64_t history_now(void)
{
    return (uint64_t)((int64_t)now + matcher.at.offset);
}

uint32_t history_epoch(void)
{
    return region_current(&world.region->purposes[PERSONS])->epoch;
}

uint64_t history_version(void)
{
    return world.region->version;
}

struct ledger *history_ledger(int at)
{
    return at < 0 ? store_ledger(matcher.store) : custodian[at].work.ledger;
}

/* Whose clock it is from now on. */
static void act_as(const struct party_at_work *party)
{
    offset = party->offset;
}

/* --- hooks --- */

int __real_store_event(struct store_write *write, const struct event *event, uint64_t *index, struct buf *encoded,
                       struct err *err);
int __wrap_store_event(struct store_write *write, const struct event *event, uint64_t *index, struct buf *encoded,
                       struct err *err);
int __wrap_store_event(struct store_write *write, const struct event *event, uint64_t *index, struct buf *encoded,
                       struct err *err)
{
    struct event changed = *event;
    if (history_matcher_event != NULL && !meddling && !history_matcher_event(&changed))
        return 0;
    return __real_store_event(write, &changed, index, encoded, err);
}

int __real_store_mailbox_append(struct store_write *write, uint16_t to, const struct store_message *message,
                                uint64_t *sequence, struct err *err);
int __wrap_store_mailbox_append(struct store_write *write, uint16_t to, const struct store_message *message,
                                uint64_t *sequence, struct err *err);
int __wrap_store_mailbox_append(struct store_write *write, uint16_t to, const struct store_message *message,
                                uint64_t *sequence, struct err *err)
{
    struct store_message changed = *message;
    if (history_matcher_mail != NULL && !history_matcher_mail(to, changed.tag))
        return 0;
    return __real_store_mailbox_append(write, to, &changed, sequence, err);
}

int __real_ledger_append(struct ledger *ledger, struct kv_batch *batch, const struct event *event, uint64_t *index,
                         struct buf *encoded, struct err *err);
int __wrap_ledger_append(struct ledger *ledger, struct kv_batch *batch, const struct event *event, uint64_t *index,
                         struct buf *encoded, struct err *err);
int __wrap_ledger_append(struct ledger *ledger, struct kv_batch *batch, const struct event *event, uint64_t *index,
                         struct buf *encoded, struct err *err)
{
    struct event changed = *event;
    for (int i = 0; i < HISTORY_CUSTODIANS && history_custodian_event != NULL && !meddling; i++)
        if (custodian[i].at.up && custodian[i].work.ledger == ledger && !history_custodian_event(i, &changed)) {
            if (index != NULL)
                *index = ledger_size(ledger); /* where it says that it is */
            return 0;
        }
    return __real_ledger_append(ledger, batch, &changed, index, encoded, err);
}

/* --- receipts --- */

struct span history_receipt(size_t number, int *owner)
{
    if (number >= receipts)
        return span_of(NULL, 0);
    *owner = receipt[number].owner;
    return buf_span(&receipt[number].text);
}

static void take_receipt(int owner, struct ledger *ledger, uint64_t index)
{
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX), entry = buf_of(EVENT_SIZE_MAX), proof = buf_of(4096);
    MUST(ledger_checkpoint(ledger, &note, why));
    MUST(ledger_entry(ledger, index, &entry, why));
    MUST(ledger_inclusion(ledger, index, ledger_size(ledger), &proof, why));
    receipt[receipts].owner = owner;
    receipt[receipts].text = buf_of(1u << 16);
    MUST(receipt_print(&receipt[receipts++].text,
                       &(struct receipt){buf_span(&entry), index, buf_span(&proof), buf_span(&note)}, why));
    buf_free(&note);
    buf_free(&entry);
    buf_free(&proof);
}

/* Each third one; who cheats may have none to give. */
static void give_receipt(int owner, uint64_t index)
{
    struct ledger *ledger = history_ledger(owner);
    if (handed++ % 3 == 0 && receipts + 1 < sizeof receipt / sizeof receipt[0] && index < ledger_size(ledger))
        take_receipt(owner, ledger, index);
}

/* --- manifests --- */

/* Custodians by place: `who` are numbers of theirs. */
static void name_custodians(const int who[TEST_CUSTODIANS])
{
    struct region *r = world.region;
    for (size_t i = 0; i < TEST_CUSTODIANS; i++) {
        r->custodians[i].party = custodian_id[who[i]].party;
        snprintf(r->custodians[i].url, sizeof r->custodians[i].url, "ipc:///nowhere/%d", who[i]);
    }
}

static void new_world(void)
{
    region_test_new(&world);
    memcpy(custodian_id, world.custodian, sizeof world.custodian);
    region_test_party(&custodian_id[3], "custodian-4", 14);
    struct region *r = world.region;
    r->witnesses = 2;
    r->grant_count = 0;
    region_test_grant(&world, AAA, BBB, PERSONS);
    region_test_grant(&world, BBB, AAA, PERSONS);
    region_test_grant(&world, BBB, CCC, PERSONS);
    region_test_grant(&world, CCC, BBB, PERSONS);
    r->purposes[PERSONS].retention = 20 * DAY;
    r->purposes[PERSONS].limits.daily = 12000;
    r->purposes[PERSONS].limits.meets = 20 + history_any(40);
    r->purposes[PERSONS].limits.load = history_any(2) * 2048;
    r->purposes[PERSONS].limits.load_until = BEGINNING + (1 + history_any(3)) * DAY;
    region_test_write(&world, TEST_COORDINATORS);
}

static void next_epoch(void)
{
    struct region_purpose *p = &world.region->purposes[PERSONS];
    if (p->epoch_count == 2)
        p->epochs[0] = p->epochs[1];
    p->epochs[1] = p->epochs[0];
    p->epochs[1].epoch++;
    p->epochs[0].until = now + 3 * DAY + history_any(2 * DAY);
    p->epoch_count = 2;
}

static void toggle_grant(void)
{
    struct region *r = world.region;
    for (size_t i = 0; i < r->grant_count; i++) {
        if (r->grants[i].from == BBB && r->grants[i].to == CCC) {
            r->grants[i] = r->grants[--r->grant_count];
            return;
        }
    }
    region_test_grant(&world, BBB, CCC, PERSONS);
}

static void write_next(void)
{
    region_test_next(&world);
    snprintf(world.path, sizeof world.path, "%s/region-%u.json", world.dir, (unsigned)world.region->version);
    region_test_write(&world, TEST_COORDINATORS);
    snprintf(files.manifest, sizeof files.manifest, "%s", world.path);
}

/* One leaves, another comes, at another place; a new epoch makes the old shares worthless. */
static void change_custodians(void)
{
    int who[TEST_CUSTODIANS], out = (int)history_any(HISTORY_CUSTODIANS), count = 0;
    for (int i = 0; i < HISTORY_CUSTODIANS; i++)
        if (i != out)
            who[count++] = i;
    const int first = who[0];
    if (history_any(2) == 0) {
        who[0] = who[2];
        who[2] = first;
    }
    name_custodians(who);
    next_epoch();
    write_next();
}

static void change_region(void)
{
    const unsigned what = history_any(4);
    if (what == 0) {
        change_custodians();
        return;
    }
    if (what == 1)
        next_epoch();
    else
        toggle_grant();
    write_next();
}

static struct region *load_region(void)
{
    struct region *region = NULL;
    MUST(region_load(&region, world.path, NULL, why));
    return region;
}

static void party_new(struct party_at_work *at, const struct identity *identity, const char *name)
{
    const struct daemon_config defaults = DAEMON_DEFAULTS;
    *at = (struct party_at_work){.config = defaults};
    at->daemon = (struct daemon){.config = &at->config, .identity = *identity};
    at->offset = history_any(3) == 0 ? (int64_t)history_any(4 * DAY) - 2 * DAY : 0;
    snprintf(at->store, sizeof at->store, "%s/%s.store", world.dir, name);
    snprintf(at->config.ledger, sizeof at->config.ledger, "%s/%s", world.dir, name);
}

static void keep_manifest(struct party_at_work *at, const struct region *region)
{
    snprintf(at->config.manifest, sizeof at->config.manifest, "%s", world.path);
    MUST(daemon_keep_manifest(&at->daemon, region, why));
    at->version = region->version;
}

/* --- the matcher --- */

static void begin_write(void)
{
    MUST(store_begin(&matcher.staged, matcher.store, why));
    join_begin(&matcher.join, matcher.staged, matcher.in_force, &matcher.walks);
    matcher.join.time = store_time(matcher.staged);
}

/* A disk that is full takes nothing, and nothing has happened. */
static bool end_write(void)
{
    const bool done = store_commit(matcher.staged, ERR_IGNORED) == 0;
    MUST(walk_load(&matcher.walks, matcher.store, why));
    return done;
}

static struct event matcher_event(enum event_kind kind)
{
    struct event e;
    event_init(&e, kind);
    e.time = matcher.join.time;
    return e;
}

static void matcher_install(void)
{
    struct world *next = NULL;
    struct region *region = load_region();
    keep_manifest(&matcher.at, region);
    begin_write();
    struct event e = matcher_event(EVENT_MANIFEST);
    e.count = region->version;
    memcpy(e.digest, region->digest, sizeof e.digest);
    MUST(world_new(&next, region, matcher.staged, why));
    join_begin(&matcher.join, matcher.staged, next, &matcher.walks);
    matcher.join.time = e.time;
    const struct store_manifest known = store_manifest(matcher.store);
    if (known.version != region->version) {
        struct store_manifest put = {.version = region->version};
        memcpy(put.digest, region->digest, sizeof put.digest);
        store_manifest_put(matcher.staged, &put);
        MUST(store_event(matcher.staged, &e, NULL, NULL, why));
    }
    matcher.must_begin = walk_is_running(&matcher.walks);
    if (!matcher.must_begin)
        MUST(change_begin(&matcher.join, why));
    if (!end_write())
        fail_msg("a manifest met a full disk");
    world_release(matcher.in_force);
    matcher.in_force = next;
    matcher.place = (struct sweep_place){0};
}

static void matcher_start(void)
{
    const struct store_options options = {matcher.at.store, "test/matcher", world.matcher.log_secret, files.archive};
    act_as(&matcher.at);
    MUST(store_open(&matcher.store, &options, why));
    MUST(ledger_check_exported(store_ledger(matcher.store), files.matcher, why));
    join_init(&matcher.join, matcher.store);
    matcher.join.steps = (struct join_steps){.walked = 5, .ended = 6, .meetings = 4};
    MUST(walk_load(&matcher.walks, matcher.store, why));
    begin_write();
    struct event e = matcher_event(EVENT_START);
    snprintf(e.note, sizeof e.note, "test");
    MUST(store_event(matcher.staged, &e, NULL, NULL, why));
    if (!end_write())
        fail_msg("a start met a full disk");
    matcher.at.up = true;
    memset(matcher.at.seen, 0, sizeof matcher.at.seen);
    matcher_install();
}

static void export(const struct party_at_work *at, struct ledger *ledger)
{
    daemon_export(&at->daemon, ledger, ERR_IGNORED);
}

/* Killed, or in good order. */
static void matcher_stop(bool killed)
{
    act_as(&matcher.at);
    failing = killed ? failing : 0;
    if (!killed) {
        begin_write();
        const struct event e = matcher_event(EVENT_STOP);
        MUST(store_event(matcher.staged, &e, NULL, NULL, why));
        if (end_write())
            export(&matcher.at, store_ledger(matcher.store));
    }
    join_free(&matcher.join);
    walk_free(&matcher.walks);
    world_release(matcher.in_force);
    matcher.in_force = NULL;
    store_close(matcher.store);
    matcher.at.up = false;
}

static bool matcher_upkeep(void)
{
    bool more, changes;
    const struct sweep_place was = matcher.place;
    const bool must_begin = matcher.must_begin;
    act_as(&matcher.at);
    begin_write();
    MUST(sweep_due(&matcher.join, &matcher.place, &more, &changes, why));
    if (!more)
        MUST(sweep_expired(&matcher.join, &more, why));
    if (changes && matcher.must_begin) {
        MUST(walk_load(&matcher.walks, matcher.store, why));
        matcher.must_begin = walk_is_running(&matcher.walks);
        if (!matcher.must_begin)
            MUST(change_begin(&matcher.join, why));
    }
    if (!end_write()) { /* nothing of it came about */
        matcher.place = was;
        matcher.must_begin = must_begin;
    }
    return more;
}

static bool matcher_is_busy(void)
{
    return matcher.must_begin || walk_is_running(&matcher.walks);
}

static bool was_answered(const uint8_t id[WIRE_ID_SIZE])
{
    for (size_t i = 0; i < answers; i++)
        if (memcmp(answered[i], id, WIRE_ID_SIZE) == 0)
            return true;
    return false;
}

static void remember(const uint8_t id[WIRE_ID_SIZE])
{
    if (answers < sizeof answered / sizeof answered[0])
        memcpy(answered[answers++], id, WIRE_ID_SIZE);
}

bool history_has_answered(void)
{
    return answers > 0;
}

static struct batch the_batch;

static const struct wire_spent_list *spent_by(const struct wire_request *in)
{
    return in->type == WIRE_PUT ? &the_batch.put.spent : in->type == WIRE_QUERY ? &the_batch.query.spent : NULL;
}

static void note_spent(const struct wire_spent_list *list)
{
    uint8_t digest[PARTY_DIGEST_SIZE];
    for (int i = 0; i < HISTORY_CUSTODIANS; i++) {
        party_digest(digest, &custodian_id[i].party);
        for (size_t k = 0; k < list->count; k++)
            was_spent[i] = was_spent[i] || memcmp(list->item[k].custodian, digest, sizeof digest) == 0;
    }
}

bool history_was_spent(int of)
{
    return was_spent[of];
}

static int check_spent(const struct wire_request *in, uint16_t agency_id, struct err *err)
{
    return spent_by(in) == NULL || is_lax ? 0
                                          : spend_check(matcher.store, agency_id, spent_by(in), the_batch.tags, err);
}

static int join_one(struct matcher_at_work *m, const struct wire_request *in, int who, struct event *e, struct err *err)
{
    static struct span except[WIRE_CHANGE_MAX];
    struct join_hits hits = {0};
    struct buf numbers = buf_of(4096);
    const struct join_request request = {(size_t)who, PERSONS, in->scope[0].epoch, &the_batch.part[0]};
    int rc = 0;
    if (in->type == WIRE_PUT) {
        rc = join_exceptions(except, &numbers, m->store, &the_batch.put, err);
        if (rc == 0)
            rc = join_put(&m->join, &request, except, e, err);
    } else if (in->type == WIRE_REMOVE) {
        rc = join_remove(&m->join, &request, e, err);
    } else {
        rc = join_query(&m->join, &request, 1, the_batch.query.except, &hits, e, err);
        join_hits_free(&hits);
    }
    buf_free(&numbers);
    return rc;
}

/*
 * Whether it is written down, now or before. As the service does: what the manifest in force does not allow is refused.
 */
static bool matcher_serve(struct span message, int who)
{
    struct received from;
    struct err err;
    act_as(&matcher.at);
    const struct region *region = matcher.in_force->region;
    const struct party *peer = region_find_party(region, world.agency[who].party.name);
    if (peer == NULL ||
        received_check(&from, &world.matcher.party, region, peer->channel, message, clock_now(), &err) != 0)
        return false;
    if (was_answered(from.in.id))
        return true;
    const struct region_purpose *p = &region->purposes[PERSONS];
    if (matcher_is_busy() || (from.in.type != WIRE_REMOVE && from.in.scope[0].epoch != region_current(p)->epoch) ||
        (from.in.type == WIRE_REMOVE && region_find_epoch(p, from.in.scope[0].epoch) == NULL) ||
        batch_decode(&the_batch, &from.in, &err) != 0)
        return false;
    const enum event_kind kind = from.in.type == WIRE_PUT      ? EVENT_PUT
                                 : from.in.type == WIRE_REMOVE ? EVENT_REMOVE
                                                               : EVENT_QUERY;
    uint64_t index;
    begin_write();
    struct event e = matcher_event(kind);
    snprintf(e.party, sizeof e.party, "%s", peer->name);
    const uint16_t agency_id = matcher.in_force->agency_id[who];
    if (check_spent(&from.in, agency_id, &err) != 0 || join_one(&matcher, &from.in, who, &e, &err) != 0) {
        store_abandon(matcher.staged);
        return false;
    }
    batch_describe(&e, &the_batch, peer->name, &from.in, from.statement);
    MUST(tally_write(&matcher.join.tally, matcher.staged, &e, &index, NULL, why));
    if (spent_by(&from.in) != NULL) {
        MUST(spend_take(matcher.staged, matcher.store, agency_id, spent_by(&from.in), index, e.time, why));
        note_spent(spent_by(&from.in));
    }
    MUST(store_archive(matcher.staged, &(struct archive_record){index, e.time, e.kind, message}, why));
    if (!end_write())
        return false;
    remember(from.in.id);
    give_receipt(-1, index);
    return true;
}

/* What was handed out is taken, as the service does: the chain must be the mailbox's, or nothing happens. */
static bool stage_ack(const struct received *from, uint16_t agency_id, struct event *e)
{
    uint8_t chain[WIRE_HASH_SIZE];
    struct ack_request ack;
    MUST(ack_request_decode(&ack, from->in.body, why));
    if (store_mailbox_chain(matcher.store, agency_id, ack.through, chain, ERR_IGNORED) != 0 ||
        store_mailbox_acknowledge(matcher.staged, agency_id, ack.through, &e->count, ERR_IGNORED) != 0 || e->count == 0)
        return false; /* lost with a store, or taken before */
    if (memcmp(chain, ack.chain, sizeof chain) != 0)
        fail_msg("an honest agency has another chain than the matcher");
    e->sequence = ack.through;
    memcpy(e->chain, ack.chain, sizeof e->chain);
    return true;
}

static bool matcher_take_ack(struct span message, int who)
{
    struct received from;
    act_as(&matcher.at);
    const struct region *region = matcher.in_force->region;
    const struct party *peer = &world.agency[who].party;
    MUST(received_check(&from, &world.matcher.party, region, peer->channel, message, clock_now(), why));
    if (was_answered(from.in.id))
        return true;
    begin_write();
    struct event e = matcher_event(EVENT_ACKNOWLEDGE);
    snprintf(e.party, sizeof e.party, "%s", peer->name);
    event_set_request(&e, &from.in, from.statement);
    if (!stage_ack(&from, matcher.in_force->agency_id[who], &e)) {
        store_abandon(matcher.staged);
        return true;
    }
    uint64_t index;
    MUST(tally_write(&matcher.join.tally, matcher.staged, &e, &index, NULL, why));
    MUST(store_archive(matcher.staged, &(struct archive_record){index, e.time, e.kind, message}, why));
    const bool done = end_write();
    if (done)
        remember(from.in.id);
    return done;
}

/* --- custodians --- */

static int position_of(const struct region *region, int at)
{
    return region_find_custodian(region, custodian_id[at].party.name);
}

static void custodian_write(struct custodian_at_work *c, enum event_kind kind)
{
    struct event e;
    event_init(&e, kind);
    snprintf(e.note, sizeof e.note, "test");
    MUST(custodian_write_event(&c->work, &e, why));
}

/* A manifest in which it is no custodian is none for it: what was in force stays. */
static void custodian_install(struct custodian_at_work *c, int at)
{
    struct region *region = load_region();
    if (position_of(region, at) < 0) {
        region_free(region);
        return;
    }
    keep_manifest(&c->at, region);
    struct buf known = buf_of(64);
    if (kv_get(c->work.kv, "V", 1, &known, ERR_IGNORED) != 0 || memcmp(known.data, region->digest, 32) != 0) {
        struct event e;
        struct kv_batch *batch;
        event_init(&e, EVENT_MANIFEST);
        e.count = region->version;
        memcpy(e.digest, region->digest, sizeof e.digest);
        MUST(kv_batch_new(&batch, why));
        kv_batch_put(batch, "V", 1, region->digest, sizeof region->digest);
        MUST(custodian_append(&c->work, batch, &e, why));
        kv_batch_free(batch);
    }
    buf_free(&known);
    region_free(c->work.region);
    c->work.region = region;
    c->at.listed = true;
}

static void custodian_start(int at)
{
    struct custodian_at_work *c = &custodian[at];
    char origin[NOTE_NAME_MAX + 1];
    act_as(&c->at);
    c->work = (struct custodian){.daemon = &c->at.daemon};
    pthread_mutex_init(&c->work.writing, NULL);
    pthread_rwlock_init(&c->work.lock, NULL);
    MUST(refusals_new(&c->work.refusals, why));
    MUST(kv_open(&c->work.kv, c->at.store, 0, why));
    MUST(ledger_origin(origin, "test", custodian_id[at].party.name, why));
    MUST(ledger_open(&c->work.ledger, c->work.kv, origin, custodian_id[at].log_secret, why));
    MUST(ledger_check_exported(c->work.ledger, c->at.config.ledger, why));
    c->at.up = true;
    c->at.listed = false;
    memset(c->at.seen, 0, sizeof c->at.seen);
    custodian_write(c, EVENT_START);
    custodian_install(c, at);
    snprintf(files.custodian[at], sizeof files.custodian[at], "%s", c->at.config.ledger);
}

static void custodian_stop(int at, bool killed)
{
    struct custodian_at_work *c = &custodian[at];
    act_as(&c->at);
    failing = killed ? failing : 0;
    if (!killed) {
        custodian_write(c, EVENT_STOP);
        export(&c->at, c->work.ledger);
    }
    ledger_close(c->work.ledger);
    kv_close(c->work.kv);
    region_free(c->work.region);
    refusals_free(c->work.refusals);
    c->at.up = false;
}

/* As evaluate.c does, without evaluating: whether it is charged and written down, now or before; at which leaf. */
static bool custodian_serve(int at, struct span message, int who, uint64_t *leaf)
{
    struct custodian_at_work *c = &custodian[at];
    struct received from;
    struct err err;
    struct evaluate_request ask;
    struct denial denial;
    const struct region_purpose *purpose;
    enum budget_verdict verdict;
    struct event e;
    act_as(&c->at);
    const struct party *peer = region_find_party(c->work.region, world.agency[who].party.name);
    if (peer == NULL ||
        received_check(&from, &custodian_id[at].party, c->work.region, peer->channel, message, clock_now(), &err) != 0)
        return false;
    struct budget_charge charge = permit_charge(&from);
    if (permit_scope(&c->work, &from, &from.in.scope[0], &purpose, &charge.account[0], &denial, &err) != 0) {
        custodian_refuse(&c->work, denial.refusal, peer->name, denial.purpose);
        return false;
    }
    MUST(evaluate_request_decode(&ask, 1, from.in.body, why));
    charge.accounts = 1;
    charge.account[0].count = ask.batch[0].blinded.len / ELEMENT;
    crypto_generichash(charge.digest, sizeof charge.digest, ask.batch[0].blinded.data, ask.batch[0].blinded.len, NULL,
                       0);
    event_init(&e, EVENT_EVALUATE);
    memcpy(e.purpose, purpose->name, sizeof e.purpose);
    e.epoch = from.in.scope[0].epoch;
    e.count = charge.account[0].count;
    e.generation = ask.batch[0].generation;
    memset(e.digest, 0x11, sizeof e.digest);
    snprintf(e.note, sizeof e.note, "%u,%u", ask.coalition.index[0], ask.coalition.index[1]);
    const int rc = record_request(&c->work, &from, &charge, &e, NULL, &verdict, &err);
    *leaf = charge.leaf;
    if (rc != 0 || verdict == BUDGET_EXCEEDED)
        return false;
    give_receipt(at, charge.leaf);
    return true;
}

/* --- witnesses --- */

static struct party_at_work *party_at(int at)
{
    return at < 0 ? &matcher.at : &custodian[at].at;
}

static const struct identity *identity_at(int at)
{
    return at < 0 ? &world.matcher : &custodian_id[at];
}

/* What the witness decides, committed; *line: its cosignature. Killed in between, the line never comes. */
static bool witness_one(int witness, int asker, uint64_t old_size, struct span proof, struct span note,
                        struct witness_decision *decision, struct buf *line)
{
    struct witnessed log;
    struct err err;
    char own[NOTE_NAME_MAX + 1];
    int rc;
    snprintf(log.party, sizeof log.party, "%s", identity_at(asker)->party.name);
    memcpy(log.key, identity_at(asker)->party.log, sizeof log.key);
    MUST(ledger_origin(log.origin, "test", log.party, why));
    MUST(witness_name(own, "test", identity_at(witness)->party.name, why));
    act_as(party_at(witness));
    if (witness < 0) {
        struct store_write *write;
        MUST(store_begin(&write, matcher.store, why));
        rc = store_witness(write, &log, old_size, proof, note, decision, &err);
        if (rc != 0 || decision->behind)
            store_abandon(write);
        else
            rc = store_commit(write, &err);
    } else {
        struct custodian *c = &custodian[witness].work;
        struct kv_batch *batch;
        MUST(kv_batch_new(&batch, why));
        rc = witness_decide(c->ledger, batch, &log, old_size, proof, note, decision, &err);
        if (rc != 0 || decision->behind)
            ledger_rollback(c->ledger);
        else
            rc = custodian_commit(c, batch, &err);
        kv_batch_free(batch);
    }
    if (rc == 0 && !decision->behind)
        MUST(cosignature_sign(line, decision->body, own, clock_now(), identity_at(witness)->witness_secret, why));
    return rc == 0;
}

/* The asker's newest checkpoint is shown; replies get lost, and whoever was killed does not keep them. */
static void cosign(int asker, int witness, bool lossy)
{
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct witness_decision decision;
    uint64_t *seen = &party_at(asker)->seen[1 + witness];
    for (int round = 0; round < 2; round++) {
        struct buf note = buf_of(LEDGER_CHECKPOINT_MAX), proof = buf_of(4096), line = buf_of(1024);
        struct ledger *ledger = history_ledger(asker);
        MUST(ledger_checkpoint(ledger, &note, why));
        MUST(checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, why));
        bool good = *seen <= checkpoint.size &&
                    ledger_consistency(ledger, *seen, checkpoint.size, &proof, ERR_IGNORED) == 0 &&
                    witness_one(witness, asker, *seen, buf_span(&proof), buf_span(&note), &decision, &line);
        if (good && decision.behind)
            *seen = decision.size;
        else if (good && !(lossy && history_any(5) == 0)) {
            act_as(party_at(asker));
            if (ledger_add_cosignature(ledger, checkpoint.size, buf_span(&line), ERR_IGNORED) == 0)
                *seen = checkpoint.size;
        }
        const bool again = good && decision.behind && decision.size <= checkpoint.size;
        buf_free(&note);
        buf_free(&proof);
        buf_free(&line);
        if (!again)
            break;
    }
}

/* Custodians that the matcher has in force, about one checkpoint of its; and it for each of them. */
static void cosign_round(bool lossy)
{
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < HISTORY_CUSTODIANS; i++) {
            if (!custodian[i].at.up || !matcher.at.up || !custodian[i].at.listed || (lossy && history_any(3) == 0) ||
                position_of(matcher.in_force->region, i) < 0)
                continue;
            cosign(pass == 0 ? -1 : i, pass == 0 ? i : -1, lossy);
        }
}

/* --- agencies --- */

/* Signed at a time that is old enough for every clock in the region, and young enough. */
static struct wire_request make_request(enum wire_type type, int who, const struct identity *peer, uint32_t epoch,
                                        const uint8_t id[WIRE_ID_SIZE], const struct buf *body, struct buf *message)
{
    struct wire_ends ends = {.region = "test"};
    struct wire_request request = {
        .type = type, .time = now - 2 * DAY - 600, .scope_count = type != WIRE_ACK, .body = buf_span(body)};
    party_digest(ends.peer, &peer->party);
    party_digest(ends.sender, &world.agency[who].party);
    if (request.scope_count > 0)
        snprintf(request.scope[0].purpose, sizeof request.scope[0].purpose, "persons");
    request.scope[0].epoch = epoch;
    memcpy(request.id, id, WIRE_ID_SIZE);
    wire_request_sign(&request, &ends, world.agency[who].sign_secret);
    MUST(wire_request_encode(message, &request, why));
    return request;
}

static void new_id(uint8_t id[WIRE_ID_SIZE])
{
    memset(id, 0, WIRE_ID_SIZE);
    bytes_put_u64be(id, ++ids);
}

/* The elements of a batch: of what it is for, so that the same batch is the same request. */
static void evaluate_body(struct buf *body, const struct coalition *coalition, const uint8_t id[WIRE_ID_SIZE], size_t n)
{
    static uint8_t blinded[WIRE_BATCH_MAX * ELEMENT];
    randombytes_buf_deterministic(blinded, n * ELEMENT, (uint8_t[randombytes_SEEDBYTES]){id[6], id[7], 1});
    const struct evaluate_request request = {
        .coalition = *coalition, .batch = {{1, span_of(blinded, n * ELEMENT)}}, .count = 1};
    MUST(evaluate_request_encode(body, &request, why));
}

/* At the custodian at this place of the newest manifest. */
static bool evaluate_at(int who, struct evaluation *e, int at, const struct coalition *coalition)
{
    struct buf body = buf_of(RPC_MESSAGE_MAX), message = buf_of(RPC_MESSAGE_MAX);
    evaluate_body(&body, coalition, e->id, e->count);
    make_request(WIRE_EVALUATE, who, &custodian_id[at], history_epoch(), e->id, &body, &message);
    bool good = custodian_serve(at, buf_span(&message), who, &e->leaf[at]);
    buf_free(&body);
    buf_free(&message);
    return good;
}

static int custodian_at_place(size_t place)
{
    for (int i = 0; i < HISTORY_CUSTODIANS; i++)
        if (strcmp(world.region->custodians[place].party.name, custodian_id[i].party.name) == 0)
            return i;
    return -1;
}

/* Two that are up, those that answered already first. */
static void evaluate_batch(int who, struct evaluation *e, bool lossy)
{
    size_t places[TEST_CUSTODIANS], count = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t p = 0; p < TEST_CUSTODIANS; p++) {
            const int at = custodian_at_place((p + e->id[7]) % TEST_CUSTODIANS);
            if (custodian[at].at.up && custodian[at].at.listed && e->has[at] == (pass == 0))
                places[count++] = (p + e->id[7]) % TEST_CUSTODIANS;
        }
    if (count < 2)
        return;
    const size_t low = places[0] < places[1] ? 0 : 1;
    const struct coalition coalition = {{(uint8_t)(places[low] + 1), (uint8_t)(places[1 - low] + 1)}, 2};
    for (int i = 0; i < 2; i++) {
        const int at = e->by[i] = custodian_at_place(places[i]);
        if (e->has[at] || (lossy && history_any(8) == 0))
            continue;
        bool done = evaluate_at(who, e, at, &coalition);
        e->has[at] = done && !(lossy && history_any(8) == 0);
    }
    e->complete = e->has[e->by[0]] && e->has[e->by[1]];
}

static void tag_of(uint8_t out[WIRE_TAG_SIZE], uint32_t epoch, unsigned number)
{
    memset(out, 0, WIRE_TAG_SIZE);
    bytes_put_u32be(out, number);
    bytes_put_u32be(out + 4, epoch);
}

static struct wire_entries entries_of(const struct plan *plan, int who)
{
    static uint8_t tags[QUERY_SIZE][WIRE_TAG_SIZE], payloads[QUERY_SIZE][4];
    for (unsigned i = 0; i < plan->count; i++) {
        tag_of(tags[i], plan->epoch, plan->tag[i]);
        bytes_put_u32be(payloads[i], plan->tag[i] * 4 + (unsigned)who);
    }
    return (struct wire_entries){span_of(tags, plan->count * WIRE_TAG_SIZE), 4, span_of(payloads, plan->count * 4)};
}

/* Of what was evaluated for the plan all is spent on it. */
static struct wire_spent_list spent_of(const struct plan *plan)
{
    const struct evaluation *e = &plan->evaluation;
    struct wire_spent_list out = {.count = 0};
    for (int i = 0; e->count > 0 && i < 2; i++) {
        struct wire_spent *item = &out.item[out.count++];
        *item = (struct wire_spent){.leaf = e->leaf[e->by[i]], .of = e->count, .count = e->count};
        party_digest(item->custodian, &custodian_id[e->by[i]].party);
    }
    if (out.count == 2 && memcmp(out.item[0].custodian, out.item[1].custodian, PARTY_DIGEST_SIZE) > 0) {
        const struct wire_spent first = out.item[0];
        out.item[0] = out.item[1];
        out.item[1] = first;
    }
    return out;
}

static void send_plan(int who, bool lossy)
{
    struct plan *plan = &agency[who].plan;
    struct buf body = buf_of(1u << 16), message = buf_of(1u << 16);
    const struct wire_entries entries = entries_of(plan, who);
    if (plan->type == WIRE_PUT)
        MUST(put_request_encode(&body, &(struct put_request){.entries = entries, .spent = spent_of(plan)}, why));
    else if (plan->type == WIRE_REMOVE)
        MUST(remove_request_encode(&body, &(struct remove_request){entries.tags}, why));
    else
        MUST(query_request_encode(
            &body, &(struct query_request){.batch = {entries}, .count = 1, .spent = spent_of(plan)}, why));
    make_request(plan->type, who, &world.matcher, plan->epoch, plan->id, &body, &message);
    bool done = !(lossy && history_any(8) == 0) && matcher_serve(buf_span(&message), who);
    if (done && !(lossy && history_any(8) == 0)) {
        for (unsigned i = 0; plan->type != WIRE_QUERY && i < plan->count; i++)
            if (plan->tag[i] < TAGS)
                agency[who].held[plan->tag[i]] = plan->type == WIRE_PUT ? plan->epoch : 0;
        plan->any = false;
    }
    buf_free(&body);
    buf_free(&message);
}

/* New tags to put, some that partners may have, ascending; what is held to withdraw; anything to ask. */
static void make_plan(int who)
{
    struct agency_at_work *a = &agency[who];
    struct plan *plan = &a->plan;
    const unsigned what = history_any(6), wanted = what < 2 ? QUERY_SIZE : 1 + history_any(PUT_MOST);
    *plan = (struct plan){.any = true, .epoch = history_epoch()};
    plan->type = what == 0 ? WIRE_REMOVE : what == 1 ? WIRE_QUERY : WIRE_PUT;
    for (unsigned tag = history_any(TAGS / 2); tag < TAGS && plan->count < wanted; tag += 1 + history_any(3))
        if (plan->type == WIRE_QUERY || (a->held[tag] == plan->epoch) == (plan->type == WIRE_REMOVE))
            plan->tag[plan->count++] = tag;
    for (unsigned tag = TAGS; plan->type == WIRE_QUERY && plan->count < QUERY_SIZE; tag++)
        plan->tag[plan->count++] = tag; /* filled up */
    plan->any = plan->count > 0;
    plan->evaluation.count = plan->type == WIRE_REMOVE ? 0 : plan->count;
    new_id(plan->id);
    new_id(plan->evaluation.id);
}

struct taking {
    struct agency_at_work *agency;
    unsigned left;
};

/* The chain goes over all that comes; where numbers are missing it goes on from the matcher's. */
static bool take_message(void *context, const struct store_message *in)
{
    struct taking *taking = context;
    struct agency_at_work *a = taking->agency;
    struct mailbox_message m = {.sequence = in->sequence,
                                .kind = in->kind,
                                .epoch = in->epoch,
                                .time = in->time,
                                .leaf = in->leaf,
                                .count = in->count,
                                .payload = in->payload};
    memcpy(m.tag, in->tag, sizeof m.tag);
    snprintf(m.purpose, sizeof m.purpose, "%s", store_name(matcher.store, in->purpose));
    for (int i = 0; i < HISTORY_AGENCIES; i++)
        if (matcher.in_force->agency_id[i] == in->partner)
            party_digest(m.partner, &world.agency[i].party);
    if (in->sequence != a->taken + 1)
        memcpy(a->chain, in->before, sizeof a->chain);
    mailbox_chain(a->chain, &m, NULL);
    a->taken = in->sequence;
    return --taking->left > 0;
}

/* Some of its mail, or all; what it has taken it acknowledges until that is answered. */
static void agency_fetch(int who, bool lossy)
{
    struct agency_at_work *a = &agency[who];
    struct taking taking = {a, lossy ? 1 + history_any(20) : UINT32_MAX};
    const uint64_t before = a->taken;
    if (!matcher.at.up)
        return;
    MUST(store_mailbox_read(matcher.store, matcher.in_force->agency_id[who], a->taken, take_message, &taking, why));
    if (a->taken > before) {
        new_id(a->ack);
        a->must_ack = true;
    }
    if (!a->must_ack)
        return;
    struct ack_request ack = {.through = a->taken};
    struct buf body = buf_of(256), message = buf_of(WIRE_STATEMENT_MAX);
    memcpy(ack.chain, a->chain, sizeof ack.chain);
    MUST(ack_request_encode(&body, &ack, why));
    make_request(WIRE_ACK, who, &world.matcher, 0, a->ack, &body, &message);
    const bool done = !(lossy && history_any(8) == 0) && matcher_take_ack(buf_span(&message), who);
    a->must_ack = !done || (lossy && history_any(8) == 0);
    buf_free(&body);
    buf_free(&message);
}

static void agency_step(int who, bool lossy)
{
    struct plan *plan = &agency[who].plan;
    if (plan->any && plan->epoch != history_epoch())
        plan->any = false; /* a new epoch wants it anew */
    if (!plan->any)
        make_plan(who);
    if (plan->any && plan->evaluation.count > 0 && !plan->evaluation.complete)
        evaluate_batch(who, &plan->evaluation, lossy);
    if (plan->any && (plan->evaluation.count == 0 || plan->evaluation.complete) && matcher.at.up)
        send_plan(who, lossy);
}

/* --- what cheats do --- */

struct event history_event(enum event_kind kind, int who, uint64_t count)
{
    struct event e;
    event_init(&e, kind);
    e.count = count;
    if (who >= 0) {
        snprintf(e.party, sizeof e.party, "%s", world.agency[who].party.name);
        snprintf(e.purpose, sizeof e.purpose, "persons");
        e.epoch = history_epoch();
    }
    if (event_is_asked_for(kind)) {
        new_id(e.id);
        memset(e.request, 0x22, sizeof e.request);
    }
    const int place = position_of(world.region, HISTORY_CULPRIT) + 1;
    if (kind == EVENT_EVALUATE)
        snprintf(e.note, sizeof e.note, "%d,%d", place > 1 ? 1 : place, place > 1 ? place : 2);
    memset(e.digest, 0x11, sizeof e.digest);
    return e;
}

void history_write_event(int at, struct event *event)
{
    act_as(party_at(at));
    event->time = ledger_time(history_ledger(at));
    meddling = true;
    if (at < 0) {
        begin_write();
        MUST(store_event(matcher.staged, event, NULL, NULL, why));
        end_write();
    } else {
        struct kv_batch *batch;
        MUST(kv_batch_new(&batch, why));
        MUST(custodian_append(&custodian[at].work, batch, event, why));
        kv_batch_free(batch);
    }
    meddling = false;
}

void history_guess(int who, unsigned count)
{
    for (unsigned left = count; left > 0;) {
        struct evaluation e = {.count = left < 500 ? left : 500};
        new_id(e.id);
        evaluate_batch(who, &e, false);
        left -= e.count;
    }
}

/* The plan is sent until it is taken, whatever the matcher is at. */
static void send_surely(int who)
{
    for (int tries = 0; agency[who].plan.any && tries < 60; tries++) {
        if (matcher_is_busy())
            matcher_upkeep();
        else
            send_plan(who, false);
    }
}

/* Tags that no other plan has. evaluation: what it names, NULL: nothing. */
static void plan_far(int who, enum wire_type type, unsigned first, const struct evaluation *evaluation)
{
    struct plan *plan = &agency[who].plan;
    *plan = (struct plan){.any = true, .type = type, .epoch = history_epoch(), .count = QUERY_SIZE};
    for (unsigned i = 0; i < QUERY_SIZE; i++)
        plan->tag[i] = TAGS + first + i;
    if (evaluation != NULL)
        plan->evaluation = *evaluation;
    new_id(plan->id);
    send_surely(who);
}

void history_put_falsely(int who)
{
    struct evaluation e = {.count = QUERY_SIZE, .by = {HISTORY_CULPRIT, custodian_at_place(0)}};
    if (e.by[1] == e.by[0])
        e.by[1] = custodian_at_place(1);
    e.leaf[e.by[0]] = e.leaf[e.by[1]] = 1; /* its manifest */
    plan_far(who, WIRE_PUT, 2000, &e);
}

bool history_spend_twice(int who)
{
    struct evaluation e = {.count = QUERY_SIZE};
    new_id(e.id);
    evaluate_batch(who, &e, false);
    is_lax = e.complete;
    for (unsigned i = 0; e.complete && i < 2; i++)
        plan_far(who, WIRE_PUT, 3000 + i * QUERY_SIZE, &e);
    is_lax = false;
    return e.complete && !agency[who].plan.any;
}

void history_promise(int owner, const struct event *event)
{
    char store[200], origin[NOTE_NAME_MAX + 1];
    struct event false_event = *event;
    struct kv *kv;
    struct kv_batch *batch;
    struct ledger *ledger;
    uint64_t index;
    snprintf(store, sizeof store, "%s.promised", party_at(owner)->store);
    disk_copy(party_at(owner)->store, store);
    act_as(party_at(owner));
    MUST(kv_open(&kv, store, 0, why));
    MUST(ledger_origin(origin, "test", identity_at(owner)->party.name, why));
    MUST(ledger_open(&ledger, kv, origin, identity_at(owner)->log_secret, why));
    MUST(kv_batch_new(&batch, why));
    false_event.time = ledger_time(ledger);
    meddling = true;
    MUST(ledger_append(ledger, batch, &false_event, &index, NULL, why));
    meddling = false;
    MUST(ledger_seal(ledger, batch, why));
    MUST(kv_commit(kv, batch, true, why));
    ledger_committed(ledger);
    take_receipt(owner, ledger, index);
    kv_batch_free(batch);
    ledger_close(ledger);
    kv_close(kv);
}

bool history_make_up_ack(int who)
{
    const uint16_t agency_id = matcher.in_force->agency_id[who];
    const struct store_mailbox box = store_mailbox(matcher.store, agency_id);
    struct event e = history_event(EVENT_ACKNOWLEDGE, who, 0);
    act_as(&matcher.at);
    if (box.last == box.acknowledged)
        return false;
    memcpy(e.chain, box.chain, sizeof e.chain);
    begin_write();
    MUST(store_mailbox_acknowledge(matcher.staged, agency_id, box.last, &e.count, why));
    e.time = store_time(matcher.staged);
    e.sequence = box.last;
    e.purpose[0] = '\0';
    e.epoch = 0;
    memset(e.digest, 0, sizeof e.digest);
    MUST(store_event(matcher.staged, &e, NULL, NULL, why));
    return end_write();
}

void history_put_unevaluated(int who, unsigned count)
{
    for (unsigned i = 0; i < count; i += QUERY_SIZE)
        plan_far(who, WIRE_PUT, 1000 + i, NULL);
}

void history_put_again(int who, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        plan_far(who, WIRE_PUT, 500, NULL);
        plan_far(who, WIRE_REMOVE, 500, NULL);
    }
}

/* --- a history --- */

static unsigned changes;
static uint64_t cosigned; /* when all witnesses were last asked without a loss */

void history_begin(uint64_t seed)
{
    random_state = seed * 0x9e3779b97f4a7c15u + 1;
    now = BEGINNING;
    offset = 0;
    failing = changes = 0;
    answers = answers_then = 0;
    receipts = handed = 0;
    ids = 0;
    meddling = is_lax = false;
    memset(was_spent, 0, sizeof was_spent);
    history_matcher_event = NULL;
    history_custodian_event = NULL;
    history_matcher_mail = NULL;
    memset(agency, 0, sizeof agency);
    memset(&files, 0, sizeof files);
    memset(custodian, 0, sizeof custodian);
    memset(&matcher, 0, sizeof matcher);
    new_world();
    snprintf(files.manifest, sizeof files.manifest, "%s", world.path);
    snprintf(files.archive, sizeof files.archive, "%s/archive", world.dir);
    snprintf(files.matcher, sizeof files.matcher, "%s/matcher", world.dir);
    snprintf(files.spare, sizeof files.spare, "%s/spare", world.dir);
    party_new(&matcher.at, &world.matcher, "matcher");
    matcher_start();
    for (int i = 0; i < HISTORY_CUSTODIANS; i++) {
        party_new(&custodian[i].at, &custodian_id[i], custodian_id[i].party.name);
        if (position_of(world.region, i) >= 0)
            custodian_start(i);
    }
    cosign_round(false);
    cosigned = now;
}

static bool is_behind(const struct party_at_work *at)
{
    return at->version != world.region->version;
}

/* Each reads the newest manifest when its operator gets round to it; who is in none yet is started for the first. */
static void reload_some(bool all)
{
    if (matcher.at.up && is_behind(&matcher.at) && (all || history_any(3) == 0)) {
        act_as(&matcher.at);
        matcher_install();
    }
    for (int i = 0; i < HISTORY_CUSTODIANS; i++) {
        struct custodian_at_work *c = &custodian[i];
        if (!is_behind(&c->at) || position_of(world.region, i) < 0 || (!all && history_any(3) != 0))
            continue;
        act_as(&c->at);
        if (c->at.up)
            custodian_install(c, i);
        else
            custodian_start(i);
    }
}

/*
 * The store is put back to what it was: its own export, or the matcher as its witness, knows more, and it does not
 * start.
 */
static void put_back_in_vain(int at)
{
    struct party_at_work *party = &custodian[at].at;
    char old[200], newest[200], origin[NOTE_NAME_MAX + 1];
    struct kv *kv;
    struct ledger *ledger;
    struct witness_decision decision = {.size = 0};
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX), line = buf_of(1024);
    snprintf(old, sizeof old, "%s.old", party->store);
    snprintf(newest, sizeof newest, "%s.newest", party->store);
    if (!disk_has(old) || !matcher.at.up)
        return;
    disk_copy(party->store, newest);
    disk_copy(old, party->store);
    MUST(kv_open(&kv, party->store, 0, why));
    MUST(ledger_origin(origin, "test", custodian_id[at].party.name, why));
    MUST(ledger_open(&ledger, kv, origin, custodian_id[at].log_secret, why));
    const bool refused = ledger_check_exported(ledger, party->config.ledger, ERR_IGNORED) == ERR_CONFLICT;
    MUST(ledger_checkpoint(ledger, &note, why));
    witness_one(-1, at, INT64_MAX, span_of(NULL, 0), buf_span(&note), &decision, &line);
    if (!refused && decision.size > ledger_size(ledger) && decision.seen_len == 0)
        fail_msg("a store was put back, and nobody shows that it was");
    buf_free(&note);
    buf_free(&line);
    ledger_close(ledger);
    kv_close(kv);
    disk_copy(newest, party->store);
}

/* Who has left, and was killed before its last export, exports when it is started once more. */
static void export_left(int at)
{
    struct party_at_work *party = party_at(at);
    char origin[NOTE_NAME_MAX + 1];
    struct kv *kv;
    struct ledger *ledger;
    MUST(kv_open(&kv, party->store, at < 0 ? KEY_ENTRY_PREFIX : 0, why));
    MUST(ledger_origin(origin, "test", identity_at(at)->party.name, why));
    MUST(ledger_open(&ledger, kv, origin, identity_at(at)->log_secret, why));
    export(party, ledger);
    ledger_close(ledger);
    kv_close(kv);
}

/* Where nobody prints what the operator reads. */
static void restore_quietly(const struct restored *restored)
{
    fflush(stdout);
    const int out = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    struct err err;
    const int rc = restored_run(restored, &err);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    close(out);
    close(nowhere);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        fail_msg("%s", err.text);
}

/* The newest store is lost, but for what it exported; its operator says so. -1: the matcher's. */
static void put_back(int at)
{
    struct party_at_work *party = party_at(at);
    static const struct restored_options options = {.by = "operator", .reason = "the disk failed", .yes = true};
    char old[200], origin[NOTE_NAME_MAX + 1];
    struct custodian custodian_lost = {.region = world.region};
    struct matcher_lost matcher_lost = {.region = world.region};
    struct kv *kv;
    snprintf(old, sizeof old, "%s.old", party->store);
    if (!disk_has(old))
        return;
    act_as(party);
    export_left(at);
    disk_copy(old, party->store);
    MUST(kv_open(&kv, party->store, at < 0 ? KEY_ENTRY_PREFIX : 0, why));
    MUST(ledger_origin(origin, "test", identity_at(at)->party.name, why));
    custodian_lost.kv = matcher_lost.kv = kv;
    restore_quietly(&(struct restored){.daemon = &party->daemon,
                                       .kv = kv,
                                       .region = "test",
                                       .origin = origin,
                                       .options = &options,
                                       .lost = at < 0 ? matcher_skip_lost : custodian_charge_lost,
                                       .context = at < 0 ? (void *)&matcher_lost : &custodian_lost});
    kv_close(kv);
    if (at < 0)
        answers = answers_then;
}

static void keep_copy(int at)
{
    char old[200];
    snprintf(old, sizeof old, "%s.old", party_at(at)->store);
    disk_copy(party_at(at)->store, old);
    if (at < 0)
        answers_then = answers;
}

static void start_or_stop(int at)
{
    const bool killed = history_any(2) == 0;
    char old[200];
    if (at < 0) {
        if (matcher.at.up) {
            matcher_stop(killed);
            if (history_any(2) == 0)
                keep_copy(at);
            return;
        }
        if (history_any(4) == 0 && history_matcher_mail == NULL)
            put_back(at);
        matcher_start();
        return;
    }
    struct custodian_at_work *c = &custodian[at];
    if (c->at.up) {
        custodian_stop(at, killed);
        snprintf(old, sizeof old, "%s.old", c->at.store);
        if (!disk_has(old))
            disk_copy(c->at.store, old);
    } else if (files.custodian[at][0] != '\0' && position_of(world.region, at) >= 0) {
        const unsigned what = history_any(4);
        if (what == 0)
            put_back_in_vain(at);
        if (what == 1)
            put_back(at);
        custodian_start(at);
    }
}

/* What is not exported now is exported later, by the next run if need be. */
static void export_some(bool all)
{
    act_as(&matcher.at);
    if (matcher.at.up && (all || history_any(2) == 0))
        export(&matcher.at, store_ledger(matcher.store));
    for (int i = 0; i < HISTORY_CUSTODIANS; i++)
        if (custodian[i].at.up && (all || history_any(2) == 0)) {
            act_as(&custodian[i].at);
            export(&custodian[i].at, custodian[i].work.ledger);
        }
}

static void start_all(void)
{
    if (!matcher.at.up)
        matcher_start();
    reload_some(true);
    for (int i = 0; i < HISTORY_CUSTODIANS; i++)
        if (!custodian[i].at.up && files.custodian[i][0] != '\0' && position_of(world.region, i) >= 0)
            custodian_start(i);
}

/* A network fails for a day or two, not longer. */
static void cosign_in_time(void)
{
    if (now - cosigned < 3 * DAY / 2)
        return;
    start_all();
    cosign_round(false);
    cosigned = now;
}

static void set_a_clock(void)
{
    struct party_at_work *at = party_at((int)history_any(HISTORY_CUSTODIANS + 1) - 1);
    at->offset = history_any(2) == 0 ? 0 : at->offset / 2;
}

void history_step(void)
{
    const unsigned what = history_any(40);
    now += history_any(24) == 0 ? DAY : history_any(7200);
    cosign_in_time();
    failing = 0;
    reload_some(false);
    if (history_any(8) == 0)
        failing = 1 + history_any(5);
    if (what == 0 && changes < 4) {
        failing = 0;
        changes++;
        change_region();
    } else if (what < 4) {
        failing = 0;
        start_or_stop((int)history_any(HISTORY_CUSTODIANS + 1) - 1);
    } else if (what == 4) {
        set_a_clock();
    } else if (what < 10 && matcher.at.up) {
        matcher_upkeep();
    } else if (what < 16) {
        cosign_round(true);
    } else if (what < 20) {
        export_some(false);
    } else if (what < 25) {
        agency_fetch((int)history_any(HISTORY_AGENCIES), true);
    } else {
        agency_step((int)history_any(HISTORY_AGENCIES), true);
    }
    failing = 0;
}

void history_settle(void)
{
    failing = 0;
    start_all();
    for (int i = 0; i < 400 && matcher_upkeep(); i++) {
    }
    for (int i = 0; i < HISTORY_AGENCIES; i++)
        agency_fetch(i, false);
    for (int i = 0; i < 3; i++)
        cosign_round(false);
    export_some(true);
    for (int i = 0; i < HISTORY_CUSTODIANS; i++)
        if (!custodian[i].at.up && files.custodian[i][0] != '\0')
            export_left(i);
}

bool history_is_calm(void)
{
    bool calm = matcher.at.up && !is_behind(&matcher.at) && !matcher_is_busy();
    for (int i = 0; i < HISTORY_CUSTODIANS; i++)
        if (position_of(world.region, i) >= 0)
            calm = calm && custodian[i].at.up && custodian[i].at.listed && !is_behind(&custodian[i].at);
    return calm && position_of(world.region, HISTORY_CULPRIT) >= 0;
}

void history_end(void)
{
    if (matcher.at.up)
        matcher_stop(true);
    for (int i = 0; i < HISTORY_CUSTODIANS; i++)
        if (custodian[i].at.up)
            custodian_stop(i, true);
    while (receipts > 0)
        buf_free(&receipt[--receipts].text);
    region_test_end(&world);
    disk_clear();
    now = 0;
}
