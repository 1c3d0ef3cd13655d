/* matches list, show, explain, confirm, dismiss, reopen. */
#include "client/verbs/verbs.h"

#include "client/review/explain.h"
#include "client/review/list.h"
#include "protocol/base/clock.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct agency_config config;
static bool as_json, as_csv, with_keys;
static char since[SETTINGS_TEXT_MAX], by[SETTINGS_TEXT_MAX], note[SETTINGS_TEXT_MAX], feed[SETTINGS_TEXT_MAX];
static uint64_t min_score;
static struct setting_list partners, kinds, states, map;

/* --- list --- */

/* "2026-11-25", or a duration before now. */
static int parse_since(const char *text, uint64_t *out, struct err *err)
{
    struct tm tm = {0};
    uint64_t ago;
    const char *end = strptime(text, "%Y-%m-%d", &tm);
    *out = 0;
    if (text[0] == '\0')
        return 0;
    if (end != NULL && *end == '\0') {
        *out = (uint64_t)timegm(&tm);
        return 0;
    }
    if (settings_parse_duration(text, &ago, NULL) != 0 || ago > clock_now())
        return err_set(err, ERR_USAGE, "--since %s: write a day, 2026-11-25, or how long ago, 12h or 7d", text);
    *out = clock_now() - ago;
    return 0;
}

static int list(struct agency *a, struct err *err)
{
    struct board_filter filter = {.partners = &partners, .kinds = &kinds, .states = &states, .min_score = min_score};
    struct board board;
    int rc = as_json && as_csv ? err_set(err, ERR_USAGE, "choose one of --json and --csv")
                               : parse_since(since, &filter.since, err);
    if (rc == 0)
        rc = board_load(&board, a, &filter, err);
    if (rc != 0)
        return rc;
    rc = list_print(&board, a, as_json ? LIST_JSON : as_csv ? LIST_CSV : LIST_TABLE, with_keys, err);
    board_free(&board);
    return rc;
}

/* --- deciding --- */

static int name_officer(struct err *err)
{
    const struct passwd *user = by[0] == '\0' ? getpwuid(getuid()) : NULL;
    if (user != NULL)
        snprintf(by, sizeof by, "%s", user->pw_name);
    if (by[0] == '\0')
        return err_set(err, ERR_USAGE, "this user of the machine has no name: say who decides with --by NAME");
    return 0;
}

/* All of them or none. */
static int decide(struct agency *a, enum review_state state, const int64_t *number, int count, struct err *err)
{
    int rc = name_officer(err);
    if (rc == 0)
        rc = vault_begin(a->vault, err);
    for (int i = 0; rc == 0 && i < count; i++)
        rc = vault_review_put(a->vault, number[i], state, by, note, err);
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

static int run_on(struct agency *a, const char *what, const int64_t *number, int count, struct err *err)
{
    bool show = strcmp(what, "show") == 0, explains = strcmp(what, "explain") == 0;
    if (strcmp(what, "confirm") == 0)
        return decide(a, REVIEW_CONFIRMED, number, count, err);
    if (strcmp(what, "dismiss") == 0)
        return decide(a, REVIEW_DISMISSED, number, count, err);
    if (strcmp(what, "reopen") == 0)
        return decide(a, REVIEW_NEW, number, count, err);
    if (!show && !explains)
        return err_set(err, ERR_USAGE, "matches has no %s: it is list, show, explain, confirm, dismiss or reopen",
                       what);
    if (count != 1)
        return err_set(err, ERR_USAGE, "matches %s takes one match at a time", what);
    const struct feed_options options = {.path = feed[0] != '\0' ? feed : NULL,
                                         .map = (const char *const *)map.item,
                                         .map_count = map.count,
                                         .lenient = true};
    return show ? list_show(a, number[0], as_json, err) : explain(a, number[0], &options, err);
}

static int run(struct agency *a, int operands, char **argv, struct err *err)
{
    const char *what = operands > 0 ? argv[0] : "list";
    int count = operands - 1;
    if (strcmp(what, "list") == 0)
        return count > 0 ? err_set(err, ERR_USAGE, "matches list takes no number; matches show takes one")
                         : list(a, err);
    int64_t *number = count > 0 ? calloc((size_t)count, sizeof *number) : NULL;
    int rc = count <= 0 ? err_set(err, ERR_USAGE, "matches %s wants the number of a match (see: matches list)", what)
             : number == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory")
                              : parse_numbers(number, count, argv + 1, err);
    if (rc == 0)
        rc = run_on(a, what, number, count, err);
    free(number);
    return rc;
}

static const char more[] =
    "  matches --state new --min-score 80        what is to be looked at first\n"
    "  matches explain 17 --feed records.csv     why it is a match, beside your own record\n"
    "  matches dismiss 17 --note \"other father\"   it stays dismissed, also when the record is enrolled anew\n";

int matches_main(int argc, char **argv)
{
    static const struct setting settings[] = {
        {"partner", NULL, NULL, SETTING_LIST, &partners, "NAME",
         "list only matches with this partner; may be repeated"},
        {"kind", NULL, NULL, SETTING_LIST, &kinds, "KIND",
         "same-person, same-person-other-document, same-document-other-person or "
         "listed-document; may be repeated"},
        {"state", NULL, NULL, SETTING_LIST, &states, "STATE",
         "new, confirmed, dismissed or withdrawn; may be repeated"},
        {"min-score", NULL, NULL, SETTING_NUMBER, &min_score, "N", "list only matches with this score or a better one"},
        {"since", NULL, NULL, SETTING_TEXT, since, "WHEN",
         "list only what was found or withdrawn since: 2026-11-25, 12h, 7d"},
        {"keys", NULL, NULL, SETTING_SWITCH, &with_keys, NULL,
         "name under each match the keys that agreed and those that did not"},
        {"json", NULL, NULL, SETTING_SWITCH, &as_json, NULL, "list or show as JSON"},
        {"csv", NULL, NULL, SETTING_SWITCH, &as_csv, NULL, "list as CSV"},
        {"by", NULL, NULL, SETTING_TEXT, by, "NAME", "who decides (default: the user of the machine)"},
        {"note", NULL, NULL, SETTING_TEXT, note, "TEXT", "why; kept sealed in the vault"},
        {"feed", NULL, NULL, SETTING_PATH, feed, "FILE",
         "explain: the agency's own feed, to show the own record beside"},
        {"map", NULL, NULL, SETTING_LIST, &map, "COLUMN=FIELD", "the feed's COLUMN holds FIELD; may be repeated"},
        AGENCY_SETTINGS(config),
    };
    static const struct usage usage = {
        "concord-client matches",
        "[list | show N | explain N | confirm N... | dismiss N... | reopen N...]",
        "The matches that sync found, person by person; one of them, with its reasons; and what officers think of it.",
        more,
        settings,
        sizeof settings / sizeof settings[0]};
    static struct agency agency;
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, &agency_known, AGENCY_CONFIG_DEFAULT, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0)
        rc = agency_open(&agency, &config, &err);
    if (rc == 0)
        rc = run(&agency, operands, argv, &err);
    agency_close(&agency);
    setting_list_free(&partners);
    setting_list_free(&kinds);
    setting_list_free(&states);
    setting_list_free(&map);
    return verb_end("concord-client", rc, &err);
}
