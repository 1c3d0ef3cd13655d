/*
 * What a matcher's events say of prekeys and letters, held against the rules (matcher/letters/letters.h): each party's
 * prekeys are one chain, letters go between those who may write to each other, as many as the limits allow, to prekeys
 * that were published, and lapse when nobody can open them any more.
 */
#ifndef PROTOCOL_AUDIT_LETTER_RULES_H
#define PROTOCOL_AUDIT_LETTER_RULES_H

#include "protocol/audit/basis/finding.h"
#include "protocol/audit/basis/manifests.h"
#include "protocol/ledger/event.h"

struct letter_rules;

/* findings and origin are borrowed. */
int letter_rules_new(struct letter_rules **out, struct findings *findings, const char *origin, struct err *err);
/* As it is now, owned. */
int letter_rules_copy(struct letter_rules **out, const struct letter_rules *rules, struct err *err);
void letter_rules_free(struct letter_rules *rules); /* NULL is fine */

/* A prekey, letter or lapse while this manifest was in force. Other kinds say nothing here. */
int letter_rules_event(struct letter_rules *rules, const struct manifest *now, uint64_t index,
                       const struct event *event, struct err *err);

#endif
