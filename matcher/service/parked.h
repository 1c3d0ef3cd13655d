/*
 * Requests that wait for mail: a bounded list, and what each agency was handed last, since what it has seen is no
 * news. Thread-safe. What was handed is forgotten with the daemon.
 */
#ifndef MATCHER_SERVICE_PARKED_H
#define MATCHER_SERVICE_PARKED_H

#include "matcher/store/store.h"
#include "protocol/rpc/rpc.h"

#include <pthread.h>

#define PARKED_MAX 256 /* one an agency: a newer one takes the older one's place */

struct parked_request {
    struct rpc_request *request;
    uint8_t id[WIRE_ID_SIZE];
    uint16_t agency;
    uint64_t after, deadline_ms;
};

struct parked {
    pthread_mutex_t lock;
    struct parked_request waiting[PARKED_MAX];
    size_t count;
    bool closed;
    uint64_t handed[STORE_NAMES_MAX + 1]; /* the last message of the last FETCH, by agency */
};

void parked_init(struct parked *parked);

/* Takes the request. If there is no room, or the list is closed, it is answered at once: nothing yet. */
void parked_add(struct parked *parked, const struct parked_request *request);

/* The agency was handed its messages up to `through`. */
void parked_handed(struct parked *parked, uint16_t agency, uint64_t through);

/* Whether it has mail after `after` that is neither acknowledged nor was handed to it. */
bool parked_has_news(struct parked *parked, struct store *store, uint16_t agency, uint64_t after);

/* Answers those whose agency has news by now, and those whose time is over. */
void parked_wake(struct parked *parked, struct store *store);

/* Answers all, and whatever is added later at once. */
void parked_close(struct parked *parked);

#endif
