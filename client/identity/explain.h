/*
 * What normalising makes of a record, step by step, for people who doubt it. Shows personal data to who typed it: for a
 * terminal alone.
 */
#ifndef CLIENT_IDENTITY_EXPLAIN_H
#define CLIENT_IDENTITY_EXPLAIN_H

#include "client/identity/person.h"

#include <stdio.h>

/*
 * Writes, for each name: its letters in Latin, what the rules say of words that are no names by themselves, and the
 * forms of each word that is left; for each date, document and zone what it is read as, or why it is not. ERR_INPUT: a
 * name that is not UTF-8.
 */
int explain_record(FILE *out, struct normaliser *normaliser, const struct record *record, struct err *err);

#endif
