/*
 * Drives a fuzz target without a fuzzer: every seed in tests/fuzz/seeds/<target>/ as it is, then a fixed number of
 * mutations of seeds and of random bytes, the same at every run. FUZZ_ITERATIONS overrides how many. A file named as an
 * argument is run alone: that is how a finding of `make fuzz` is reproduced.
 */
#include "protocol/base/file.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS_MAX 256
#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct buf seeds[SEEDS_MAX];
static size_t seed_count;
static uint64_t state = 0x9e3779b97f4a7c15u;

/* splitmix64: small, seeded, the same everywhere. */
static uint64_t next(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int run_file(const char *path, struct buf *out)
{
    struct err err;
    *out = buf_of(INPUT_MAX);
    if (file_read(out, path, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    LLVMFuzzerTestOneInput(out->data, out->len);
    return 0;
}

static void load_seeds(const char *target)
{
    char dir[512];
    snprintf(dir, sizeof dir, "tests/fuzz/seeds/%s", target);
    DIR *d = opendir(dir);
    if (d == NULL)
        return;
    for (struct dirent *e; (e = readdir(d)) != NULL && seed_count < SEEDS_MAX;) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (e->d_name[0] != '.' && run_file(path, &seeds[seed_count]) == 0)
            seed_count++;
    }
    closedir(d);
}

static size_t mutate(uint8_t *data, size_t len)
{
    static const uint8_t interesting[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0xc1, 0xdd, 0xdf, '"', '\n', '{', ','};
    for (uint64_t edits = 1 + next() % 8; edits > 0; edits--) {
        size_t at = len > 0 ? next() % len : 0;
        switch (next() % 6) {
        case 0: /* flip a bit */
            if (len > 0)
                data[at] ^= (uint8_t)(1u << (next() % 8));
            break;
        case 1: /* a byte that parsers stumble over */
            if (len > 0)
                data[at] = interesting[next() % sizeof interesting];
            break;
        case 2: /* cut */
            len = at;
            break;
        case 3: /* insert */
            if (len < INPUT_MAX) {
                memmove(data + at + 1, data + at, len - at);
                data[at] = (uint8_t)next();
                len++;
            }
            break;
        case 4: /* repeat a stretch at the end */
            if (len > 0) {
                size_t run = 1 + next() % (len - at);
                run = run < INPUT_MAX - len ? run : INPUT_MAX - len;
                memmove(data + len, data + at, run);
                len += run;
            }
            break;
        default: /* overwrite with noise */
            for (size_t i = at; i < len && i < at + 4; i++)
                data[i] = (uint8_t)next();
        }
    }
    return len;
}

int main(int argc, char **argv)
{
    struct buf one;
    static uint8_t input[INPUT_MAX];
    const char *slash = strrchr(argv[0], '/');
    const char *wanted = getenv("FUZZ_ITERATIONS");
    long iterations = wanted != NULL ? atol(wanted) : 20000;
    if (sodium_init() < 0)
        return 1;
    if (argc > 1)
        return run_file(argv[1], &one);
    load_seeds(slash != NULL ? slash + 1 : argv[0]);
    for (long i = 0; i < iterations; i++) {
        size_t len;
        if (seed_count > 0 && i % 8 != 0) {
            const struct buf *seed = &seeds[next() % seed_count];
            len = seed->len;
            memcpy(input, seed->data, len);
            len = mutate(input, len);
        } else {
            len = next() % 512;
            for (size_t j = 0; j < len; j++)
                input[j] = (uint8_t)next();
        }
        /* A copy of exactly that size, so that the address sanitizer sees the first byte too far. */
        uint8_t *exact = malloc(len > 0 ? len : 1);
        if (exact == NULL)
            return 1;
        memcpy(exact, input, len);
        LLVMFuzzerTestOneInput(exact, len);
        free(exact);
    }
    printf("ok - %ld inputs, %zu seeds\n", iterations, seed_count);
    for (size_t i = 0; i < seed_count; i++)
        buf_free(&seeds[i]);
    return 0;
}
