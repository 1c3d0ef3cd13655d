/* The attacks; each fails its test where the defence does not hold, or the control shows no attack. */
#ifndef TESTS_ATTACKS_ATTACKS_H
#define TESTS_ATTACKS_ATTACKS_H

#include "tests/attacks/people.h"

/* What the closing line says. */
struct attack_counts {
    uint64_t people, reidentified, unseen, control;
};
extern struct attack_counts attack_counts;
extern const char *attack_feeds; /* the directory of registers */

void attack_listing(void **unused);
void attack_similarity(void **unused);
void attack_frequency(void **unused);
void attack_grouping(void **unused);
void attack_slots(void **unused);
void attack_shares(void **unused);
void attack_stranger(void **unused);
void attack_two_members(void **unused);
void attack_guessing(void **unused);

#endif
