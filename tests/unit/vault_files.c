/* What lies on the disk: what a thief can read in it, that damage is noticed, copies, another key. */
#include "protocol/base/file.h"
#include "tests/unit/vault_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define FILES_MAX 512
#define WINDOW 8

static int64_t domain;
static struct vault_sending_options options;

static void open_vault(void)
{
    MUST(vault_open(&vault, path, secret, why));
    MUST(vault_domain(vault, "persons", 1, &domain, why));
    for (size_t i = 0; i < SCHEMA_KEYS_MAX; i++)
        options.cap[i] = 3;
    options.slots = 3;
}

static int end_record(void *context, const struct vault_resolved *record, struct err *err)
{
    struct vault_match m = {.partner = "PARTNER-IN-CLEAR", .keys = record->keys, .score = 50, .kind = 1};
    (void)context;
    vault_test_fill(m.handle, HANDLE_SIZE, "HANDLE-IN-CLEAR!");
    return vault_matches_put(vault, domain, &record->ref, record->id, &m, 1, err);
}

static void begin_record(void *context)
{
    (void)context;
}

static int ignore_hit(void *context, const struct vault_hit *hit, struct err *err)
{
    (void)context;
    (void)hit;
    (void)err;
    return 0;
}

/* Something of each kind: sent, unsent, a request on its way, hits, a match, a decision, a receipt. */
static void fill_vault(void)
{
    static struct vault_unsent u;
    const struct vault_resolving steps = {NULL, begin_record, ignore_hit, end_record, NULL};
    struct vault_request r = {.id = {1}, .type = WIRE_PUT, .count = 1, .body = buf_of(100)};
    struct vault_sending *w;
    uint8_t tag[WIRE_TAG_SIZE];
    uint64_t records = 0;
    bool end = false;
    char id[48];
    for (int i = 0; i < 200; i++) {
        snprintf(id, sizeof id, "RECORD-ID-IN-CLEAR-%d", i);
        vault_test_record(domain, id, i % 2 == 0 ? "abc" : "cde");
    }
    vault_test_record(domain, "RECORD-ID-IN-CLEAR", "q");
    MUST(vault_settle(vault, why));
    MUST(vault_sending_open(&w, vault, domain, &options, why));
    while (!end)
        MUST(vault_sending_next(w, &u, &end, why));
    MUST(vault_sending_finish(w, why));
    vault_sending_close(w);
    vault_test_tag(tag, 'q');
    MUST(vault_hit_put(vault, domain, "PARTNER-IN-CLEAR", tag, span_of("PAYLOAD-IN-CLEAR", 16), why));
    MUST(vault_settle(vault, why));
    MUST(vault_resolve(vault, domain, &steps, &records, why));
    MUST(vault_review_put(vault, 1, REVIEW_CONFIRMED, "OFFICER-IN-CLEAR", "NOTE-IN-CLEAR", why));
    MUST(vault_receipt_put(vault, span_of("RECEIPT-IN-CLEAR", 16), why));
    MUST(buf_put(&r.body, "REQUEST-IN-CLEAR", 16, why));
    MUST(vault_outbox_write(vault, &r, why));
    MUST(vault_begin(vault, why));
    MUST(vault_outbox_put(vault, &r, why));
    MUST(vault_commit(vault, why));
    buf_free(&r.body);
    vault_test_record(domain, "RECORD-ID-IN-CLEAR-UNSENT", "s");
    MUST(vault_settle(vault, why));
}

/* --- the files of a directory --- */

struct files {
    char name[FILES_MAX][320];
    struct buf bytes[FILES_MAX];
    size_t count;
};

static void files_read(struct files *out, const char *from)
{
    DIR *d = opendir(from);
    struct dirent *entry;
    assert_non_null(d);
    out->count = 0;
    while ((entry = readdir(d)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        assert_true(out->count < FILES_MAX);
        size_t i = out->count++;
        snprintf(out->name[i], sizeof out->name[i], "%s/%s", from, entry->d_name);
        out->bytes[i] = buf_of(64u << 20);
        MUST(file_read(&out->bytes[i], out->name[i], why));
    }
    closedir(d);
}

static void files_free(struct files *f)
{
    for (size_t i = 0; i < f->count; i++)
        buf_free(&f->bytes[i]);
}

static bool files_hold(const struct files *f, const void *needle, size_t len)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->bytes[i].len > 0 && memmem(f->bytes[i].data, f->bytes[i].len, needle, len) != NULL)
            return true;
    return false;
}

