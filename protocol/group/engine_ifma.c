#ifdef __x86_64__

#include "protocol/group/lanes/field_ifma.h"
#include "protocol/group/blake2b.h"
#include "protocol/group/sha512.h"

#define ENGINE engine_ifma
#define ENGINE_NAME "ifma"
#define ENGINE_HASH_LANES SHA512_LANES_IFMA
#define ENGINE_HASH_COMPRESS sha512_compress_ifma
#define ENGINE_KEYED_COMPRESS blake2b_compress_ifma
#include "protocol/group/lanes/lanes.h"

#endif
