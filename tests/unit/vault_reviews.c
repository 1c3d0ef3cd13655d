/* What officers decide on matches: it outlives the match, its record's number and the epoch; its history; the board. */
#include "client/review/board.h"
#include "client/review/view.h"
#include "protocol/base/file.h"
#include "tests/unit/vault_test.h"

#include <sqlite3.h>
#include <unistd.h>

static const uint8_t digest[32] = {1}, other_digest[32] = {2};
static int64_t persons;

static void open_vault(void)
{
    MUST(vault_open(&vault, path, secret, why));
    MUST(vault_domain(vault, "persons", 1, &persons, why));
}

static struct vault_ref enrol(int64_t domain, const char *id, const uint8_t of[32])
{
    struct vault_record values = {.id = id};
    struct vault_ref record;
    memcpy(values.digest, of, sizeof values.digest);
    MUST(vault_record_put(vault, domain, &values, NULL, 0, &record, why));
    MUST(vault_settle(vault, why));
    return record;
}

static struct vault_match match_with(const char *partner, uint8_t handle)
{
    struct vault_match m = {.handle = {handle}, .keys = 3, .score = 70, .kind = MATCH_SAME_PERSON};
    snprintf(m.partner, sizeof m.partner, "%s", partner);
    return m;
}

static void put(int64_t domain, struct vault_ref record, const struct vault_match *matches, size_t count)
{
    char id[VAULT_ID_MAX + 1];
    MUST(vault_record_id(vault, domain, &record, id, why));
    MUST(vault_begin(vault, why));
    MUST(vault_matches_put(vault, domain, &record, id, matches, count, why));
    MUST(vault_commit(vault, why));
}

static int take_review(void *context, const struct vault_review *review, struct err *err)
{
    struct vault_review **next = context;
    (void)err;
    *(*next)++ = *review;
    return 0;
}

static struct vault_review seen[16];

static size_t look(int64_t domain)
{
    struct vault_review *next = seen;
    memset(seen, 0, sizeof seen);
    MUST(vault_reviews(vault, domain, take_review, &next, why));
    return (size_t)(next - seen);
}

static int count_review(void *context, const struct vault_review *review, struct err *err)
{
    (void)review;
    (void)err;
    ++*(size_t *)context;
    return 0;
}

static size_t look_count(int64_t domain)
{
    size_t count = 0;
    MUST(vault_reviews(vault, domain, count_review, &count, why));
    return count;
}

static void decide(int64_t number, enum review_state state, const char *note)
{
    MUST(vault_review_put(vault, number, state, "somsak", note, why));
}

static int add_event(void *context, const struct review_event *event, struct err *err)
{
    char *text = context;
    size_t len = strlen(text);
    (void)err;
    snprintf(text + len, 512 - len, "%s%s/%s/%s", len > 0 ? " " : "", review_state_name(event->state), event->by,
             event->note);
    return 0;
}

static void history_is(int64_t number, const char *wanted)
{
    char text[512] = "";
    MUST(vault_review_history(vault, number, add_event, text, why));
    assert_string_equal(text, wanted);
}

/* --- one pair --- */

static void a_match_keeps_its_number_and_decision(void **state)
{
    (void)state;
    struct vault_ref record = enrol(persons, "T1", digest);
    int64_t domain;
    struct vault_match m = match_with("IDN", 1);
    struct vault_review got;
    put(persons, record, &m, 1);
    assert_int_equal(look(persons), 1);
    int64_t number = seen[0].match.number;
    assert_string_equal(seen[0].id, "T1");
    assert_int_equal(seen[0].state, REVIEW_NEW);
    assert_int_equal(seen[0].match.handle[0], 1);
    assert_true(seen[0].found > 0);
    assert_false(review_is_outdated(&seen[0]));
    decide(number, REVIEW_CONFIRMED, "met him");
    m.score = 90;
    m.keys = 7;
    put(persons, record, &m, 1);
    MUST(vault_review_get(vault, number, &domain, &got, why));
    assert_int_equal(domain, persons);
    assert_int_equal(got.state, REVIEW_CONFIRMED);
    assert_int_equal(got.match.score, 90);
    assert_int_equal(got.decision.score, 70);
    assert_string_equal(got.decision.by, "somsak");
    assert_string_equal(got.decision.note, "met him");
    assert_true(review_is_outdated(&got));
    decide(number, REVIEW_CONFIRMED, "");
    MUST(vault_review_get(vault, number, &domain, &got, why));
    assert_false(review_is_outdated(&got));
    history_is(number, "confirmed/somsak/met him confirmed/somsak/");
}

