/* The verb `restored` of the matcher: mailboxes go on behind the numbers that were handed out. */
#ifndef MATCHER_SERVICE_RESTORED_H
#define MATCHER_SERVICE_RESTORED_H

#include "protocol/daemon/restored.h"

/* What matcher_skip_lost() needs. */
struct matcher_lost {
    struct kv *kv;
    const struct region *region;
};

/* An entry that is taken back, for struct restored: context is a struct matcher_lost. */
int matcher_skip_lost(void *context, struct kv_batch *batch, const struct event *event, bool *changed, struct err *err);

int matcher_restored(struct daemon *daemon, const struct restored_options *options, char **copy, size_t copies,
                     struct err *err);

#endif
