/* What was seen of the ledgers of others, and the evidence of one that contradicted itself. */
#include "client/vault/vault_internal.h"

int vault_ledger_get(struct vault *vault, const char *origin, const uint8_t key[32], struct buf *note, bool *found,
                     struct err *err)
{
    sqlite3_stmt *s =
        vault_bind(vault, err, "SELECT note FROM ledger WHERE origin = ? AND key = ?", "tb", origin, key, (size_t)32);
    int rc = s == NULL ? (int)err->code : vault_step(vault, s, found, err);
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

int vault_ledgers(struct vault *vault, vault_visit_ledger *visit, void *context, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT note FROM ledger ORDER BY origin", "");
    if (s == NULL)
        return (int)err->code;
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row)
        rc = visit(context, span_of(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0)), err);
    sqlite3_reset(s);
    return rc;
}

/* As many as tell an auditor all there is to know; a ledger that contradicts itself a thousand times is no news. */
int vault_evidence_put(struct vault *vault, struct span seen, struct span shown, struct err *err)
{
    return vault_do(
        vault, err,
        "INSERT OR IGNORE INTO evidence(seen, shown) SELECT ?, ? WHERE (SELECT count(*) FROM evidence) < 100", "bb",
        seen.data, seen.len, shown.data, shown.len);
}

int vault_evidence(struct vault *vault, vault_visit_evidence *visit, void *context, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT number, seen, shown FROM evidence ORDER BY number", "");
    if (s == NULL)
        return (int)err->code;
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row)
        rc = visit(context, sqlite3_column_int64(s, 0),
                   span_of(sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1)),
                   span_of(sqlite3_column_blob(s, 2), (size_t)sqlite3_column_bytes(s, 2)), err);
    sqlite3_reset(s);
    return rc;
}
