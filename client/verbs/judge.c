/* judge list, show, release: what became of pairs that opened. */
#include "client/verbs/officer.h"
#include "client/verbs/verbs.h"

#include "client/review/judged.h"
#include "protocol/base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    uint64_t count;
    char by[SETTINGS_TEXT_MAX];
    bool json;
};

static int list(struct agency *a, const struct options *o, struct err *err)
{
    json_t *array = o->json ? json_array() : NULL;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        if (a->purpose[i].region->kind == REGION_MATCH)
            rc = judged_list(a, &a->purpose[i], array, err);
    if (rc == 0 && array != NULL) {
        json_dumpf(array, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(array);
    return rc;
}

static int find_pair(struct agency *a, const char *text, struct vault_judging *out, struct err *err)
{
    char *end = NULL;
    const long long number = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || number <= 0)
        return err_set(err, ERR_USAGE, "\"%s\" is no number of a pair (see: judge list)", text);
    return vault_judging_get(a->vault, number, out, err);
}

static int show(struct agency *a, const struct vault_judging *pair, struct err *err)
{
    char words[JUDGED_WORDS_MAX], id[VAULT_ID_MAX + 1];
    int rc = vault_record_id(a->vault, pair->domain, &pair->record, id, err);
    if (rc == ERR_NOT_FOUND)
        snprintf(id, sizeof id, "%s", judged_without_record(pair));
    else if (rc != 0)
        return rc;
    judged_in_words(words, pair);
    printf("record %s with a record of %s: %s\n", id, pair->partner, words);
    return judged_print(a, pair, err);
}

/* --- release --- */

static int name_officer(struct call *call, struct err *err)
{
    const struct client_config *config = call->config;
    struct options *o = call->options;
    int rc = officer_name(o->by, config->officer, "--by", err);
    return rc != 0 || strlen(o->by) <= REVIEW_BY_MAX
               ? rc
               : err_set(err, ERR_USAGE, "say who releases with --by NAME, of %d bytes at most", REVIEW_BY_MAX);
}

/* What is released: more records of a partner, against one record of ours or against each. */
struct more {
    struct vault_judging_release release;
    const struct agency_purpose *purpose;
    char partner[PARTY_NAME_MAX + 1];
};

/*
 * What is signed: part("concord judge release v1") and, each behind its length, all that the release is about. Where it
 * is for each record, that is empty.
 */
static int write_statement(struct buf *out, const struct agency *a, const struct more *m, struct err *err)
{
    static const char label[] = "concord judge release v1";
    const struct vault_judging_release *r = &m->release;
    uint8_t own[PARTY_DIGEST_SIZE], numbers[16];
    party_digest(own, &a->identity->party);
    bytes_put_u64be(numbers, r->count);
    bytes_put_u64be(numbers + 8, clock_now());
    const struct span part[] = {
        span_of(label, sizeof label - 1),
        span_of(a->region->name, strlen(a->region->name)),
        span_of(m->purpose->region->name, strlen(m->purpose->region->name)),
        span_of(own, sizeof own),
        span_of(r->peer, sizeof r->peer),
        span_of(r->record != NULL ? r->record->bytes : NULL, r->record != NULL ? sizeof r->record->bytes : 0),
        span_of(numbers, sizeof numbers),
        span_of(r->by, strlen(r->by))};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(part); i++)
        rc = buf_put_part(out, part[i], err);
    return rc;
}

static int sign_and_keep(struct agency *a, struct more *m, struct err *err)
{
    struct buf statement = buf_of(1024);
    int rc = write_statement(&statement, a, m, err);
    if (rc == 0) {
        crypto_sign_detached(m->release.signature, NULL, statement.data, statement.len, a->identity->sign_secret);
        m->release.domain = m->purpose->domain;
        m->release.statement = buf_span(&statement);
        rc = vault_judging_release(a->vault, &m->release, err);
    }
    buf_free(&statement);
    return rc;
}

