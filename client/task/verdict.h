/*
 * What an answer comes to: one word for who stands at the border, by precedence, and whether it is a full answer. All
 * that shows checks takes it from here.
 */
#ifndef CLIENT_TASK_VERDICT_H
#define CLIENT_TASK_VERDICT_H

#include "client/task/question.h"

/* The later one goes before the earlier one. */
enum verdict_word {
    VERDICT_CLEAR,             /* everybody was asked, and nobody knows anything */
    VERDICT_OPEN,              /* nothing was found, and not everybody was asked, or a register is old */
    VERDICT_KNOWN,             /* a partner has a record of this person with this document */
    VERDICT_OTHER_DOCUMENT,    /* a partner knows this person with another document */
    VERDICT_UNKNOWN_TO_ISSUER, /* the issuer's register, which is complete and not old, does not have the document */
    VERDICT_OTHER_PERSON,      /* a partner knows this document with another person */
    VERDICT_LISTED,            /* lost, stolen, revoked */
    VERDICT_WORDS
};
extern const char *const verdict_word[VERDICT_WORDS]; /* "clear", "no-full-answer", "known", "other-document", ... */

/* What the register of a document's issuer says. */
enum register_state {
    REGISTER_VALID,
    REGISTER_UNKNOWN, /* it does not have the document */
    REGISTER_OLD,     /* nor has it, but it was not said to be complete for too long */
    REGISTER_UNASKED,
    REGISTER_KEYLESS, /* the fields given do not suffice: a number alone is no key */
    REGISTER_OWN,     /* it is this agency's own, which nobody need be asked */
    REGISTER_STATES
};
extern const char *const register_state_word[REGISTER_STATES]; /* "valid", "unknown", "old", "not-asked", ... */

struct verdict_register {
    const struct agency_purpose *purpose;
    const struct region_register *declared;
    enum register_state state;
    uint64_t time; /* as of when, seconds since 1970; 0: not known */
};

#define VERDICT_REGISTERS_MAX 32

struct answer_verdict {
    enum verdict_word word;
    bool full;
    struct verdict_register of[VERDICT_REGISTERS_MAX]; /* of the issuers of the documents asked about */
    size_t registers;
};

/* now: seconds since 1970, by which registers are old. */
void verdict_of(struct answer_verdict *out, const struct agency *agency, const struct answer *answer, uint64_t now);

/*
 * Whether a hit is to be shown: one that counts, and of a purpose of kind issued none, since the registers have what
 * it says.
 */
bool verdict_shows(const struct answer_hit *hit);

/* What both agencies came to; as long as they have not, what the keys say. */
struct vault_match verdict_match(const struct answer_hit *hit);

#endif
