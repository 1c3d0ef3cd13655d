/*
 * The auditor against the matcher: random puts, removals, questions, releases, suspensions, closes, manifests and days
 * at the matcher's own joining, with its ledger and archive; replaying them finds nothing.
 * CONCORD_TEST_SEED repeats a run.
 */
#define walk matcher_walk /* both sides have a struct of that name */
#include "matcher/join/change.h"
#include "matcher/join/sweep.h"
#undef walk

#include "audit_joins.h"

enum { STEPS = 160, RUNS = 6, TAGS = 12, PAYLOAD_SIZE = 4 };

static struct store *store;
static struct store_write *staged;
static struct join join;
static struct world *in_force;
static struct walks walks;
static struct sweep_place place;
static bool must_begin;
static uint64_t now, requests, random_state;
static char ledger_dir[96], archive_path[96], store_dir[96];

static unsigned any(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)((random_state >> 11) % below);
}

/* --- the matcher --- */

static void begin_write(void)
{
    MUST(store_begin(&staged, store, why));
    join_begin(&join, staged, in_force, &walks);
    join.time = now;
}

static void end_write(void)
{
    MUST(store_commit(staged, why));
    MUST(walk_load(&walks, store, why));
}

static struct event event_now(enum event_kind kind)
{
    struct event e;
    event_init(&e, kind);
    e.time = now;
    return e;
}

/* As the daemon does it: the event at once, what it changes when no walk is under way. */
static void install_manifest(void)
{
    struct region *region = NULL;
    struct world *next = NULL;
    struct event e = event_now(EVENT_MANIFEST);
    MUST(region_load(&region, world.path, NULL, why));
    e.count = region->version;
    memcpy(e.digest, region->digest, sizeof e.digest);
    world_keep(ledger_dir, world.path, region->version);
    begin_write();
    MUST(world_new(&next, region, staged, why));
    join_begin(&join, staged, next, &walks);
    MUST(store_event(staged, &e, NULL, NULL, why));
    must_begin = walk_is_running(&walks);
    if (!must_begin)
        MUST(change_begin(&join, why));
    end_write();
    world_release(in_force);
    in_force = next;
    place = (struct sweep_place){0};
}

static bool upkeep_step(void)
{
    bool more, changes;
    begin_write();
    MUST(sweep_due(&join, &place, &more, &changes, why));
    if (!more)
        MUST(sweep_expired(&join, &more, why));
    if (changes && must_begin) {
        MUST(walk_load(&walks, store, why));
        must_begin = walk_is_running(&walks);
        if (!must_begin)
            MUST(change_begin(&join, why));
    }
    end_write();
    return more;
}

static uint32_t current_epoch(void)
{
    return region_current(&world.region->purposes[PERSONS])->epoch;
}

static uint16_t number_of(int agency)
{
    return in_force->agency_id[region_find_agency(in_force->region, world.agency[agency].party.name)];
}

/* --- agencies --- */

static struct wire_request signed_request(enum wire_type type, int agency, uint32_t epoch, const struct buf *body,
                                          uint8_t hash[WIRE_HASH_SIZE])
{
    const struct wire_ends ends = ends_of(agency);
    struct wire_request request = {.type = type, .time = now, .scope_count = 1, .body = buf_span(body)};
    strcpy(request.scope[0].purpose, "persons");
    request.scope[0].epoch = epoch;
    bytes_put_u64be(request.id, ++requests);
    wire_request_sign(&request, &ends, world.agency[agency].sign_secret);
    wire_request_hash(hash, &request, &ends);
    return request;
}

/* The event and its lines, the request into the archive. */
static void write_down(struct event *e, const struct wire_request *request, int agency,
                       const uint8_t hash[WIRE_HASH_SIZE])
{
    struct buf message = buf_of(1u << 16);
    uint64_t index;
    strcpy(e->party, world.agency[agency].party.name);
    event_set_request(e, request, hash);
    MUST(tally_write(&join.tally, staged, e, &index, NULL, why));
    MUST(wire_request_encode(&message, request, why));
    MUST(store_archive(staged, &(struct archive_record){index, e->time, e->kind, buf_span(&message)}, why));
    buf_free(&message);
    end_write();
}

