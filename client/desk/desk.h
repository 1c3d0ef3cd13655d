/*
 * What officers of two agencies do about a match (docs/letters.md): one asks for fields, the other answers, both record
 * an outcome and see each other's, what was disclosed can be recalled. Each act is a letter that is queued, and kept,
 * in one transaction; it goes out with the next round (client/mail/letters.h). None needs the vault's lock.
 */
#ifndef CLIENT_DESK_DESK_H
#define CLIENT_DESK_DESK_H

#include "client/mail/letters.h"
#include "client/vault/inquiries.h"

#define DESK_BODY_MAX ((size_t)DISCLOSURE_ANSWER_MAX + (64u << 10)) /* bytes of any body */

/* The officer is the caller's to establish. Texts of an act; NULL where there is none. */
struct desk_question {
    uint64_t fields; /* bits, enum disclosure_field */
    enum region_urgency urgency;
    const char *basis, *reason, *by;
};

/*
 * Asks about a match, or a notice, by its number; *number: of the letter. ERR_NOT_FOUND: there is none. ERR_USAGE: the
 * manifest has no such legal basis. ERR_CONFLICT: the partner or the record is gone, or the same is asked already.
 */
int desk_ask(struct agency *agency, int64_t match, const struct desk_question *question, int64_t *number,
             struct err *err);
int desk_ask_about_notice(struct agency *agency, int64_t notice, const struct desk_question *question, int64_t *number,
                          struct err *err);

/*
 * A question of a partner's that waits for an answer, decoded: what it wants. ERR_USAGE: the number is of another
 * letter.
 */
struct desk_case {
    struct vault_inquiry inquiry;
    struct vault_inquiry_letter letter;
    struct disclosure_ask ask; /* personal data */
};
int desk_question_get(struct agency *agency, int64_t number, struct desk_case *out, struct err *err);

/*
 * Answers it: code, why, to, text, by and values as given; number and second are filled in. Where the purpose demands a
 * second officer, a release is kept and *pending; its letter has the *number by which that one confirms. ERR_USAGE: a
 * value was not asked for, or does not go with the code. ERR_CONFLICT: it is answered already.
 */
int desk_answer(struct agency *agency, int64_t question, struct disclosure_answer *answer, bool *pending,
                int64_t *number, struct err *err);

/* The second officer's word on an answer that waits for it. ERR_DENIED: `by` is the first one. */
int desk_confirm(struct agency *agency, int64_t answer, bool release, const char *by, struct err *err);

/* Records what the agency holds a match to be, and tells the partner. */
int desk_outcome(struct agency *agency, int64_t match, enum disclosure_result outcome, const char *by, const char *text,
                 struct err *err);

/* Both sides' latest outcomes of an inquiry; 0: none. */
int desk_outcomes(struct agency *agency, int64_t inquiry, uint64_t *ours, uint64_t *theirs, struct err *err);

/* Recalls an own answer: its values must not be used any more. */
int desk_recall(struct agency *agency, int64_t answer, enum disclosure_recall_why why, const char *by, const char *text,
                struct err *err);

/* Says that what a partner recalled is gone here, also where it was copied to. */
int desk_recall_done(struct agency *agency, int64_t recall, const char *by, struct err *err);

/* The same within the caller's transaction. */
int desk_acknowledge(struct agency *agency, const struct vault_inquiry_letter *recall, const char *by, struct err *err);

/* What letters_round() is to call with letters of disclosure; counts is borrowed. */
struct desk_counts {
    uint64_t asked, answered, outcomes, recalled; /* letters that came */
    uint64_t wiped;                               /* letters whose time was over */
    uint64_t late, late_theirs; /* questions and recalls: that we owe an answer, that a partner owes one */
};
#define DESK_HANDLERS 4
void desk_handlers(struct letter_handler out[DESK_HANDLERS], struct desk_counts *counts);

/* Wipes what is over, and counts what is late. */
int desk_age(struct agency *agency, struct desk_counts *counts, struct err *err);

/* The purpose of an inquiry in the manifest; NULL: it has gone. */
const struct region_purpose *desk_purpose(const struct agency *agency, const struct vault_inquiry *inquiry);

/* Who answers for the partner in the purpose, and whether somebody is there now; NULL: the manifest does not say. */
const struct region_duty *desk_duty(const struct agency *agency, const char *partner, const char *purpose, bool *there);

/* A date so many seconds from now; 0 of 0. */
uint64_t desk_in(uint64_t seconds);

#endif
