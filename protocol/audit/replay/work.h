/* A scratch directory of an audit's own, for what does not fit into memory. */
#ifndef PROTOCOL_AUDIT_WORK_H
#define PROTOCOL_AUDIT_WORK_H

#include "protocol/base/file.h"

/* Makes one that nobody else can look into, below base; "" is TMPDIR, or /tmp. out is "" if it fails. */
int work_make(char out[PATH_LIMIT], const char *base, struct err *err);

/* Removes it with all that is in it; "" is fine. */
void work_remove(const char *dir);

#endif
