/*
 * Two agencies judge pairs by letters: their vaults, handlers and bundles are the real ones, and a letter is carried
 * from one vault to the other by hand. What is refused, and what is limited, is so whoever asks.
 */
#include "client/judge/judge.h"

#include "client/judge/exchange.h"
#include "client/mail/opened.h"
#include "protocol/base/clock.h"
#include "protocol/psi/psi.h"
#include "tests/unit/identity_test.h"
#include "tests/unit/region_test.h"

enum { PAIRS_MAX = 600 };

static struct region_test region;
static struct schema persons;

struct side {
    struct agency agency;
    struct judge_counts counts;
    int64_t carried; /* the last letter that went out */
};
static struct side side[2];

static struct side *beginner, *ender;

/* What a test puts into the vaults, in one transaction each. */
static void open_transactions(void)
{
    for (int i = 0; i < 2; i++)
        MUST(vault_begin(side[i].agency.vault, why));
}

static void settle(void)
{
    for (int i = 0; i < 2; i++)
        MUST(vault_commit(side[i].agency.vault, why));
}

static void open_side(struct side *s, size_t agency)
{
    static const uint8_t storage[32] = {8};
    char path[128];
    struct agency *a = &s->agency;
    memset(s, 0, sizeof *s);
    a->identity = &region.agency[agency];
    a->region = region.region;
    a->purposes = 1;
    a->purpose[0].region = &region.region->purposes[0];
    a->purpose[0].epoch = &region.region->purposes[0].epochs[0];
    a->purpose[0].schema = persons;
    snprintf(path, sizeof path, "%s/vault-%zu", region.dir, agency);
    MUST(vault_open(&a->vault, path, storage, why));
    MUST(vault_domain(a->vault, "persons", 1, &a->purpose[0].domain, why));
}

static int start(void **state)
{
    struct err err;
    (void)state;
    region_test_new(&region);
    if (schema_read(&persons, "client/schema/persons.json", &err) != 0)
        return -1;
    open_side(&side[0], 0);
    open_side(&side[1], 1);
    const bool first = psi_begins(region.region->digests[0], region.region->digests[1], span_of("persons", 7), 1);
    beginner = &side[first ? 0 : 1];
    ender = &side[first ? 1 : 0];
    return 0;
}

static int end(void **state)
{
    (void)state;
    vault_close(side[0].agency.vault);
    vault_close(side[1].agency.vault);
    region_test_end(&region);
    return 0;
}

static const uint8_t *digest_of(const struct side *s)
{
    return region.region->digests[s - side];
}

/* --- records and pairs --- */

static const char *const same[FIELDS] = {[FIELD_FAMILY_NAME] = "SHRESTHA",
                                         [FIELD_GIVEN_NAMES] = "SITA",
                                         [FIELD_DATE_OF_BIRTH] = "1984-11-02",
                                         [FIELD_SEX] = "F"};
static const char *const stranger[FIELDS] = {
    [FIELD_FAMILY_NAME] = "PERERA", [FIELD_GIVEN_NAMES] = "KUMARA", [FIELD_DATE_OF_BIRTH] = "1951-06-23"};

static struct vault_ref put_record(struct side *s, const char *id, const char *const value[FIELDS])
{
    static struct person person;
    static struct elements elements;
    uint8_t packed[ELEMENTS_PACKED_MAX];
    struct vault_ref ref;
    person_of(&person, value);
    elements_of_person(&elements, &person, 0);
    const struct vault_record record = {.id = id, .elements = span_of(packed, elements_pack(packed, &elements))};
    MUST(vault_record_put(s->agency.vault, s->agency.purpose[0].domain, &record, NULL, 0, &ref, why));
    return ref;
}

static void handle_of(const struct side *s, const struct vault_ref *ref, uint8_t out[HANDLE_SIZE])
{
    MUST(vault_record_handle(s->agency.vault, s->agency.purpose[0].domain, ref, out, why));
}

