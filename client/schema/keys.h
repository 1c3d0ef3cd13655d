/* From a record to the OPRF inputs of its match keys. */
#ifndef CLIENT_MATCH_KEYS_H
#define CLIENT_MATCH_KEYS_H

#include "client/schema/schema.h"

/* By key: input[i] is a value of key[i]. Values of one key differ. */
struct match_inputs {
    size_t count;
    uint8_t key[SCHEMA_TOKENS_MAX];
    struct span input[SCHEMA_TOKENS_MAX];
};

/*
 * The inputs lie one after another in *bytes (secret; cleared first): version byte 2, schema digest 32, key's position
 * u8, then each part as u16be length and bytes. A key without a value has no input; one of weight 1 has its first value
 * alone, since equal shares would tell that two entries are of one record. Beyond SCHEMA_TOKENS_MAX values,
 * later keys and later alternatives get none. ERR_INPUT: a name that is not UTF-8.
 */
int match_keys(const struct schema *schema, struct normaliser *normaliser, const struct record *record,
               struct match_inputs *out, struct buf *bytes, struct err *err);
int match_keys_of_person(const struct schema *schema, const struct person *person, struct match_inputs *out,
                         struct buf *bytes, struct err *err);

#endif
