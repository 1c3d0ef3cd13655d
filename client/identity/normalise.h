/*
 * The normaliser: the rules and ICU's tables, with which records become persons (person.h), so that two agencies'
 * spellings of the same meet (docs/normalisation.md). It must agree bit for bit across agencies and years: its
 * fingerprint is a hash over its rules and over what a corpus of names in the region's scripts becomes.
 */
#ifndef CLIENT_IDENTITY_NORMALISE_H
#define CLIENT_IDENTITY_NORMALISE_H

#include "protocol/base/err.h"

#include <stdint.h>

/* One for a thread; not shared. */
struct normaliser;
int normaliser_new(struct normaliser **out, struct err *err);
void normaliser_free(struct normaliser *normaliser);

/* Equal at two agencies exactly if they normalise alike. */
int normaliser_fingerprint(uint8_t out[32], struct err *err);

#endif
