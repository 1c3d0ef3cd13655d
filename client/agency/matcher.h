/* Talking to the matcher: nothing is said to it before its ledger was looked at. */
#ifndef CLIENT_AGENCY_MATCHER_H
#define CLIENT_AGENCY_MATCHER_H

#include "client/agency/agency.h"
#include "protocol/wire/status.h"

/* Opens agency->matcher and looks at the matcher's ledger (ledgers_greet()), unless that was done. */
int agency_meet_matcher(struct agency *agency, struct err *err);

/*
 * One exchange with the matcher, of a request that was signed if its type is, over a connection that is opened at first
 * use; its ledger is looked at before anything else is said (ledgers.h), if there is a vault to remember it in.
 * *message holds the reply that *reply borrows.
 */
int agency_ask_matcher(struct agency *agency, const struct wire_request *request, struct buf *message,
                       struct wire_reply *reply, struct err *err);

/* The same with a fresh id, signed if need be, about no purpose. */
int agency_tell_matcher(struct agency *agency, enum wire_type type, struct span body, struct buf *message,
                        struct wire_reply *reply, struct err *err);

/* What the matcher says of the agency and its partners. status_reply_free() in any case. */
int agency_matcher_status(struct agency *agency, struct status_reply *out, struct err *err);

/* The version of the manifest under which the matcher says that it works. */
int agency_matcher_manifest(struct agency *agency, uint64_t *version, struct err *err);

#endif
