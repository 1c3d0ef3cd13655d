#include "client/identity/rule_files.h"

#include <string.h>

static const char letters_text[] =
#include "rules/letters.inc"
    ;
static const char words_text[] =
#include "rules/words.inc"
    ;
static const char spellings_text[] =
#include "rules/spellings.inc"
    ;
static const char nicknames_text[] =
#include "rules/nicknames.inc"
    ;
static const char surnames_text[] =
#include "rules/surnames.inc"
    ;
static const char syllables_text[] =
#include "rules/syllables.inc"
    ;
static const char titles_text[] =
#include "rules/titles.inc"
    ;
static const char months_text[] =
#include "rules/months.inc"
    ;
static const char zones_text[] =
#include "rules/zones.inc"
    ;
static const char bikram_sambat_text[] =
#include "rules/bikram-sambat.inc"
    ;

const struct rule_text rule_files[RULE_FILES] = {
    [RULES_LETTERS] = {"letters", letters_text},
    [RULES_WORDS] = {"words", words_text},
    [RULES_SPELLINGS] = {"spellings", spellings_text},
    [RULES_NICKNAMES] = {"nicknames", nicknames_text},
    [RULES_SURNAMES] = {"surnames", surnames_text},
    [RULES_SYLLABLES] = {"syllables", syllables_text},
    [RULES_TITLES] = {"titles", titles_text},
    [RULES_MONTHS] = {"months", months_text},
    [RULES_ZONES] = {"zones", zones_text},
    [RULES_BIKRAM_SAMBAT] = {"bikram-sambat", bikram_sambat_text},
};

bool rule_line(const char **text, char line[RULE_LINE_MAX])
{
    while (**text != '\0') {
        size_t len = strcspn(*text, "\n"), kept = len < RULE_LINE_MAX ? len : RULE_LINE_MAX - 1;
        memcpy(line, *text, kept);
        line[kept] = '\0';
        *text += len + ((*text)[len] == '\n');
        if (line[0] != '#' && line[0] != '\0')
            return true;
    }
    return false;
}
