/* What officers think of matches, and what became of the pairs that they decided on. */
#include "client/vault/vault_internal.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* --- one match --- */

#define REVIEW_COLUMNS                                                                                                 \
    "SELECT m.number, m.record, m.partner, m.handle, m.keys, m.score, m.kind, m.found, m.withdrawn, "                  \
    "m.id, m.domain, e.state, e.at, e.keys, e.score, e.by, e.note FROM match m"                                        \
    " LEFT JOIN review v ON v.pair = m.pair LEFT JOIN review_event e ON e.number = v.decision"

/* An event's state, at, keys, score, by, note, from this column on. */
static int read_event(sqlite3_stmt *s, int column, struct review_event *e, struct err *err)
{
    int64_t state = sqlite3_column_int64(s, column);
    *e = (struct review_event){.state = REVIEW_NEW};
    if (sqlite3_column_type(s, column) == SQLITE_NULL)
        return 0;
    if (state < 0 || state >= REVIEW_STATES)
        return vault_damaged("review", err);
    e->state = (enum review_state)state;
    e->at = (uint64_t)sqlite3_column_int64(s, column + 1);
    e->keys = (uint32_t)sqlite3_column_int64(s, column + 2);
    e->score = (unsigned)sqlite3_column_int(s, column + 3);
    int rc = vault_column_text(e->by, REVIEW_BY_MAX, s, column + 4, "officer", err);
    if (rc == 0)
        rc = vault_column_text(e->note, REVIEW_NOTE_MAX, s, column + 5, "note", err);
    return rc;
}

static int read_review(sqlite3_stmt *s, struct vault_review *r, struct err *err)
{
    struct vault_match *m = &r->match;
    memset(r, 0, sizeof *r);
    m->number = sqlite3_column_int64(s, 0);
    snprintf(m->partner, sizeof m->partner, "%s", (const char *)sqlite3_column_text(s, 2));
    m->keys = (uint32_t)sqlite3_column_int64(s, 4);
    m->score = (unsigned)sqlite3_column_int(s, 5);
    m->kind = (unsigned)sqlite3_column_int(s, 6);
    r->found = (uint64_t)sqlite3_column_int64(s, 7);
    r->withdrawn = (uint64_t)sqlite3_column_int64(s, 8);
    int rc = vault_column_bytes(m->handle, HANDLE_SIZE, s, 3, "handle", err);
    if (rc == 0)
        rc = vault_column_text(r->id, VAULT_ID_MAX, s, 9, "id", err);
    if (rc == 0)
        rc = vault_column_bytes(m->record.bytes, sizeof m->record.bytes, s, 1, "record", err);
    if (rc == 0)
        rc = read_event(s, 11, &r->decision, err);
    r->state = r->withdrawn != 0 ? REVIEW_WITHDRAWN : r->decision.state;
    return rc;
}

int vault_reviews(struct vault *vault, int64_t domain, vault_visit_review *visit, void *context, struct err *err)
{
    struct vault_review review;
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(vault, err, REVIEW_COLUMNS " WHERE m.domain = ? AND NOT EXISTS " VAULT_LATER("m"), "i", domain);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        rc = read_review(s, &review, err);
        if (rc == 0)
            rc = visit(context, &review, err);
    }
    sqlite3_reset(s);
    sodium_memzero(&review, sizeof review);
    return rc;
}

int vault_reviews_after(struct vault *vault, int64_t after, int64_t *number, size_t most, size_t *count,
                        struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(
        vault, err,
        "SELECT m.number FROM match m WHERE m.number > ? AND NOT EXISTS " VAULT_LATER("m") " ORDER BY m.number LIMIT ?",
        "ii", after, (int64_t)most);
    *count = 0;
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row && *count < most)
        number[(*count)++] = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return rc;
}

int vault_newest(struct vault *vault, int64_t *match, int64_t *letter, struct err *err)
{
    bool found;
    int rc = vault_number(vault, vault_bind(vault, err, "SELECT coalesce(max(number), 0) FROM match", ""), match,
                          &found, err);
    return rc == 0
               ? vault_number(vault, vault_bind(vault, err, "SELECT coalesce(max(number), 0) FROM inquiry_letter", ""),
                              letter, &found, err)
               : rc;
}

