/* Dates and document numbers, which are of digits and capitals whatever script they are written in. */
#ifndef CLIENT_IDENTITY_PLAIN_H
#define CLIENT_IDENTITY_PLAIN_H

#include <stddef.h>

/*
 * Digits of any script and full-width letters to ASCII, small letters to capitals; what is neither becomes one '?'.
 * Cut to fit.
 */
void plain_from_text(char *out, size_t size, const char *text);

#endif
