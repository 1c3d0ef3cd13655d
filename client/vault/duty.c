#include "client/vault/duty.h"

#include "client/vault/judging.h"
#include "client/vault/vault_internal.h"

static int read_duty(sqlite3_stmt *s, struct vault_duty *out, struct err *err)
{
    *out = (struct vault_duty){.letter = sqlite3_column_int64(s, 0),
                               .kind = (enum letter_kind)sqlite3_column_int(s, 1),
                               .urgency = (uint64_t)sqlite3_column_int64(s, 2),
                               .at = (uint64_t)sqlite3_column_int64(s, 3),
                               .due = (uint64_t)sqlite3_column_int64(s, 4),
                               .calls = (unsigned)sqlite3_column_int(s, 5),
                               .called = (uint64_t)sqlite3_column_int64(s, 6),
                               .reminded = sqlite3_column_int(s, 7) != 0,
                               .late = sqlite3_column_int(s, 8) != 0};
    if (out->kind != LETTER_ASK)
        out->urgency = 0;
    int rc = vault_column_bytes(out->peer, sizeof out->peer, s, 9, "inquiry", err);
    return rc == 0 ? vault_column_text(out->purpose, PARTY_NAME_MAX, s, 10, "inquiry", err) : rc;
}

int vault_duties(struct vault *vault, vault_visit_duty *visit, void *context, struct err *err)
{
    struct vault_duty duty;
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(vault, err,
                   "SELECT l.number, l.kind, l.code, l.at, l.due, ifnull(d.calls, 0), ifnull(d.called, 0),"
                   " ifnull(d.reminded, 0), ifnull(d.late, 0), i.peer, i.purpose FROM inquiry_letter l"
                   " JOIN inquiry i ON i.number = l.inquiry LEFT JOIN duty d ON d.letter = l.number"
                   " WHERE l.state = ? AND l.ours = 0 ORDER BY l.number",
                   "i", (int64_t)INQUIRY_OPEN);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        rc = read_duty(s, &duty, err);
        if (rc == 0)
            rc = visit(context, &duty, err);
    }
    sqlite3_reset(s);
    return rc;
}

int vault_duty_set(struct vault *vault, const struct vault_duty *duty, struct err *err)
{
    return vault_do(
        vault, err, "INSERT OR REPLACE INTO duty(letter, calls, called, reminded, late) VALUES(?, ?, ?, ?, ?)", "iiiii",
        duty->letter, (int64_t)duty->calls, (int64_t)duty->called, (int64_t)duty->reminded, (int64_t)duty->late);
}

int vault_duty_judged(struct vault *vault, uint64_t now, vault_visit_judged *visit, void *context, struct err *err)
{
    uint64_t since = 0;
    bool row = true;
    int rc = vault_meta_number(vault, "duty-judged", &since, err);
    if (rc == 0)
        rc = vault_do(vault, err, "INSERT OR REPLACE INTO meta VALUES('duty-judged', ?)", "i", (int64_t)now);
    if (rc != 0 || since == 0)
        return rc;
    sqlite3_stmt *s = vault_bind(vault, err,
                                 "SELECT j.partner, d.purpose, count(*) FROM judging j JOIN domain d ON d.number ="
                                 " j.domain WHERE j.state = ? AND j.accepted = 1 AND j.live = 1 AND j.at >= ? AND"
                                 " j.at < ? GROUP BY 1, 2",
                                 "iii", (int64_t)JUDGE_JUDGED, (int64_t)since, (int64_t)now);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        char partner[PARTY_NAME_MAX + 1], purpose[PARTY_NAME_MAX + 1];
        rc = vault_column_text(partner, PARTY_NAME_MAX, s, 0, "pair", err);
        if (rc == 0)
            rc = vault_column_text(purpose, PARTY_NAME_MAX, s, 1, "pair", err);
        if (rc == 0)
            rc = visit(context, partner, purpose, (uint64_t)sqlite3_column_int64(s, 2), err);
    }
    sqlite3_reset(s);
    return rc;
}