static void what_nobody_decided_on_vanishes(void **state)
{
    (void)state;
    struct vault_ref record = enrol(persons, "T1", digest);
    int64_t domain;
    struct vault_match m = match_with("IDN", 1);
    struct vault_review got;
    put(persons, record, &m, 1);
    look(persons);
    int64_t number = seen[0].match.number;
    put(persons, record, NULL, 0);
    assert_int_equal(look(persons), 0);
    assert_int_equal(vault_review_get(vault, number, &domain, &got, ERR_IGNORED), ERR_NOT_FOUND);
    assert_int_equal(vault_review_put(vault, number, REVIEW_CONFIRMED, "somsak", "", ERR_IGNORED), ERR_NOT_FOUND);
}

static void what_was_decided_on_shows_as_withdrawn_and_returns(void **state)
{
    (void)state;
    struct vault_ref record = enrol(persons, "T1", digest);
    struct vault_match m = match_with("IDN", 1);
    struct vault_counts counts;
    put(persons, record, &m, 1);
    look(persons);
    int64_t number = seen[0].match.number;
    decide(number, REVIEW_DISMISSED, "brother");
    put(persons, record, NULL, 0);
    put(persons, record, NULL, 0);
    assert_int_equal(look(persons), 1);
    assert_int_equal(seen[0].state, REVIEW_WITHDRAWN);
    assert_true(seen[0].withdrawn > 0);
    assert_int_equal(seen[0].decision.state, REVIEW_DISMISSED);
    MUST(vault_count(vault, persons, &counts, why));
    assert_int_equal(counts.matches, 0);
    put(persons, record, &m, 1);
    assert_int_equal(look(persons), 1);
    assert_int_equal(seen[0].match.number, number);
    assert_int_equal(seen[0].state, REVIEW_DISMISSED);
    assert_int_equal(seen[0].withdrawn, 0);
    history_is(number, "dismissed/somsak/brother withdrawn/IDN/ returned/IDN/");
}

static void a_reopened_match_is_new(void **state)
{
    (void)state;
    struct vault_ref record = enrol(persons, "T1", digest);
    struct vault_match m = match_with("IDN", 1);
    put(persons, record, &m, 1);
    look(persons);
    decide(seen[0].match.number, REVIEW_DISMISSED, "");
    decide(seen[0].match.number, REVIEW_NEW, "a second look");
    look(persons);
    assert_int_equal(seen[0].state, REVIEW_NEW);
    history_is(seen[0].match.number, "dismissed/somsak/ new/somsak/a second look");
}

/* --- the pair outlives the match --- */

static void dismissed_stays_dismissed(int64_t domain, const struct vault_match *m, const uint8_t of[32])
{
    put(domain, enrol(domain, "T1", of), m, 1);
    assert_int_equal(look(domain), 1);
    assert_int_equal(seen[0].state, REVIEW_DISMISSED);
    history_is(seen[0].match.number, "dismissed/somsak/brother");
}

