/*
 * Crowds against a model: records that share tags are put, put again, withdrawn, and not for somebody any more; walks
 * go through or are broken off. A simple list of who has which tag says what the matcher must have in the end, and what
 * was seen of each tag says whether any could be told from fewer than CROWD_LEAST. CROWDS_SEED repeats a run, with all
 * the random numbers that the vault draws, and the one after it.
 */
#include "client/vault/crowds.h"
#include "tests/unit/vault_test.h"

#include <sodium.h>

#define RECORDS 60
#define KEYS 4
#define SHARED 9 /* values of a key that many records have */
#define TAGS_MAX 30000
#define CAP 5
#define SLOTS 3

static void open_vault(void)
{
    MUST(vault_open(&vault, path, secret, why));
    MUST(vault_lock(vault, why));
}

/* --- chance --- */

static uint64_t chance_state;

static unsigned chance(unsigned n)
{
    chance_state = chance_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(chance_state >> 33) % n;
}

/* The vault's random numbers follow from the seed, too: which tags are chosen as cover, who of many is shown. */
static struct {
    uint8_t key[crypto_stream_chacha20_KEYBYTES];
    uint64_t drawn;
} seeded;

static void seeded_buf(void *const out, const size_t len)
{
    uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    bytes_put_u64be(nonce, seeded.drawn++);
    crypto_stream_chacha20(out, len, nonce, seeded.key);
}

static uint32_t seeded_number(void)
{
    uint32_t out;
    seeded_buf(&out, sizeof out);
    return out;
}

static const char *seeded_name(void)
{
    return "seeded";
}

static void seed_random(uint64_t seed)
{
    static struct randombytes_implementation implementation;
    implementation.implementation_name = seeded_name;
    implementation.random = seeded_number;
    implementation.buf = seeded_buf;
    memset(&seeded, 0, sizeof seeded);
    bytes_put_u64be(seeded.key, seed);
    randombytes_set_implementation(&implementation);
}

/* --- the model --- */

struct model_record {
    bool there, excepted;
    unsigned value[KEYS]; /* below SHARED: one that others have, too */
};

/* What the matcher has of a tag, and what was seen of it: a digest of all that was done to it. */
struct model_tag {
    uint8_t tag[WIRE_TAG_SIZE], history[16];
    bool there;
    size_t records; /* in the entry */
    bool excepted;
};

static struct model_record record[RECORDS];
static struct model_tag *tag;
static size_t tags;
static int64_t domain;
static uint32_t walks;
static unsigned next_value;
static const struct vault_sending_options options = {.cap = {CAP, CAP, CAP, CAP}, .slots = SLOTS};

static void token_of(struct token *out, unsigned key, unsigned value)
{
    const unsigned of[2] = {key, value};
    crypto_generichash(out->seal_key, SEAL_KEY_SIZE, (const uint8_t *)of, sizeof of, NULL, 0);
    token_tag(out->tag, out->seal_key);
}

static struct model_tag *find_tag(const uint8_t *of)
{
    for (size_t i = 0; i < tags; i++)
        if (memcmp(tag[i].tag, of, WIRE_TAG_SIZE) == 0)
            return &tag[i];
    assert_true(tags < TAGS_MAX);
    tag[tags] = (struct model_tag){.there = false};
    memcpy(tag[tags].tag, of, WIRE_TAG_SIZE);
    return &tag[tags++];
}

/* A request of the walk reaches the matcher. */
static void deliver(const struct vault_unsent *u)
{
    struct model_tag *t = find_tag(u->tag);
    uint8_t bytes[16 + 5];
    assert_true(u->put || t->there); /* nothing is removed that is not there */
    if (!t->there)                   /* what was removed and comes back is known from before: here it is new */
        memset(t->history, 0, sizeof t->history);
    memcpy(bytes, t->history, 16);
    bytes_put_u32be(bytes + 16, walks);
    bytes[20] = u->put ? t->there : 2;
    crypto_generichash(t->history, 16, bytes, sizeof bytes, NULL, 0);
    t->there = u->put;
    t->records = u->put ? u->records : 0;
    t->excepted = false;
    for (size_t i = 0; u->put && i < u->records; i++)
        t->excepted |= u->token[i].except[0] != '\0';
}

/* --- what an agency does --- */

