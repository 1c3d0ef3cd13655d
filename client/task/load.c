#include "client/task/load.h"

#include "client/agency/ledgers.h"
#include "client/agency/matcher.h"
#include "protocol/base/clock.h"
#include "protocol/wire/meeting.h"
#include "protocol/wire/status.h"

#include <sodium.h>
#include <string.h>

/* One request about one purpose, to be signed. */
static struct wire_request request_about(const struct agency_purpose *p, enum wire_type type, struct span body)
{
    struct wire_request request = {.type = type, .scope_count = 1, .body = body};
    randombytes_buf(request.id, sizeof request.id);
    request.scope[0].epoch = p->epoch->epoch;
    memcpy(request.scope[0].purpose, p->region->name, sizeof request.scope[0].purpose);
    return request;
}

#define BUSY_TRIES 100
#define BUSY_MS 300

/* While partners are being joined anew, the matcher asks for patience: the same request again. */
static int ask_patiently(struct agency *a, const struct wire_request *request, struct buf *message,
                         struct wire_reply *answer, struct err *err)
{
    int rc = agency_ask_matcher(a, request, message, answer, err);
    for (int i = 0; rc == ERR_BUSY && i < BUSY_TRIES; i++) {
        clock_sleep_ms(BUSY_MS);
        rc = agency_ask_matcher(a, request, message, answer, err);
    }
    return rc;
}

int regulation_tell(struct agency *a, const struct agency_purpose *p, enum wire_type type, struct span body,
                    struct err *err)
{
    struct wire_request request = request_about(p, type, body);
    struct wire_reply answer;
    struct receipt_reply reply;
    struct buf message = buf_of(RPC_MESSAGE_MAX), receipt = buf_of(VAULT_RECEIPT_MAX);
    agency_sign(a, &a->region->matcher, &request);
    int rc = ask_patiently(a, &request, &message, &answer, err);
    if (rc == 0)
        rc = receipt_reply_decode(&reply, answer.body, err);
    if (rc == 0)
        rc = ledgers_receipt(a, &request, &reply.receipt, &receipt, err);
    if (rc == 0)
        rc = vault_receipt_put(a->vault, buf_span(&receipt), err);
    buf_free(&message);
    buf_free(&receipt);
    return rc;
}

/* A custodian counts by the day from then on. Its receipt proves nothing that the agency would need: it is not kept. */
static int tell_custodian(struct agency *a, const struct agency_purpose *p, const struct region_custodian *custodian,
                          struct span body, struct err *err)
{
    struct wire_request request = request_about(p, WIRE_CLOSE, body);
    struct wire_reply answer;
    struct rpc_client *client = NULL;
    struct buf message = buf_of(RPC_MESSAGE_MAX);
    agency_sign(a, &custodian->party, &request);
    int rc = agency_connect(a, &custodian->party, custodian->url, 0, &client, err);
    if (rc == 0)
        rc = wire_call(client, custodian->party.name, &request, &message, &answer, err);
    rpc_client_close(client);
    buf_free(&message);
    return rc;
}

/* The custodians first: an agency that is told of a failure repeats the whole, which is harmless. */
int load_close(struct agency *a, const struct agency_purpose *p, struct err *err)
{
    struct buf body = buf_of(16);
    int rc = close_request_encode(&body, err);
    for (size_t i = 0; rc == 0 && i < a->region->custodian_count; i++)
        rc = tell_custodian(a, p, &a->region->custodians[i], buf_span(&body), err);
    if (rc == 0)
        rc = regulation_tell(a, p, WIRE_CLOSE, buf_span(&body), err);
    buf_free(&body);
    return rc;
}

/* --- after a complete enrolment --- */

/* Whether the manifest gives this agency a first load in any of its purposes: else nobody need be asked. */
static bool has_load(const struct agency *a)
{
    const int own = region_find_agency(a->region, a->identity->party.name);
    bool any = false;
    for (size_t i = 0; i < a->purposes; i++)
        any = any || region_limits(a->region, own, (int)(a->purpose[i].region - a->region->purposes))->load > 0;
    return any;
}

static bool is_loading(const struct status_reply *reply, const struct agency_purpose *p)
{
    for (size_t i = 0; i < reply->purpose_count; i++)
        if (strcmp(reply->purpose[i].name, p->region->name) == 0 && reply->purpose[i].epoch == p->epoch->epoch)
            return reply->purpose[i].loading && reply->purpose[i].entries > 0;
    return false;
}

int load_end(struct agency *agency, bool closed[REGION_PURPOSES_MAX], struct err *err)
{
    struct wire_reply answer;
    struct status_reply reply = {.purpose_count = 0};
    struct buf body = buf_of(256), message = buf_of(RPC_MESSAGE_MAX);
    memset(closed, 0, REGION_PURPOSES_MAX * sizeof *closed);
    if (!has_load(agency))
        return 0;
    int rc = status_request_encode(&body, err);
    if (rc == 0)
        rc = agency_tell_matcher(agency, WIRE_STATUS, buf_span(&body), &message, &answer, err);
    if (rc == 0)
        rc = status_reply_decode(&reply, answer.body, err);
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++) {
        if (!is_loading(&reply, &agency->purpose[i]))
            continue;
        rc = load_close(agency, &agency->purpose[i], err);
        closed[i] = rc == 0;
    }
    status_reply_free(&reply);
    buf_free(&body);
    buf_free(&message);
    return rc;
}

/* --- registers of valid documents --- */

static bool has_register(const struct agency *a, const struct agency_purpose *p)
{
    const int own = region_find_agency(a->region, a->identity->party.name);
    for (size_t i = 0; i < a->region->register_count; i++)
        if (a->region->registers[i].agency == own && &a->region->purposes[a->region->registers[i].purpose] == p->region)
            return true;
    return false;
}

int load_complete(struct agency *agency, bool told[REGION_PURPOSES_MAX], struct err *err)
{
    struct buf body = buf_of(16);
    int rc = close_request_encode(&body, err);
    memset(told, 0, REGION_PURPOSES_MAX * sizeof *told);
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++) {
        const struct agency_purpose *p = &agency->purpose[i];
        if (!agency_enrols(agency, p) || p->region->kind != REGION_ISSUED || !has_register(agency, p))
            continue;
        rc = regulation_tell(agency, p, WIRE_CLOSE, buf_span(&body), err);
        told[i] = rc == 0;
    }
    buf_free(&body);
    return rc;
}
