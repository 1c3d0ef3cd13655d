/* CLOSE: an agency says that its first load of a purpose and epoch is over; its limit of a day holds from then on. */
#ifndef KEYS_CUSTODIAN_LOAD_H
#define KEYS_CUSTODIAN_LOAD_H

#include "keys/custodian/state.h"
#include "protocol/daemon/receive.h"

/* Answers the request and ends it. To close what is closed, or was never open, changes nothing but the ledger. */
void load_close(struct custodian *custodian, struct rpc_request *request, const struct received *from);

#endif
