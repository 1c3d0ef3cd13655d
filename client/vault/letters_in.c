/* Letters that come: from the mailbox until they are read; what is known of their streams. */
#include "client/vault/letters.h"

#include "client/vault/vault_internal.h"
#include "protocol/base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PEER_SIZE ((size_t)PARTY_DIGEST_SIZE)
#define STREAM_SIZE ((size_t)LETTER_STREAM_SIZE)

enum kept_state { KEPT_UNREAD, KEPT_READ, KEPT_REFUSED };

/* --- as they arrive --- */

/* The same letter in another's name is another arrival: it must not keep the right one out. */
int vault_letter_arrive(struct vault *vault, const struct vault_arrival *a, struct err *err)
{
    uint8_t place[16 + PARTY_DIGEST_SIZE + PARTY_NAME_MAX + 1] = {0}, hash[16];
    vault_hash(vault, place, a->sealed.data, a->sealed.len);
    memcpy(place + 16, a->peer, PARTY_DIGEST_SIZE);
    memcpy(place + 16 + PARTY_DIGEST_SIZE, a->purpose, strlen(a->purpose));
    vault_hash(vault, hash, place, sizeof place);
    return vault_do(
        vault, err,
        "INSERT OR IGNORE INTO letter_arrived(hash, peer, purpose, at, leaf, sealed, receipt) VALUES(?, ?, ?, ?, ?, ?, ?)",
        "bbtiibb", hash, sizeof hash, a->peer, PEER_SIZE, a->purpose, (int64_t)a->at, (int64_t)a->leaf, a->sealed.data,
        a->sealed.len, a->receipt.data, a->receipt.len);
}

static int read_arrival(struct vault_arrival *out, sqlite3_stmt *s, struct buf *bytes, struct err *err)
{
    const struct span sealed = vault_column(s, 5), receipt = vault_column(s, 6);
    *out = (struct vault_arrival){.number = sqlite3_column_int64(s, 0),
                                  .at = (uint64_t)sqlite3_column_int64(s, 3),
                                  .leaf = (uint64_t)sqlite3_column_int64(s, 4)};
    buf_clear(bytes);
    int rc = vault_column_bytes(out->peer, sizeof out->peer, s, 1, "letter", err);
    if (rc == 0)
        rc = vault_column_text(out->purpose, PARTY_NAME_MAX, s, 2, "letter", err);
    if (rc == 0)
        rc = buf_put(bytes, sealed.data, sealed.len, err);
    if (rc == 0)
        rc = buf_put(bytes, receipt.data, receipt.len, err);
    if (rc != 0)
        return rc;
    out->sealed = span_of(bytes->data, sealed.len);
    out->receipt = span_of(bytes->data + sealed.len, receipt.len);
    return 0;
}

