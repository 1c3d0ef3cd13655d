/* Inquiries and their letters. */
#include "client/vault/inquiries.h"

#include "client/vault/vault_internal.h"
#include "protocol/base/mark.h"

#include <sodium.h>
#include <string.h>

#define PEER_SIZE ((size_t)PARTY_DIGEST_SIZE)
#define HANDLE_BYTES ((size_t)HANDLE_SIZE)

/* --- inquiries --- */

#define INQUIRY_COLUMNS "i.number, i.peer, i.thread, i.purpose, i.domain, i.id, i.own, i.other, i.subject"

int vault_inquiry_put(struct vault *vault, struct vault_inquiry *q, struct err *err)
{
    int rc = vault_do(vault, err,
                      "INSERT INTO inquiry(peer, thread, purpose, domain, id, own, other, subject)"
                      " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                      "bbtitbbi", q->peer, PEER_SIZE, q->thread, sizeof q->thread, q->purpose, q->domain, q->id, q->own,
                      HANDLE_BYTES, q->other, HANDLE_BYTES, (int64_t)q->subject);
    q->number = sqlite3_last_insert_rowid(vault->db);
    return rc;
}

static int read_inquiry(sqlite3_stmt *s, struct vault_inquiry *out, struct err *err)
{
    *out = (struct vault_inquiry){.number = sqlite3_column_int64(s, 0),
                                  .domain = sqlite3_column_int64(s, 4),
                                  .subject = (unsigned)sqlite3_column_int(s, 8)};
    int rc = vault_column_bytes(out->peer, sizeof out->peer, s, 1, "inquiry", err);
    if (rc == 0)
        rc = vault_column_bytes(out->thread, sizeof out->thread, s, 2, "inquiry", err);
    if (rc == 0)
        rc = vault_column_text(out->purpose, PARTY_NAME_MAX, s, 3, "inquiry", err);
    if (rc == 0)
        rc = vault_column_text(out->id, VAULT_ID_MAX, s, 5, "inquiry", err);
    if (rc == 0)
        rc = vault_column_bytes(out->own, sizeof out->own, s, 6, "inquiry", err);
    if (rc == 0)
        rc = vault_column_bytes(out->other, sizeof out->other, s, 7, "inquiry", err);
    return rc;
}

static int find_inquiry(struct vault *vault, sqlite3_stmt *s, struct vault_inquiry *out, bool *found, struct err *err)
{
    int rc = vault_step(vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = read_inquiry(s, out, err);
    sqlite3_reset(s);
    return rc;
}

int vault_inquiry_get(struct vault *vault, int64_t number, struct vault_inquiry *out, struct err *err)
{
    bool found = false;
    int rc = find_inquiry(
        vault, vault_bind(vault, err, "SELECT " INQUIRY_COLUMNS " FROM inquiry i WHERE number = ?", "i", number), out,
        &found, err);
    return rc == 0 && !found ? vault_damaged("inquiry", err) : rc;
}

int vault_inquiry_find(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE],
                       const uint8_t thread[LETTER_THREAD_SIZE], struct vault_inquiry *out, bool *found,
                       struct err *err)
{
    return find_inquiry(vault,
                        vault_bind(vault, err,
                                   "SELECT " INQUIRY_COLUMNS " FROM inquiry i WHERE peer = ? AND thread = ?", "bb",
                                   peer, PEER_SIZE, thread, (size_t)LETTER_THREAD_SIZE),
                        out, found, err);
}

int vault_inquiry_about(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], int64_t domain, const char *id,
                        const uint8_t other[HANDLE_SIZE], struct vault_inquiry *out, bool *found, struct err *err)
{
    return find_inquiry(vault,
                        vault_bind(vault, err,
                                   "SELECT " INQUIRY_COLUMNS " FROM inquiry i WHERE peer = ? AND domain = ? AND id = ?"
                                   " AND other = ? ORDER BY number DESC LIMIT 1",
                                   "bitb", peer, PEER_SIZE, domain, id, other, HANDLE_BYTES),
                        out, found, err);
}

/* --- letters --- */

#define LETTER_COLUMNS                                                                                                 \
    "l.number, l.inquiry, l.ours, l.kind, l.ask, l.at, l.due, l.code, l.shown, l.until, l.state, l.by, l.body"

int vault_inquiry_letter_put(struct vault *vault, struct vault_inquiry_letter *l, struct err *err)
{
    int rc = vault_do(
        vault, err,
        "INSERT INTO inquiry_letter(inquiry, ours, kind, ask, at, due, code, shown, until, state, by, body)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
        "iiiiiiiiitb", l->inquiry, (int64_t)l->ours, (int64_t)l->kind, (int64_t)l->ask, (int64_t)l->at, (int64_t)l->due,
        (int64_t)l->code, (int64_t)l->until, (int64_t)l->state, l->by, l->body.data, l->body.len);
    l->number = sqlite3_last_insert_rowid(vault->db);
    return rc;
}

