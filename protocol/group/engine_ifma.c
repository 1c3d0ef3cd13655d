#ifdef __x86_64__

#include "protocol/group/lanes/field_ifma.h"

#define ENGINE engine_ifma
#define ENGINE_NAME "ifma"
#include "protocol/group/lanes/lanes.h"

#endif
