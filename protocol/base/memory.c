#include "protocol/base/memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define KEPT_BYTES (32 << 20)
#define HUGE_BYTES (2 << 20) /* of a huge page; where they are larger, there is some less of them */

/* The heap grows at once to what most runs take, of which nothing is touched yet. */
static void ask_for_huge_pages(void)
{
    const uintptr_t from = ((uintptr_t)sbrk(0) + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
    void *volatile some = malloc(HUGE_BYTES);
    const uintptr_t to = (uintptr_t)sbrk(0);
    free(some);
    if (to > from)
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE); /* a kernel without them goes on with small ones */
}

void memory_keep(enum memory_heaps heaps)
{
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    mallopt(M_TRIM_THRESHOLD, 4 * KEPT_BYTES);
    mallopt(M_TOP_PAD, 2 * KEPT_BYTES);
    if (heaps == MEMORY_ONE_HEAP)
        mallopt(M_ARENA_MAX, 1);
    ask_for_huge_pages();
}
