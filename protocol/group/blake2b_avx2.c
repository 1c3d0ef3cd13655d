/* Four lanes of AVX2. */
#include "protocol/group/blake2b.h"

#define LANES BLAKE2B_LANES_AVX2
#include "protocol/group/lanes/blake2b_lanes.h"

void blake2b_compress_avx2(uint64_t *state, const uint64_t *block, uint64_t taken, bool last)
{
    compress((uint64_t(*)[LANES])state, (const uint64_t(*)[LANES])block, taken, last);
}
