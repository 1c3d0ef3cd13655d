/* The agency's vault: records, tags, what is to be sent, hits and matches; whose it is. */
#include "client/vault/judging.h"
#include "protocol/base/file.h"
#include "tests/unit/vault_test.h"

#include <sys/stat.h>

#define CAP 3

static int64_t domain;
static struct vault_sending_options options;

static void open_vault(void)
{
    MUST(vault_open(&vault, path, secret, why));
    MUST(vault_domain(vault, "persons", 1, &domain, why));
    for (size_t i = 0; i < SCHEMA_KEYS_MAX; i++)
        options.cap[i] = CAP;
    options.slots = CAP;
}

static struct vault_ref put_record(const char *id, const char *tags)
{
    struct vault_ref record = vault_test_record(domain, id, tags);
    MUST(vault_settle(vault, why));
    return record;
}

static struct vault_ref find(const char *id)
{
    struct vault_ref record;
    bool same;
    MUST(vault_record_find(vault, domain, id, vault_test_digest, &record, &same, why));
    return record;
}

static void check_entry(const struct vault_unsent *u)
{
    assert_int_equal(u->seal_key[0], vault_test_letter(u->tag));
    assert_int_equal(u->seal_key[1], u->seal_key[0] - 'a' + 'A');
    assert_in_range(u->records, 1, CAP);
    for (size_t i = 0; i < u->records; i++) {
        struct record_secret record;
        char id[VAULT_ID_MAX + 1];
        record_secret_derive(&record, u->token[i].seed);
        MUST(vault_handle_find(vault, domain, record.handle, id, why));
        assert_int_equal(id[0], 'T');
    }
}

static int by_letter(const void *a, const void *b)
{
    return (*(const char *)a | 32) - (*(const char *)b | 32);
}

/*
 * The letters of the tags that are to be sent, sorted: as they are if put, upper-case if removed. Takes them as sent if
 * told.
 */
static const char *unsent(bool send)
{
    static char out[64];
    static struct vault_unsent u;
    struct vault_sending *w;
    uint8_t last[WIRE_TAG_SIZE] = {0};
    bool end = false;
    size_t n = 0;
    MUST(vault_sending_open(&w, vault, domain, &options, why));
    while (n < sizeof out - 1) {
        MUST(vault_sending_next(w, &u, &end, why));
        if (end)
            break;
        if (u.put)
            check_entry(&u);
        const char letter = vault_test_letter(u.tag);
        out[n++] = (char)(u.put ? letter : letter - 'a' + 'A');
        assert_true(memcmp(last, u.tag, sizeof last) < 0);
        memcpy(last, u.tag, sizeof last);
    }
    out[n] = '\0';
    qsort(out, n, 1, by_letter);
    assert_int_equal(vault_sending_done(w), vault_sending_total(w));
    if (send)
        MUST(vault_sending_finish(w, why));
    vault_sending_close(w);
    return out;
}

static struct vault_counts counts(void)
{
    struct vault_counts out;
    MUST(vault_count(vault, domain, &out, why));
    return out;
}

static void remove_record(const char *id)
{
    struct vault_ref record = find(id);
    MUST(vault_record_remove(vault, domain, &record, why));
    MUST(vault_settle(vault, why));
}

/* --- stale records --- */

struct look {
    int records, hits;
    struct vault_ref last;
};

static void begin_record(void *context)
{
    (void)context;
}

static int add_hit(void *context, const struct vault_hit *hit, struct err *err)
{
    (void)err;
    assert_string_equal(hit->partner, "IDN");
    assert_int_equal(hit->seal_key[0], vault_test_letter(hit->tag));
    ((struct look *)context)->hits++;
    return 0;
}

static int end_record(void *context, const struct vault_resolved *record, struct err *err)
{
    struct look *l = context;
    (void)err;
    char found[VAULT_ID_MAX + 1];
    uint8_t handle[HANDLE_SIZE], own[HANDLE_SIZE];
    MUST(vault_record_id(vault, domain, &record->ref, found, why));
    assert_string_equal(record->id, found);
    MUST(vault_record_handle(vault, domain, &record->ref, handle, why));
    record_handle(own, record->seed);
    assert_memory_equal(own, handle, sizeof own);
    l->records++;
    l->last = record->ref;
    return 0;
}

