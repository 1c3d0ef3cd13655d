/* A matcher's store and join with the members AAA, BBB and CCC, as the attacks use it: tests/unit/matcher_test.h. */
#ifndef TESTS_ATTACKS_STAGE_H
#define TESTS_ATTACKS_STAGE_H

#include "tests/attacks/people.h"

#include "matcher/store/store.h"
#include "protocol/region/region.h"

#define STAGE_PAYLOAD 200 /* of an entry with four slots */
#define STAGE_PURPOSES 2
#define STAGE_BATCH 4096

enum { ATTACKER, PARTNER, STRANGER };

struct entry {
    uint8_t tag[WIRE_TAG_SIZE], payload[STAGE_PAYLOAD];
};

/*
 * Everybody but the stranger granted everybody both purposes, and with `all` the stranger, too. limits: of both
 * purposes. Days begin at stage_day().
 */
void stage_open(const struct region_limits *limits, bool all);
void stage_close(void);

/* The next epoch begins; the one before lasts for two more days. */
void stage_rekey(void);
void stage_day(void);
void stage_upkeep(void);
void stage_close_load(int agency, int purpose);

/* Any number of entries, which are sorted and may repeat. */
void stage_put(int agency, int purpose, uint32_t epoch, struct entry *entry, size_t count);
void stage_remove(int agency, int purpose, uint32_t epoch, struct entry *entry, size_t count);

typedef void stage_visit(void *context, int purpose, uint32_t epoch, enum mailbox_kind kind, const uint8_t *tag,
                         struct span payload);

/*
 * 64 tags at a time where asks are limited, until the day's are used up. Hits have the kind MAILBOX_MATCH. Returns how
 * many.
 */
size_t stage_ask(int agency, int purpose, uint32_t epoch, struct entry *entry, size_t count, stage_visit *visit,
                 void *context);

/* What lies in the mailbox, which is acknowledged. Returns how many matches. */
size_t stage_mail(int agency, stage_visit *visit, void *context);

/* Couples of the attacker and the partner that wait. */
uint64_t stage_waiting(int purpose);

#endif
