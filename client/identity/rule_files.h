/* The rules of normalising as they are written: the files of client/identity/rules/, which the program carries. */
#ifndef CLIENT_IDENTITY_RULE_FILES_H
#define CLIENT_IDENTITY_RULE_FILES_H

#include <stdbool.h>
#include <stddef.h>

enum rule_file {
    RULES_LETTERS,
    RULES_WORDS,
    RULES_SPELLINGS,
    RULES_NICKNAMES,
    RULES_SURNAMES,
    RULES_SYLLABLES,
    RULES_TITLES,
    RULES_MONTHS,
    RULES_ZONES,
    RULES_BIKRAM_SAMBAT,
    RULE_FILES
};

struct rule_text {
    const char *name; /* without its ending */
    const char *text;
};
extern const struct rule_text rule_files[RULE_FILES];

#define RULE_LINE_MAX 640

/* The next line that says something, and *text behind it. False at the end; a line that is too long is cut. */
bool rule_line(const char **text, char line[RULE_LINE_MAX]);

#endif