int vault_letter_arrived(struct vault *vault, int64_t after, struct vault_arrival *out, struct buf *bytes, bool *found,
                         struct err *err)
{
    sqlite3_stmt *s =
        vault_bind(vault, err,
                   "SELECT number, peer, purpose, at, leaf, sealed, receipt FROM letter_arrived WHERE number > ?"
                   " ORDER BY number LIMIT 1",
                   "i", after);
    int rc = vault_step(vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = read_arrival(out, s, bytes, err);
    sqlite3_reset(s);
    return rc;
}

int vault_letter_arrival_end(struct vault *vault, int64_t number, struct err *err)
{
    return vault_do(vault, err, "DELETE FROM letter_arrived WHERE number = ?", "i", number);
}

int vault_letter_seen(struct vault *vault, const uint8_t ephemeral[32], uint64_t until, bool *seen, struct err *err)
{
    int rc = vault_do(vault, err, "INSERT OR IGNORE INTO letter_seen(ephemeral, until) VALUES(?, ?)", "bi", ephemeral,
                      (size_t)32, (int64_t)until);
    *seen = rc == 0 && sqlite3_changes(vault->db) == 0;
    return rc;
}

/* --- streams --- */

/* The digest of the peer's letter in that place, or what it says of the one before it. */
static int find_place(struct vault *v, const uint8_t *peer, const uint8_t *stream, uint64_t place, const char *sql,
                      uint8_t out[32], bool *found, struct err *err)
{
    sqlite3_stmt *s = vault_bind(v, err, sql, "bbi", peer, PEER_SIZE, stream, STREAM_SIZE, (int64_t)place);
    int rc = vault_step(v, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = vault_column_bytes(out, 32, s, 0, "stream", err);
    sqlite3_reset(s);
    return rc;
}

static const char digest_sql[] = "SELECT digest FROM letter_place WHERE peer = ? AND stream = ? AND place = ?";
static const char before_sql[] = "SELECT before FROM letter_place WHERE peer = ? AND stream = ? AND place = ?";

/* Whether its neighbours, as far as they came, are those that it names and that name it. */
static int is_broken(struct vault *v, const uint8_t *peer, const struct letter *l, const uint8_t digest[32],
                     bool *broken, struct err *err)
{
    uint8_t other[32];
    bool found = false;
    int rc = find_place(v, peer, l->stream, l->number - 1, digest_sql, other, &found, err);
    *broken = rc == 0 && found && memcmp(other, l->before, 32) != 0;
    if (rc == 0)
        rc = find_place(v, peer, l->stream, l->number + 1, before_sql, other, &found, err);
    *broken = *broken || (rc == 0 && found && memcmp(other, digest, 32) != 0);
    return rc;
}

int vault_letter_place(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const struct letter *letter,
                       enum letter_place *place, bool *broken, struct err *err)
{
    uint8_t digest[32], known[32];
    bool found = false;
    letter_digest(digest, letter);
    *broken = false;
    int rc = find_place(vault, peer, letter->stream, letter->number, digest_sql, known, &found, err);
    *place = !found ? LETTER_PLACE_NEW : memcmp(known, digest, 32) == 0 ? LETTER_PLACE_KNOWN : LETTER_PLACE_OTHER;
    if (rc != 0 || found)
        return rc;
    rc = is_broken(vault, peer, letter, digest, broken, err);
    if (rc == 0)
        rc = vault_do(
            vault, err,
            "INSERT INTO letter_place(peer, stream, place, digest, before, broken, at) VALUES(?, ?, ?, ?, ?, ?, ?)",
            "bbibbii", peer, PEER_SIZE, letter->stream, STREAM_SIZE, (int64_t)letter->number, digest, sizeof digest,
            letter->before, sizeof letter->before, (int64_t)*broken, (int64_t)clock_now());
    return rc;
}

/* --- receipts owed --- */

int vault_receipt_owe(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const char *purpose,
                      const struct letter *letter, struct err *err)
{
    return vault_do(vault, err, "INSERT OR IGNORE INTO letter_owed(peer, purpose, stream, place) VALUES(?, ?, ?, ?)",
                    "btbi", peer, PEER_SIZE, purpose, letter->stream, STREAM_SIZE, (int64_t)letter->number);
}

static int first_owed(struct vault *v, uint8_t *peer, char *purpose, bool *found, struct err *err)
{
    sqlite3_stmt *s = vault_bind(v, err, "SELECT peer, purpose FROM letter_owed ORDER BY peer, purpose LIMIT 1", "");
    int rc = vault_step(v, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = vault_column_bytes(peer, PEER_SIZE, s, 0, "receipt", err);
    if (rc == 0)
        rc = vault_column_text(purpose, PARTY_NAME_MAX, s, 1, "receipt", err);
    sqlite3_reset(s);
    return rc;
}

int vault_receipt_next(struct vault *vault, uint8_t peer[PARTY_DIGEST_SIZE], char purpose[PARTY_NAME_MAX + 1],
                       struct buf *body, size_t max, bool *found, struct err *err)
{
    bool row = true;
    uint8_t place[8];
    buf_clear(body);
    int rc = first_owed(vault, peer, purpose, found, err);
    if (rc != 0 || !*found)
        return rc;
    sqlite3_stmt *s =
        vault_bind(vault, err,
                   "DELETE FROM letter_owed WHERE rowid IN (SELECT rowid FROM letter_owed WHERE peer = ? AND"
                   " purpose = ? LIMIT ?) RETURNING stream, place",
                   "bti", peer, PEER_SIZE, purpose, (int64_t)max);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        const struct span stream = vault_column(s, 0);
        bytes_put_u64be(place, (uint64_t)sqlite3_column_int64(s, 1));
        rc = stream.len == STREAM_SIZE ? buf_put(body, stream.data, stream.len, err) : vault_damaged("receipt", err);
        if (rc == 0)
            rc = buf_put(body, place, sizeof place, err);
    }
    sqlite3_reset(s);
    return rc;
}

/* --- receipts kept --- */

int vault_letter_receipt_put(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const struct letter *letter,
                             struct span receipt, struct err *err)
{
    if (letter->kind < LETTER_ASK || letter->kind > LETTER_RECALL || receipt.len == 0)
        return 0;
    return vault_do(vault, err, "INSERT INTO letter_receipt(peer, thread, at, text) VALUES(?, ?, ?, ?)", "bbib", peer,
                    PEER_SIZE, letter->thread, sizeof letter->thread, (int64_t)clock_now(), receipt.data, receipt.len);
}

int vault_letter_receipts(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE],
                          const uint8_t thread[LETTER_THREAD_SIZE], vault_visit_receipt *visit, void *context,
                          struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(vault, err, "SELECT number, text FROM letter_receipt WHERE peer = ? AND thread = ? ORDER BY number",
                   "bb", peer, PEER_SIZE, thread, (size_t)LETTER_THREAD_SIZE);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row)
        rc = visit(context, sqlite3_column_int64(s, 0), vault_column(s, 1), err);
    sqlite3_reset(s);
    return rc;
}

