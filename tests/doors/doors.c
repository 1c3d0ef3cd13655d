/*
 * What strangers cost a server. In three processes: a server, strangers who know no key, and agencies that go on asking
 * meanwhile. Prints the server's memory, descriptors, processor time, log, and how long the agencies waited, without
 * the strangers and with them.
 *
 *   doors [--library] KIND COUNT ADDRESSES SECONDS
 *
 * KIND: silent (says nothing), greets (and then nothing), partial (announces 3 MiB, sends less), slow (a byte a
 * second), garbage (a handshake of random bytes), mixed; flood: no strangers, but 63 agencies that ask and one that
 * does so without a pause on COUNT connections (ADDRESSES means nothing then). Each of COUNT connections, from
 * ADDRESSES addresses, comes again every 10 seconds if it was closed. --library: the server is nanomsg's, as
 * Concord's was: the control.
 */
#include "protocol/base/clock.h"
#include "protocol/channel/session.h"
#include "protocol/identity/identity.h"
#include "protocol/rpc/rpc.h"
#include "tests/unit/sp_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define AGENCIES_MAX 63  /* beside who floods; four elsewhere */
#define AGENCIES_MS 1.25 /* each of them pauses that long, times their number */
#define SAMPLES_MAX 20000
#define AGAIN_MS 10000
#define FLOODED 1000 /* answers to who floods */
#define PATIENCE_MS 40000
#define ANNOUNCED (3u << 20)
#define FEW                                                                                                            \
    500 /* so many partial connections send all but the last 100 bytes; more of them would be a test of the loopback */
#define LOG_PATH "/proc/self/fd/2"

static struct identity server_identity, agency[AGENCIES_MAX + 1]; /* the last one floods */
static size_t agencies = 4;

static uint16_t port;
static char url[64];

static _Noreturn void give_up(const char *what)
{
    perror(what);
    _exit(2);
}

/* --- the server --- */

static int authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                     struct err *err)
{
    (void)context;
    memset(psk, 0, 32);
    for (size_t i = 0; i <= AGENCIES_MAX; i++)
        if (memcmp(channel, agency[i].party.channel, 32) == 0) {
            strcpy(name, agency[i].party.name);
            return 0;
        }
    return err_set(err, ERR_DENIED, "a key that is not in the manifest");
}

static void echo(void *context, struct rpc_request *request)
{
    const struct span body = rpc_request_body(request);
    (void)context;
    rpc_reply(request, body.data, body.len);
}

static void serve(void)
{
    struct err err;
    struct rpc_server *server = NULL;
    const struct rpc_server_options options = {
        .url = url, .identity = &server_identity, .authorise = authorise, .handle = echo, .workers = 2};
    if (rpc_server_start(&server, &options, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        _exit(2);
    }
    for (;;)
        pause();
}

/* As it was: what nobody can read is answered by a notice. */
static void serve_by_library(void)
{
    const struct rlimit usual = {1024, 1024};
    const int size = ANNOUNCED + 1024;
    setrlimit(RLIMIT_NOFILE, &usual);
    int s = nn_socket(AF_SP_RAW, NN_REP);
    if (nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVMAXSIZE, &size, sizeof size) != 0 || nn_bind(s, url) < 0)
        give_up("nanomsg");
    for (;;) {
        void *body = NULL, *control = NULL;
        struct nn_iovec iov = {.iov_base = &body, .iov_len = NN_MSG};
        struct nn_msghdr header = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = NN_MSG};
        if (nn_recvmsg(s, &header, 0) < 0)
            continue;
        fprintf(
            stderr,
            "time=2026-11-27T00:00:00Z level=warn event=handshake-refused reason=\"a message does not authenticate\"\n");
        memcpy(body, "\4\3", 2);
        if (nn_sendmsg(s, &header, NN_DONTWAIT) < 0) {
            nn_freemsg(body);
            nn_freemsg(control);
        }
    }
}

/* --- the strangers --- */

enum kind { SILENT, GREETS, PARTIAL, SLOW, GARBAGE, KINDS, FLOOD };
static const char *const kind_names[] = {"silent", "greets", "partial", "slow", "garbage", "mixed", "flood"};

static enum kind kind;
static size_t count, addresses;
static unsigned seconds; /* of each measurement */
/* shared: */
static size_t *came;  /* connections that strangers got, or replies to who floods */
static size_t *tried; /* that they tried to get */

struct stranger {
    int fd;
    bool coming; /* connecting; its system tries again by itself if nobody answers */
    enum kind kind;
    size_t left;    /* bytes it means to send */
    uint64_t next;  /* when it does something again */
    uint64_t again; /* when it comes again if it was closed */
};

