/* Who is not to be asked. */
#ifndef CLIENT_TASK_SPARED_H
#define CLIENT_TASK_SPARED_H

#include "client/task/question.h"

/*
 * Fills digest, ascending, with the agencies that the question must not reach: those that one of the names means (an
 * agency, or all of a state by its three letters), and those that the settings say records like this one are not for,
 * in any of the purposes. ERR_INPUT: a name that is no agency and no state's code.
 */
int spared_find(const struct agency *agency, const struct question *question, const char *const *name, size_t names,
                uint8_t (*digest)[PARTY_DIGEST_SIZE], size_t *count, struct err *err);

#endif
