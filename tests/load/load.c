/*
 * Many agencies at a real matcher at once, each with its key, its signed requests and its own pace; then one of them
 * floods. Says how long the others wait, how even their shares are, whether an answer was lost, and whether what was
 * acknowledged is there.
 *
 *   load [--sample] MATCHER SECONDS
 *
 * MATCHER: the program. SECONDS: of each of three measurements: calm (every agency pauses between requests), flood (the
 * same, and one more puts on FLOODERS connections without a pause, and without a back-off), rush (nobody pauses).
 * --sample: how long they waited, and how even it was, is no failure, since the machine is busy with other things.
 */
#define REGION_TEST_AGENCIES 64

#include "protocol/base/clock.h"
#include "protocol/rpc/rpc.h"
#include "protocol/wire/entry.h"
#include "protocol/wire/mailbox.h"
#include "protocol/wire/statement.h"
#include "protocol/wire/status.h"
#include "tests/unit/region_test.h"
#include "tests/unit/sp_test.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define AGENCIES (REGION_TEST_AGENCIES - 1) /* beside the one that floods */
#define FLOODER AGENCIES
#define FLOODERS 64
#define FLOOD_ENTRIES WIRE_CHANGE_MAX /* as many as a PUT may have */
#define ENTRIES 32                    /* of a PUT */
#define SHARED 4                      /* of them, tags that others have, too */
#define PAYLOAD 200                   /* of an entry with four slots */
#define QUESTION 16                   /* tags of a QUERY */
#define PAUSE_MS 250
#define SAMPLES 65536
#define TRIES 40 /* of a request that is told to come again, or whose connection ended */
#define FAIR 0.8
#define SLOWER_MAX 2.0

struct agency {
    pthread_t thread;
    const struct identity *who;
    size_t number;
    uint64_t acknowledged, requests, busy, lost; /* entries that were added; in all */
    uint64_t rushed;                             /* requests in the rush */
    uint64_t seen;                               /* of the mailbox */
    uint32_t *micros;
    size_t samples;
    struct rpc_client *client;
    struct buf message;
};

enum phase { WARM, CALM, FLOOD, RUSH, PHASES, OVER };

static struct region_test region;
static uint16_t port;
static struct agency agency[AGENCIES];
static _Atomic enum phase phase;
static _Atomic uint64_t flooded, flood_refused;
static uint32_t all[AGENCIES * SAMPLES];

static _Noreturn void give_up(const char *what, const struct err *err)
{
    fprintf(stderr, "load: %s: %s\n", what, err->text);
    _exit(2);
}

/* --- the matcher, a process of its own --- */

static void make_region(void)
{
    char path[160];
    struct err err;
    region_test_new(&region);
    snprintf(path, sizeof path, "%s/identity.key", region.dir);
    if (identity_create(path, "matcher", NULL, &err) != 0 || identity_load(&region.matcher, path, NULL, &err) != 0)
        give_up("identity", &err);
    region.region->matcher = region.matcher.party;
    snprintf(region.region->matcher_url, sizeof region.region->matcher_url, "tcp://127.0.0.1:%u",
             port = sp_test_port());
    snprintf(path, sizeof path, "%s/matcher.conf", region.dir);
    if (file_write(path, "", 0, 0644, &err) != 0)
        give_up("configuration", &err);
    for (size_t p = 0; p < TEST_REGION_PURPOSES; p++)
        region.region->purposes[p].limits = (struct region_limits){.daily = 1000000000,
                                                                   .meets = 1000000000,
                                                                   .asks = 1000000000,
                                                                   .judgements = 6,
                                                                   .entries = 1000000000,
                                                                   .mailbox = 1000000000,
                                                                   .letters = 1000};
    region_test_write(&region, TEST_COORDINATORS);
}

