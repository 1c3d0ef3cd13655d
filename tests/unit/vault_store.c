/* The agency's vault: records, tags, what is to be sent, hits and matches; a crash; whose it is; what can be read in
 * its file. */
#include "protocol/base/file.h"
#include "tests/unit/vault_test.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CAP 3

static const uint8_t digest[32] = {1};
static int64_t domain;

static void open_vault(void)
{
    MUST(vault_open(&vault, path, secret, why));
    MUST(vault_domain(vault, "persons", 1, &domain, why));
}

static void fill(uint8_t *out, size_t len, const char *text)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)text[i % strlen(text)];
}

/* A record with a tag for each letter; the seal key of tag "a" is a run of 'a' and 'A'. */
static int64_t put_record(const char *id, const char *tags)
{
    int64_t record;
    uint8_t handle[HANDLE_SIZE], tag[WIRE_TAG_SIZE], seal_key[SEAL_KEY_SIZE], sealed[VAULT_SEALED_KEY_SIZE];
    fill(handle, sizeof handle, id);
    MUST(vault_record_put(vault, domain, id, digest, handle, 1, &record, why));
    for (size_t j = 0; tags[j] != '\0'; j++) {
        const char key[] = {tags[j], (char)(tags[j] - 'a' + 'A'), '\0'};
        fill(tag, sizeof tag, (const char[]){tags[j], '\0'});
        fill(seal_key, sizeof seal_key, key);
        vault_seal_key(vault, sealed, seal_key);
        MUST(vault_token_put(vault, domain, record, (unsigned)j, tag, sealed, why));
    }
    return record;
}

static int64_t find(const char *id)
{
    int64_t record;
    bool same;
    MUST(vault_record_find(vault, domain, id, digest, &record, &same, why));
    return record;
}

struct walk {
    char out[64];
    size_t n;
    uint8_t last[WIRE_TAG_SIZE];
    int64_t number[64];
};

static bool walk_one(void *context, const struct vault_unsent *u)
{
    struct walk *w = context;
    uint8_t seal_key[SEAL_KEY_SIZE];
    bool put = u->records > 0 && u->records <= CAP;
    char id[VAULT_ID_MAX + 1];
    MUST(vault_open_key(vault, seal_key, u->sealed_key, why));
    assert_int_equal(seal_key[0], u->tag[0]);
    assert_int_equal(seal_key[1], u->tag[0] - 'a' + 'A');
    for (size_t i = 0; put && i < u->records; i++) {
        MUST(vault_open_id(vault, id, span_of(u->token[i].sealed_id, u->token[i].len), why));
        assert_int_equal(id[0], 'T');
    }
    if (w->n > 0)
        assert_true(memcmp(w->last, u->tag, sizeof w->last) < 0);
    memcpy(w->last, u->tag, sizeof w->last);
    w->number[w->n] = u->number;
    w->out[w->n++] = (char)(put ? u->tag[0] : u->tag[0] - 'a' + 'A');
    return w->n % 3 != 0; /* to be asked to go on */
}

/* The letters of the tags that are to be sent: as they are if put, upper-case if removed. Takes them as sent if
 * told. */
static const char *unsent(bool send)
{
    static struct walk w;
    size_t before;
    w = (struct walk){.n = 0};
    do {
        before = w.n;
        MUST(vault_unsent(vault, domain, w.n > 0 ? w.last : NULL, CAP, walk_one, &w, why));
    } while (w.n > before);
    for (size_t i = 0; send && i < w.n; i++)
        MUST(vault_tag_sent(vault, domain, w.number[i], w.out[i] <= 'Z', why));
    return w.out;
}

static struct vault_counts counts(void)
{
    struct vault_counts out;
    MUST(vault_count(vault, domain, &out, why));
    return out;
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
    MUST(vault_record_remove(vault, find("T1"), why));
    assert_string_equal(unsent(true), "AB");
    assert_int_equal(counts().tags, 2);
    assert_int_equal(counts().records, 1);
}

