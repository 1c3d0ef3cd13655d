/* Pairs that are judged, and exchanges under way. */
#include "client/vault/judging.h"

#include "client/vault/vault_internal.h"
#include "protocol/base/clock.h"

#include <sodium.h>
#include <string.h>

#define PARTY_SIZE ((size_t)PARTY_DIGEST_SIZE)
#define REF_SIZE ((size_t)VAULT_RECORD_SIZE)
#define HANDLE_LEN ((size_t)HANDLE_SIZE)
#define EXCHANGE_MAX (4u << 20) /* bytes of one */

/* --- reading --- */

#define COLUMNS                                                                                                        \
    "SELECT j.number, j.exchange, j.domain, j.record, j.partner, j.peer, j.own, j.other, j.keys, j.begins, j.state,"   \
    " j.at, j.counted, j.kind, j.score, j.class, j.accepted, j.presence, j.agree, j.seen, j.asked, j.place FROM judging j "

static int read_outcome(sqlite3_stmt *s, struct vault_judging *j, struct err *err)
{
    j->kind = (unsigned)sqlite3_column_int(s, 13);
    j->score = (unsigned)sqlite3_column_int(s, 14);
    j->class = (unsigned)sqlite3_column_int(s, 15);
    j->accepted = sqlite3_column_int(s, 16) != 0;
    j->presence = (uint32_t)sqlite3_column_int64(s, 17);
    int rc = vault_column_bytes(j->agree, sizeof j->agree, s, 18, "judging", err);
    if (rc == 0)
        rc = vault_column_bytes(j->seen, sizeof j->seen, s, 19, "judging", err);
    return rc;
}

static int read_pair(sqlite3_stmt *s, struct vault_judging *j, struct err *err)
{
    *j = (struct vault_judging){
        .number = sqlite3_column_int64(s, 0),
        .exchange = sqlite3_column_int64(s, 1),
        .domain = sqlite3_column_int64(s, 2),
        .keys = (uint32_t)sqlite3_column_int64(s, 8),
        .begins = sqlite3_column_int(s, 9) != 0,
        .check = sqlite3_column_int(s, 20) != 0,
        .place = (unsigned)sqlite3_column_int(s, 21),
        .at = (uint64_t)sqlite3_column_int64(s, 11),
        .counted = (uint64_t)sqlite3_column_int64(s, 12),
    };
    const int state = sqlite3_column_int(s, 10);
    if (state < 0 || state >= JUDGE_STATES)
        return vault_damaged("judging", err);
    j->state = (enum judge_state)state;
    int rc = vault_column_bytes(j->record.bytes, REF_SIZE, s, 3, "judging", err);
    if (rc == 0)
        rc = vault_column_text(j->partner, PARTY_NAME_MAX, s, 4, "judging", err);
    if (rc == 0)
        rc = vault_column_bytes(j->peer, PARTY_SIZE, s, 5, "judging", err);
    if (rc == 0)
        rc = vault_column_bytes(j->own, HANDLE_LEN, s, 6, "judging", err);
    if (rc == 0)
        rc = vault_column_bytes(j->other, HANDLE_LEN, s, 7, "judging", err);
    if (rc == 0 && sqlite3_column_type(s, 18) != SQLITE_NULL)
        rc = read_outcome(s, j, err);
    return rc;
}

static int visit_all(struct vault *v, sqlite3_stmt *s, vault_visit_judging *visit, void *context, struct err *err)
{
    struct vault_judging pair;
    bool row = true;
    int rc = 0;
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(v, s, &row, err)) == 0 && row) {
        rc = read_pair(s, &pair, err);
        if (rc == 0)
            rc = visit(context, &pair, err);
    }
    sqlite3_reset(s);
    return rc;
}

static int take_one(void *context, const struct vault_judging *pair, struct err *err)
{
    (void)err;
    *(struct vault_judging *)context = *pair;
    return 0;
}

static int only_one(struct vault *v, sqlite3_stmt *s, struct vault_judging *out, struct err *err)
{
    out->number = 0;
    int rc = visit_all(v, s, take_one, out, err);
    return rc != 0 || out->number != 0 ? rc : err_set(err, ERR_NOT_FOUND, "the vault has no such pair to judge");
}

