/*
 * What becomes of handles that opened: they are noted for judging, and the verdicts there are decide in place of the
 * keys. Judging itself: client/judge/.
 */
#ifndef CLIENT_MAIL_OPENED_H
#define CLIENT_MAIL_OPENED_H

#include "client/agency/agency.h"

/*
 * Notes the record's pairs, within a transaction. Of `match`, all handles that opened, those stay that are to be listed,
 * with the score that both sides came to; *count says how many.
 */
int opened_note(const struct agency *agency, const struct agency_purpose *purpose, const struct vault_ref *record,
                struct vault_match *match, size_t *count, struct err *err);

#endif
