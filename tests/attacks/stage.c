#include "tests/attacks/stage.h"

#include "tests/unit/matcher_test.h"

static struct test_store stage;
static struct region_limits stage_limits;
static bool stage_all;
static uint64_t stage_version;

static void install(void)
{
    struct region *r = test_region(++stage_version);
    for (int p = 0; p < STAGE_PURPOSES; p++) {
        struct region_purpose *purpose = &r->purposes[p];
        purpose->limits = stage_limits;
        purpose->epoch_count = stage_version > 1 ? 2 : 1;
        for (size_t e = 0; e < purpose->epoch_count; e++)
            purpose->epochs[e] = (struct region_epoch){.epoch = (uint32_t)e + 1, .slots = 4};
        if (purpose->epoch_count == 2)
            purpose->epochs[0].until = stage.now + 2 * JOIN_DAY;
        test_grant_mutual(r, ATTACKER, PARTNER, p);
        if (stage_all)
            test_grant_mutual(r, STRANGER, PARTNER, p);
    }
    test_install(&stage, r);
}

void stage_open(const struct region_limits *limits, bool all)
{
    test_new(&stage);
    stage.now = 20000 * JOIN_DAY + 1;
    stage_limits = *limits;
    stage_all = all;
    stage_version = 0;
    install();
}

void stage_close(void)
{
    test_remove(&stage);
}

void stage_rekey(void)
{
    install();
}

void stage_day(void)
{
    stage.now += JOIN_DAY;
}

void stage_upkeep(void)
{
    test_upkeep(&stage);
}

void stage_close_load(int agency, int purpose)
{
    struct err err = {0};
    struct event event;
    const struct world *world = stage.world;
    event_init(&event, EVENT_CLOSE);
    test_begin(&stage);
    if (change_close(&stage.join, world->purpose_id[purpose], (uint32_t)stage_version, world->agency_id[agency],
                     &err) != 0)
        fail_msg("%s", err.text);
    test_commit_cause(&stage, &event);
    assert_int_equal(walk_load(&stage.walks, stage.store, &err), 0);
    test_upkeep(&stage);
}

static int compare_entries(const void *a, const void *b)
{
    return memcmp(a, b, WIRE_TAG_SIZE);
}

static size_t sort(struct entry *entry, size_t count)
{
    size_t kept = 0;
    qsort(entry, count, sizeof *entry, compare_entries);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare_entries(&entry[kept - 1], &entry[i]) != 0)
            entry[kept++] = entry[i];
    return kept;
}

struct batch {
    uint8_t tag[STAGE_BATCH][WIRE_TAG_SIZE], payload[STAGE_BATCH][STAGE_PAYLOAD];
    struct wire_entries entries;
    struct join_request request;
};

static const struct join_request *fill(struct batch *b, int agency, int purpose, uint32_t epoch,
                                       const struct entry *entry, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(b->tag[i], entry[i].tag, WIRE_TAG_SIZE);
        memcpy(b->payload[i], entry[i].payload, STAGE_PAYLOAD);
    }
    b->entries = (struct wire_entries){span_of(b->tag, count * WIRE_TAG_SIZE), STAGE_PAYLOAD,
                                       span_of(b->payload, count * STAGE_PAYLOAD)};
    b->request = (struct join_request){(size_t)agency, (size_t)purpose, epoch, &b->entries};
    return &b->request;
}

static void change(int agency, int purpose, uint32_t epoch, struct entry *entry, size_t count, enum event_kind kind)
{
    static struct batch b;
    struct err err = {0};
    count = sort(entry, count);
    for (size_t i = 0, n; i < count; i += n) {
        struct event event;
        n = count - i < STAGE_BATCH ? count - i : STAGE_BATCH;
        event_init(&event, kind);
        test_begin(&stage);
        fill(&b, agency, purpose, epoch, entry + i, n);
        int rc = kind == EVENT_PUT ? join_put(&stage.join, &b.request, NULL, &event, &err)
                                   : join_remove(&stage.join, &b.request, &event, &err);
        if (rc != 0)
            fail_msg("%s", err.text);
        test_commit_cause(&stage, &event);
    }
}

void stage_put(int agency, int purpose, uint32_t epoch, struct entry *entry, size_t count)
{
    change(agency, purpose, epoch, entry, count, EVENT_PUT);
}

void stage_remove(int agency, int purpose, uint32_t epoch, struct entry *entry, size_t count)
{
    change(agency, purpose, epoch, entry, count, EVENT_REMOVE);
}

static size_t ask_some(int agency, int purpose, uint32_t epoch, const struct entry *entry, size_t count,
                       stage_visit *visit, void *context, bool *asked)
{
    static struct batch b;
    struct join_hits hits;
    struct err err = {0};
    struct event event;
    event_init(&event, EVENT_QUERY);
    test_begin(&stage);
    fill(&b, agency, purpose, epoch, entry, count);
    if (join_query(&stage.join, &b.request, 1, span_of(NULL, 0), &hits, &event, &err) != 0)
        fail_msg("%s", err.text);
    const size_t found = hits.count;
    *asked = hits.unasked_count == 0;
    for (size_t i = 0; i < found; i++)
        visit(context, purpose, epoch, MAILBOX_MATCH, hits.hit[i].tag, hits.hit[i].payload);
    join_hits_free(&hits);
    test_commit_cause(&stage, &event);
    return found;
}

size_t stage_ask(int agency, int purpose, uint32_t epoch, struct entry *entry, size_t count, stage_visit *visit,
                 void *context)
{
    const size_t most = stage_limits.asks < STAGE_BATCH ? 64 : STAGE_BATCH;
    size_t found = 0;
    bool asked = true;
    count = sort(entry, count);
    for (size_t i = 0, n; asked && i < count; i += n) {
        n = count - i < most ? count - i : most;
        found += ask_some(agency, purpose, epoch, entry + i, n, visit, context, &asked);
    }
    return found;
}

struct reading {
    stage_visit *visit;
    void *context;
    size_t matches;
};

static bool read_message(void *context, const struct store_message *m)
{
    struct reading *r = context;
    r->matches += m->kind == MAILBOX_MATCH;
    r->visit(r->context, world_purpose(stage.world, m->purpose), m->epoch, m->kind, m->tag, m->payload);
    return true;
}

size_t stage_mail(int agency, stage_visit *visit, void *context)
{
    struct reading reading = {visit, context, 0};
    struct err err = {0};
    uint64_t count;
    const uint16_t id = test_number(&stage, agency);
    if (store_mailbox_read(stage.store, id, store_mailbox(stage.store, id).acknowledged, read_message, &reading,
                           &err) != 0)
        fail_msg("%s", err.text);
    test_begin(&stage);
    if (store_mailbox_acknowledge(stage.join.write, id, store_mailbox(stage.store, id).last, &count, &err) != 0)
        fail_msg("%s", err.text);
    test_commit(&stage);
    return reading.matches;
}

uint64_t stage_waiting(int purpose)
{
    const struct world *world = stage.world;
    return store_pair(stage.store, world->purpose_id[purpose], world->agency_id[ATTACKER], world->agency_id[PARTNER])
        .waiting;
}
