/* The manifest. What is accepted is printed and read again: nothing is lost, and the second printing is the first. */
#include "protocol/region/region.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct region *region = NULL, *again = NULL;
    struct buf one = buf_of(REGION_FILE_MAX), two = buf_of(REGION_FILE_MAX);
    if (region_parse(&region, data, size, &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0');
        return 0;
    }
    FUZZ_HOLDS(region_print(region, &one, &err) == 0);
    FUZZ_HOLDS(region_parse(&again, one.data, one.len, &err) == 0);
    FUZZ_HOLDS(region_print(again, &two, &err) == 0);
    FUZZ_HOLDS(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    region_free(region);
    region_free(again);
    buf_free(&one);
    buf_free(&two);
    return 0;
}
