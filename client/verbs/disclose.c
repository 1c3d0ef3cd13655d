/* ask, answer, outcome, recall, dossier: officers of two agencies settle a match (docs/letters.md). */
#include "client/verbs/officer.h"
#include "client/verbs/verbs.h"

#include "client/desk/show.h"
#include "client/desk/words.h"
#include "client/feed/feed.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/text.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    char *officer; /* of the configuration */
    char reason[SETTINGS_TEXT_MAX], basis[SETTINGS_TEXT_MAX], urgency[SETTINGS_TEXT_MAX];
    char refuse[SETTINGS_TEXT_MAX], forward[SETTINGS_TEXT_MAX], handling[SETTINGS_TEXT_MAX], text[SETTINGS_TEXT_MAX];
    char feed[SETTINGS_TEXT_MAX], encoding[SETTINGS_TEXT_MAX], dates[SETTINGS_TEXT_MAX], sheet[SETTINGS_TEXT_MAX],
        why[SETTINGS_TEXT_MAX];
    struct setting_list fields, release, value, attach, map;
    bool notice, ask_back, confirm, reject, done, erase;
};

#define TEXT                                                                                                           \
    {                                                                                                                  \
        "text", NULL, NULL, SETTING_TEXT, offsetof(struct options, text), "TEXT", "a remark for the partner"           \
    }

/* --- what all of them do --- */

static int parse(int64_t *out, const char *text, const char *what, struct err *err)
{
    char *end = NULL;
    *out = strtoll(text, &end, 10);
    return end == text || *end != '\0' || *out <= 0
               ? err_set(err, ERR_USAGE, "\"%.40s\" is no number of a %s", text, what)
               : 0;
}

static int check_text(const char *text, size_t max, const char *what, struct err *err)
{
    return strlen(text) <= max ? 0 : err_set(err, ERR_USAGE, "%s is longer than %zu bytes", what, max);
}

/* Who acts, and that what goes out has room. */
static int begin(struct call *call, struct err *err)
{
    struct client_config *config = call->config;
    struct options *o = call->options;
    o->officer = config->officer;
    int rc = officer_name(o->officer, "", "--officer", err);
    if (rc == 0)
        rc = check_text(o->officer, DISCLOSURE_NAME_MAX, "--officer", err);
    if (rc == 0)
        rc = check_text(o->text, DISCLOSURE_TEXT_MAX, "--text", err);
    return rc;
}

/* It is in the vault, also while an enrolment is at work there; whether it is on its way already the list says. */
static void try_round(struct agency *a)
{
    struct letters_counts counts;
    struct err why = {0};
    int rc = vault_lock(a->vault, &why);
    if (rc == 0)
        rc = letters_round(a, NULL, 0, &counts, &why);
    if (rc != 0)
        printf("it is kept and goes with the next sync: %s\n", why.text);
}

/* --- ask --- */

static int parse_urgency(enum region_urgency *out, const char *word, struct err *err)
{
    for (int i = 0; i < REGION_URGENCIES; i++)
        if (strcmp(word[0] != '\0' ? word : "routine", region_urgency_names[i]) == 0) {
            *out = (enum region_urgency)i;
            return 0;
        }
    return err_set(err, ERR_USAGE, "\"%.40s\" is no urgency: there are routine, urgent, emergency", word);
}

static int parse_fields(uint64_t *out, const struct setting_list *words, struct err *err)
{
    int rc = 0;
    *out = 0;
    for (size_t i = 0; rc == 0 && i < words->count; i++) {
        uint64_t field = 0;
        rc = desk_number(&field, WORDS_FIELD, words->item[i], err);
        *out |= UINT64_C(1) << field;
    }
    return rc;
}

static int run_ask(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    struct options *o = call->options;
    struct desk_question q = {.basis = o->basis, .reason = o->reason};
    int64_t about, number = 0;
    int rc = parse(&about, call->operand[0], o->notice ? "notice" : "match", err);
    if (rc == 0)
        rc = parse_fields(&q.fields, &o->fields, err);
    if (rc == 0)
        rc = parse_urgency(&q.urgency, o->urgency, err);
    if (rc == 0 && (q.fields == 0 || o->reason[0] == '\0' || o->basis[0] == '\0'))
        rc = err_set(err, ERR_USAGE,
                     "a question says for what it asks, why, and on what legal basis: --field FIELD ..."
                     " --reason TEXT --basis CODE");
    if (rc == 0)
        rc = check_text(o->reason, DISCLOSURE_TEXT_MAX, "--reason", err);
    if (rc == 0)
        rc = begin(call, err);
    q.by = o->officer;
    if (rc == 0)
        rc = o->notice ? desk_ask_about_notice(a, about, &q, &number, err) : desk_ask(a, about, &q, &number, err);
    if (rc != 0)
        return rc;
    printf("letter %lld asks about %s %lld\n", (long long)number, o->notice ? "notice" : "match", (long long)about);
    try_round(a);
    return show_duty(a, number, err);
}

