/*
 * What the score of a pair is made of: classes that two records can be of, and what can be seen of a pair. A schema has
 * a weight for each of these in each class.
 */
#ifndef CLIENT_SCHEMA_SEEN_H
#define CLIENT_SCHEMA_SEEN_H

#include <stdint.h>

/* What two records that opened can be to each other. */
enum pair_class {
    PAIR_MATCH,     /* one person */
    PAIR_UNRELATED, /* strangers who share values by chance */
    PAIR_RELATIVE,  /* twins, siblings, parent and child: family name, not the given names */
    PAIR_NAMESAKE,  /* one name, other dates */
    PAIR_CLASSES
};
extern const char *const pair_class_name[PAIR_CLASSES];

/* What was seen, from which classes are weighed; how often, in judgement.seen. */
enum seen {
    SEEN_WORD_EXACT,   /* words as written */
    SEEN_WORD_ROOT,    /* by root alone */
    SEEN_WORD_NEAR,    /* by two or more of skeleton, front, end, letters */
    SEEN_WORD_WEAK,    /* by one of these */
    SEEN_WORD_DIFFERS, /* on both sides, in no form */
    SEEN_WORD_EXTRA,   /* on one side alone */
    SEEN_NAME_ALL,     /* as many words on both sides, all agree by root */
    SEEN_NAME_JOINED,  /* all letters agree, the words do not */
    SEEN_NAME_NONE,    /* no word agrees by more than one weak form */
    SEEN_NAME_KIN,     /* the family name agrees, and another word does not; not of lean pairs */
    SEEN_DATE_FULL,
    SEEN_DATE_TURNED,
    SEEN_DATE_DAY,       /* the day alone differs */
    SEEN_DATE_MONTH,     /* the month alone */
    SEEN_DATE_YEAR_NEAR, /* the year alone, in one digit */
    SEEN_DATE_YEAR,      /* the year alone, in more */
    SEEN_DATE_YEAR_ONLY, /* the year agrees; day or month are missing on a side, and nothing differs */
    SEEN_DATE_ONE,       /* one of day, month, year agrees, nothing else */
    SEEN_DATE_DECADE,    /* no part, but one digit of the year is wrong at most */
    SEEN_DATE_NONE,      /* nothing agrees */
    SEEN_DATE_ABSENT,    /* on one side */
    SEEN_SEX_AGREES,
    SEEN_SEX_DIFFERS,
    SEEN_NATIONALITY_AGREES,
    SEEN_NATIONALITY_DIFFERS,
    SEEN_DOCUMENT_AGREES,
    SEEN_DOCUMENT_DIFFERS, /* of one issuer and type, another number */
    SEEN_DOCUMENT_OTHER,   /* of other issuers or types */
    SEEN_LEAN,             /* neither sex nor nationality nor documents on both sides */
    SEEN_KINDS
};
extern const char *const seen_name[SEEN_KINDS];

#define JUDGING_MOST 1000 /* of a weight, in tenths of a bit */

/* Tenths of a bit. */
struct judging {
    int16_t weight[PAIR_CLASSES][SEEN_KINDS]; /* log2 of how much likelier in this class than among strangers */
    int16_t prior[PAIR_CLASSES];              /* log2 of how many pairs of this class there are for each match */
    int16_t overlap;       /* log2 of how many records there are for each that the partner has, too */
    int16_t least_records; /* log2: agencies with fewer are judged like agencies of so many */
};

#endif
