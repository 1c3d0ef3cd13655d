/* Records, their tokens, and the tags that changed. */
#include "client/vault/vault_internal.h"

#include <sodium.h>
#include <string.h>

static int missing(const char *what, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "the vault has no such %s", what);
}

int vault_record_find(struct vault *vault, int64_t domain, const char *id, const uint8_t digest[32], int64_t *record,
                      bool *same, struct err *err)
{
    uint8_t hash[16];
    bool row = false;
    vault_hash(vault, hash, id, strlen(id));
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT number, digest FROM record WHERE domain = ? AND id_hash = ?", "ib",
                                 domain, hash, sizeof hash);
    int rc = s == NULL ? (int)err->code : vault_step(vault, s, &row, err);
    if (rc != 0)
        return rc;
    if (!row)
        return missing("record", err);
    *record = sqlite3_column_int64(s, 0);
    *same = sqlite3_column_bytes(s, 1) == 32 && memcmp(sqlite3_column_blob(s, 1), digest, 32) == 0;
    sqlite3_reset(s);
    return 0;
}

int vault_record_seen(struct vault *vault, int64_t record, int64_t run, struct err *err)
{
    return vault_do(vault, err, "UPDATE record SET run = ? WHERE number = ?", "ii", run, record);
}

/* What hangs on a record: tokens whose tags must be sent anew, matches. */
static int strip_record(struct vault *v, int64_t record, struct err *err)
{
    int rc = vault_do(v, err, "UPDATE tag SET unsent = 1 WHERE number IN (SELECT tag FROM token WHERE record = ?)", "i",
                      record);
    if (rc == 0)
        rc = vault_do(v, err, "DELETE FROM token WHERE record = ?", "i", record);
    return rc;
}

int vault_record_put(struct vault *vault, int64_t domain, const char *id, const uint8_t digest[32],
                     const uint8_t handle[HANDLE_SIZE], int64_t run, int64_t *record, struct err *err)
{
    uint8_t hash[16], handle_hash[16], sealed[VAULT_ID_MAX + SEALED_OVERHEAD];
    bool same;
    size_t len = strnlen(id, VAULT_ID_MAX);
    vault_hash(vault, handle_hash, handle, HANDLE_SIZE);
    int rc = vault_record_find(vault, domain, id, digest, record, &same, err);
    if (rc == 0) {
        rc = strip_record(vault, *record, err);
        if (rc == 0)
            rc = vault_do(vault, err, "UPDATE record SET digest = ?, handle_hash = ?, run = ? WHERE number = ?", "bbii",
                          digest, (size_t)32, handle_hash, sizeof handle_hash, run, *record);
    } else if (rc == ERR_NOT_FOUND) {
        vault_hash(vault, hash, id, len);
        vault_seal(vault, sealed, id, len, "id");
        rc = vault_do(vault, err,
                      "INSERT INTO record(domain, id_hash, id, digest, handle_hash, run) VALUES(?,?,?,?,?,?)", "ibbbbi",
                      domain, hash, sizeof hash, sealed, len + SEALED_OVERHEAD, digest, (size_t)32, handle_hash,
                      sizeof handle_hash, run);
        *record = sqlite3_last_insert_rowid(vault->db);
    }
    if (rc == 0)
        rc = vault_do(vault, err, "INSERT OR IGNORE INTO stale VALUES(?, ?)", "ii", domain, *record);
    return rc;
}

void vault_seal_key(const struct vault *vault, uint8_t out[VAULT_SEALED_KEY_SIZE],
                    const uint8_t seal_key[SEAL_KEY_SIZE])
{
    _Static_assert(VAULT_SEALED_KEY_SIZE == SEAL_KEY_SIZE + SEALED_OVERHEAD, "the size that the header gives");
    vault_seal(vault, out, seal_key, SEAL_KEY_SIZE, "seal key");
}