static struct look look(void)
{
    struct look l = {0};
    uint64_t records = 0;
    const struct vault_resolving steps = {&l, begin_record, add_hit, end_record, NULL};
    MUST(vault_resolve(vault, domain, &steps, &records, why));
    assert_int_equal(records, l.records);
    return l;
}

static void hit(char letter, const char *payload)
{
    uint8_t bytes[WIRE_TAG_SIZE];
    vault_test_tag(bytes, letter);
    MUST(vault_hit_put(vault, domain, "IDN", bytes, span_of(payload, strlen(payload)), why));
    MUST(vault_settle(vault, why));
}

/* --- records and tags --- */

static void what_changed_is_sent_once(void **state)
{
    (void)state;
    put_record("T1", "abc");
    put_record("T2", "cd");
    assert_string_equal(unsent(true), "abcd");
    assert_string_equal(unsent(false), "");
    assert_int_equal(counts().tags, 4);
    /* Another value of a key: the old tag goes, the new one comes, the one that stays is sealed anew. */
    put_record("T1", "abe");
    assert_string_equal(unsent(true), "abce");
    put_record("T1", "ab");
    assert_string_equal(unsent(true), "abE");
    assert_int_equal(counts().tags, 4);
    remove_record("T1");
    assert_string_equal(unsent(true), "AB");
    assert_int_equal(counts().tags, 2);
    assert_int_equal(counts().records, 1);
}

static void a_tag_beyond_the_cap_identifies_nobody(void **state)
{
    (void)state;
    static const char *const ids[] = {"T1", "T2", "T3", "T4"};
    for (size_t i = 0; i < CAP; i++)
        put_record(ids[i], "a");
    assert_string_equal(unsent(true), "a");
    /* A hit for it, taken in and looked at. */
    hit('a', "payload");
    assert_int_equal(look().hits, CAP);
    put_record(ids[CAP], "a");
    assert_string_equal(unsent(true), "A");
    assert_string_equal(unsent(false), "");
    assert_int_equal(counts().tags, 1);
    /* All who had it are to be looked at anew, not the newcomer alone; what the tag brought is forgotten. */
    struct look l = look();
    assert_int_equal(l.records, CAP + 1);
    assert_int_equal(l.hits, 0);
    uint32_t keys;
    struct vault_ref one = find("T1");
    MUST(vault_keys(vault, domain, &one, &keys, why));
    assert_int_equal(keys, 0);
    remove_record("T4");
    assert_string_equal(unsent(true), "a");
    MUST(vault_keys(vault, domain, &one, &keys, why));
    assert_int_equal(keys, 1);
}

static bool has_key(const char *id)
{
    const struct vault_ref record = find(id);
    uint32_t keys;
    MUST(vault_keys(vault, domain, &record, &keys, why));
    return keys != 0;
}

static int shown_of(const char *const *ids, int count)
{
    int shown = 0;
    for (int i = 0; i < count; i++)
        shown += has_key(ids[i]);
    return shown;
}

/* Whoever has no slot in the entry counts as one who has not the tag: the partner cannot know of it either. */
static void of_more_records_than_slots_some_are_shown(void **state)
{
    (void)state;
    static const char *const ids[] = {"T1", "T2", "T3"};
    options.slots = 1;
    for (size_t i = 0; i < CAP; i++) {
        put_record(ids[i], "a");
        assert_string_equal(unsent(true), "a");
        assert_int_equal(shown_of(ids, (int)i + 1), 1);
    }
    hit('a', "payload");
    assert_int_equal(look().hits, 1);
    size_t shown = 0;
    while (!has_key(ids[shown]))
        shown++;
    const char *left[] = {ids[(shown + 1) % CAP], ids[(shown + 2) % CAP]};
    remove_record(ids[shown]);
    assert_string_equal(unsent(true), "a");
    assert_int_equal(shown_of(left, 2), 1); /* another one takes its place, */
    assert_int_equal(look().hits, 1);       /* and has what the tag brought */
    options.slots = CAP;
}

