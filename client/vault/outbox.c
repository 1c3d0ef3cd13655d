/* Requests on their way, receipts, the place in the mailbox. */
#include "client/vault/vault_internal.h"

#include "protocol/rpc/rpc.h"

#include <string.h>

int vault_outbox_put(struct vault *vault, const struct vault_request *request, struct err *err)
{
    return vault_do(vault, err, "INSERT INTO outbox(id, type, count, body) VALUES(?, ?, ?, ?)", "biib", request->id,
                    (size_t)WIRE_ID_SIZE, (int64_t)request->type, (int64_t)request->count, request->body.data,
                    request->body.len);
}

int vault_outbox_next(struct vault *vault, struct vault_request *request, bool *found, struct err *err)
{
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT id, type, count, body FROM outbox ORDER BY number LIMIT 1", "");
    int rc = s == NULL ? (int)err->code : vault_step(vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    buf_clear(&request->body);
    if (sqlite3_column_bytes(s, 0) != WIRE_ID_SIZE) {
        rc = err_set(err, ERR_VERIFY, "the vault is damaged (outbox): restore it from a backup, or enrol anew");
    } else {
        memcpy(request->id, sqlite3_column_blob(s, 0), WIRE_ID_SIZE);
        request->type = (enum wire_type)sqlite3_column_int(s, 1);
        request->count = (uint64_t)sqlite3_column_int64(s, 2);
        rc = buf_put(&request->body, sqlite3_column_blob(s, 3), (size_t)sqlite3_column_bytes(s, 3), err);
    }
    sqlite3_reset(s);
    return rc;
}

int vault_receipt_put(struct vault *vault, struct span receipt, struct err *err)
{
    return vault_do(vault, err, "INSERT INTO receipt(text) VALUES(?)", "b", receipt.data, receipt.len);
}

int vault_outbox_drop(struct vault *vault, const uint8_t id[WIRE_ID_SIZE], struct err *err)
{
    return vault_do(vault, err, "DELETE FROM outbox WHERE id = ?", "b", id, (size_t)WIRE_ID_SIZE);
}

int vault_outbox_done(struct vault *vault, const uint8_t id[WIRE_ID_SIZE], struct span receipt, struct err *err)
{
    int rc = vault_receipt_put(vault, receipt, err);
    if (rc == 0)
        rc = vault_outbox_drop(vault, id, err);
    return rc;
}

int vault_receipts(struct vault *vault, vault_visit_receipt *visit, void *context, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT number, text FROM receipt ORDER BY number", "");
    if (s == NULL)
        return (int)err->code;
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row)
        rc = visit(context, sqlite3_column_int64(s, 0),
                   span_of(sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1)), err);
    sqlite3_reset(s);
    return rc;
}

int vault_mail_get(struct vault *vault, uint64_t *sequence, struct err *err)
{
    bool row = false;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT value FROM meta WHERE name = 'mail'", "");
    int rc = s == NULL ? (int)err->code : vault_step(vault, s, &row, err);
    *sequence = 0;
    if (rc == 0 && row) {
        *sequence = (uint64_t)sqlite3_column_int64(s, 0);
        sqlite3_reset(s);
    }
    return rc;
}

int vault_mail_set(struct vault *vault, uint64_t sequence, struct err *err)
{
    return vault_do(vault, err, "INSERT OR REPLACE INTO meta VALUES('mail', ?)", "i", (int64_t)sequence);
}
