/*
 * How the matcher's state lies in the ordered store. Numbers are big-endian, so that they sort; names appear as the
 * small numbers of the N records. L and W keys are the ledger's and the witness's.
 *
 *   V                                        format u32 | manifest version u64 | manifest digest 32
 *   N id2                                    kind u8 | digest 32, zeros of a purpose | name
 *   E purpose2 epoch4 tag16 agency2 time u64 | n u16 | n * partner2 excluded | payload; a tag's side by side
 *   X purpose2 time8 epoch4 tag16 agency2    -                             the same by age, for the retention sweep
 *   C purpose2 epoch4 agency2                count u64 | phase u8          of an agency's entries
 *   G purpose2 low2 high2                    struct store_pair             what two agencies are to each other
 *   Q purpose2 low2 high2 leaf8 epoch4 tag16 -                             couples that wait, in order
 *   T purpose2 epoch4 tag16 low2 high2       leaf u64                      the same by tag
 *   B agency2                                last u64 | acknowledged u64 | erased u64 | chain 32
 *   M agency2 sequence8 kind u8 | purpose2 | epoch4 | partner2 | tag16 | time8 | leaf8 | count8 | chain before it 32 |
 *                       chain with it 32 | payload
 *   I time8 agency2 sequence8                -                             letters in mailboxes, by age
 *   P agency2                                leaf u64 | statement          the newest prekey
 *   U agency2 purpose2                       day u64 | units u64           letters sent that day; purpose 0: about none
 *   R agency2 id16                           time u64 | digest 32 | index u64 | result
 *   A time8 agency2 id16                     -                             the same by age
 *   Y time8 agency2 id16                     what a query was answered, as long as it is kept
 *   S agency2 custodian32 leaf8              since u64 | last u64 | of u32 | taken u32   of a receipt of evaluation
 *   O time8 agency2 custodian32 leaf8        -                             the same by age
 *   J purpose2                               started u8 | epoch4 | tag16   how far joining anew has come
 *   Z                                        segment u64 | bytes u64       how far the archive is valid
 */
#ifndef MATCHER_STORE_KEYS_H
#define MATCHER_STORE_KEYS_H

#include "protocol/kv/key.h"
#include "protocol/wire/wire.h"

#define KEY_NAME_SIZE 3
#define KEY_ENTRY_PREFIX 23
#define KEY_ENTRY_SIZE 25
#define KEY_AGE_SIZE 33
#define KEY_COUNT_SIZE 9
#define KEY_BOX_SIZE 3
#define KEY_MESSAGE_SIZE 11
#define KEY_ANSWER_SIZE 19
#define KEY_ANSWER_AGE_SIZE 27
#define KEY_SPENDING_SIZE 43
#define KEY_SPENDING_AGE_SIZE 51
#define KEY_PAIR_SIZE 7
#define KEY_WAITING_SIZE 35
#define KEY_LYING_SIZE 19

/* "E purpose epoch tag": what the entries of one tag begin with. */
static inline struct key key_entries(const struct tag_place *at)
{
    struct key key = key_of('E');
    key_u16(&key, at->purpose);
    key_u32(&key, at->epoch);
    key_bytes(&key, at->tag, WIRE_TAG_SIZE);
    return key;
}

static inline struct key key_age(const struct tag_place *at, uint64_t time, uint16_t agency)
{
    struct key key = key_of('X');
    key_u16(&key, at->purpose);
    key_u64(&key, time);
    key_u32(&key, at->epoch);
    key_bytes(&key, at->tag, WIRE_TAG_SIZE);
    key_u16(&key, agency);
    return key;
}

/* A pair of agencies under one of the letters above: G, or what Q begins with. */
static inline struct key key_pair(char kind, uint16_t purpose, uint16_t low, uint16_t high)
{
    struct key key = key_of(kind);
    key_u16(&key, purpose);
    key_u16(&key, low);
    key_u16(&key, high);
    return key;
}

static inline struct key key_message(uint16_t agency, uint64_t sequence)
{
    struct key key = key_of('M');
    key_u16(&key, agency);
    key_u64(&key, sequence);
    return key;
}

static inline struct key key_answer(uint16_t agency, const uint8_t id[WIRE_ID_SIZE])
{
    struct key key = key_of('R');
    key_u16(&key, agency);
    key_bytes(&key, id, WIRE_ID_SIZE);
    return key;
}

/* By age, under A or Y. */
static inline struct key key_answer_age(char kind, uint64_t time, uint16_t agency, const uint8_t id[WIRE_ID_SIZE])
{
    struct key key = key_of(kind);
    key_u64(&key, time);
    key_u16(&key, agency);
    key_bytes(&key, id, WIRE_ID_SIZE);
    return key;
}

/* A receipt of evaluation; and by the time at which the agency named it first. */
static inline struct key key_spending(uint16_t agency, const uint8_t custodian[PARTY_DIGEST_SIZE], uint64_t leaf)
{
    struct key key = key_of('S');
    key_u16(&key, agency);
    key_bytes(&key, custodian, PARTY_DIGEST_SIZE);
    key_u64(&key, leaf);
    return key;
}

static inline struct key key_spending_age(uint64_t since, const struct key *spending)
{
    struct key key = key_of('O');
    key_u64(&key, since);
    key_bytes(&key, spending->bytes + 1, KEY_SPENDING_SIZE - 1);
    return key;
}

#endif