static void put(unsigned id)
{
    char name[16];
    struct vault_token token[KEYS];
    struct vault_record values = {.id = name, .except = record[id].excepted ? "IDN" : ""};
    struct vault_ref ref;
    snprintf(name, sizeof name, "R%u", id);
    for (unsigned j = 0; j < KEYS; j++) {
        token[j].key = (uint8_t)j;
        token_of(&token[j].token, j, record[id].value[j]);
    }
    MUST(vault_record_put(vault, domain, &values, token, KEYS, &ref, why));
    record[id].there = true;
}

static bool find(unsigned id, struct vault_ref *ref)
{
    char name[16];
    bool same;
    snprintf(name, sizeof name, "R%u", id);
    int rc = vault_record_find(vault, domain, name, vault_test_digest, ref, &same, ERR_IGNORED);
    assert_int_equal(rc == 0, record[id].there);
    return rc == 0;
}

static void edit(unsigned id)
{
    unsigned n = 1 + chance(KEYS);
    for (unsigned j = 0; j < n; j++)
        record[id].value[chance(KEYS)] = chance(3) == 0 ? chance(SHARED) : next_value++;
    put(id);
}

static void act(void)
{
    const unsigned id = chance(RECORDS);
    struct vault_ref ref;
    bool changed;
    switch (chance(8)) {
    case 0:
    case 1:
        if (find(id, &ref))
            MUST(vault_record_remove(vault, domain, &ref, why));
        record[id].there = false;
        return;
    case 2:
        put(id); /* as it was */
        return;
    case 3:
        record[id].excepted = !record[id].excepted;
        if (find(id, &ref))
            MUST(vault_record_except(vault, domain, &ref, record[id].excepted ? "IDN" : "", &changed, why));
        return;
    default:
        edit(id);
    }
}

/* --- walks, as outgoing_send() does them --- */

struct waiting { /* a request that is being filled */
    struct vault_unsent at[64];
    size_t count;
};

static void store(struct vault_sending *w, struct waiting *q, enum wire_type type)
{
    if (q->count == 0)
        return;
    MUST(vault_begin(vault, why));
    MUST(vault_sending_stored(w, type, q->at[q->count - 1].tag, why));
    MUST(vault_commit(vault, why));
    for (size_t i = 0; i < q->count; i++) /* what is in the outbox gets there, whatever happens */
        deliver(&q->at[i]);
    q->count = 0;
}

static void plan(void)
{
    struct vault_plan *p = NULL;
    MUST(vault_plan_new(&p, vault, domain, &options, why));
    if (p == NULL)
        return;
    uint8_t *invented = calloc(vault_plan_invented(p) + 1, WIRE_TAG_SIZE);
    assert_non_null(invented);
    randombytes_buf(invented, vault_plan_invented(p) * WIRE_TAG_SIZE);
    if (chance(12) != 0) /* else a crash before it is stored */
        MUST(vault_plan_store(p, invented, why));
    free(invented);
    vault_plan_free(p);
}

/* Through, or broken off after so many tags: what was not stored by then is forgotten. */
static bool walk(size_t stop)
{
    struct vault_sending *w = NULL;
    struct waiting *queue = calloc(2, sizeof *queue);
    struct vault_unsent *u = calloc(1, sizeof *u);
    bool end = false;
    assert_true(queue != NULL && u != NULL);
    MUST(vault_sending_open(&w, vault, domain, &options, why));
    for (size_t n = 0; n < stop; n++) {
        MUST(vault_sending_next(w, u, &end, why));
        if (end)
            break;
        struct waiting *q = &queue[u->put];
        q->at[q->count++] = *u;
        if (q->count == 64 || chance(20) == 0)
            store(w, q, u->put ? WIRE_PUT : WIRE_REMOVE);
    }
    if (end) {
        store(w, &queue[0], WIRE_REMOVE);
        store(w, &queue[1], WIRE_PUT);
        MUST(vault_sending_finish(w, why));
        walks++;
    }
    vault_sending_close(w);
    free(queue);
    free(u);
    return end;
}

static bool is_sending(void)
{
    struct vault_plan *p = NULL; /* a walk that was broken off has its plan */
    uint64_t changes;
    MUST(vault_changes(vault, domain, &changes, why));
    MUST(vault_plan_new(&p, vault, domain, &options, why));
    const bool begun = changes > 0 && p == NULL;
    vault_plan_free(p);
    return begun;
}

static void reopen(void)
{
    vault_close(vault);
    open_vault();
}

