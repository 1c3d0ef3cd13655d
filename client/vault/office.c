/* Accounts, and what their holders did. */
#include "client/vault/office.h"

#include "client/vault/vault_internal.h"

#include <sodium.h>
#include <string.h>

/* --- accounts --- */

static int read_account(sqlite3_stmt *s, struct vault_account *out, struct err *err)
{
    const int64_t role = sqlite3_column_int64(s, 1);
    if (role < 0 || role >= ACCOUNT_ROLES)
        return vault_damaged("account", err);
    *out = (struct vault_account){.role = (enum account_role)role,
                                  .has_totp = sqlite3_column_bytes(s, 3) > 0,
                                  .locked = sqlite3_column_int(s, 4) != 0,
                                  .at = (uint64_t)sqlite3_column_int64(s, 5)};
    int rc = vault_column_text(out->name, ACCOUNT_NAME_MAX, s, 0, "account", err);
    if (rc == 0)
        rc = vault_column_text(out->hash, ACCOUNT_HASH_MAX - 1, s, 2, "account", err);
    if (rc == 0 && out->has_totp)
        rc = vault_column_bytes(out->totp, ACCOUNT_TOTP_SIZE, s, 3, "account", err);
    return rc;
}

int vault_account_get(struct vault *vault, const char *name, struct vault_account *out, bool *found, struct err *err)
{
    sqlite3_stmt *s =
        vault_bind(vault, err, "SELECT name, role, hash, totp, locked, at FROM account WHERE name = ?", "t", name);
    int rc = vault_step(vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = read_account(s, out, err);
    sqlite3_reset(s);
    return rc;
}

int vault_account_put(struct vault *vault, const struct vault_account *a, struct err *err)
{
    return vault_do(vault, err,
                    "INSERT OR REPLACE INTO account(name, role, hash, totp, locked, at) VALUES(?, ?, ?, ?, ?, ?)",
                    "titbii", a->name, (int64_t)a->role, a->hash, a->totp,
                    a->has_totp ? (size_t)ACCOUNT_TOTP_SIZE : (size_t)0, (int64_t)a->locked, (int64_t)a->at);
}

int vault_account_remove(struct vault *vault, const char *name, bool *found, struct err *err)
{
    int rc = vault_do(vault, err, "DELETE FROM account WHERE name = ?", "t", name);
    *found = rc == 0 && sqlite3_changes(vault->db) > 0;
    return rc;
}

int vault_accounts(struct vault *vault, vault_visit_account *visit, void *context, struct err *err)
{
    struct vault_account account;
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(vault, err, "SELECT name, role, hash, totp, locked, at FROM account ORDER BY name", "");
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        rc = read_account(s, &account, err);
        if (rc == 0)
            rc = visit(context, &account, err);
    }
    sqlite3_reset(s);
    sodium_memzero(&account, sizeof account);
    return rc;
}

/* --- activity --- */

#define ACTIVITY_COLUMNS "SELECT number, at, by, role, act, about, detail, hash, signature FROM activity"

static int read_activity(sqlite3_stmt *s, struct vault_activity *out, struct err *err)
{
    *out = (struct vault_activity){.number = sqlite3_column_int64(s, 0), .at = (uint64_t)sqlite3_column_int64(s, 1)};
    int rc = vault_column_text(out->by, ACCOUNT_NAME_MAX, s, 2, "activity", err);
    if (rc == 0)
        rc = vault_column_text(out->role, ACTIVITY_WORD_MAX, s, 3, "activity", err);
    if (rc == 0)
        rc = vault_column_text(out->act, ACTIVITY_WORD_MAX, s, 4, "activity", err);
    if (rc == 0)
        rc = vault_column_text(out->about, ACTIVITY_ABOUT_MAX, s, 5, "activity", err);
    if (rc == 0)
        rc = vault_column_text(out->detail, ACTIVITY_DETAIL_MAX, s, 6, "activity", err);
    if (rc == 0)
        rc = vault_column_bytes(out->hash, ACTIVITY_HASH_SIZE, s, 7, "activity", err);
    if (rc == 0)
        rc = vault_column_bytes(out->signature, ACTIVITY_SIGNATURE_SIZE, s, 8, "activity", err);
    return rc;
}

int vault_activity_last(struct vault *vault, struct vault_activity *out, struct err *err)
{
    bool row = false;
    sqlite3_stmt *s = vault_bind(vault, err, ACTIVITY_COLUMNS " ORDER BY number DESC LIMIT 1", "");
    *out = (struct vault_activity){.number = 0};
    int rc = vault_step(vault, s, &row, err);
    if (rc != 0 || !row)
        return rc;
    rc = read_activity(s, out, err);
    sqlite3_reset(s);
    return rc;
}

int vault_activity_put(struct vault *vault, const struct vault_activity *e, struct err *err)
{
    return vault_do(vault, err,
                    "INSERT INTO activity(number, at, by, role, act, about, detail, hash, signature)"
                    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    "iitttttbb", e->number, (int64_t)e->at, e->by, e->role, e->act, e->about, e->detail, e->hash,
                    sizeof e->hash, e->signature, sizeof e->signature);
}

int vault_activities(struct vault *vault, int64_t from, bool newest_first, size_t most, vault_visit_activity *visit,
                     void *context, struct err *err)
{
    struct vault_activity entry;
    bool row = true;
    int rc = 0;
    if (newest_first && from == 0)
        from = INT64_MAX;
    sqlite3_stmt *s = newest_first
                          ? vault_bind(vault, err, ACTIVITY_COLUMNS " WHERE number <= ? ORDER BY number DESC LIMIT ?",
                                       "ii", from, (int64_t)most)
                          : vault_bind(vault, err, ACTIVITY_COLUMNS " WHERE number >= ? ORDER BY number LIMIT ?", "ii",
                                       from, (int64_t)most);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        rc = read_activity(s, &entry, err);
        if (rc == 0)
            rc = visit(context, &entry, err);
    }
    sqlite3_reset(s);
    sodium_memzero(&entry, sizeof entry);
    return rc;
}

int vault_version(struct vault *vault, int64_t *out, struct err *err)
{
    bool found;
    return vault_number(vault, vault_bind(vault, err, "PRAGMA data_version", ""), out, &found, err);
}