/* That s opened these handles of the other's for its record. */
static void open_pairs(struct side *s, const struct vault_ref *ref, const struct side *other,
                       const uint8_t (*handle)[HANDLE_SIZE], size_t n)
{
    struct vault_judging *pair = calloc(n, sizeof *pair);
    assert_non_null(pair);
    for (size_t i = 0; i < n; i++) {
        strcpy(pair[i].partner, other->agency.identity->party.name);
        memcpy(pair[i].peer, digest_of(other), PARTY_DIGEST_SIZE);
        handle_of(s, ref, pair[i].own);
        memcpy(pair[i].other, handle[i], HANDLE_SIZE);
        pair[i].keys = ~schema_keys_of(&persons, CLASS_DOCUMENT) & (i < 2 ? 3 : 1);
        pair[i].begins = s == beginner;
    }
    MUST(vault_judging_put(s->agency.vault, s->agency.purpose[0].domain, ref, pair, n, why));
    free(pair);
}

/* A record at each side, opened by both. */
static void open_both(const char *id, const char *const b[FIELDS], const char *const e[FIELDS])
{
    uint8_t handle[2][1][HANDLE_SIZE];
    const struct vault_ref rb = put_record(beginner, id, b), re = put_record(ender, id, e);
    handle_of(beginner, &rb, handle[0][0]);
    handle_of(ender, &re, handle[1][0]);
    open_pairs(beginner, &rb, ender, handle[1], 1);
    open_pairs(ender, &re, beginner, handle[0], 1);
}

/* --- letters --- */

/* The next letter of `from` to the other one's handler; changed before, if there is a change. False: there is none. */
static bool carry(struct side *from, void (*change)(uint8_t *body, size_t len))
{
    struct side *to = &side[from == side];
    struct letter_handler handler[JUDGE_HANDLERS];
    struct vault_letter waiting;
    struct buf bytes = buf_of(4u << 20);
    bool found = false;
    MUST(vault_letter_waiting(from->agency.vault, from->carried, &waiting, &bytes, &found, why));
    if (found) {
        struct letter_read read = {
            .peer = &from->agency.identity->party, .kind = waiting.letter.kind, .body = waiting.letter.body};
        assert_int_equal(waiting.letter.parts, 1);
        memcpy(read.digest, digest_of(from), sizeof read.digest);
        memcpy(read.thread, waiting.letter.thread, sizeof read.thread);
        strcpy(read.purpose, waiting.purpose);
        if (change != NULL)
            change((uint8_t *)(uintptr_t)read.body.data, read.body.len);
        judge_handlers(handler, &to->counts);
        MUST(vault_begin(to->agency.vault, why));
        MUST(handler[waiting.letter.kind - LETTER_JUDGE1].handle(&to->counts, &to->agency, &read, why));
        MUST(vault_commit(to->agency.vault, why));
        from->carried = waiting.number;
    }
    buf_free(&bytes);
    return found;
}

static void begin(void)
{
    MUST(judge_begin(&beginner->agency, JUDGE_ALL, &beginner->counts, why));
}

static void carry_all(void)
{
    bool any = true;
    while (any) {
        any = carry(beginner, NULL);
        any = carry(ender, NULL) || any;
    }
}

/* --- what came of it --- */

struct listing {
    struct vault_judging pair[PAIRS_MAX];
    size_t count;
};

static int list_pair(void *context, const struct vault_judging *pair, struct err *err)
{
    struct listing *l = context;
    (void)err;
    assert_in_range(l->count, 0, PAIRS_MAX - 1);
    l->pair[l->count++] = *pair;
    return 0;
}

static const struct listing *list(const struct side *s)
{
    static struct listing l[2];
    struct listing *out = &l[s - side];
    out->count = 0;
    MUST(vault_judgings(s->agency.vault, s->agency.purpose[0].domain, list_pair, out, why));
    return out;
}

static size_t count(const struct side *s, enum judge_state state)
{
    const struct listing *l = list(s);
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++)
        n += l->pair[i].state == state;
    return n;
}