int vault_token_put(struct vault *vault, int64_t domain, int64_t record, unsigned key, const uint8_t tag[WIRE_TAG_SIZE],
                    const uint8_t sealed_key[VAULT_SEALED_KEY_SIZE], struct err *err)
{
    int rc = vault_do(vault, err,
                      "INSERT INTO tag(domain, tag, seal_key, sent, unsent) VALUES(?, ?, ?, 0, 1)"
                      " ON CONFLICT(domain, tag) DO UPDATE SET unsent = 1",
                      "ibb", domain, tag, (size_t)WIRE_TAG_SIZE, sealed_key, (size_t)VAULT_SEALED_KEY_SIZE);
    if (rc == 0)
        rc = vault_do(vault, err,
                      "INSERT OR IGNORE INTO token(record, key, tag)"
                      " SELECT ?, ?, number FROM tag WHERE domain = ? AND tag = ?",
                      "iiib", record, (int64_t)key, domain, tag, (size_t)WIRE_TAG_SIZE);
    return rc;
}

int vault_record_remove(struct vault *vault, int64_t record, struct err *err)
{
    int rc = strip_record(vault, record, err);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM match WHERE record = ?", "i", record);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM stale WHERE record = ?", "i", record);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM record WHERE number = ?", "i", record);
    return rc;
}

/* One number from a statement; ERR_NOT_FOUND without a row. */
static int one_number(struct vault *v, sqlite3_stmt *s, int64_t *out, struct err *err)
{
    bool row = false;
    int rc = s == NULL ? (int)err->code : vault_step(v, s, &row, err);
    if (rc != 0)
        return rc;
    if (!row)
        return missing("record", err);
    *out = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return 0;
}

int vault_run(struct vault *vault, int64_t *run, struct err *err)
{
    return one_number(vault, vault_bind(vault, err, "SELECT COALESCE(MAX(run), 0) + 1 FROM record", ""), run, err);
}

int vault_unseen(struct vault *vault, int64_t domain, int64_t run, int64_t *record, struct err *err)
{
    return one_number(
        vault,
        vault_bind(vault, err, "SELECT number FROM record WHERE domain = ? AND run <> ? LIMIT 1", "ii", domain, run),
        record, err);
}

static int one_id(struct vault *v, sqlite3_stmt *s, char *out, struct err *err)
{
    bool row = false;
    int rc = s == NULL ? (int)err->code : vault_step(v, s, &row, err);
    if (rc != 0)
        return rc;
    if (!row)
        return missing("record", err);
    rc = vault_unseal_text(v, out, VAULT_ID_MAX, s, 0, "id", err);
    sqlite3_reset(s);
    return rc;
}

int vault_record_id(struct vault *vault, int64_t record, char *out, struct err *err)
{
    return one_id(vault, vault_bind(vault, err, "SELECT id FROM record WHERE number = ?", "i", record), out, err);
}

int vault_handle_find(struct vault *vault, int64_t domain, const uint8_t handle[HANDLE_SIZE], char *out,
                      struct err *err)
{
    uint8_t hash[16];
    vault_hash(vault, hash, handle, HANDLE_SIZE);
    return one_id(vault,
                  vault_bind(vault, err, "SELECT id FROM record WHERE handle_hash = ? AND domain = ?", "bi", hash,
                             sizeof hash, domain),
                  out, err);
}

int vault_count(struct vault *vault, int64_t domain, struct vault_counts *out, struct err *err)
{
    int64_t n[5] = {0};
    int rc = one_number(vault, vault_bind(vault, err, "SELECT COUNT(*) FROM record WHERE domain = ?", "i", domain),
                        &n[0], err);
    if (rc == 0)
        rc = one_number(vault, vault_bind(vault, err, "SELECT COUNT(*) FROM tag WHERE domain = ?", "i", domain), &n[1],
                        err);
    if (rc == 0)
        rc = one_number(vault,
                        vault_bind(vault, err, "SELECT COUNT(*) FROM tag WHERE domain = ? AND unsent = 1", "i", domain),
                        &n[2], err);
    if (rc == 0)
        rc = one_number(
            vault, vault_bind(vault, err, "SELECT COUNT(*) FROM match WHERE domain = ? AND withdrawn = 0", "i", domain),
            &n[3], err);
    if (rc == 0)
        rc = one_number(vault, vault_bind(vault, err, "SELECT COUNT(*) FROM receipt", ""), &n[4], err);
    *out = (struct vault_counts){(uint64_t)n[0], (uint64_t)n[1], (uint64_t)n[2], (uint64_t)n[3], (uint64_t)n[4]};
    return rc;
}

