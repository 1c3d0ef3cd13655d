/* Eight lanes of AVX-512. */
#include "protocol/group/sha512.h"

#define LANES SHA512_LANES_IFMA
#include "protocol/group/lanes/sha512_lanes.h"

void sha512_compress_ifma(uint64_t *state, const uint8_t *const *block)
{
    compress((uint64_t(*)[LANES])state, block);
}
