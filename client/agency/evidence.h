/*
 * Evidence of what the matcher or a custodian should not have done (protocol/ledger/evidence.h), kept in the vault
 * until it is exported: concord-client evidence.
 */
#ifndef CLIENT_AGENCY_EVIDENCE_H
#define CLIENT_AGENCY_EVIDENCE_H

#include "client/agency/agency.h"
#include "protocol/ledger/evidence.h"

/*
 * Keeps it; region, agency, time and manifest are filled in. mark: by what it is known, so that the same thing is kept
 * once, also when a crash makes it come again.
 */
int agency_evidence_keep(const struct agency *agency, struct evidence *evidence, struct span mark, struct err *err);

/* Notes which parties have no mutual grant with the agency, and since when it knows (vault_apart_note()). */
int agency_note_apart(const struct agency *agency, struct err *err);

#endif
