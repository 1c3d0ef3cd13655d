/* The matches made of what came in. */
#include "client/vault/vault_internal.h"
#include "protocol/base/clock.h"

#include <stdio.h>
#include <string.h>

/* The pair that a match is about, whatever its number. */
struct pair {
    uint8_t hash[VAULT_PAIR_SIZE];
};

/* What of a pair's identity is the record's. */
struct own_record {
    const char *purpose, *id;
    const struct vault_ref *ref;
    bool had_some; /* matches, before */
};

static void make_pair(const struct vault *v, struct pair *out, const struct own_record *own,
                      const struct vault_match *m)
{
    uint8_t bytes[2 * (PARTY_NAME_MAX + 1) + VAULT_RECORD_SIZE + HANDLE_SIZE] = {0};
    memcpy(bytes, own->purpose, strlen(own->purpose));
    memcpy(bytes + PARTY_NAME_MAX + 1, m->partner, strlen(m->partner));
    memcpy(bytes + 2 * (PARTY_NAME_MAX + 1), own->ref->bytes, VAULT_RECORD_SIZE);
    memcpy(bytes + 2 * (PARTY_NAME_MAX + 1) + VAULT_RECORD_SIZE, m->handle, HANDLE_SIZE);
    vault_hash(v, out->hash, bytes, sizeof bytes);
}