static void a_crowd_that_was_never_sent_is_not_removed(void **state)
{
    (void)state;
    for (char id[] = "T1"; id[1] < '9'; id[1]++)
        put_record(id, "a");
    put_record("TA", "b");
    assert_string_equal(unsent(true), "b");
    for (char id[] = "T1"; id[1] < '9'; id[1]++)
        remove_record(id);
    assert_string_equal(unsent(true), "");
    assert_int_equal(counts().tags, 1);
}

static void a_feed_tells_who_vanished(void **state)
{
    (void)state;
    struct vault_seen *seen;
    uint64_t removed = 0;
    struct vault_ref one = put_record("T1", "a");
    put_record("T2", "b");
    MUST(vault_seen_new(&seen, vault, domain, why));
    MUST(vault_seen_add(seen, &one, why));
    struct vault_ref three = put_record("T3", "c");
    MUST(vault_seen_add(seen, &three, why));
    MUST(vault_seen_remove_rest(seen, domain, &removed, why));
    assert_int_equal(removed, 1);
    assert_int_equal(counts().records, 2);
    vault_seen_free(seen);
    find("T1");
    find("T3");
}

/* As many runs as are merged several times over; what was put last counts. */
static void many_runs_are_one_vault(void **state)
{
    (void)state;
    char id[16];
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 40; i++) {
            snprintf(id, sizeof id, "T%d", i);
            put_record(id, round == 0 ? "abc" : round == 1 ? "abd" : "de");
            if (i % 8 == 0)
                unsent(true);
        }
    unsent(true);
    for (int i = 0; i < 40; i += 2) {
        snprintf(id, sizeof id, "T%d", i);
        remove_record(id);
    }
    vault_close(vault);
    open_vault();
    assert_int_equal(counts().records, 20);
    assert_int_equal(counts().tags, 2);
    struct vault_ref record;
    bool same;
    for (int i = 0; i < 40; i++) {
        snprintf(id, sizeof id, "T%d", i);
        int rc = vault_record_find(vault, domain, id, vault_test_digest, &record, &same, ERR_IGNORED);
        assert_int_equal(rc, i % 2 == 0 ? ERR_NOT_FOUND : 0);
    }
}

/* The handle of the first record that goes out with this tag. */
static void handle_of_tag(char tag, uint8_t handle[HANDLE_SIZE])
{
    static struct vault_unsent u;
    struct record_secret record;
    struct vault_sending *w;
    bool end = false;
    MUST(vault_sending_open(&w, vault, domain, &options, why));
    do
        MUST(vault_sending_next(w, &u, &end, why));
    while (!end && vault_test_letter(u.tag) != tag);
    assert_false(end);
    record_secret_derive(&record, u.token[0].seed);
    memcpy(handle, record.handle, HANDLE_SIZE);
    vault_sending_close(w);
}