/* --- what a thief reads --- */

static void check_nothing_in_clear(void)
{
    static const char *const words[] = {
        "IN-CLEAR", "PSEUDONY",     "persons",       "qqqqqqqq", "qQqQqQqQ",
        "sSsSsSsS", "CREATE TABLE", "SQLite format", "INTEGER",
    };
    static struct files f;
    files_read(&f, path);
    assert_true(f.count >= 8);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (files_hold(&f, words[i], strlen(words[i])))
            fail_msg("%s stands in a file", words[i]);
    assert_false(files_hold(&f, secret, 8));
    assert_true(files_hold(&f, "concord-vault", 13)); /* that something would be found */
    files_free(&f);
}

static void nothing_stands_in_the_files(void **state)
{
    (void)state;
    fill_vault();
    check_nothing_in_clear();
    /* In the middle of a transaction, with its journal. */
    MUST(vault_begin(vault, why));
    for (int i = 0; i < 2000; i++)
        MUST(vault_receipt_put(vault, span_of("RECEIPT-IN-CLEAR", 16), why));
    check_nothing_in_clear();
    MUST(vault_commit(vault, why));
    vault_close(vault);
    vault = NULL;
    check_nothing_in_clear();
    open_vault();
}

static int by_window(const void *a, const void *b)
{
    return memcmp(a, b, WINDOW);
}

static uint8_t (*windows(const struct files *f, size_t *count))[WINDOW]
{
    size_t room = 0;
    for (size_t i = 0; i < f->count; i++)
        room += f->bytes[i].len;
    uint8_t(*out)[WINDOW] = calloc(room + 1, WINDOW);
    assert_non_null(out);
    *count = 0;
    for (size_t i = 0; i < f->count; i++)
        for (size_t at = strstr(f->name[i], "/head") != NULL ? 20 : 0; at + WINDOW <= f->bytes[i].len; at++)
            if (memcmp(f->bytes[i].data + at, "\0\0\0\0\0\0\0\0", WINDOW) != 0)
                memcpy(out[(*count)++], f->bytes[i].data + at, WINDOW);
    qsort(out, *count, WINDOW, by_window);
    return out;
}

static size_t common(const char *one, const char *other)
{
    static struct files f, g;
    size_t n, m, found = 0;
    files_read(&f, one);
    files_read(&g, other);
    uint8_t(*a)[WINDOW] = windows(&f, &n), (*b)[WINDOW] = windows(&g, &m);
    for (size_t i = 0, k = 0; i < n && k < m;) {
        int order = memcmp(a[i], b[k], WINDOW);
        found += order == 0;
        i += order <= 0;
        k += order > 0;
    }
    assert_true(n > 100000 && m > 100000);
    free(a);
    free(b);
    files_free(&f);
    files_free(&g);
    return found;
}

/*
 * Of one identity, with the same records. By chance, two of these windows agree once in some ten million of such pairs
 * of vaults.
 */
static void two_vaults_have_nothing_in_common(void **state)
{
    (void)state;
    char first[96], second[96];
    fill_vault();
    vault_close(vault);
    strcpy(first, path);
    snprintf(second, sizeof second, "%s/second", dir);
    strcpy(path, second);
    open_vault();
    fill_vault();
    vault_close(vault);
    vault = NULL;
    assert_int_equal(common(first, second), 0);
    assert_true(common(first, first) > 100000); /* that it would be found */
    open_vault();
}

/* --- damage --- */

static int try_vault(void)
{
    struct vault_report report;
    struct vault *v = NULL;
    struct err err;
    int rc = vault_open(&v, path, secret, &err);
    if (rc == 0)
        rc = vault_check(v, &report, &err);
    vault_close(v);
    return rc;
}

static void flip(const char *name, size_t at, unsigned bit)
{
    uint8_t byte;
    int fd = open(name, O_RDWR);
    assert_true(fd >= 0 && pread(fd, &byte, 1, (off_t)at) == 1);
    byte ^= (uint8_t)(1u << bit);
    assert_true(pwrite(fd, &byte, 1, (off_t)at) == 1);
    close(fd);
}

