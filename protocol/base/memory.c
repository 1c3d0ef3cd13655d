#include "protocol/base/memory.h"

#include <malloc.h>

#define KEPT_BYTES (32 << 20)

void memory_keep(void)
{
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    mallopt(M_TRIM_THRESHOLD, 2 * KEPT_BYTES);
    mallopt(M_TOP_PAD, KEPT_BYTES / 8);
}