/* The body is borrowed from the row. */
static int read_letter(sqlite3_stmt *s, struct vault_inquiry_letter *out, struct err *err)
{
    const int64_t state = sqlite3_column_int64(s, 10);
    *out = (struct vault_inquiry_letter){.number = sqlite3_column_int64(s, 0),
                                         .inquiry = sqlite3_column_int64(s, 1),
                                         .ours = sqlite3_column_int(s, 2) != 0,
                                         .kind = (enum letter_kind)sqlite3_column_int(s, 3),
                                         .ask = (uint64_t)sqlite3_column_int64(s, 4),
                                         .at = (uint64_t)sqlite3_column_int64(s, 5),
                                         .due = (uint64_t)sqlite3_column_int64(s, 6),
                                         .code = (uint64_t)sqlite3_column_int64(s, 7),
                                         .shown = (uint64_t)sqlite3_column_int64(s, 8),
                                         .until = (uint64_t)sqlite3_column_int64(s, 9),
                                         .state = (enum inquiry_state)state,
                                         .body = vault_column(s, 12)};
    if (state < 0 || state >= INQUIRY_STATES)
        return vault_damaged("inquiry", err);
    return vault_column_text(out->by, DISCLOSURE_NAME_MAX, s, 11, "officer", err);
}

static int take_letter(struct vault *vault, sqlite3_stmt *s, struct vault_inquiry_letter *out, struct buf *bytes,
                       bool *found, struct err *err)
{
    int rc = vault_step(vault, s, found, err);
    buf_clear(bytes);
    if (rc != 0 || !*found)
        return rc;
    rc = read_letter(s, out, err);
    if (rc == 0)
        rc = buf_put(bytes, out->body.data, out->body.len, err);
    out->body = buf_span(bytes);
    sqlite3_reset(s);
    return rc;
}

int vault_inquiry_letter_get(struct vault *vault, int64_t number, struct vault_inquiry_letter *out, struct buf *bytes,
                             struct err *err)
{
    bool found = false;
    int rc = take_letter(
        vault, vault_bind(vault, err, "SELECT " LETTER_COLUMNS " FROM inquiry_letter l WHERE number = ?", "i", number),
        out, bytes, &found, err);
    return rc == 0 && !found ? err_set(err, ERR_NOT_FOUND, N_("there is no letter %lld of disclosure (see: letters)"),
                                       (long long)number)
                             : rc;
}

int vault_inquiry_letter_find(struct vault *vault, int64_t inquiry, bool ours, enum letter_kind kind, uint64_t ask,
                              struct vault_inquiry_letter *out, struct buf *bytes, bool *found, struct err *err)
{
    return take_letter(vault,
                       vault_bind(vault, err,
                                  "SELECT " LETTER_COLUMNS " FROM inquiry_letter l WHERE inquiry = ?1 AND ours = ?2 AND"
                                  " kind = ?3 AND (?4 = 0 OR ask = ?4) ORDER BY number DESC LIMIT 1",
                                  "iiii", inquiry, (int64_t)ours, (int64_t)kind, (int64_t)ask),
                       out, bytes, found, err);
}

int vault_inquiry_letter_set(struct vault *vault, int64_t number, enum inquiry_state state, struct err *err)
{
    return vault_do(vault, err, "UPDATE inquiry_letter SET state = ? WHERE number = ?", "ii", (int64_t)state, number);
}

int vault_inquiry_letter_body(struct vault *vault, int64_t number, struct span body, uint64_t at, struct err *err)
{
    return vault_do(vault, err, "UPDATE inquiry_letter SET body = ?, at = ? WHERE number = ?", "bii", body.data,
                    body.len, (int64_t)at, number);
}

int vault_inquiry_letter_shown(struct vault *vault, int64_t number, uint64_t at, struct err *err)
{
    return vault_do(vault, err, "UPDATE inquiry_letter SET shown = ? WHERE number = ? AND shown = 0", "ii", (int64_t)at,
                    number);
}

int vault_inquiry_shown(struct vault *vault, int64_t inquiry, uint64_t at, struct err *err)
{
    return vault_do(vault, err, "UPDATE inquiry_letter SET shown = ? WHERE inquiry = ? AND shown = 0", "ii",
                    (int64_t)at, inquiry);
}

/* --- wiping --- */

