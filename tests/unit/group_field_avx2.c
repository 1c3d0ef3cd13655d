#ifdef __x86_64__
#include "protocol/group/lanes/field_avx2.h"
#include "tests/unit/group_field.h"

int main(void)
{
    if (use_engine("avx2"))
        return run_field_tests();
    printf("ok 1 - skipped\n");
    return 0;
}
#else
#include <stdio.h>

int main(void)
{
    printf("# note: not tried: avx2 needs another processor\nok 1 - skipped\n");
    return 0;
}
#endif
