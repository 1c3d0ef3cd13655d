/*
 * All records of which something came or went are resolved anew. Opening and combining go to threads, by the chunk of
 * records; the calling thread has the vault, shows what there is, and puts what comes of it into the tables.
 */
#ifndef CLIENT_MAIL_STALE_H
#define CLIENT_MAIL_STALE_H

#include "client/mail/resolve.h"

/* Rescores every stale record of the purpose; *records grows. What did not open or was left is counted in resolver. */
int resolve_stale(struct resolver *resolver, uint64_t *records, struct err *err);

#endif