static void send_all(bool crashes)
{
    uint64_t changes;
    MUST(vault_settle(vault, why));
    MUST(vault_changes(vault, domain, &changes, why));
    while (changes > 0) {
        plan();
        if (!is_sending()) { /* it crashed before it was planned */
            reopen();
            continue;
        }
        if (!walk(crashes && chance(3) == 0 ? chance(150) : SIZE_MAX))
            reopen();
        if (chance(4) == 0 && crashes)
            return; /* other things come first */
        MUST(vault_changes(vault, domain, &changes, why));
    }
}

/* --- what must hold --- */

static int by_history(const void *a, const void *b)
{
    return memcmp(((const struct model_tag *)a)->history, ((const struct model_tag *)b)->history, 16);
}

static void check_crowds(void)
{
    qsort(tag, tags, sizeof *tag, by_history);
    for (size_t i = 0, k; i < tags; i = k) {
        for (k = i; k < tags && by_history(&tag[i], &tag[k]) == 0;)
            k++;
        if (tag[i].there && k - i < CROWD_LEAST) /* of those that are gone some may have come back */
            fail_msg("after walk %u only %zu tags have one history", walks, k - i);
    }
}

/*
 * A tag of one to CAP records has an entry with these, or SLOTS of them; one of none, or more, has an entry without
 * any, or none.
 */
static void check_matcher(void)
{
    static struct token of[RECORDS][KEYS];
    size_t entries = 0, decoys = 0, wanted = 0;
    struct vault_counts counts;
    for (unsigned id = 0; id < RECORDS; id++)
        for (unsigned j = 0; j < KEYS; j++)
            token_of(&of[id][j], j, record[id].value[j]);
    for (size_t i = 0; i < tags; i++) {
        size_t holders = 0;
        bool excepted = false;
        for (unsigned id = 0; id < RECORDS; id++)
            for (unsigned j = 0; j < KEYS && record[id].there; j++) {
                if (memcmp(of[id][j].tag, tag[i].tag, WIRE_TAG_SIZE) != 0)
                    continue;
                holders++;
                excepted |= record[id].excepted;
            }
        if (holders > CAP)
            holders = 0;
        assert_int_equal(tag[i].records, holders < SLOTS ? holders : SLOTS);
        assert_true(holders == 0 || tag[i].there);
        if (holders > 0 && holders <= SLOTS)
            assert_int_equal(tag[i].excepted, excepted);
        entries += tag[i].there;
        decoys += tag[i].there && holders == 0;
        wanted += holders > 0;
    }
    MUST(vault_count(vault, domain, &counts, why));
    assert_int_equal(counts.unsent, 0);
    assert_int_equal(counts.decoys, decoys);
    assert_int_equal(entries, wanted + decoys);
}

static void run(uint64_t seed)
{
    struct vault_report report;
    const char *given = getenv("CROWDS_SEED");
    chance_state = given != NULL ? strtoull(given, NULL, 10) + seed : seed;
    print_message("CROWDS_SEED=%llu\n", (unsigned long long)chance_state);
    seed_random(chance_state);
    tag = calloc(TAGS_MAX, sizeof *tag);
    assert_non_null(tag);
    tags = 0;
    walks = 0;
    next_value = 1000;
    memset(record, 0, sizeof record);
    MUST(vault_domain(vault, "persons", 1, &domain, why));
    for (unsigned id = 0; id < RECORDS / 2; id++) {
        for (unsigned j = 0; j < KEYS; j++)
            record[id].value[j] = chance(2) == 0 ? chance(SHARED) : next_value++;
        put(id);
    }
    for (int step = 0; step < 60; step++) {
        for (unsigned n = chance(6) == 0 ? 40 : 1 + chance(4); n > 0; n--)
            act();
        send_all(step % 3 != 0);
        if (step % 3 != 0)
            continue;
        check_matcher();
        check_crowds();
    }
    for (unsigned id = 0; id < RECORDS; id++) { /* in the end all goes */
        struct vault_ref ref;
        if (find(id, &ref))
            MUST(vault_record_remove(vault, domain, &ref, why));
        record[id].there = false;
    }
    send_all(false);
    check_matcher();
    check_crowds();
    MUST(vault_check(vault, &report, why));
    free(tag);
}

static void whatever_is_edited_the_matcher_has_what_the_model_says(void **state)
{
    (void)state;
    run(0);
}

static void also_by_another_course(void **state)
{
    (void)state;
    run(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whatever_is_edited_the_matcher_has_what_the_model_says, setup, teardown),
        cmocka_unit_test_setup_teardown(also_by_another_course, setup, teardown),
    };
    return cmocka_run_group_tests_name("vault_crowds_model", tests, NULL, NULL);
}