static void check_equal(void)
{
    const struct listing *b = list(beginner), *e = list(ender);
    assert_int_equal(b->count, e->count);
    for (size_t i = 0; i < b->count; i++) {
        const struct vault_judging *x = &b->pair[i], *y = NULL;
        for (size_t k = 0; k < e->count; k++)
            if (memcmp(e->pair[k].own, x->other, HANDLE_SIZE) == 0 &&
                memcmp(e->pair[k].other, x->own, HANDLE_SIZE) == 0)
                y = &e->pair[k];
        assert_non_null(y);
        assert_int_equal(x->state, y->state);
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->score, y->score);
        assert_memory_equal(x->seen, y->seen, sizeof x->seen);
        assert_int_equal(x->exchange, 0);
    }
}

static void both_vaults_end_with_one_verdict(void **state)
{
    (void)state;
    char id[16];
    open_transactions();
    for (int i = 0; i < 300; i++) {
        snprintf(id, sizeof id, "R-%03d", i);
        open_both(id, same, i % 3 == 0 ? stranger : same);
    }
    settle();
    begin();
    assert_int_equal(beginner->counts.begun, 300); /* two letters */
    carry_all();
    check_equal();
    assert_int_equal(count(beginner, JUDGE_JUDGED), 200);
    assert_int_equal(count(beginner, JUDGE_DIFFERENT), 100);
    assert_int_equal(beginner->counts.judged + beginner->counts.different, 300);
    assert_int_equal(ender->counts.judged + ender->counts.different, 300);
    begin();
    assert_false(carry(beginner, NULL)); /* once is enough */
}

static void who_sleeps_is_waited_for(void **state)
{
    (void)state;
    open_transactions();
    open_both("R", same, same);
    settle();
    begin();
    assert_int_equal(count(beginner, JUDGE_WAITING), 1);
    assert_int_equal(count(ender, JUDGE_WAITING), 1);
    begin(); /* nothing is begun twice */
    assert_true(carry(beginner, NULL));
    assert_false(carry(beginner, NULL));
    carry_all();
    assert_int_equal(count(beginner, JUDGE_JUDGED) + count(ender, JUDGE_JUDGED), 2);
}

/* A handle that was not delivered is not judged; the control is the same handle, delivered. */
static void foreign_handles_are_not_judged(void **state)
{
    (void)state;
    uint8_t handle[2][1][HANDLE_SIZE];
    open_transactions();
    const struct vault_ref rb = put_record(beginner, "R", same), re = put_record(ender, "R", same);
    handle_of(beginner, &rb, handle[0][0]);
    handle_of(ender, &re, handle[1][0]);
    open_pairs(beginner, &rb, ender, handle[1], 1);
    settle();
    begin();
    carry_all();
    assert_int_equal(count(beginner, JUDGE_UNKNOWN), 1);
    assert_int_equal(list(ender)->count, 0);
    open_transactions();
    open_pairs(ender, &re, beginner, handle[0], 1);
    settle();
    MUST(vault_judging_set(beginner->agency.vault, list(beginner)->pair[0].number, JUDGE_WAITING, why));
    begin();
    carry_all();
    check_equal();
    assert_int_equal(count(beginner, JUDGE_JUDGED), 1);
}

/* Keys of a pair come one after another, to both, and not at one time: whoever was behind is asked again at once. */
static void a_pair_whose_keys_changed_is_tried_again(void **state)
{
    (void)state;
    for (int during = 0; during < 2; during++) {
        uint8_t handle[2][1][HANDLE_SIZE];
        char id[16];
        snprintf(id, sizeof id, "R%d", during);
        open_transactions();
        const struct vault_ref rb = put_record(beginner, id, same), re = put_record(ender, id, same);
        handle_of(beginner, &rb, handle[0][0]);
        handle_of(ender, &re, handle[1][0]);
        open_pairs(beginner, &rb, ender, handle[1], 1);
        settle();
        begin();
        if (!during)
            carry_all();
        struct vault_judging more = list(beginner)->pair[during];
        more.keys |= 16;
        open_transactions();
        MUST(vault_judging_put(beginner->agency.vault, more.domain, &rb, &more, 1, why));
        settle();
        carry_all();
        assert_int_equal(count(beginner, JUDGE_WAITING), 1);
        open_transactions();
        open_pairs(ender, &re, beginner, handle[0], 1);
        settle();
        begin();
        carry_all();
        assert_int_equal(count(beginner, JUDGE_JUDGED), during + 1);
    }
}

