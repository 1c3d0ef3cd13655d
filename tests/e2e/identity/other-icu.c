/*
 * Preloaded into a client by the test of identities: an ICU whose table for one letter differs, as that of another
 * version may. ICU's names end in its version, which the build gives.
 */
#include <dlfcn.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define TEXT_OF(name) TEXT(name)
#define TEXT(name) #name

void utrans_transUChars(const UTransliterator *trans, UChar *text, int32_t *len, int32_t room, int32_t start,
                        int32_t *limit, UErrorCode *status)
{
    void (*real)(const UTransliterator *, UChar *, int32_t *, int32_t, int32_t, int32_t *, UErrorCode *);
    *(void **)&real = dlsym(RTLD_NEXT, TEXT_OF(utrans_transUChars));
    real(trans, text, len, room, start, limit, status);
    for (int32_t i = 0; i < *limit; i++)
        text[i] = text[i] == 'g' ? 'k' : text[i];
}
