/* What was evaluated, and is not spent yet. */
#include "client/vault/vault_internal.h"

#include "protocol/base/clock.h"

#include <stdlib.h>
#include <string.h>

#define NAME_SIZE VAULT_EVENT_NAME_SIZE

static void write_name(uint8_t out[NAME_SIZE], const uint8_t custodian[PARTY_DIGEST_SIZE], uint64_t leaf)
{
    memcpy(out, custodian, PARTY_DIGEST_SIZE);
    bytes_put_u64be(out + PARTY_DIGEST_SIZE, leaf);
}

int vault_evaluation_add(struct vault *vault, int64_t domain, const struct vault_evaluation *evaluation,
                         struct err *err)
{
    void *more = realloc(vault->evaluated, (vault->evaluated_count + 1) * sizeof *vault->evaluated);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    vault->evaluated = more;
    struct vault_evaluated *e = &vault->evaluated[vault->evaluated_count];
    *e = (struct vault_evaluated){
        .domain = domain, .time = evaluation->time, .of = evaluation->of, .taken = evaluation->taken};
    e->named_len = evaluation->custodians * NAME_SIZE;
    for (size_t i = 0; i < evaluation->custodians; i++)
        write_name(e->named + i * NAME_SIZE, evaluation->by[i].custodian, evaluation->by[i].leaf);
    e->receipts = buf_of(VAULT_EVALUATION_RECEIPTS_MAX);
    int rc = buf_put(&e->receipts, evaluation->receipts.data, evaluation->receipts.len, err);
    if (rc == 0)
        vault->evaluated_count++;
    else
        buf_free(&e->receipts);
    return rc;
}

int vault_evaluations_store(struct vault *vault, struct err *err)
{
    int rc = vault->evaluated_count == 0 ? 0
                                         : vault_do(vault, err,
                                                    "DELETE FROM evaluation WHERE at < ? AND number IN"
                                                    " (SELECT number FROM evaluation ORDER BY number LIMIT 8)",
                                                    "i", (int64_t)clock_now() - RECEIPT_KEPT_SECONDS);
    for (size_t i = 0; rc == 0 && i < vault->evaluated_count; i++) {
        const struct vault_evaluated *e = &vault->evaluated[i];
        rc = vault_do(vault, err,
                      "INSERT OR IGNORE INTO evaluation(domain, at, of, taken, named, receipts)"
                      " VALUES(?, ?, ?, ?, ?, ?)",
                      "iiiibb", e->domain, (int64_t)e->time, (int64_t)e->of, (int64_t)e->taken, e->named, e->named_len,
                      e->receipts.data, e->receipts.len);
    }
    return rc;
}

static int read_evaluation(struct vault_evaluation *out, sqlite3_stmt *s, struct err *err)
{
    const struct span named = vault_column(s, 4);
    *out = (struct vault_evaluation){.number = sqlite3_column_int64(s, 0),
                                     .time = (uint64_t)sqlite3_column_int64(s, 1),
                                     .of = (uint32_t)sqlite3_column_int64(s, 2),
                                     .taken = (uint32_t)sqlite3_column_int64(s, 3),
                                     .custodians = named.len / NAME_SIZE};
    if (named.len % NAME_SIZE != 0 || out->custodians > OPRF_COALITION_MAX || out->taken > out->of)
        return vault_damaged("evaluation", err);
    for (size_t i = 0; i < out->custodians; i++) {
        memcpy(out->by[i].custodian, named.data + i * NAME_SIZE, PARTY_DIGEST_SIZE);
        out->by[i].leaf = bytes_get_u64be(named.data + i * NAME_SIZE + PARTY_DIGEST_SIZE);
    }
    return 0;
}

int vault_evaluations(struct vault *vault, int64_t domain, uint64_t since, vault_visit_evaluation *visit, void *context,
                      struct err *err)
{
    struct vault_evaluation evaluation;
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err,
                                 "SELECT number, at, of, taken, named FROM evaluation"
                                 " WHERE domain = ? AND taken < of AND at >= ? ORDER BY of - taken DESC, number",
                                 "ii", domain, (int64_t)since);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        rc = read_evaluation(&evaluation, s, err);
        if (rc == 0)
            rc = visit(context, &evaluation, err);
    }
    sqlite3_reset(s);
    return rc;
}

/* Each of a row's receipts. */
static int visit_all(sqlite3_stmt *s, vault_visit_receipt *visit, void *context, struct err *err)
{
    const struct span all = vault_column(s, 1);
    int rc = 0;
    for (size_t at = 0; rc == 0 && at < all.len;) {
        const uint8_t *end = memchr(all.data + at, 0, all.len - at);
        if (end == NULL)
            return vault_damaged("evaluation", err);
        const size_t len = (size_t)(end - all.data) - at;
        rc = visit(context, sqlite3_column_int64(s, 0), span_of(all.data + at, len), err);
        at += len + 1;
    }
    return rc;
}

int vault_evaluation_receipts(struct vault *vault, vault_visit_receipt *visit, void *context, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT number, receipts FROM evaluation ORDER BY number", "");
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row)
        rc = visit_all(s, visit, context, err);
    sqlite3_reset(s);
    return rc;
}

int vault_evaluation_take(struct vault *vault, int64_t number, uint32_t count, struct err *err)
{
    return vault_do(vault, err, "UPDATE evaluation SET taken = min(of, taken + ?) WHERE number = ?", "ii",
                    (int64_t)count, number);
}

int vault_evaluation_drop(struct vault *vault, const uint8_t custodian[PARTY_DIGEST_SIZE], uint64_t leaf,
                          struct err *err)
{
    uint8_t name[NAME_SIZE];
    write_name(name, custodian, leaf);
    return vault_do(vault, err, "UPDATE evaluation SET taken = of WHERE instr(named, ?) > 0", "b", name, sizeof name);
}
