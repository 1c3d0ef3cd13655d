/*
 * The languages of the desk: English, and catalogues of gettext's (client/page/po) that are compiled in, so that no
 * system needs a locale for them. What a catalogue does not have is shown in English.
 */
#ifndef CLIENT_PAGE_LANGUAGE_H
#define CLIENT_PAGE_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct language {
    const char *code, *name; /* "vi", its own name for itself */
    bool reviewed;           /* by native speakers */
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

/* The same in any catalogue of gettext's (GNU MO, little-endian); damaged ones have nothing. */
const char *catalogue_find(const uint8_t *catalogue, size_t size, const char *english);

#endif
