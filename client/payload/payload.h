/*
 * What an entry carries (docs/protocol.md, "Payload"). A record has a 16-byte handle and an 8-byte pseudonym; the handle is
 * shared over GF(256), threshold T: the entry of key j holds w_j shares. A tag's entry is a list of slots, one per record of
 * the agency that has the tag, padded with random slots to a power of two, at most the schema's cap.
 *
 *   slot    pseudonym 8 | key u8 | shares 16 * W, W the schema's largest weight; unused ones random
 *   entry   nonce 24 | XChaCha20-Poly1305(slots), key: the tag's seal key
 *   AAD     region, purpose, agency, each behind its length u8 | epoch u32be | tag 16
 *
 * A record with several values for key j has as many tags for it, all with the same shares: however many of them a
 * partner has too, they count once. Share s of key j (s < w_j) is the polynomial at x = 1 + (weights of keys before j) + s.
 * Everything of a record derives from a seed (ChaCha20), and that from the vault's secret and the record's id (keyed BLAKE2b), so
 * that it is the same each time.
 * Constant time in secrets.
 */
#ifndef CLIENT_TOKEN_PAYLOAD_H
#define CLIENT_TOKEN_PAYLOAD_H

#include "client/schema/schema.h"
#include "protocol/wire/wire.h"

#define HANDLE_SIZE 16
#define PSEUDONYM_SIZE 8

/* Secret. */
struct record_secret {
    uint8_t handle[HANDLE_SIZE];
    uint8_t pseudonym[PSEUDONYM_SIZE];
    uint8_t coefficient[255][HANDLE_SIZE]; /* of x^1..x^(T-1); what is behind those means nothing */
};

/* What all of a record's secrets derive from. Secret. */
#define RECORD_SEED_SIZE 16
void record_seed(uint8_t out[RECORD_SEED_SIZE], const struct schema *schema, const uint8_t vault_secret[32],
                 const char *record_id);

/* Handle and pseudonym are the same under every digest of the schema, coefficients are not. */
void record_secret_derive(struct record_secret *out, const struct schema *schema, const uint8_t seed[RECORD_SEED_SIZE]);

/* Bytes of one slot for this schema. */
size_t slot_size(const struct schema *schema);

/* Bytes of the payload of an entry: the same for all of them. */
size_t payload_size(const struct schema *schema);

/* Writes a record's slot for key j; out holds slot_size() bytes. */
void slot_make(uint8_t *out, const struct schema *schema, const struct record_secret *secret, size_t key);

struct payload_context {
    const char *region, *purpose, *agency; /* agency: whose entry it is */
    uint32_t epoch;
    const uint8_t *tag;      /* WIRE_TAG_SIZE */
    const uint8_t *seal_key; /* SEAL_KEY_SIZE, secret */
};

/* slots: count * slot_size() bytes, 1 <= count <= cap; pads, shuffles, seals, appends the payload to out. */
int payload_seal(struct buf *out, const struct schema *schema, const struct payload_context *context,
                 const uint8_t *slots, size_t count, struct err *err);

/* Appends the slots, padding included; *count of them. ERR_VERIFY if it does not authenticate, ERR_INPUT if misshapen. */
int payload_open(struct buf *slots, size_t *count, const struct schema *schema, const struct payload_context *context,
                 struct span payload, struct err *err);

/*
 * Recovers the handle from slots of one pseudonym for distinct keys (array of pointers). False below the threshold. With
 * slots of different records it yields noise: the caller only takes slots of one pseudonym.
 */
bool handle_recover(uint8_t handle[HANDLE_SIZE], const struct schema *schema, const uint8_t *const *slot, size_t count);

#endif
