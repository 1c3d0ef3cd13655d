/*
 * The rules of normalising, as data: the files of client/identity/rules/, which the program carries within itself.
 * Their format is told at the head of each. They are part of the normaliser's fingerprint. Read only once made:
 * threads may share them.
 */
#ifndef CLIENT_IDENTITY_RULES_H
#define CLIENT_IDENTITY_RULES_H

#include "protocol/base/bytes.h"
#include "protocol/base/err.h"

#include <unicode/utypes.h>

#define RULE_WORD_MAX 31
#define RULE_LATIN_MAX 15
#define RULE_CHARACTERS_MAX 8
#define COUNTRIES_MAX 8 /* of one record */

/* --- letters.txt: characters to Latin --- */

enum letter_kind { LETTER_PLAIN, LETTER_INHERENT, LETTER_SIGN, LETTER_LEADING, LETTER_KILLER, LETTER_SYLLABLE };

struct letter_rule {
    UChar character[RULE_CHARACTERS_MAX];
    uint8_t characters;
    uint8_t kind; /* enum letter_kind */
    char latin[RULE_LATIN_MAX + 1], icao[4];
};

/* --- words.txt, spellings.txt --- */

enum word_kind { WORD_TITLE, WORD_PARTICLE, WORD_FILLER, WORD_BEFORE, WORD_PREFIX, WORD_SPELLING };

struct word_rule {
    char word[RULE_WORD_MAX + 1];
    char root[RULE_WORD_MAX + 1]; /* of a spelling: the one that stands for all */
    const char *countries;        /* "THA LAO", "" for every country */
    uint8_t kind;                 /* enum word_kind */
    uint16_t next;                /* in the table: same hash; 0: none */
};

/* The countries of a record, each of three capital letters: its nationalities and the issuers of its documents. */
struct countries {
    char code[COUNTRIES_MAX][4];
    unsigned count;
};

struct rules;
int rules_new(struct rules **out, struct err *err);
void rules_free(struct rules *rules);

/* The longest rule that text begins with, NULL if there is none. */
const struct letter_rule *rules_letter(const struct rules *rules, const UChar *text, size_t len);

/* A Latin letter without its marks: A-Z, or 0 if this is none. */
char rules_base_letter(const struct rules *rules, UChar c);

/*
 * The first rule of one of the kinds (bits 1 << WORD_...) for a word that holds for one of the countries. NULL: none.
 */
const struct word_rule *rules_word(const struct rules *rules, const char *word, unsigned kinds,
                                   const struct countries *countries);

/* Whether the given names of these countries are one word. */
bool rules_join_given(const struct rules *rules, const struct countries *countries);

/*
 * The family name that an unspaced Han or Hangul name begins with: how many characters, and its reading ("": as ICU
 * reads it). 1 for what is in no list.
 */
size_t rules_surname(const struct rules *rules, const UChar *text, size_t len, const char **reading);

/*
 * Days of the months of a year of the Bikram Sambat calendar, and where the year begins, in days after 1 January 1970.
 */
#define BIKRAM_SAMBAT_FIRST 1976
#define BIKRAM_SAMBAT_LAST 2082
bool rules_bikram_sambat(unsigned year, uint8_t days[12], int32_t *begins);

/* The files as they are, for the fingerprint. */
#define RULE_FILES 5
struct span rules_file(size_t i);

#endif
