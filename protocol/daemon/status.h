/* What `status` prints of a daemon, whether it runs or not: its manifest, its exported ledger, what it says itself. */
#ifndef PROTOCOL_DAEMON_STATUS_H
#define PROTOCOL_DAEMON_STATUS_H

#include "protocol/daemon/daemon.h"

/* Checks the settings, loads identity and manifest, prints them. *out is owned: region_free(), also after a failure. */
int status_begin(struct daemon *daemon, const struct daemon_config *config, struct region **out, struct err *err);

/*
 * Prints the ledger, and what the daemon says itself. *serves: whether it answered "ok" on the address of the setting
 * Metrics; true where none is set.
 */
int status_end(const struct daemon *daemon, bool *serves, struct err *err);

#endif