/* --- keeping what was opened --- */

static int put_kept(struct vault *v, const struct vault_arrival *from, const struct letter *l, struct span body,
                    const char *refused, struct err *err)
{
    return vault_do(
        v, err,
        "INSERT INTO letter_in(peer, purpose, kind, thread, body, at, state, why) VALUES(?, ?, ?, ?, ?, ?, ?,"
        " nullif(?, ''))",
        "btibbiit", from->peer, PEER_SIZE, from->purpose, (int64_t)l->kind, l->thread, sizeof l->thread, body.data,
        body.len, (int64_t)from->at, (int64_t)(refused != NULL ? KEPT_REFUSED : KEPT_UNREAD),
        refused != NULL ? refused : "");
}

/* Who floods us with what does not open loses the oldest of it, and nothing else. */
static int keep_refused(struct vault *v, const struct vault_arrival *from, const struct letter *l, const char *refused,
                        struct err *err)
{
    char why[LETTER_WHY_MAX + 1];
    snprintf(why, sizeof why, "%s", refused);
    int rc = put_kept(v, from, l, from->sealed, why, err);
    if (rc == 0)
        rc = vault_do(v, err,
                      "DELETE FROM letter_in WHERE state = 2 AND number NOT IN"
                      " (SELECT number FROM letter_in WHERE state = 2 ORDER BY number DESC LIMIT ?)",
                      "i", (int64_t)LETTER_REFUSED_MAX);
    return rc;
}

static int put_part(struct vault *v, const struct vault_arrival *from, const struct letter *l, struct err *err)
{
    return vault_do(
        v, err,
        "INSERT OR IGNORE INTO letter_part(peer, stream, first, part, kind, thread, body) VALUES(?, ?, ?, ?, ?, ?, ?)",
        "bbiiibb", from->peer, PEER_SIZE, l->stream, STREAM_SIZE, (int64_t)(l->number - (l->part - 1u)),
        (int64_t)l->part, (int64_t)l->kind, l->thread, sizeof l->thread, l->body.data, l->body.len);
}

/* The bodies of all parts that go with this one, in their order. *count of them. */
static int gather_parts(struct vault *v, const struct vault_arrival *from, const struct letter *l, struct buf *body,
                        unsigned *count, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(v, err,
                   "SELECT body FROM letter_part WHERE peer = ? AND stream = ? AND first = ? AND kind = ? AND"
                   " thread = ? ORDER BY part",
                   "bbiib", from->peer, PEER_SIZE, l->stream, STREAM_SIZE, (int64_t)(l->number - (l->part - 1u)),
                   (int64_t)l->kind, l->thread, sizeof l->thread);
    *count = 0;
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(v, s, &row, err)) == 0 && row) {
        const struct span part = vault_column(s, 0);
        rc = buf_put(body, part.data, part.len, err);
        ++*count;
    }
    sqlite3_reset(s);
    return rc;
}

