/* matches list, show, explain, confirm, dismiss, reopen, asked. */
#include "client/verbs/officer.h"
#include "client/verbs/since.h"
#include "client/verbs/verbs.h"

#include "client/review/explain.h"
#include "client/review/list.h"
#include "client/review/notices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct setting_list partners, kinds, states, records, map;
    const char *officer; /* of the configuration */
    char since[SETTINGS_TEXT_MAX], by[SETTINGS_TEXT_MAX], note[SETTINGS_TEXT_MAX], feed[SETTINGS_TEXT_MAX],
        encoding[SETTINGS_TEXT_MAX], dates[SETTINGS_TEXT_MAX], sheet[SETTINGS_TEXT_MAX];
    char sort[SETTINGS_TEXT_MAX];
    uint64_t min_score, page, limit;
    bool json, csv, keys;
};

/* --- list --- */

static int list(struct agency *a, const struct options *o, struct err *err)
{
    struct board_filter filter = {.partners = &o->partners,
                                  .kinds = &o->kinds,
                                  .states = &o->states,
                                  .records = &o->records,
                                  .min_score = o->min_score};
    const struct list_look look = {.form = o->json  ? LIST_JSON
                                           : o->csv ? LIST_CSV
                                                    : LIST_TABLE,
                                   .keys = o->keys,
                                   .page = o->page,
                                   .most = o->limit};
    struct board board;
    int rc = o->json && o->csv ? err_set(err, ERR_USAGE, "choose one of --json and --csv")
                               : since_parse(&filter.since, o->since, err);
    if (rc == 0)
        rc = board_sort_named(&filter.sort, o->sort, err);
    if (rc == 0)
        rc = board_load(&board, a, &filter, err);
    if (rc != 0)
        return rc;
    rc = list_print(&board, a, &look, err);
    board_free(&board);
    return rc != 0 || o->json || o->csv ? rc : notices_print_beside(a, err);
}

/* --- deciding --- */

/* All of them or none. */
static int decide(struct agency *a, struct options *o, enum review_state state, const int64_t *number, int count,
                  struct err *err)
{
    int rc = officer_name(o->by, o->officer, "--by", err);
    if (rc == 0)
        rc = vault_begin(a->vault, err);
    for (int i = 0; rc == 0 && i < count; i++)
        rc = vault_review_put(a->vault, number[i], state, o->by, o->note, err);
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    for (int i = 0; rc == 0 && i < count; i++)
        printf("match %lld is %s\n", (long long)number[i], review_state_name(state));
    return rc;
}

/* --- the verb --- */

static int parse_numbers(int64_t *out, int count, char **text, struct err *err)
{
    for (int i = 0; i < count; i++) {
        char *end = NULL;
        out[i] = strtoll(text[i], &end, 10);
        if (end == text[i] || *end != '\0' || out[i] <= 0)
            return err_set(err, ERR_USAGE, "\"%s\" is no number of a match (see: matches list)", text[i]);
    }
    return 0;
}

static int run_on(struct agency *a, struct options *o, const char *what, const int64_t *number, int count,
                  struct err *err)
{
    bool show = strcmp(what, "show") == 0, explains = strcmp(what, "explain") == 0;
    if (strcmp(what, "confirm") == 0)
        return decide(a, o, REVIEW_CONFIRMED, number, count, err);
    if (strcmp(what, "dismiss") == 0)
        return decide(a, o, REVIEW_DISMISSED, number, count, err);
    if (strcmp(what, "reopen") == 0)
        return decide(a, o, REVIEW_NEW, number, count, err);
    if (!show && !explains)
        return err_set(err, ERR_USAGE,
                       "matches has no %s: it is list, show, explain, confirm, dismiss, reopen or asked", what);
    if (count != 1)
        return err_set(err, ERR_USAGE, "matches %s takes one match at a time", what);
    const struct feed_options options = {.path = o->feed[0] != '\0' ? o->feed : NULL,
                                         .map = (const char *const *)o->map.item,
                                         .map_count = o->map.count,
                                         .encoding = o->encoding,
                                         .dates = o->dates,
                                         .sheet = o->sheet,
                                         .lenient = true};
    return show ? list_show(a, number[0], o->json, err) : explain(a, number[0], &options, err);
}

