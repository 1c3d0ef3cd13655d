/*
 * The languages of the desk: English, and catalogues of gettext's (client/page/po) that are compiled in, so that no
 * system needs a locale for them. What a catalogue does not have is shown in English.
 */
#ifndef CLIENT_PAGE_LANGUAGE_H
#define CLIENT_PAGE_LANGUAGE_H

#include "protocol/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct language {
    const char *code, *name;         /* "vi", its own name for itself */
    bool reviewed;                   /* by native speakers */
    size_t (*form)(uint64_t number); /* which of a plural's forms goes with it, as the catalogue's header says */
    const uint8_t *catalogue;
    size_t size;
};

extern const struct language languages[];
extern const size_t language_count;

/* By code, or by what a browser says it would like ("vi-VN, th;q=0.8"): the first that there is, and that was
 * begun. NULL: English. */
const struct language *language_find(const char *code);
const struct language *language_liked(const char *accept);

/* The sentence in this language (NULL: English), or as it is. Borrowed. */
const char *language_say(const struct language *language, const char *english);

/* The same of a number of things: "%s day ago", "%s days ago". */
const char *language_say_count(const struct language *language, const char *one, const char *many, uint64_t number);

/*
 * A word of the program ("date_of_birth"), as people read it; in English its hyphens and underscores are blanks in out.
 */
#define LANGUAGE_WORD_MAX 64
const char *language_word(char out[LANGUAGE_WORD_MAX], const struct language *language, const char *word);

/* How long the conversion of printf's is that a format has here ("%s", "%2$s", "%.40s", "%lld"); 0: none. *place: which
 * of the texts it takes, from 1; 0: the next. */
size_t conversion_here(const char *format, size_t *place);

/*
 * A text that the program made in English, by a format that it forgot (an error's, say): the format is looked for in
 * the catalogue. False: it has none that makes this text. Texts that are words of the catalogue are put into the
 * language.
 */
#define SAY_TEXTS_MAX 4
struct language_made {
    const char *said; /* the format, in the language */
    struct span text[SAY_TEXTS_MAX];
    size_t count;
};
bool language_find_made(struct language_made *out, const struct language *language, const char *text);

/* A sentence in any catalogue of gettext's (GNU MO, little-endian), or the form of it; damaged ones have nothing. */
const char *catalogue_find(const uint8_t *catalogue, size_t size, const char *english, size_t form);

#endif
