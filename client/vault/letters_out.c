/* Letters that go out: streams, the way from being queued to being acknowledged. */
#include "client/vault/letters.h"

#include "client/vault/vault_internal.h"
#include "protocol/base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/*
 * Rows: id is NULL while it waits to be sealed; sent 0 until the matcher has it; done 0 until it is acknowledged or
 * given up.
 */

/* --- streams --- */

struct place {
    uint8_t stream[LETTER_STREAM_SIZE], last[32];
    uint64_t number;
};

static int find_stream(struct vault *v, const uint8_t peer[PARTY_DIGEST_SIZE], struct place *out, bool *found,
                       struct err *err)
{
    sqlite3_stmt *s = vault_bind(v, err, "SELECT stream, last, place FROM letter_stream WHERE peer = ?", "b", peer,
                                 (size_t)PARTY_DIGEST_SIZE);
    int rc = vault_step(v, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = vault_column_bytes(out->stream, sizeof out->stream, s, 0, "stream", err);
    if (rc == 0)
        rc = vault_column_bytes(out->last, sizeof out->last, s, 1, "stream", err);
    out->number = (uint64_t)sqlite3_column_int64(s, 2);
    sqlite3_reset(s);
    return rc;
}

static int put_stream(struct vault *v, const uint8_t peer[PARTY_DIGEST_SIZE], const struct place *at, struct err *err)
{
    return vault_do(v, err, "INSERT OR REPLACE INTO letter_stream(peer, stream, last, place) VALUES(?, ?, ?, ?)",
                    "bbbi", peer, (size_t)PARTY_DIGEST_SIZE, at->stream, sizeof at->stream, at->last, sizeof at->last,
                    (int64_t)at->number);
}

int vault_stream_renew(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], struct err *err)
{
    struct place at = {.number = 0}, old;
    bool found = false;
    int rc = find_stream(vault, peer, &old, &found, err);
    if (rc != 0)
        return rc;
    letter_stream_begins(at.last, found ? old.stream : NULL);
    randombytes_buf(at.stream, sizeof at.stream);
    return put_stream(vault, peer, &at, err);
}

/* Gives the letter its place, which is the last in the stream from now on. */
static int take_place(struct vault *v, const uint8_t peer[PARTY_DIGEST_SIZE], struct letter *letter, struct err *err)
{
    struct place at;
    bool found = false;
    int rc = find_stream(v, peer, &at, &found, err);
    if (rc == 0 && !found) {
        rc = vault_stream_renew(v, peer, err);
        if (rc == 0)
            rc = find_stream(v, peer, &at, &found, err);
    }
    if (rc == 0 && !found)
        rc = vault_damaged("stream of letters", err);
    if (rc != 0)
        return rc;
    memcpy(letter->stream, at.stream, sizeof letter->stream);
    memcpy(letter->before, at.last, sizeof letter->before);
    letter->number = ++at.number;
    letter_digest(at.last, letter);
    return put_stream(v, peer, &at, err);
}

/* --- queueing --- */

int vault_letter_put(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const char *purpose,
                     const struct letter *letter, struct err *err)
{
    struct letter l = *letter;
    const bool control = letter_is_control(l.kind);
    int rc = control ? 0 : take_place(vault, peer, &l, err);
    if (rc == 0)
        rc = vault_do(
            vault, err,
            "INSERT INTO letter_out(peer, purpose, kind, thread, stream, place, before, part, parts, body, queued,"
            " tries, sent, until, done) VALUES(?, ?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?, ?, 0, 0, 0, 0)",
            "btibbibiibi", peer, (size_t)PARTY_DIGEST_SIZE, purpose, (int64_t)l.kind, l.thread, sizeof l.thread,
            l.stream, sizeof l.stream, (int64_t)l.number, l.before, sizeof l.before, (int64_t)l.part, (int64_t)l.parts,
            l.body.data, l.body.len, (int64_t)clock_now());
    return rc;
}

