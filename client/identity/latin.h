/*
 * Any script to Latin capitals: by our own tables for Latin, Cyrillic, Arabic, Thai, Lao, Khmer, Burmese, Sinhala,
 * Devanagari, Bengali and Tamil (rules/letters.txt), by ICU for the rest. ASCII passes without either. Titles that a
 * script writes before a name (rules/titles.txt) are left out, also where they are written together with it.
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
#define LATIN_SAW_HANGUL 4u
#define LATIN_SAW_THAI 8u
#define LATIN_SAW_LAO 16u
#define LATIN_SAW_BURMESE 32u
#define LATIN_SAW_KHMER 64u
#define LATIN_SAW_VIETNAMESE 128u /* letters that no other language has */
#define LATIN_SAW_HAN 256u

/*
 * out: A-Z 0-9, single spaces between words, and of the punctuation `,` `/` and `@`, which mean something in names;
 * apostrophes vanish, all else parts words. ERR_INPUT: not UTF-8, longer than LATIN_INPUT_MAX.
 */
int latin_from_text(struct latin *latin, char out[LATIN_MAX], const char *text, unsigned how, unsigned *seen,
                    struct err *err);

#endif
