#include "protocol/audit/basis/coalition.h"

#define INDEX_MAX 16

bool coalition_read(coalition_bits *out, const char *text)
{
    unsigned last = 0;
    *out = 0;
    for (;;) {
        unsigned index = 0;
        if (*text < '1' || *text > '9')
            return false;
        for (; *text >= '0' && *text <= '9' && index <= INDEX_MAX; text++)
            index = 10 * index + (unsigned)(*text - '0');
        if (index <= last || index > INDEX_MAX)
            return false;
        last = index;
        *out |= (coalition_bits)1 << (index - 1);
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            return false;
    }
}

unsigned coalition_size(coalition_bits coalition)
{
    unsigned count = 0;
    for (; coalition != 0; coalition &= coalition - 1)
        count++;
    return count;
}