/* Of small files each byte, of large ones some hundred, the first and last among them. */
static void each_flipped_bit_is_noticed(void **state)
{
    (void)state;
    static struct files f;
    size_t tried = 0;
    fill_vault();
    vault_close(vault);
    vault = NULL;
    assert_int_equal(try_vault(), 0);
    files_read(&f, path);
    for (size_t i = 0; i < f.count; i++) {
        size_t len = f.bytes[i].len, apart = len / 150 + 1;
        for (size_t at = 0; at < len; at = at + apart < len || at == len - 1 ? at + apart : len - 1, tried++) {
            flip(f.name[i], at, (unsigned)(at * 7 + i) % 8);
            if (try_vault() == 0)
                fail_msg("a bit of byte %zu of %s was flipped, and nothing noticed it", at, f.name[i]);
            flip(f.name[i], at, (unsigned)(at * 7 + i) % 8);
        }
    }
    assert_true(tried > 700);
    assert_int_equal(try_vault(), 0);
    files_free(&f);
    open_vault();
}

/* Cut off, made longer, put in the place of another, missing. */
static void foreign_files_are_noticed(void **state)
{
    (void)state;
    char foreign[PATH_LIMIT], half[PATH_LIMIT];
    fill_vault();
    vault_close(vault);
    vault = NULL;
    snprintf(half, sizeof half, "%s/head.x7Uk2p", path); /* of a change of identity that was killed */
    MUST(file_write(half, "x", 1, 0600, why));
    assert_int_equal(try_vault(), 0);
    assert_int_not_equal(access(half, F_OK), 0);
    snprintf(half, sizeof half, "%s/0123456789abcdef0123456789abcdef.run.kept", path); /* of a backup under way */
    MUST(file_write(half, "x", 1, 0600, why));
    int lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    assert_int_equal(try_vault(), 0);
    assert_int_equal(access(half, F_OK), 0);
    close(lock); /* it was killed */
    assert_int_equal(try_vault(), 0);
    assert_int_not_equal(access(half, F_OK), 0);
    snprintf(foreign, sizeof foreign, "%s/notes", path);
    MUST(file_write(foreign, "x", 1, 0600, why));
    assert_int_equal(try_vault(), ERR_VERIFY);
    unlink(foreign);
    assert_int_equal(try_vault(), 0);
}

static void other_damage_is_noticed(void **state)
{
    (void)state;
    static struct files f;
    fill_vault();
    vault_close(vault);
    vault = NULL;
    files_read(&f, path);
    for (size_t i = 0; i < f.count; i++) {
        if (f.bytes[i].len == 0)
            continue;
        MUST(file_write(f.name[i], f.bytes[i].data, f.bytes[i].len - 1, 0600, why));
        assert_int_not_equal(try_vault(), 0);
        MUST(buf_put(&f.bytes[i], "x", 1, why));
        MUST(file_write(f.name[i], f.bytes[i].data, f.bytes[i].len, 0600, why));
        assert_int_not_equal(try_vault(), 0);
        MUST(file_write(f.name[i], f.bytes[i].data, --f.bytes[i].len, 0600, why));
        size_t other = (i + 1) % f.count;
        if (strstr(f.name[i], ".run") == NULL || f.bytes[other].len == 0)
            continue;
        MUST(file_write(f.name[i], f.bytes[other].data, f.bytes[other].len, 0600, why));
        assert_int_not_equal(try_vault(), 0);
        unlink(f.name[i]);
        assert_int_not_equal(try_vault(), 0);
        MUST(file_write(f.name[i], f.bytes[i].data, f.bytes[i].len, 0600, why));
    }
    assert_int_equal(try_vault(), 0);
    files_free(&f);
    open_vault();
}

/* --- copies --- */

struct writing {
    atomic_bool stop;
    unsigned rounds;
};

