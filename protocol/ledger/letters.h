/*
 * What events say of letters and prekeys: for the matcher that writes them, the parties and the auditor who check them.
 */
#ifndef PROTOCOL_LEDGER_LETTERS_H
#define PROTOCOL_LEDGER_LETTERS_H

#include "protocol/ledger/event.h"
#include "protocol/letter/letter.h"
#include "protocol/letter/prekey.h"

#define LETTERS_UNIT (32u << 10) /* bytes that count as one letter in limits; a smaller one counts as one, too */
#define LETTERS_PLAIN 4096       /* units a day about no purpose, of any party */

/* A prekey must be of use when it is published, a letter opens for so long after that: seconds. */
#define LETTERS_LIFE ((uint64_t)PREKEY_VALID + PREKEY_KEPT)

/* How many units a sealed letter of this size is. */
static inline uint64_t letters_units(uint64_t size)
{
    return (size + LETTERS_UNIT - 1) / LETTERS_UNIT;
}

/* Fills sequence, size and, under the event's salt, digest; sealed has passed letter_prekey(). */
void letters_describe(struct event *event, struct span sealed);

/* ERR_VERIFY unless the event is about this letter, from and to parties of these names. */
int letters_verify(const struct event *event, struct span sealed, const char *from, const char *to, const char *purpose,
                   struct err *err);

/* The same of a prekey of the party of this name: sequence, until, chain, digest. */
int letters_describe_prekey(struct event *event, const struct prekey *prekey, struct err *err);
int letters_verify_prekey(const struct event *event, const struct prekey *prekey, const char *party, struct err *err);

#endif
