/*
 * How much each agency may have evaluated of each purpose, as the manifest says. An agency is known by its digest: a
 * successor under its name has accounts of its own. An epoch begins with the first load, where the agency has one: an
 * amount for all of it, until its date or until the agency closes it. Then there is so much a day (UTC, of the event).
 * What was charged is in the store. A request that comes again within REPEAT_DAYS is not charged again.
 *
 * In the store (numbers big-endian, names behind their length byte):
 *   B day4 agency32 purpose         charged u64
 *   P agency32 purpose epoch4       charged u64, closed u8: the first load
 *   R day4 agency32 id16            digest 32, leaf of its event u64
 */
#ifndef KEYS_CUSTODIAN_BUDGET_H
#define KEYS_CUSTODIAN_BUDGET_H

#include "protocol/kv/kv.h"
#include "protocol/region/region.h"
#include "protocol/wire/wire.h"

#define BUDGET_REPEAT_DAYS 8 /* a request is good for 7 days, and a day has two ends */

/* What is asked of one purpose. Limits are those of this custodian, in elements: region_share_of(). */
struct budget_account {
    const struct wire_scope *scope;   /* borrowed */
    uint64_t load, load_until, daily; /* 0 for load: there is none; load_until in seconds since 1970, 0: no date */
    uint64_t count;                   /* elements that are asked for */
    bool loading;                     /* out: it is the first load that is charged */
    uint64_t left;                    /* out: what remains afterwards */
};

/* A request. What is set by the caller comes first. */
struct budget_charge {
    uint8_t agency[PARTY_DIGEST_SIZE];
    uint8_t id[WIRE_ID_SIZE];
    uint8_t digest[32]; /* of what is asked for */
    uint64_t time;      /* of the event that will be written for it */
    uint64_t leaf;      /* of that event, for budget_remember(); out, with BUDGET_REPEATED: of the one that was */
    struct budget_account account[WIRE_SCOPE_MAX];
    size_t accounts;
    size_t exceeded; /* out: which account, with BUDGET_EXCEEDED */
};

enum budget_verdict { BUDGET_CHARGED, BUDGET_REPEATED, BUDGET_EXCEEDED };

/*
 * Stages the charge into batch, which is empty: of all accounts, or of none if one has too little. ERR_CONFLICT: the id
 * was used for something else. The caller serialises, adds budget_remember(), and commits before anything is evaluated.
 */
int budget_charge(struct kv *kv, struct kv_batch *batch, struct budget_charge *charge, enum budget_verdict *verdict,
                  struct err *err);

/* What an account has at that time, charging nothing: its outputs. */
int budget_look(struct kv *kv, const uint8_t agency[PARTY_DIGEST_SIZE], uint64_t time, struct budget_account *account,
                struct err *err);

/* Stages what finds the request again: once its event has a leaf. */
void budget_remember(struct kv_batch *batch, const struct budget_charge *charge);

/*
 * Stages what was charged before the store was put back, to the account that was in force at charge->time, whatever it
 * has left: the first account alone.
 */
int budget_charge_again(struct kv *kv, struct kv_batch *batch, const struct budget_charge *charge, struct err *err);

/* Stages the end of an agency's first load in an epoch; also of one that has not begun. */
int budget_close(struct kv *kv, struct kv_batch *batch, const uint8_t agency[PARTY_DIGEST_SIZE],
                 const struct wire_scope *scope, struct err *err);

/* Stages erasing what no request of this day can need any more, at most max records; *count of them. */
int budget_clean(struct kv *kv, struct kv_batch *batch, uint32_t day, size_t max, size_t *count, struct err *err);

#endif
