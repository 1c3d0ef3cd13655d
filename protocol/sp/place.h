/* Where a url points: addresses to listen at or to connect to. */
#ifndef PROTOCOL_SP_PLACE_H
#define PROTOCOL_SP_PLACE_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <sys/socket.h>

struct sp_place {
    struct sockaddr_storage address;
    socklen_t len;
    bool ipc;
};

/*
 * Reads tcp://HOST:PORT or ipc://PATH. To listen, HOST is a literal address or *; to connect it may be a name, which is
 * looked up, and that may take a while. An IPv6 address stands in brackets. ERR_USAGE, ERR_UNREACHABLE if the name is
 * not found.
 */
int sp_place_find(struct sp_place *out, const char *url, bool listen, struct err *err);

/*
 * Opens a socket that listens there. A socket file that a dead process left gives way; any other file is kept. ERR_IO
 * says what is in the way.
 */
int sp_listen(int *out, const struct sp_place *place, const char *url, struct err *err);

/* Ends it; a socket file goes with it. Harmless on -1. */
void sp_unlisten(int fd, const char *url);

#endif