int vault_judging_find(struct vault *vault, int64_t domain, const uint8_t peer[PARTY_DIGEST_SIZE],
                       const uint8_t own[HANDLE_SIZE], const uint8_t other[HANDLE_SIZE], struct vault_judging *out,
                       struct err *err)
{
    return only_one(vault,
                    vault_bind(vault, err, COLUMNS "WHERE j.domain = ? AND j.own = ? AND j.peer = ? AND j.other = ?",
                               "ibbb", domain, own, HANDLE_LEN, peer, PARTY_SIZE, other, HANDLE_LEN),
                    out, err);
}

int vault_judging_get(struct vault *vault, int64_t number, struct vault_judging *out, struct err *err)
{
    return only_one(vault, vault_bind(vault, err, COLUMNS "WHERE j.number = ?", "i", number), out, err);
}

int vault_judging_waiting(struct vault *vault, int64_t domain, const uint8_t peer[PARTY_DIGEST_SIZE], bool checks,
                          size_t limit, vault_visit_judging *visit, void *context, struct err *err)
{
    return visit_all(vault,
                     vault_bind(vault, err,
                                COLUMNS "WHERE ((j.domain = ?1 AND j.peer = ?2 AND j.state = 0) OR"
                                        " (j.domain = ?1 AND j.peer = ?2 AND j.anew > 0)) AND j.exchange = 0"
                                        " AND j.begins = 1 AND j.asked >= ?3 ORDER BY j.shared DESC, j.number LIMIT ?4",
                                "ibii", domain, peer, PARTY_SIZE, (int64_t)checks, (int64_t)limit),
                     visit, context, err);
}

int vault_judging_unbegun(struct vault *vault, int64_t domain, const uint8_t peer[PARTY_DIGEST_SIZE], size_t limit,
                          vault_visit_judging *visit, void *context, struct err *err)
{
    return visit_all(vault,
                     vault_bind(vault, err,
                                COLUMNS "WHERE j.domain = ? AND j.peer = ? AND j.state IN (?, ?) AND j.exchange = 0"
                                        " AND j.begins = 0 AND j.asked = 0 AND j.live = 1 AND j.anew <= ?"
                                        " ORDER BY j.shared DESC, j.number LIMIT ?",
                                "ibiiii", domain, peer, PARTY_SIZE, (int64_t)JUDGE_WAITING, (int64_t)JUDGE_LIMIT,
                                (int64_t)clock_now() - (int64_t)JUDGING_AGAIN, (int64_t)limit),
                     visit, context, err);
}

int vault_judging_of(struct vault *vault, int64_t exchange, vault_visit_judging *visit, void *context, struct err *err)
{
    return visit_all(vault, vault_bind(vault, err, COLUMNS "WHERE j.exchange = ? ORDER BY j.place", "i", exchange),
                     visit, context, err);
}

int vault_judgings(struct vault *vault, int64_t domain, vault_visit_judging *visit, void *context, struct err *err)
{
    return visit_all(vault, vault_bind(vault, err, COLUMNS "WHERE j.domain = ? ORDER BY j.number", "i", domain), visit,
                     context, err);
}

/* --- pairs that open --- */

static int find_again(struct vault *v, int64_t domain, struct vault_judging *p, struct err *err)
{
    const struct vault_judging wanted = *p;
    return vault_judging_find(v, domain, wanted.peer, wanted.own, wanted.other, p, err);
}

/* Of a pair that was there already, *p becomes what is known of it. */
static int put_pair(struct vault *v, int64_t domain, const struct vault_ref *record, struct vault_judging *p,
                    const struct span *packed, struct err *err)
{
    const int64_t keys = p->keys, shared = __builtin_popcount(p->keys);
    int rc = vault_do(
        v, err,
        "INSERT OR IGNORE INTO judging(domain, record, partner, peer, own, other, keys, shared, begins, state,"
        " exchange, place, counted, at, asked, elements) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?, ?)",
        "ibtbbbiiiiib", domain, record->bytes, REF_SIZE, p->partner, p->peer, PARTY_SIZE, p->own, HANDLE_LEN, p->other,
        HANDLE_LEN, keys, shared, (int64_t)p->begins, (int64_t)clock_now(), (int64_t)p->check,
        packed != NULL ? packed->data : NULL, packed != NULL ? packed->len : 0);
    p->number = sqlite3_last_insert_rowid(v->db);
    if (rc != 0 || sqlite3_changes(v->db) > 0)
        return rc;
    rc = vault_do(v, err,
                  "UPDATE judging SET state = CASE WHEN state = ?1 AND keys <> ?2 THEN ?3 ELSE state END, keys = ?2,"
                  " shared = ?4, live = 1 WHERE domain = ?5 AND own = ?6 AND peer = ?7 AND other = ?8",
                  "iiiiibbb", (int64_t)JUDGE_UNKNOWN, keys, (int64_t)JUDGE_WAITING, shared, domain, p->own, HANDLE_LEN,
                  p->peer, PARTY_SIZE, p->other, HANDLE_LEN);
    return rc != 0 ? rc : find_again(v, domain, p, err);
}

