/* Four lanes of AVX2. */
#include "protocol/group/sha512.h"

#define LANES SHA512_LANES_AVX2
#include "protocol/group/lanes/sha512_lanes.h"

void sha512_compress_avx2(uint64_t *state, const uint8_t *const *block)
{
    compress((uint64_t(*)[LANES])state, block);
}
