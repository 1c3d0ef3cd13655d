#include "client/border/openapi.h"

const char openapi_text[] =
#include "border/openapi.inc"
    ;