static void a_decision_survives_enrolling_anew(void **state)
{
    (void)state;
    int64_t next_epoch;
    struct vault_ref record = enrol(persons, "T1", digest);
    struct vault_match m = match_with("IDN", 1);
    put(persons, record, &m, 1);
    look(persons);
    decide(seen[0].match.number, REVIEW_DISMISSED, "brother");
    m.keys = 1;
    m.score = 40;
    dismissed_stays_dismissed(persons, &m, other_digest);
    record = enrol(persons, "T1", digest);
    MUST(vault_record_remove(vault, persons, &record, why));
    MUST(vault_settle(vault, why));
    assert_int_equal(look(persons), 0);
    dismissed_stays_dismissed(persons, &m, digest);
    MUST(vault_domain(vault, "persons", 2, &next_epoch, why));
    dismissed_stays_dismissed(next_epoch, &m, digest);
    vault_close(vault);
    open_vault();
    assert_int_equal(look(persons), 0); /* the later epoch shows it */
    dismissed_stays_dismissed(next_epoch, &m, other_digest);
}

static void a_decision_is_about_one_pair(void **state)
{
    (void)state;
    struct vault_ref one = enrol(persons, "T1", digest), two = enrol(persons, "T2", digest);
    int64_t documents;
    const struct vault_match m[3] = {match_with("IDN", 1), match_with("IDN", 2), match_with("BGD", 1)};
    MUST(vault_domain(vault, "travel-documents", 1, &documents, why));
    put(persons, one, m, 1);
    look(persons);
    decide(seen[0].match.number, REVIEW_DISMISSED, "");
    put(persons, one, m, 3);
    put(persons, two, m, 1);
    put(documents, enrol(documents, "T1", digest), m, 1);
    assert_int_equal(look(persons), 4);
    size_t dismissed = 0;
    for (size_t i = 0; i < 4; i++)
        dismissed += seen[i].state == REVIEW_DISMISSED;
    assert_int_equal(dismissed, 1);
    assert_int_equal(look(documents), 1);
    assert_int_equal(seen[0].state, REVIEW_NEW);
}

static void what_cannot_be_kept_is_refused(void **state)
{
    (void)state;
    struct vault_ref record = enrol(persons, "T1", digest);
    struct vault_match m = match_with("IDN", 1);
    char text[REVIEW_NOTE_MAX + 2];
    put(persons, record, &m, 1);
    look(persons);
    int64_t number = seen[0].match.number;
    memset(text, 'n', sizeof text);
    text[REVIEW_NOTE_MAX + 1] = '\0';
    assert_int_equal(vault_review_put(vault, number, REVIEW_CONFIRMED, "somsak", text, ERR_IGNORED), ERR_USAGE);
    text[REVIEW_NOTE_MAX] = '\0';
    MUST(vault_review_put(vault, number, REVIEW_CONFIRMED, "somsak", text, why));
    assert_int_equal(vault_review_put(vault, number, REVIEW_CONFIRMED, "", "", ERR_IGNORED), ERR_USAGE);
    text[REVIEW_BY_MAX + 1] = '\0';
    assert_int_equal(vault_review_put(vault, number, REVIEW_CONFIRMED, text, "", ERR_IGNORED), ERR_USAGE);
}

static void officers_and_notes_are_sealed(void **state)
{
    (void)state;
    struct vault_ref record = enrol(persons, "T1", digest);
    struct vault_match m = match_with("IDN", 1);
    struct buf file = buf_of(16u << 20);
    const char *const files[] = {"tables", "tables-journal"};
    put(persons, record, &m, 1);
    look(persons);
    MUST(vault_review_put(vault, seen[0].match.number, REVIEW_CONFIRMED, "OFFICER-IN-CLEAR", "NOTE-IN-CLEAR", why));
    for (size_t i = 0; i < 2; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s/%s", path, files[i]);
        buf_clear(&file);
        if (file_read(&file, name, ERR_IGNORED) != 0)
            continue;
        assert_null(memmem(file.data, file.len, "OFFICER-IN-CLEAR", 16));
        assert_null(memmem(file.data, file.len, "NOTE-IN-CLEAR", 13));
    }
    history_is(seen[0].match.number, "confirmed/OFFICER-IN-CLEAR/NOTE-IN-CLEAR");
    buf_free(&file);
}

