/*
 * Any script to Latin capitals: by our own tables for Latin, Cyrillic, Arabic, Thai, Lao, Khmer, Burmese and Sinhala
 * (rules/letters.txt), by ICU for the rest. ASCII passes without either.
 */
#ifndef CLIENT_IDENTITY_LATIN_H
#define CLIENT_IDENTITY_LATIN_H

#include "client/identity/rules.h"

#define LATIN_MAX 1024      /* bytes of the outcome with its NUL */
#define LATIN_INPUT_MAX 512 /* bytes of a text */

struct latin;
int latin_new(struct latin **out, const struct rules *rules, struct err *err);
void latin_free(struct latin *latin);

/* How to read, as bits. */
#define LATIN_ICAO 1u  /* Ä as AE, as a machine-readable zone has it; else as A */
#define LATIN_WHOLE 2u /* the text is a whole name: in unspaced Han and Hangul a comma is put behind the family name */

/* What was seen, as bits. */
#define LATIN_SAW_ICAO 1u       /* a letter that LATIN_ICAO makes another one of */
#define LATIN_SAW_EAST_ASIAN 2u /* Han or Hangul: what ICU puts between syllables parts no words */

/*
 * out: A-Z 0-9, single spaces between words, and of the punctuation `,` `/` and `@`, which mean something in names;
 * apostrophes vanish, all else parts words. ERR_INPUT: not UTF-8, longer than LATIN_INPUT_MAX.
 */
int latin_from_text(struct latin *latin, char out[LATIN_MAX], const char *text, unsigned how, unsigned *seen,
                    struct err *err);

#endif