static const struct setting ask_settings[] = {
    {"field", NULL, NULL, SETTING_LIST, offsetof(struct options, fields), "FIELD",
     "what is asked for: family_name, given_names, name_native, aliases, sex, date_of_birth, nationality, doc_type, "
     "doc_issuer, doc_number, doc_expiry, photograph, scan, text; repeat"},
    {"reason", NULL, NULL, SETTING_TEXT, offsetof(struct options, reason), "TEXT", "why, for the partner's officer"},
    {"basis", NULL, NULL, SETTING_TEXT, offsetof(struct options, basis), "CODE", "legal basis, a code of the manifest"},
    {"urgency", NULL, NULL, SETTING_TEXT, offsetof(struct options, urgency), "HOW",
     "routine (default), urgent or emergency"},
    {"notice", NULL, NULL, SETTING_SWITCH, offsetof(struct options, notice), NULL,
     "the number is of a notice: why did the partner check?"},
};

const struct verb ask_verb = {
    .name = "ask",
    .brief = "ask a partner for fields of its record",
    .operands = "MATCH",
    .least = 1,
    .most = 1,
    .summary = "Asks the partner of a match for chosen fields of its record, by a letter to its officers.",
    .more = "The answer comes with a later sync; `letters` shows by when.\n"
            "  concord-client ask 17 --field date_of_birth --field photograph --basis national-law \\\n"
            "      --reason \"held at the border\" --urgency urgent",
    SETTINGS(ask_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES | CLIENT_OFFICER,
    .run = run_ask,
};

/* --- answer --- */

/* What an answer is made of, and the memory of its values: personal data. */
struct draft {
    struct disclosure_answer answer;
    struct buf memory[DISCLOSURE_VALUES_MAX];
    size_t used;
    uint64_t handling;
};

static void draft_free(struct draft *d)
{
    for (size_t i = 0; i < d->used; i++) {
        if (d->memory[i].data != NULL)
            sodium_memzero(d->memory[i].data, d->memory[i].len);
        buf_free(&d->memory[i]);
    }
    sodium_memzero(d, sizeof *d);
    free(d);
}

static struct disclosure_value *value_of(struct draft *d, uint64_t field)
{
    for (size_t i = 0; i < d->answer.count; i++)
        if (d->answer.value[i].field == field)
            return &d->answer.value[i];
    return NULL;
}

/* In its place by field; the bytes are the draft's last memory. */
static int add_value(struct draft *d, uint64_t field, enum disclosure_source source, const char *name, struct err *err)
{
    struct disclosure_answer *a = &d->answer;
    size_t at = a->count;
    if (value_of(d, field) != NULL)
        return err_set(err, ERR_USAGE, "%s is given twice", desk_word(WORDS_FIELD, field));
    for (; at > 0 && a->value[at - 1].field > field; at--)
        a->value[at] = a->value[at - 1];
    a->value[at] = (struct disclosure_value){
        .field = field, .source = source, .handling = d->handling, .bytes = buf_span(&d->memory[d->used - 1])};
    snprintf(a->value[at].name, sizeof a->value[at].name, "%s", name);
    a->count++;
    return 0;
}

/* FIELD=TEXT or FIELD=FILE. */
static int split(const char *text, uint64_t *field, const char **value, const char *option, struct err *err)
{
    char word[32] = "";
    const char *equals = strchr(text, '=');
    if (equals == NULL || (size_t)(equals - text) >= sizeof word)
        return err_set(err, ERR_USAGE, "%s: write FIELD=..., family_name=NGUYEN say", option);
    memcpy(word, text, (size_t)(equals - text));
    *value = equals + 1;
    return desk_number(field, WORDS_FIELD, word, err);
}

static int add_typed(struct draft *d, const char *text, struct err *err)
{
    const char *value = "";
    uint64_t field = 0;
    int rc = split(text, &field, &value, "--value", err);
    if (rc == 0 && desk_is_file(field))
        rc = err_set(err, ERR_USAGE, "%s is a file: --attach %s=FILE", desk_word(WORDS_FIELD, field),
                     desk_word(WORDS_FIELD, field));
    if (rc != 0 || d->used == DISCLOSURE_VALUES_MAX)
        return rc;
    d->memory[d->used] = buf_of(SETTINGS_TEXT_MAX);
    rc = buf_put(&d->memory[d->used++], value, strlen(value), err);
    return rc == 0 ? add_value(d, field, SOURCE_TYPED, "", err) : rc;
}

static int add_file(struct draft *d, const char *text, struct err *err)
{
    const char *path = "";
    uint64_t field = 0;
    int rc = split(text, &field, &path, "--attach", err);
    if (rc == 0 && !desk_is_file(field))
        rc = err_set(err, ERR_USAGE, "%s is text: --value %s=TEXT", desk_word(WORDS_FIELD, field),
                     desk_word(WORDS_FIELD, field));
    if (rc != 0 || d->used == DISCLOSURE_VALUES_MAX)
        return rc;
    const char *slash = strrchr(path, '/');
    d->memory[d->used] = buf_of(DISCLOSURE_VALUE_MAX);
    rc = file_read(&d->memory[d->used++], path, err);
    return rc == 0 ? add_value(d, field, SOURCE_ATTACHED, slash != NULL ? slash + 1 : path, err) : rc;
}

static const enum field feed_fields[DISCLOSURE_FIELDS] = {
    [DISCLOSE_FAMILY_NAME] = FIELD_FAMILY_NAME,
    [DISCLOSE_GIVEN_NAMES] = FIELD_GIVEN_NAMES,
    [DISCLOSE_NAME_NATIVE] = FIELD_NAME_NATIVE,
    [DISCLOSE_ALIASES] = FIELD_ALIASES,
    [DISCLOSE_SEX] = FIELD_SEX,
    [DISCLOSE_DATE_OF_BIRTH] = FIELD_DATE_OF_BIRTH,
    [DISCLOSE_NATIONALITY] = FIELD_NATIONALITY,
    [DISCLOSE_DOC_TYPE] = FIELD_DOC_TYPE,
    [DISCLOSE_DOC_ISSUER] = FIELD_DOC_ISSUER,
    [DISCLOSE_DOC_NUMBER] = FIELD_DOC_NUMBER,
};

/* All values of a field, in one; nothing where the row has none. */
static int add_from_row(struct draft *d, const struct record *row, uint64_t field, struct err *err)
{
    const enum field from = feed_fields[field];
    int rc = 0;
    if (from == FIELD_RECORD_ID || row->field[from] == NULL || row->field[from][0] == '\0' ||
        d->used == DISCLOSURE_VALUES_MAX)
        return 0;
    struct buf *memory = &d->memory[d->used++];
    *memory = buf_of(FIELD_VALUES_MAX * (FIELD_SIZE_MAX + 2));
    for (size_t i = 0; rc == 0 && record_value(row, from, i) != NULL; i++)
        rc = buf_printf(memory, err, "%s%s", i > 0 ? "; " : "", record_value(row, from, i));
    return rc == 0 ? add_value(d, field, SOURCE_FEED, "", err) : rc;
}

/* What is to be released and was not given by hand is taken from the record's row. */
static int add_rows(struct draft *d, const struct options *o, const struct desk_case *c, uint64_t wanted,
                    struct err *err)
{
    const struct feed_options options = {.path = o->feed,
                                         .map = (const char *const *)o->map.item,
                                         .map_count = o->map.count,
                                         .encoding = o->encoding,
                                         .dates = o->dates,
                                         .sheet = o->sheet,
                                         .lenient = true};
    struct feed *feed = NULL;
    struct record row;
    if (o->feed[0] == '\0')
        return 0;
    int rc = c->inquiry.id[0] != '\0'
                 ? feed_open(&feed, &options, err)
                 : err_set(err, ERR_CONFLICT, "no record of ours is meant any more: no row either");
    if (rc == 0)
        rc = feed_find(feed, &row, c->inquiry.id, err);
    for (uint64_t f = 0; rc == 0 && f < DISCLOSURE_FIELDS; f++)
        if ((wanted >> f & 1) != 0 && value_of(d, f) == NULL)
            rc = add_from_row(d, &row, f, err);
    feed_free(feed);
    return rc;
}

/* --release all is what was asked for; each field that was named must have a value, of "all" those that have. */
static int add_values(struct draft *d, const struct options *o, const struct desk_case *c, struct err *err)
{
    const bool all = o->release.count == 1 && strcmp(o->release.item[0], "all") == 0;
    uint64_t wanted = c->ask.fields;
    int rc = all ? 0 : parse_fields(&wanted, &o->release, err);
    for (size_t i = 0; rc == 0 && i < o->value.count; i++)
        rc = add_typed(d, o->value.item[i], err);
    for (size_t i = 0; rc == 0 && i < o->attach.count; i++)
        rc = add_file(d, o->attach.item[i], err);
    if (rc == 0)
        rc = add_rows(d, o, c, wanted, err);
    for (uint64_t f = 0; rc == 0 && f < DISCLOSURE_FIELDS; f++)
        if (!all && (wanted >> f & 1) != 0 && value_of(d, f) == NULL)
            rc = err_set(err, ERR_USAGE, "%s has no value: give it with --value, --attach or --feed FILE",
                         desk_word(WORDS_FIELD, f));
        else if ((wanted >> f & 1) == 0 && value_of(d, f) != NULL)
            rc = err_set(err, ERR_USAGE, "%s is given and not released: --release %s", desk_word(WORDS_FIELD, f),
                         desk_word(WORDS_FIELD, f));
    if (rc == 0 && d->answer.count == 0)
        rc = err_set(err, ERR_USAGE,
                     "nothing is known of what was asked for: --refuse not-held, or give it with --value, "
                     "--attach or --feed FILE");
    return rc;
}

static int fill(struct draft *d, const struct options *o, const struct desk_case *c, struct err *err)
{
    struct disclosure_answer *a = &d->answer;
    int rc = 0;
    d->handling = HANDLING_INFORMATION;
    if (o->handling[0] != '\0')
        rc = desk_number(&d->handling, WORDS_HANDLING, o->handling, err);
    if (rc == 0 && o->refuse[0] != '\0')
        rc = desk_number(&a->why, WORDS_WHY, o->refuse, err);
    if (rc == 0)
        rc = check_text(o->forward, DISCLOSURE_NAME_MAX, "--forward", err);
    if (rc != 0)
        return rc;
    a->code = o->release.count > 0    ? ANSWER_ALL
              : o->forward[0] != '\0' ? ANSWER_FORWARDED
              : o->ask_back           ? ANSWER_ASK_BACK
                                      : ANSWER_NONE;
    snprintf(a->by, sizeof a->by, "%.*s", DISCLOSURE_NAME_MAX, o->officer);
    snprintf(a->to, sizeof a->to, "%.*s", DISCLOSURE_NAME_MAX, o->forward);
    snprintf(a->text, sizeof a->text, "%s", o->text);
    return o->release.count > 0 ? add_values(d, o, c, err) : 0;
}

static int answer_question(struct agency *a, const struct options *o, int64_t number, struct err *err)
{
    struct draft *d = calloc(1, sizeof *d);
    struct desk_case c;
    bool pending = false;
    int64_t own = 0;
    int rc =
        d == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for an answer") : desk_question_get(a, number, &c, err);
    if (rc == 0)
        rc = fill(d, o, &c, err);
    if (rc == 0)
        rc = desk_answer(a, number, &d->answer, &pending, &own, err);
    if (rc == 0 && pending)
        printf("letter %lld waits for a second officer: answer %lld --confirm --officer NAME\n", (long long)own,
               (long long)own);
    else if (rc == 0)
        printf("letter %lld answers letter %lld: %s\n", (long long)own, (long long)number,
               desk_word(WORDS_CODE, d->answer.code));
    if (d != NULL)
        draft_free(d);
    sodium_memzero(&c, sizeof c);
    return rc;
}

static int run_answer(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    struct options *o = call->options;
    int64_t number;
    const int ways = (o->release.count > 0) + (o->refuse[0] != '\0') + (o->forward[0] != '\0') + o->ask_back +
                     o->confirm + o->reject + o->done;
    int rc = parse(&number, call->operand[0], "letter", err);
    if (rc == 0 && (ways > 2 || ways < 1 || (ways == 2 && (o->release.count == 0 || o->refuse[0] == '\0'))))
        rc = err_set(err, ERR_USAGE,
                     "say one of --release, --refuse, --forward, --ask-back; --confirm or --reject for a "
                     "second officer; --done for a recall");
    if (rc == 0)
        rc = begin(call, err);
    if (rc == 0 && (o->confirm || o->reject)) {
        rc = desk_confirm(a, number, o->confirm, o->officer, err);
        if (rc == 0)
            printf("letter %lld %s\n", (long long)number, o->confirm ? "is confirmed" : "is not confirmed and wiped");
    } else if (rc == 0 && o->done) {
        rc = desk_recall_done(a, number, o->officer, err);
        if (rc == 0)
            printf("recall %lld is acknowledged\n", (long long)number);
    } else if (rc == 0) {
        rc = answer_question(a, o, number, err);
    }
    if (rc == 0)
        try_round(a);
    return rc;
}

static const struct setting answer_settings[] = {
    {"release", NULL, NULL, SETTING_LIST, offsetof(struct options, release), "FIELD",
     "release this field, or all that was asked for and is known; repeat"},
    {"refuse", NULL, NULL, SETTING_TEXT, offsetof(struct options, refuse), "CODE",
     "release nothing, or not the rest: not-held, not-permitted, legal-basis, investigation, protection, other"},
    {"ask-back", NULL, NULL, SETTING_SWITCH, offsetof(struct options, ask_back), NULL,
     "ask for more before answering; --text says what"},
    {"forward", NULL, NULL, SETTING_TEXT, offsetof(struct options, forward), "AUTHORITY",
     "say which authority of this state is competent"},
    {"feed", NULL, NULL, SETTING_PATH, offsetof(struct options, feed), "FILE",
     "take values from the record's row in the agency's own feed"},
    {"map", NULL, NULL, SETTING_LIST, offsetof(struct options, map), "COLUMN=FIELD",
     "the feed's COLUMN holds FIELD; may be repeated"},
    {"encoding", NULL, NULL, SETTING_TEXT, offsetof(struct options, encoding), "NAME",
     "what the feed is written in, where not UTF-8 or UTF-16"},
    {"dates", NULL, NULL, SETTING_TEXT, offsetof(struct options, dates), "WORDS", "how its dates are written"},
    {"sheet", NULL, NULL, SETTING_TEXT, offsetof(struct options, sheet), "NAME",
     "which sheet of a workbook (.xlsx) that has several"},
    {"value", NULL, NULL, SETTING_LIST, offsetof(struct options, value), "FIELD=TEXT", "a value as typed; repeat"},
    {"attach", NULL, NULL, SETTING_LIST, offsetof(struct options, attach), "FIELD=FILE",
     "photograph or scan, up to 5 MiB; repeat"},
    {"handling", NULL, NULL, SETTING_TEXT, offsetof(struct options, handling), "CODE",
     "information-only (default), court or pass-on"},
    {"confirm", NULL, NULL, SETTING_SWITCH, offsetof(struct options, confirm), NULL,
     "as the second officer: the answer goes out"},
    {"reject", NULL, NULL, SETTING_SWITCH, offsetof(struct options, reject), NULL,
     "as the second officer: it does not, and is wiped"},
    {"done", NULL, NULL, SETTING_SWITCH, offsetof(struct options, done), NULL,
     "what the partner recalled is gone here, and wherever it was copied to"},
    TEXT,
};

const struct verb answer_verb = {
    .name = "answer",
    .brief = "answer a partner's question, or acknowledge its recall",
    .operands = "LETTER",
    .least = 1,
    .most = 1,
    .summary =
        "Answers the question in a letter: releases all, some or none of what it asks for, asks back, or forwards it.",
    .more = "Where the purpose demands it a release waits until another officer confirms it.\n"
            "  concord-client answer 4 --release all --feed records.csv --attach photograph=face.jpg\n"
            "  concord-client answer 4 --refuse legal-basis --text \"article 18 is needed\"\n"
            "  concord-client answer 5 --confirm --officer anong",
    SETTINGS(answer_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES | CLIENT_OFFICER,
    .run = run_answer,
};

/* --- outcome --- */

static int run_outcome(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    struct options *o = call->options;
    uint64_t outcome = 0;
    int64_t match;
    int rc = parse(&match, call->operand[0], "match", err);
    if (rc == 0)
        rc = desk_number(&outcome, WORDS_OUTCOME, call->operand[1], err);
    if (rc == 0)
        rc = begin(call, err);
    if (rc == 0)
        rc = desk_outcome(a, match, (enum disclosure_result)outcome, o->officer, o->text, err);
    if (rc != 0)
        return rc;
    printf("match %lld: %s\n", (long long)match, desk_word(WORDS_OUTCOME, outcome));
    try_round(a);
    return 0;
}

static const struct setting outcome_settings[] = {TEXT};

const struct verb outcome_verb = {
    .name = "outcome",
    .brief = "record what a match turned out to be, for both sides",
    .operands = "MATCH OUTCOME",
    .least = 2,
    .most = 2,
    .summary =
        "Records what a match turned out to be: same-person, different-persons, identity-fraud, document-fraud or\n"
        "undecided. The partner sees it; `letters show` shows both sides' and whether they agree.",
    .more = "  concord-client outcome 17 identity-fraud --text \"two passports, one face\"",
    SETTINGS(outcome_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES | CLIENT_OFFICER,
    .run = run_outcome,
};

/* --- recall --- */

static int run_recall(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    struct options *o = call->options;
    uint64_t why = 0;
    int64_t answer;
    int rc = parse(&answer, call->operand[0], "letter", err);
    if (rc == 0)
        rc = desk_number(&why, WORDS_RECALL, o->why, err);
    if (rc == 0)
        rc = begin(call, err);
    if (rc == 0)
        rc = desk_recall(a, answer, (enum disclosure_recall_why)why, o->officer, o->text, err);
    if (rc != 0)
        return rc;
    printf("letter %lld is recalled\n", (long long)answer);
    try_round(a);
    return 0;
}

static const struct setting recall_settings[] = {
    {"why", NULL, NULL, SETTING_TEXT, offsetof(struct options, why), "CODE",
     "wrong, or erased: it may not be held any more"},
    TEXT,
};

const struct verb recall_verb = {
    .name = "recall",
    .brief = "recall what an answer disclosed",
    .operands = "LETTER --why CODE",
    .least = 1,
    .most = 1,
    .summary = "Recalls an answer of yours: the partner's program wipes what it holds of it, its officer acknowledges.",
    .more = "`letters` shows whether that was done, and when it is late.\n"
            "  concord-client recall 5 --why wrong --text \"another person's photograph\"",
    SETTINGS(recall_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES | CLIENT_OFFICER,
    .run = run_recall,
};

/* --- dossier --- */

static int erase(struct agency *a, const char *id, struct err *err)
{
    uint64_t erased = 0, backup = 0;
    char text[CLOCK_TEXT_SIZE];
    int rc = vault_begin(a->vault, err);
    if (rc == 0)
        rc = vault_inquiries_erase(a->vault, id, &erased, err);
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    if (rc == 0)
        rc = vault_backup_time(a->vault, &backup, err);
    if (rc != 0)
        return rc;
    printf("%s\n", TEXT_COUNT(erased, "letter of disclosure was wiped",
                              "letters of disclosure were wiped, those that waited to be sent among them"));
    printf("the record itself goes with `remove`; what partners hold with `recall`, before this\n");
    if (backup != 0)
        printf("backups up to that of %s hold what was there then: destroy them, or their keys\n",
               clock_text(text, backup));
    return 0;
}

static int run_dossier(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    const struct options *o = call->options;
    return o->erase ? erase(a, call->operand[0], err) : show_dossier(a, call->operand[0], err);
}

static const struct setting dossier_settings[] = {
    {"erase", NULL, NULL, SETTING_SWITCH, offsetof(struct options, erase), NULL,
     "wipe what letters of disclosure hold of it, also what waits to be sent"},
};

const struct verb dossier_verb = {
    .name = "dossier",
    .brief = "all that is held, asked and disclosed about a record",
    .operands = "RECORD_ID",
    .least = 1,
    .most = 1,
    .summary =
        "Lists what is held of a record, who asked about it, what was asked and disclosed: for the request of the person\n"
        "that it is about. With --erase what letters of disclosure hold of it is wiped.",
    .more = "  concord-client dossier R-1017",
    SETTINGS(dossier_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run_dossier,
};
