/*
 * Joining against a model: random puts, removals, questions, releases, suspensions, closes, manifests and days, with
 * restarts in between; after each, the mail of every agency is compared with what the rules of matcher/join/join.h
 * say, as written down here once more and as simply as possible. CONCORD_TEST_SEED repeats a run.
 */
#include "tests/unit/matcher_test.h"

enum { AGENCIES = 4, TAGS = 10, EPOCHS = 3, STEPS = 220, RUNS = 4, HOUR = 3600, RETENTION = 9 * 86400 };

/* --- the model --- */

struct model_entry {
    bool here;
    int payload;
    uint64_t time;
    unsigned except;
};

enum couple { NONE, MET, WAITS };
enum phase { UNSEEN, LOADING, OPEN };

struct model_pair {
    bool granted, suspended[2];
    uint64_t left[2], until[2], day, met, asked[2];
    enum couple couple[EPOCHS][TAGS];
    struct {
        int epoch, tag;
    } queue[EPOCHS * TAGS];
    size_t waiting;
};

static struct model {
    struct model_entry entry[EPOCHS][AGENCIES][TAGS];
    enum phase phase[EPOCHS][AGENCIES];
    struct model_pair pair[AGENCIES][AGENCIES]; /* low, high */
    bool member[AGENCIES];
    int current; /* epoch of puts; the one before lasts until old_until */
    uint64_t old_until, now, load_until, meets, asks;
    bool load;
    uint64_t version;
    char mail[AGENCIES][TEST_MAIL]; /* lines, as told */
    char told[64];
} m;

static struct test_store t;
static uint64_t state;

static unsigned any(unsigned below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)((state >> 11) % below);
}

static void tell(int party, char kind, int tag, int payload, int partner)
{
    size_t len = strlen(m.mail[party]);
    if (payload < 0)
        snprintf(m.mail[party] + len, TEST_MAIL - len, "%c%c<%d ", kind, 'a' + tag, partner);
    else
        snprintf(m.mail[party] + len, TEST_MAIL - len, "%c%c%03d<%d ", kind, 'a' + tag, payload, partner);
}

static void new_day(struct model_pair *p)
{
    if (p->day == m.now / 86400)
        return;
    p->day = m.now / 86400;
    p->met = p->asked[0] = p->asked[1] = 0;
}

static bool room(struct model_pair *p)
{
    new_day(p);
    return p->met < m.meets || (p->left[0] > 0 && p->left[1] > 0 && p->until[0] > m.now && p->until[1] > m.now);
}

static void meet(int a, int b, int e, int tag)
{
    struct model_pair *p = &m.pair[a][b];
    new_day(p);
    if (p->met >= m.meets) {
        p->left[0]--;
        p->left[1]--;
    }
    p->met++;
    p->couple[e][tag] = MET;
    tell(a, '+', tag, m.entry[e][b][tag].payload, b);
    tell(b, '+', tag, m.entry[e][a][tag].payload, a);
}

static bool stands(int a, int b, int e, int tag)
{
    const struct model_pair *p = &m.pair[a][b];
    const struct model_entry *x = &m.entry[e][a][tag], *y = &m.entry[e][b][tag];
    return m.member[a] && m.member[b] && p->granted && !p->suspended[0] && !p->suspended[1] && x->here && y->here &&
           m.phase[e][a] == OPEN && m.phase[e][b] == OPEN && (x->except >> b & 1) == 0 && (y->except >> a & 1) == 0;
}

static void unqueue(struct model_pair *p, int e, int tag)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->waiting; i++)
        if (p->queue[i].epoch != e || p->queue[i].tag != tag)
            p->queue[kept++] = p->queue[i];
    p->waiting = kept;
}

/*
 * What becomes of a couple now that something has changed. gone: who took its entry away and need not be told; -1
 * nobody.
 */