static pid_t start_matcher(const char *program)
{
    char config[160], identity[160], state[160], ledger[160], log[160];
    snprintf(config, sizeof config, "%s/matcher.conf", region.dir);
    snprintf(identity, sizeof identity, "%s/identity.key", region.dir);
    snprintf(state, sizeof state, "%s/state", region.dir);
    snprintf(ledger, sizeof ledger, "%s/ledger", region.dir);
    snprintf(log, sizeof log, "%s/log", region.dir);
    const pid_t pid = fork();
    if (pid != 0) {
        int s = -1;
        for (int i = 0; i < 600 && (s = sp_test_connect(NULL, port)) < 0; i++)
            clock_sleep_ms(50);
        close(s);
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (freopen(log, "w", stderr) == NULL)
        _exit(2);
    execl(program, program, "run", "--config", config, "--identity", identity, "--manifest", region.path, "--state",
          state, "--ledger", ledger, (char *)NULL);
    _exit(127);
}

static struct rpc_client *connect_as(const struct identity *who, unsigned attempts)
{
    struct err err;
    struct rpc_client *client;
    struct rpc_client_options options = {.url = region.region->matcher_url,
                                         .identity = who,
                                         .peer_name = "matcher",
                                         .timeout_ms = 20000,
                                         .attempts = attempts};
    memcpy(options.peer_channel, region.matcher.party.channel, 32);
    if (rpc_client_open(&client, &options, &err) != 0)
        give_up("client", &err);
    return client;
}

/* --- requests --- */

static void sign(struct wire_request *request, const struct identity *who)
{
    struct wire_ends ends = {.region = region.region->name};
    party_digest(ends.peer, &region.matcher.party);
    party_digest(ends.sender, &who->party);
    request->time = clock_now();
    wire_request_sign(request, &ends, who->sign_secret);
}

static struct wire_request request_of(enum wire_type type, const struct identity *who, bool scope, struct span body)
{
    struct wire_request request = {.type = type, .body = body, .scope_count = scope};
    if (scope)
        request.scope[0] = (struct wire_scope){"persons", 1};
    randombytes_buf(request.id, sizeof request.id);
    if (wire_type_signed(type))
        sign(&request, who);
    return request;
}

/* The same request until there is an answer: busy is one, and so is the end of a connection. */
static bool ask(struct agency *a, const struct wire_request *request, struct wire_reply *reply)
{
    struct err err;
    const uint64_t start = clock_monotonic_us();
    int rc = ERR_BUSY;
    for (int i = 0; i < TRIES && (rc == ERR_BUSY || rc == ERR_UNREACHABLE); i++) {
        rc = wire_call(a->client, "matcher", request, &a->message, reply, &err);
        a->busy += rc == ERR_BUSY;
    }
    a->requests++;
    a->rushed += phase == RUSH;
    if (a->samples < SAMPLES)
        a->micros[a->samples++] = (uint32_t)(clock_monotonic_us() - start);
    if (rc != 0) {
        fprintf(stderr, "load: %s got no answer to %s: %s\n", a->who->party.name, wire_type_name(request->type),
                err.text);
        a->lost++;
    }
    return rc == 0;
}

static int compare_tags(const void *x, const void *y)
{
    return memcmp(x, y, WIRE_TAG_SIZE);
}

/* Random ones, and before them some of the few that all choose from. */
static void make_tags(uint8_t (*tag)[WIRE_TAG_SIZE], size_t count, size_t shared)
{
    randombytes_buf(tag, count * WIRE_TAG_SIZE);
    qsort(tag, count, WIRE_TAG_SIZE, compare_tags);
    for (size_t i = 0; i < shared; i++) {
        memset(tag[i], 0, WIRE_TAG_SIZE);
        tag[i][WIRE_TAG_SIZE - 1] = (uint8_t)(i * 256 / SHARED + randombytes_uniform(256 / SHARED));
    }
}

static void encode_put(struct buf *body, size_t count, size_t shared)
{
    static const uint8_t payloads[FLOOD_ENTRIES * PAYLOAD] = {1};
    uint8_t tag[FLOOD_ENTRIES][WIRE_TAG_SIZE];
    struct err err;
    make_tags(tag, count, shared);
    const struct put_request put = {
        .entries = {span_of(tag, count * WIRE_TAG_SIZE), PAYLOAD, span_of(payloads, count * PAYLOAD)}};
    buf_clear(body);
    if (put_request_encode(body, &put, &err) != 0)
        give_up("PUT", &err);
}

static void put(struct agency *a, struct buf *body)
{
    struct wire_reply reply;
    struct put_reply done;
    encode_put(body, ENTRIES, SHARED);
    const struct wire_request request = request_of(WIRE_PUT, a->who, true, buf_span(body));
    if (ask(a, &request, &reply) && put_reply_decode(&done, reply.body, ERR_IGNORED) == 0)
        a->acknowledged += done.added;
}

static void query(struct agency *a, struct buf *body)
{
    static const uint8_t payloads[QUESTION * PAYLOAD] = {2};
    uint8_t tag[QUESTION][WIRE_TAG_SIZE];
    struct wire_reply reply;
    struct err err;
    make_tags(tag, QUESTION, 0);
    const struct query_request question = {
        .batch = {{span_of(tag, sizeof tag), PAYLOAD, span_of(payloads, sizeof payloads)}}, .count = 1};
    buf_clear(body);
    if (query_request_encode(body, &question, &err) != 0)
        give_up("QUERY", &err);
    const struct wire_request request = request_of(WIRE_QUERY, a->who, true, buf_span(body));
    (void)ask(a, &request, &reply);
}

static void fetch(struct agency *a, struct buf *body)
{
    struct wire_reply reply;
    struct fetch_reply mail;
    struct err err;
    buf_clear(body);
    if (fetch_request_encode(body, &(struct fetch_request){a->seen, 256}, &err) != 0)
        give_up("FETCH", &err);
    const struct wire_request request = request_of(WIRE_FETCH, a->who, false, buf_span(body));
    if (!ask(a, &request, &reply) || fetch_reply_decode(&mail, reply.body, &err) != 0)
        return;
    if (mail.count > 0)
        a->seen = mail.message[mail.count - 1].sequence;
    fetch_reply_free(&mail);
}

/* Entries that the matcher has of the agency. */
static uint64_t entries_of(struct agency *a, struct buf *body)
{
    struct wire_reply reply;
    struct status_reply status;
    struct err err;
    uint64_t entries = UINT64_MAX;
    buf_clear(body);
    if (status_request_encode(body, &err) != 0)
        give_up("STATUS", &err);
    const struct wire_request request = request_of(WIRE_STATUS, a->who, false, buf_span(body));
    if (!ask(a, &request, &reply) || status_reply_decode(&status, reply.body, &err) != 0)
        return entries;
    for (size_t i = 0; i < status.purpose_count; i++)
        if (strcmp(status.purpose[i].name, "persons") == 0)
            entries = status.purpose[i].entries;
    status_reply_free(&status);
    return entries;
}

/* --- agencies --- */

static void *work(void *context)
{
    static void (*const kinds[])(struct agency *, struct buf *) = {put, query, fetch};
    struct agency *a = context;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    a->client = connect_as(a->who, 4);
    for (size_t i = 0; phase != OVER; i++) {
        kinds[i % 3](a, &body);
        if (phase != RUSH)
            clock_sleep_ms(PAUSE_MS / 2 + randombytes_uniform(PAUSE_MS));
    }
    const uint64_t held = entries_of(a, &body);
    if (held != a->acknowledged) {
        fprintf(stderr, "load: %s has %llu entries there, and %llu were acknowledged\n", a->who->party.name,
                (unsigned long long)held, (unsigned long long)a->acknowledged);
        a->lost++;
    }
    buf_free(&body);
    rpc_client_close(a->client);
    return NULL;
}

/* Large requests, one behind the other; who is told to come again comes again at once. */
static void *flood(void *context)
{
    const struct identity *who = &region.agency[FLOODER];
    struct rpc_client *client = connect_as(who, 1);
    struct buf body = buf_of(RPC_MESSAGE_MAX), message = buf_of(RPC_MESSAGE_MAX);
    (void)context;
    while (phase != OVER) {
        struct wire_reply reply;
        struct put_reply done;
        struct err err;
        if (phase != FLOOD) {
            clock_sleep_ms(20);
            continue;
        }
        encode_put(&body, FLOOD_ENTRIES, 0);
        const struct wire_request request = request_of(WIRE_PUT, who, true, buf_span(&body));
        int rc = wire_call(client, "matcher", &request, &message, &reply, &err);
        if (rc == 0)
            rc = put_reply_decode(&done, reply.body, &err);
        flooded++;
        flood_refused += rc != 0;
    }
    buf_free(&body);
    buf_free(&message);
    rpc_client_close(client);
    return NULL;
}

/* --- measuring --- */

struct wait {
    size_t requests;
    uint32_t median, late; /* microseconds */
};

static int by_size(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static struct wait measure(enum phase now, unsigned seconds, const char *name)
{
    size_t from[AGENCIES];
    struct wait wait = {0};
    for (size_t i = 0; i < AGENCIES; i++)
        from[i] = agency[i].samples;
    phase = now;
    clock_sleep_ms(1000u * seconds);
    for (size_t i = 0; i < AGENCIES; i++)
        for (size_t s = from[i]; s < agency[i].samples; s++)
            all[wait.requests++] = agency[i].micros[s];
    qsort(all, wait.requests, sizeof *all, by_size);
    if (wait.requests > 0) {
        wait.median = all[wait.requests / 2];
        wait.late = all[wait.requests * 99 / 100];
    }
    printf("%-6s %7zu requests in %u s, median %u us, p99 %u us\n", name, wait.requests, seconds, wait.median,
           wait.late);
    fflush(stdout);
    return wait;
}

/* Jain's index of what each got in the rush: 1 if all got the same, 1/n if one got it all. */
static double fairness(void)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < AGENCIES; i++) {
        sum += (double)agency[i].rushed;
        squares += (double)agency[i].rushed * (double)agency[i].rushed;
    }
    return squares > 0 ? sum * sum / (AGENCIES * squares) : 0;
}