static int read_pair(struct vault *v, sqlite3_stmt *s, struct pair *out, bool *found, struct err *err)
{
    *found = false;
    int rc = vault_step(v, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = vault_column_bytes(out->hash, sizeof out->hash, s, 0, "pair", err);
    sqlite3_reset(s);
    return rc;
}

/* The pair of the one match that this record ever had with this partner, whatever the partner's handle was then. */
static int find_pair(struct vault *v, struct pair *pair, const struct own_record *own, const char *partner, bool *found,
                     struct err *err)
{
    sqlite3_stmt *s =
        vault_bind(v, err,
                   "SELECT min(m.pair) FROM match m JOIN domain d ON d.number = m.domain"
                   " WHERE d.purpose = ? AND m.record = ? AND m.partner = ? HAVING min(m.pair) = max(m.pair)",
                   "tbt", own->purpose, own->ref->bytes, (size_t)VAULT_RECORD_SIZE, partner);
    return read_pair(v, s, pair, found, err);
}

/*
 * Of several matches with this partner in another epoch the one that shares the very keys, if there is one: whatever
 * was decided on it holds in this epoch, too.
 */
static int find_pair_before(struct vault *v, struct pair *pair, int64_t domain, const struct own_record *own,
                            const struct vault_match *m, bool *found, struct err *err)
{
    sqlite3_stmt *s = vault_bind(
        v, err,
        "SELECT min(m.pair) FROM match m JOIN domain d ON d.number = m.domain"
        " WHERE d.purpose = ? AND d.number <> ? AND m.record = ? AND m.partner = ? AND m.keys = ? AND NOT EXISTS"
        " (SELECT 1 FROM match n WHERE n.domain = ?2 AND n.record = m.record AND n.partner = m.partner AND n.pair = m.pair)"
        " HAVING min(m.pair) = max(m.pair)",
        "tibti", own->purpose, domain, own->ref->bytes, (size_t)VAULT_RECORD_SIZE, m->partner, (int64_t)m->keys);
    return read_pair(v, s, pair, found, err);
}

/* The partner's record goes by another handle now: the match is the same. */
static int follow(struct vault *v, int64_t domain, const struct own_record *own, const struct vault_match *m,
                  const struct pair *pair, struct err *err)
{
    return vault_do(
        v, err, "UPDATE OR IGNORE match SET handle = ? WHERE domain = ? AND record = ? AND partner = ? AND pair = ?",
        "bibtb", m->handle, (size_t)HANDLE_SIZE, domain, own->ref->bytes, (size_t)VAULT_RECORD_SIZE, m->partner,
        pair->hash, sizeof pair->hash);
}

static int put_match(struct vault *v, int64_t domain, const struct own_record *own, const struct vault_match *m,
                     bool sole, uint64_t now, struct err *err)
{
    struct pair pair;
    bool known = false;
    int rc = sole ? find_pair(v, &pair, own, m->partner, &known, err) : 0;
    if (rc == 0 && !known)
        rc = find_pair_before(v, &pair, domain, own, m, &known, err);
    else if (rc == 0)
        rc = follow(v, domain, own, m, &pair, err);
    if (rc == 0 && !known)
        make_pair(v, &pair, own, m);
    if (rc == 0 && own->had_some)
        rc = vault_do(v, err,
                      "INSERT INTO review_event(pair, state, at, keys, score, by)"
                      " SELECT pair, ?, ?, ?, ?, NULL FROM match WHERE domain = ? AND record = ? AND partner = ?"
                      " AND handle = ? AND withdrawn <> 0",
                      "iiiiibtb", (int64_t)REVIEW_RETURNED, (int64_t)now, (int64_t)m->keys, (int64_t)m->score, domain,
                      own->ref->bytes, (size_t)VAULT_RECORD_SIZE, m->partner, m->handle, (size_t)HANDLE_SIZE);
    if (rc == 0)
        rc = vault_do(v, err,
                      "INSERT INTO match(domain, record, id, pair, partner, handle, keys, score, kind, found,"
                      " withdrawn, keep, state) VALUES(?,?,?,?4,?,?,?,?,?,?,0,1," VAULT_DECIDED(
                          "?4") ")"
                                " ON CONFLICT(domain, record, partner, handle) DO UPDATE SET keys = excluded.keys,"
                                " score = excluded.score, kind = excluded.kind, withdrawn = 0, keep = 1,"
                                " state = iif(withdrawn = 0, state, " VAULT_DECIDED("match.pair") ")",
                      "ibtbtbiiii", domain, own->ref->bytes, (size_t)VAULT_RECORD_SIZE, own->id, pair.hash,
                      sizeof pair.hash, m->partner, m->handle, (size_t)HANDLE_SIZE, (int64_t)m->keys, (int64_t)m->score,
                      (int64_t)m->kind, (int64_t)now);
    return rc;
}

static bool is_sole(const struct vault_match *match, size_t count, size_t i)
{
    for (size_t k = 0; k < count; k++)
        if (k != i && strcmp(match[k].partner, match[i].partner) == 0)
            return false;
    return true;
}

/* Matches that are not there any more: what nobody decided on goes. */
static int withdraw_rest(struct vault *v, int64_t domain, const struct vault_ref *record, uint64_t now, struct err *err)
{
    const size_t size = sizeof record->bytes;
    int rc = vault_do(v, err,
                      "DELETE FROM match WHERE domain = ? AND record = ? AND keep = 0"
                      " AND NOT EXISTS (SELECT 1 FROM review WHERE review.pair = match.pair)",
                      "ib", domain, record->bytes, size);
    if (rc == 0)
        rc = vault_do(v, err,
                      "INSERT INTO review_event(pair, state, at, keys, score, by) SELECT pair, ?, ?, keys, score, NULL"
                      " FROM match WHERE domain = ? AND record = ? AND keep = 0 AND withdrawn = 0",
                      "iiib", (int64_t)REVIEW_WITHDRAWN, (int64_t)now, domain, record->bytes, size);
    if (rc == 0)
        rc = vault_do(
            v, err,
            "UPDATE match SET withdrawn = ?, state = ? WHERE domain = ? AND record = ? AND keep = 0 AND withdrawn = 0",
            "iiib", (int64_t)now, (int64_t)REVIEW_WITHDRAWN, domain, record->bytes, size);
    return rc;
}

/* Also what a later epoch judged, and found different, perhaps. */
#define SUPERSEDED                                                                                                     \
    "(EXISTS " VAULT_LATER("m") " OR EXISTS (SELECT 1 FROM judging j JOIN domain later ON later.number = j.domain"     \
                                " JOIN domain own ON own.number = m.domain WHERE j.record = m.record"                  \
                                " AND j.partner = m.partner AND later.purpose = own.purpose"                           \
                                " AND later.epoch > own.epoch))"

int vault_matches_supersede(struct vault *vault, int64_t domain, struct err *err)
{
    int rc = vault_do(vault, err,
                      "DELETE FROM match AS m WHERE m.domain = ? AND " SUPERSEDED
                      " AND NOT EXISTS (SELECT 1 FROM review WHERE review.pair = m.pair)",
                      "i", domain);
    if (rc == 0)
        rc = vault_do(
            vault, err,
            "UPDATE match AS m SET withdrawn = ?, state = ? WHERE m.domain = ? AND m.withdrawn = 0 AND " SUPERSEDED,
            "iii", (int64_t)clock_now(), (int64_t)REVIEW_WITHDRAWN, domain);
    return rc;
}

/* Most records have no match and had none: that costs one statement. */
int vault_matches_put(struct vault *vault, int64_t domain, const struct vault_ref *record, const char *id,
                      const struct vault_match *match, size_t count, struct err *err)
{
    struct vault_domain *d;
    struct own_record own = {.id = id, .ref = record};
    uint64_t now = clock_now();
    int rc = vault_shelves(vault, domain, &d, err);
    if (rc == 0)
        rc = vault_do(vault, err, "UPDATE match SET keep = 0 WHERE domain = ? AND record = ?", "ib", domain,
                      record->bytes, sizeof record->bytes);
    own.had_some = rc == 0 && sqlite3_changes(vault->db) > 0;
    own.purpose = rc == 0 ? d->purpose : "";
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = put_match(vault, domain, &own, &match[i], is_sole(match, count, i), now, err);
    if (rc == 0 && own.had_some)
        rc = withdraw_rest(vault, domain, record, now, err);
    return rc;
}
