/*
 * An exchange of judging: two agencies that opened each other's handles find out, for many pairs of records at once,
 * which elements of the two are the same, and come to one verdict (docs/judging.md). B begins, E ends.
 *
 *   B  exchange_begin()     letter 1 ->
 *                                    <- letter 2   E  exchange_answer()
 *   B  exchange_end()       letter 3 ->            E  exchange_conclude()
 *
 * A letter goes in, a letter and outcomes come out; nothing is read, kept or sent here. What lies in struct exchange is
 * all that a side keeps between two letters, the elements among it: a record may change meanwhile. A letter that is
 * refused changes nothing: ERR_INPUT where it is malformed, ERR_VERIFY for a forgery, or a letter of another exchange.
 */
#ifndef CLIENT_JUDGE_EXCHANGE_H
#define CLIENT_JUDGE_EXCHANGE_H

#include "client/schema/elements_pack.h"
#include "client/schema/score.h"
#include "client/vault/judging.h"
#include "protocol/psi/psi.h"

#define JUDGE_PAIRS_MAX PSI_PAIRS_MAX
#define JUDGE_SLOTS ((ELEMENT_SLOTS + 7) / 8 * 8) /* of a record in a letter: multiples of eight fill the lanes */
_Static_assert(HANDLE_SIZE == PSI_HANDLE_SIZE && PARTY_DIGEST_SIZE == PSI_DIGEST_SIZE, "sizes of one thing");
_Static_assert(ELEMENT_SLOTS <= JUDGING_AGREE_MAX && SEEN_KINDS <= JUDGING_SEEN_MAX,
               "the vault has room for a verdict");
_Static_assert(ELEMENTS_PACKED_MAX <= VAULT_ELEMENTS_MAX, "and for elements");
_Static_assert(JUDGE_SLOTS <= PSI_SLOTS_MAX, "a letter holds all elements of a record");

/* One side's view of a pair. elements: personal data, wiped by the caller. */
struct judge_case {
    uint8_t own[PSI_HANDLE_SIZE], other[PSI_HANDLE_SIZE]; /* handles */
    uint32_t keys;                                        /* that the two share, as this side sees it */
    struct elements elements;
};

struct judge_outcome {
    enum judge_state state;
    uint32_t keys;                /* shared in the eyes of both; of JUDGE_UNKNOWN, as this side told the other */
    uint8_t agree[ELEMENT_SLOTS]; /* 1: this own element the other has, too; zeros where the state does not tell */
    struct presence other;
    struct judgement judgement; /* of JUDGE_JUDGED, the same on both sides; else zeros */
};

/* What both sides know beforehand. All borrowed. */
struct judge_terms {
    const struct schema *schema;
    struct span region, purpose;
    uint32_t epoch;
    const uint8_t *own, *other; /* identity digests */
    const uint8_t *secret;      /* PSI_SECRET_SIZE, of the own vault */
};

enum exchange_state { EXCHANGE_NEW, EXCHANGE_BEGUN, EXCHANGE_ANSWERED, EXCHANGE_OVER };

struct exchange {
    enum exchange_state state;
    struct buf letter1, letter2; /* as they were sent or came; E keeps both until letter 3 */
    struct judge_case *cases;    /* owned; personal data */
    size_t pairs;
};

void exchange_init(struct exchange *exchange);
void exchange_free(struct exchange *exchange); /* wipes */

/* For the vault. ERR_INPUT from exchange_unpack(): it is damaged. */
int exchange_pack(struct buf *out, const struct exchange *exchange, struct err *err);
int exchange_unpack(struct exchange *out, struct span packed, struct err *err);

/* B: makes exchange->letter1. id: random, never used before; it is stored with the letter before that is sent. */
int exchange_begin(struct exchange *exchange, const struct judge_terms *terms, const uint8_t id[PSI_EXCHANGE_SIZE],
                   const struct judge_case *cases, size_t pairs, struct err *err);

/*
 * What letter 1 is about, before it is answered: E looks its cases up by handle_e and handle_b. ERR_VERIFY where a pair
 * stands twice: its elements would be guessed at with the slots of two.
 */
int exchange_pairs(struct psi_letter1 *out, struct span letter1, struct err *err);

/*
 * E: makes exchange->letter2. cases and status: of each pair of exchange_pairs(), in order; PSI_ON where E takes part,
 * and only then its case is looked at. status may be changed to PSI_UNKNOWN where the two sides see different
 * documents shared. The same letter again gets the same answer; another one in its place is refused.
 */
int exchange_answer(struct exchange *exchange, const struct judge_terms *terms, struct span letter1,
                    const struct judge_case *cases, uint8_t *status, struct err *err);

/* B: what letter 2 says of exchange->pairs pairs, and letter 3 for it, as long whatever comes out. */
int exchange_end(struct exchange *exchange, struct buf *letter3, struct judge_outcome *outcome,
                 const struct judge_terms *terms, struct span letter2, struct err *err);

/* E: what letter 3 says. */
int exchange_conclude(struct exchange *exchange, struct judge_outcome *outcome, const struct judge_terms *terms,
                      struct span letter3, struct err *err);

#endif