/*
 * Corrected, enrolled again, or in another epoch it has another handle; with one match of the partner there is no
 * doubt.
 */
static void a_decision_follows_the_partners_record(void **state)
{
    (void)state;
    struct vault_ref record = enrol(persons, "T1", digest);
    struct vault_match m[2] = {match_with("IDN", 1), match_with("IDN", 2)}, again = match_with("IDN", 3);
    int64_t next_epoch, number;
    put(persons, record, m, 1);
    look(persons);
    number = seen[0].match.number;
    decide(number, REVIEW_DISMISSED, "brother");
    put(persons, record, &again, 1);
    assert_int_equal(look(persons), 1);
    assert_int_equal(seen[0].match.number, number);
    assert_int_equal(seen[0].match.handle[0], 3);
    assert_int_equal(seen[0].state, REVIEW_DISMISSED);
    MUST(vault_domain(vault, "persons", 2, &next_epoch, why));
    record = enrol(next_epoch, "T1", digest);
    put(next_epoch, record, m, 1);
    assert_int_equal(look(next_epoch), 1);
    assert_int_equal(seen[0].state, REVIEW_DISMISSED);
    assert_int_equal(look(persons), 0); /* the later epoch shows it */
    /* Of two it is not clear which: both are new. */
    m[0].handle[0] = 4;
    put(next_epoch, record, m, 2);
    assert_int_equal(look(next_epoch), 3);
    size_t fresh = 0;
    for (size_t i = 0; i < 3; i++)
        fresh += seen[i].state == REVIEW_NEW;
    assert_int_equal(fresh, 2);
}

/* --- the board --- */

static struct region_purpose region_purpose = {.name = "persons"};
static struct region region; /* without agencies: whom there are matches with is known all the same */
static struct agency agency;
static struct setting_list any, some;

static void load(struct board *board, const struct board_filter *filter)
{
    agency = (struct agency){
        .vault = vault, .region = &region, .purposes = 1, .purpose = {{.region = &region_purpose, .domain = persons}}};
    MUST(board_load(board, &agency, filter, why));
}

static const struct board_filter everything = {.partners = &any, .kinds = &any, .states = &any, .records = &any};

static int64_t group_of(const struct board *b, struct vault_ref record)
{
    for (size_t i = 0; i < b->count; i++)
        if (memcmp(b->item[i].own, record.bytes, sizeof record.bytes) == 0)
            return b->item[i].group;
    fail_msg("a record has no match on the board");
    return 0;
}

static void own_records_with_one_partner_record_are_one_person(void **state)
{
    (void)state;
    struct board b;
    struct vault_ref record[5];
    for (int i = 0; i < 5; i++)
        record[i] = enrol(persons, (char[]){'T', (char)('1' + i), '\0'}, digest);
    struct vault_match shared = match_with("IDN", 1), forged = match_with("BGD", 2), same = match_with("BGD", 2);
    const struct vault_match first[2] = {shared, forged};
    shared.score = 95;
    put(persons, record[1], &shared, 1);
    shared.score = 60;
    put(persons, record[0], first, 2);
    put(persons, record[2], &shared, 1);
    forged.kind = MATCH_SAME_DOCUMENT_OTHER_PERSON;
    const struct vault_match mixed[2] = {match_with("IDN", 1), forged};
    put(persons, record[0], mixed, 2);
    put(persons, record[3], &same, 1);
    struct vault_match lone = match_with("MYS", 1);
    lone.score = 99;
    put(persons, record[4], &lone, 1);

    load(&b, &everything);
    assert_int_equal(b.count, 6);
    assert_memory_equal(b.item[0].own, record[4].bytes, VAULT_RECORD_SIZE);
    assert_memory_equal(b.item[1].own, record[1].bytes, VAULT_RECORD_SIZE);
    assert_int_equal(group_of(&b, record[0]), group_of(&b, record[1]));
    assert_int_equal(group_of(&b, record[0]), group_of(&b, record[2]));
    assert_int_not_equal(group_of(&b, record[0]), group_of(&b, record[3]));
    for (size_t i = 1; i < b.count; i++)
        assert_true(b.item[i - 1].group_score >= b.item[i].group_score);
    int64_t number = 0;
    for (size_t i = 0; i < b.count; i++)
        if (memcmp(b.item[i].own, record[2].bytes, VAULT_RECORD_SIZE) == 0)
            number = b.item[i].number;
    board_free(&b);

    decide(number, REVIEW_DISMISSED, "");
    load(&b, &everything);
    assert_int_not_equal(group_of(&b, record[0]), group_of(&b, record[2]));
    assert_int_equal(group_of(&b, record[0]), group_of(&b, record[1]));
    board_free(&b);
}