static void follow(int a, int b, int e, int tag, int gone)
{
    struct model_pair *p = &m.pair[a][b];
    enum couple *c = &p->couple[e][tag];
    bool is = stands(a, b, e, tag);
    if (is && *c == NONE && p->waiting == 0 && room(p)) {
        meet(a, b, e, tag);
    } else if (is && *c == NONE) {
        p->queue[p->waiting].epoch = e;
        p->queue[p->waiting++].tag = tag;
        *c = WAITS;
    } else if (!is && *c != NONE) {
        if (*c == WAITS)
            unqueue(p, e, tag);
        if (*c == MET && gone != a)
            tell(a, '-', tag, -1, b);
        if (*c == MET && gone != b)
            tell(b, '-', tag, -1, a);
        *c = NONE;
    }
}

static void follow_all(void)
{
    for (int e = 1; e < EPOCHS; e++)
        for (int tag = 0; tag < TAGS; tag++)
            for (int a = 0; a < AGENCIES; a++)
                for (int b = a + 1; b < AGENCIES; b++)
                    follow(a, b, e, tag, -1);
}

static void follow_tag(int me, int e, int tag, int gone)
{
    for (int other = 0; other < AGENCIES; other++)
        if (other != me)
            follow(me < other ? me : other, me < other ? other : me, e, tag, gone);
}

static bool is_over(int e, int a)
{
    return !m.member[a] || e < m.current - 1 || (e == m.current - 1 && m.now >= m.old_until);
}

/* What is over goes before anything else. */
static void model_end(void)
{
    for (int e = 1; e < EPOCHS; e++)
        for (int a = 0; a < AGENCIES; a++)
            for (int tag = 0; tag < TAGS; tag++)
                if (is_over(e, a) && m.entry[e][a][tag].here) {
                    m.entry[e][a][tag].here = false;
                    follow_tag(a, e, tag, -1);
                }
}

static void model_upkeep(void)
{
    model_end();
    follow_all();
    for (int e = 1; e < EPOCHS; e++)
        for (int a = 0; a < AGENCIES; a++)
            if (m.phase[e][a] == LOADING && m.member[a] && (!m.load || (m.load_until != 0 && m.now >= m.load_until)))
                m.phase[e][a] = OPEN;
    follow_all();
    for (int a = 0; a < AGENCIES; a++)
        for (int b = a + 1; b < AGENCIES; b++)
            while (m.pair[a][b].waiting > 0 && room(&m.pair[a][b])) {
                int e = m.pair[a][b].queue[0].epoch, tag = m.pair[a][b].queue[0].tag;
                unqueue(&m.pair[a][b], e, tag);
                meet(a, b, e, tag);
            }
    for (int e = 1; e < EPOCHS; e++)
        for (int a = 0; a < AGENCIES; a++)
            for (int tag = 0; tag < TAGS; tag++)
                if (m.entry[e][a][tag].here && m.entry[e][a][tag].time < m.now - RETENTION) {
                    m.entry[e][a][tag].here = false;
                    follow_tag(a, e, tag, -1);
                }
}

/* --- the region --- */

static int position(int agency)
{
    int at = 0;
    for (int i = 0; i < agency; i++)
        at += m.member[i];
    return at;
}

static struct region *make_region(void)
{
    static const char *const names[AGENCIES] = {"DDD", "AAA", "CCC", "BBB"};
    struct region *r = calloc(1, sizeof *r);
    struct region_purpose *p = &r->purposes[0];
    r->version = m.version;
    r->digest[0] = (uint8_t)m.version;
    r->agencies = calloc(AGENCIES, sizeof *r->agencies);
    r->digests = calloc(AGENCIES, sizeof *r->digests);
    r->grants = calloc(AGENCIES * AGENCIES, sizeof *r->grants);
    r->purpose_count = 1;
    strcpy(p->name, "persons");
    p->retention = RETENTION;
    p->limits = (struct region_limits){.load = m.load ? 1024 : 0,
                                       .load_until = m.load_until,
                                       .meets = m.meets,
                                       .asks = m.asks,
                                       .entries = 1000,
                                       .mailbox = 1000000};
    for (int e = m.current > 1 ? m.current - 1 : 1; e <= m.current; e++)
        p->epochs[p->epoch_count++] =
            (struct region_epoch){.epoch = (uint32_t)e, .until = e < m.current ? m.old_until : 0};
    for (int i = 0; i < AGENCIES; i++) {
        if (!m.member[i])
            continue;
        strcpy(r->agencies[r->agency_count].name, names[i]);
        r->digests[r->agency_count++][0] = (uint8_t)(i + 1);
    }
    for (int a = 0; a < AGENCIES; a++)
        for (int b = a + 1; b < AGENCIES; b++)
            if (m.pair[a][b].granted && m.member[a] && m.member[b])
                test_grant_mutual(r, position(a), position(b), 0);
    return r;
}

