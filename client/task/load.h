/* What an agency orders of matcher and custodians by its signature, and the end of its first load among that. */
#ifndef CLIENT_TASK_LOAD_H
#define CLIENT_TASK_LOAD_H

#include "client/agency/agency.h"

/*
 * Tells the matcher a RELEASE, SUSPEND or CLOSE about a purpose, however long partners are being joined anew; its
 * receipt goes into the vault.
 */
int regulation_tell(struct agency *agency, const struct agency_purpose *purpose, enum wire_type type, struct span body,
                    struct err *err);

/*
 * The first load of a purpose is over, at all custodians and at the matcher. Where none is under way nothing changes.
 */
int load_close(struct agency *agency, const struct agency_purpose *purpose, struct err *err);

/*
 * After all that the agency has was enrolled: closes first loads that the matcher says are still under way. closed[i]:
 * that of agency->purpose[i] was.
 */
int load_end(struct agency *agency, bool closed[REGION_PURPOSES_MAX], struct err *err);

/*
 * After such an enrolment tells the matcher that the agency's registers of valid documents are complete as they are
 * now: those that the manifest declares, of the purposes that this run names. told[i]: that of agency->purpose[i].
 */
int load_complete(struct agency *agency, bool told[REGION_PURPOSES_MAX], struct err *err);

#endif
