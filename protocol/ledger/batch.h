/* What an event says of the batch that an agency sent: for the matcher who writes it, the agency and the auditor who
 * check it. */
#ifndef PROTOCOL_LEDGER_BATCH_H
#define PROTOCOL_LEDGER_BATCH_H

#include "protocol/ledger/event.h"
#include "protocol/wire/entry.h"

/* EVENT_PUT, EVENT_REMOVE or EVENT_QUERY for the request of that name; 0 for others. */
enum event_kind batch_event_kind(enum wire_type type);

/* Fills kind, party, purpose, epoch, count and, under the event's salt, digest. */
void batch_describe(struct event *event, enum wire_type type, const char *party, const struct entry_request *batch);

/* ERR_VERIFY unless the event is about this batch of this party: says what differs. */
int batch_verify(const struct event *event, enum wire_type type, const char *party, const struct entry_request *batch,
                 struct err *err);

#endif
