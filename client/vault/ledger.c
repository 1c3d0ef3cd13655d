/* What was seen of the ledgers of others. */
#include "client/vault/vault_internal.h"

int vault_ledger_get(struct vault *vault, const char *origin, const uint8_t key[32], struct buf *note, bool *found,
                     struct err *err)
{
    sqlite3_stmt *s =
        vault_bind(vault, err, "SELECT note FROM ledger WHERE origin = ? AND key = ?", "tb", origin, key, (size_t)32);
    int rc = vault_step(vault, s, found, err);
    buf_clear(note);
    if (rc == 0 && *found)
        rc = buf_put(note, sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0), err);
    if (s != NULL)
        sqlite3_reset(s);
    return rc;
}

int vault_ledger_put(struct vault *vault, const char *origin, const uint8_t key[32], struct span note, struct err *err)
{
    return vault_do(vault, err, "INSERT OR REPLACE INTO ledger(origin, key, note) VALUES(?, ?, ?)", "tbb", origin, key,
                    (size_t)32, note.data, note.len);
}

int vault_final_get(struct vault *vault, struct vault_final *out, struct err *err)
{
    int rc = vault_meta_number(vault, "final", &out->size, err);
    return rc == 0 ? vault_meta_number(vault, "final-at", &out->at, err) : rc;
}

int vault_final_put(struct vault *vault, const struct vault_final *final, struct err *err)
{
    return vault_do(vault, err, "INSERT OR REPLACE INTO meta VALUES('final', ?), ('final-at', ?)", "ii",
                    (int64_t) final->size, (int64_t) final->at);
}

int vault_ledgers(struct vault *vault, vault_visit_ledger *visit, void *context, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT note FROM ledger ORDER BY origin", "");
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row)
        rc = visit(context, span_of(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0)), err);
    sqlite3_reset(s);
    return rc;
}
