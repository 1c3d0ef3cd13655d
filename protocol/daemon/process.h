/*
 * What a daemon's process may do, and what it tells its supervisor. It gives up what it does not need before it hears
 * anybody: another user, no new privileges, secrets that are not swapped out, and a filter of system calls. What a
 * stranger might make it do by a defect is then little: it can start no program, trace no process, and open no other
 * kind of socket.
 */
#ifndef PROTOCOL_DAEMON_PROCESS_H
#define PROTOCOL_DAEMON_PROCESS_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define PROCESS_END_SECONDS 5

/*
 * Becomes this user with its groups, for good; "": stays who it is. ERR_USAGE: there is none of that name, or the
 * process may not. Call it before files are made.
 */
int process_become(const char *user, struct err *err);

/*
 * No new privileges, and from now on only the system calls that the daemons need: any other fails with EPERM; one that
 * would start a program, trace or reach into another process ends this one. For all threads that are started later. Not
 * in builds with a sanitizer, whose own calls are not in the list.
 */
int process_confine(struct err *err);

/* Keeps these bytes out of swap, as far as the system lets the process. */
void process_lock(void *secret, size_t len);

/* After so many seconds the process ends with status 1 and says so, whatever it is doing. */
void process_end_within(unsigned seconds);

/*
 * Tells the supervisor that started it (the datagrams of sd_notify(3)), if one did: "READY=1", "STOPPING=1",
 * "WATCHDOG=1", "STATUS=...". What cannot be sent is not sent: a supervisor that does not listen is not there.
 */
void process_notify(const char *state);

#endif