/* Most records have none and had none: that costs one statement. */
int vault_judging_put(struct vault *vault, int64_t domain, const struct vault_ref *record, struct vault_judging *pair,
                      size_t count, struct err *err)
{
    int rc =
        vault_do(vault, err, "UPDATE judging SET live = 0 WHERE domain = ? AND record = ? AND live = 1 AND asked = 0",
                 "ib", domain, record->bytes, REF_SIZE);
    bool had_some = rc == 0 && sqlite3_changes(vault->db) > 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = put_pair(vault, domain, record, &pair[i], NULL, err);
    if (rc == 0 && had_some)
        rc = vault_do(vault, err,
                      "DELETE FROM judging WHERE domain = ? AND record = ? AND live = 0 AND counted = 0"
                      " AND exchange = 0",
                      "ib", domain, record->bytes, REF_SIZE);
    return rc;
}

int vault_judging_age(struct vault *vault, uint64_t time, struct err *err)
{
    const int64_t now = (int64_t)time;
    int rc = vault_do(vault, err, "UPDATE judging SET elements = NULL WHERE elements IS NOT NULL AND at < ?", "i",
                      now - (int64_t)JUDGING_ASKED);
    return rc != 0
               ? rc
               : vault_do(vault, err, "DELETE FROM judging WHERE asked = 1 AND exchange = 0 AND at < ? AND counted < ?",
                          "ii", now - (int64_t)JUDGING_YEAR, now - (int64_t)JUDGING_YEAR);
}

int vault_judging_ask(struct vault *vault, const struct vault_judging *pair, struct span packed, int64_t *number,
                      struct err *err)
{
    struct vault_judging all = *pair, known;
    int rc = vault_judging_age(vault, clock_now(), err);
    if (rc == 0)
        rc = vault_judging_find(vault, pair->domain, pair->peer, pair->own, pair->other, &known, err);
    if (rc == 0)
        all.keys |= known.keys;
    all.check = true;
    if (rc == 0 || rc == ERR_NOT_FOUND)
        rc = put_pair(vault, pair->domain, &pair->record, &all, packed.len > 0 ? &packed : NULL, err);
    *number = rc == 0 ? all.number : 0;
    return rc;
}

bool judging_lists(const struct vault_judging *pair, bool by_keys)
{
    return pair->state == JUDGE_JUDGED ? pair->accepted : pair->state != JUDGE_DIFFERENT && by_keys;
}

struct vault_ref vault_question_ref(const uint8_t digest[32])
{
    struct vault_ref ref;
    memcpy(ref.bytes, digest, sizeof ref.bytes);
    return ref;
}

/* --- how far they come --- */

int vault_judging_begin(struct vault *vault, int64_t number, int64_t exchange, size_t place, struct err *err)
{
    return vault_do(vault, err,
                    "UPDATE judging SET exchange = ?, place = ?, at = ?, anew = 0,"
                    " state = CASE WHEN state IN (?, ?) THEN state ELSE 0 END WHERE number = ?",
                    "iiiiii", exchange, (int64_t)place, (int64_t)clock_now(), (int64_t)JUDGE_JUDGED,
                    (int64_t)JUDGE_DIFFERENT, number);
}

int vault_judging_anew(struct vault *vault, int64_t number, struct err *err)
{
    return vault_do(vault, err, "UPDATE judging SET anew = ? WHERE number = ? AND exchange = 0 AND state <> ?", "iii",
                    (int64_t)clock_now(), number, (int64_t)JUDGE_REFUSED);
}

