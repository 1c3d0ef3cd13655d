#include "protocol/base/random.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BLOCK 4096

/* Forks so far: what a thread has left is of the process that drew it. */
static _Atomic unsigned forks;

static _Thread_local struct {
    uint8_t bytes[BLOCK];
    size_t left;
    unsigned forks;
} block;

static void count_fork(void)
{
    atomic_fetch_add(&forks, 1);
}

/* There is no way to go on without, and libsodium's own way is to end as well. */
static void draw(uint8_t *out, size_t len)
{
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);
        if (got < 0 && errno != EINTR)
            abort();
        out += got > 0 ? got : 0;
        len -= got > 0 ? (size_t)got : 0;
    }
}

static void take(void *const out, const size_t len)
{
    if (len > BLOCK / 2) {
        draw(out, len);
        return;
    }
    if (block.left < len || block.forks != atomic_load_explicit(&forks, memory_order_relaxed)) {
        draw(block.bytes, BLOCK);
        block.left = BLOCK;
        block.forks = atomic_load_explicit(&forks, memory_order_relaxed);
    }
    block.left -= len;
    memcpy(out, block.bytes + block.left, len);
    sodium_memzero(block.bytes + block.left, len);
}

static uint32_t take_number(void)
{
    uint32_t out;
    take(&out, sizeof out);
    return out;
}

static const char *name(void)
{
    return "kernel by the block";
}

void random_by_block(void)
{
    static struct randombytes_implementation blocks;
    blocks.implementation_name = name;
    blocks.random = take_number;
    blocks.buf = take;
    pthread_atfork(NULL, NULL, count_fork);
    randombytes_set_implementation(&blocks);
}
