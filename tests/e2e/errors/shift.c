/* Preloaded into a program by the test of errors: its clock is CONCORD_SHIFT seconds ahead. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *out)
{
    const char *shift = getenv("CONCORD_SHIFT");
    const int rc = (int)syscall(SYS_clock_gettime, clock, out);
    if (rc == 0 && clock == CLOCK_REALTIME && shift != NULL)
        out->tv_sec += atol(shift);
    return rc;
}