/* --- comparing --- */

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The words of a text in order, since mail is grouped by partner and the model's is not. */
static void sort_words(char *text)
{
    static char out[TEST_MAIL];
    char *word[8192];
    size_t count = 0, len = 0;
    for (char *w = strtok(text, " "); w != NULL && count < 8192; w = strtok(NULL, " "))
        word[count++] = w;
    qsort(word, count, sizeof word[0], compare_words);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(out + len, sizeof out - len, "%s ", word[i]);
    strcpy(text, out);
}

static void compare_mail(int agency, const char *what, size_t step)
{
    static char got[TEST_MAIL];
    snprintf(got, sizeof got, "%s", test_mail(&t, agency));
    sort_words(got);
    sort_words(m.mail[agency]);
    if (strcmp(got, m.mail[agency]) != 0)
        fail_msg("step %zu, %s: agency %d got\n  %s\nexpected\n  %s", step, what, agency, got, m.mail[agency]);
    m.mail[agency][0] = '\0';
}

static uint64_t count_entries(int e, int a)
{
    uint64_t count = 0;
    for (int tag = 0; tag < TAGS; tag++)
        count += m.entry[e][a][tag].here;
    return count;
}

static void compare(const char *what, size_t step)
{
    const uint16_t purpose = t.world->purpose_id[0];
    for (int a = 0; a < AGENCIES; a++) {
        if (test_number(&t, a) == 0)
            continue;
        compare_mail(a, what, step);
        for (int e = 1; e < EPOCHS; e++)
            assert_int_equal(store_held(t.store, purpose, (uint32_t)e, test_number(&t, a)).count, count_entries(e, a));
        for (int b = a + 1; b < AGENCIES; b++) {
            const struct store_pair pair = store_pair(t.store, purpose, test_number(&t, a), test_number(&t, b));
            if (pair.waiting != m.pair[a][b].waiting)
                fail_msg("step %zu, %s: %d and %d have %u waiting, expected %zu", step, what, a, b,
                         (unsigned)pair.waiting, m.pair[a][b].waiting);
        }
    }
}

/* --- what happens --- */

static int some_agency(void)
{
    int a = (int)any(AGENCIES);
    while (!m.member[a])
        a = (a + 1) % AGENCIES;
    return a;
}

static int some_partner(int of)
{
    int b = some_agency();
    while (b == of || !m.member[b])
        b = (b + 1) % AGENCIES;
    return b;
}

static const char *some_tags(void)
{
    static char out[TAGS + 1];
    size_t len = 0;
    for (int tag = 0; tag < TAGS; tag++)
        if (any(3) == 0)
            out[len++] = (char)('a' + tag);
    if (len == 0)
        out[len++] = 'a';
    out[len] = '\0';
    return out;
}

