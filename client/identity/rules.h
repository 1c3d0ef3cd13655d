/*
 * The rules of normalising, as data: the files of client/identity/rules/, which the program carries within itself.
 * Their format is told at the head of each. They are part of the normaliser's fingerprint. Read only once made:
 * threads may share them.
 */
#ifndef CLIENT_IDENTITY_RULES_H
#define CLIENT_IDENTITY_RULES_H

#include "client/identity/rule_files.h"
#include "protocol/base/err.h"

#include <stdint.h>

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
    uint8_t kind;  /* enum letter_kind */
    bool word_end; /* holds before the end of a word alone */
    char latin[RULE_LATIN_MAX + 1], icao[4];
};

/* --- words.txt, spellings.txt, nicknames.txt --- */

enum word_kind {
    WORD_TITLE,
    WORD_FRONT,
    WORD_PARTICLE,
    WORD_FILLER,
    WORD_BEFORE,
    WORD_BEHIND,
    WORD_TAIL,
    WORD_PREFIX,
    WORD_ARTICLE,
    WORD_WHOLE,
    WORD_SURNAME,
    WORD_TELLS,
    WORD_SPELLING
};

struct word_rule {
    char word[RULE_WORD_MAX + 1];
    char root[RULE_WORD_MAX +
              1]; /* of a spelling: the one that stands for all, folded; of a surname and what tells: countries */
    const char *countries; /* "THA LAO", "" for every country */
    uint8_t kind;          /* enum word_kind */
    bool nickname;
    uint16_t next; /* in the table: same hash; 0: none */
};

/* The countries of a record, each of three capital letters: its nationalities and the issuers of its documents. */
struct countries {
    char code[COUNTRIES_MAX][4];
    unsigned count;
};

struct rules;
int rules_new(struct rules **out, struct err *err);
void rules_free(struct rules *rules);

/*
 * Composes text (NFKC) and leaves out the signs that letters.txt says never matter. The length, or -1: it does not fit.
 */
int32_t rules_compose(const struct rules *rules, UChar *out, int32_t room, const UChar *text, int32_t len);

/* The longest rule that text begins with, NULL if there is none. `closes`: it may be one for the end of a word. */
const struct letter_rule *rules_letter(const struct rules *rules, const UChar *text, size_t len, bool closes);

/* A Latin letter without its marks: A-Z, or 0 if this is none. */
char rules_base_letter(const struct rules *rules, UChar c);

/* Of which kinds there are rules for a word, for whatever country: bits 1 << WORD_... */
unsigned rules_kinds(const struct rules *rules, const char *word);

/*
 * The first rule of one of the kinds (bits 1 << WORD_...) for a word that holds for one of the countries. NULL: none.
 */
const struct word_rule *rules_word(const struct rules *rules, const char *word, unsigned kinds,
                                   const struct countries *countries);

/* The end of the name of a word that begins an alias (URF, A.K.A., @) at the front of text. 0: none begins there. */
size_t rules_alias(const struct rules *rules, const char *text);

/* A word in which the ways of writing the syllables of a language ("KOR", "CHN": syllables.txt) are one. */
void rules_fold_syllables(const struct rules *rules, char *out, size_t size, const char *language, const char *word);

/*
 * How many characters of the text at the beginning of a word are a title in its own script: those of titles.txt that
 * stand alone, or are written together with the name behind them. 0: none.
 */
size_t rules_native_title(const struct rules *rules, const UChar *text, size_t len);

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

#endif
