/* What partners asked about: each question that met a record of ours. */
#ifndef CLIENT_REVIEW_NOTICES_H
#define CLIENT_REVIEW_NOTICES_H

#include "client/agency/agency.h"

/* Prints those of all the agency's purposes, newest first: a table, or an array of JSON objects. */
int notices_print(struct agency *agency, bool json, struct err *err);

/*
 * Under a list of matches: that there are notices, and which partners' payloads did not open. Nothing if there are
 * none.
 */
int notices_print_beside(struct agency *agency, struct err *err);

#endif