static struct batch the_batch;

static struct join_request join_of(int agency, uint32_t epoch)
{
    return (struct join_request){(size_t)agency, PERSONS, epoch, &the_batch.part[0]};
}

/* Some tags, ascending, with payloads that are one of three. */
static struct wire_entries some_entries(size_t exactly)
{
    static uint8_t tags[64][WIRE_TAG_SIZE], payloads[64][PAYLOAD_SIZE];
    size_t count = 0;
    memset(tags, 0, sizeof tags);
    for (int i = 0; i < TAGS; i++) {
        if (any(3) > 0)
            continue;
        memset(tags[count], 'a' + i, WIRE_TAG_SIZE);
        memset(payloads[count++], (int)any(3), PAYLOAD_SIZE);
    }
    for (; count < exactly || count == 0; count++) {
        memset(tags[count], (int)(0x80 + count), WIRE_TAG_SIZE);
        memset(payloads[count], 0, PAYLOAD_SIZE);
    }
    return (struct wire_entries){span_of(tags, count * WIRE_TAG_SIZE), PAYLOAD_SIZE,
                                 span_of(payloads, count * PAYLOAD_SIZE)};
}

static struct span some_partner(int agency)
{
    static uint8_t digest[PARTY_DIGEST_SIZE];
    party_digest(digest, &world.agency[((unsigned)agency + 1 + any(2)) % 3].party);
    return span_of(digest, any(4) == 0 ? sizeof digest : 0);
}

static void do_put(int agency)
{
    static struct span except[64];
    static const uint8_t first[2];
    uint8_t hash[WIRE_HASH_SIZE];
    struct event e = event_now(EVENT_PUT);
    struct buf body = buf_of(1u << 16), numbers = buf_of(4096);
    struct put_request put = {.entries = some_entries(0), .except = {{some_partner(agency), span_of(first, 2)}}};
    put.except_count = put.except[0].partners.len > 0;
    MUST(put_request_encode(&body, &put, why));
    const struct wire_request request = signed_request(WIRE_PUT, agency, current_epoch(), &body, hash);
    MUST(batch_decode(&the_batch, &request, why));
    const struct join_request in = join_of(agency, current_epoch());
    begin_write();
    MUST(join_exceptions(except, &numbers, store, &the_batch.put, why));
    MUST(join_put(&join, &in, except, &e, why));
    batch_describe(&e, &the_batch, world.agency[agency].party.name, &request, hash);
    write_down(&e, &request, agency, hash);
    buf_free(&body);
    buf_free(&numbers);
}

static void do_remove(int agency)
{
    uint8_t hash[WIRE_HASH_SIZE];
    struct event e = event_now(EVENT_REMOVE);
    struct buf body = buf_of(1u << 16);
    MUST(remove_request_encode(&body, &(struct remove_request){some_entries(0).tags}, why));
    const struct wire_request request = signed_request(WIRE_REMOVE, agency, current_epoch() - any(2), &body, hash);
    MUST(batch_decode(&the_batch, &request, why));
    const struct join_request in = join_of(agency, request.scope[0].epoch);
    begin_write();
    MUST(join_remove(&join, &in, &e, why));
    batch_describe(&e, &the_batch, world.agency[agency].party.name, &request, hash);
    write_down(&e, &request, agency, hash);
    buf_free(&body);
}

static void do_query(int agency)
{
    uint8_t hash[WIRE_HASH_SIZE];
    struct event e = event_now(EVENT_QUERY);
    struct buf body = buf_of(1u << 16);
    struct join_hits hits;
    const struct query_request query = {.batch = {some_entries(16)}, .count = 1, .except = some_partner(agency)};
    MUST(query_request_encode(&body, &query, why));
    const struct wire_request request = signed_request(WIRE_QUERY, agency, current_epoch(), &body, hash);
    MUST(batch_decode(&the_batch, &request, why));
    const struct join_request in = join_of(agency, current_epoch());
    begin_write();
    MUST(join_query(&join, &in, 1, the_batch.query.except, &hits, &e, why));
    batch_describe(&e, &the_batch, world.agency[agency].party.name, &request, hash);
    write_down(&e, &request, agency, hash);
    join_hits_free(&hits);
    buf_free(&body);
}