static void used(const struct side *s, const struct vault_ref *ref, const struct side *other, uint64_t expected)
{
    uint64_t n, released;
    MUST(
        vault_judging_used(s->agency.vault, s->agency.purpose[0].domain, ref, digest_of(other), 0, &n, &released, why));
    assert_int_equal(n, expected);
}

/* Eight of the partner's records open against one own: six are judged in a year, those with most keys among them. */
/* record: NULL for each. */
static void officer_releases(struct side *s, const struct vault_ref *record, const struct side *partner, uint64_t n)
{
    struct vault_judging_release release = {.domain = s->agency.purpose[0].domain,
                                            .record = record,
                                            .count = n,
                                            .by = "officer",
                                            .statement = span_of("x", 1)};
    memcpy(release.peer, digest_of(partner), sizeof release.peer);
    MUST(vault_begin(s->agency.vault, why));
    MUST(vault_judging_release(s->agency.vault, &release, why));
    MUST(vault_commit(s->agency.vault, why));
}

static void a_record_is_judged_so_often(void **state)
{
    (void)state;
    enum { MANY = 8 };
    uint8_t own[1][HANDLE_SIZE], other[MANY][HANDLE_SIZE];
    char id[16];
    open_transactions();
    const struct vault_ref rb = put_record(beginner, "R", same);
    handle_of(beginner, &rb, own[0]);
    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "E-%d", i);
        const struct vault_ref re = put_record(ender, id, same);
        handle_of(ender, &re, other[MANY - 1 - i]);
        open_pairs(ender, &re, beginner, (const uint8_t(*)[HANDLE_SIZE])own, 1);
    }
    open_pairs(beginner, &rb, ender, (const uint8_t(*)[HANDLE_SIZE])other, MANY);
    settle();
    begin();
    carry_all();
    used(beginner, &rb, ender, 6);
    assert_int_equal(count(beginner, JUDGE_JUDGED), 6);
    assert_int_equal(count(beginner, JUDGE_LIMIT), 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(list(beginner)->pair[i].state, JUDGE_JUDGED);
    officer_releases(beginner, &rb, ender, 1);
    begin();
    carry_all();
    assert_int_equal(count(beginner, JUDGE_JUDGED), 7);
    assert_int_equal(count(beginner, JUDGE_LIMIT), 1);
}

/* The limit is the owner's, whoever asks: here the beginner knows none. */
/* As a day later. */
static void try_again(struct side *s)
{
    const struct listing *l = list(s);
    MUST(vault_begin(s->agency.vault, why));
    for (size_t i = 0; i < l->count; i++)
        if (l->pair[i].state == JUDGE_LIMIT)
            MUST(vault_judging_set(s->agency.vault, l->pair[i].number, JUDGE_WAITING, why));
    MUST(vault_commit(s->agency.vault, why));
}

/* It does not know what was judged: nothing is, but what an officer releases, whichever side it is. */
static void a_lost_vault_counts_as_used_up(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct side *loser = i == 0 ? ender : beginner;
        const struct side *partner = i == 0 ? beginner : ender;
        open_transactions();
        open_both(i == 0 ? "A" : "B", same, same);
        MUST(vault_judging_first(loser->agency.vault, false, why));
        MUST(vault_judging_lose(loser->agency.vault, why));
        MUST(vault_judging_first(loser->agency.vault, false, why)); /* what is known stays */
        settle();
        begin();
        carry_all();
        assert_int_equal(count(beginner, JUDGE_JUDGED), i);
        assert_int_equal(count(beginner, JUDGE_LIMIT), 1);
        officer_releases(loser, NULL, partner, 2);
        try_again(beginner);
        begin();
        carry_all();
        assert_int_equal(count(beginner, JUDGE_LIMIT), 0);
        check_equal();
        assert_int_equal(count(beginner, JUDGE_JUDGED), i + 1);
    }
}