/* SQLite overwrites what it frees while this is on: of other tables it would cost, and they hold nothing readable. */
static int overwrite(struct vault *vault, bool on, struct err *err)
{
    return vault_execute(vault, on ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = OFF", err);
}

int vault_inquiry_letter_wipe(struct vault *vault, int64_t number, struct err *err)
{
    int rc = overwrite(vault, true, err);
    if (rc == 0)
        rc = vault_do(vault, err, "UPDATE inquiry_letter SET body = NULL WHERE number = ?", "i", number);
    if (rc == 0)
        rc = overwrite(vault, false, err);
    return rc;
}

int vault_inquiries_age(struct vault *vault, uint64_t now, uint64_t *wiped, struct err *err)
{
    int rc = overwrite(vault, true, err);
    if (rc == 0)
        rc = vault_do(vault, err,
                      "UPDATE inquiry_letter SET body = NULL WHERE body IS NOT NULL AND until > 0 AND until <= ?", "i",
                      (int64_t)now);
    *wiped = rc == 0 ? (uint64_t)sqlite3_changes(vault->db) : 0;
    if (rc == 0)
        rc = overwrite(vault, false, err);
    if (rc == 0) /* of what is answered nothing more is told */
        rc = vault_do(vault, err,
                      "DELETE FROM duty WHERE letter NOT IN (SELECT number FROM inquiry_letter WHERE state <= 1)", "");
    return rc;
}

int vault_inquiries_erase(struct vault *vault, const char *id, uint64_t *erased, struct err *err)
{
    int rc = overwrite(vault, true, err);
    if (rc == 0)
        rc = vault_do(vault, err,
                      "UPDATE inquiry_letter SET body = NULL, state = CASE state WHEN 0 THEN 3 ELSE state END WHERE"
                      " body IS NOT NULL AND inquiry IN (SELECT number FROM inquiry WHERE id = ?)",
                      "t", id);
    *erased = rc == 0 ? (uint64_t)sqlite3_changes(vault->db) : 0;
    if (rc == 0)
        rc = vault_do(vault, err,
                      "UPDATE letter_out SET body = NULL, sealed = NULL, why = 'erased', done = CASE done WHEN 0 THEN"
                      " unixepoch() ELSE done END WHERE kind IN (16, 17, 18, 19) AND body IS NOT NULL AND EXISTS"
                      " (SELECT 1 FROM inquiry i WHERE i.id = ? AND i.thread = letter_out.thread AND"
                      " i.peer = letter_out.peer)",
                      "t", id);
    if (rc == 0)
        rc = overwrite(vault, false, err);
    return rc;
}

/* --- the list --- */

int vault_inquiries_late(struct vault *vault, uint64_t now, uint64_t *by_us, uint64_t *by_them, struct err *err)
{
    bool row = false;
    sqlite3_stmt *s = vault_bind(vault, err,
                                 "SELECT count(*) - coalesce(sum(ours), 0), coalesce(sum(ours), 0) FROM inquiry_letter"
                                 " WHERE state <= 1 AND due > 0 AND due < ?",
                                 "i", (int64_t)now);
    int rc = vault_step(vault, s, &row, err);
    *by_us = rc == 0 && row ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    *by_them = rc == 0 && row ? (uint64_t)sqlite3_column_int64(s, 1) : 0;
    if (rc == 0 && row)
        sqlite3_reset(s);
    return rc;
}

/* An answer is to the other side's question of its number; what acknowledges a recall has no date of its own. */
static const char count_sql[] =
    "SELECT i.peer, i.purpose, q.ours, q.kind = ?3, iif(q.kind = ?3, 0, q.code), count(*),"
    " coalesce(sum(a.at <= q.due OR q.due = 0), 0), coalesce(sum(a.at > q.due AND q.due > 0), 0),"
    " sum(a.at IS NULL), sum(a.at IS NULL AND q.due > 0 AND q.due < ?2)"
    " FROM inquiry_letter q JOIN inquiry i ON i.number = q.inquiry LEFT JOIN (SELECT inquiry, ask, ours, kind,"
    " min(at) AS at FROM inquiry_letter WHERE (kind = ?4 AND state NOT IN (?5, ?6)) OR (kind = ?3 AND due = 0)"
    " GROUP BY inquiry, ask, ours, kind) a ON a.inquiry = q.inquiry AND a.ask = q.ask AND a.ours <> q.ours"
    " AND a.kind = iif(q.kind = ?3, ?3, ?4)"
    " WHERE q.at >= ?1 AND (q.kind = ?7 OR (q.kind = ?3 AND q.due > 0)) GROUP BY 1, 2, 3, 4, 5 ORDER BY 2, 1, 3, 4, 5";

static int read_counts(sqlite3_stmt *s, struct vault_inquiry_counts *out, struct err *err)
{
    *out = (struct vault_inquiry_counts){.ours = sqlite3_column_int(s, 2) != 0,
                                         .recalls = sqlite3_column_int(s, 3) != 0,
                                         .urgency = (uint64_t)sqlite3_column_int64(s, 4),
                                         .letters = (uint64_t)sqlite3_column_int64(s, 5),
                                         .in_time = (uint64_t)sqlite3_column_int64(s, 6),
                                         .late = (uint64_t)sqlite3_column_int64(s, 7),
                                         .open = (uint64_t)sqlite3_column_int64(s, 8),
                                         .open_late = (uint64_t)sqlite3_column_int64(s, 9)};
    int rc = vault_column_bytes(out->peer, sizeof out->peer, s, 0, "inquiry", err);
    return rc == 0 ? vault_column_text(out->purpose, PARTY_NAME_MAX, s, 1, "inquiry", err) : rc;
}

int vault_inquiries_count(struct vault *vault, uint64_t since, uint64_t now, vault_visit_counts *visit, void *context,
                          struct err *err)
{
    struct vault_inquiry_counts counts;
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(vault, err, count_sql, "iiiiiii", (int64_t)since, (int64_t)now, (int64_t)LETTER_RECALL,
                   (int64_t)LETTER_ANSWER, (int64_t)INQUIRY_PENDING, (int64_t)INQUIRY_DROPPED, (int64_t)LETTER_ASK);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        rc = read_counts(s, &counts, err);
        if (rc == 0)
            rc = visit(context, &counts, err);
    }
    sqlite3_reset(s);
    return rc;
}