static size_t shown_with(struct board_filter filter)
{
    struct board b;
    load(&b, &filter);
    size_t shown = b.shown;
    for (size_t i = 0; i < b.count; i++)
        assert_int_equal(b.item[i].shown, i < shown);
    board_free(&b);
    return shown;
}

static void the_board_shows_what_is_asked_for(void **state)
{
    (void)state;
    struct vault_match m[3] = {match_with("IDN", 1), match_with("BGD", 2), match_with("BGD", 3)};
    char word[32];
    struct board b;
    m[1].kind = MATCH_SAME_DOCUMENT_OTHER_PERSON;
    m[2].score = 30;
    put(persons, enrol(persons, "T1", digest), m, 3);
    look(persons);
    decide(seen[0].match.number, REVIEW_CONFIRMED, "");
    some = (struct setting_list){.item = {word}, .count = 1};
    assert_int_equal(shown_with(everything), 3);
    struct board_filter f = everything;
    f.min_score = 31;
    assert_int_equal(shown_with(f), 2);
    f = everything;
    f.since = seen[0].found + 1000;
    assert_int_equal(shown_with(f), 0);
    f.since = seen[0].found;
    assert_int_equal(shown_with(f), 3);
    f = everything;
    f.partners = &some;
    strcpy(word, "BGD");
    assert_int_equal(shown_with(f), 2);
    strcpy(word, "XXX");
    assert_int_equal(board_load(&b, &agency, &f, ERR_IGNORED), ERR_USAGE);
    f = everything;
    f.records = &some;
    strcpy(word, "T1");
    assert_int_equal(shown_with(f), 3);
    strcpy(word, "T2");
    assert_int_equal(shown_with(f), 0);
    f = everything;
    f.kinds = &some;
    strcpy(word, "same-document-other-person");
    assert_int_equal(shown_with(f), 1);
    f = everything;
    f.states = &some;
    strcpy(word, "confirmed");
    assert_int_equal(shown_with(f), 1);
    strcpy(word, "returned");
    assert_int_equal(board_load(&b, &agency, &f, ERR_IGNORED), ERR_USAGE);
}

/* --- pages of it --- */

static int64_t turned[2000];

/* All pages, one after another: every match once, persons as on the board, first ones in order. */
static size_t turn(struct view_wish wish)
{
    static struct view page;
    struct review_place after;
    struct board b;
    size_t count = 0, pages = 0;
    unsigned score = 100;
    int64_t group = 0, first = INT64_MAX;
    load(&b, &everything);
    do {
        MUST(view_load(&page, &agency, &wish, why));
        for (size_t i = 0; i < page.items; i++) {
            size_t at = 0;
            while (b.item[at].number != page.item[i].number)
                at++;
            assert_int_equal(page.item[i].follows, group == b.item[at].group);
            if (!page.item[i].follows && wish.order == REVIEW_SUREST)
                assert_true(b.item[at].score <= score);
            else if (!page.item[i].follows)
                assert_true(b.item[at].number < first);
            score = page.item[i].follows ? score : b.item[at].score;
            first = page.item[i].follows ? first : b.item[at].number;
            group = b.item[at].group;
            for (size_t k = 0; k < count; k++)
                assert_true(turned[k] != page.item[i].number);
            turned[count++] = page.item[i].number;
        }
        after = page.last;
        wish.after = &after;
        assert_true(++pages < 100);
    } while (page.more);
    assert_int_equal(count, page.count);
    board_free(&b);
    return count;
}

