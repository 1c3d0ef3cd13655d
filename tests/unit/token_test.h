/* What tests of requests to the matcher have in common. */
#ifndef TESTS_UNIT_TOKEN_TEST_H
#define TESTS_UNIT_TOKEN_TEST_H

#include "client/agency/agency.h"
#include "tests/unit/region_test.h"

/* Signs the message and leaves it in the outbox, as a crash does before it is sent. Frees request->body. */
static inline void leave_in_outbox(struct agency *agency, struct vault_request *request, struct wire_request *message)
{
    agency_sign(agency, &agency->region->matcher, message);
    MUST(wire_request_encode(&request->body, message, why));
    MUST(vault_outbox_write(agency->vault, request, why));
    MUST(vault_begin(agency->vault, why));
    MUST(vault_outbox_put(agency->vault, request, why));
    MUST(vault_commit(agency->vault, why));
    buf_free(&request->body);
}

#endif
