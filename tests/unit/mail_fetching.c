/*
 * The mailbox batch by batch, from a matcher in small: the order, what is under way meanwhile, failures, breaking off.
 */
#include "client/mail/fetching.h"
#include "protocol/base/clock.h"
#include "protocol/group/group.h"
#include "tests/unit/region_test.h"

#include <stdatomic.h>
#include <unistd.h>

#define BATCH 3
#define WAIT_MS 10000

static struct region_test region;
static struct agency_config config; /* no pre-shared keys */
static struct agency agency;
static struct rpc_server *server;
static uint64_t last;                      /* the newest message */
static uint64_t fails_after, silent_after; /* fetching behind this one fails, or is not answered, if it is not 0 */
static atomic_uint asked, connections;     /* connections: handshakes */

static int authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                     struct err *err)
{
    (void)context;
    (void)channel;
    (void)err;
    strcpy(name, "AAA");
    memset(psk, 0, 32);
    connections++;
    return 0;
}

static void answer(struct buf *out, const struct wire_request *request, struct err *err)
{
    struct mailbox_message message[BATCH] = {{.sequence = 0}};
    struct fetch_reply reply = {.message = message};
    struct fetch_request fetch;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    int rc = fetch_request_decode(&fetch, request->body, err);
    for (uint64_t i = fetch.after + 1; rc == 0 && i <= last && reply.count < BATCH; i++)
        message[reply.count++] =
            (struct mailbox_message){.sequence = i, .kind = MAILBOX_WITHDRAWN, .purpose = "persons", .epoch = 1};
    reply.more = fetch.after + BATCH < last;
    const bool silent = silent_after > 0 && fetch.after >= silent_after;
    const bool fails = fails_after > 0 && fetch.after >= fails_after;
    if (rc == 0 && !silent && fails)
        rc = wire_failure_encode(out, request->type, request->id, WIRE_DENIED, "no more", err);
    else if (rc == 0 && !silent)
        rc = fetch_reply_encode(&body, &reply, err);
    if (rc == 0 && !silent && !fails)
        rc = wire_reply_encode(out, request->type, request->id, buf_span(&body), err);
    if (rc != 0)
        buf_clear(out);
    buf_free(&body);
}

static void handle(void *context, struct rpc_request *request)
{
    struct err err = {.text = ""};
    struct wire_request in;
    struct buf out = buf_of(RPC_MESSAGE_MAX);
    (void)context;
    asked++;
    if (wire_request_decode(&in, rpc_request_body(request), &err) == 0 && in.type == WIRE_FETCH)
        answer(&out, &in, &err);
    if (out.len > 0)
        rpc_reply(request, out.data, out.len);
    else
        rpc_drop(request);
    buf_free(&out);
}

static int setup(void **state)
{
    static char url[128];
    (void)state;
    region_test_new(&region);
    snprintf(url, sizeof url, "ipc://%s/matcher", region.dir);
    snprintf(region.region->matcher_url, sizeof region.region->matcher_url, "%s", url);
    const struct rpc_server_options options = {
        .url = url, .identity = &region.matcher, .authorise = authorise, .handle = handle, .workers = 2};
    MUST(rpc_server_start(&server, &options, why));
    agency = (struct agency){.config = &config, .identity = &region.agency[0], .region = region.region};
    asked = connections = 0;
    fails_after = silent_after = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rpc_client_close(agency.matcher);
    rpc_server_stop(server);
    region_test_end(&region);
    return 0;
}

static void wait_until_asked(unsigned times)
{
    for (int ms = 0; asked < times && ms < WAIT_MS; ms++)
        usleep(1000);
    assert_int_equal(asked, times);
}

/* Takes `batches` of them, from the message after this one on. */
static void take(struct fetching *f, uint64_t after, size_t batches)
{
    const struct fetch_reply *reply = NULL;
    for (size_t i = 0; i < batches; i++) {
        MUST(fetching_next(f, &reply, why));
        for (size_t k = 0; k < reply->count; k++)
            assert_int_equal(reply->message[k].sequence, ++after);
        assert_int_equal(reply->more, after < last);
    }
}

static void batches_come_in_order_and_each_once(void **state)
{
    struct fetching *f;
    (void)state;
    last = 3000 * BATCH + 5;
    MUST(fetching_new(&f, &agency, 5, why));
    take(f, 5, 3000);
    assert_int_equal(asked, 3000);
    fetching_free(f);
    assert_int_equal(asked, 3000);
}

/* One is under way while another is taken in, and no more than one. */
static void the_next_is_under_way_meanwhile(void **state)
{
    struct fetching *f;
    (void)state;
    last = 4 * BATCH;
    MUST(fetching_new(&f, &agency, 0, why));
    for (unsigned i = 1; i <= 4; i++) {
        take(f, (i - 1) * BATCH, 1);
        wait_until_asked(i < 4 ? i + 1 : 4);
        usleep(20000);
        assert_int_equal(asked, i < 4 ? i + 1 : 4);
    }
    fetching_free(f);
    assert_int_equal(connections, 2);
}

static void one_batch_takes_one_connection(void **state)
{
    struct fetching *f;
    const struct fetch_reply *reply;
    (void)state;
    for (last = 0; last <= BATCH; last += BATCH) {
        MUST(fetching_new(&f, &agency, 0, why));
        MUST(fetching_next(f, &reply, why));
        assert_int_equal(reply->count, last);
        fetching_free(f);
    }
    assert_int_equal(connections, 1);
    assert_int_equal(asked, 2);
}

/* What came before is as it was: the failure is told when it is its turn. */
static void a_failure_is_told_in_its_turn(void **state)
{
    struct fetching *f;
    const struct fetch_reply *reply;
    struct err err = {.text = ""};
    (void)state;
    last = 9 * BATCH;
    for (fails_after = 2 * BATCH; fails_after <= 4 * BATCH; fails_after += BATCH) {
        MUST(fetching_new(&f, &agency, 0, why));
        take(f, 0, fails_after / BATCH);
        assert_int_equal(fetching_next(f, &reply, &err), ERR_DENIED);
        assert_non_null(strstr(err.text, "no more"));
        fetching_free(f);
    }
}

/* A matcher that does not answer: it would be waited for for minutes. */
static void what_is_under_way_is_broken_off(void **state)
{
    struct fetching *f;
    (void)state;
    last = 9 * BATCH;
    silent_after = BATCH;
    MUST(fetching_new(&f, &agency, 0, why));
    take(f, 0, 1);
    wait_until_asked(2);
    const uint64_t before = clock_monotonic_ms();
    fetching_free(f);
    assert_true(clock_monotonic_ms() - before < 5000);
    fetching_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(batches_come_in_order_and_each_once, setup, teardown),
        cmocka_unit_test_setup_teardown(the_next_is_under_way_meanwhile, setup, teardown),
        cmocka_unit_test_setup_teardown(one_batch_takes_one_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_is_told_in_its_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_under_way_is_broken_off, setup, teardown),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("mail_fetching", tests, NULL, NULL);
}
