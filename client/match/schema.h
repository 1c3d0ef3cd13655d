/*
 * The schema of a purpose: its match keys, their weights, the threshold. A JSON file named by digest in the manifest.
 *
 *     {"format": "concord-schema-1", "name": "persons", "threshold": 10, "cap": 8,
 *      "keys": [{"id": "document", "class": "document", "weight": 10, "parts": ["doc_issuer", "doc_type", "doc_number"]}, ...]}
 *
 * A key exists for a record if each of its parts does. Parts are normalised values: family_name, given_names, full_name
 * (family then given), full_name_unordered, full_name_phonetic, sex, nationality, birth_date (whole), birth_year,
 * birth_date_unordered (year, then day and month in ascending order; only if both are below 13 and differ), doc_type,
 * doc_issuer, doc_number.
 */
#ifndef CLIENT_MATCH_SCHEMA_H
#define CLIENT_MATCH_SCHEMA_H

#include "client/feed/record.h"
#include "client/identity/normalise.h"
#include "protocol/base/buf.h"
#include "protocol/region/party.h"

#define SCHEMA_KEYS_MAX 16
#define SCHEMA_PARTS_MAX 6
#define SCHEMA_TOKENS_MAX 64 /* of one record: a key has as many as the record has values for it */
#define SCHEMA_ID_MAX 31
#define SCHEMA_WEIGHT_MAX 16
#define SCHEMA_CAP_MAX 16
#define SCHEMA_FILE_MAX (256u << 10)
#define SCHEMA_DIGEST_SIZE 32

enum schema_part {
    PART_FAMILY_NAME, PART_GIVEN_NAMES, PART_FULL_NAME, PART_FULL_NAME_UNORDERED, PART_FULL_NAME_PHONETIC, PART_SEX,
    PART_NATIONALITY, PART_BIRTH_DATE, PART_BIRTH_YEAR, PART_BIRTH_DATE_UNORDERED, PART_DOC_TYPE, PART_DOC_ISSUER,
    PART_DOC_NUMBER, PARTS
};

enum schema_class { CLASS_PERSON, CLASS_DOCUMENT };

struct schema_key {
    char id[SCHEMA_ID_MAX + 1];
    enum schema_class class;
    unsigned weight; /* 1..SCHEMA_WEIGHT_MAX: shares of the handle in its entry */
    enum schema_part part[SCHEMA_PARTS_MAX];
    size_t parts;
};

struct schema {
    char name[PARTY_NAME_MAX + 1];
    uint8_t digest[SCHEMA_DIGEST_SIZE]; /* SHA-256 of the file */
    unsigned threshold;                 /* T: total weight of shared keys from which a match opens */
    unsigned cap;                       /* records of one agency that may share a tag; more: the tag identifies nobody */
    struct schema_key key[SCHEMA_KEYS_MAX];
    size_t keys;
};

/* ERR_INPUT names member and reason. Weights sum to 255 at most; threshold is 1..sum; ids are unique. */
int schema_parse(struct schema *out, const void *json, size_t len, struct err *err);

/* Reads DIR/<purpose>.json. ERR_VERIFY if its digest is not the manifest's. */
int schema_load(struct schema *out, const char *dir, const char *purpose, const uint8_t digest[SCHEMA_DIGEST_SIZE],
                struct err *err);

/* The OPRF inputs of a record, by key: input[i] is a value of key[i]. Values of one key differ. */
struct match_inputs {
    size_t count;
    uint8_t key[SCHEMA_TOKENS_MAX];
    struct span input[SCHEMA_TOKENS_MAX];
};

/*
 * The inputs lie one after another in *bytes (secret; cleared first): version byte 1, schema digest 32, key's position u8,
 * then each part as u16be length and bytes. A key without a value has no input.
 */
int match_keys(const struct schema *schema, struct normaliser *normaliser, const struct record *record,
               struct match_inputs *out, struct buf *bytes, struct err *err);

#endif
