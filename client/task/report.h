/* An answer for programs, docs/man/concord-client.1 has the members; and its words, for people. */
#ifndef CLIENT_TASK_REPORT_H
#define CLIENT_TASK_REPORT_H

#include "client/task/verdict.h"

#include <jansson.h>

/* NULL: out of memory. */
json_t *report_answer(const struct agency *agency, const struct answer *answer, const struct answer_verdict *verdict);

/* "asks", "suspended", "excepted", "rejoining". */
const char *report_unasked_word(enum query_reason reason);

/* What such a word, or one of register_state_word, says of the partner whose name stands before it. */
const char *report_sentence(const char *word);

#endif
