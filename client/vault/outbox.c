/* Requests on their way, to custodians and to the matcher; receipts; the place in the mailbox. */
#include "client/vault/vault_internal.h"

#include "protocol/base/clock.h"
#include "protocol/rpc/rpc.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_MAX (64u << 10) /* of a request's body; each is a value of its run */

/* --- the body: a run of its own, so that megabytes do not go through the tables --- */

static int write_body(struct vault *v, struct run_info *info, struct span body, struct err *err)
{
    struct run_kind kind;
    struct run_writer *writer;
    uint8_t key[4];
    vault_run_kind(v, &kind, RUN_REQUEST, 0);
    int rc = run_create(&writer, &kind, 0, err);
    if (rc != 0)
        return rc;
    for (size_t at = 0; rc == 0 && at < body.len; at += PIECE_MAX) {
        struct span piece = span_of(body.data + at, body.len - at < PIECE_MAX ? body.len - at : PIECE_MAX);
        bytes_put_u32be(key, (uint32_t)(at / PIECE_MAX));
        rc = run_put(writer, key, &piece, err);
    }
    if (rc == 0)
        rc = run_finish(writer, info, err);
    else
        run_abandon(writer);
    if (rc == 0)
        rc = vault_sync_directory(v, err);
    return rc;
}

static int read_body(struct vault *v, struct buf *out, const struct run_info *info, struct err *err)
{
    struct run_kind kind;
    struct run *run = NULL;
    struct run_cursor c;
    vault_run_kind(v, &kind, RUN_REQUEST, 0);
    int rc = run_open(&run, &kind, info, err);
    buf_clear(out);
    if (rc != 0)
        return rc == ERR_NOT_FOUND ? vault_damaged("outbox", err) : rc;
    run_cursor_open(&c, run);
    rc = run_first(&c, err);
    while (rc == 0 && c.valid) {
        rc = buf_put(out, c.value.data, c.value.len, err);
        if (rc == 0)
            rc = run_next(&c, err);
    }
    run_cursor_close(&c);
    run_close(run);
    return rc;
}

/* The file goes when the transaction that forgets it is through; until then it is only remembered. */
static int forget_body(struct vault *v, const uint8_t id[WIRE_ID_SIZE], struct err *err)
{
    struct run_kind kind;
    struct run_info info;
    bool row = false;
    vault_run_kind(v, &kind, RUN_REQUEST, 0);
    sqlite3_stmt *s = vault_bind(v, err,
                                 "SELECT name, entries, blocks, size, index_at FROM run WHERE number ="
                                 " (SELECT run FROM outbox WHERE id = ?)",
                                 "b", id, (size_t)WIRE_ID_SIZE);
    int rc = vault_step(v, s, &row, err);
    if (rc != 0 || !row)
        return rc;
    rc = vault_read_run(s, 0, &info, err);
    sqlite3_reset(s);
    if (rc == 0)
        rc = vault_remove_later(v, info.name, err);
    if (rc == 0)
        rc = vault_do(v, err, "DELETE FROM run WHERE number = (SELECT run FROM outbox WHERE id = ?)", "b", id,
                      (size_t)WIRE_ID_SIZE);
    return rc;
}

/* --- requests --- */

int vault_outbox_write(struct vault *vault, struct vault_request *request, struct err *err)
{
    return write_body(vault, &request->run, buf_span(&request->body), err);
}

int vault_outbox_put(struct vault *vault, const struct vault_request *request, struct err *err)
{
    int64_t run;
    int rc = vault_note_run(vault, RUN_REQUEST, 0, 0, &request->run, &run, err);
    if (rc == 0)
        rc = vault_do(vault, err, "INSERT INTO outbox(id, type, count, run) VALUES(?, ?, ?, ?)", "biii", request->id,
                      (size_t)WIRE_ID_SIZE, (int64_t)request->type, (int64_t)request->count, run);
    return rc;
}

