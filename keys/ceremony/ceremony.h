/*
 * The key ceremony: distributed key generation (Pedersen's, with Feldman commitments; each contributor proves that it
 * knows its secret, as in FROST, so that nobody can cancel the others' keys). Files in, files out:
 *
 *   ceremony.json       threshold, custodians, purposes and epochs. Its SHA-256 binds all that follows.
 *   contribution.json   per purpose: commitments C_0..C_{t-1}, proof of possession of a_0, a share for every custodian
 *                       encrypted to it under a key made for it alone; signed with the contributor's sign key.
 *   share file          the custodian's secret scalars, sealed under its identity. Only `finish` writes it.
 *   transcript.json     what everybody may know: K and K_i per purpose, digests of the contributions. Every custodian
 *                       computes the same bytes.
 *
 * A contribution that does not verify names its author; the ceremony is then void and begins anew without it. That a
 * share is bad only its recipient can see. It complains, and the contributor answers by giving away the secret that the
 * share was encrypted with: then everybody can open it, and sees which of the two is lying (complaint.h).
 */
#ifndef KEYS_CEREMONY_CEREMONY_H
#define KEYS_CEREMONY_CEREMONY_H

#include "protocol/oprf/threshold.h"
#include "protocol/identity/identity.h"
#include "protocol/region/region.h"

#include <jansson.h>

#define CEREMONY_FILE_MAX (4u << 20)
#define CEREMONY_SHARE_SEALED (32 + 32 + 16) /* X25519 key made for it, the scalar, tag */

struct ceremony_purpose {
    char name[PARTY_NAME_MAX + 1];
    uint32_t epoch;
};

struct ceremony {
    uint8_t digest[32];
    size_t threshold;
    struct party custodian[REGION_CUSTODIANS_MAX];
    size_t custodian_count;
    struct ceremony_purpose purpose[REGION_PURPOSES_MAX];
    size_t purpose_count;
};

/* One contributor's part of one purpose. */
struct contribution {
    struct element commitment[OPRF_COALITION_MAX];
    struct scalar proof_c, proof_s;
    uint8_t share[REGION_CUSTODIANS_MAX][CEREMONY_SHARE_SEALED];
};

/* Reads ceremony.json. */
int ceremony_load(struct ceremony *out, const char *path, struct err *err);

/* Position of this party's key among the custodians; -1 if it is none. */
int ceremony_find(const struct ceremony *ceremony, const struct party *party);

/*
 * Makes the part of custodian `from` for a purpose: a fresh polynomial, which is wiped again. Secret inputs are
 * handled in constant time.
 */
int contribution_make(struct contribution *out, const struct ceremony *ceremony, size_t purpose,
                      const struct identity *from, size_t from_index, struct err *err);

/* Checks commitments and proof of possession. ERR_VERIFY says what is wrong; the caller names whose it is. */
int contribution_check(const struct contribution *in, const struct ceremony *ceremony, size_t purpose,
                       size_t from_index, struct err *err);

/* Decrypts the share for `to` and checks it against the commitments. out is secret. */
int contribution_open_share(struct scalar *out, const struct contribution *in, const struct ceremony *ceremony,
                            size_t purpose, size_t from_index, const struct identity *to, size_t to_index,
                            struct err *err);

/*
 * The secret with which `from` encrypted its share for `to_index`; made of its storage secret, so that it can be made
 * again.
 */
void contribution_deal_secret(uint8_t deal[32], const struct contribution *in, const struct ceremony *ceremony,
                              size_t purpose, const struct identity *from, size_t from_index, size_t to_index);

/*
 * The same check as the recipient's, by anybody who has that secret. ERR_INPUT: it is another one. ERR_VERIFY: a bad
 * share.
 */
int contribution_check_share(const struct contribution *in, const struct ceremony *ceremony, size_t purpose,
                             size_t from_index, size_t to_index, const uint8_t deal[32], struct err *err);

/* JSON of all purposes' parts, signed; and back, with the signature checked. *from is the contributor's position. */
int contribution_write(const char *path, const struct ceremony *ceremony, const struct contribution *parts,
                       const struct identity *from, struct err *err);
int contribution_read(struct contribution *parts, size_t *from, uint8_t digest[32], const struct ceremony *ceremony,
                      const char *path, struct err *err);

/* Reading JSON members; ERR_INPUT names path and member. */
int json_get_hex(json_t *object, const char *member, void *out, size_t len, const char *path, struct err *err);
int json_load_limited(json_t **out, const char *path, uint8_t digest[32], struct err *err);
json_t *json_hex(const void *bytes, size_t len); /* len <= 128; NULL when out of memory */

/*
 * Member "signature": by the sign key, over the object without it, compact, members sorted. json NULL is out of memory.
 * Checking takes the member out; ERR_VERIFY: it is not by that party.
 */
int json_sign(json_t *json, const struct identity *by, struct err *err);
int json_check_signature(json_t *json, const struct party *by, const char *path, struct err *err);

#endif