static void the_asked_side_keeps_its_limit(void **state)
{
    (void)state;
    enum { MANY = 8 };
    uint8_t own[1][HANDLE_SIZE], other[MANY][HANDLE_SIZE];
    char id[16];
    open_transactions();
    const struct vault_ref re = put_record(ender, "R", same);
    handle_of(ender, &re, own[0]);
    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "B-%d", i);
        const struct vault_ref rb = put_record(beginner, id, same);
        handle_of(beginner, &rb, other[i]);
        open_pairs(beginner, &rb, ender, (const uint8_t(*)[HANDLE_SIZE])own, 1);
    }
    open_pairs(ender, &re, beginner, (const uint8_t(*)[HANDLE_SIZE])other, MANY);
    settle();
    begin();
    carry_all();
    used(ender, &re, beginner, 6);
    check_equal();
    assert_int_equal(count(beginner, JUDGE_JUDGED), 6);
    assert_int_equal(count(beginner, JUDGE_LIMIT), 2);
    /* Withdrawn and enrolled anew, under other handles on both sides: it is the same record. */
    MUST(vault_record_remove(ender->agency.vault, ender->agency.purpose[0].domain, &re, why));
    MUST(vault_settle(ender->agency.vault, why));
    open_transactions();
    const struct vault_ref again = put_record(ender, "R", same);
    settle();
    used(ender, &again, beginner, 6);
}

/* --- questions --- */

static struct vault_match met(const struct side *whose, const uint8_t handle[HANDLE_SIZE])
{
    struct vault_match match = {.keys = 2};
    strcpy(match.partner, whose->agency.identity->party.name);
    memcpy(match.handle, handle, sizeof match.handle);
    return match;
}

/* `asking` asked about these values, and met the record of the other side, which opened the question, too. */
static void ask(struct side *asking, const struct vault_ref *record, uint8_t number, const char *const value[FIELDS])
{
    static struct person person;
    static struct elements elements;
    struct side *asked = &side[asking == side];
    uint8_t packed[ELEMENTS_PACKED_MAX], handle[HANDLE_SIZE], digest[32] = {number}, theirs[HANDLE_SIZE] = {9, number};
    int64_t pair;
    handle_of(asked, record, handle);
    person_of(&person, value);
    elements_of_person(&elements, &person, 0);
    const struct opened_question question = {digest, theirs, span_of(packed, elements_pack(packed, &elements))};
    struct vault_match record_met = met(asked, handle), question_met = met(asking, theirs);
    question_met.record = *record;
    MUST(opened_asking(&asking->agency, asking->agency.purpose, &question, &record_met, &pair, why));
    MUST(opened_asked(&asked->agency, asked->agency.purpose, &question_met, why));
}

/*
 * Who is asked begins, whichever side that is between standing entries; what was asked is kept for the verdict and no
 * longer.
 */
static void who_is_asked_begins(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct side *asked = &side[i], *asking = &side[1 - i];
        open_transactions();
        const struct vault_ref record = put_record(asked, "R", same);
        ask(asking, &record, 1, same);
        ask(asking, &record, 2, stranger);
        settle();
        MUST(judge_begin(&asking->agency, JUDGE_ALL, &asking->counts, why));
        assert_false(carry(asking, NULL));
        MUST(judge_begin(&asked->agency, JUDGE_NOTHING, &asked->counts, why));
        assert_false(carry(asked, NULL));
        MUST(judge_begin(&asked->agency, JUDGE_CHECKS, &asked->counts, why));
        assert_true(carry(asked, NULL));
        carry_all();
        check_equal();
        assert_int_equal(count(asking, JUDGE_JUDGED), 1 + i);
        assert_int_equal(count(asking, JUDGE_DIFFERENT), 1 + i);
        used(asked, &record, asking, 2);
    }
}