int vault_outbox_next(struct vault *vault, struct vault_request *request, bool *found, struct err *err)
{
    struct run_info info;
    sqlite3_stmt *s = vault_bind(vault, err,
                                 "SELECT o.id, o.type, o.count, r.name, r.entries, r.blocks, r.size, r.index_at"
                                 " FROM outbox o LEFT JOIN run r ON r.number = o.run ORDER BY o.number LIMIT 1",
                                 "");
    int rc = vault_step(vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = vault_column_bytes(request->id, WIRE_ID_SIZE, s, 0, "outbox", err);
    request->type = (enum wire_type)sqlite3_column_int(s, 1);
    request->count = (uint64_t)sqlite3_column_int64(s, 2);
    if (rc == 0)
        rc = vault_read_run(s, 3, &info, err);
    sqlite3_reset(s);
    if (rc == 0)
        rc = read_body(vault, &request->body, &info, err);
    return rc;
}

int vault_receipt_put(struct vault *vault, struct span receipt, struct err *err)
{
    const int64_t now = (int64_t)clock_now();
    int rc = vault_do(vault, err,
                      "DELETE FROM receipt WHERE at < ? AND number IN"
                      " (SELECT number FROM receipt ORDER BY number LIMIT 8)",
                      "i", now - RECEIPT_KEPT_SECONDS);
    if (rc == 0)
        rc = vault_do(vault, err, "INSERT INTO receipt(at, text) VALUES(?, ?)", "ib", now, receipt.data, receipt.len);
    return rc;
}

int vault_outbox_drop(struct vault *vault, const uint8_t id[WIRE_ID_SIZE], struct err *err)
{
    int rc = forget_body(vault, id, err);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM outbox WHERE id = ?", "b", id, (size_t)WIRE_ID_SIZE);
    return rc;
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
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row)
        rc = visit(context, sqlite3_column_int64(s, 0),
                   span_of(sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1)), err);
    sqlite3_reset(s);
    return rc;
}

static int get_chain(struct vault *v, uint8_t chain[WIRE_HASH_SIZE], struct err *err)
{
    bool row;
    sqlite3_stmt *s = vault_bind(v, err, "SELECT value FROM meta WHERE name = 'mail-chain'", "");
    int rc = vault_step(v, s, &row, err);
    memset(chain, 0, WIRE_HASH_SIZE);
    if (rc != 0 || !row)
        return rc;
    rc = vault_column_bytes(chain, WIRE_HASH_SIZE, s, 0, "mail", err);
    sqlite3_reset(s);
    return rc;
}

int vault_mail_get(struct vault *vault, struct vault_mail *mail, struct err *err)
{
    int rc = vault_meta_number(vault, "mail", &mail->sequence, err);
    if (rc == 0)
        rc = vault_meta_number(vault, "mail-leaf", &mail->leaf, err);
    if (rc == 0)
        rc = get_chain(vault, mail->chain, err);
    return rc;
}

int vault_mail_set(struct vault *vault, const struct vault_mail *mail, struct err *err)
{
    return vault_do(vault, err, "INSERT OR REPLACE INTO meta VALUES('mail', ?), ('mail-leaf', ?), ('mail-chain', ?)",
                    "iib", (int64_t)mail->sequence, (int64_t)mail->leaf, mail->chain, sizeof mail->chain);
}

/* --- batches --- */

/* A batch that was never taken up again is a retry to no custodian after so long. */
#define BATCH_SECONDS (INT64_C(8) * 86400)

/* No transaction: that would settle what is in memory, for each batch. */
int vault_batch_begin(struct vault *vault, const uint8_t digest[VAULT_BATCH_DIGEST_SIZE],
                      uint8_t nonce[VAULT_NONCE_SIZE], struct err *err)
{
    bool row = false;
    const int64_t now = (int64_t)clock_now();
    randombytes_buf(nonce, VAULT_NONCE_SIZE);
    int rc = vault_do(vault, err, "DELETE FROM batch WHERE at < ?", "i", now - BATCH_SECONDS);
    if (rc == 0)
        rc = vault_do(vault, err, "INSERT OR IGNORE INTO batch VALUES(?, ?, ?)", "bbi", digest,
                      (size_t)VAULT_BATCH_DIGEST_SIZE, nonce, (size_t)VAULT_NONCE_SIZE, now);
    sqlite3_stmt *s = rc != 0 ? NULL
                              : vault_bind(vault, err, "SELECT nonce FROM batch WHERE digest = ?", "b", digest,
                                           (size_t)VAULT_BATCH_DIGEST_SIZE);
    if (rc == 0)
        rc = vault_step(vault, s, &row, err);
    if (rc == 0 && row) {
        rc = vault_column_bytes(nonce, VAULT_NONCE_SIZE, s, 0, "batch", err);
        sqlite3_reset(s);
    }
    return rc;
}

int vault_batch_end(struct vault *vault, const uint8_t digest[VAULT_BATCH_DIGEST_SIZE], struct err *err)
{
    void *more = realloc(vault->ended, (vault->ended_count + 1) * sizeof *vault->ended);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    vault->ended = more;
    memcpy(vault->ended[vault->ended_count++], digest, VAULT_BATCH_DIGEST_SIZE);
    return 0;
}
