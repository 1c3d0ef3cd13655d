/*
 * A matcher's store, and what it does for a PUT once that is decoded: entries, join, mail, events, batch and answer in
 * one durable write. Without the network: what is measured is the store.
 */
#ifndef TESTS_BENCH_PUTS_H
#define TESTS_BENCH_PUTS_H

#include "matcher/join/join.h"
#include "protocol/identity/identity.h"

#define PUTS_PAYLOAD 209 /* bytes, sealed: one record of the persons schema */

/* Each grants the other. */
enum puts_agency { PUTS_OURS, PUTS_PARTNER, PUTS_AGENCIES };

struct puts {
    struct identity identity;
    struct store *store;
    struct join join;
    struct world *world;
    struct walks walks;
    uint64_t time; /* of the last one; each is a second later */
    struct buf body;
};

/* Opens or creates the store in dir, with its archive. Ends with puts_close(), on failure too. */
int puts_open(struct puts *puts, const char *dir, struct err *err);
void puts_close(struct puts *puts);

/* Puts count tags, at most WIRE_CHANGE_MAX, ascending. */
int puts_put(struct puts *puts, enum puts_agency agency, uint8_t (*tag)[WIRE_TAG_SIZE], size_t count, struct err *err);

void puts_sort(uint8_t (*tag)[WIRE_TAG_SIZE], size_t count);

/* Messages that the agency's mailbox was given. */
uint64_t puts_mail(const struct puts *puts, enum puts_agency agency);

#endif