static void source_of(char out[80], size_t i)
{
    const size_t n = i % addresses + 1;
    snprintf(out, 80, "127.%zu.%zu.%zu", 1 + n / 62500, n / 250 % 250, 1 + n % 250);
}

static void come(struct stranger *s, size_t i)
{
    char source[80];
    const int on = 1;
    source_of(source, i);
    const struct sockaddr_in to = sp_test_address("127.0.0.1", port), from = sp_test_address(source, 0);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (s->fd < 0 || setsockopt(s->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) != 0 ||
        bind(s->fd, (const struct sockaddr *)&from, sizeof from) != 0 ||
        (connect(s->fd, (const struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS))
        give_up("a stranger");
    (void)setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (*tried)++;
    s->coming = true;
    s->left = 0;
}

/* Once it is connected. */
static void begin(struct stranger *s, size_t i)
{
    uint8_t out[2048] = {0};
    struct pollfd ready = {.fd = s->fd, .events = POLLOUT};
    if (poll(&ready, 1, 0) == 0)
        return;
    (*came)++;
    s->coming = false;
    if (s->kind != SILENT)
        sp_test_greet(s->fd, SP_REQ);
    if (s->kind == PARTIAL) {
        bytes_put_u64be(out, ANNOUNCED);
        out[8] = 0x80;
        sp_test_write(s->fd, out, 1024);
        s->left = count <= FEW ? ANNOUNCED - 1024 - 100 : 32768;
    } else if (s->kind == SLOW) {
        bytes_put_u64be(out, 101);
        sp_test_write(s->fd, out, 8);
        s->left = 100;
    } else if (s->kind == GARBAGE) {
        uint8_t body[FRAME_HANDSHAKE1_SIZE] = {FRAME_HANDSHAKE1};
        randombytes_buf(body + 1, sizeof body - 1);
        sp_test_write(s->fd, out, sp_test_message(out, (uint32_t)i, body, sizeof body));
    }
}

static void go_on(struct stranger *s, size_t i, uint64_t now)
{
    static const uint8_t zeros[65536];
    uint8_t in[256];
    if (s->coming)
        begin(s, i);
    if (s->coming) {
        s->next = now + 200;
        return;
    }
    ssize_t got = recv(s->fd, in, sizeof in, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        close(s->fd);
        s->fd = -1;
        return;
    }
    size_t len = s->kind == SLOW ? (s->left > 0) : s->left < sizeof zeros ? s->left : sizeof zeros;
    ssize_t sent = len > 0 ? send(s->fd, zeros, len, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
    if (sent > 0)
        s->left -= (size_t)sent;
    s->next = now + (s->kind == PARTIAL && s->left > 0 ? 20 : 1000);
}

/* Strangers have machines of their own: here they take what server and agencies leave, with `chrt -f 20` or without. */
static void give_way(void)
{
    const struct sched_param last = {.sched_priority = 1};
    if (sched_getscheduler(0) == SCHED_FIFO)
        (void)sched_setscheduler(0, SCHED_FIFO, &last);
    else
        (void)setpriority(PRIO_PROCESS, 0, 5);
}

/* Busy is an answer, too: the client waits then, and asks again. */
static void *ask_on(void *context)
{
    static const uint8_t request[200] = {1};
    struct rpc_client *client = context;
    for (;;) {
        struct buf reply = buf_of(1000);
        if (rpc_call(client, span_of(request, sizeof request), &reply, ERR_IGNORED) == 0)
            __atomic_add_fetch(came, 1, __ATOMIC_RELAXED);
        buf_free(&reply);
    }
    return NULL;
}

static _Noreturn void flood(void)
{
    struct rpc_client_options options = {.url = url, .identity = &agency[AGENCIES_MAX], .peer_name = "server"};
    memcpy(options.peer_channel, server_identity.party.channel, 32);
    for (size_t i = 0; i < count; i++) {
        struct rpc_client *client;
        pthread_t thread;
        if (rpc_client_open(&client, &options, ERR_IGNORED) != 0 || pthread_create(&thread, NULL, ask_on, client) != 0)
            give_up("flood");
    }
    for (;;)
        pause();
}

/* The first time, all come within half of the time that is measured, or of the time until they come again. */
static void attack(void)
{
    const uint64_t within = seconds < AGAIN_MS / 500 ? 500u * seconds : AGAIN_MS;
    const struct rlimit files = {count + 100, count + 100};
    struct stranger *all = calloc(count, sizeof *all);
    if (all == NULL || setrlimit(RLIMIT_NOFILE, &files) != 0)
        give_up("strangers");
    give_way();
    if (kind == FLOOD)
        flood();
    const uint64_t start = clock_monotonic_ms();
    for (size_t i = 0; i < count; i++)
        all[i] = (struct stranger){
            .fd = -1, .kind = kind == KINDS ? (enum kind)(i % KINDS) : kind, .again = start + i * within / count};
    for (;; clock_sleep_ms(1)) {
        const uint64_t now = clock_monotonic_ms();
        for (size_t i = 0; i < count; i++) {
            struct stranger *s = &all[i];
            if (s->fd < 0 && now >= s->again) {
                come(s, i);
                s->next = now + 2;
                s->again = now + AGAIN_MS;
            } else if (s->fd >= 0 && now >= s->next) {
                go_on(s, i, now);
            }
        }
    }
}

/* --- the agencies --- */

struct load {
    pthread_t thread;
    const struct identity *who;
    uint32_t *micros; /* shared: one for each request */
    size_t count, failed;
};

static _Atomic bool asking_ends;

static void *ask(void *context)
{
    struct load *load = context;
    struct rpc_client *client = NULL;
    uint8_t request[200] = {1};
    struct rpc_client_options options = {.url = url, .identity = load->who, .peer_name = "server"};
    memcpy(options.peer_channel, server_identity.party.channel, 32);
    if (rpc_client_open(&client, &options, ERR_IGNORED) != 0)
        give_up("client");
    struct buf first = buf_of(1000); /* all shake hands at once here, which is another matter */
    if (rpc_call(client, span_of(request, sizeof request), &first, ERR_IGNORED) != 0)
        load->failed++;
    buf_free(&first);
    while (!asking_ends && load->count < SAMPLES_MAX) {
        struct err err;
        struct buf reply = buf_of(1000);
        const uint64_t start = clock_monotonic_us();
        if (rpc_call(client, span_of(request, sizeof request), &reply, &err) != 0) {
            fprintf(stdout, "an agency got no answer: %s\n", err.text);
            load->failed++;
        }
        load->micros[load->count++] = (uint32_t)(clock_monotonic_us() - start);
        buf_free(&reply);
        clock_sleep_ms((uint64_t)(AGENCIES_MS * (double)agencies));
        if (load->count % 200 == 0) { /* somebody who comes anew, too */
            rpc_client_close(client);
            if (rpc_client_open(&client, &options, ERR_IGNORED) != 0)
                give_up("client");
        }
    }
    rpc_client_close(client);
    return NULL;
}

/* --- measuring --- */

struct cost {
    size_t kib, files, requests, failed;
    double cpu;            /* of one core */
    uint32_t median, late; /* microseconds: half, and 1 of 100, wait longer */
};

static size_t memory_of(pid_t pid)
{
    char path[64], line[256];
    size_t kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        (void)(sscanf(line, "VmRSS: %zu", &kib) == 1);
    if (f != NULL)
        fclose(f);
    return kib;
}

static size_t files_of(pid_t pid)
{
    char path[64];
    size_t files = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *dir = opendir(path);
    while (dir != NULL && readdir(dir) != NULL)
        files++;
    if (dir != NULL)
        closedir(dir);
    return files > 2 ? files - 2 : 0;
}

/* Of all its threads; none of them ends. */
static double seconds_of(pid_t pid)
{
    char path[300];
    double sum = 0;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    for (struct dirent *task; dir != NULL && (task = readdir(dir)) != NULL;) {
        unsigned long long nanoseconds = 0;
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/schedstat", pid, task->d_name);
        FILE *f = fopen(path, "r");
        if (f != NULL && fscanf(f, "%llu", &nanoseconds) == 1)
            sum += (double)nanoseconds / 1e9;
        if (f != NULL)
            fclose(f);
    }
    if (dir != NULL)
        closedir(dir);
    return sum;
}

static int by_size(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* On a busy machine it takes longer until all strangers have tried. */
static bool is_attacked(void)
{
    return kind == FLOOD ? *came >= FLOODED : *tried >= count;
}

/* For so long, and until that is so, with agencies asking or without. */
static struct cost measure(pid_t server, unsigned for_ms, bool (*until)(void), bool asking)
{
    static uint32_t all[AGENCIES_MAX * SAMPLES_MAX];
    struct load load[AGENCIES_MAX];
    struct cost cost = {0};
    const uint64_t start = clock_monotonic_ms();
    uint64_t took = 0;
    const double began = seconds_of(server);
    asking_ends = false;
    for (size_t i = 0; i < agencies; i++) {
        load[i] = (struct load){.who = &agency[i], .micros = calloc(SAMPLES_MAX, sizeof(uint32_t))};
        if (load[i].micros == NULL || (asking && pthread_create(&load[i].thread, NULL, ask, &load[i]) != 0))
            give_up("agencies");
    }
    while (took < for_ms || (until != NULL && !until() && took < PATIENCE_MS)) {
        const size_t kib = memory_of(server), files = files_of(server);
        cost.kib = kib > cost.kib ? kib : cost.kib;
        cost.files = files > cost.files ? files : cost.files;
        clock_sleep_ms(100);
        took = clock_monotonic_ms() - start;
    }
    cost.cpu = (seconds_of(server) - began) / ((double)took / 1000);
    asking_ends = true;
    for (size_t i = 0; i < agencies; i++) {
        if (asking)
            pthread_join(load[i].thread, NULL);
        memcpy(all + cost.requests, load[i].micros, load[i].count * sizeof *all);
        cost.requests += load[i].count;
        cost.failed += load[i].failed;
        free(load[i].micros);
    }
    qsort(all, cost.requests, sizeof *all, by_size);
    cost.median = cost.requests > 0 ? all[cost.requests / 2] : 0;
    cost.late = cost.requests > 0 ? all[cost.requests * 99 / 100] : 0;
    return cost;
}

static void print_cost(const char *when, const struct cost *c)
{
    printf("%-10s %6zu KiB  %5zu files  %5.1f %% of a core  %6zu requests, %zu failed  median %u us  p99 %u us\n", when,
           c->kib, c->files, 100 * c->cpu, c->requests, c->failed, c->median, c->late);
    fflush(stdout);
}

static pid_t start(void (*run)(void), const char *log)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = open(log, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
        give_up(log);
    run();
    _exit(2);
}

static void make_parties(void)
{
    uint8_t seed[32] = {99};
    int rc = identity_from_seed(&server_identity, "server", seed, ERR_IGNORED);
    for (uint8_t i = 0; rc == 0 && i <= AGENCIES_MAX; i++) {
        char name[8];
        snprintf(name, sizeof name, "A%u", i);
        seed[0] = i;
        rc = identity_from_seed(&agency[i], name, seed, ERR_IGNORED);
    }
    if (rc != 0)
        give_up("identities");
}

int main(int argc, char **argv)
{
    const bool library = argc > 1 && strcmp(argv[1], "--library") == 0;
    char log[64];
    struct stat st = {0};
    argv += library;
    if (argc - library != 5 || sodium_init() < 0)
        return 2;
    while (kind < FLOOD && strcmp(argv[1], kind_names[kind]) != 0)
        kind++;
    agencies = kind == FLOOD ? AGENCIES_MAX : agencies;
    count = strtoul(argv[2], NULL, 10);
    addresses = strtoul(argv[3], NULL, 10);
    seconds = (unsigned)strtoul(argv[4], NULL, 10);
    make_parties();
    signal(SIGPIPE, SIG_IGN);
    port = sp_test_port();
    snprintf(url, sizeof url, "tcp://127.0.0.1:%u", port);
    snprintf(log, sizeof log, "/tmp/concord-doors-%d.log", getpid());
    const pid_t server = start(library ? serve_by_library : serve, log);
    clock_sleep_ms(300);
    const unsigned beside = seconds > 1 ? 1000 : 300; /* a sample takes no longer than it must */
    if (!library)
        (void)measure(server, beside, NULL, true);
    const struct cost before = measure(server, library ? beside : 1000 * seconds, NULL, !library);
    print_cost("alone", &before);
    came = mmap(NULL, 2 * sizeof *came, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (came == MAP_FAILED)
        give_up("shared memory");
    tried = came + 1;
    const pid_t strangers = start(attack, "/dev/null");
    const struct cost during = measure(server, 1000 * seconds, is_attacked, !library);
    print_cost(kind_names[kind], &during);
    kill(strangers, SIGKILL);
    waitpid(strangers, NULL, 0);
    const struct cost after = measure(server, beside, NULL, !library);
    print_cost("after", &after);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    stat(log, &st);
    unlink(log);
    printf(
        "doors: kind=%s connections=%zu tried=%zu came=%zu addresses=%zu memory=%zd files=%zu cpu=%.1f p99=%.2f failed=%zu log=%lld\n",
        kind_names[kind], count, *tried, *came, addresses, (ssize_t)during.kib - (ssize_t)before.kib, during.files,
        100 * (during.cpu - before.cpu), before.late > 0 ? (double)during.late / before.late : 0.0, during.failed,
        (long long)st.st_size);
    return 0;
}
