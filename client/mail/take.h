/* Mail of a line that is covered (protocol/ledger/cover.h), into the vault. */
#ifndef CLIENT_MAIL_TAKE_H
#define CLIENT_MAIL_TAKE_H

#include "client/mail/inbox.h"
#include "protocol/wire/mailbox.h"

/*
 * The purpose of that name in that epoch, or with epoch 0 in its current one; NULL: it is over, or this run is not
 * about it.
 */
const struct agency_purpose *take_purpose(const struct agency *agency, const char *purpose, uint32_t epoch);

/*
 * A message of a partner, which is known by its name. forgets: some payloads did not open until now, and this may be
 * another in the place of one. Within a transaction, but for matches and withdrawals, which may come outside of one.
 */
int take_message(struct agency *agency, const struct agency_purpose *purpose, const char *partner, bool forgets,
                 const struct mailbox_message *message, struct inbox_counts *counts, struct err *err);

#endif
