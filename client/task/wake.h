/*
 * The matcher's wake-up: a thread that keeps a WAIT open at the matcher and says when the mailbox holds something, at
 * once to who is in wait_signal(). A matcher that is down is asked again, more and more seldom.
 */
#ifndef CLIENT_TASK_WAKE_H
#define CLIENT_TASK_WAKE_H

#include "client/agency/agency.h"

struct wake;

/* config and identity are borrowed. Call it with the signals blocked that the main thread waits for. */
int wake_start(struct wake **out, const struct agency_config *config, const struct identity *identity, struct err *err);

/* Whether there is mail; does not block. The thread asks again once wake_done() says that it was fetched. */
bool wake_mail(struct wake *wake);
void wake_done(struct wake *wake);

/* Ends the thread and frees. */
void wake_stop(struct wake *wake);

#endif
