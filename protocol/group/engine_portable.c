#include "protocol/group/lanes/field_portable.h"

#define ENGINE engine_portable
#define ENGINE_NAME "portable"
#define ENGINE_HASH_LANES 0
#define ENGINE_HASH_COMPRESS NULL
#define ENGINE_KEYED_COMPRESS NULL
#include "protocol/group/lanes/lanes.h"