/* --- reading --- */

#define LETTER_COLUMNS                                                                                                 \
    "number, peer, purpose, kind, thread, stream, place, before, part, parts, body, id, sealed, time, epoch"

static int read_head(struct vault_letter *out, sqlite3_stmt *s, struct err *err)
{
    struct letter *l = &out->letter;
    *out = (struct vault_letter){.number = sqlite3_column_int64(s, 0)};
    l->kind = (enum letter_kind)sqlite3_column_int(s, 3);
    l->number = (uint64_t)sqlite3_column_int64(s, 6);
    l->part = (uint16_t)sqlite3_column_int(s, 8);
    l->parts = (uint16_t)sqlite3_column_int(s, 9);
    int rc = vault_column_bytes(out->peer, sizeof out->peer, s, 1, "letter", err);
    if (rc == 0)
        rc = vault_column_text(out->purpose, PARTY_NAME_MAX, s, 2, "letter", err);
    if (rc == 0)
        rc = vault_column_bytes(l->thread, sizeof l->thread, s, 4, "letter", err);
    if (rc == 0)
        rc = vault_column_bytes(l->stream, sizeof l->stream, s, 5, "letter", err);
    if (rc == 0)
        rc = vault_column_bytes(l->before, sizeof l->before, s, 7, "letter", err);
    return rc;
}

/* The body and what it was sealed to go into bytes, one behind the other. */
static int read_letter(struct vault_letter *out, sqlite3_stmt *s, struct buf *bytes, struct err *err)
{
    const struct span body = vault_column(s, 10), id = vault_column(s, 11), sealed = vault_column(s, 12);
    buf_clear(bytes);
    int rc = read_head(out, s, err);
    if (rc == 0)
        rc = buf_put(bytes, body.data, body.len, err);
    if (rc == 0)
        rc = buf_put(bytes, sealed.data, sealed.len, err);
    if (rc != 0)
        return rc;
    if (id.len == sizeof out->request.id)
        memcpy(out->request.id, id.data, id.len);
    out->request.time = (uint64_t)sqlite3_column_int64(s, 13);
    out->request.epoch = (uint32_t)sqlite3_column_int64(s, 14);
    out->letter.body = span_of(bytes->data, body.len);
    out->sealed = span_of(bytes->data + body.len, sealed.len);
    return 0;
}

static int next_letter(struct vault *v, sqlite3_stmt *s, struct vault_letter *out, struct buf *bytes, bool *found,
                       struct err *err)
{
    int rc = vault_step(v, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = read_letter(out, s, bytes, err);
    sqlite3_reset(s);
    return rc;
}

int vault_letter_waiting(struct vault *vault, int64_t after, struct vault_letter *out, struct buf *bytes, bool *found,
                         struct err *err)
{
    return next_letter(vault,
                       vault_bind(vault, err,
                                  "SELECT " LETTER_COLUMNS " FROM letter_out WHERE number > ? AND id IS NULL AND"
                                  " done = 0 ORDER BY number LIMIT 1",
                                  "i", after),
                       out, bytes, found, err);
}

int vault_letter_sealed(struct vault *vault, int64_t after, struct vault_letter *out, struct buf *bytes, bool *found,
                        struct err *err)
{
    return next_letter(vault,
                       vault_bind(vault, err,
                                  "SELECT " LETTER_COLUMNS " FROM letter_out WHERE number > ? AND id IS NOT NULL AND"
                                  " sent = 0 AND done = 0 ORDER BY number LIMIT 1",
                                  "i", after),
                       out, bytes, found, err);
}

int vault_letter_peers(struct vault *vault, uint8_t (*out)[PARTY_DIGEST_SIZE], size_t max, size_t *count,
                       struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(
        vault, err, "SELECT DISTINCT peer FROM letter_out WHERE id IS NULL AND done = 0 ORDER BY peer LIMIT ?", "i",
        (int64_t)max);
    *count = 0;
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row)
        rc = vault_column_bytes(out[(*count)++], PARTY_DIGEST_SIZE, s, 0, "letter", err);
    sqlite3_reset(s);
    return rc;
}

