#ifdef __x86_64__

#include "protocol/group/lanes/field_avx2.h"
#include "protocol/group/blake2b.h"
#include "protocol/group/sha512.h"

#define ENGINE engine_avx2
#define ENGINE_NAME "avx2"
#define ENGINE_HASH_LANES SHA512_LANES_AVX2
#define ENGINE_HASH_COMPRESS sha512_compress_avx2
#define ENGINE_KEYED_COMPRESS blake2b_compress_avx2
#include "protocol/group/lanes/lanes.h"

#endif
