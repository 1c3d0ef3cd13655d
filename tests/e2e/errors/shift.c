/*
 * Preloaded into a program by tests: its clock is CONCORD_SHIFT seconds ahead, or as many as the file
 * CONCORD_SHIFT_FILE says at the moment.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *out)
{
    const char *shift = getenv("CONCORD_SHIFT"), *path = getenv("CONCORD_SHIFT_FILE");
    char text[32] = "";
    const int rc = (int)syscall(SYS_clock_gettime, clock, out);
    if (rc != 0 || clock != CLOCK_REALTIME)
        return rc;
    if (path != NULL) {
        const int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && read(fd, text, sizeof text - 1) > 0)
            out->tv_sec += atol(text);
        if (fd >= 0)
            close(fd);
    }
    out->tv_sec += shift != NULL ? atol(shift) : 0;
    return rc;
}