/* --- on its way --- */

int vault_letter_seal(struct vault *vault, int64_t number, uint64_t until, const struct vault_letter_request *request,
                      struct span sealed, struct err *err)
{
    return vault_do(vault, err,
                    "UPDATE letter_out SET until = ?, id = ?, ephemeral = ?, sealed = ?, time = ?, epoch = ?, sent = 0,"
                    " tries = tries + 1, why = NULL WHERE number = ?",
                    "ibbbiii", (int64_t)until, request->id, sizeof request->id, letter_ephemeral(sealed), (size_t)32,
                    sealed.data, sealed.len, (int64_t)request->time, (int64_t)request->epoch, number);
}

int vault_letter_unseal(struct vault *vault, int64_t number, struct err *err)
{
    return vault_do(vault, err, "UPDATE letter_out SET id = NULL, sealed = NULL, ephemeral = NULL WHERE number = ?",
                    "i", number);
}

int vault_letter_sent(struct vault *vault, int64_t number, struct err *err)
{
    int rc = vault_do(vault, err, "DELETE FROM letter_out WHERE number = ? AND place IS NULL", "i", number);
    if (rc == 0)
        rc = vault_do(vault, err, "UPDATE letter_out SET sent = ?, sealed = NULL, why = NULL WHERE number = ?", "ii",
                      (int64_t)clock_now(), number);
    return rc;
}

int vault_letter_why(struct vault *vault, int64_t number, const char *why, struct err *err)
{
    char cut[LETTER_WHY_MAX + 1];
    snprintf(cut, sizeof cut, "%s", why);
    return vault_do(vault, err, "UPDATE letter_out SET why = ? WHERE number = ?", "ti", cut, number);
}

/* Parts keep their bodies until all are acknowledged: should one have to go into another stream, all do. */
int vault_letter_acknowledge(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const uint8_t stream[16],
                             uint64_t place, bool *found, struct err *err)
{
    const size_t peer_size = PARTY_DIGEST_SIZE, stream_size = LETTER_STREAM_SIZE;
    int rc = vault_do(vault, err,
                      "UPDATE letter_out SET done = ?, sealed = NULL, why = NULL"
                      " WHERE peer = ? AND stream = ? AND place = ? AND done = 0",
                      "ibbi", (int64_t)clock_now(), peer, peer_size, stream, stream_size, (int64_t)place);
    *found = rc == 0 && sqlite3_changes(vault->db) > 0;
    if (rc == 0 && *found)
        rc = vault_do(
            vault, err,
            "UPDATE letter_out SET body = NULL WHERE peer = ?1 AND stream = ?2 AND place - part ="
            " (SELECT place - part FROM letter_out WHERE peer = ?1 AND stream = ?2 AND place = ?3) AND NOT EXISTS"
            " (SELECT 1 FROM letter_out o WHERE o.peer = ?1 AND o.stream = ?2 AND"
            " o.place - o.part = letter_out.place - letter_out.part AND o.done = 0)",
            "bbi", peer, peer_size, stream, stream_size, (int64_t)place);
    return rc;
}

