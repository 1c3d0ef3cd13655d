#include "client/schema/words.h"

#include "protocol/base/mark.h"

#include <stdio.h>

static const char *const name_words[][3] = {
    [SCOPE_ALL] = {N_("all words of the name"), N_("all words of the family name"), N_("all words of the given names")},
    [SCOPE_SOLE] = {N_("the only word of the name"), N_("the only word of the family name"),
                    N_("the only word of the given names")},
    [SCOPE_EACH] = {N_("each word of the name"), N_("each word of the family name"),
                    N_("each word of the given names")},
    [SCOPE_PAIR] = {N_("each two words of the name"), N_("each two words of the family name"),
                    N_("each two words of the given names")},
};
static const char *const field_words[] = {N_("the birth date"), N_("the sex"), N_("the nationality"),
                                          N_("the document")};
static const char *const form_words[] = {N_("as written"),
                                         N_("in one spelling for all variants"),
                                         N_("by sound"),
                                         N_("by consonants"),
                                         N_("by first three letters"),
                                         N_("by last three letters"),
                                         N_("by initial"),
                                         N_("in full"),
                                         N_("by year"),
                                         N_("by year and month"),
                                         N_("by year and day"),
                                         N_("by month and day"),
                                         N_("in full, day and month in either order"),
                                         N_("by issuer, type and number"),
                                         N_("by issuer and number, letters and digits that are confused as one"),
                                         ""};

const char *part_subject(const struct part *part)
{
    return part->field <= PART_GIVEN_NAMES ? name_words[part->scope][part->field]
                                           : field_words[part->field - PART_GIVEN_NAMES - 1];
}

const char *part_form(const struct part *part)
{
    if (part->form == FORM_WHOLE)
        return "";
    if (part->scope == SCOPE_ALL && part->form == FORM_PREFIX)
        return N_("by first four letters");
    return part->scope == SCOPE_ALL && part->form == FORM_SUFFIX ? N_("by last four letters") : form_words[part->form];
}

const char *part_in_words(char out[PART_WORDS_MAX], const struct part *part)
{
    const char *form = part_form(part);
    snprintf(out, PART_WORDS_MAX, "%s%s%s", part_subject(part), form[0] != '\0' ? " " : "", form);
    return out;
}
