/* Eight lanes of AVX-512. */
#define LANES 8
#include "protocol/group/lanes/sha512_lanes.h"

void sha512_compress_ifma(uint64_t state[8][LANES], const uint8_t *const block[LANES])
{
    compress(state, block);
}
