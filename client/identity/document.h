/* Documents: type, issuer and number as they are compared. */
#ifndef CLIENT_IDENTITY_DOCUMENT_H
#define CLIENT_IDENTITY_DOCUMENT_H

#include "client/identity/person.h"

/*
 * Fills out; NULL stands for "". False if no letter or digit is left of the number.
 *
 * number: A-Z and 0-9 alone; letters of other scripts as their numbers in Unicode, so that none vanishes and no two are
 * one; the registration numbers of Myanmar the same in both scripts (nrc.h). The check digit of Doc 9303 goes if
 * fillers set it off (A0000001<2), or as the tenth character behind nine. type: PASSPORT, ID, VISA, PERMIT, SEAFARER,
 * REFUGEE, EMERGENCY for the usual names and the codes of machine-readable zones of each; else as written.
 */
bool document_from_fields(struct person_document *out, const char *type, const char *issuer, const char *number);

/*
 * Three capital letters, or "" if it is none: ISO 3166-1, and of Doc 9303's own codes and former ones D for DEU, GBD,
 * GBN ... for GBR, RKS for XKX, TMP for TLS, BUR for MMR.
 */
void country_from_text(char out[4], const char *text);

/* The check digit of Doc 9303 part 3, section 4.9 for A-Z 0-9 and <. */
char mrz_check_digit(const char *text, size_t len);

#endif