_Static_assert(INQUIRY_OPEN == 1 && INQUIRY_DONE == 2 && LETTER_ANSWER == 17, "VAULT_INQUIRY_WAITS");

#define LETTERS_OF(which, order)                                                                                       \
    "SELECT " LETTER_COLUMNS " FROM inquiry_letter l" which " ORDER BY " order ", number DESC"
#define LETTERS_BY(order) LETTERS_OF("", order)

static int visit_letters(struct vault *v, sqlite3_stmt *s, vault_visit_inquiry_letter *visit, void *context,
                         struct err *err)
{
    struct vault_inquiry_letter letter;
    struct vault_inquiry about;
    bool row = true;
    int rc = 0;
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(v, s, &row, err)) == 0 && row) {
        rc = read_letter(s, &letter, err);
        if (rc == 0)
            rc = vault_inquiry_get(v, letter.inquiry, &about, err);
        if (rc == 0)
            rc = visit(context, &about, &letter, err);
    }
    sqlite3_reset(s);
    return rc;
}

int vault_inquiry_letters(struct vault *vault, int64_t inquiry, enum inquiry_order order, uint64_t now,
                          vault_visit_inquiry_letter *visit, void *context, struct err *err)
{
    static const char *const all[INQUIRY_ORDERS] = {
        [INQUIRY_BY_NEED] = LETTERS_BY("NOT (state <= 1 AND due > 0 AND due < ?), state > 1"),
        [INQUIRY_WAITING] = LETTERS_OF(" WHERE " VAULT_INQUIRY_WAITS, "NOT (state <= 1 AND due > 0 AND due < ?)"),
        [INQUIRY_BY_TIME] = LETTERS_BY("?1 - ?1"),
        [INQUIRY_BY_DUE] = LETTERS_BY("?1 - ?1, state > 1 OR due = 0, due"),
        [INQUIRY_BY_PARTNER] = LETTERS_BY("?1 - ?1, (SELECT peer FROM inquiry i WHERE i.number = l.inquiry)"),
    };
    sqlite3_stmt *s =
        inquiry != 0 ? vault_bind(vault, err,
                                  "SELECT " LETTER_COLUMNS " FROM inquiry_letter l WHERE inquiry = ? ORDER BY number",
                                  "i", inquiry)
                     : vault_bind(vault, err, all[order], "i", (int64_t)now);
    return visit_letters(vault, s, visit, context, err);
}

int vault_inquiry_letters_after(struct vault *vault, int64_t after, size_t most, vault_visit_inquiry_letter *visit,
                                void *context, struct err *err)
{
    sqlite3_stmt *s = vault_bind(
        vault, err, "SELECT " LETTER_COLUMNS " FROM inquiry_letter l WHERE number > ? ORDER BY number LIMIT ?", "ii",
        after, (int64_t)most);
    return visit_letters(vault, s, visit, context, err);
}
