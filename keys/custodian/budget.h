/*
 * How much each agency may have evaluated: so many elements per purpose and day (UTC), as the manifest says. What was
 * charged is in the store; a request that comes again with the same id is not charged again on the same day or the
 * next.
 *
 * In the store (numbers big-endian, names behind their length byte):
 *   B day4 agency purpose      charged u64
 *   R day4 agency id16         digest 32, leaf of its event u64
 */
#ifndef KEYS_CUSTODIAN_BUDGET_H
#define KEYS_CUSTODIAN_BUDGET_H

#include "protocol/kv/kv.h"
#include "protocol/wire/wire.h"

struct budget_charge {
    const char *agency, *purpose;
    uint32_t day;
    uint8_t id[WIRE_ID_SIZE];
    uint8_t digest[32]; /* of what is to be evaluated */
    uint64_t count, limit;
    uint64_t leaf; /* of the event that will be written for it; after BUDGET_REPEATED, of the one that was */
};

enum budget_verdict { BUDGET_CHARGED, BUDGET_REPEATED, BUDGET_EXCEEDED };

/*
 * Stages the charge into batch. *left: what remains of the day's budget afterwards. ERR_CONFLICT: the id was used for
 * other elements. The caller serialises, and commits before it answers.
 */
int budget_charge(struct kv *kv, struct kv_batch *batch, struct budget_charge *charge, enum budget_verdict *verdict,
                  uint64_t *left, struct err *err);

/* Stages erasing what is older than the day before `day`, at most max records; *count of them. */
int budget_clean(struct kv *kv, struct kv_batch *batch, uint32_t day, size_t max, size_t *count, struct err *err);

#endif
