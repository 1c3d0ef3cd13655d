/* STATUS: what an agency has left at this custodian. */
#ifndef KEYS_CUSTODIAN_STATUS_H
#define KEYS_CUSTODIAN_STATUS_H

#include "keys/custodian/state.h"
#include "protocol/daemon/receive.h"

/* Appends the reply's body. ERR_DENIED: who asks is no agency. */
int custodian_status(struct custodian *custodian, const struct received *from, struct buf *body, struct err *err);

#endif
