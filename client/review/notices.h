/* What partners asked about: each question that met a record of ours. */
#ifndef CLIENT_REVIEW_NOTICES_H
#define CLIENT_REVIEW_NOTICES_H

#include "client/agency/agency.h"

/* Prints those of all the agency's purposes, newest first: a table, or an array of JSON objects. */
int notices_print(struct agency *agency, bool json, struct err *err);

#endif