static const char *do_put(void)
{
    const int a = some_agency(), e = m.current, payload = (int)any(3);
    const unsigned except = any(4) == 0 ? any(1u << AGENCIES) & ~(1u << a) : 0;
    const char *tags = some_tags();
    char text[8];
    unsigned known = 0;
    for (int i = 0; i < AGENCIES; i++)
        known |= test_number(&t, i) != 0 ? 1u << i : 0;
    snprintf(text, sizeof text, "%03d", payload);
    if (m.phase[e][a] == UNSEEN)
        m.phase[e][a] = m.load && (m.load_until == 0 || m.now < m.load_until) ? LOADING : OPEN;
    for (const char *c = tags; *c != '\0'; c++) {
        struct model_entry *entry = &m.entry[e][a][*c - 'a'];
        const struct model_entry old = *entry;
        *entry = (struct model_entry){true, payload, m.now, except & known};
        for (int b = 0; old.here && old.payload != payload && b < AGENCIES; b++)
            if (b != a && m.pair[a < b ? a : b][a < b ? b : a].couple[e][*c - 'a'] == MET &&
                stands(a < b ? a : b, a < b ? b : a, e, *c - 'a'))
                tell(b, '+', *c - 'a', payload, a);
        follow_tag(a, e, *c - 'a', -1);
    }
    test_put_except(&t, position(a), 0, (uint32_t)e, tags, text, except & known);
    snprintf(m.told, sizeof m.told, "put %d:%s epoch %d except %x", a, tags, e, except);
    return m.told;
}

static const char *do_remove(void)
{
    const int a = some_agency(), e = 1 + (int)any((unsigned)m.current);
    const char *tags = some_tags();
    for (const char *c = tags; *c != '\0'; c++) {
        if (!m.entry[e][a][*c - 'a'].here)
            continue;
        m.entry[e][a][*c - 'a'].here = false;
        follow_tag(a, e, *c - 'a', a);
    }
    test_drop_epoch(&t, position(a), 0, (uint32_t)e, tags);
    snprintf(m.told, sizeof m.told, "remove %d:%s epoch %d", a, tags, e);
    return m.told;
}

static const char *do_ask(void)
{
    const int a = some_agency(), e = m.current, except = any(3) == 0 ? some_partner(a) : -1;
    const char *tags = some_tags();
    bool asked[AGENCIES] = {false};
    for (int b = 0; b < AGENCIES; b++) {
        if (a == b)
            continue;
        struct model_pair *p = &m.pair[a < b ? a : b][a < b ? b : a];
        if (!m.member[b] || !p->granted || p->suspended[0] || p->suspended[1] || b == except)
            continue;
        new_day(p);
        if (p->asked[a > b] + strlen(tags) > m.asks)
            continue;
        p->asked[a > b] += strlen(tags);
        asked[b] = true;
    }
    static char expected[TEST_MAIL], got[TEST_MAIL];
    expected[0] = '\0';
    for (const char *c = tags; *c != '\0'; c++)
        for (int b = 0; b < AGENCIES; b++) {
            const struct model_entry *entry = &m.entry[e][b][*c - 'a'];
            if (!asked[b] || !entry->here || (entry->except >> a & 1) != 0)
                continue;
            size_t len = strlen(expected);
            snprintf(expected + len, sizeof expected - len, "%c%03d<%d ", *c, entry->payload, b);
            tell(b, '?', *c - 'a', 777, a);
        }
    snprintf(got, sizeof got, "%s ",
             test_ask(&t, position(a), 0, (uint32_t)e, tags, "777", except < 0 ? -1 : position(except)));
    char *unasked = strchr(got, '!');
    if (unasked != NULL)
        *unasked = '\0';
    sort_words(got);
    sort_words(expected);
    assert_string_equal(got, expected);
    snprintf(m.told, sizeof m.told, "ask %d:%s", a, tags);
    return m.told;
}

static const char *do_release(void)
{
    const int a = some_agency(), b = some_partner(a);
    struct model_pair *p = &m.pair[a < b ? a : b][a < b ? b : a];
    p->left[a > b] = any(6);
    p->until[a > b] = m.now + any(3 * 86400);
    test_release(&t, position(a), position(b), p->left[a > b], p->until[a > b]);
    return "release";
}

