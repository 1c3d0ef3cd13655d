/*
 * What was evaluated and not spent yet: of it a request names as many evaluations as it has tags that are new to the
 * matcher (docs/protocol.md, Receipts of evaluation). In memory as long as requests are being made; what they took is
 * noted in the vault together with them.
 */
#ifndef CLIENT_TOKEN_PURSE_H
#define CLIENT_TOKEN_PURSE_H

#include "client/vault/vault.h"
#include "protocol/wire/entry.h"

#define PURSE_SECONDS ((WIRE_SPENT_DAYS - 5) * 86400) /* older ones are not named: they lapse, and clocks differ */

struct purse;

/* Of a domain; what is being made of former loads must have been stored. */
int purse_load(struct purse **out, struct vault *vault, int64_t domain, struct err *err);
void purse_free(struct purse *purse); /* NULL is fine */

/* What one request takes: of which of the vault's evaluations how many, and how it names them. */
struct purse_taken {
    int64_t number[WIRE_SPENT_MAX];
    uint32_t taken[WIRE_SPENT_MAX];
    size_t count;
    struct wire_spent_list spent;
};

/* Takes as many tokens as there are, the largest batches first. Fewer where a request has no room to name them. */
void purse_take(struct purse *purse, size_t tokens, struct purse_taken *out);

/* Names `count` of an evaluation; false: there is no room. purse_name_end() brings the list into its order. */
bool purse_name(struct wire_spent_list *spent, const struct vault_evaluation *evaluation, uint32_t count);
void purse_name_end(struct wire_spent_list *spent);

/* Notes in the vault what was taken; within a transaction. */
int purse_store(const struct purse_taken *taken, struct vault *vault, struct err *err);

#endif