static int run(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    struct options *o = call->options;
    const struct client_config *config = call->config;
    const char *what = call->operands > 0 ? call->operand[0] : "list";
    o->officer = config->officer;
    int count = call->operands - 1;
    if (strcmp(what, "asked") == 0)
        return count > 0 ? err_set(err, ERR_USAGE, "matches asked takes no number") : notices_print(a, o->json, err);
    if (strcmp(what, "list") == 0)
        return count > 0 ? err_set(err, ERR_USAGE, "matches list takes no number; matches show takes one")
                         : list(a, o, err);
    const bool bare = what[0] >= '0' && what[0] <= '9' && count == 0; /* `matches 10` shows match 10 */
    char **numbers = bare ? call->operand : call->operand + 1;
    if (bare) {
        what = "show";
        count = 1;
    }
    int64_t *number = count > 0 ? calloc((size_t)count, sizeof *number) : NULL;
    int rc = count <= 0 ? err_set(err, ERR_USAGE, "matches %s wants the number of a match (see: matches list)", what)
             : number == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory")
                              : parse_numbers(number, count, numbers, err);
    if (rc == 0)
        rc = run_on(a, o, what, number, count, err);
    free(number);
    return rc;
}

static const struct setting settings[] = {
    {"partner", NULL, NULL, SETTING_LIST, offsetof(struct options, partners), "NAME",
     "list only matches with this partner; may be repeated"},
    {"kind", NULL, NULL, SETTING_LIST, offsetof(struct options, kinds), "KIND",
     "same-person, same-person-other-document, same-document-other-person or "
     "listed-document; may be repeated"},
    {"state", NULL, NULL, SETTING_LIST, offsetof(struct options, states), "STATE",
     "new, confirmed, dismissed or withdrawn; may be repeated"},
    {"min-score", NULL, NULL, SETTING_NUMBER, offsetof(struct options, min_score), "N",
     "list only matches with this score or a better one"},
    {"record", NULL, NULL, SETTING_LIST, offsetof(struct options, records), "ID",
     "list only matches of this record of yours; may be repeated"},
    {"sort", NULL, NULL, SETTING_TEXT, offsetof(struct options, sort), "ORDER",
     "person (default), score, newest or number"},
    {"limit", NULL, NULL, SETTING_NUMBER, offsetof(struct options, limit), "N", "so many on a page (default: all)"},
    {"page", NULL, NULL, SETTING_NUMBER, offsetof(struct options, page), "N", "which page, from 1"},
    {"since", NULL, NULL, SETTING_TEXT, offsetof(struct options, since), "WHEN",
     "list only what was found or withdrawn since: 2026-11-25, 12h, 7d"},
    {"keys", NULL, NULL, SETTING_SWITCH, offsetof(struct options, keys), NULL,
     "name under each match the keys that agreed and those that did not"},
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct options, json), NULL, "list or show as JSON"},
    {"csv", NULL, NULL, SETTING_SWITCH, offsetof(struct options, csv), NULL, "list as CSV"},
    {"by", NULL, NULL, SETTING_TEXT, offsetof(struct options, by), "NAME",
     "who decides (default: [Agency] Officer, or the user of the machine)"},
    {"note", NULL, NULL, SETTING_TEXT, offsetof(struct options, note), "TEXT", "why; kept sealed in the vault"},
    {"feed", NULL, NULL, SETTING_PATH, offsetof(struct options, feed), "FILE",
     "explain: the agency's own feed, to show the own record beside"},
    {"map", NULL, NULL, SETTING_LIST, offsetof(struct options, map), "COLUMN=FIELD",
     "the feed's COLUMN holds FIELD; may be repeated"},
    {"encoding", NULL, NULL, SETTING_TEXT, offsetof(struct options, encoding), "NAME",
     "what the feed is written in, where not UTF-8 or UTF-16"},
    {"dates", NULL, NULL, SETTING_TEXT, offsetof(struct options, dates), "WORDS", "how its dates are written"},
    {"sheet", NULL, NULL, SETTING_TEXT, offsetof(struct options, sheet), "NAME",
     "which sheet of a workbook (.xlsx) that has several"},
};

const struct verb matches_verb = {
    .name = "matches",
    .brief = "list, explain, confirm or dismiss matches",
    .operands = "[list | N | show N | explain N | confirm N... | dismiss N... | reopen N... | asked]",
    .most = VERB_ANY,
    .summary =
        "The matches that sync found, person by person; one of them, with its reasons; and what officers think of it.",
    .more =
        "  matches --state new --min-score 80        what is to be looked at first\n"
        "  matches explain 17 --feed records.csv     why it is a match, beside your own record\n"
        "  matches asked                             what partners asked about, and which of your records they met\n"
        "  matches dismiss 17 --note \"other father\"   it stays dismissed, also when the record is enrolled anew\n",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run,
};
