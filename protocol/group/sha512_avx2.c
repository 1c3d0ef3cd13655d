/* Four lanes of AVX2. */
#define LANES 4
#include "protocol/group/lanes/sha512_lanes.h"

void sha512_compress_avx2(uint64_t state[8][LANES], const uint8_t *const block[LANES])
{
    compress(state, block);
}
