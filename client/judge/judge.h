/*
 * Judging at work: pairs that the vault holds go out in bundles, letters that come are answered, verdicts go into the
 * vault (docs/judging.md). The exchange itself is client/judge/exchange.h; letters are carried by
 * client/mail/letters.h.
 */
#ifndef CLIENT_JUDGE_JUDGE_H
#define CLIENT_JUDGE_JUDGE_H

#include "client/mail/letters.h"

struct judge_counts {
    uint64_t begun;             /* pairs that letters 1 went out about */
    uint64_t answered;          /* pairs that letters 2 went out about */
    uint64_t judged, different; /* verdicts */
    uint64_t limited;           /* pairs that were not judged, since a limit is used up */
    uint64_t refused;           /* letters that were forged or malformed */
};

/*
 * What is begun. Letters 1 go out at fixed moments, so that none tells by its time what has just opened: JUDGE_CHECK_MS
 * apart for what came of questions, seconds for the rest.
 */
enum judge_due { JUDGE_NOTHING, JUDGE_CHECKS, JUDGE_ALL };
#define JUDGE_CHECK_MS 1000u

/*
 * Begins with pairs that wait for this side, partner by partner, JUDGE_PAIRS_MAX in a letter. Each letter is a
 * transaction of its own; needs the vault's lock.
 */
int judge_begin(struct agency *agency, enum judge_due due, struct judge_counts *counts, struct err *err);

/* What letters_round() is to call with letters of judging; counts is borrowed. */
#define JUDGE_HANDLERS 4
void judge_handlers(struct letter_handler out[JUDGE_HANDLERS], struct judge_counts *counts);

#endif