static void pages_have_what_the_board_has(void **state)
{
    (void)state;
    static const char *const partners[] = {"BGD", "IDN", "MYS"};
    enum { RECORDS = 150 };
    struct vault_ref record[RECORDS];
    size_t in_state[REVIEW_STATES] = {0}, all = 0;
    for (int i = 0; i < RECORDS; i++) {
        struct vault_match m[3];
        const int n = 1 + i % 3;
        record[i] = enrol(persons, (char[]){'T', (char)('0' + i / 10), (char)('0' + i % 10), '\0'}, digest);
        for (int k = 0; k < n; k++) {
            m[k] = match_with(partners[(i + k) % 3], (uint8_t)(i % 5 == 0 ? 200 + i % 7 : i + 1));
            m[k].score = 60 + (unsigned)(i * 7 + k * 13) % 41;
        }
        put(persons, record[i], m, (size_t)n);
        all += (size_t)n;
    }
    assert_int_equal(look_count(persons), all);
    for (int64_t number = 1; number <= (int64_t)all; number += 3)
        decide(number, number % 2 == 0 ? REVIEW_DISMISSED : REVIEW_CONFIRMED, "");
    for (int i = 0; i < RECORDS; i += 10)
        put(persons, record[i], NULL, 0);
    for (int64_t number = 1; number <= (int64_t)all; number++) {
        struct review_line line;
        struct vault_review review;
        int64_t domain;
        bool found;
        MUST(vault_review_line(vault, number, &line, &found, why));
        if (!found)
            continue;
        MUST(vault_review_get(vault, number, &domain, &review, why));
        assert_int_equal(line.state, review.state);
        in_state[review.state]++;
    }
    assert_true(in_state[REVIEW_WITHDRAWN] > 0 && in_state[REVIEW_DISMISSED] > 0);
    for (int order = REVIEW_SUREST; order <= REVIEW_NEWEST; order++) {
        size_t sum = 0;
        for (int s = REVIEW_NEW; s <= REVIEW_WITHDRAWN; s++) {
            const size_t got = turn((struct view_wish){.state = s, .partner = "", .order = (enum review_order)order});
            assert_int_equal(got, in_state[s]);
            sum += got;
        }
        assert_int_equal(turn((struct view_wish){.state = -1, .partner = "", .order = (enum review_order)order}), sum);
        size_t by_partner = 0;
        for (size_t i = 0; i < 3; i++)
            by_partner +=
                turn((struct view_wish){.state = -1, .partner = partners[i], .order = (enum review_order)order});
        assert_int_equal(by_partner, sum);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_match_keeps_its_number_and_decision),
        CASE(what_nobody_decided_on_vanishes),
        CASE(what_was_decided_on_shows_as_withdrawn_and_returns),
        CASE(a_reopened_match_is_new),
        CASE(a_decision_survives_enrolling_anew),
        CASE(a_decision_is_about_one_pair),
        CASE(a_decision_follows_the_partners_record),
        CASE(what_cannot_be_kept_is_refused),
        CASE(officers_and_notes_are_sealed),
        CASE(own_records_with_one_partner_record_are_one_person),
        CASE(the_board_shows_what_is_asked_for),
        CASE(pages_have_what_the_board_has),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("vault_reviews", tests, NULL, NULL);
}
