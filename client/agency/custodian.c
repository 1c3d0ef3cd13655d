#include "client/agency/custodian.h"

#include <sodium.h>

#define TIMEOUT_MS 5000

int agency_custodian_budget(const struct agency *agency, const struct region_custodian *custodian,
                            struct budget_reply *out, struct err *err)
{
    struct rpc_client *client = NULL;
    struct wire_reply answer;
    struct buf body = buf_of(256), message = buf_of(RPC_MESSAGE_MAX);
    int rc = status_request_encode(&body, err);
    struct wire_request request = {.type = WIRE_STATUS, .body = buf_span(&body)};
    randombytes_buf(request.id, sizeof request.id);
    if (rc == 0)
        rc = agency_connect(agency, &custodian->party, custodian->url, TIMEOUT_MS, &client, err);
    if (rc == 0)
        rc = wire_call(client, custodian->party.name, &request, &message, &answer, err);
    if (rc == 0)
        rc = budget_reply_decode(out, answer.body, err);
    rpc_client_close(client);
    buf_free(&body);
    buf_free(&message);
    return rc;
}
