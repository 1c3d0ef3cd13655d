/* What partners asked about. */
#include "client/vault/vault_internal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static int show_holder(struct vault_domain *d, const uint8_t *ref, const uint8_t tag[WIRE_TAG_SIZE],
                       vault_visit_holder *visit, void *context, struct err *err)
{
    struct vault_holder holder = {.id = ""};
    struct record_view view;
    struct token token;
    struct span value;
    bool found;
    int rc = shelf_get(&d->shelf[SHELF_RECORD], ref, &value, &found, err);
    if (rc == 0 && found)
        rc = record_parse(&view, value, err);
    if (rc != 0 || !found)
        return rc;
    memcpy(holder.record.bytes, ref, sizeof holder.record.bytes);
    memcpy(holder.id, view.id.data, view.id.len);
    for (size_t i = 0; rc == 0 && i < view.count; i++) {
        holder.key = record_token(&token, &view, i);
        if (memcmp(token.tag, tag, WIRE_TAG_SIZE) != 0)
            continue;
        memcpy(holder.seal_key, token.seal_key, SEAL_KEY_SIZE);
        rc = visit(context, &holder, err);
    }
    sodium_memzero(&token, sizeof token);
    sodium_memzero(&holder, sizeof holder);
    return rc;
}

int vault_tag_holders(struct vault *vault, int64_t domain, const uint8_t tag[WIRE_TAG_SIZE], vault_visit_holder *visit,
                      void *context, struct err *err)
{
    struct vault_domain *d;
    struct shelf_cursor tags = {.shelf = NULL};
    uint8_t from[TAGGED_SIZE] = {0};
    memcpy(from, tag, WIRE_TAG_SIZE);
    int rc = vault_shelves(vault, domain, &d, err);
    if (rc == 0)
        rc = shelf_cursor_open(&tags, &d->shelf[SHELF_TAG], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_seek(&tags, from, err);
    while (rc == 0 && tags.valid && memcmp(tags.key, tag, WIRE_TAG_SIZE) == 0) {
        rc = show_holder(d, tags.key + WIRE_TAG_SIZE, tag, visit, context, err);
        if (rc == 0)
            rc = shelf_next(&tags, err);
    }
    shelf_cursor_close(&tags);
    return rc;
}

int vault_notice_put(struct vault *vault, int64_t domain, const struct vault_notice *notice, struct err *err)
{
    return vault_do(vault, err,
                    "INSERT INTO notice(domain, leaf, at, partner, id, handle, keys) VALUES(?, ?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT(domain, leaf, partner, id, handle) DO UPDATE SET keys = keys | excluded.keys",
                    "iiittbi", domain, (int64_t)notice->leaf, (int64_t)notice->at, notice->partner, notice->id,
                    notice->handle, (size_t)HANDLE_SIZE, (int64_t)notice->keys);
}

static int read_notice(sqlite3_stmt *s, struct vault_notice *n, struct err *err)
{
    *n = (struct vault_notice){.number = sqlite3_column_int64(s, 0),
                               .leaf = (uint64_t)sqlite3_column_int64(s, 1),
                               .at = (uint64_t)sqlite3_column_int64(s, 2),
                               .keys = (uint32_t)sqlite3_column_int64(s, 6),
                               .domain = sqlite3_column_int64(s, 7)};
    int rc = vault_column_text(n->partner, PARTY_NAME_MAX, s, 3, "partner", err);
    if (rc == 0)
        rc = vault_column_text(n->id, VAULT_ID_MAX, s, 4, "id", err);
    if (rc == 0)
        rc = vault_column_bytes(n->handle, HANDLE_SIZE, s, 5, "handle", err);
    return rc;
}

static int visit_notices(struct vault *v, sqlite3_stmt *s, vault_visit_notice *visit, void *context, struct err *err)
{
    struct vault_notice notice;
    bool row = true;
    int rc = 0;
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(v, s, &row, err)) == 0 && row) {
        rc = read_notice(s, &notice, err);
        if (rc == 0)
            rc = visit(context, &notice, err);
    }
    sqlite3_reset(s);
    return rc;
}

#define NOTICES "SELECT number, leaf, at, partner, id, handle, keys, domain FROM notice WHERE "

int vault_notices(struct vault *vault, int64_t domain, vault_visit_notice *visit, void *context, struct err *err)
{
    sqlite3_stmt *s = vault_bind(vault, err, NOTICES "domain = ? ORDER BY number DESC", "i", domain);
    return visit_notices(vault, s, visit, context, err);
}

int vault_notices_newest(struct vault *vault, uint64_t since, size_t most, vault_visit_notice *visit, void *context,
                         struct err *err)
{
    sqlite3_stmt *s =
        vault_bind(vault, err, NOTICES "at >= ? ORDER BY number DESC LIMIT ?", "ii", (int64_t)since, (int64_t)most);
    return visit_notices(vault, s, visit, context, err);
}
