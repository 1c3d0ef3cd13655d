/*
 * The hits of a question, held against what the matcher wrote down: each group of hits of one partner and purpose must
 * be what a line behind the question's event is about, no line may be left over, and the partner must have a mutual
 * grant. Others are refused, and the answer is kept as evidence.
 */
#ifndef CLIENT_MAIL_HITS_H
#define CLIENT_MAIL_HITS_H

#include "client/agency/agency.h"
#include "protocol/wire/entry.h"

struct hits_verdict {
    bool *refused;                         /* of each hit */
    uint64_t partner[REGION_AGENCIES_MAX]; /* hits refused that name this partner */
    uint64_t all;                          /* all that was refused, or was written down and did not come */
    uint64_t
        manifest; /* not 0: hits of partners of this newer version of the manifest were left aside, without reproach */
};

/* body: of the reply, whose receipt was verified. ERR_NO_MEMORY and the like; refusing is no error. */
int hits_check(struct agency *agency, const struct wire_request *request, const struct query_reply *reply,
               struct span body, struct hits_verdict *out, struct err *err);
void hits_verdict_free(struct hits_verdict *verdict);

#endif
