#include "client/desk/words.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 16

static const struct {
    const char *what, *word[WORDS_MAX];
} lists[] = {
    [WORDS_FIELD] = {"field",
                     {"family_name", "given_names", "name_native", "aliases", "sex", "date_of_birth", "nationality",
                      "doc_type", "doc_issuer", "doc_number", "doc_expiry", "photograph", "scan", "text"}},
    [WORDS_CODE] = {"answer", {NULL, "all", "some", "none", "asks back", "forwarded"}},
    [WORDS_WHY] = {"reason",
                   {NULL, "not-held", "not-permitted", "legal-basis", "investigation", "protection", "other"}},
    [WORDS_SOURCE] = {"source", {NULL, "from the register", "typed", "attached"}},
    [WORDS_HANDLING] = {"handling", {NULL, "information-only", "court", "pass-on"}},
    [WORDS_OUTCOME] = {"outcome",
                       {NULL, "same-person", "different-persons", "identity-fraud", "document-fraud", "undecided"}},
    [WORDS_RECALL] = {"reason", {NULL, "wrong", "erased"}},
};

const char *desk_word(enum desk_list list, uint64_t number)
{
    const char *word = number < WORDS_MAX ? lists[list].word[number] : NULL;
    return word != NULL ? word : "?";
}

int desk_number(uint64_t *out, enum desk_list list, const char *word, struct err *err)
{
    char all[256] = "";
    for (size_t i = 0; i < WORDS_MAX; i++) {
        const char *known = lists[list].word[i];
        if (known == NULL)
            continue;
        if (strcmp(known, word) == 0) {
            *out = i;
            return 0;
        }
        const size_t len = strlen(all);
        snprintf(all + len, sizeof all - len, "%s%s", len > 0 ? ", " : "", known);
    }
    return err_set(err, ERR_USAGE, "\"%.40s\" is no %s: there are %s", word, lists[list].what, all);
}

bool desk_is_file(uint64_t field)
{
    return field == DISCLOSE_PHOTOGRAPH || field == DISCLOSE_SCAN;
}
