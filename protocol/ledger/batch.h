/*
 * A PUT, REMOVE or QUERY taken apart, and what its event says of it: for the matcher who writes it, the agency and the
 * auditor who check it.
 */
#ifndef PROTOCOL_LEDGER_BATCH_H
#define PROTOCOL_LEDGER_BATCH_H

#include "protocol/ledger/event.h"
#include "protocol/wire/entry.h"

/* Everything borrows the request's message. */
struct batch {
    enum wire_type type;
    union {
        struct put_request put;
        struct remove_request remove;
        struct query_request query;
    };
    struct wire_entries part[WIRE_SCOPE_MAX]; /* one for each scope; of a REMOVE tags alone */
    struct event_scope scope;                 /* with the number of tags of each part */
    size_t tags;                              /* of all parts */
};

/* EVENT_PUT, EVENT_REMOVE or EVENT_QUERY for the request of that name; 0 for others. */
enum event_kind batch_event_kind(enum wire_type type);

/* Reads the body of a PUT, REMOVE or QUERY. ERR_INPUT, also for other types. */
int batch_decode(struct batch *out, const struct wire_request *request, struct err *err);

/*
 * Fills what the event owes to the request: kind, party, purpose and epoch or scope, id, request, count, except, spent
 * and, under the event's salt, digest. hash: wire_request_hash().
 */
void batch_describe(struct event *event, const struct batch *batch, const char *party,
                    const struct wire_request *request, const uint8_t hash[WIRE_HASH_SIZE]);

/* ERR_VERIFY unless the event is about this request of this party: says what differs. hash NULL: it is not compared. */
int batch_verify(const struct event *event, const struct batch *batch, const char *party,
                 const struct wire_request *request, const uint8_t hash[WIRE_HASH_SIZE], struct err *err);

#endif
