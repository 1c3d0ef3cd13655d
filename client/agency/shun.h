/*
 * Custodians that did not answer, took long or proved something false, remembered from one run to the next in a file
 * beside the vault: so that not each question waits for one that is down. They are asked last, not never, and whoever
 * answers is forgotten here. What the file says changes whom one asks first and nothing else: losing or changing it
 * harms nobody.
 */
#ifndef CLIENT_AGENCY_SHUN_H
#define CLIENT_AGENCY_SHUN_H

#include "client/agency/agency.h"

#define SHUN_SILENT_SECONDS 600
#define SHUN_FALSE_SECONDS 86400

/* until[i]: the second to which custodian i of the manifest is asked last; 0: it is not. */
void shun_load(const struct agency *agency, uint64_t until[REGION_CUSTODIANS_MAX]);

/* Keeps it. A failure costs time at the next question, so it is none here. */
void shun_save(const struct agency *agency, const uint64_t until[REGION_CUSTODIANS_MAX]);

#endif
