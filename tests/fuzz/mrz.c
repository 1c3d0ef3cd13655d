/* Machine-readable zones: read or refused with a reason; what is read is of the letters that it promises. */
#include "client/identity/mrz.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ";
    struct mrz m;
    const char *reason = NULL;
    char *text = malloc(size + 1);
    if (text == NULL)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    if (!mrz_parse(&m, text, &reason)) {
        FUZZ_HOLDS(reason != NULL && reason[0] != '\0');
    } else {
        FUZZ_HOLDS(strspn(m.family, letters) == strlen(m.family) && strspn(m.given, letters) == strlen(m.given));
        FUZZ_HOLDS(strlen(m.number) < sizeof m.number && strspn(m.number, letters) == strlen(m.number));
        FUZZ_HOLDS(m.birth.month <= 12 && m.birth.day <= 31);
    }
    free(text);
    return 0;
}
