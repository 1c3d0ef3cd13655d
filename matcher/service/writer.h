/*
 * One thread that makes the changes which agencies ask for: whatever waits is staged into one
 * write and committed together, so that requests of different agencies share a signature and an fsync. A request that
 * touches a tag which the write at hand has changed waits for the next. One that fails never takes others with it.
 */
#ifndef MATCHER_SERVICE_WRITER_H
#define MATCHER_SERVICE_WRITER_H

#include "matcher/service/job.h"

#define WRITER_JOBS_MAX 64
#define WRITER_PEER_JOBS 16           /* of one party */
#define WRITER_PEER_BYTES (64u << 10) /* of one party in one write, or one job: the others' do not wait for more */
#define WRITER_BYTES_MAX (32u << 20)  /* of bodies that wait; whoever brings more is held until there is room */

int writer_start(struct writer **out, struct matcher *matcher, struct err *err);

/* ERR_BUSY: as many of this party wait as may. Before a request costs anything. */
int writer_has_room(struct writer *writer, uint16_t peer, struct err *err);

/* Takes the job, whose request it answers; ERR_BUSY: too many of this party wait, and the job is still the caller's. */
int writer_add(struct writer *writer, struct job *job, struct err *err);

/* Finishes what waits and ends the thread. NULL is fine. */
void writer_stop(struct writer *writer);

#endif