static void *write_on(void *context)
{
    struct writing *w = context;
    struct vault *v;
    int64_t number;
    MUST(vault_open(&v, path, secret, why));
    MUST(vault_domain(v, "persons", 1, &number, why));
    for (; !w->stop; w->rounds++) {
        char id[32];
        struct vault_token token = {.key = 1};
        struct vault_record values = {.id = id};
        struct vault_ref record;
        snprintf(id, sizeof id, "W%u", w->rounds);
        randombytes_buf(token.token.seal_key, SEAL_KEY_SIZE);
        token_tag(token.token.tag, token.token.seal_key);
        MUST(vault_record_put(v, number, &values, &token, 1, &record, why));
        MUST(vault_settle(v, why));
    }
    vault_close(v);
    return NULL;
}

static void a_copy_is_of_one_point_while_others_write(void **state)
{
    (void)state;
    struct writing w = {.rounds = 0};
    struct vault_report report;
    struct vault *copy;
    pthread_t thread;
    uint64_t at;
    char to[112];
    fill_vault();
    vault_close(vault);
    open_vault();
    assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
    for (int i = 0; i < 5; i++) {
        snprintf(to, sizeof to, "%s/copy-%d", dir, i);
        usleep(50000);
        MUST(vault_backup(vault, to, why));
        MUST(vault_open(&copy, to, secret, why));
        MUST(vault_check(copy, &report, why));
        MUST(vault_backup_time(copy, &at, why));
        assert_true(at > 0 && report.records >= 202);
        vault_close(copy);
    }
    w.stop = true;
    pthread_join(thread, NULL);
    assert_true(w.rounds > 5);
    assert_int_not_equal(vault_backup(vault, to, ERR_IGNORED), 0); /* into nothing that is there */
    static struct files f;
    files_read(&f, path);
    for (size_t i = 0; i < f.count; i++)
        assert_null(strstr(f.name[i], ".kept"));
    files_free(&f);
}

/*
 * Whether another process would get the lock that a writer of the tables holds (SQLite's file format:
 * RESERVED_BYTE).
 */
static bool another_process_may_write(void)
{
    char tables[sizeof path + 8];
    int status = 0;
    snprintf(tables, sizeof tables, "%s/tables", path);
    const pid_t child = fork();
    if (child == 0) {
        struct flock reserved = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000001, .l_len = 1};
        const int fd = open(tables, O_RDWR | O_CLOEXEC);
        _exit(fd < 0 ? 2 : fcntl(fd, F_SETLK, &reserved) == 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 1;
}

static void *open_and_close(void *context)
{
    struct vault *other;
    (void)context;
    MUST(vault_open(&other, path, secret, why));
    vault_close(other);
    return NULL;
}

/* A process' locks on a file go when it closes any descriptor of it: the daemon's threads open the vault by turns. */
static void who_writes_keeps_others_out_whoever_opens_beside(void **state)
{
    (void)state;
    pthread_t thread;
    assert_true(another_process_may_write());
    MUST(vault_begin(vault, why));
    assert_false(another_process_may_write());
    assert_int_equal(pthread_create(&thread, NULL, open_and_close, NULL), 0);
    pthread_join(thread, NULL);
    assert_false(another_process_may_write());
    MUST(vault_commit(vault, why));
    assert_true(another_process_may_write());
}

static void another_key_takes_over(void **state)
{
    (void)state;
    const uint8_t other[32] = {9}, third[32] = {10};
    struct vault_ref record;
    bool same;
    fill_vault();
    vault_close(vault);
    vault = NULL;
    assert_int_equal(vault_rekey(path, third, other, ERR_IGNORED), ERR_VERIFY);
    MUST(vault_rekey(path, secret, other, why));
    assert_int_equal(try_vault(), ERR_VERIFY);
    MUST(vault_open(&vault, path, other, why));
    MUST(vault_domain(vault, "persons", 1, &domain, why));
    MUST(vault_record_find(vault, domain, "RECORD-ID-IN-CLEAR", vault_test_digest, &record, &same, why));
    assert_true(same);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(nothing_stands_in_the_files), CASE(two_vaults_have_nothing_in_common),
        CASE(each_flipped_bit_is_noticed), CASE(other_damage_is_noticed),
        CASE(foreign_files_are_noticed),   CASE(a_copy_is_of_one_point_while_others_write),
        CASE(another_key_takes_over),      CASE(who_writes_keeps_others_out_whoever_opens_beside),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("vault_files", tests, NULL, NULL);
}
