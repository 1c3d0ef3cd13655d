/*
 * A request to the matcher in the making: filled from the vault and written into its outbox by the thread that has the
 * vault; sealed, and then sent, by any other.
 */
#ifndef CLIENT_TOKEN_PARCEL_H
#define CLIENT_TOKEN_PARCEL_H

#include "client/agency/agency.h"
#include "client/token/purse.h"

struct parcel;

int parcel_new(struct parcel **out, struct agency *agency, const struct agency_purpose *purpose, struct err *err);
void parcel_free(struct parcel *parcel); /* wipes; NULL is fine */

/* Empties it; type: WIRE_PUT or WIRE_REMOVE. */
void parcel_begin(struct parcel *parcel, enum wire_type type);

/* Takes a tag; *full: there is no room, and it was not taken. */
int parcel_add(struct parcel *parcel, const struct vault_unsent *unsent, bool *full, struct err *err);
bool parcel_is_empty(const struct parcel *parcel);

/* Takes what its new tags cost, when it is filled; a removal costs nothing. */
void parcel_pay(struct parcel *parcel, struct purse *purse);

/* What is to be done next, by parcel_work(); parcel_store() and parcel_finish() move it on. */
enum parcel_stage { PARCEL_SEALING, PARCEL_SENDING, PARCEL_DONE };
enum parcel_stage parcel_stage(const struct parcel *parcel);

/*
 * Seals the entries, encodes the request and writes it to the disk; or sends it and verifies the receipt. What failed
 * is said by what follows.
 */
void parcel_work(struct parcel *parcel);

/* In one transaction: the sealed request into the outbox, and that its tags are on their way. */
int parcel_store(struct parcel *parcel, struct vault_sending *sending, struct err *err);

/*
 * The request was answered: the matcher's ledger is checked against what was seen, *put or *removed grows by the
 * entries, the receipt is kept, the outbox forgets the request. Where the matcher says that what it names is spent
 * already, the vault was put back: those receipts are named no more, and the request, which names none, is to be sent
 * again; its stage is PARCEL_SENDING still.
 */
int parcel_finish(struct parcel *parcel, uint64_t *put, uint64_t *removed, struct err *err);

/*
 * Sends the oldest request of the outbox, left by an earlier run, in the same way. *found false: it is empty. Requests
 * of an epoch that is over are dropped: nobody takes them any more, and they would stand in the way for ever.
 */
int parcel_send_left(struct parcel *parcel, bool *found, struct err *err);

#endif
