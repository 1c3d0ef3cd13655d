/* What an agency asks a single custodian, beside evaluations. */
#ifndef CLIENT_AGENCY_CUSTODIAN_H
#define CLIENT_AGENCY_CUSTODIAN_H

#include "client/agency/agency.h"
#include "protocol/wire/status.h"

/* What this agency has left there. Waits for a custodian that does not answer for some seconds only. */
int agency_custodian_budget(const struct agency *agency, const struct region_custodian *custodian,
                            struct budget_reply *out, struct err *err);

#endif
