/* What the fuzz targets share: a file that holds the input, and parties whose keys the seeds were made with. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "protocol/identity/identity.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A claim that must hold whatever the input: a failure of it is a finding. */
#define FUZZ_HOLDS(claim)                                                                                              \
    do {                                                                                                               \
        if (!(claim)) {                                                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #claim);                                 \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static inline char *fuzz_path(void)
{
    static char path[64];
    if (path[0] == '\0')
        snprintf(path, sizeof path, "%s/concord-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    return path;
}

static inline void fuzz_unlink(void)
{
    unlink(fuzz_path());
}

/* The path of a file, mode 0600, with this content; the same one each time. */
static inline const char *fuzz_file(const void *data, size_t size)
{
    static int fd = -1;
    if (fd < 0) {
        fd = mkstemp(fuzz_path());
        atexit(fuzz_unlink);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    return fuzz_path();
}

/* Party number n, always the same. */
static inline void fuzz_identity(struct identity *out, const char *name, uint8_t n)
{
    const uint8_t seed[32] = {n};
    if (identity_from_seed(out, name, seed, ERR_IGNORED) != 0)
        abort();
}

#endif
