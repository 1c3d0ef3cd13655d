/*
 * Invitations: in one file what a party needs to take part. The manifest with its signatures, the schemas, its
 * pre-shared keys; signed by a coordinator, sealed to the party (crypto_box_seal of libsodium, to its channel key).
 *
 * In the box is a JSON object: "concord-invitation" 1, "by" (the coordinator), "for" (party_digest() in hexadecimal),
 * "manifest" and "signatures" (texts, by coordinator), "schemas" (texts, by purpose), "psk" (hexadecimal, by file
 * name), "signature" (as json_sign() makes it).
 *
 * All pre-shared keys come of one secret of the coordinators: who serves has a root made of it, who calls the key that
 * psk_derive() makes of that root. So a newcomer's invitation is all that has to travel.
 */
#ifndef KEYS_MANIFEST_INVITATION_H
#define KEYS_MANIFEST_INVITATION_H

#include "protocol/region/region.h"

#include <jansson.h>

struct identity;

#define INVITATION_MAX (2 * REGION_FILE_MAX)

/* What of the region's secret concerns this party: its "psk" object, new; NULL when out of memory. */
json_t *invitation_keys(const struct region *region, const struct party *party, const uint8_t secret[static 32]);

/* Signs json as `by`, and appends it sealed to `to`. */
int invitation_seal(struct buf *out, json_t *json, const struct identity *by, const struct party *to, struct err *err);

/*
 * Opens what lies in path and checks that a coordinator of the manifest in it signed it for this identity, that enough
 * coordinators signed the manifest, and that it succeeds `trusted` (NULL: whose coordinators these are the caller has
 * to ask). *region is owned, and *json, which the caller wipes by invitation_free(). ERR_INPUT, ERR_VERIFY, ERR_DENIED.
 */
int invitation_open(struct region **region, json_t **json, const char *path, const struct identity *me,
                    const struct region *trusted, struct err *err);

/* Releases it; its pre-shared keys are wiped. NULL is fine. */
void invitation_free(json_t *json);

/* Its signatures of the manifest, borrowed from json: as many as returned. */
size_t invitation_signatures(struct region_signature out[REGION_COORDINATORS_MAX], const json_t *json);

#endif
