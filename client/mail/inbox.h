/*
 * Mail from the matcher into the vault: fetch, check, take in, acknowledge, until the mailbox is empty. What no event
 * of the ledger covers, or what comes of a party without a mutual grant, is refused, and kept as evidence.
 */
#ifndef CLIENT_MAIL_INBOX_H
#define CLIENT_MAIL_INBOX_H

#include "client/agency/agency.h"

struct inbox_counts {
    uint64_t matches, withdrawn;            /* messages of each kind */
    uint64_t asked;                         /* tags that partners asked about, each with a notice */
    uint64_t counted;                       /* the same where the day alone is told */
    uint64_t letters;                       /* for letters_round() */
    uint64_t unopened[REGION_AGENCIES_MAX]; /* questions by partner that did not open: noted all the same */
    uint64_t refused[REGION_AGENCIES_MAX];  /* messages that name this partner, refused: there is evidence */
    uint64_t refused_others;                /* the same, of parties that the manifest does not have */
    uint64_t refused_all;
    uint64_t gone;     /* messages that the matcher does not have any more: letters that lapsed; of a vault put back */
    uint64_t apart;    /* messages from before a grant ended, left aside */
    uint64_t manifest; /* not 0: mail waits for this version of the manifest, under which the matcher works already */
};

/*
 * Each batch is in the vault, committed, before it is acknowledged: a crash only makes it come again. Messages of
 * purposes that this run is not about are gone: the run must be about all purposes.
 */
int inbox_fetch(struct agency *agency, struct inbox_counts *counts, struct err *err);

#endif
