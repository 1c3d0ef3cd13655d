/* An answer for programs; docs/man/concord-client.1 has the members. */
#ifndef CLIENT_TASK_REPORT_H
#define CLIENT_TASK_REPORT_H

#include "client/task/verdict.h"

#include <jansson.h>

/* NULL: out of memory. */
json_t *report_answer(const struct agency *agency, const struct answer *answer, const struct answer_verdict *verdict);

#endif
