/*
 * How a Latin word may be spelled: from its letters to coarser forms (docs/normalisation.md has the tables). Words
 * are A-Z and 0-9, NUL-terminated; outputs are cut to size - 1 characters and never empty for a word that is not.
 */
#ifndef CLIENT_IDENTITY_SPELLING_H
#define CLIENT_IDENTITY_SPELLING_H

#include <stddef.h>

/* One spelling for those that differ by rule alone: PHILLIP and FILIP, SOEKARNO and SUKARNO, HSIAO and XIAO. */
void spelling_fold(char *out, size_t size, const char *word);

/*
 * Of a folded word, how it sounds: a letter for each class of consonants, A for a vowel in front; a sole consonant has
 * its vowel.
 */
void spelling_sound(char *out, size_t size, const char *word);

/* Of a folded word, its first letter and the consonants behind it, doubled ones once. */
void spelling_skeleton(char *out, size_t size, const char *word);

#endif
