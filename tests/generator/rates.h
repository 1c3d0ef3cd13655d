/*
 * How often what happens: all in one place, out of a thousand, before --errors scales it. A record comes from a scan of
 * the document's machine-readable zone, from a document typed off by hand, or from what somebody says in an interview
 * (and shows, if anything).
 *
 * The rates are estimates for files of middling quality, not fitted to any match key: a typed name has a
 * slip in one of twenty-five rows, a name that is heard is spelled otherwise in one of seven, and of every ten birth
 * dates that are told one is not known to the day. Where real files are at hand, set the rates after them.
 */
#ifndef TESTS_GENERATOR_RATES_H
#define TESTS_GENERATOR_RATES_H

enum source { SCANNED, TYPED, INTERVIEW, SOURCES };

/* name, scanned, typed, interview */
#define RATES(X)                                                                                                       \
    /* names */                                                                                                        \
    X(RESPELLED, 0, 25, 150)        /* each name: another romanisation, or a spelling by ear */                        \
    X(MISTYPED, 0, 40, 40)          /* a letter replaced, left out, doubled, or swapped with the next */               \
    X(MISREAD_NAME, 4, 0, 0)        /* 0 for O, 1 for I, 5 for S, 8 for B */                                           \
    X(SWAPPED, 3, 30, 40)           /* family and given names in each other's field */                                 \
    X(ONE_FIELD, 5, 30, 40)         /* all names in one field */                                                       \
    X(OWN_ONE_FIELD, 500, 500, 500) /* so where nobody has a family name: an agency about its own people */            \
    X(DROPPED, 3, 25, 60)           /* one of several given names left out */                                          \
    X(INITIAL, 0, 15, 15)           /* a given name reduced to its initial */                                          \
    X(JOINED, 5, 40, 50)            /* two names written as one, or one as two */                                      \
    X(TITLED, 0, 20, 50)            /* an honorific before the name */                                                 \
    X(PARTICLE, 5, 80, 150)         /* bin, a/l, Md, Thi ... dropped or written otherwise */                           \
    X(NO_FAMILY, 0, 8, 25)          /* the family name left out */                                                     \
    X(MARRIED, 5, 10, 20)           /* a woman under her husband's family name, or her own again */                    \
    X(CAPITALS, 950, 350, 300)      /* all in capital letters */                                                       \
    X(NATIVE_OWN, 500, 600, 500)    /* the native spelling too: an agency about people of its own country */           \
    X(NATIVE_OTHER, 20, 30, 20)     /* and about others */                                                             \
    X(NATIVE_ALONE, 0, 8, 8)        /* and nothing else */                                                             \
    X(DIACRITICS, 0, 400, 300)      /* Latin names with their marks: an agency about its own people */                 \
    X(ALIASES, 10, 30, 80)          /* other names are known: a spelling, a nickname, the name before marriage */      \
    /* birth dates */                                                                                                  \
    X(DATE_MISTYPED, 2, 12, 12) /* one digit of it wrong */                                                            \
    X(DAY_MONTH, 2, 15, 20)     /* day and month swapped, where both can be months */                                  \
    X(YEAR_MONTH, 0, 10, 30)    /* no day */                                                                           \
    X(YEAR_ALONE, 0, 15, 60)    /* nor month */                                                                        \
    X(NEW_YEAR, 0, 10, 30)      /* 1 January for a day that nobody knows */                                            \
    X(YEAR_OFF, 0, 3, 20)       /* a year or two off: age told in place of a date */                                   \
    X(NO_DATE, 2, 10, 20)                                                                                              \
    X(LOCAL_ERA, 0, 150, 150) /* year of the agency's own era, Buddhist or Minguo, about its own people */             \
    /* the rest */                                                                                                     \
    X(NO_SEX, 5, 15, 30)                                                                                               \
    X(WRONG_SEX, 1, 4, 4)                                                                                              \
    X(NO_NATIONALITY, 5, 10, 20)                                                                                       \
    X(MISREAD_NUMBER, 12, 0, 0) /* 0 for O, 1 for I, 5 for S, 8 for B in the document number */                        \
    X(MISTYPED_NUMBER, 0, 5, 8) /* a character of it wrong, missing, or swapped with the next */                       \
    X(SPACED_NUMBER, 0, 60, 60) /* blanks, hyphens or small letters in it */                                           \
    X(NO_ISSUER, 1, 3, 5)       /* the document's issuer left out */                                                   \
    X(MRZ_KEPT, 500, 0, 0)      /* the machine-readable zone as it was read */

enum rate {
#define RATE(name, scanned, typed, interview) name,
    RATES(RATE)
#undef RATE
        RATES_COUNT
};

/* Who is recorded: out of a thousand. */
enum {
    OWN_NATION = 700,    /* a new person is of the agency's own country; the others passed through */
    SIBLING = 20,        /* a new person has the parents of somebody known: not a match */
    TWIN = 5,            /* and the birth date: not a match; four in ten have a part of the given names too */
    NAMESAKE = 10,       /* a new person has the names of somebody known, born within 400 days: not a match */
    FORGED = 10,         /* a new person carries a document that another record names */
    SAME_AGENCY = 50,    /* somebody met again was met by this very agency; else by another one */
    SAME_DOCUMENT = 550, /* somebody met again shows the same document */
    NEW_DOCUMENT = 250,  /* or another: a renewed passport, an identity card; the rest shows none */
    DOCUMENT = 850,      /* a new person has a document */
    RENAMED_PAPERS = 30, /* each name on a further document: spelled otherwise than on the first */
    PASSPORT = 780,      /* of documents; then identity cards, seamen's books, refugees' travel documents */
    ID_CARD = 150,
    SEAMAN_BOOK = 40,
};

/* Where a record comes from: out of a thousand, with and without a document shown. */
static const unsigned short source_share[2][SOURCES] = {{0, 400, 600}, {400, 450, 150}};

#endif