static int no_such_match(int64_t number, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, N_("there is no match %lld (see: matches list)"), (long long)number);
}

int vault_review_get(struct vault *vault, int64_t number, int64_t *domain, struct vault_review *out, struct err *err)
{
    bool row = false;
    sqlite3_stmt *s = vault_bind(vault, err, REVIEW_COLUMNS " WHERE m.number = ?", "i", number);
    int rc = vault_step(vault, s, &row, err);
    if (rc != 0)
        return rc;
    if (!row)
        return no_such_match(number, err);
    rc = read_review(s, out, err);
    *domain = sqlite3_column_int64(s, 10);
    sqlite3_reset(s);
    return rc;
}

/* --- in an order, from an index alone --- */

#define PLACES(score) "SELECT " score ", m.number FROM match m WHERE m.domain = ?1 AND m.state = ?2 AND m.partner = ?3"
#define SUREST " AND (m.score, m.number) < (?4, ?5) ORDER BY m.score DESC, m.number DESC LIMIT ?6"
#define NEWEST " AND m.number < ?5 ORDER BY m.number DESC LIMIT ?6 + 0 * ?4"
#define UNLESS_LATER " AND NOT EXISTS " VAULT_LATER("m")

int vault_review_places(struct vault *vault, const struct review_range *range, enum review_order order,
                        const struct review_place *after, struct review_place *out, size_t most, size_t *count,
                        struct err *err)
{
    static const char *const sql[2][2] = {
        [REVIEW_SUREST] = {PLACES("m.score") SUREST, PLACES("m.score") UNLESS_LATER SUREST},
        [REVIEW_NEWEST] = {PLACES("0") NEWEST, PLACES("0") UNLESS_LATER NEWEST},
    };
    const struct review_place first = {UINT32_MAX, INT64_MAX}, *from = after != NULL ? after : &first;
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err, sql[order][range->later], "iitiii", range->domain, (int64_t)range->state,
                                 range->partner, (int64_t)from->score, from->number, (int64_t)most);
    *count = 0;
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row && *count < most)
        out[(*count)++] = (struct review_place){(unsigned)sqlite3_column_int(s, 0), sqlite3_column_int64(s, 1)};
    sqlite3_reset(s);
    return rc;
}

int vault_review_count(struct vault *vault, const struct review_range *range, uint64_t *out, struct err *err)
{
#define COUNT "SELECT count(*) FROM match m WHERE m.domain = ? AND m.state = ? AND m.partner = ?"
    static const char *const sql[2] = {COUNT, COUNT UNLESS_LATER};
    int64_t number = 0;
    bool found;
    int rc = vault_number(
        vault, vault_bind(vault, err, sql[range->later], "iit", range->domain, (int64_t)range->state, range->partner),
        &number, &found, err);
    *out = (uint64_t)number;
    return rc;
}

int vault_review_partner(struct vault *vault, int64_t domain, enum review_state state, const char *after,
                         char out[PARTY_NAME_MAX + 1], bool *found, struct err *err)
{
    sqlite3_stmt *s = vault_bind(
        vault, err, "SELECT partner FROM match WHERE domain = ? AND state = ? AND partner > ? ORDER BY partner LIMIT 1",
        "iit", domain, (int64_t)state, after);
    int rc = vault_step(vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = vault_column_text(out, PARTY_NAME_MAX, s, 0, "partner", err);
    sqlite3_reset(s);
    return rc;
}

/* --- which stand together --- */

#define LINES "SELECT m.number, m.domain, m.record, m.handle, m.partner, m.score, m.kind, m.state FROM match m WHERE "

static int read_line(sqlite3_stmt *s, struct review_line *l, struct err *err)
{
    *l = (struct review_line){.number = sqlite3_column_int64(s, 0),
                              .domain = sqlite3_column_int64(s, 1),
                              .score = (unsigned)sqlite3_column_int(s, 5),
                              .kind = (unsigned)sqlite3_column_int(s, 6),
                              .state = (enum review_state)sqlite3_column_int(s, 7)};
    int rc = vault_column_bytes(l->record, sizeof l->record, s, 2, "record", err);
    if (rc == 0)
        rc = vault_column_bytes(l->handle, sizeof l->handle, s, 3, "handle", err);
    return rc == 0 ? vault_column_text(l->partner, PARTY_NAME_MAX, s, 4, "partner", err) : rc;
}

static int read_lines(struct vault *v, sqlite3_stmt *s, struct review_line *out, size_t most, size_t *count,
                      struct err *err)
{
    bool row = true;
    int rc = 0;
    *count = 0;
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && *count < most && (rc = vault_step(v, s, &row, err)) == 0 && row)
        rc = read_line(s, &out[(*count)++], err);
    sqlite3_reset(s);
    return rc;
}

