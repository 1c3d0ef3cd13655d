#include "client/desk/words.h"

#include "protocol/base/mark.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 16

static const struct {
    const char *what, *word[WORDS_MAX];
} lists[] = {
    [WORDS_FIELD] = {"field",
                     {N_("family_name"), N_("given_names"), N_("name_native"), N_("aliases"), N_("sex"),
                      N_("date_of_birth"), N_("nationality"), N_("doc_type"), N_("doc_issuer"), N_("doc_number"),
                      N_("doc_expiry"), N_("photograph"), N_("scan"), N_("text")}},
    [WORDS_CODE] = {"answer", {NULL, N_("all"), N_("some"), N_("none"), N_("asks back"), N_("forwarded")}},
    [WORDS_WHY] = {"reason",
                   {NULL, N_("not-held"), N_("not-permitted"), N_("legal-basis"), N_("investigation"), N_("protection"),
                    N_("other")}},
    [WORDS_SOURCE] = {"source", {NULL, N_("from the register"), N_("typed"), N_("attached")}},
    [WORDS_HANDLING] = {"handling", {NULL, N_("information-only"), N_("court"), N_("pass-on")}},
    [WORDS_OUTCOME] = {"outcome",
                       {NULL, N_("same-person"), N_("different-persons"), N_("identity-fraud"), N_("document-fraud"),
                        N_("undecided")}},
    [WORDS_RECALL] = {"reason", {NULL, N_("wrong"), N_("erased")}},
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