static int release_pair(struct agency *a, struct more *m, const char *number, struct err *err)
{
    struct vault_judging pair;
    int rc = find_pair(a, number, &pair, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < a->purposes; i++)
        if (a->purpose[i].domain == pair.domain)
            m->purpose = &a->purpose[i];
    if (m->purpose == NULL)
        return err_set(err, ERR_NOT_FOUND, "pair %s is of an epoch that is over", number);
    m->release.record = &pair.record;
    memcpy(m->release.peer, pair.peer, sizeof m->release.peer);
    snprintf(m->partner, sizeof m->partner, "%s", pair.partner);
    return sign_and_keep(a, m, err);
}

static int release_partner(struct agency *a, struct more *m, int partner, struct err *err)
{
    int rc = 0;
    memcpy(m->release.peer, a->region->digests[partner], sizeof m->release.peer);
    snprintf(m->partner, sizeof m->partner, "%s", a->region->agencies[partner].name);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        m->purpose = &a->purpose[i];
        if (m->purpose->region->kind == REGION_MATCH)
            rc = sign_and_keep(a, m, err);
    }
    return rc;
}

static int release(struct call *call, const char *what, struct err *err)
{
    struct agency *a = call->opened;
    const struct options *o = call->options;
    struct more more = {.purpose = NULL};
    const int partner = region_find_agency(a->region, what);
    int rc = o->count > 0 ? name_officer(call, err) : err_set(err, ERR_USAGE, "say how many more with --count N");
    more.release.count = o->count;
    more.release.by = o->by;
    if (rc == 0)
        rc = vault_begin(a->vault, err);
    if (rc == 0)
        rc = partner >= 0 ? release_partner(a, &more, partner, err) : release_pair(a, &more, what, err);
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    if (rc == 0)
        printf("%llu more records of %s may be judged against %s within a year\n", (unsigned long long)o->count,
               more.partner, partner >= 0 ? "each record" : "this record");
    return rc;
}

/* --- the verb --- */

static int run(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    struct vault_judging pair;
    const char *what = call->operands > 0 ? call->operand[0] : "list";
    if (strcmp(what, "list") == 0)
        return call->operands > 1 ? err_set(err, ERR_USAGE, "judge list takes no number") : list(a, call->options, err);
    if (strcmp(what, "show") != 0 && strcmp(what, "release") != 0)
        return err_set(err, ERR_USAGE, "judge has no %s: it is list, show or release", what);
    if (call->operands != 2)
        return err_set(err, ERR_USAGE, "judge %s takes the number of a pair (see: judge list)", what);
    if (strcmp(what, "release") == 0)
        return release(call, call->operand[1], err);
    int rc = find_pair(a, call->operand[1], &pair, err);
    return rc == 0 ? show(a, &pair, err) : rc;
}

static const struct setting settings[] = {
    {"count", NULL, NULL, SETTING_NUMBER, offsetof(struct options, count), "N",
     "release: how many more records of the partner may be judged against this record, or against each"},
    {"by", NULL, NULL, SETTING_TEXT, offsetof(struct options, by), "NAME",
     "who releases (default: [Agency] Officer, or the user of the machine)"},
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct options, json), NULL, "list: as an array of JSON objects"},
};

const struct verb judge_verb = {
    .name = "judge",
    .brief = "pairs of records that are judged with partners, element by element",
    .operands = "[list | show N | release N|PARTNER --count N]",
    .most = 2,
    .summary = "The pairs of records whose handles opened, and what judging them with the partners came to.",
    .more =
        "A record is judged against so many records of a partner in a year as the manifest says. `release` lets\n"
        "more be, against the record of pair N or, of PARTNER, against each; the officer's statement is signed and\n"
        "kept in the vault. A vault that was put back, or is new, does not know what was judged: nothing is for a\n"
        "year, but what is released.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run,
};
