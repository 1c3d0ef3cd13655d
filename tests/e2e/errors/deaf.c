/*
 * Preloaded into a server by the test of errors: once the file that CONCORD_DEAF names is there, its socket does not
 * listen any more, as when the descriptor is gone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int getsockopt(int socket, int level, int name, void *value, socklen_t *len)
{
    int (*real)(int, int, int, void *, socklen_t *);
    const char *file = getenv("CONCORD_DEAF");
    *(void **)&real = dlsym(RTLD_NEXT, "getsockopt");
    if (name != SO_ACCEPTCONN || file == NULL || access(file, F_OK) != 0)
        return real(socket, level, name, value, len);
    errno = EBADF;
    return -1;
}
