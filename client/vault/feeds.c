/* What is remembered of feeds: records that stay out, a feed that waits for a word, how fast the last one went. */
#include "client/vault/vault_internal.h"

#include "protocol/base/mark.h"

#include <stdlib.h>
#include <string.h>

int vault_withhold(struct vault *vault, const char *id, uint64_t now, struct err *err)
{
    struct vault_ref ref;
    vault_record_ref(vault, id, &ref);
    return vault_do(vault, err, "INSERT OR REPLACE INTO withheld VALUES(?, ?)", "bi", ref.bytes, sizeof ref.bytes,
                    (int64_t)now);
}

int vault_is_withheld(struct vault *vault, const char *id, bool *withheld, struct err *err)
{
    struct vault_ref ref;
    int64_t one;
    vault_record_ref(vault, id, &ref);
    return vault_number(
        vault, vault_bind(vault, err, "SELECT 1 FROM withheld WHERE record = ?", "b", ref.bytes, sizeof ref.bytes),
        &one, withheld, err);
}

int vault_let_back(struct vault *vault, const char *id, struct err *err)
{
    struct vault_ref ref;
    bool withheld = false;
    int rc = vault_is_withheld(vault, id, &withheld, err);
    if (rc != 0 || !withheld)
        return rc != 0 ? rc : err_set(err, ERR_NOT_FOUND, N_("no record of this id was withdrawn"));
    vault_record_ref(vault, id, &ref);
    return vault_do(vault, err, "DELETE FROM withheld WHERE record = ?", "b", ref.bytes, sizeof ref.bytes);
}

int vault_withheld_count(struct vault *vault, uint64_t *count, struct err *err)
{
    int64_t number = 0;
    bool found;
    int rc = vault_number(vault, vault_bind(vault, err, "SELECT COUNT(*) FROM withheld", ""), &number, &found, err);
    *count = (uint64_t)number;
    return rc;
}

int vault_withheld(struct vault *vault, struct vault_ref **out, size_t *count, struct err *err)
{
    uint64_t number;
    *out = NULL;
    *count = 0;
    int rc = vault_withheld_count(vault, &number, err);
    if (rc != 0 || number == 0)
        return rc;
    struct vault_ref *list = calloc(number, sizeof *list);
    sqlite3_stmt *s =
        vault_bind(vault, err, "SELECT record FROM withheld ORDER BY record LIMIT ?", "i", (int64_t)number);
    bool row = true;
    if (list == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for withdrawn records");
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        if (sqlite3_column_bytes(s, 0) != VAULT_RECORD_SIZE)
            rc = vault_damaged("withheld", err);
        else
            memcpy(list[(*count)++].bytes, sqlite3_column_blob(s, 0), VAULT_RECORD_SIZE);
    }
    sqlite3_reset(s);
    if (rc != 0)
        free(list);
    else
        *out = list;
    return rc;
}

static int set(struct vault *vault, const char *name, uint64_t value, struct err *err)
{
    return vault_do(vault, err, "INSERT OR REPLACE INTO meta VALUES(?, ?)", "ti", name, (int64_t)value);
}

int vault_held_set(struct vault *vault, const struct vault_held *held, struct err *err)
{
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = set(vault, "held", held->withdrawn, err);
    if (rc == 0)
        rc = set(vault, "held-of", held->of, err);
    if (rc == 0)
        rc = set(vault, "held-at", held->at, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

int vault_held(struct vault *vault, struct vault_held *out, struct err *err)
{
    int rc = vault_meta_number(vault, "held", &out->withdrawn, err);
    if (rc == 0)
        rc = vault_meta_number(vault, "held-of", &out->of, err);
    return rc == 0 ? vault_meta_number(vault, "held-at", &out->at, err) : rc;
}

int vault_pace_set(struct vault *vault, uint64_t pace, struct err *err)
{
    return set(vault, "pace", pace, err);
}

int vault_pace(struct vault *vault, uint64_t *pace, struct err *err)
{
    return vault_meta_number(vault, "pace", pace, err);
}