static int count_parts(struct vault *v, const struct vault_arrival *from, const struct letter *l, int64_t *count,
                       struct err *err)
{
    bool found;
    return vault_number(v,
                        vault_bind(v, err,
                                   "SELECT COUNT(*) FROM letter_part WHERE peer = ? AND stream = ? AND first = ? AND"
                                   " kind = ? AND thread = ?",
                                   "bbiib", from->peer, PEER_SIZE, l->stream, STREAM_SIZE,
                                   (int64_t)(l->number - (l->part - 1u)), (int64_t)l->kind, l->thread,
                                   sizeof l->thread),
                        count, &found, err);
}

static int keep_whole(struct vault *v, const struct vault_arrival *from, const struct letter *l, struct err *err)
{
    struct buf body = buf_of((size_t)LETTER_PARTS_MAX * LETTER_BODY_MAX);
    unsigned count;
    int rc = gather_parts(v, from, l, &body, &count, err);
    if (rc == 0)
        rc = put_kept(v, from, l, buf_span(&body), NULL, err);
    if (rc == 0)
        rc = vault_do(v, err, "DELETE FROM letter_part WHERE peer = ? AND stream = ? AND first = ?", "bbi", from->peer,
                      PEER_SIZE, l->stream, STREAM_SIZE, (int64_t)(l->number - (l->part - 1u)));
    buf_free(&body);
    return rc;
}

int vault_letter_keep(struct vault *vault, const struct vault_arrival *from, const struct letter *letter,
                      const char *refused, struct err *err)
{
    int64_t count = 0;
    if (refused != NULL)
        return keep_refused(vault, from, letter, refused, err);
    int rc = vault_letter_receipt_put(vault, from->peer, letter, from->receipt, err);
    if (rc == 0 && letter->parts == 1)
        return put_kept(vault, from, letter, letter->body, NULL, err);
    if (rc == 0)
        rc = put_part(vault, from, letter, err);
    if (rc == 0)
        rc = count_parts(vault, from, letter, &count, err);
    return rc == 0 && count == letter->parts ? keep_whole(vault, from, letter, err) : rc;
}

/* --- reading them --- */

#define KEPT_COLUMNS "number, peer, purpose, kind, thread, at, body"

static int read_kept(struct vault *v, sqlite3_stmt *s, struct vault_kept *out, struct buf *bytes, bool *found,
                     struct err *err)
{
    int rc = vault_step(v, s, found, err);
    buf_clear(bytes);
    if (rc != 0 || !*found)
        return rc;
    const struct span body = vault_column(s, 6);
    *out = (struct vault_kept){.number = sqlite3_column_int64(s, 0),
                               .kind = (enum letter_kind)sqlite3_column_int(s, 3),
                               .at = (uint64_t)sqlite3_column_int64(s, 5)};
    rc = vault_column_bytes(out->peer, sizeof out->peer, s, 1, "letter", err);
    if (rc == 0)
        rc = vault_column_text(out->purpose, PARTY_NAME_MAX, s, 2, "letter", err);
    if (rc == 0)
        rc = vault_column_bytes(out->thread, sizeof out->thread, s, 4, "letter", err);
    if (rc == 0)
        rc = buf_put(bytes, body.data, body.len, err);
    out->body = buf_span(bytes);
    sqlite3_reset(s);
    return rc;
}

int vault_letter_kept(struct vault *vault, int64_t after, enum letter_kind kind, struct vault_kept *out,
                      struct buf *bytes, bool *found, struct err *err)
{
    return read_kept(vault,
                     vault_bind(vault, err,
                                "SELECT " KEPT_COLUMNS " FROM letter_in WHERE state = 0 AND kind = ? AND number > ?"
                                " ORDER BY number LIMIT 1",
                                "ii", (int64_t)kind, after),
                     out, bytes, found, err);
}

int vault_letter_get(struct vault *vault, int64_t number, struct vault_kept *out, struct buf *bytes, struct err *err)
{
    bool found = false;
    int rc = read_kept(vault,
                       vault_bind(vault, err,
                                  "SELECT " KEPT_COLUMNS " FROM letter_in WHERE number = ? AND state < 2 AND"
                                  " body IS NOT NULL",
                                  "i", number),
                       out, bytes, &found, err);
    return rc == 0 && !found ? err_set(err, ERR_NOT_FOUND, "no letter %lld is kept", (long long)number) : rc;
}

