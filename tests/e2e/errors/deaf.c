/*
 * Preloaded into a server by the test of errors: once the file that CONCORD_DEAF names is there, receiving fails, as it
 * does when the socket is gone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <nanomsg/nn.h>
#include <stdlib.h>
#include <unistd.h>

int nn_recvmsg(int socket, struct nn_msghdr *header, int flags)
{
    int (*real)(int, struct nn_msghdr *, int);
    const char *file = getenv("CONCORD_DEAF");
    *(void **)&real = dlsym(RTLD_NEXT, "nn_recvmsg");
    if (file == NULL || access(file, F_OK) != 0)
        return real(socket, header, flags);
    errno = EBADF;
    return -1;
}
