/*
 * Who is on duty is called: by a command of the agency's choice (mail, a pager), for urgent questions of partners, for
 * what nobody answers, for what is late, and when pairs were judged to be matches. It is told what waits, and nothing
 * of a person: neither values nor record ids. One command runs at a time, and nobody waits for it.
 *
 * The command has one argument, the event, and these in its environment beside PATH, HOME and LANG: CONCORD_EVENT,
 * CONCORD_AGENCY, CONCORD_PARTNER, CONCORD_PURPOSE; of letters CONCORD_LETTER, CONCORD_URGENCY, CONCORD_DUE,
 * CONCORD_CALLS; of matches CONCORD_COUNT.
 */
#ifndef CLIENT_TASK_DUTY_H
#define CLIENT_TASK_DUTY_H

#include "client/agency/agency.h"

struct duty;

/* command: a path, borrowed. escalate: seconds after which somebody else is called. ERR_USAGE: it cannot be run. */
int duty_new(struct duty **out, const char *command, uint64_t escalate, struct err *err);
void duty_free(struct duty *duty); /* NULL is fine; what runs goes on */

/*
 * What was told is noted in the vault, and what is to be told now will be run; judged: look for judged pairs, too,
 * which are told once and not again after a crash. *next: when this is to be called again at the latest, seconds
 * since 1970; 0: nothing waits.
 */
int duty_gather(struct duty *duty, struct agency *agency, bool judged, uint64_t *next, struct err *err);

/*
 * Runs what was gathered; comes back at once: call it every second or so. A command that fails is tried three times.
 * True: something was told, and is to be noted by duty_gather(). NULL is fine.
 */
bool duty_tend(struct duty *duty);

#endif
