#ifdef __x86_64__

#include "protocol/group/field_ifma.h"

#define ENGINE engine_ifma
#define ENGINE_NAME "ifma"
#include "protocol/group/lanes.h"

#endif
