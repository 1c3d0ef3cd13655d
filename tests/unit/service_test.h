/* A region with its matcher or a custodian at work in this process, and agencies that ask it over the real channel. */
#ifndef TESTS_UNIT_SERVICE_TEST_H
#define TESTS_UNIT_SERVICE_TEST_H

#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/daemon/daemon.h"
#include "protocol/identity/identity.h"
#include "protocol/wire/statement.h"
#include "tests/unit/region_test.h"

struct service_test {
    struct region_test region;
    struct daemon_config config;
    struct daemon daemon;
    struct rpc_server *server;
    struct rpc_client *client;
    const struct identity *asker;
    struct buf message; /* what the last reply borrows */
};

/* Configures the daemon of this identity; its state lies in the region's directory. */
static inline void service_test_new(struct service_test *t, const struct identity *who)
{
    const struct daemon_config defaults = DAEMON_DEFAULTS;
    t->config = defaults;
    snprintf(t->config.manifest, sizeof t->config.manifest, "%s", t->region.path);
    snprintf(t->config.state, sizeof t->config.state, "%s/state", t->region.dir);
    snprintf(t->config.ledger, sizeof t->config.ledger, "%s/ledger", t->region.dir);
    MUST(dir_make(t->config.state, 0700, why));
    t->daemon = (struct daemon){.config = &t->config, .identity = *who};
    t->message = buf_of(RPC_MESSAGE_MAX);
    log_set_level(LOG_ERROR);
}

static inline void service_test_serve(struct service_test *t, const char *url, const struct daemon_service *service)
{
    const struct rpc_server_options options = {.url = url,
                                               .identity = &t->daemon.identity,
                                               .authorise = service->authorise,
                                               .handle = service->handle,
                                               .context = service->context,
                                               .workers = 2};
    MUST(rpc_server_start(&t->server, &options, why));
}

/* From now on it is this party that asks. */
static inline void service_test_ask_as(struct service_test *t, const struct identity *who, const char *url)
{
    struct rpc_client_options options = {.url = url, .identity = who, .peer_name = "peer", .timeout_ms = 60000};
    memcpy(options.peer_channel, t->daemon.identity.party.channel, 32);
    t->asker = who;
    rpc_client_close(t->client);
    MUST(rpc_client_open(&t->client, &options, why));
}

/* Signs the request as it is, by who asks. */
static inline void service_test_sign(const struct service_test *t, struct wire_request *request)
{
    struct wire_ends ends = {.region = t->region.region->name};
    party_digest(ends.peer, &t->daemon.identity.party);
    party_digest(ends.sender, &t->asker->party);
    wire_request_sign(request, &ends, t->asker->sign_secret);
}

/* The request, signed now by who asks if its type is signed. The number is its id; purpose NULL: it is about none. */
static inline struct wire_request service_test_request(const struct service_test *t, enum wire_type type,
                                                       uint64_t number, const char *purpose, uint32_t epoch,
                                                       const struct buf *body)
{
    struct wire_request request = {.type = type, .body = buf_span(body)};
    bytes_put_u64be(request.id, number);
    if (!wire_type_signed(type))
        return request;
    request.time = clock_now();
    request.scope_count = purpose != NULL;
    request.scope[0].epoch = epoch;
    snprintf(request.scope[0].purpose, sizeof request.scope[0].purpose, "%s", purpose != NULL ? purpose : "");
    service_test_sign(t, &request);
    return request;
}

static inline int service_test_call(struct service_test *t, enum wire_type type, uint64_t number, const char *purpose,
                                    uint32_t epoch, const struct buf *body, struct wire_reply *reply, struct err *err)
{
    const struct wire_request request = service_test_request(t, type, number, purpose, epoch, body);
    return wire_call(t->client, "peer", &request, &t->message, reply, err);
}

static inline void service_test_stop(struct service_test *t)
{
    rpc_client_close(t->client);
    t->client = NULL;
    rpc_server_stop(t->server);
    t->server = NULL;
}

static inline void expect_refusal(int rc, int code, const struct err *err, const char *text)
{
    if (rc != code || strstr(err->text, text) == NULL)
        fail_msg("got %d '%s', expected %d '%s'", rc, rc != 0 ? err->text : "", code, text);
}

#endif
