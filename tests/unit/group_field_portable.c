#include "protocol/group/lanes/field_portable.h"
#include "tests/unit/group_field.h"

int main(void)
{
    return run_field_tests();
}
