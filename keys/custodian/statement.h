/*
 * What an agency signed when it asked for an event: kept beside the ledger, so that the custodian can show that it was
 * asked. The event has the statement's hash (protocol/wire/statement.h), this is the rest.
 *
 * In the store (numbers big-endian):
 *   S leaf8    type u8, time u64, id 16, SHA-256 of the body 32, signature 64, number of scopes u8,
 *              for each of them the purpose behind its length u8, epoch u32
 */
#ifndef KEYS_CUSTODIAN_STATEMENT_H
#define KEYS_CUSTODIAN_STATEMENT_H

#include "protocol/kv/kv.h"
#include "protocol/wire/statement.h"

void statement_keep(struct kv_batch *batch, uint64_t leaf, const struct wire_request *request);

/*
 * The request without its body, and the body's hash: for wire_statement_verify(). ERR_NOT_FOUND; ERR_VERIFY: damaged.
 */
int statement_find(struct kv *kv, uint64_t leaf, struct wire_request *request, uint8_t body_hash[WIRE_HASH_SIZE],
                   struct err *err);

/* Erases those of requests signed before `before`, the oldest first, at most max. *count grows by how many. */
int statement_clean(struct kv *kv, struct kv_batch *batch, uint64_t before, size_t max, size_t *count, struct err *err);

#endif