int vault_judging_count(struct vault *vault, int64_t number, struct err *err)
{
    return vault_do(vault, err, "UPDATE judging SET counted = ?, times = times + 1 WHERE number = ?", "ii",
                    (int64_t)clock_now(), number);
}

int vault_judging_end(struct vault *vault, const struct vault_judging *pair, struct err *err)
{
    int rc = vault_do(vault, err,
                      "UPDATE judging SET exchange = 0, state = ?, at = ?, kind = ?, score = ?, class = ?,"
                      " accepted = ?, presence = ?, agree = ?, seen = ? WHERE number = ?",
                      "iiiiiiibbi", (int64_t)pair->state, (int64_t)clock_now(), (int64_t)pair->kind,
                      (int64_t)pair->score, (int64_t)pair->class, (int64_t)pair->accepted, (int64_t)pair->presence,
                      pair->agree, sizeof pair->agree, pair->seen, sizeof pair->seen, pair->number);
    if (rc == 0)
        rc = vault_do(vault, err,
                      "INSERT OR IGNORE INTO stale(domain, record) SELECT domain, record FROM judging WHERE number = ?"
                      " AND asked = 0",
                      "i", pair->number);
    return rc;
}

int vault_judging_set(struct vault *vault, int64_t number, enum judge_state state, struct err *err)
{
    return vault_do(vault, err,
                    "UPDATE judging SET state = CASE WHEN anew > 0 AND state IN (?, ?) THEN state ELSE ? END, at = ?,"
                    " anew = 0 WHERE number = ? AND exchange = 0",
                    "iiiii", (int64_t)JUDGE_JUDGED, (int64_t)JUDGE_DIFFERENT, (int64_t)state, (int64_t)clock_now(),
                    number);
}

int vault_judging_forget(struct vault *vault, int64_t number, struct err *err)
{
    int rc = vault_do(vault, err, "DELETE FROM judging WHERE number = ? AND counted = 0", "i", number);
    return rc != 0 ? rc : vault_do(vault, err, "UPDATE judging SET anew = 0 WHERE number = ?", "i", number);
}

int vault_judging_again(struct vault *vault, struct err *err)
{
    return vault_do(vault, err,
                    "UPDATE judging SET state = ? WHERE exchange = 0 AND begins = 1 AND state IN (?, ?) AND at <= ?",
                    "iiii", (int64_t)JUDGE_WAITING, (int64_t)JUDGE_UNKNOWN, (int64_t)JUDGE_LIMIT,
                    (int64_t)clock_now() - (int64_t)JUDGING_AGAIN);
}

/* --- limits --- */

static int sum(struct vault *v, sqlite3_stmt *s, uint64_t *out, struct err *err)
{
    int64_t n = 0;
    bool found;
    int rc = vault_number(v, s, &n, &found, err);
    *out = rc == 0 && found && n > 0 ? (uint64_t)n : 0;
    return rc;
}

int vault_judging_lose(struct vault *vault, struct err *err)
{
    return vault_do(vault, err, "INSERT OR REPLACE INTO meta VALUES('judgings-lost', ?)", "i", (int64_t)clock_now());
}

int vault_judging_first(struct vault *vault, bool had_another, struct err *err)
{
    return vault_do(vault, err, "INSERT OR IGNORE INTO meta VALUES('judgings-lost', ?)", "i",
                    had_another ? (int64_t)clock_now() : (int64_t)0);
}

int vault_judging_lost(struct vault *vault, uint64_t *at, struct err *err)
{
    int rc = vault_meta_number(vault, "judgings-lost", at, err);
    if (*at + JUDGING_YEAR <= clock_now())
        *at = 0;
    return rc;
}

