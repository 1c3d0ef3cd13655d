/* Mail from the matcher into the vault: fetch, take in, acknowledge, until the mailbox is empty. */
#ifndef CLIENT_MATCH_INBOX_H
#define CLIENT_MATCH_INBOX_H

#include "client/agency/agency.h"

struct inbox_counts {
    uint64_t matches, withdrawn;            /* messages of each kind */
    uint64_t asked;                         /* tags that partners asked about */
    uint64_t letters;                       /* which this program cannot read */
    uint64_t unopened[REGION_AGENCIES_MAX]; /* questions by partner that did not open: noted all the same */
};

/*
 * Each batch is in the vault, committed, before it is acknowledged: a crash only makes it come again. Messages of
 * purposes that this run is not about stay waiting behind: the run must be about all purposes.
 */
int inbox_fetch(struct agency *agency, struct inbox_counts *counts, struct err *err);

#endif