static void records_are_found_by_id_and_handle(void **state)
{
    (void)state;
    char id[VAULT_ID_MAX + 1], long_id[VAULT_ID_MAX + 1];
    uint8_t handle[HANDLE_SIZE], grown[HANDLE_SIZE], other[32] = {2};
    const uint8_t *const digest = vault_test_digest;
    int64_t elsewhere;
    struct vault_ref record;
    bool same;
    struct vault_ref one = put_record("T1", "a");
    MUST(vault_record_find(vault, domain, "T1", digest, &record, &same, why));
    assert_true(same && memcmp(&record, &one, sizeof one) == 0);
    MUST(vault_record_find(vault, domain, "T1", other, &record, &same, why));
    assert_false(same);
    handle_of_tag('a', handle);
    MUST(vault_handle_find(vault, domain, handle, id, why));
    assert_string_equal(id, "T1");
    /* One that grows keeps its handle; one that was corrected gets another, and what has the old one still finds it. */
    put_record("T1", "ac");
    handle_of_tag('c', grown);
    assert_memory_equal(grown, handle, sizeof handle);
    put_record("T1", "cd");
    handle_of_tag('d', grown);
    assert_memory_not_equal(grown, handle, sizeof handle);
    MUST(vault_handle_find(vault, domain, grown, id, why));
    assert_string_equal(id, "T1");
    MUST(vault_handle_find(vault, domain, handle, id, why));
    /* Another purpose, and another epoch, are other domains. */
    MUST(vault_domain(vault, "persons", 2, &elsewhere, why));
    assert_int_not_equal(elsewhere, domain);
    assert_int_equal(vault_record_find(vault, elsewhere, "T1", digest, &record, &same, ERR_IGNORED), ERR_NOT_FOUND);
    assert_int_equal(vault_handle_find(vault, elsewhere, handle, id, ERR_IGNORED), ERR_NOT_FOUND);
    memset(long_id, 'x', sizeof long_id - 1);
    long_id[sizeof long_id - 1] = '\0';
    record = put_record(long_id, "b");
    MUST(vault_record_id(vault, domain, &record, id, why));
    assert_string_equal(id, long_id);
}

/* --- requests and receipts --- */

static void put_request(struct vault_request *request)
{
    MUST(vault_outbox_write(vault, request, why));
    MUST(vault_begin(vault, why));
    MUST(vault_outbox_put(vault, request, why));
    MUST(vault_commit(vault, why));
}

static void answer(const uint8_t *id)
{
    MUST(vault_begin(vault, why));
    MUST(vault_outbox_done(vault, id, span_of("receipt", 7), why));
    MUST(vault_commit(vault, why));
}

static void requests_wait_in_order_until_answered(void **state)
{
    (void)state;
    struct vault_request one = {.id = {1}, .type = WIRE_PUT, .count = 5, .body = buf_of(100)}, two = one,
                         got = {.body = buf_of(2 << 20)};
    bool found;
    two.id[0] = 2;
    two.type = WIRE_REMOVE;
    two.body = buf_of(2 << 20);
    MUST(buf_put(&one.body, "first", 5, why));
    for (int i = 0; i < 300000; i++)
        MUST(buf_put(&two.body, "later", 5, why));
    put_request(&one);
    put_request(&two);
    MUST(vault_begin(vault, why));
    assert_int_not_equal(vault_outbox_put(vault, &one, ERR_IGNORED), 0); /* an id stands once */
    vault_rollback(vault);
    vault_close(vault);
    open_vault();
    MUST(vault_lock(vault, why));
    for (int i = 0; i < 2; i++) {
        MUST(vault_outbox_next(vault, &got, &found, why));
        assert_true(found);
        assert_int_equal(got.id[0], 1);
        assert_int_equal(got.body.len, 5);
    }
    answer(one.id);
    MUST(vault_outbox_next(vault, &got, &found, why));
    assert_true(found && got.id[0] == 2 && got.type == WIRE_REMOVE && got.count == 5);
    assert_int_equal(got.body.len, two.body.len);
    assert_memory_equal(got.body.data, two.body.data, two.body.len);
    answer(two.id);
    MUST(vault_outbox_next(vault, &got, &found, why));
    assert_false(found);
    assert_int_equal(counts().receipts, 2);
    buf_free(&one.body);
    buf_free(&two.body);
    buf_free(&got.body);
}

/* --- hits and matches --- */

static void hits_come_and_go(void **state)
{
    (void)state;
    struct vault_ref one = put_record("T1", "ab");
    unsent(true);
    look();
    hit('z', "x"); /* of a tag that was removed meanwhile */
    assert_int_equal(look().records, 0);
    hit('a', "x");
    hit('a', "y");
    struct look l = look();
    assert_int_equal(l.records, 1);
    assert_int_equal(l.hits, 1);
    assert_memory_equal(&l.last, &one, sizeof one);
    /* Who comes to a tag that brought something has it, too. */
    put_record("T2", "a");
    unsent(true);
    l = look();
    assert_int_equal(l.records, 1);
    assert_int_equal(l.hits, 1);
    hit('a', "");
    l = look();
    assert_int_equal(l.records, 2);
    assert_int_equal(l.hits, 0);
}