/* All parts of the body that the letter is one of, which stand in a row in the same stream, get new places. */
static int move_parts(struct vault *v, const struct vault_letter *one, struct err *err)
{
    const uint64_t first = one->letter.number - (one->letter.part - 1u);
    struct buf bytes = buf_of(LETTER_SIZE_MAX * 2);
    int rc = vault_stream_renew(v, one->peer, err);
    for (uint64_t place = first; rc == 0 && place < first + one->letter.parts; place++) {
        struct vault_letter part;
        bool found = false;
        rc = next_letter(v,
                         vault_bind(v, err,
                                    "SELECT " LETTER_COLUMNS " FROM letter_out WHERE peer = ? AND stream = ? AND"
                                    " place = ? AND body IS NOT NULL",
                                    "bbi", one->peer, sizeof one->peer, one->letter.stream, sizeof one->letter.stream,
                                    (int64_t)place),
                         &part, &bytes, &found, err);
        if (rc == 0 && found)
            rc = take_place(v, part.peer, &part.letter, err);
        if (rc == 0 && found)
            rc = vault_do(v, err,
                          "UPDATE letter_out SET stream = ?, place = ?, before = ?, id = NULL, sealed = NULL, sent = 0,"
                          " done = 0 WHERE number = ?",
                          "bibi", part.letter.stream, sizeof part.letter.stream, (int64_t)part.letter.number,
                          part.letter.before, sizeof part.letter.before, part.number);
    }
    buf_free(&bytes);
    return rc;
}

int vault_letter_again(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const uint8_t ephemeral[32],
                       bool taken, struct err *err)
{
    struct buf bytes = buf_of(LETTER_SIZE_MAX * 2);
    struct vault_letter letter;
    bool found = false;
    int rc = next_letter(vault,
                         vault_bind(vault, err,
                                    "SELECT " LETTER_COLUMNS " FROM letter_out WHERE peer = ? AND ephemeral = ? AND"
                                    " done = 0",
                                    "bb", peer, (size_t)PARTY_DIGEST_SIZE, ephemeral, (size_t)32),
                         &letter, &bytes, &found, err);
    if (rc == 0 && found)
        rc = vault_do(vault, err,
                      "UPDATE letter_out SET id = NULL, sealed = NULL, ephemeral = NULL, sent = 0,"
                      " why = 'the recipient could not open it', done = CASE WHEN tries < ? THEN 0 ELSE ? END"
                      " WHERE number = ?",
                      "iii", (int64_t)LETTER_TRIES_MAX, (int64_t)clock_now(), letter.number);
    if (rc == 0 && found && taken)
        rc = move_parts(vault, &letter, err);
    buf_free(&bytes);
    return rc;
}

#define OLD_PLACES                                                                                                        \
    " FROM letter_place WHERE at < ? AND place < (SELECT max(place) FROM letter_place l WHERE l.peer = letter_place.peer" \
    " AND l.stream = letter_place.stream)"

/* Places of letters whose senders have given up long ago: they are counted, and of each stream the last one stays. */
static int forget_places(struct vault *v, int64_t before, struct err *err)
{
    int rc = vault_do(v, err,
                      "INSERT INTO letter_past SELECT peer, stream, count(*)" OLD_PLACES " GROUP BY peer, stream"
                      " ON CONFLICT DO UPDATE SET came = came + excluded.came",
                      "i", before);
    if (rc == 0)
        rc = vault_do(v, err, "DELETE" OLD_PLACES, "i", before);
    return rc;
}

int vault_letters_age(struct vault *vault, uint64_t now, struct err *err)
{
    const int64_t at = (int64_t)now;
    int rc = vault_do(vault, err,
                      "UPDATE letter_out SET id = NULL, sealed = NULL, ephemeral = NULL, sent = 0 WHERE done = 0 AND"
                      " id IS NOT NULL AND until + CASE WHEN sent = 0 THEN 0 ELSE ? END < ?",
                      "ii", (int64_t)PREKEY_KEPT, at);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM letter_out WHERE done > 0 AND done + ? < ?", "ii",
                      (int64_t)LETTER_LISTED, at);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM letter_in WHERE state > 0 AND at + ? < ?", "ii", (int64_t)LETTER_LISTED,
                      at);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM letter_seen WHERE until < ?", "i", at);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM letter_receipt WHERE at + ? < ?", "ii", (int64_t)RECEIPT_KEPT_SECONDS,
                      at);
    if (rc == 0)
        rc = forget_places(vault, at - (int64_t)LETTER_TRIES_MAX * LETTER_LIFE, err);
    return rc;
}
