/*
 * Mailboxes, computed again: which messages the lines of the ledger and its letters put into whose, under which
 * numbers, and the hash chain over them (mailbox_chain(), docs/protocol.md). An `acknowledge` says by the chain what
 * its party was handed out; another than this is a finding. For replay.c.
 *
 * Where it cannot be told what a message says, since the archive does not reach back so far, its number is counted, and
 * the chain is taken up again with the next event that acknowledges all there is. Memory: 40 bytes for each message
 * that is not acknowledged, of MAIL_LINKS_MAX at most in a mailbox.
 */
#ifndef PROTOCOL_AUDIT_REPLAY_MAIL_H
#define PROTOCOL_AUDIT_REPLAY_MAIL_H

#include "protocol/audit/basis/finding.h"
#include "protocol/audit/replay/replay_world.h"
#include "protocol/ledger/event.h"
#include "protocol/wire/mailbox.h"

#define MAIL_LINKS_MAX (1u << 20)

struct replay_mail;

int replay_mail_new(struct replay_mail **out, const struct replay_world *world, struct findings *findings,
                    const char *origin, struct err *err);
void replay_mail_free(struct replay_mail *mail); /* NULL is fine */

/* One message more for the agency of this number; its sequence is filled in. letter: as of mailbox_chain(). */
int replay_mail_add(struct replay_mail *mail, uint16_t agency, struct mailbox_message *message, const uint8_t *letter,
                    struct err *err);

/* So many messages more for the agency of this name, of which it is not known what they say. */
int replay_mail_unknown(struct replay_mail *mail, const char *name, uint64_t count, struct err *err);

/* It is not known any more what anybody gets. */
void replay_mail_blind(struct replay_mail *mail);

/* A line or a letter of so many messages to the party of this name is lost with the store that had it. */
void replay_mail_lost(struct replay_mail *mail, const char *name, uint64_t count);

/* An `acknowledge`. */
void replay_mail_acknowledge(struct replay_mail *mail, uint64_t index, const struct event *event);

#endif