int vault_judging_used(struct vault *vault, int64_t domain, const struct vault_ref *record,
                       const uint8_t peer[PARTY_DIGEST_SIZE], uint64_t lost, uint64_t *used, uint64_t *released,
                       struct err *err)
{
    const int64_t since = lost > 0 ? (int64_t)lost : (int64_t)clock_now() - (int64_t)JUDGING_YEAR;
    int rc = sum(vault,
                 vault_bind(vault, err,
                            "SELECT sum((j.counted >= ?1) * j.times +"
                            " (j.exchange <> 0 AND (j.begins = 1 OR j.counted < ?1)))"
                            " FROM judging j JOIN domain d ON d.number = j.domain WHERE j.record = ?2 AND j.peer = ?3"
                            " AND d.purpose = (SELECT purpose FROM domain WHERE number = ?4)",
                            "ibbi", since, record->bytes, REF_SIZE, peer, PARTY_SIZE, domain),
                 used, err);
    if (rc == 0)
        rc = sum(vault,
                 vault_bind(vault, err,
                            "SELECT sum(r.count) FROM judging_release r JOIN domain d ON d.number = r.domain"
                            " WHERE (r.record = ? OR r.record = x'') AND r.peer = ? AND r.at >= ?"
                            " AND d.purpose = (SELECT purpose FROM domain WHERE number = ?)",
                            "bbii", record->bytes, REF_SIZE, peer, PARTY_SIZE, since, domain),
                 released, err);
    return rc;
}

int vault_judging_release(struct vault *vault, const struct vault_judging_release *release, struct err *err)
{
    const void *record = release->record != NULL ? release->record->bytes : NULL; /* empty: each */
    const size_t len = release->record != NULL ? REF_SIZE : 0;
    int rc = vault_do(vault, err,
                      "INSERT INTO judging_release(domain, record, peer, count, at, by, statement, signature)"
                      " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                      "ibbiitbb", release->domain, record, len, release->peer, PARTY_SIZE, (int64_t)release->count,
                      (int64_t)clock_now(), release->by, release->statement.data, release->statement.len,
                      release->signature, sizeof release->signature);
    if (rc == 0)
        rc = vault_do(vault, err,
                      "UPDATE judging SET at = 0 WHERE (record = ?1 OR length(?1) = 0) AND peer = ?2 AND exchange = 0"
                      " AND state = ?3",
                      "bbi", record, len, release->peer, PARTY_SIZE, (int64_t)JUDGE_LIMIT);
    if (rc == 0)
        rc = vault_do(vault, err,
                      "UPDATE judging SET anew = 0 WHERE (record = ?1 OR length(?1) = 0) AND peer = ?2 AND begins = 0",
                      "bb", record, len, release->peer, PARTY_SIZE);
    return rc;
}

int vault_judging_refuse(struct vault *vault, int64_t domain, const uint8_t peer[PARTY_DIGEST_SIZE], const char *why,
                         struct err *err)
{
    return vault_do(vault, err, "INSERT INTO judging_refusal(domain, peer, at, why) VALUES(?, ?, ?, ?)", "ibit", domain,
                    peer, PARTY_SIZE, (int64_t)clock_now(), why);
}

int vault_judging_counts(struct vault *vault, int64_t domain, struct vault_judging_counts *out, struct err *err)
{
    bool row = true;
    int rc = 0;
    memset(out, 0, sizeof *out);
    sqlite3_stmt *s =
        vault_bind(vault, err, "SELECT state, count(*) FROM judging WHERE domain = ? GROUP BY state", "i", domain);
    if (s == NULL)
        return err_code(err);
    while ((rc = vault_step(vault, s, &row, err)) == 0 && row) {
        const int64_t state = sqlite3_column_int64(s, 0);
        out->pairs += (uint64_t)sqlite3_column_int64(s, 1);
        if (state >= 0 && (size_t)state < ARRAY_LEN(out->state))
            out->state[state] = (uint64_t)sqlite3_column_int64(s, 1);
    }
    sqlite3_reset(s);
    return rc != 0 ? rc
                   : sum(vault,
                         vault_bind(vault, err, "SELECT count(*) FROM judging_refusal WHERE domain = ?", "i", domain),
                         &out->refused, err);
}

int vault_judging_with(struct vault *vault, int64_t domain, const uint8_t peer[PARTY_DIGEST_SIZE], uint64_t *judged,
                       uint64_t *matches, struct err *err)
{
    int rc =
        sum(vault,
            vault_bind(vault, err, "SELECT count(*) FROM judging WHERE domain = ? AND peer = ? AND state IN (?, ?)",
                       "ibii", domain, peer, PARTY_SIZE, (int64_t)JUDGE_JUDGED, (int64_t)JUDGE_DIFFERENT),
            judged, err);
    return rc != 0
               ? rc
               : sum(vault,
                     vault_bind(vault, err,
                                "SELECT count(*) FROM judging WHERE domain = ? AND peer = ? AND state = ? AND accepted",
                                "ibi", domain, peer, PARTY_SIZE, (int64_t)JUDGE_JUDGED),
                     matches, err);
}