/* What stands beside it is not begun with the checks. */
static void only_checks_are_begun_each_second(void **state)
{
    (void)state;
    open_transactions();
    open_both("S", same, same);
    ask(ender, &list(beginner)->pair[0].record, 1, same);
    settle();
    MUST(judge_begin(&beginner->agency, JUDGE_CHECKS, &beginner->counts, why));
    assert_int_equal(beginner->counts.begun, 1);
    begin();
    assert_int_equal(beginner->counts.begun, 2);
}

/* A question of which nothing came in a week is not judged any more: its values are gone. */
static void what_was_asked_is_forgotten(void **state)
{
    (void)state;
    open_transactions();
    const struct vault_ref record = put_record(ender, "R", same);
    ask(beginner, &record, 1, same);
    MUST(vault_judging_age(beginner->agency.vault, clock_now() + JUDGING_ASKED + 1, why));
    settle();
    MUST(judge_begin(&ender->agency, JUDGE_CHECKS, &ender->counts, why));
    carry_all();
    assert_int_equal(count(ender, JUDGE_UNKNOWN), 1);
    MUST(vault_begin(beginner->agency.vault, why));
    MUST(vault_judging_age(beginner->agency.vault, clock_now() + JUDGING_YEAR + 1, why));
    MUST(vault_commit(beginner->agency.vault, why));
    assert_int_equal(list(beginner)->count, 0);
}

static void flip_last(uint8_t *body, size_t len)
{
    body[len - 1] ^= 1;
}

/* A proof that was tampered with, in letter 2 and in letter 3: refused, counted, and no verdict on that side. */
static void forged_letters_are_refused(void **state)
{
    (void)state;
    struct vault_judging_counts counts;
    open_transactions();
    open_both("R", same, same);
    settle();
    begin();
    assert_true(carry(beginner, NULL));
    assert_true(carry(ender, flip_last));
    assert_int_equal(count(beginner, JUDGE_REFUSED), 1);
    assert_int_equal(beginner->counts.refused, 1);
    MUST(vault_judging_counts(beginner->agency.vault, beginner->agency.purpose[0].domain, &counts, why));
    assert_int_equal(counts.refused, 1);
    open_transactions();
    open_both("S", same, same);
    settle();
    begin();
    assert_true(carry(beginner, NULL));
    assert_true(carry(ender, NULL));
    assert_true(carry(beginner, flip_last));
    assert_int_equal(count(ender, JUDGE_REFUSED), 1);
    assert_int_equal(ender->counts.refused, 1);
}

/* A second letter 1 under one id: the same is answered again, another is refused. */
static void an_exchange_is_answered_once(void **state)
{
    (void)state;
    open_transactions();
    open_both("R", same, same);
    settle();
    begin();
    const int64_t before = beginner->carried;
    assert_true(carry(beginner, NULL));
    beginner->carried = before;
    assert_true(carry(beginner, NULL));
    assert_int_equal(ender->counts.refused, 0);
    assert_int_equal(ender->counts.answered, 1);
    beginner->carried = before;
    assert_true(carry(beginner, flip_last));
    assert_int_equal(ender->counts.refused, 1);
    used(ender, &list(ender)->pair[0].record, beginner, 1);
}

/* As if what was judged had been lost with the vault. */
static void lose_verdict(struct side *s)
{
    MUST(vault_begin(s->agency.vault, why));
    MUST(vault_judging_set(s->agency.vault, list(s)->pair[0].number, JUDGE_WAITING, why));
    MUST(vault_commit(s->agency.vault, why));
}

/* Who begins again with a pair that is judged pays for its slots anew, and ends nobody's verdict where the limit is. */
static void a_pair_that_is_begun_again_counts_again(void **state)
{
    (void)state;
    open_transactions();
    open_both("R", same, same);
    settle();
    for (uint64_t times = 1; times <= 6; times++) {
        begin();
        carry_all();
        check_equal();
        assert_int_equal(count(beginner, JUDGE_JUDGED), 1);
        used(ender, &list(ender)->pair[0].record, beginner, times);
        used(beginner, &list(beginner)->pair[0].record, ender, times);
        lose_verdict(beginner);
    }
    officer_releases(beginner, NULL, ender, 1);
    begin();
    carry_all();
    assert_int_equal(count(beginner, JUDGE_LIMIT), 1);
    assert_int_equal(count(ender, JUDGE_JUDGED), 1);
    used(ender, &list(ender)->pair[0].record, beginner, 6);
}

