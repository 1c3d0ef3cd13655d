#include "client/schema/words.h"

#include <stdio.h>

static const char *const scope_words[] = {"all words of", "the only word of", "each word of", "each two words of"};
static const char *const field_words[] = {"the name", "the family name", "the given names", "the birth date",
                                          "the sex",  "the nationality", "the document"};
static const char *const form_words[] = {"as written",
                                         "in one spelling for all variants",
                                         "by sound",
                                         "by consonants",
                                         "by first three letters",
                                         "by last three letters",
                                         "by initial",
                                         "in full",
                                         "by year",
                                         "by year and month",
                                         "by year and day",
                                         "by month and day",
                                         "in full, day and month in either order",
                                         "by issuer, type and number",
                                         "by issuer and number, letters and digits that are confused as one",
                                         ""};

const char *part_in_words(char out[PART_WORDS_MAX], const struct part *part)
{
    const bool name = part->field <= PART_GIVEN_NAMES;
    const char *form = form_words[part->form];
    if (part->scope == SCOPE_ALL)
        form = part->form == FORM_PREFIX   ? "by first four letters"
               : part->form == FORM_SUFFIX ? "by last four letters"
                                           : form;
    snprintf(out, PART_WORDS_MAX, "%s%s%s%s%s", name ? scope_words[part->scope] : "", name ? " " : "",
             field_words[part->field], part->form != FORM_WHOLE ? " " : "", form);
    return out;
}
