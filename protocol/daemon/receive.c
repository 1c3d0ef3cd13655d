#include "protocol/daemon/receive.h"

#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/daemon/answer.h"

#include <string.h>

static int check_signed(struct received *r, const struct party *self, const struct region *region, uint64_t now,
                        struct err *err)
{
    struct wire_ends ends = {.region = region->name};
    party_digest(ends.peer, self);
    memcpy(ends.sender, r->digest, sizeof ends.sender);
    int rc = wire_request_verify(r->statement, &r->in, &ends, r->peer.sign, err);
    if (rc == 0)
        rc = wire_request_timely(&r->in, now, err);
    return rc;
}

int received_check(struct received *out, const struct party *self, const struct region *region,
                   const uint8_t channel[32], struct span message, uint64_t now, struct err *err)
{
    memset(out, 0, sizeof *out);
    int rc = wire_request_decode(&out->in, message, err);
    if (rc != 0) {
        out->in.type = WIRE_UNKNOWN;
        return rc;
    }
    const struct party *peer = region_find_party_by_channel(region, channel);
    if (peer == NULL)
        return err_set(err, ERR_DENIED, "your key is not in the manifest in force (version %llu)",
                       (unsigned long long)region->version);
    out->peer = *peer;
    party_digest(out->digest, peer);
    return wire_type_signed(out->in.type) ? check_signed(out, self, region, now, err) : 0;
}

bool daemon_receive(struct received *out, const struct daemon *daemon, const struct region *region,
                    struct rpc_request *request)
{
    struct err err;
    int rc = received_check(out, &daemon->identity.party, region, rpc_request_channel(request),
                            rpc_request_body(request), clock_now(), &err);
    if (rc == 0)
        return true;
    if (out->in.type == WIRE_UNKNOWN) {
        log_event(LOG_WARN, "malformed", "peer=%s reason=\"%s\"", rpc_request_peer(request), err.text);
        answer_malformed(request, err.text);
    } else if (rc == ERR_VERIFY) {
        log_event(LOG_WARN, "refused", "type=%s peer=%s reason=\"%s\"", wire_type_name(out->in.type),
                  rpc_request_peer(request), err.text);
        answer_refusal(request, &out->in, WIRE_MALFORMED, err.text);
    } else {
        answer_failure(request, &out->in, &err);
    }
    return false;
}