/* --- elements, handles --- */

static int view_record(struct vault *v, int64_t domain, const struct vault_ref *record, struct record_view *out,
                       struct err *err)
{
    struct vault_domain *d;
    struct span value;
    bool found = false;
    int rc = vault_shelves(v, domain, &d, err);
    if (rc == 0)
        rc = shelf_get(&d->shelf[SHELF_RECORD], record->bytes, &value, &found, err);
    if (rc == 0 && !found)
        return err_set(err, ERR_NOT_FOUND, "the vault has no such record");
    if (rc == 0)
        rc = record_parse(out, value, err);
    return rc;
}

int vault_record_handle(struct vault *vault, int64_t domain, const struct vault_ref *record, uint8_t out[HANDLE_SIZE],
                        struct err *err)
{
    struct record_view view;
    int rc = view_record(vault, domain, record, &view, err);
    if (rc == 0)
        record_handle(out, view.seed);
    return rc;
}

int vault_elements(struct vault *vault, const struct vault_judging *pair, struct buf *packed, struct err *err)
{
    struct record_view view;
    bool row = false;
    sqlite3_stmt *s = vault_bind(vault, err,
                                 "SELECT elements FROM judging WHERE number = ? AND elements IS NOT NULL"
                                 " AND length(elements) > 0",
                                 "i", pair->number);
    int rc = vault_step(vault, s, &row, err);
    if (rc != 0)
        return rc;
    if (row) {
        const struct span own = vault_column(s, 0);
        rc = buf_put(packed, own.data, own.len, err);
        sqlite3_reset(s);
        return rc;
    }
    rc = view_record(vault, pair->domain, &pair->record, &view, err);
    if (rc == 0)
        rc = buf_put(packed, view.elements.data, view.elements.len, err);
    return rc;
}

/* --- exchanges --- */

int vault_exchange_put(struct vault *vault, const struct vault_exchange *exchange, int64_t *number, struct err *err)
{
    const struct vault_exchange *x = exchange;
    int rc = vault_do(vault, err,
                      "INSERT OR IGNORE INTO exchange(domain, peer, id, begins, packed, at) VALUES(?, ?, ?, ?, ?, ?)",
                      "ibbibi", x->domain, x->peer, PARTY_SIZE, x->id, sizeof x->id, (int64_t)x->begins, x->packed.data,
                      x->packed.len, (int64_t)clock_now());
    if (rc == 0 && sqlite3_changes(vault->db) == 0)
        return err_set(err, ERR_CONFLICT, "an exchange of judging of this id is there already");
    *number = sqlite3_last_insert_rowid(vault->db);
    return rc;
}

int vault_exchange_set(struct vault *vault, int64_t number, struct span packed, struct err *err)
{
    return vault_do(vault, err, "UPDATE exchange SET packed = ?, at = ? WHERE number = ?", "bii", packed.data,
                    packed.len, (int64_t)clock_now(), number);
}

int vault_exchange_find(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const uint8_t id[16], bool begins,
                        struct vault_exchange *out, bool *found, struct err *err)
{
    *out = (struct vault_exchange){.begins = begins, .packed = buf_of(EXCHANGE_MAX)};
    memcpy(out->peer, peer, PARTY_DIGEST_SIZE);
    memcpy(out->id, id, sizeof out->id);
    sqlite3_stmt *s =
        vault_bind(vault, err, "SELECT number, domain, packed FROM exchange WHERE peer = ? AND id = ? AND begins = ?",
                   "bbi", peer, PARTY_SIZE, id, (size_t)16, (int64_t)begins);
    int rc = vault_step(vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    const struct span packed = vault_column(s, 2);
    out->number = sqlite3_column_int64(s, 0);
    out->domain = sqlite3_column_int64(s, 1);
    rc = buf_put(&out->packed, packed.data, packed.len, err);
    sqlite3_reset(s);
    return rc;
}

void vault_judging_secret(const struct vault *vault, uint8_t out[32])
{
    static const char label[] = "concord judge secret";
    vault_digest(vault, span_of(label, sizeof label), out);
}
