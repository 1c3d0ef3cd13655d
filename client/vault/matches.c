/* What partners' entries came in, and the matches made of them. */
#include "client/vault/vault_internal.h"

#include <stdio.h>
#include <string.h>

int vault_hit_put(struct vault *vault, int64_t domain, const char *partner, const uint8_t tag[WIRE_TAG_SIZE],
                  struct span payload, struct err *err)
{
    int rc = payload.len > 0
                 ? vault_do(vault, err, "INSERT OR REPLACE INTO hit(tag, partner, payload)"
                            " SELECT number, ?, ? FROM tag WHERE domain = ? AND tag = ?",
                            "tbib", partner, payload.data, payload.len, domain, tag, (size_t)WIRE_TAG_SIZE)
                 : vault_do(vault, err, "DELETE FROM hit WHERE partner = ?"
                            " AND tag = (SELECT number FROM tag WHERE domain = ? AND tag = ?)",
                            "tib", partner, domain, tag, (size_t)WIRE_TAG_SIZE);
    if (rc == 0)
        rc = vault_do(vault, err, "INSERT OR IGNORE INTO stale(domain, record) SELECT ?, token.record FROM token"
                      " JOIN tag ON tag.number = token.tag WHERE tag.domain = ? AND tag.tag = ?",
                      "iib", domain, domain, tag, (size_t)WIRE_TAG_SIZE);
    return rc;
}

int vault_stale_next(struct vault *vault, int64_t domain, int64_t *record, struct err *err)
{
    bool row;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT record FROM stale WHERE domain = ? LIMIT 1", "i", domain);
    int rc = s == NULL ? (int)err->code : vault_step(vault, s, &row, err);
    if (rc != 0)
        return rc;
    if (!row)
        return err_set(err, ERR_NOT_FOUND, "nothing is stale");
    *record = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return 0;
}

int vault_hits(struct vault *vault, int64_t domain, int64_t record, vault_visit_hit *visit, void *context,
               struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT token.key, tag.tag, tag.seal_key, hit.partner, hit.payload FROM token"
                                 " JOIN tag ON tag.number = token.tag JOIN hit ON hit.tag = tag.number"
                                 " WHERE token.record = ? AND tag.domain = ? ORDER BY hit.partner, token.key",
                                 "ii", record, domain);
    if (s == NULL)
        return (int)err->code;
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        struct vault_hit hit = {.key = (unsigned)sqlite3_column_int(s, 0),
                                .partner = (const char *)sqlite3_column_text(s, 3),
                                .payload = span_of(sqlite3_column_blob(s, 4), (size_t)sqlite3_column_bytes(s, 4))};
        if (sqlite3_column_bytes(s, 1) != WIRE_TAG_SIZE || hit.partner == NULL)
            rc = err_set(err, ERR_VERIFY, "the vault is damaged (hit): restore it from a backup, or enrol anew");
        else
            memcpy(hit.tag, sqlite3_column_blob(s, 1), WIRE_TAG_SIZE);
        if (rc == 0)
            rc = vault_unseal(vault, hit.seal_key, SEAL_KEY_SIZE, s, 2, "seal key", err);
        if (rc == 0)
            rc = visit(context, &hit, err);
    }
    sqlite3_reset(s);
    return rc;
}

int vault_keys(struct vault *vault, int64_t record, uint32_t *keys, struct err *err)
{
    bool row = true;
    int rc = 0;
    *keys = 0;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT key FROM token WHERE record = ?", "i", record);
    if (s == NULL)
        return (int)err->code;
    while ((rc = vault_step(vault, s, &row, err)) == 0 && row)
        *keys |= 1u << (sqlite3_column_int(s, 0) & 31);
    return rc;
}

/* --- matches --- */

static int put_match(struct vault *v, int64_t domain, int64_t record, const struct vault_match *m, struct err *err)
{
    uint8_t sealed[HANDLE_SIZE + SEALED_OVERHEAD];
    vault_seal(v, sealed, m->handle, HANDLE_SIZE, "handle");
    return vault_do(v, err, "INSERT INTO match(domain, record, partner, pseudonym, handle, keys, score, kind, status, keep)"
                    " VALUES(?,?,?,?,?,?,?,?,'new',1) ON CONFLICT(record, partner, pseudonym) DO UPDATE SET"
                    " handle = excluded.handle, keys = excluded.keys, score = excluded.score, kind = excluded.kind, keep = 1",
                    "iitbbiii", domain, record, m->partner, m->pseudonym, (size_t)PSEUDONYM_SIZE, sealed, sizeof sealed,
                    (int64_t)m->keys, (int64_t)m->score, (int64_t)m->kind);
}

int vault_matches_put(struct vault *vault, int64_t domain, int64_t record, const struct vault_match *match, size_t count,
                      struct err *err)
{
    int rc = vault_do(vault, err, "UPDATE match SET keep = 0 WHERE record = ?", "i", record);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = put_match(vault, domain, record, &match[i], err);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM match WHERE record = ? AND keep = 0", "i", record);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM stale WHERE record = ?", "i", record);
    return rc;
}

static int read_match(struct vault *v, sqlite3_stmt *s, struct vault_match *m, struct err *err)
{
    memset(m, 0, sizeof *m);
    m->number = sqlite3_column_int64(s, 0);
    m->record = sqlite3_column_int64(s, 1);
    m->keys = (uint32_t)sqlite3_column_int64(s, 5);
    m->score = (unsigned)sqlite3_column_int(s, 6);
    m->kind = (unsigned)sqlite3_column_int(s, 7);
    snprintf(m->partner, sizeof m->partner, "%s", (const char *)sqlite3_column_text(s, 2));
    snprintf(m->status, sizeof m->status, "%s", (const char *)sqlite3_column_text(s, 8));
    if (sqlite3_column_bytes(s, 3) != PSEUDONYM_SIZE)
        return err_set(err, ERR_VERIFY, "the vault is damaged (match): restore it from a backup, or enrol anew");
    memcpy(m->pseudonym, sqlite3_column_blob(s, 3), PSEUDONYM_SIZE);
    int rc = vault_unseal(v, m->handle, HANDLE_SIZE, s, 4, "handle", err);
    return rc != 0 ? rc : vault_unseal_text(v, m->id, VAULT_ID_MAX, s, 9, "id", err);
}

int vault_matches(struct vault *vault, int64_t domain, vault_visit_match *visit, void *context, struct err *err)
{
    bool row = true;
    int rc = 0;
    struct vault_match match;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT m.number, m.record, m.partner, m.pseudonym, m.handle, m.keys, m.score,"
                                 " m.kind, m.status, r.id FROM match m JOIN record r ON r.number = m.record"
                                 " WHERE m.domain = ? ORDER BY m.score DESC, m.number", "i", domain);
    if (s == NULL)
        return (int)err->code;
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        rc = read_match(vault, s, &match, err);
        if (rc == 0)
            rc = visit(context, &match, err);
    }
    sqlite3_reset(s);
    return rc;
}

int vault_match_status(struct vault *vault, int64_t number, const char *status, struct err *err)
{
    int rc = vault_do(vault, err, "UPDATE match SET status = ? WHERE number = ?", "ti", status, number);
    if (rc == 0 && sqlite3_changes(vault->db) == 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no match %lld (see: matches list)", (long long)number);
    return rc;
}
