/* Parts of match keys in words, for people. */
#ifndef CLIENT_MATCH_WORDS_H
#define CLIENT_MATCH_WORDS_H

#include "client/schema/schema.h"

#define PART_WORDS_MAX 128

/* "all words of the name", and "by sound"; the second may be empty. */
const char *part_subject(const struct part *part);
const char *part_form(const struct part *part);

/* Both: "all words of the name by sound"; returns out. */
const char *part_in_words(char out[PART_WORDS_MAX], const struct part *part);

#endif
