#include "protocol/rpc/clocks.h"

#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/identity/party.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define PEERS 128 /* of whom it is remembered that it was said; of one too many it is said more often */

static struct {
    pthread_mutex_t lock;
    struct said {
        char peer[PARTY_NAME_MAX + 1];
        uint64_t at_ms; /* 0: nothing */
        int64_t ahead;
    } said[PEERS];
} clocks = {.lock = PTHREAD_MUTEX_INITIALIZER};

int64_t clocks_ahead(uint64_t theirs)
{
    return (int64_t)(theirs - clock_now());
}

/* The entry of this peer, else the one that was said longest ago. */
static struct said *find(const char *peer)
{
    struct said *best = &clocks.said[0];
    for (size_t i = 0; i < PEERS; i++) {
        if (strcmp(clocks.said[i].peer, peer) == 0)
            return &clocks.said[i];
        if (clocks.said[i].at_ms < best->at_ms)
            best = &clocks.said[i];
    }
    return best;
}

static bool is_apart(int64_t ahead)
{
    return ahead > CLOCKS_APART || ahead < -CLOCKS_APART;
}

static bool may_say(const char *peer, int64_t ahead)
{
    const uint64_t now = clock_monotonic_ms();
    pthread_mutex_lock(&clocks.lock);
    struct said *s = find(peer);
    const bool may =
        s->at_ms == 0 || strcmp(s->peer, peer) != 0 || now - s->at_ms > CLOCKS_AGAIN_MS || is_apart(ahead - s->ahead);
    if (may) {
        snprintf(s->peer, sizeof s->peer, "%s", peer);
        s->at_ms = now;
        s->ahead = ahead;
    }
    pthread_mutex_unlock(&clocks.lock);
    return may;
}

void clocks_say(const char *peer, int64_t ahead)
{
    if (!is_apart(ahead) || !may_say(peer, ahead))
        return;
    const unsigned long long seconds = ahead > 0 ? (unsigned long long)ahead : 0ull - (unsigned long long)ahead;
    log_event(LOG_WARN, "clock",
              "peer=%s %s=%llu reason=\"the two clocks differ by so many seconds: one of them is wrong, and requests "
              "between the two are refused\"",
              peer, ahead > 0 ? "ahead_s" : "behind_s", seconds);
}
