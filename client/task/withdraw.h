/* Records that are withdrawn by name: in every purpose and every epoch, and for as long as nobody lets them back. */
#ifndef CLIENT_TASK_WITHDRAW_H
#define CLIENT_TASK_WITHDRAW_H

#include "client/agency/agency.h"

/* In how many purposes and epochs it is enrolled. */
int withdraw_find(struct agency *agency, const char *id, uint64_t *found, struct err *err);

/*
 * Takes it out of the vault, within the caller's transaction; the matcher is told when outgoing changes are sent.
 * ERR_NOT_FOUND: it is not enrolled.
 */
int withdraw_record(struct agency *agency, const char *id, struct err *err);

#endif
