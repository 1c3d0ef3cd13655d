#include "client/verbs/officer.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

int officer_name(char by[SETTINGS_TEXT_MAX], const char *configured, const char *option, struct err *err)
{
    if (by[0] == '\0')
        snprintf(by, SETTINGS_TEXT_MAX, "%s", configured);
    const struct passwd *user = by[0] == '\0' ? getpwuid(getuid()) : NULL;
    if (user != NULL)
        snprintf(by, SETTINGS_TEXT_MAX, "%s", user->pw_name);
    if (by[0] == '\0')
        return err_set(err, ERR_USAGE, "this user of the machine has no name: say who decides with %s NAME", option);
    return 0;
}