static void do_meeting(enum event_kind kind, int agency)
{
    const int partner = (int)(((unsigned)agency + 1 + any(2)) % 3);
    uint8_t hash[WIRE_HASH_SIZE];
    struct event e = event_now(kind);
    struct buf body = buf_of(4096);
    struct release_request release = {.count = any(4), .until = now + any(2 * DAY)};
    struct suspend_request suspend = {.on = any(2) == 0};
    const uint16_t purpose = in_force->purpose_id[PERSONS], me = number_of(agency), other = number_of(partner);
    party_digest(release.partner, &world.agency[partner].party);
    memcpy(suspend.partner, release.partner, sizeof suspend.partner);
    MUST(kind == EVENT_RELEASE   ? release_request_encode(&body, &release, why)
         : kind == EVENT_SUSPEND ? suspend_request_encode(&body, &suspend, why)
                                 : close_request_encode(&body, why));
    const struct wire_request request = signed_request(kind == EVENT_RELEASE   ? WIRE_RELEASE
                                                       : kind == EVENT_SUSPEND ? WIRE_SUSPEND
                                                                               : WIRE_CLOSE,
                                                       agency, current_epoch(), &body, hash);
    const struct store_release left = {release.count, release.until};
    strcpy(e.purpose, "persons");
    e.epoch = current_epoch();
    if (kind != EVENT_CLOSE)
        strcpy(e.partner, world.agency[partner].party.name);
    begin_write();
    if (kind == EVENT_RELEASE) {
        e.count = release.count;
        e.until = release.until;
        MUST(join_release(&join, purpose, me, other, &left, why));
    } else if (kind == EVENT_SUSPEND) {
        strcpy(e.note, suspend.on ? "on" : "off");
        MUST(change_suspend(&join, purpose, me, other, suspend.on, why));
    } else {
        strcpy(e.note, "request");
        MUST(change_close(&join, purpose, current_epoch(), me, why));
    }
    write_down(&e, &request, agency, hash);
    buf_free(&body);
}

/* --- the coordinators --- */

static void toggle_grant(void)
{
    struct region *r = world.region;
    const size_t count = r->grant_count;
    for (size_t i = 0; i < count; i++) {
        if (r->grants[i].from == AAA && r->grants[i].to == CCC && r->grants[i].purpose == PERSONS) {
            r->grants[i] = r->grants[--r->grant_count];
            return;
        }
    }
    region_test_grant(&world, AAA, CCC, PERSONS);
}

static void open_epoch(void)
{
    struct region_purpose *p = &world.region->purposes[PERSONS];
    if (p->epoch_count == 2)
        p->epochs[0] = p->epochs[1];
    p->epochs[1] = p->epochs[0];
    p->epochs[1].epoch++;
    p->epochs[0].until = now + 1 + any(2 * DAY);
    p->epoch_count = 2;
}

static void change(void)
{
    if (any(3) == 0)
        open_epoch();
    else
        toggle_grant();
    world_next();
    install_manifest();
}

/* --- a run --- */

static void open_matcher(unsigned run_number)
{
    const struct store_options options = {store_dir, "test/matcher", world.matcher.log_secret, archive_path};
    struct event e;
    snprintf(store_dir, sizeof store_dir, "%s/s%u", world.dir, run_number);
    snprintf(ledger_dir, sizeof ledger_dir, "%s/l%u", world.dir, run_number);
    snprintf(archive_path, sizeof archive_path, "%s/b%u", world.dir, run_number);
    now = NOON;
    requests = 0;
    must_begin = false;
    MUST(store_open(&store, &options, why));
    join_init(&join, store);
    join.steps = (struct join_steps){.walked = 3, .ended = 4, .meetings = 2};
    MUST(walk_load(&walks, store, why));
    e = event_now(EVENT_START);
    strcpy(e.note, "test");
    begin_write();
    MUST(store_event(staged, &e, NULL, NULL, why));
    end_write();
    install_manifest();
}