static const char *do_suspend(void)
{
    const int a = some_agency(), b = some_partner(a);
    struct model_pair *p = &m.pair[a < b ? a : b][a < b ? b : a];
    p->suspended[a > b] = any(3) == 0;
    test_suspend(&t, position(a), position(b), p->suspended[a > b]);
    model_end();
    follow_all();
    return "suspend";
}

static const char *do_close(void)
{
    struct err err = {0};
    struct event event;
    const int a = some_agency();
    event_init(&event, EVENT_CLOSE);
    test_begin(&t);
    assert_int_equal(change_close(&t.join, t.world->purpose_id[0], (uint32_t)m.current, test_number(&t, a), &err), 0);
    test_commit_cause(&t, &event);
    assert_int_equal(walk_load(&t.walks, t.store, &err), 0);
    m.phase[m.current][a] = OPEN;
    model_end();
    follow_all();
    return "close";
}

static const char *do_manifest(void)
{
    m.version++;
    switch (any(6)) {
    case 0:
        m.meets = any(5);
        break;
    case 1:
        m.load = any(2) == 0;
        m.load_until = any(2) == 0 ? 0 : m.now + any(5 * 86400);
        break;
    case 2:
        m.asks = 5 + any(30);
        break;
    case 3:
        m.member[any(AGENCIES)] ^= any(2) == 0;
        if (m.member[0] + m.member[1] + m.member[2] + m.member[3] < 2)
            m.member[0] = m.member[1] = true;
        break;
    default:
        m.pair[any(2)][2 + any(2)].granted ^= true;
    }
    if (m.current + 1 < EPOCHS && any(8) == 0) {
        m.current++;
        m.old_until = m.now + 1 + any(10 * 86400);
    }
    test_install(&t, make_region());
    model_end();
    follow_all();
    return "manifest";
}

static const char *do_time(void)
{
    m.now += any(4) == 0 ? any(2 * 86400) : any(3 * HOUR);
    t.now = m.now;
    return "time";
}

static const char *act(void)
{
    const unsigned kind = any(32);
    return kind < 12   ? do_put()
           : kind < 17 ? do_remove()
           : kind < 20 ? do_ask()
           : kind < 22 ? do_release()
           : kind < 24 ? do_suspend()
           : kind < 25 ? do_close()
           : kind < 27 ? do_manifest()
                       : do_time();
}

/* Some of what is due, a restart, the rest. */
static void upkeep(void)
{
    for (unsigned i = any(4); i > 0 && test_due(&t);)
        i--;
    if (any(12) == 0)
        test_reopen(&t, make_region());
    test_upkeep(&t);
    model_upkeep();
}

static void run(uint64_t seed)
{
    printf("# seed %llu\n", (unsigned long long)seed);
    state = seed * 0x9e3779b97f4a7c15u + 1;
    memset(&m, 0, sizeof m);
    test_new(&t);
    t.join.steps = (struct join_steps){1 + any(3), 1 + any(3), 1 + any(3)};
    m.now = t.now;
    m.meets = 2;
    m.asks = 20;
    m.current = 1;
    m.version = 1;
    for (int a = 0; a < AGENCIES; a++) {
        m.member[a] = true;
        for (int b = a + 1; b < AGENCIES; b++)
            m.pair[a][b].granted = any(4) != 0;
    }
    test_install(&t, make_region());
    for (size_t step = 0; step < STEPS; step++) {
        const char *what = act();
        /* Days begin without anybody looking: then nothing is being walked, and what comes next finds it so. */
        if (strcmp(what, "time") != 0 || any(2) == 0)
            upkeep();
        compare(what, step);
    }
    test_remove(&t);
}

static void the_mail_is_as_the_rules_say(void **unused)
{
    (void)unused;
    const char *seed = getenv("CONCORD_TEST_SEED");
    if (seed != NULL) {
        run(strtoull(seed, NULL, 10));
        return;
    }
    for (uint64_t i = 1; i <= RUNS; i++)
        run(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_mail_is_as_the_rules_say)};
    return cmocka_run_group_tests_name("matcher_model", tests, NULL, NULL);
}
