/* judge list, show, release: what became of pairs that opened. */
#include "client/verbs/verbs.h"

#include "client/review/judged.h"
#include "protocol/base/clock.h"

#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int name_officer(struct options *o, struct err *err)
{
    const struct passwd *user = o->by[0] == '\0' ? getpwuid(getuid()) : NULL;
    if (user != NULL)
        snprintf(o->by, sizeof o->by, "%s", user->pw_name);
    return o->by[0] != '\0' && strlen(o->by) <= REVIEW_BY_MAX
               ? 0
               : err_set(err, ERR_USAGE, "say who releases with --by NAME, of %d bytes at most", REVIEW_BY_MAX);
}

/* What is signed: part("concord judge release v1") and, each behind its length, all that the release is about. */
static int write_statement(struct buf *out, const struct agency *a, const struct vault_judging *pair,
                           const struct options *o, struct err *err)
{
    static const char label[] = "concord judge release v1";
    uint8_t own[PARTY_DIGEST_SIZE], numbers[16];
    party_digest(own, &a->identity->party);
    bytes_put_u64be(numbers, o->count);
    bytes_put_u64be(numbers + 8, clock_now());
    const struct span part[] = {span_of(label, sizeof label - 1),
                                span_of(a->region->name, strlen(a->region->name)),
                                span_of(own, sizeof own),
                                span_of(pair->peer, sizeof pair->peer),
                                span_of(pair->record.bytes, sizeof pair->record.bytes),
                                span_of(numbers, sizeof numbers),
                                span_of(o->by, strlen(o->by))};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(part); i++)
        rc = buf_put_part(out, part[i], err);
    return rc;
}

static int release(struct agency *a, const struct vault_judging *pair, struct options *o, struct err *err)
{
    uint8_t signature[crypto_sign_BYTES];
    struct buf statement = buf_of(1024);
    int rc = o->count > 0 ? name_officer(o, err) : err_set(err, ERR_USAGE, "say how many more with --count N");
    if (rc == 0)
        rc = write_statement(&statement, a, pair, o, err);
    if (rc == 0) {
        crypto_sign_detached(signature, NULL, statement.data, statement.len, a->identity->sign_secret);
        rc = vault_begin(a->vault, err);
    }
    if (rc == 0)
        rc = vault_judging_release(a->vault, pair, o->count, o->by, buf_span(&statement), signature, err);
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    if (rc == 0)
        printf("%llu more records of %s may be judged against this record within a year\n",
               (unsigned long long)o->count, pair->partner);
    buf_free(&statement);
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
    int rc = find_pair(a, call->operand[1], &pair, err);
    if (rc == 0)
        rc = strcmp(what, "show") == 0 ? show(a, &pair, err) : release(a, &pair, call->options, err);
    return rc;
}

static const struct setting settings[] = {
    {"count", NULL, NULL, SETTING_NUMBER, offsetof(struct options, count), "N",
     "release: how many more records of the partner may be judged against this record"},
    {"by", NULL, NULL, SETTING_TEXT, offsetof(struct options, by), "NAME",
     "who releases (default: the user of the machine)"},
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct options, json), NULL, "list: as an array of JSON objects"},
};

const struct verb judge_verb = {
    .name = "judge",
    .brief = "pairs of records that are judged with partners, element by element",
    .operands = "[list | show N | release N --count N]",
    .most = 2,
    .summary = "The pairs of records whose handles opened, and what judging them with the partners came to.",
    .more = "A record is judged against so many records of a partner in a year as the manifest says. `release` lets\n"
            "more be; the officer's statement is signed and kept in the vault.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run,
};