/* Whose vault was put back has its verdicts again once an officer released them, whichever side it is. */
static void lost_verdicts_are_judged_anew(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct side *loser = i == 0 ? ender : beginner, *partner = i == 0 ? beginner : ender;
        if (i == 0) {
            open_transactions();
            open_both("R", same, same);
            settle();
            begin();
            carry_all();
        }
        lose_verdict(loser);
        MUST(vault_begin(loser->agency.vault, why));
        MUST(vault_judging_lose(loser->agency.vault, why));
        MUST(vault_commit(loser->agency.vault, why));
        MUST(judge_begin(&loser->agency, JUDGE_ALL, &loser->counts, why));
        assert_false(carry(loser, NULL));
        officer_releases(loser, NULL, partner, 3);
        MUST(vault_begin(loser->agency.vault, why));
        MUST(vault_judging_again(loser->agency.vault, why));
        MUST(vault_commit(loser->agency.vault, why));
        MUST(judge_begin(&loser->agency, JUDGE_ALL, &loser->counts, why));
        assert_true(carry(loser, NULL));
        assert_int_equal(count(partner, JUDGE_JUDGED), 1); /* it has its own until there is another */
        begin();
        carry_all();
        check_equal();
        assert_int_equal(count(loser, JUDGE_JUDGED), 1);
        used(partner, &list(partner)->pair[0].record, loser, 2 + (uint64_t)i);
        MUST(judge_begin(&loser->agency, JUDGE_ALL, &loser->counts, why));
        assert_false(carry(loser, NULL)); /* once is enough */
    }
}

/* A pair that nobody has begins nothing. */
static void foreign_pairs_are_not_judged_anew(void **state)
{
    (void)state;
    open_transactions();
    open_both("R", same, same);
    settle();
    begin();
    carry_all();
    lose_verdict(ender);
    MUST(vault_begin(ender->agency.vault, why));
    MUST(vault_judging_lose(ender->agency.vault, why));
    MUST(vault_commit(ender->agency.vault, why));
    officer_releases(ender, NULL, beginner, 2);
    MUST(judge_begin(&ender->agency, JUDGE_ALL, &ender->counts, why));
    assert_true(carry(ender, flip_last));
    begin();
    assert_false(carry(beginner, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_sleeps_is_waited_for, start, end),
        cmocka_unit_test_setup_teardown(foreign_handles_are_not_judged, start, end),
        cmocka_unit_test_setup_teardown(a_pair_whose_keys_changed_is_tried_again, start, end),
        cmocka_unit_test_setup_teardown(a_record_is_judged_so_often, start, end),
        cmocka_unit_test_setup_teardown(a_lost_vault_counts_as_used_up, start, end),
        cmocka_unit_test_setup_teardown(the_asked_side_keeps_its_limit, start, end),
        cmocka_unit_test_setup_teardown(forged_letters_are_refused, start, end),
        cmocka_unit_test_setup_teardown(an_exchange_is_answered_once, start, end),
        cmocka_unit_test_setup_teardown(a_pair_that_is_begun_again_counts_again, start, end),
        cmocka_unit_test_setup_teardown(lost_verdicts_are_judged_anew, start, end),
        cmocka_unit_test_setup_teardown(foreign_pairs_are_not_judged_anew, start, end),
        cmocka_unit_test_setup_teardown(who_is_asked_begins, start, end),
        cmocka_unit_test_setup_teardown(only_checks_are_begun_each_second, start, end),
        cmocka_unit_test_setup_teardown(what_was_asked_is_forgotten, start, end),
        cmocka_unit_test_setup_teardown(both_vaults_end_with_one_verdict, start, end),
    };
    struct err err;
    if (group_init(&err) != 0)
        return 1;
    return cmocka_run_group_tests_name("judge_judge", tests, set_up_normaliser, tear_down_normaliser);
}
