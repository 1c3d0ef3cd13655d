/*
 * What others should not have done: evidence, mail that nobody granted, payloads that do not open; and counts of
 * questions.
 */
#include "client/vault/vault_internal.h"
#include "protocol/base/clock.h"

#include <stdio.h>
#include <string.h>

#define EVIDENCE_EACH 20 /* of one kind and party: who cheats a thousand times is no news, and hides nobody else's */
#define ASKED_SECONDS (INT64_C(400) * 86400)

/* --- evidence --- */

int vault_evidence_put(struct vault *vault, const struct vault_evidence *evidence, struct err *err)
{
    uint8_t mark[16];
    vault_hash(vault, mark, evidence->mark.data, evidence->mark.len);
    return vault_do(vault, err,
                    "INSERT OR IGNORE INTO evidence(kind, party, mark, text) SELECT ?1, ?2, ?3, ?4"
                    " WHERE (SELECT count(*) FROM evidence WHERE kind = ?1 AND party = ?2) < ?5",
                    "ttbbi", evidence->kind, evidence->party, mark, sizeof mark, evidence->text.data,
                    evidence->text.len, (int64_t)EVIDENCE_EACH);
}

int vault_evidence(struct vault *vault, vault_visit_evidence *visit, void *context, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT number, kind, party, text FROM evidence ORDER BY number", "");
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        const struct vault_evidence evidence = {.number = sqlite3_column_int64(s, 0),
                                                .kind = (const char *)sqlite3_column_text(s, 1),
                                                .party = (const char *)sqlite3_column_text(s, 2),
                                                .text = vault_column(s, 3)};
        rc = visit(context, &evidence, err);
    }
    sqlite3_reset(s);
    return rc;
}

/* --- parties without a mutual grant --- */

int vault_apart_note(struct vault *vault, const char *purpose, const uint8_t partner[PARTY_DIGEST_SIZE], bool apart,
                     struct err *err)
{
    if (!apart)
        return vault_do(vault, err, "DELETE FROM apart WHERE purpose = ? AND partner = ?", "tb", purpose, partner,
                        (size_t)PARTY_DIGEST_SIZE);
    return vault_do(vault, err, "INSERT OR IGNORE INTO apart(purpose, partner, since) VALUES(?, ?, ?)", "tbi", purpose,
                    partner, (size_t)PARTY_DIGEST_SIZE, (int64_t)clock_now());
}

int vault_apart_since(struct vault *vault, const char *purpose, const uint8_t partner[PARTY_DIGEST_SIZE],
                      uint64_t *since, struct err *err)
{
    int64_t number = 0;
    bool found;
    int rc = vault_number(vault,
                          vault_bind(vault, err, "SELECT since FROM apart WHERE purpose = ? AND partner = ?", "tb",
                                     purpose, partner, (size_t)PARTY_DIGEST_SIZE),
                          &number, &found, err);
    *since = (uint64_t)number;
    return rc;
}

/* --- payloads that do not open --- */

int vault_unopened_put(struct vault *vault, int64_t domain, const char *partner, const uint8_t tag[WIRE_TAG_SIZE],
                       bool question, struct err *err)
{
    return vault_do(vault, err, "INSERT OR IGNORE INTO unopened(domain, partner, tag, question) VALUES(?, ?, ?, ?)",
                    "itbi", domain, partner, tag, (size_t)WIRE_TAG_SIZE, (int64_t)question);
}

int vault_unopened_forget(struct vault *vault, int64_t domain, const char *partner, const uint8_t tag[WIRE_TAG_SIZE],
                          struct err *err)
{
    return vault_do(vault, err, "DELETE FROM unopened WHERE domain = ? AND partner = ? AND tag = ? AND question = 0",
                    "itb", domain, partner, tag, (size_t)WIRE_TAG_SIZE);
}

static int show_unopened(struct vault_unopened *group, vault_visit_unopened *visit, void *context, struct err *err)
{
    int rc = group->entries + group->questions > 0 ? visit(context, group, err) : 0;
    *group = (struct vault_unopened){.entries = 0};
    return rc;
}

static int note_holder(void *context, const struct vault_holder *holder, struct err *err)
{
    (void)holder;
    (void)err;
    *(bool *)context = true;
    return 0;
}

/* Counts a row of (partner, tag, question) in its partner's group, unless no record has the tag any more. */
static int count_unopened(struct vault *v, int64_t domain, sqlite3_stmt *s, struct vault_unopened *group,
                          struct err *err)
{
    uint8_t tag[WIRE_TAG_SIZE];
    bool held = false;
    int rc = vault_column_text(group->partner, PARTY_NAME_MAX, s, 0, "partner", err);
    if (rc == 0)
        rc = vault_column_bytes(tag, sizeof tag, s, 1, "tag", err);
    if (rc == 0)
        rc = vault_tag_holders(v, domain, tag, note_holder, &held, err);
    if (rc == 0 && held && sqlite3_column_int(s, 2) != 0)
        group->questions++;
    else if (rc == 0 && held)
        group->entries++;
    return rc;
}

int vault_unopened(struct vault *vault, int64_t domain, vault_visit_unopened *visit, void *context, struct err *err)
{
    struct vault_unopened group = {.entries = 0};
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(
        vault, err, "SELECT partner, tag, question FROM unopened WHERE domain = ? ORDER BY partner", "i", domain);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        if (strcmp(group.partner, (const char *)sqlite3_column_text(s, 0)) != 0)
            rc = show_unopened(&group, visit, context, err);
        if (rc == 0)
            rc = count_unopened(vault, domain, s, &group, err);
    }
    sqlite3_reset(s);
    if (rc == 0)
        rc = show_unopened(&group, visit, context, err);
    return rc;
}

int vault_unopened_any(struct vault *vault, bool *any, struct err *err)
{
    int64_t number;
    return vault_number(vault, vault_bind(vault, err, "SELECT 1 FROM unopened LIMIT 1", ""), &number, any, err);
}

/* --- counts of questions --- */

int vault_asked_put(struct vault *vault, const char *purpose, const struct vault_asked *asked, struct err *err)
{
    int rc =
        vault_do(vault, err, "INSERT OR IGNORE INTO asked(leaf, purpose, partner, day, count) VALUES(?, ?, ?, ?, ?)",
                 "ittii", (int64_t)asked->leaf, purpose, asked->partner, (int64_t)asked->day, (int64_t)asked->count);
    return rc != 0 ? rc
                   : vault_do(vault, err, "DELETE FROM asked WHERE day < ?", "i", (int64_t)clock_now() - ASKED_SECONDS);
}

int vault_asked(struct vault *vault, const char *purpose, vault_visit_asked *visit, void *context, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(
        vault, err, "SELECT leaf, partner, day, count FROM asked WHERE purpose = ? ORDER BY day DESC, partner", "t",
        purpose);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(vault, s, &row, err)) == 0 && row) {
        struct vault_asked asked = {.leaf = (uint64_t)sqlite3_column_int64(s, 0),
                                    .day = (uint64_t)sqlite3_column_int64(s, 2),
                                    .count = (uint64_t)sqlite3_column_int64(s, 3)};
        rc = vault_column_text(asked.partner, PARTY_NAME_MAX, s, 1, "partner", err);
        if (rc == 0)
            rc = visit(context, &asked, err);
    }
    sqlite3_reset(s);
    return rc;
}
