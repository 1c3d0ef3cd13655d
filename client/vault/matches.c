/* What partners' entries came in, and the matches made of them. */
#include "client/vault/vault_internal.h"
#include "protocol/base/clock.h"

#include <stdio.h>
#include <string.h>

int vault_hit_put(struct vault *vault, int64_t domain, const char *partner, const uint8_t tag[WIRE_TAG_SIZE],
                  struct span payload, struct err *err)
{
    int rc = payload.len > 0 ? vault_do(vault, err,
                                        "INSERT OR REPLACE INTO hit(tag, partner, payload)"
                                        " SELECT number, ?, ? FROM tag WHERE domain = ? AND tag = ?",
                                        "tbib", partner, payload.data, payload.len, domain, tag, (size_t)WIRE_TAG_SIZE)
                             : vault_do(vault, err,
                                        "DELETE FROM hit WHERE partner = ?"
                                        " AND tag = (SELECT number FROM tag WHERE domain = ? AND tag = ?)",
                                        "tib", partner, domain, tag, (size_t)WIRE_TAG_SIZE);
    if (rc == 0)
        rc = vault_do(vault, err,
                      "INSERT OR IGNORE INTO stale(domain, record) SELECT ?, token.record FROM token"
                      " JOIN tag ON tag.number = token.tag WHERE tag.domain = ? AND tag.tag = ?",
                      "iib", domain, domain, tag, (size_t)WIRE_TAG_SIZE);
    return rc;
}

int vault_stale_next(struct vault *vault, int64_t domain, int64_t *record, struct err *err)
{
    bool row = false;
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
    sqlite3_stmt *s = vault_bind(vault, err,
                                 "SELECT token.key, tag.tag, tag.seal_key, hit.partner, hit.payload FROM token"
                                 " JOIN tag ON tag.number = token.tag JOIN hit ON hit.tag = tag.number"
                                 " WHERE token.record = ? AND tag.domain = ? ORDER BY hit.partner, token.key",
                                 "ii", record, domain);
    if (s == NULL)
        return (int)err->code;
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        struct vault_hit hit = {.key = (unsigned)sqlite3_column_int(s, 0),
                                .partner = (const char *)sqlite3_column_text(s, 3),
                                .payload = span_of(sqlite3_column_blob(s, 4), (size_t)sqlite3_column_bytes(s, 4))};
        rc = vault_column_bytes(hit.tag, WIRE_TAG_SIZE, s, 1, "hit", err);
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
    sqlite3_stmt *s = vault_bind(vault, err,
                                 "SELECT DISTINCT token.key FROM token JOIN tag ON tag.number = token.tag"
                                 " WHERE token.record = ? AND (tag.sent = 1 OR tag.unsent = 1)",
                                 "i", record);
    if (s == NULL)
        return (int)err->code;
    while ((rc = vault_step(vault, s, &row, err)) == 0 && row)
        *keys |= 1u << (sqlite3_column_int(s, 0) & 31);
    return rc;
}

/* --- matches --- */

/* The pair that a match is about, whatever its number. */
struct pair {
    uint8_t hash[VAULT_PAIR_SIZE];
};

/* What of a pair's identity is the record's. */
struct own_record {
    char purpose[PARTY_NAME_MAX + 1];
    uint8_t id_hash[16];
};

static int find_own(struct vault *v, int64_t record, struct own_record *own, struct err *err)
{
    bool row = false;
    sqlite3_stmt *s = vault_bind(v, err,
                                 "SELECT d.purpose, r.id_hash FROM record r JOIN domain d ON d.number = r.domain"
                                 " WHERE r.number = ?",
                                 "i", record);
    int rc = s == NULL ? (int)err->code : vault_step(v, s, &row, err);
    if (rc != 0)
        return rc;
    if (!row)
        return err_set(err, ERR_NOT_FOUND, "the vault has no such record");
    snprintf(own->purpose, sizeof own->purpose, "%s", (const char *)sqlite3_column_text(s, 0));
    rc = vault_column_bytes(own->id_hash, sizeof own->id_hash, s, 1, "record", err);
    sqlite3_reset(s);
    return rc;
}

