/*
 * What an entry carries (docs/protocol.md, "Payload"): slots, one for each of the agency's records that have the tag,
 * in random order among as many random ones as make up the schema's fixed number.
 *
 *   slot    shares 32 | m 8
 *   entry   nonce 24 | XChaCha20-Poly1305(slots) | tag 16, key: the tag's seal key
 *   AAD     region, purpose, owner's identity digest 32, epoch u32be, tag 16, each behind its length u8
 *
 * All of a record's secrets derive from its seed z, 16 random bytes per record, purpose and epoch. z is shared over
 * GF(256) on the line z + c*x (Shamir 1979, threshold 2): a key j of weight 2 carries the points x = 2j+1 and 2j+2 and
 * opens alone; one of weight 1 carries x = 2j+1 and 16 random bytes and opens with another key's. m authenticates: who
 * has the right z knows it, and nothing else passes for a slot. Nothing in two slots of different keys of a record is
 * equal or derives from anything equal: who cannot open them cannot tell that they belong together. Several values of a
 * key have the same shares, so that they count once: each of those opens alone anyhow, since a key of weight 1 has one
 * value for a record (match_keys()).
 *
 * Constant time in secrets, but for which slots of a payload open: that is what its reader is to learn.
 */
#ifndef CLIENT_TOKEN_PAYLOAD_H
#define CLIENT_TOKEN_PAYLOAD_H

#include "client/schema/schema.h"
#include "protocol/wire/wire.h"

#define HANDLE_SIZE 16
#define RECORD_SEED_SIZE 16
#define SLOT_SIZE 40

/* Secret; the handle, too, but for the partners that it is for. */
struct record_secret {
    uint8_t seed[RECORD_SEED_SIZE];  /* z */
    uint8_t handle[HANDLE_SIZE];     /* KDF(z, 1) */
    uint8_t mac_key[32];             /* KDF(z, 2) */
    uint8_t slope[RECORD_SEED_SIZE]; /* c = KDF(z, 3) */
};

/* KDF(z, i): BLAKE2b keyed with z over "concord z" and the byte i. */
void record_secret_derive(struct record_secret *out, const uint8_t seed[RECORD_SEED_SIZE]);
void record_handle(uint8_t out[HANDLE_SIZE], const uint8_t seed[RECORD_SEED_SIZE]); /* that alone */

/* Bytes of the payload of an entry: the same for all of a schema. */
size_t payload_size(const struct schema *schema);

struct payload_context {
    const char *region, *purpose;
    const uint8_t *owner; /* PARTY_DIGEST_SIZE: party_digest() of whose entry it is */
    uint32_t epoch;
    const uint8_t *tag;      /* WIRE_TAG_SIZE */
    const uint8_t *seal_key; /* SEAL_KEY_SIZE, secret; slots need none */
};

/* A record's slot for key j. */
void slot_make(uint8_t out[SLOT_SIZE], const struct schema *schema, const struct payload_context *context,
               const struct record_secret *secret, unsigned key);

/*
 * slots: count * SLOT_SIZE bytes, count <= schema->slots; with none the entry is empty, and looks like any other. Adds
 * the random ones, shuffles, seals, appends the payload to out.
 */
int payload_seal(struct buf *out, const struct schema *schema, const struct payload_context *context,
                 const uint8_t *slots, size_t count, struct err *err);

/*
 * Appends the schema->slots slots. ERR_VERIFY if it does not authenticate, ERR_INPUT if it is not payload_size() long.
 */
int payload_open(struct buf *slots, const struct schema *schema, const struct payload_context *context,
                 struct span payload, struct err *err);

/* --- from slots to a record's secrets --- */

/* A slot that came in under this context, for key j. */
struct slot {
    const struct payload_context *context;
    unsigned key;
    const uint8_t *bytes; /* SLOT_SIZE */
};

/* Whether it is a slot of the record with these secrets. */
bool slot_belongs(const struct slot *slot, const struct record_secret *secret);

/*
 * Of slots of keys of weight 2: may[i], whether slot_recover() is worth trying; of random ones it is not, but for one
 * in 2^128. Many at once take a fraction of the time.
 */
void slots_tell(bool *may, const struct slot *slot, size_t n);

/* Of one slot of a key of weight 2; of two slots of different keys. False: random, or of different records. */
bool slot_recover(struct record_secret *out, const struct slot *slot);
bool slot_recover_pair(struct record_secret *out, const struct slot *a, const struct slot *b);

#endif