static void a_tag_beyond_the_cap_identifies_nobody(void **state)
{
    (void)state;
    uint8_t tag[WIRE_TAG_SIZE];
    int64_t record;
    static const char *const ids[] = {"T1", "T2", "T3", "T4"};
    for (size_t i = 0; i < CAP; i++)
        put_record(ids[i], "a");
    assert_string_equal(unsent(true), "a");
    /* A hit for it, taken in and scored. */
    fill(tag, sizeof tag, "a");
    MUST(vault_hit_put(vault, domain, "IDN", tag, span_of("payload", 7), why));
    while (vault_stale_next(vault, domain, &record, ERR_IGNORED) == 0)
        MUST(vault_matches_put(vault, domain, record, NULL, 0, why));
    put_record(ids[CAP], "a");
    assert_string_equal(unsent(true), "A");
    assert_string_equal(unsent(false), "");
    /* All who had it are to be scored anew, not the newcomer alone. */
    int stale = 0;
    for (; vault_stale_next(vault, domain, &record, ERR_IGNORED) == 0; stale++)
        MUST(vault_matches_put(vault, domain, record, NULL, 0, why));
    assert_int_equal(stale, CAP + 1);
    MUST(vault_record_remove(vault, find("T4"), why));
    assert_string_equal(unsent(true), "a");
}

static void runs_tell_who_vanished(void **state)
{
    (void)state;
    int64_t run, gone;
    MUST(vault_run(vault, &run, why));
    assert_int_equal(run, 1);
    int64_t one = put_record("T1", "a"), two = put_record("T2", "b");
    MUST(vault_run(vault, &run, why));
    assert_int_equal(run, 2);
    MUST(vault_record_seen(vault, one, run, why));
    MUST(vault_unseen(vault, domain, run, &gone, why));
    assert_int_equal(gone, two);
    MUST(vault_record_remove(vault, gone, why));
    assert_int_equal(vault_unseen(vault, domain, run, &gone, ERR_IGNORED), ERR_NOT_FOUND);
}

static void records_are_found_by_id_and_handle(void **state)
{
    (void)state;
    char id[VAULT_ID_MAX + 1], long_id[VAULT_ID_MAX + 1];
    uint8_t handle[HANDLE_SIZE], other[32] = {2};
    int64_t record, elsewhere;
    bool same;
    int64_t one = put_record("T1", "a");
    MUST(vault_record_find(vault, domain, "T1", digest, &record, &same, why));
    assert_true(same && record == one);
    MUST(vault_record_find(vault, domain, "T1", other, &record, &same, why));
    assert_false(same);
    fill(handle, sizeof handle, "T1");
    MUST(vault_handle_find(vault, domain, handle, id, why));
    assert_string_equal(id, "T1");
    /* Another purpose, and another epoch, are other domains. */
    MUST(vault_domain(vault, "persons", 2, &elsewhere, why));
    assert_int_not_equal(elsewhere, domain);
    assert_int_equal(vault_record_find(vault, elsewhere, "T1", digest, &record, &same, ERR_IGNORED), ERR_NOT_FOUND);
    assert_int_equal(vault_handle_find(vault, elsewhere, handle, id, ERR_IGNORED), ERR_NOT_FOUND);
    memset(long_id, 'x', sizeof long_id - 1);
    long_id[sizeof long_id - 1] = '\0';
    MUST(vault_record_id(vault, put_record(long_id, "b"), id, why));
    assert_string_equal(id, long_id);
}

/* --- requests and receipts --- */