static void make_pair(const struct vault *v, struct pair *out, const struct own_record *own,
                      const struct vault_match *m)
{
    uint8_t bytes[2 * (PARTY_NAME_MAX + 1) + sizeof own->id_hash + PSEUDONYM_SIZE] = {0};
    memcpy(bytes, own->purpose, strlen(own->purpose));
    memcpy(bytes + PARTY_NAME_MAX + 1, m->partner, strlen(m->partner));
    memcpy(bytes + 2 * (PARTY_NAME_MAX + 1), own->id_hash, sizeof own->id_hash);
    memcpy(bytes + 2 * (PARTY_NAME_MAX + 1) + sizeof own->id_hash, m->pseudonym, PSEUDONYM_SIZE);
    vault_hash(v, out->hash, bytes, sizeof bytes);
}

static int put_match(struct vault *v, int64_t domain, int64_t record, const struct own_record *own,
                     const struct vault_match *m, uint64_t now, struct err *err)
{
    uint8_t sealed[HANDLE_SIZE + SEALED_OVERHEAD];
    struct pair pair;
    make_pair(v, &pair, own, m);
    vault_seal(v, sealed, m->handle, HANDLE_SIZE, "handle");
    int rc = vault_do(v, err,
                      "INSERT INTO review_event(pair, state, at, keys, score, by)"
                      " SELECT pair, ?, ?, ?, ?, NULL FROM match WHERE record = ? AND partner = ? AND pseudonym = ? "
                      "AND withdrawn <> 0",
                      "iiiiitb", (int64_t)REVIEW_RETURNED, (int64_t)now, (int64_t)m->keys, (int64_t)m->score, record,
                      m->partner, m->pseudonym, (size_t)PSEUDONYM_SIZE);
    if (rc == 0)
        rc = vault_do(
            v, err,
            "INSERT INTO match(domain, record, pair, partner, pseudonym, handle, keys, score, kind, found,"
            " withdrawn, keep) VALUES(?,?,?,?,?,?,?,?,?,?,0,1) ON CONFLICT(record, partner, pseudonym) DO UPDATE SET"
            " handle = excluded.handle, keys = excluded.keys, score = excluded.score, kind = excluded.kind,"
            " withdrawn = 0, keep = 1",
            "iibtbbiiii", domain, record, pair.hash, sizeof pair.hash, m->partner, m->pseudonym, (size_t)PSEUDONYM_SIZE,
            sealed, sizeof sealed, (int64_t)m->keys, (int64_t)m->score, (int64_t)m->kind, (int64_t)now);
    return rc;
}

/* Matches that are not there any more: what nobody decided on goes. */
static int withdraw_rest(struct vault *v, int64_t record, uint64_t now, struct err *err)
{
    int rc = vault_do(v, err,
                      "DELETE FROM match WHERE record = ? AND keep = 0"
                      " AND NOT EXISTS (SELECT 1 FROM review WHERE review.pair = match.pair)",
                      "i", record);
    if (rc == 0)
        rc =
            vault_do(v, err,
                     "INSERT INTO review_event(pair, state, at, keys, score, by)"
                     " SELECT pair, ?, ?, keys, score, NULL FROM match WHERE record = ? AND keep = 0 AND withdrawn = 0",
                     "iii", (int64_t)REVIEW_WITHDRAWN, (int64_t)now, record);
    if (rc == 0)
        rc = vault_do(v, err, "UPDATE match SET withdrawn = ? WHERE record = ? AND keep = 0 AND withdrawn = 0", "ii",
                      (int64_t)now, record);
    return rc;
}

/* Most records have no match and had none: that costs one statement. */
int vault_matches_put(struct vault *vault, int64_t domain, int64_t record, const struct vault_match *match,
                      size_t count, struct err *err)
{
    struct own_record own = {.purpose = ""};
    uint64_t now = clock_now();
    int rc = vault_do(vault, err, "UPDATE match SET keep = 0 WHERE record = ?", "i", record);
    bool had_some = rc == 0 && sqlite3_changes(vault->db) > 0;
    if (rc == 0 && count > 0)
        rc = find_own(vault, record, &own, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = put_match(vault, domain, record, &own, &match[i], now, err);
    if (rc == 0 && had_some)
        rc = withdraw_rest(vault, record, now, err);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM stale WHERE record = ?", "i", record);
    return rc;
}
