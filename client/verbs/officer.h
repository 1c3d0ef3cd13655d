/* Who decides: an officer by name. */
#ifndef CLIENT_VERBS_OFFICER_H
#define CLIENT_VERBS_OFFICER_H

#include "protocol/base/err.h"
#include "protocol/base/settings.h"

/*
 * Where no name was given: the one configured, else the user of the machine. ERR_USAGE: that one has none; option says
 * how to give one.
 */
int officer_name(char by[SETTINGS_TEXT_MAX], const char *configured, const char *option, struct err *err);

#endif
