#ifdef __x86_64__

#include "protocol/group/lanes/field_avx2.h"

#define ENGINE engine_avx2
#define ENGINE_NAME "avx2"
#include "protocol/group/lanes/lanes.h"

#endif