static void requests_wait_in_order_until_answered(void **state)
{
    (void)state;
    struct vault_request one = {.id = {1}, .type = WIRE_PUT, .count = 5, .body = buf_of(100)}, two = one,
                         got = {.body = buf_of(100)};
    bool found;
    two.id[0] = 2;
    two.type = WIRE_REMOVE;
    MUST(buf_put(&one.body, "first", 5, why));
    MUST(buf_put(&two.body, "second", 6, why));
    MUST(vault_outbox_put(vault, &one, why));
    MUST(vault_outbox_put(vault, &two, why));
    assert_int_not_equal(vault_outbox_put(vault, &one, ERR_IGNORED), 0); /* an id stands once */
    for (int i = 0; i < 2; i++) {
        MUST(vault_outbox_next(vault, &got, &found, why));
        assert_true(found);
        assert_int_equal(got.id[0], 1);
        assert_int_equal(got.body.len, 5);
    }
    MUST(vault_outbox_done(vault, one.id, span_of("receipt", 7), why));
    MUST(vault_outbox_next(vault, &got, &found, why));
    assert_true(found && got.id[0] == 2 && got.type == WIRE_REMOVE && got.count == 5 && got.body.len == 6);
    MUST(vault_outbox_done(vault, two.id, span_of("receipt", 7), why));
    MUST(vault_outbox_next(vault, &got, &found, why));
    assert_false(found);
    assert_int_equal(counts().receipts, 2);
    buf_free(&one.body);
    buf_free(&two.body);
    buf_free(&got.body);
}

/* --- hits and matches --- */

static int count_hits(void *context, const struct vault_hit *hit, struct err *err)
{
    (void)err;
    assert_string_equal(hit->partner, "IDN");
    assert_int_equal(hit->seal_key[0], hit->tag[0]);
    ++*(int *)context;
    return 0;
}

static int hits_of(int64_t record)
{
    int n = 0;
    MUST(vault_hits(vault, domain, record, count_hits, &n, why));
    return n;
}

static void hits_come_and_go(void **state)
{
    (void)state;
    uint8_t a[WIRE_TAG_SIZE], z[WIRE_TAG_SIZE];
    int64_t one = put_record("T1", "ab"), record;
    fill(a, sizeof a, "a");
    fill(z, sizeof z, "z");
    MUST(vault_matches_put(vault, domain, one, NULL, 0, why));
    MUST(vault_hit_put(vault, domain, "IDN", z, span_of("x", 1), why)); /* of a tag that was removed meanwhile */
    assert_int_equal(vault_stale_next(vault, domain, &record, ERR_IGNORED), ERR_NOT_FOUND);
    MUST(vault_hit_put(vault, domain, "IDN", a, span_of("x", 1), why));
    MUST(vault_hit_put(vault, domain, "IDN", a, span_of("y", 1), why));
    MUST(vault_stale_next(vault, domain, &record, why));
    assert_int_equal(record, one);
    assert_int_equal(hits_of(one), 1);
    MUST(vault_hit_put(vault, domain, "IDN", a, span_of(NULL, 0), why));
    assert_int_equal(hits_of(one), 0);
}

static void mail_is_remembered(void **state)
{
    (void)state;
    uint64_t sequence;
    MUST(vault_mail_get(vault, &sequence, why));
    assert_int_equal(sequence, 0);
    MUST(vault_mail_set(vault, 77, why));
    MUST(vault_mail_set(vault, 78, why));
    vault_close(vault);
    open_vault();
    MUST(vault_mail_get(vault, &sequence, why));
    assert_int_equal(sequence, 78);
}

/* --- the file --- */

