/*
 * Normalising identity fields so that two agencies' spellings of the same meet (docs/matching.md). Must agree bit for bit
 * across agencies and years: the normaliser's fingerprint is a hash over a corpus put through every function here.
 *
 * Outputs are NUL-terminated ASCII (A-Z 0-9 and single spaces) or empty when the input has nothing usable.
 */
#ifndef CLIENT_IDENTITY_NORMALISE_H
#define CLIENT_IDENTITY_NORMALISE_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NORMALISED_MAX 1024 /* bytes with the terminating NUL: what every char out[] below holds */

/* ICU transliterators and tables. One for a thread; not shared. */
struct normaliser;
int normaliser_new(struct normaliser **out, struct err *err);
void normaliser_free(struct normaliser *normaliser);

/* Any script to upper-case Latin without marks; titles and punctuation dropped; tokens separated by one space. */
int normalise_name(struct normaliser *n, char out[NORMALISED_MAX], const char *name, struct err *err);

/* The tokens of a normalised name in alphabetical order: the same for every order of names. */
void normalise_unordered(char out[NORMALISED_MAX], const char *name);

/* How a normalised name sounds: a code per token, in alphabetical order; the same for usual transliteration variants. */
void normalise_phonetic(char out[NORMALISED_MAX], const char *name);

/* A document number: A-Z 0-9 alone, letters and digits that are confused (O 0, I 1) as one. */
void normalise_document(char out[NORMALISED_MAX], const char *number);

/* A date as the feed has it: YYYY, YYYY-MM, YYYY-MM-DD or YYYYMMDD. month and day are 0 where unknown. False if it is no date between 1850 and 2150. */
struct birth_date {
    unsigned year, month, day;
};
bool normalise_date(struct birth_date *out, const char *text);

/* SHA-256 over the outputs for the built-in corpus: equal at two agencies exactly if they normalise alike. */
int normaliser_fingerprint(uint8_t out[32], struct err *err);

#endif
