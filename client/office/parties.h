/*
 * What custodians say of themselves and of what this agency has left there. They are asked by a thread of its own, so
 * that no page waits for one that is away; pages show what was said last.
 */
#ifndef CLIENT_OFFICE_PARTIES_H
#define CLIENT_OFFICE_PARTIES_H

#include "client/agency/custodian.h"

#define PARTIES_FRESH_SECONDS 60 /* what was said less than so long ago is not asked again */

struct party_said {
    char name[PARTY_NAME_MAX + 1];
    bool answered;
    int64_t ahead; /* seconds by which its clock is before this machine's */
    struct budget_reply said;
};

struct parties;

/* config and identity are borrowed. */
int parties_new(struct parties **out, const struct agency_config *config, const struct identity *identity,
                struct err *err);
void parties_free(struct parties *parties); /* waits until the thread is done; NULL is fine */

/*
 * What was said last, seconds since 1970 when; 0: nothing yet. *asking: they are being asked, since that was long ago.
 * *count custodians, in the manifest's order.
 */
uint64_t parties_look(struct parties *parties, struct party_said out[REGION_CUSTODIANS_MAX], size_t *count,
                      bool *asking);

#endif
