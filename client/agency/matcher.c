#include "client/agency/matcher.h"

#include "client/agency/ledgers.h"

#include <sodium.h>

int agency_meet_matcher(struct agency *agency, struct err *err)
{
    const struct region *r = agency->region;
    int rc = 0;
    if (agency->matcher == NULL)
        rc = agency_connect(agency, &r->matcher, r->matcher_url, AGENCY_MATCHER_TIMEOUT_MS, &agency->matcher, err);
    if (rc == 0 && !agency->greeted && agency->vault != NULL) {
        rc = ledgers_greet(agency, agency->matcher, &r->matcher, err);
        agency->greeted = rc == 0;
    }
    return rc;
}

int agency_ask_matcher(struct agency *agency, const struct wire_request *request, struct buf *message,
                       struct wire_reply *reply, struct err *err)
{
    int rc = agency_meet_matcher(agency, err);
    if (rc == 0)
        rc = wire_call(agency->matcher, agency->region->matcher.name, request, message, reply, err);
    return rc;
}

int agency_tell_matcher(struct agency *agency, enum wire_type type, struct span body, struct buf *message,
                        struct wire_reply *reply, struct err *err)
{
    struct wire_request request = {.type = type, .body = body};
    randombytes_buf(request.id, sizeof request.id);
    if (wire_type_signed(type))
        agency_sign(agency, &agency->region->matcher, &request);
    return agency_ask_matcher(agency, &request, message, reply, err);
}

int agency_matcher_status(struct agency *agency, struct status_reply *out, struct err *err)
{
    struct wire_reply answer;
    struct buf body = buf_of(256), message = buf_of(RPC_MESSAGE_MAX);
    *out = (struct status_reply){.purpose_count = 0};
    int rc = status_request_encode(&body, err);
    if (rc == 0)
        rc = agency_tell_matcher(agency, WIRE_STATUS, buf_span(&body), &message, &answer, err);
    if (rc == 0)
        rc = status_reply_decode(out, answer.body, err);
    buf_free(&body);
    buf_free(&message);
    return rc;
}

int agency_matcher_manifest(struct agency *agency, uint64_t *version, struct err *err)
{
    struct status_reply reply;
    int rc = agency_matcher_status(agency, &reply, err);
    *version = rc == 0 ? reply.manifest : 0;
    status_reply_free(&reply);
    return rc;
}
