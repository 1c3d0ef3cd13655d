/*
 * The matcher at work: answers the agencies, keeps the manifest in force, and does what has to be done of its own
 * accord (changes of grants, retention, cleaning).
 */
#ifndef MATCHER_SERVICE_SERVICE_H
#define MATCHER_SERVICE_SERVICE_H

#include "matcher/service/state.h"
#include "protocol/base/file.h"
#include "protocol/daemon/backup.h"

int matcher_open(struct matcher *matcher, struct daemon *daemon, const struct matcher_config *config, struct err *err);
void matcher_close(struct matcher *matcher);

/* The members of a struct daemon_service; context is the struct matcher. */
int matcher_authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                      struct err *err);
void matcher_handle(void *context, struct rpc_request *request);
int matcher_tick(void *context, struct err *err);
int matcher_check(void *context, struct err *err);
int matcher_reload(void *context, struct err *err);
void matcher_measure(void *context);
int matcher_copy(void *context, const char *dir, struct err *err);
void matcher_drained(void *context);

/*
 * Where the archive lies, into archive. Fills what a backup of the matcher is, which borrows both and daemon.
 */
int matcher_archive_path(char archive[PATH_LIMIT], const struct daemon *daemon, const struct matcher_config *config,
                         struct err *err);
int matcher_backup(struct backup *out, struct daemon *daemon, const struct matcher_config *config,
                   char archive[PATH_LIMIT], struct err *err);

#endif
