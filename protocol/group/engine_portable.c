#include "protocol/group/field_portable.h"

#define ENGINE engine_portable
#define ENGINE_NAME "portable"
#include "protocol/group/lanes.h"
