/*
 * A region's life in one process: a matcher that joins, custodians that charge and write down, agencies that have
 * evaluated, put, ask and withdraw, all with the code of the real daemons but for the network and the arithmetic of the
 * group. Everything that goes wrong for honest parties goes wrong here, from one seed: crashes between commit,
 * cosigning, export and reply, lost and repeated messages, full disks, stores put back, clocks that are off, custodians
 * that come and leave, new epochs.
 *
 * One history at a time. A party may cheat: the hooks see each event before it is written down.
 */
#ifndef TESTS_AUDIT_HISTORY_H
#define TESTS_AUDIT_HISTORY_H

#include "protocol/audit/walk/audit.h"
#include "protocol/identity/identity.h"
#include "protocol/ledger/event.h"
#include "protocol/ledger/ledger.h"
#include "protocol/wire/wire.h"

enum { HISTORY_AGENCIES = 3, HISTORY_CUSTODIANS = 4, HISTORY_STEPS = 70, HISTORY_CULPRIT = 1 };

/* A random number below this, of the history's own. */
unsigned history_any(unsigned below);

void history_begin(uint64_t seed);

/* One step of somebody's; and the end, when every party is up, has what it missed, is cosigned and exported. */
void history_step(void);
void history_settle(void);
void history_end(void);

/* --- what an auditor gets --- */

struct history_files {
    char manifest[160], archive[160], matcher[160];
    char custodian[HISTORY_CUSTODIANS][160]; /* "" for one that never was */
    char spare[160];                         /* for whoever shows another directory than its own */
};
const struct history_files *history_files(void);

/* Receipts that agencies were given, by number: its text, and who gave it (-1 the matcher). Empty: no more. */
struct span history_receipt(size_t number, int *owner);

/* --- cheating --- */

/* Of the matcher's, and of a custodian's: false drops the event. It may be changed. */
extern bool (*history_matcher_event)(struct event *event);
extern bool (*history_custodian_event)(int custodian, struct event *event);

/* What goes into a mailbox, and its tag: the same. While this is set the matcher's store is not put back. */
extern bool (*history_matcher_mail)(uint16_t to, uint8_t tag[WIRE_TAG_SIZE]);

/* The matcher has written down a request. */
bool history_has_answered(void);

/* Everybody is up and has the newest manifest, the custodian that cheats among them. */
bool history_is_calm(void);

/* An event of one's own making, sealed: -1 the matcher's. */
void history_write_event(int custodian, struct event *event);

/* An event of this kind, dated, of an agency and the purpose, with what its kind must have. */
struct event history_event(enum event_kind kind, int agency, uint64_t count);

const struct identity *history_agency(int agency);
const struct identity *history_custodian(int custodian);
const struct identity *history_matcher(void);
uint64_t history_now(void); /* by the matcher's clock */
uint32_t history_epoch(void);
uint64_t history_version(void);
struct ledger *history_ledger(int custodian); /* -1: the matcher's */

/* The agency has these many tokens evaluated that it never uses; or adds tags that nobody evaluated. */
void history_guess(int agency, unsigned count);
void history_put_unevaluated(int agency, unsigned count);
/* It names events as evaluations that are none; or the same evaluations twice, and the matcher lets it. */
void history_put_falsely(int agency);
bool history_spend_twice(int agency);
/* Whether the matcher took a request that names an evaluation of that custodian. */
bool history_was_spent(int custodian);
/* An agency is given a receipt for an event that does not come about. -1: by the matcher. */
void history_promise(int owner, const struct event *event);
/* The matcher writes down, as it would be, that an agency took all its mail. False: it has none. */
bool history_make_up_ack(int agency);
/* It adds and withdraws the same tags over and over. */
void history_put_again(int agency, unsigned rounds);

#endif
