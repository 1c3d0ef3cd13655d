/*
 * The figures that daemons show alike, and where they are shown: GET /metrics and GET /healthz on the address that a
 * setting names. What is looked up is looked up by the daemon's own thread once a second, so that asking for figures
 * costs a daemon nothing but their text.
 */
#ifndef PROTOCOL_DAEMON_FIGURES_H
#define PROTOCOL_DAEMON_FIGURES_H

#include "protocol/base/err.h"

#include <stdint.h>

struct figures;

/* Listens, unless listen is "": then *out is NULL. Registers what every daemon has: its process, manifest and beat. */
int figures_open(struct figures **out, const char *listen, struct err *err);
void figures_close(struct figures *figures); /* NULL is fine */

/* Registers what those show who answer requests and keep a ledger. */
void figures_serve(void);

/* A request was answered, so many microseconds after it came. Names are of wire/. */
void figures_answered(const char *type, const char *status, uint64_t microseconds);

/* What is true each second. */
void figures_process(const char *state_dir);
void figures_queue(uint64_t waiting, uint64_t most);
void figures_ledger(uint64_t entries);
void figures_manifest(uint64_t version);
void figures_witness(const char *witness, uint64_t entries_behind);

/* The daemon is alive; what fails now, NULL if nothing. /healthz says so, or that nothing came for five seconds. */
void figures_beat(const char *failing);

/* It begins work that may take so many seconds: until its next beat no word within that time is no failure. */
void figures_work(unsigned seconds);

#endif