int vault_letter_read(struct vault *vault, int64_t number, bool keep, const char *refused, struct err *err)
{
    char why[LETTER_WHY_MAX + 1];
    snprintf(why, sizeof why, "%s", refused != NULL ? refused : "");
    return vault_do(
        vault, err,
        "UPDATE letter_in SET state = ?, why = nullif(?, ''), body = CASE WHEN ? THEN body END WHERE number = ?",
        "itii", (int64_t)(refused != NULL ? KEPT_REFUSED : KEPT_READ), why, (int64_t)keep, number);
}

/* --- the list --- */

/* Letters of both directions, with what each counts as. */
static const char threads_sql[] =
    "SELECT peer, purpose, thread, min(at), max(at), sum(s = 0), sum(s = 1), sum(s = 2), sum(s = 3), sum(s = 4),"
    " sum(s = 5), sum(s = 6), sum(s = 7), max(unread), max(why), max(at * 256 + kind) % 256 FROM"
    " (SELECT peer, purpose, thread, kind, queued AS at, 0 AS unread, why, CASE WHEN done > 0 AND why IS NULL THEN 3"
    " WHEN done > 0 THEN 4 WHEN sent > 0 THEN 2 WHEN id IS NULL THEN 0 ELSE 1 END AS s FROM letter_out"
    " WHERE place IS NOT NULL UNION ALL"
    " SELECT peer, purpose, thread, kind, at, CASE WHEN state = 0 THEN number ELSE 0 END, why, 5 + state FROM letter_in)"
    " GROUP BY peer, purpose, thread ORDER BY max(at) DESC, thread";

static int read_thread(struct vault_thread *out, sqlite3_stmt *s, struct err *err)
{
    uint64_t *const counts[] = {&out->waiting, &out->sealed, &out->sent, &out->acknowledged,
                                &out->failed,  &out->kept,   &out->read, &out->refused};
    *out = (struct vault_thread){.first = (uint64_t)sqlite3_column_int64(s, 3),
                                 .last = (uint64_t)sqlite3_column_int64(s, 4),
                                 .unread = sqlite3_column_int64(s, 13),
                                 .kind = (enum letter_kind)sqlite3_column_int(s, 15)};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        *counts[i] = (uint64_t)sqlite3_column_int64(s, 5 + (int)i);
    int rc = vault_column_bytes(out->peer, sizeof out->peer, s, 0, "letter", err);
    if (rc == 0)
        rc = vault_column_text(out->purpose, PARTY_NAME_MAX, s, 1, "letter", err);
    if (rc == 0)
        rc = vault_column_bytes(out->thread, sizeof out->thread, s, 2, "letter", err);
    if (rc == 0)
        rc = vault_column_text(out->why, LETTER_WHY_MAX, s, 14, "letter", err);
    return rc;
}

int vault_threads(struct vault *vault, vault_visit_thread *visit, void *context, struct err *err)
{
    struct vault_thread thread;
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err, threads_sql, "");
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        rc = read_thread(&thread, s, err);
        if (rc == 0)
            rc = visit(context, &thread, err);
    }
    sqlite3_reset(s);
    return rc;
}

int vault_streams(struct vault *vault, vault_visit_stream *visit, void *context, struct err *err)
{
    struct vault_stream stream;
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(vault, err,
                   "SELECT l.peer, l.stream, count(*) + coalesce(max(p.came), 0), max(l.place), sum(l.broken),"
                   " max(l.at) FROM letter_place l LEFT JOIN letter_past p USING(peer, stream)"
                   " GROUP BY l.peer, l.stream ORDER BY l.peer, max(l.at)",
                   "");
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        stream.came = (uint64_t)sqlite3_column_int64(s, 2);
        stream.last = (uint64_t)sqlite3_column_int64(s, 3);
        stream.broken = (uint64_t)sqlite3_column_int64(s, 4);
        stream.at = (uint64_t)sqlite3_column_int64(s, 5);
        rc = vault_column_bytes(stream.peer, sizeof stream.peer, s, 0, "stream", err);
        if (rc == 0)
            rc = vault_column_bytes(stream.stream, sizeof stream.stream, s, 1, "stream", err);
        if (rc == 0)
            rc = visit(context, &stream, err);
    }
    sqlite3_reset(s);
    return rc;
}
