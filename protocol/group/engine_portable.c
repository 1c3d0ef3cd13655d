#include "protocol/group/lanes/field_portable.h"

#define ENGINE engine_portable
#define ENGINE_NAME "portable"
#include "protocol/group/lanes/lanes.h"
