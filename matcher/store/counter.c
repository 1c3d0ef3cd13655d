#include "matcher/store/rocksdb.h"

#include <stdlib.h>

int counter_get(struct store *s, uint16_t purpose, uint32_t epoch, uint16_t agency, struct counter **out,
                struct err *err)
{
    for (size_t i = 0; i < s->counters; i++) {
        struct counter *c = &s->counter[i];
        if (c->purpose == purpose && c->epoch == epoch && c->agency == agency) {
            *out = c;
            return 0;
        }
    }
    if (s->counters == s->counter_room) {
        size_t room = s->counter_room > 0 ? 2 * s->counter_room : 64;
        pthread_rwlock_wrlock(&s->lock);
        struct counter *more = realloc(s->counter, room * sizeof *more);
        if (more != NULL) {
            s->counter = more;
            s->counter_room = room;
        }
        pthread_rwlock_unlock(&s->lock);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for counts");
    }
    pthread_rwlock_wrlock(&s->lock);
    s->counter[s->counters] = (struct counter){.purpose = purpose, .agency = agency, .epoch = epoch};
    *out = &s->counter[s->counters++];
    pthread_rwlock_unlock(&s->lock);
    return 0;
}
