/* What a party may do to the others in a history, and what an auditor is to find of it. */
#ifndef TESTS_AUDIT_CHEATS_H
#define TESTS_AUDIT_CHEATS_H

#include "protocol/audit/basis/finding.h"

#include <stdbool.h>

#define CHEAT_CODES 10

struct cheat {
    const char *name;
    const char *culprit;                 /* alone is guilty, or stands among those who may have caused it */
    bool guilty, early;                  /* early: from the beginning */
    bool (*strike)(void);                /* in the middle of a history, or NULL; false: there was no occasion */
    bool (*tamper)(void);                /* with what the auditor gets, or NULL */
    enum finding_code code[CHEAT_CODES]; /* one of these is to be found, and no other */
};

extern const struct cheat cheats[];
extern const unsigned cheat_count;

/* Whether the hooks have done what they were set to do. */
bool cheat_has_struck(void);
void cheat_forget(void);

#endif
