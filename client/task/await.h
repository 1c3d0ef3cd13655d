/*
 * Waiting for partners to judge what a question met: letters go to and fro meanwhile, by this process or by another of
 * the agency that is at work, like its daemon.
 */
#ifndef CLIENT_TASK_AWAIT_H
#define CLIENT_TASK_AWAIT_H

#include "client/task/question.h"

/* Before the question is asked: that partners can write to this agency. Nothing where another process is at work. */
int await_ready(const struct agency *agency, struct err *err);

/*
 * Until nothing of the answer waits, or so many seconds are over. Mail of other sorts that comes meanwhile is taken in,
 * too.
 */
int await_verdicts(struct agency *agency, struct answer *answer, uint64_t seconds, struct err *err);

#endif
