/*
 * A vault whose process is killed at each step that it takes on its files, one after the other; what it does then is
 * what a client does: it sends what it had left, enrols the feed again, sends. In the end the vault is whole, and the
 * matcher has what the vault says.
 */
#include "tests/unit/vault_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define LETTERS 26

/* What survives the process: how many steps it may take, and the matcher. */
static struct world {
    long steps, limit; /* 0: no limit */
    bool present[LETTERS];
    uint8_t answered[64]; /* by the first byte of a request's id */
    unsigned requests, repeated;
} * world;

static int64_t domain;
static struct vault_sending_options options;

/*
 * --- the kernel as the vault sees it: files keep what was written when a process is killed, so nothing need be synced
 * ---
 */

static void step(void)
{
    if (world != NULL && ++world->steps == world->limit)
        kill(getpid(), SIGKILL);
}

ssize_t write(int fd, const void *data, size_t len)
{
    step();
    return syscall(SYS_write, fd, data, len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    step();
    return syscall(SYS_pwrite64, fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off_t at)
{
    step();
    return syscall(SYS_pwrite64, fd, data, len, at);
}

int ftruncate(int fd, off_t len)
{
    step();
    return (int)syscall(SYS_ftruncate, fd, len);
}

int ftruncate64(int fd, off_t len)
{
    step();
    return (int)syscall(SYS_ftruncate, fd, len);
}

int fsync(int fd)
{
    (void)fd;
    step();
    return 0;
}

int fdatasync(int fd)
{
    (void)fd;
    step();
    return 0;
}

int unlink(const char *name)
{
    step();
    return (int)syscall(SYS_unlinkat, AT_FDCWD, name, 0);
}

/* --- a client in small --- */

static void open_vault(void)
{
    MUST(vault_open(&vault, path, secret, why));
    MUST(vault_lock(vault, why));
    MUST(vault_domain(vault, "persons", 1, &domain, why));
    for (size_t i = 0; i < SCHEMA_KEYS_MAX; i++)
        options.cap[i] = 2;
    options.slots = 2;
}

/* The request's body is letters. The same id again: it was answered before. */
static void deliver(const struct vault_request *r)
{
    world->requests++;
    if (memchr(world->answered, r->id[0], sizeof world->answered) != NULL)
        world->repeated++;
    world->answered[world->requests % sizeof world->answered] = r->id[0];
    for (size_t i = 0; i < r->body.len; i++)
        world->present[r->body.data[i] - 'a'] = r->type == WIRE_PUT;
    MUST(vault_begin(vault, why));
    MUST(vault_outbox_done(vault, r->id, span_of("receipt", 7), why));
    MUST(vault_commit(vault, why));
}

static void send_left(void)
{
    struct vault_request r = {.body = buf_of(1000)};
    bool found = true;
    while (found) {
        MUST(vault_outbox_next(vault, &r, &found, why));
        if (found)
            deliver(&r);
    }
    buf_free(&r.body);
}

/* A request for each tag: as many places to be killed in. */
static void send_tag(struct vault_sending *w, const struct vault_unsent *u)
{
    struct vault_request r = {.type = u->put ? WIRE_PUT : WIRE_REMOVE, .count = 1, .body = buf_of(10)};
    randombytes_buf(r.id, sizeof r.id);
    MUST(buf_put(&r.body, (const char[]){vault_test_letter(u->tag)}, 1, why));
    MUST(vault_outbox_write(vault, &r, why));
    MUST(vault_begin(vault, why));
    MUST(vault_outbox_put(vault, &r, why));
    MUST(vault_sending_stored(w, r.type, u->tag, why));
    MUST(vault_commit(vault, why));
    deliver(&r);
    buf_free(&r.body);
}

static void send_all(void)
{
    static struct vault_unsent u;
    uint64_t changes;
    send_left();
    MUST(vault_changes(vault, domain, &changes, why));
    while (changes > 0) {
        struct vault_sending *w;
        bool end = false;
        MUST(vault_sending_open(&w, vault, domain, &options, why));
        for (;;) {
            MUST(vault_sending_next(w, &u, &end, why));
            if (end)
                break;
            send_tag(w, &u);
        }
        MUST(vault_sending_finish(w, why));
        vault_sending_close(w);
        MUST(vault_changes(vault, domain, &changes, why));
    }
}

static void begin_record(void *context)
{
    *(size_t *)context = 0;
}

static int count_hit(void *context, const struct vault_hit *hit, struct err *err)
{
    (void)hit;
    (void)err;
    ++*(size_t *)context;
    return 0;
}

static int end_record(void *context, const struct vault_resolved *record, struct err *err)
{
    struct vault_match m = {.partner = "IDN", .handle = {1}, .keys = record->keys, .score = 50, .kind = 1};
    return vault_matches_put(vault, domain, &record->ref, record->id, &m, *(size_t *)context > 0, err);
}

static void take_mail(void)
{
    size_t hits;
    const struct vault_resolving steps = {&hits, begin_record, count_hit, end_record, NULL};
    uint8_t tag[WIRE_TAG_SIZE];
    uint64_t records = 0;
    vault_test_tag(tag, 'b');
    MUST(vault_begin(vault, why));
    MUST(vault_hit_put(vault, domain, "IDN", tag, span_of("payload", 7), why));
    MUST(vault_mail_set(vault, &(struct vault_mail){.sequence = 7, .leaf = 3}, why));
    MUST(vault_commit(vault, why));
    MUST(vault_resolve(vault, domain, &steps, &records, why));
}

/*
 * T1 loses a tag that T2 keeps and one that nobody else has; T3 makes one crowded and goes again; runs are merged on
 * the way.
 */
static void work(void)
{
    static const char *const feed[][2] = {{"T1", "abcd"}, {"T2", "ce"}, {"T3", "bce"}, {"T1", "bf"}, {"T4", "c"}};
    for (size_t i = 0; i < sizeof feed / sizeof feed[0]; i++) {
        vault_test_record(domain, feed[i][0], feed[i][1]);
        MUST(vault_settle(vault, why));
        if (i % 2 == 1)
            send_all();
    }
    for (char id[] = "U1"; id[1] < '9'; id[1]++) {
        vault_test_record(domain, id, "z");
        MUST(vault_settle(vault, why));
    }
    struct vault_ref three;
    bool same;
    if (vault_record_find(vault, domain, "T3", vault_test_digest, &three, &same, ERR_IGNORED) == 0)
        MUST(vault_record_remove(vault, domain, &three, why));
    MUST(vault_settle(vault, why));
    send_all();
    take_mail();
}

static void check_end(void)
{
    static const char letters[] = "bcef";
    struct vault_report report;
    struct vault_counts counts;
    MUST(vault_check(vault, &report, why));
    MUST(vault_count(vault, domain, &counts, why));
    assert_int_equal(counts.records, 11);
    assert_int_equal(counts.tags, 5);
    assert_int_equal(counts.unsent, 0);
    assert_int_equal(counts.matches, 1);
    for (int i = 0; i < LETTERS; i++)
        assert_int_equal(world->present[i], strchr(letters, 'a' + i) != NULL);
}

/* --- killed --- */

/* True: it came to the end before that many steps. */
static bool work_until(long limit)
{
    int status;
    world->steps = 0;
    world->limit = limit;
    pid_t child = fork();
    if (child == 0) {
        open_vault();
        work();
        vault_close(vault);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    world->limit = 0;
    assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
    return !WIFSIGNALED(status);
}

static void start_anew(void)
{
    vault_close(vault);
    vault = NULL;
    teardown(NULL);
    memset(world, 0, sizeof *world);
    assert_int_equal(setup(NULL), 0);
    vault_close(vault);
    vault = NULL;
}

static void killed_at_each_step_it_heals(void **state)
{
    (void)state;
    bool ended = false, all = getenv("VAULT_CRASH_ALL") != NULL; /* takes minutes */
    long steps = 0;
    for (long limit = 1; !ended; limit += all || limit < 60 ? 1 : 23) {
        start_anew();
        ended = work_until(limit);
        open_vault();
        if (!ended)
            work();
        check_end();
        steps = limit;
    }
    print_message("killed at steps 1 to %ld\n", steps);
    assert_true(steps > 300);
}

static void killed_twice_it_heals(void **state)
{
    (void)state;
    for (long limit = 40; limit < 400; limit += 90) {
        start_anew();
        work_until(limit);
        work_until(limit + 11);
        open_vault();
        work();
        check_end();
    }
}

int main(void)
{
    world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (world == MAP_FAILED || sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_at_each_step_it_heals, setup, teardown),
        cmocka_unit_test_setup_teardown(killed_twice_it_heals, setup, teardown),
    };
    return cmocka_run_group_tests_name("vault_crash", tests, NULL, NULL);
}