/* --- what is to be sent --- */

int vault_open_key(const struct vault *vault, uint8_t seal_key[SEAL_KEY_SIZE],
                   const uint8_t sealed[VAULT_SEALED_KEY_SIZE], struct err *err)
{
    return vault_open_sealed(vault, seal_key, span_of(sealed, VAULT_SEALED_KEY_SIZE), "seal key", err);
}

int vault_open_id(const struct vault *vault, char *id, struct span sealed, struct err *err)
{
    return vault_open_sealed_text(vault, id, VAULT_ID_MAX, sealed, "id", err);
}

static int read_tag(struct vault_unsent *out, sqlite3_stmt *s, struct err *err)
{
    struct span tag = vault_column(s, 1), key = vault_column(s, 2);
    if (tag.len != sizeof out->tag || key.len != sizeof out->sealed_key)
        return vault_damaged("tag", err);
    out->number = sqlite3_column_int64(s, 0);
    memcpy(out->tag, tag.data, tag.len);
    memcpy(out->sealed_key, key.data, key.len);
    out->sent_before = sqlite3_column_int(s, 3) != 0;
    out->records = 0;
    return 0;
}

static int read_token(struct vault_unsent *out, sqlite3_stmt *s, unsigned cap, struct err *err)
{
    struct span id = vault_column(s, 5);
    if (sqlite3_column_type(s, 4) == SQLITE_NULL)
        return 0;
    if (out->records < cap) {
        struct vault_token *token = &out->token[out->records];
        if (id.len > sizeof token->sealed_id)
            return vault_damaged("id", err);
        token->key = (unsigned)sqlite3_column_int(s, 4);
        token->len = id.len;
        memcpy(token->sealed_id, id.data, id.len);
    }
    out->records++;
    return 0;
}

/* A row for each token of a tag, one without token if there is none: a tag is complete when the next begins. */
int vault_unsent(struct vault *vault, int64_t domain, const uint8_t *after, unsigned cap, vault_visit_unsent *visit,
                 void *context, struct err *err)
{
    struct vault_unsent unsent = {.number = 0};
    bool row = true, begun = false, more = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err,
                                 "SELECT g.number, g.tag, g.seal_key, g.sent, t.key, r.id FROM tag g"
                                 " LEFT JOIN token t ON t.tag = g.number LEFT JOIN record r ON r.number = t.record"
                                 " WHERE g.domain = ? AND g.unsent = 1 AND g.tag > ? ORDER BY g.tag",
                                 "ib", domain, after, after != NULL ? (size_t)WIRE_TAG_SIZE : (size_t)0);
    if (s == NULL)
        return (int)err->code;
    cap = cap < SCHEMA_CAP_MAX ? cap : SCHEMA_CAP_MAX;
    while (rc == 0 && more && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        if (begun && sqlite3_column_int64(s, 0) != unsent.number) {
            more = visit(context, &unsent);
            begun = false;
        }
        if (more && !begun)
            rc = read_tag(&unsent, s, err);
        begun = true;
        if (more && rc == 0)
            rc = read_token(&unsent, s, cap, err);
    }
    if (rc == 0 && begun && more)
        visit(context, &unsent);
    sqlite3_reset(s);
    return rc;
}

int vault_tag_sent(struct vault *vault, int64_t domain, int64_t number, bool gone, struct err *err)
{
    int rc = vault_do(vault, err, "UPDATE tag SET unsent = 0, sent = ? WHERE number = ?", "ii", (int64_t)!gone, number);
    if (rc != 0 || !gone)
        return rc;
    /* Who still has it, since too many do, has lost what it brought. */
    rc = vault_do(vault, err, "INSERT OR IGNORE INTO stale(domain, record) SELECT ?, record FROM token WHERE tag = ?",
                  "ii", domain, number);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM hit WHERE tag = ?", "i", number);
    if (rc == 0)
        rc = vault_do(vault, err,
                      "DELETE FROM tag WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM token WHERE tag = ?1)", "i",
                      number);
    return rc;
}
