/*
 * From rows to tokens in the vault: match keys, evaluation, tags and seal keys. Rows are taken in batches; memory does
 * not grow with the feed. A row whose keys are what they were costs no evaluation.
 */
#ifndef CLIENT_TOKEN_ENROLMENT_H
#define CLIENT_TOKEN_ENROLMENT_H

#include "client/schema/elements_pack.h"
#include "client/schema/keys.h"
#include "client/token/evaluator.h"

struct enrolment;

struct enrolment_counts {
    uint64_t fresh, changed, unchanged, removed, tokens;
    uint64_t excepted;     /* unchanged but for whom they are not for; they count as unchanged, too */
    uint64_t without_keys; /* rows that have no field a key is made of: they cannot match */
};

/* Everything is borrowed. normaliser: NULL, or one that others use, too, by turns. */
int enrolment_new(struct enrolment **out, struct agency *agency, const struct agency_purpose *purpose,
                  struct normaliser *normaliser, struct err *err);
void enrolment_free(struct enrolment *enrolment);

/* Of what a row says of the person or document: the same as the vault has, and nothing changed. scratch is wiped. */
int enrolment_digest(struct vault *vault, const struct record *record, struct buf *scratch, uint8_t out[32],
                     struct err *err);

/* Takes a row; works off a batch when it is full. */
int enrolment_add(struct enrolment *enrolment, const struct record *record, struct err *err);

/* Works off what is left. */
int enrolment_finish(struct enrolment *enrolment, struct err *err);

/* Then: removes the records that a snapshot has not shown, in this epoch and the one before. */
int enrolment_remove_rest(struct enrolment *enrolment, struct vault_seen *seen, struct err *err);

const struct enrolment_counts *enrolment_counts(const struct enrolment *enrolment);

#endif
