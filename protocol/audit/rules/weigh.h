/*
 * What evidence (protocol/ledger/evidence.h) proves. It convicts a party only by what that party itself signed,
 * whatever everybody else did. All else is the word of the agency that kept it: then the text says what the ledger's
 * entry in it shows, and what would settle the rest.
 */
#ifndef PROTOCOL_AUDIT_RULES_WEIGH_H
#define PROTOCOL_AUDIT_RULES_WEIGH_H

#include "protocol/ledger/evidence.h"
#include "protocol/region/region.h"

enum weight {
    WEIGHT_NOTHING, /* what is in it is as it should be, or nobody signed it */
    WEIGHT_CLAIM,   /* the agency's word, beside a signed entry of the ledger */
    WEIGHT_CONVICTS /* the party's signatures contradict the rules, or each other */
};

/*
 * region: a manifest with the parties and keys that it is about. Appends the text, of several lines. ERR_INPUT: the
 * bytes in it cannot be read; ERR_NOT_FOUND: this manifest does not have the party, the epoch or the generation.
 */
int evidence_weigh(enum weight *out, struct buf *text, const struct evidence *evidence, const struct region *region,
                   struct err *err);

#endif
