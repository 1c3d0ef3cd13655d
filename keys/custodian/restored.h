/* The verb `restored` of a custodian: what was evaluated since the copy was made is charged again. */
#ifndef KEYS_CUSTODIAN_RESTORED_H
#define KEYS_CUSTODIAN_RESTORED_H

#include "protocol/daemon/restored.h"

/* An entry that is taken back, for struct restored: context is the struct custodian, of which kv and region are set. */
int custodian_charge_lost(void *context, struct kv_batch *batch, const struct event *event, bool *changed,
                          struct err *err);

int custodian_restored(struct daemon *daemon, const struct restored_options *options, char **copy, size_t copies,
                       struct err *err);

#endif