static void mail_is_remembered(void **state)
{
    (void)state;
    struct vault_mail mail;
    MUST(vault_mail_get(vault, &mail, why));
    assert_int_equal(mail.sequence + mail.leaf + mail.chain[0], 0);
    MUST(vault_mail_set(vault, &(struct vault_mail){77, 4, {1}}, why));
    MUST(vault_mail_set(vault, &(struct vault_mail){78, 5, {2}}, why));
    vault_close(vault);
    open_vault();
    MUST(vault_mail_get(vault, &mail, why));
    assert_int_equal(mail.sequence, 78);
    assert_int_equal(mail.leaf, 5);
    assert_int_equal(mail.chain[0], 2);
}

/* --- the file --- */

static void another_identity_is_refused(void **state)
{
    (void)state;
    const uint8_t other[32] = {9};
    struct vault *second = NULL;
    struct err err = {.text = ""};
    struct stat st;
    char file[160];
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    put_record("T1", "a");
    assert_int_equal(vault_open(&second, path, other, &err), ERR_VERIFY);
    assert_non_null(strstr(err.text, "belongs to another identity"));
    snprintf(file, sizeof file, "%s/file", dir);
    MUST(file_write(file, "SQLite format 3", 16, 0600, why));
    assert_int_equal(vault_open(&second, file, secret, &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "earlier version"));
    /* Files are nobody else's to read. */
    static const char *const names[] = {"head", "tables", "lock"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(file, sizeof file, "%s/%s", path, names[i]);
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

static void an_unknown_version_is_refused(void **state)
{
    (void)state;
    struct vault *second = NULL;
    struct err err;
    char file[160];
    struct buf head = buf_of(4096);
    snprintf(file, sizeof file, "%s/head", path);
    MUST(file_read(&head, file, why));
    head.data[19]++;
    MUST(file_write(file, head.data, head.len, 0600, why));
    assert_int_equal(vault_open(&second, path, secret, &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "the vault is of version "));
    assert_non_null(strstr(err.text, ", this program knows "));
    buf_free(&head);
}

static void one_process_is_at_work(void **state)
{
    (void)state;
    struct vault *second;
    struct err err;
    MUST(vault_lock(vault, why));
    MUST(vault_lock(vault, why));
    MUST(vault_open(&second, path, secret, why));
    assert_int_equal(vault_lock(second, &err), ERR_CONFLICT);
    int64_t number;
    MUST(vault_domain(second, "persons", 1, &number, why)); /* looking needs no lock */
    vault_close(vault);
    vault = NULL;
    MUST(vault_lock(second, why));
    vault_close(second);
    open_vault();
}

/* A batch repeats its request after a crash, and never after its records are durable. */
static void a_batch_keeps_its_nonce_until_it_is_durable(void **state)
{
    (void)state;
    static const uint8_t digest[VAULT_BATCH_DIGEST_SIZE] = {1}, another[VAULT_BATCH_DIGEST_SIZE] = {2};
    uint8_t first[VAULT_NONCE_SIZE], again[VAULT_NONCE_SIZE], other[VAULT_NONCE_SIZE];
    MUST(vault_batch_begin(vault, digest, first, why));
    MUST(vault_batch_begin(vault, another, other, why));
    assert_memory_not_equal(first, other, sizeof first); /* the same values under other ids */
    MUST(vault_batch_end(vault, digest, why));
    vault_close(vault); /* before it settled */
    open_vault();
    MUST(vault_batch_begin(vault, digest, again, why));
    assert_memory_equal(first, again, sizeof first);
    put_record("T1", "a");
    MUST(vault_batch_end(vault, digest, why));
    MUST(vault_settle(vault, why));
    MUST(vault_batch_begin(vault, another, again, why));
    assert_memory_equal(other, again, sizeof other); /* that one is still on its way */
    MUST(vault_batch_begin(vault, digest, again, why));
    assert_memory_not_equal(first, again, sizeof first);
}

static int take_holder(void *context, const struct vault_holder *holder, struct err *err)
{
    unsigned *n = context;
    (void)err;
    assert_int_equal(holder->id[0], 'T');
    assert_int_equal(holder->key, 0);
    assert_int_equal(holder->seal_key[0], 'a');
    ++*n;
    return 0;
}

static int take_notice(void *context, const struct vault_notice *notice, struct err *err)
{
    struct vault_notice **next = context;
    (void)err;
    *(*next)++ = *notice;
    return 0;
}

static void what_partners_asked_is_kept(void **state)
{
    (void)state;
    struct vault_notice n = {.leaf = 7, .at = 1000, .partner = "IDN", .id = "T1", .handle = {9}, .keys = 1}, seen[4];
    struct vault_notice *next = seen;
    struct vault_counts counts;
    uint8_t tag[WIRE_TAG_SIZE];
    unsigned holders = 0;
    put_record("T1", "ab");
    put_record("T2", "a");
    unsent(true);
    vault_test_tag(tag, 'a');
    MUST(vault_tag_holders(vault, domain, tag, take_holder, &holders, why));
    assert_int_equal(holders, 2);
    MUST(vault_notice_put(vault, domain, &n, why));
    n.keys = 2;
    MUST(vault_notice_put(vault, domain, &n, why));
    MUST(vault_notice_put(vault, domain, &n, why)); /* mail that came again after a crash */
    n.leaf = 8;
    MUST(vault_notice_put(vault, domain, &n, why));
    MUST(vault_notices(vault, domain, take_notice, &next, why));
    assert_int_equal(next - seen, 2);
    assert_int_equal(seen[0].leaf, 8);
    assert_int_equal(seen[1].keys, 3);
    assert_string_equal(seen[1].partner, "IDN");
    assert_string_equal(seen[1].id, "T1");
    MUST(vault_count(vault, domain, &counts, why));
    assert_int_equal(counts.notices, 2);
}

/* The same question that met somebody has the same seed, another one another. */
static void a_question_keeps_its_seed(void **state)
{
    (void)state;
    static const uint8_t digest[32] = {1}, another[32] = {2};
    uint8_t first[RECORD_SEED_SIZE], again[RECORD_SEED_SIZE];
    bool kept = true;
    MUST(vault_question_seed(vault, domain, digest, first, &kept, why));
    assert_false(kept);
    MUST(vault_begin(vault, why));
    MUST(vault_question_keep(vault, domain, digest, first, why));
    MUST(vault_commit(vault, why));
    MUST(vault_question_seed(vault, domain, digest, again, &kept, why));
    assert_true(kept);
    assert_memory_equal(first, again, sizeof first);
    MUST(vault_question_seed(vault, domain, another, again, &kept, why));
    assert_false(kept);
    assert_memory_not_equal(first, again, sizeof first);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_changed_is_sent_once),
        CASE(a_tag_beyond_the_cap_identifies_nobody),
        CASE(of_more_records_than_slots_some_are_shown),
        CASE(a_crowd_that_was_never_sent_is_not_removed),
        CASE(a_feed_tells_who_vanished),
        CASE(many_runs_are_one_vault),
        CASE(records_are_found_by_id_and_handle),
        CASE(a_batch_keeps_its_nonce_until_it_is_durable),
        CASE(what_partners_asked_is_kept),
        CASE(a_question_keeps_its_seed),
        CASE(requests_wait_in_order_until_answered),
        CASE(hits_come_and_go),
        CASE(mail_is_remembered),
        CASE(another_identity_is_refused),
        CASE(an_unknown_version_is_refused),
        CASE(one_process_is_at_work),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("vault_store", tests, NULL, NULL);
}
