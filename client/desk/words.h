/* The words of disclosure: what officers type and read for the numbers that stand in letters. */
#ifndef CLIENT_DESK_WORDS_H
#define CLIENT_DESK_WORDS_H

#include "protocol/base/err.h"
#include "protocol/wire/disclosure.h"

#include <stdbool.h>

/* Lists of words by number; NULL where there is none of that number. */
enum desk_list { WORDS_FIELD, WORDS_CODE, WORDS_WHY, WORDS_SOURCE, WORDS_HANDLING, WORDS_OUTCOME, WORDS_RECALL };

/* "?" for a number without a word. */
const char *desk_word(enum desk_list list, uint64_t number);

/* ERR_USAGE names all that there are. */
int desk_number(uint64_t *out, enum desk_list list, const char *word, struct err *err);

/* Whether a field is a file and not text. */
bool desk_is_file(uint64_t field);

#endif