static void start_agencies(pthread_t flooder[FLOODERS])
{
    for (size_t i = 0; i < AGENCIES; i++) {
        agency[i] = (struct agency){.who = &region.agency[i],
                                    .number = i,
                                    .micros = calloc(SAMPLES, sizeof(uint32_t)),
                                    .message = buf_of(RPC_MESSAGE_MAX)};
        if (agency[i].micros == NULL || pthread_create(&agency[i].thread, NULL, work, &agency[i]) != 0)
            _exit(2);
    }
    for (size_t i = 0; i < FLOODERS; i++)
        if (pthread_create(&flooder[i], NULL, flood, NULL) != 0)
            _exit(2);
}

static bool stop_matcher(pid_t matcher)
{
    int status = 0;
    kill(matcher, SIGTERM);
    return waitpid(matcher, &status, 0) == matcher && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    const bool sample = argc > 1 && strcmp(argv[1], "--sample") == 0;
    pthread_t flooder[FLOODERS];
    uint64_t requests = 0, busy = 0, lost = 0;
    argv += sample;
    if (argc - sample != 3 || group_init(ERR_IGNORED) != 0)
        return 2;
    const unsigned seconds = (unsigned)strtoul(argv[2], NULL, 10);
    signal(SIGPIPE, SIG_IGN);
    make_region();
    const pid_t matcher = start_matcher(argv[1]);
    start_agencies(flooder);
    (void)measure(WARM, 1, "warm");
    const struct wait calm = measure(CALM, seconds, "calm"), flooding = measure(FLOOD, seconds, "flood");
    (void)measure(RUSH, seconds, "rush");
    phase = OVER;
    for (size_t i = 0; i < FLOODERS; i++)
        pthread_join(flooder[i], NULL);
    for (size_t i = 0; i < AGENCIES; i++) {
        pthread_join(agency[i].thread, NULL);
        requests += agency[i].requests;
        busy += agency[i].busy;
        lost += agency[i].lost;
        buf_free(&agency[i].message);
        free(agency[i].micros);
    }
    const bool ended = stop_matcher(matcher);
    const double even = fairness(), slower = calm.late > 0 ? (double)flooding.late / calm.late : 0;
    const bool good = ended && lost == 0 && flooded > 0 && (sample || (even >= FAIR && slower < SLOWER_MAX));
    printf("load: %s agencies=%d requests=%llu busy=%llu lost=%llu p99=%.1fms flooded=x%.2f flood=%llu "
           "flood_refused=%llu fairness=%.3f\n",
           good ? "ok" : "FAILED", AGENCIES + 1, (unsigned long long)requests, (unsigned long long)busy,
           (unsigned long long)lost, calm.late / 1000.0, slower, (unsigned long long)flooded,
           (unsigned long long)flood_refused, even);
    region_test_end(&region);
    return good ? 0 : 1;
}
