/*
 * What the agency's daemon shows of itself at GET /metrics (protocol/daemon/figures.h): how its work went, how long it
 * took, what lies in the vault. Counts and names of purposes alone.
 */
#ifndef CLIENT_TASK_COUNTED_H
#define CLIENT_TASK_COUNTED_H

#include "client/task/enrol.h"
#include "client/task/sync.h"

/* Registers all that follows. */
void counted_open(void);

/*
 * A synchronisation, or enrolling some feeds, ended so many microseconds after it began; result: only if it went well.
 */
void counted_sync(const struct agency *agency, const struct sync_result *result, uint64_t took);
void counted_sync_failed(uint64_t took);
void counted_enrolled(const struct agency *agency, const struct enrol_result *result, uint64_t took);
void counted_enrol_failed(uint64_t took);

/* Feeds that are still to be enrolled. */
void counted_feeds(uint64_t pending);

#endif
