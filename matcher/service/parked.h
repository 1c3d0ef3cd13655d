/* Requests that wait for mail: a bounded list. Thread-safe. */
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
};

void parked_init(struct parked *parked);

/* Takes the request. If there is no room, or the list is closed, it is answered at once: nothing yet. */
void parked_add(struct parked *parked, const struct parked_request *request);

/* Answers those whose agency has mail by now, and those whose time is over. */
void parked_wake(struct parked *parked, struct store *store);

/* Answers all, and whatever is added later at once. */
void parked_close(struct parked *parked);

#endif
