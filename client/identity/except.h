/*
 * Whom a record is not for: the names of states and agencies whose clients must not learn that it is there. A record of
 * a person in need of protection is by default not for the states of nationality, birth and document; any other is for
 * everybody that the agency granted the purpose.
 */
#ifndef CLIENT_IDENTITY_EXCEPT_H
#define CLIENT_IDENTITY_EXCEPT_H

#include "client/identity/record.h"

#define EXCEPT_TEXT_MAX 255 /* bytes of the names of one record, parted by commas */

enum protection { PROTECTION_UNSAID, PROTECTION_YES, PROTECTION_NO, PROTECTION_UNREADABLE };

/* Of a field `protected`: yes, or what for; no. In any case. */
enum protection protection_of(const char *text);

/*
 * The names, each once, ascending; "" if it is for everybody. What the row says itself goes first: not_for, then
 * protected; else `usual` counts, what is so in the purpose: "", "protected", or names parted by commas. Values are as
 * record_refused() lets them through.
 */
void except_of(char out[EXCEPT_TEXT_MAX + 1], const struct record *record, const char *usual);

/*
 * Whether an agency of this name is meant by one of the names: it has that name, or is of that state, its own name
 * being the state's three letters, alone or before something that is no letter: THA, THA-police. In any case.
 */
bool except_means(const char *names, const char *agency);

#endif