static void another_identity_is_refused(void **state)
{
    (void)state;
    const uint8_t other[32] = {9};
    struct vault *second = NULL;
    struct err err = {.text = ""};
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    put_record("T1", "a");
    assert_int_equal(vault_open(&second, path, other, &err), ERR_VERIFY);
    assert_non_null(strstr(err.text, "belongs to another identity"));
    char garbage[96];
    snprintf(garbage, sizeof garbage, "%s/garbage", dir);
    MUST(file_write(garbage, path, sizeof path, 0600, why));
    assert_int_not_equal(vault_open(&second, garbage, secret, &err), 0);
    assert_int_not_equal(vault_open(&second, dir, secret, &err), 0);
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

/* Killed in the middle of a transaction, and just after one. */
static void a_crash_leaves_whole_transactions(void **state)
{
    (void)state;
    int status, pipes[2];
    char byte;
    vault_close(vault);
    vault = NULL;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        open_vault();
        if (vault_begin(vault, ERR_IGNORED) != 0)
            _exit(1);
        put_record("T1", "abc");
        if (vault_commit(vault, ERR_IGNORED) != 0 || vault_begin(vault, ERR_IGNORED) != 0)
            _exit(1);
        put_record("T1", "d");
        put_record("T2", "e");
        if (write(pipes[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    close(pipes[0]);
    close(pipes[1]);
    open_vault();
    assert_int_equal(counts().records, 1);
    assert_string_equal(unsent(false), "abc");
}

static bool file_holds(const char *suffix, const char *needle, size_t len)
{
    char name[128];
    struct buf text = buf_of(64 << 20);
    snprintf(name, sizeof name, "%s%s", path, suffix);
    bool found =
        file_read(&text, name, ERR_IGNORED) == 0 && text.len > 0 && memmem(text.data, text.len, needle, len) != NULL;
    buf_free(&text);
    return found;
}

/* Whoever gets at the file learns how many records there are, and tags: no id, no seal key, no handle. */
static void nothing_secret_stands_in_the_file(void **state)
{
    (void)state;
    uint8_t tag[WIRE_TAG_SIZE];
    int64_t one = put_record("RECORD-ID-IN-CLEAR", "q");
    struct vault_match match = {.partner = "IDN", .pseudonym = {1}, .keys = 1, .score = 50, .kind = 1};
    fill(match.handle, HANDLE_SIZE, "HANDLE-IN-CLEAR!");
    fill(tag, sizeof tag, "q");
    MUST(vault_matches_put(vault, domain, one, &match, 1, why));
    assert_true(file_holds("-wal", (const char *)tag, sizeof tag)); /* that it could be found */
    for (int i = 0; i < 2; i++) {
        static const char *const suffix[] = {"", "-wal"};
        assert_false(file_holds(suffix[i], "RECORD-ID-IN-CLEAR", 18));
        assert_false(file_holds(suffix[i], "qQqQqQqQ", 8));
        assert_false(file_holds(suffix[i], "HANDLE-IN-CLEAR!", 16));
        assert_false(file_holds(suffix[i], (const char *)secret, 32));
    }
    vault_close(vault);
    vault = NULL;
    assert_true(file_holds("", (const char *)tag, sizeof tag));
    assert_false(file_holds("", "RECORD-ID-IN-CLEAR", 18));
    assert_false(file_holds("", "qQqQqQqQ", 8));
    assert_false(file_holds("", "HANDLE-IN-CLEAR!", 16));
    open_vault();
}

/* A sealed value that is moved or changed is noticed. */
static void a_damaged_vault_is_told(void **state)
{
    (void)state;
    char id[VAULT_ID_MAX + 1];
    struct err err = {.text = ""};
    int64_t one = put_record("T1", "a");
    vault_close(vault);
    vault = NULL;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE record SET id = (SELECT seal_key FROM tag)", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    open_vault();
    assert_int_equal(vault_record_id(vault, one, id, &err), ERR_VERIFY);
    assert_non_null(strstr(err.text, "the vault is damaged (id)"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_changed_is_sent_once),
        CASE(a_tag_beyond_the_cap_identifies_nobody),
        CASE(runs_tell_who_vanished),
        CASE(records_are_found_by_id_and_handle),
        CASE(requests_wait_in_order_until_answered),
        CASE(hits_come_and_go),
        CASE(mail_is_remembered),
        CASE(another_identity_is_refused),
        CASE(one_process_is_at_work),
        CASE(a_crash_leaves_whole_transactions),
        CASE(nothing_secret_stands_in_the_file),
        CASE(a_damaged_vault_is_told),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("vault_store", tests, NULL, NULL);
}