static void close_matcher(void)
{
    MUST(ledger_export(store_ledger(store), ledger_dir, why));
    join_free(&join);
    walk_free(&walks);
    world_release(in_force);
    in_force = NULL;
    store_close(store);
}

static void step(void)
{
    const int agency = (int)any(3);
    const unsigned what = any(24);
    const bool busy = must_begin || walk_is_running(&walks);
    now += any(3600);
    if (what == 0)
        now += DAY;
    else if (what == 1)
        change();
    else if (what < 5)
        do_query(agency);
    else if (what == 5)
        do_meeting(EVENT_RELEASE, agency);
    else if (what < 9 || busy)
        upkeep_step();
    else if (what == 9)
        do_meeting(EVENT_SUSPEND, agency);
    else if (what == 10)
        do_meeting(EVENT_CLOSE, agency);
    else if (what < 14)
        do_remove(agency);
    else
        do_put(agency);
}

static void replay_run(void)
{
    char work[96];
    struct replay *replay;
    struct verified v;
    snprintf(work, sizeof work, "%s/work", world.dir);
    run("rm -rf '%s'", work);
    audit_close(&audit);
    open_audit(&audit, (char *[]){ledger_dir}, 1);
    MUST(replay_new(&replay, &audit, &audit.ledger[0], archive_path, work, why));
    MUST(verify_ledger(&audit, &audit.ledger[0], replay_handler(replay), &v, why));
    MUST(replay_finish(replay, &counts, why));
    replay_free(replay);
}

/* Nobody witnesses here; that alone is found. */
static void expect_honest(uint64_t seed)
{
    bool good = true;
    for (size_t i = 0; i < audit.findings.count; i++) {
        const struct finding *f = &audit.findings.kept[i];
        if (f->code == FINDING_NOT_FINAL)
            continue;
        print_error("found: entry %llu: %s: %s\n", (unsigned long long)f->index, finding_name(f->code), f->text);
        good = false;
    }
    if (!good)
        fail_msg("an honest matcher was accused: CONCORD_TEST_SEED=%llu", (unsigned long long)seed);
}

static void new_world(void)
{
    world_begin(NULL);
    for (size_t i = 0; i < TEST_REGION_PURPOSES; i++) {
        struct region_limits *limits = &world.region->purposes[i].limits;
        limits->meets = 2 + any(4);
        limits->asks = 48;
        limits->load = any(2) * 1024;
        limits->load_until = any(2) * (NOON + DAY);
        world.region->purposes[i].retention = 4 * DAY;
    }
    region_test_grant(&world, BBB, CCC, PERSONS);
    region_test_grant(&world, CCC, BBB, PERSONS);
    region_test_write(&world, TEST_COORDINATORS);
}

static void an_honest_matcher_is_never_accused(void **state)
{
    const char *given = getenv("CONCORD_TEST_SEED");
    uint64_t waited = 0, withdrawn = 0;
    (void)state;
    for (unsigned i = 0; i < (given != NULL ? 1 : RUNS); i++) {
        const uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 1000 + i;
        random_state = seed * 0x9e3779b97f4a7c15u + 1;
        new_world();
        open_matcher(i);
        for (int k = 0; k < STEPS; k++)
            step();
        close_matcher();
        replay_run();
        expect_honest(seed);
        waited += counts.waited;
        withdrawn += counts.withdrawn;
        audit_close(&audit);
        world_end(NULL);
    }
    assert_true(given != NULL || (waited > 0 && withdrawn > 0)); /* it came to something */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_matcher_is_never_accused),
    };
    if (group_init(ERR_IGNORED) != 0)
        return 1;
    return cmocka_run_group_tests_name("audit_matcher", tests, NULL, NULL);
}