int vault_review_line(struct vault *vault, int64_t number, struct review_line *out, bool *found, struct err *err)
{
    size_t count;
    int rc = read_lines(vault, vault_bind(vault, err, LINES "m.number = ?", "i", number), out, 1, &count, err);
    *found = rc == 0 && count == 1;
    return rc;
}

int vault_review_same_own(struct vault *vault, const struct review_line *of, struct review_line *out, size_t most,
                          size_t *count, struct err *err)
{
    sqlite3_stmt *s =
        vault_bind(vault, err, LINES "m.domain IN (SELECT number FROM domain) AND m.record = ?" UNLESS_LATER, "b",
                   of->record, sizeof of->record);
    return read_lines(vault, s, out, most, count, err);
}

int vault_review_same_other(struct vault *vault, const struct review_line *of, struct review_line *out, size_t most,
                            size_t *count, struct err *err)
{
    sqlite3_stmt *s = vault_bind(vault, err, LINES "m.handle = ? AND +m.domain = ? AND +m.partner = ?", "bit",
                                 of->handle, sizeof of->handle, of->domain, of->partner);
    return read_lines(vault, s, out, most, count, err);
}

/* --- deciding --- */

static int put_event(struct vault *v, int64_t number, enum review_state state, const char *by, const char *note,
                     struct err *err)
{
    size_t by_len = strlen(by), note_len = strlen(note);
    if (by_len == 0 || by_len > REVIEW_BY_MAX)
        return err_set(err, ERR_USAGE, "the officer's name has 1 to %d bytes", REVIEW_BY_MAX);
    if (note_len > REVIEW_NOTE_MAX)
        return err_set(err, ERR_USAGE, N_("a note has %d bytes at most"), REVIEW_NOTE_MAX);
    int rc = vault_do(v, err,
                      "INSERT INTO review_event(pair, state, at, keys, score, by, note)"
                      " SELECT pair, ?, ?, keys, score, ?, ? FROM match WHERE number = ?",
                      "iitti", (int64_t)state, (int64_t)clock_now(), by, note, number);
    if (rc == 0 && sqlite3_changes(v->db) == 0)
        rc = no_such_match(number, err);
    return rc;
}

int vault_review_put(struct vault *vault, int64_t number, enum review_state state, const char *by, const char *note,
                     struct err *err)
{
    int rc = put_event(vault, number, state, by, note, err);
    if (rc == 0)
        rc = vault_do(vault, err,
                      "INSERT OR REPLACE INTO review(pair, decision) SELECT pair, ? FROM match WHERE number = ?", "ii",
                      (int64_t)sqlite3_last_insert_rowid(vault->db), number);
    if (rc == 0)
        rc = vault_do(vault, err,
                      "UPDATE match SET state = ? FROM (SELECT record, pair FROM match WHERE number = ?) AS of"
                      " WHERE match.domain IN (SELECT number FROM domain) AND match.record = of.record"
                      " AND match.pair = of.pair AND match.withdrawn = 0",
                      "ii", (int64_t)state, number);
    return rc;
}

int vault_review_history(struct vault *vault, int64_t number, vault_visit_event *visit, void *context, struct err *err)
{
    struct review_event event;
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err,
                                 "SELECT e.state, e.at, e.keys, e.score, e.by, e.note, m.partner FROM match m"
                                 " JOIN review_event e ON e.pair = m.pair WHERE m.number = ? ORDER BY e.number",
                                 "i", number);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        rc = read_event(s, 0, &event, err);
        if (rc == 0 && event.by[0] == '\0')
            snprintf(event.by, sizeof event.by, "%s", (const char *)sqlite3_column_text(s, 6));
        if (rc == 0)
            rc = visit(context, &event, err);
    }
    sqlite3_reset(s);
    sodium_memzero(&event, sizeof event);
    return rc;
}
