/*
 * letters: what was written to other parties and came from them. Its contents are shown of letters from people alone.
 */
#include "client/verbs/since.h"
#include "client/verbs/verbs.h"

#include "client/desk/show.h"
#include "client/desk/words.h"
#include "client/mail/letters.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    bool json, values, late;
    struct setting_list partners, states;
    uint64_t skip, limit;
    char sort[SETTINGS_TEXT_MAX], record[SETTINGS_TEXT_MAX], since[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX],
        field[SETTINGS_TEXT_MAX];
};

static const char *kind_name(enum letter_kind kind)
{
    switch (kind) {
    case LETTER_JUDGE1:
    case LETTER_JUDGE2:
    case LETTER_JUDGE3:
    case LETTER_JUDGE_ANEW:
        return "judge";
    case LETTER_ASK:
        return "ask";
    case LETTER_ANSWER:
        return "answer";
    case LETTER_OUTCOME:
        return "outcome";
    case LETTER_RECALL:
        return "recall";
    case LETTER_PICTURE:
        return "picture";
    case LETTER_OTHER:
        return "other";
    default:
        return "unopened";
    }
}

static const char *party_name(const struct agency *a, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    const struct party *p = region_find_party_by_digest(a->region, digest);
    return p != NULL ? p->name : "unknown";
}

/* --- the list --- */

/* The states in which letters of a thread are, in the order of what a reader wants to know first. */
struct standing {
    const char *word;
    uint64_t count;
};
#define STANDINGS 8

static void stand(struct standing out[STANDINGS], const struct vault_thread *t)
{
    const struct standing all[STANDINGS] = {
        {"refused", t->refused}, {"failed", t->failed}, {"unread", t->kept}, {"waiting", t->waiting},
        {"sealed", t->sealed},   {"sent", t->sent},     {"read", t->read},   {"acknowledged", t->acknowledged},
    };
    memcpy(out, all, sizeof all);
}

/* "3 d", "5 h", "12 min": how long ago. */
static void print_age(char out[32], uint64_t now, uint64_t at)
{
    const uint64_t s = now > at ? now - at : 0;
    if (s >= 2 * 86400)
        snprintf(out, 32, "%" PRIu64 " d", s / 86400);
    else if (s >= 2 * 3600)
        snprintf(out, 32, "%" PRIu64 " h", s / 3600);
    else
        snprintf(out, 32, "%" PRIu64 " min", s / 60);
}

struct listing {
    struct agency *agency;
    const struct show_filter *filter;
    uint64_t now, fit;
    bool chosen;               /* some letters of disclosure only: nothing of how threads stand */
    json_t *threads, *streams; /* NULL: for people */
};

static int print_thread(void *context, const struct vault_thread *t, struct err *err)
{
    struct listing *l = context;
    struct standing standing[STANDINGS];
    char age[32], thread[2 * 4 + 1];
    bool any = false;
    (void)err;
    stand(standing, t);
    print_age(age, l->now, t->last);
    printf("%-8s %-12s %-17s %-8s %8s  ", bytes_to_hex(thread, t->thread, 4), party_name(l->agency, t->peer),
           t->purpose[0] != '\0' ? t->purpose : "-", kind_name(t->kind), age);
    for (size_t i = 0; i < STANDINGS; i++)
        if (standing[i].count > 0) {
            printf("%s%" PRIu64 " %s", any ? ", " : "", standing[i].count, standing[i].word);
            any = true;
        }
    if (t->kind == LETTER_OTHER && t->unread > 0)
        printf(" (letters read %" PRId64 ")", t->unread);
    printf("%s%s\n", t->why[0] != '\0' ? ": " : "", t->why);
    return 0;
}

static int print_stream(void *context, const struct vault_stream *s, struct err *err)
{
    const struct listing *l = context;
    (void)err;
    if (s->last > s->came)
        printf("%s: %" PRIu64 " of its %" PRIu64 " letters did not come, or not yet\n", party_name(l->agency, s->peer),
               s->last - s->came, s->last);
    if (s->broken > 0)
        printf("%s: %" PRIu64 " letters do not continue those before them\n", party_name(l->agency, s->peer),
               s->broken);
    return 0;
}

static int add_to(json_t *array, json_t *object, struct err *err)
{
    return json_array_append_new(array, object) == 0 ? 0 : err_set(err, ERR_NO_MEMORY, "out of memory for the list");
}

static int add_thread(void *context, const struct vault_thread *t, struct err *err)
{
    struct listing *l = context;
    struct standing standing[STANDINGS];
    char thread[2 * LETTER_THREAD_SIZE + 1];
    bytes_to_hex(thread, t->thread, LETTER_THREAD_SIZE);
    stand(standing, t);
    json_t *one =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s}", "thread", thread, "party", party_name(l->agency, t->peer),
                  "purpose", t->purpose, "kind", kind_name(t->kind), "first", (json_int_t)t->first, "last",
                  (json_int_t)t->last, "unread_number", (json_int_t)t->unread, "why", t->why);
    for (size_t i = 0; one != NULL && i < STANDINGS; i++)
        json_object_set_new(one, standing[i].word, json_integer((json_int_t)standing[i].count));
    return add_to(l->threads, one, err);
}

static int add_stream(void *context, const struct vault_stream *s, struct err *err)
{
    struct listing *l = context;
    char stream[2 * LETTER_STREAM_SIZE + 1];
    bytes_to_hex(stream, s->stream, LETTER_STREAM_SIZE);
    return add_to(l->streams,
                  json_pack("{s:s, s:s, s:I, s:I, s:I}", "party", party_name(l->agency, s->peer), "stream", stream,
                            "letters", (json_int_t)s->came, "missing", (json_int_t)(s->last - s->came), "broken",
                            (json_int_t)s->broken),
                  err);
}

static int list_json(struct listing *l, struct err *err)
{
    struct vault *vault = l->agency->vault;
    l->threads = json_array();
    l->streams = json_array();
    int rc = l->chosen ? 0 : vault_threads(vault, add_thread, l, err);
    if (rc == 0 && !l->chosen)
        rc = vault_streams(vault, add_stream, l, err);
    json_t *disclosure = NULL;
    if (rc == 0)
        rc = show_list_json(l->agency, l->filter, &disclosure, &l->fit, err);
    json_t *all = json_pack("{s:o, s:o, s:o*, s:I}", "threads", l->threads, "streams", l->streams, "disclosure",
                            disclosure, "fit", (json_int_t)l->fit);
    if (rc == 0 && (all == NULL || json_dumpf(all, stdout, JSON_INDENT(2)) != 0))
        rc = err_set(err, ERR_IO, "cannot print the list");
    if (rc == 0)
        printf("\n");
    json_decref(all);
    return rc;
}

static int list_lines(struct listing *l, struct err *err)
{
    struct agency *a = l->agency;
    int rc = show_list(a, l->filter, &l->fit, err);
    if (rc == 0 && l->filter->limit > 0 && l->fit > l->filter->limit)
        printf("letters %" PRIu64 " and on of %" PRIu64 "\n", l->filter->skip + 1, l->fit);
    if (rc == 0 && l->chosen && l->fit == 0)
        printf("no letter of disclosure is so\n");
    if (rc != 0 || l->chosen)
        return rc;
    if (l->fit > 0)
        printf("\n");
    printf("%-8s %-12s %-17s %-8s %8s  %s\n", "thread", "party", "purpose", "kind", "age", "letters");
    rc = vault_threads(a->vault, print_thread, l, err);
    if (rc == 0)
        rc = vault_streams(a->vault, print_stream, l, err);
    return rc;
}

static int list(struct agency *a, const struct options *o, struct err *err)
{
    struct show_filter filter = {.partners = &o->partners,
                                 .purposes = &a->config->purposes,
                                 .states = &o->states,
                                 .record = o->record,
                                 .late = o->late,
                                 .skip = o->skip,
                                 .limit = o->limit};
    int rc = since_parse(&filter.since, o->since, err);
    if (rc == 0)
        rc = show_order(&filter.order, o->sort, err);
    if (rc == 0)
        rc = show_filter_check(a, &filter, err);
    struct listing l = {
        .agency = a,
        .filter = &filter,
        .now = clock_now(),
        .chosen =
            o->partners.count + a->config->purposes.count + o->states.count + o->skip + o->limit + filter.since > 0 ||
            o->late || o->sort[0] != '\0' || o->record[0] != '\0'};
    if (rc == 0)
        rc = o->json ? list_json(&l, err) : list_lines(&l, err);
    return rc;
}

static int count(struct agency *a, const struct options *o, struct err *err)
{
    uint64_t since = 0;
    int rc = since_parse(&since, o->since, err);
    return rc == 0 ? show_counts(a, since, o->json, err) : rc;
}

/* --- writing --- */

static int queue_file(struct agency *a, const struct party *to, const char *purpose, const char *path, struct err *err)
{
    uint8_t digest[PARTY_DIGEST_SIZE], thread[LETTER_THREAD_SIZE];
    struct buf body = buf_of(LETTERS_BODY_MAX);
    party_digest(digest, to);
    randombytes_buf(thread, sizeof thread);
    int rc = file_read(&body, path, err);
    if (rc == 0)
        rc = vault_begin(a->vault, err);
    if (rc == 0)
        rc = letters_queue(a->vault, digest, purpose, LETTER_OTHER, thread, buf_span(&body), err);
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    buf_free(&body);
    return rc;
}

/* It is in the vault; whether it is on its way already is for the list to say. */
static int try_round(struct agency *a, const char *to, struct err *err)
{
    struct letters_counts counts;
    int rc = letters_round(a, NULL, 0, &counts, err);
    if (rc != 0) {
        printf("the letter to %s is kept and goes with the next sync: %s\n", to, err->text);
        return 0;
    }
    printf(counts.waiting > 0 || counts.held > 0 ? "the letter to %s waits; `letters` says why\n"
                                                 : "the letter to %s is on its way\n",
           to);
    return 0;
}

static int send(struct agency *a, const char *name, const char *path, struct err *err)
{
    const struct setting_list *purposes = &a->config->purposes;
    const struct party *to = region_find_party(a->region, name);
    const char *purpose = purposes->count > 0 ? purposes->item[0] : "";
    if (to == NULL)
        return err_set(err, ERR_USAGE, "the manifest has no party %s", name);
    if (purposes->count > 1)
        return err_set(err, ERR_USAGE, "a letter is about one purpose: give one --purpose");
    const char *hindrance = region_letter_hindrance(a->region, &a->identity->party, to, purpose);
    if (hindrance != NULL)
        return err_set(err, ERR_DENIED, "no letter goes to %s: %s%s", name, hindrance,
                       purpose[0] == '\0' ? " (--purpose NAME)" : "");
    int rc = vault_lock(a->vault, err);
    if (rc == 0)
        rc = queue_file(a, to, purpose, path, err);
    if (rc == 0)
        rc = try_round(a, name, err);
    return rc;
}

/* --- reading --- */

static int number_of(int64_t *out, const char *text, struct err *err)
{
    char *end = NULL;
    *out = strtoll(text, &end, 10);
    return end == text || *end != '\0' || *out <= 0
               ? err_set(err, ERR_USAGE, "\"%.40s\" is no number of a letter (see: letters)", text)
               : 0;
}

static int read(struct agency *a, const char *text, const char *out, struct err *err)
{
    struct vault_kept kept = {.body = span_of(NULL, 0)};
    struct buf bytes = buf_of(LETTERS_BODY_MAX);
    int64_t number;
    int rc = number_of(&number, text, err);
    if (rc == 0)
        rc = vault_letter_get(a->vault, number, &kept, &bytes, err);
    if (rc == 0 && kept.kind != LETTER_OTHER)
        rc = err_set(err, ERR_DENIED, "letter %" PRId64 " is between programs: its contents are not shown", number);
    if (rc == 0)
        rc = out[0] != '\0' ? file_write(out, kept.body.data, kept.body.len, 0600, err) : 0;
    if (rc == 0 && out[0] == '\0' && fwrite(kept.body.data, 1, kept.body.len, stdout) != kept.body.len)
        rc = err_errno(err, "cannot print the letter");
    if (rc == 0)
        rc = vault_letter_read(a->vault, number, true, NULL, err);
    buf_free(&bytes);
    return rc;
}

/* --- disclosure --- */

static int show(struct agency *a, const char *text, const struct options *o, struct err *err)
{
    int64_t number;
    uint64_t field = 0;
    int rc = number_of(&number, text, err);
    if (rc == 0 && o->field[0] != '\0')
        rc = desk_number(&field, WORDS_FIELD, o->field, err);
    if (rc == 0 && (o->field[0] != '\0') != (o->out[0] != '\0'))
        rc = err_set(err, ERR_USAGE, "a field goes into a file: --field FIELD --out FILE");
    if (rc != 0)
        return rc;
    return o->field[0] != '\0' ? show_save(a, number, (enum disclosure_field)field, o->out, err)
                               : show_letter(a, number, o->values, err);
}

static int export(struct agency *a, const char *text, const char *out, struct err *err)
{
    int64_t number;
    int rc = number_of(&number, text, err);
    if (rc == 0 && out[0] == '\0')
        rc = err_set(err, ERR_USAGE, "letters export writes personal data: say where to with --out FILE");
    return rc == 0 ? show_export(a, number, out, err) : rc;
}

static int run(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    const struct options *o = call->options;
    const char *what = call->operands > 0 ? call->operand[0] : "list";
    if (strcmp(what, "list") == 0 && call->operands <= 1)
        return list(a, o, err);
    if (strcmp(what, "counts") == 0 && call->operands == 1)
        return count(a, o, err);
    if (strcmp(what, "send") == 0 && call->operands == 3)
        return send(a, call->operand[1], call->operand[2], err);
    if (strcmp(what, "read") == 0 && call->operands == 2)
        return read(a, call->operand[1], o->out, err);
    if (strcmp(what, "show") == 0 && call->operands == 2)
        return show(a, call->operand[1], o, err);
    if (strcmp(what, "export") == 0 && call->operands == 2)
        return export(a, call->operand[1], o->out, err);
    return err_set(
        err, ERR_USAGE,
        "it is letters [list], letters counts, letters send PARTY FILE, letters read NUMBER, letters show NUMBER or letters "
        "export NUMBER; see --help");
}

static const struct setting settings[] = {
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct options, json), NULL, "the list for programs"},
    {"partner", NULL, NULL, SETTING_LIST, offsetof(struct options, partners), "PARTY",
     "list only letters of disclosure with PARTY; repeat"},
    {"state", NULL, NULL, SETTING_LIST, offsetof(struct options, states), "STATE",
     "list only those that are pending, open, done, dropped or recalled; repeat"},
    {"late", NULL, NULL, SETTING_SWITCH, offsetof(struct options, late), NULL,
     "list only what is late, on either side"},
    {"record", NULL, NULL, SETTING_TEXT, offsetof(struct options, record), "RECORD_ID",
     "list only those about this own record"},
    {"since", NULL, NULL, SETTING_TEXT, offsetof(struct options, since), "WHEN",
     "list only what was written or came since: 2026-11-25, 12h, 7d"},
    {"sort", NULL, NULL, SETTING_TEXT, offsetof(struct options, sort), "ORDER",
     "list them by need (default: late, open, newest), time, due or partner"},
    {"limit", NULL, NULL, SETTING_NUMBER, offsetof(struct options, limit), "N", "list at most N of them"},
    {"skip", NULL, NULL, SETTING_NUMBER, offsetof(struct options, skip), "N", "list them after the first N"},
    {"out", NULL, NULL, SETTING_PATH, offsetof(struct options, out), "FILE", "read, show, export: write there"},
    {"values", NULL, NULL, SETTING_SWITCH, offsetof(struct options, values), NULL, "show: what was disclosed, too"},
    {"field", NULL, NULL, SETTING_TEXT, offsetof(struct options, field), "FIELD", "show: this file alone, into --out"},
};

const struct verb letters_verb = {
    .name = "letters",
    .brief = "letters to and from other parties: list, send, read, show, export",
    .operands = "[list | counts | send PARTY FILE | read NUMBER | show NUMBER | export NUMBER]",
    .most = 3,
    .summary =
        "Lists the threads of letters with other parties, how their letters stand and how old they are; never what programs wrote to\n"
        "each other. Questions, answers, outcomes and recalls of officers come first, late ones before all. `counts` says how\n"
        "many questions and recalls were answered in time, late or not yet, by partner: for whoever coordinates the region. `send` writes the contents of FILE to a party of the manifest, sealed end to end, about one --purpose between two\n"
        "agencies, about none with anybody else. `read` prints a letter that a person wrote. `show` shows a letter of\n"
        "disclosure, with what it discloses only with --values; `export` writes its whole thread as a page for a case file.",
    .more = "Examples:\n"
            "  concord-client letters\n"
            "  concord-client letters --late --partner IDN\n"
            "  concord-client letters --record R-1017 --state open --limit 20 --json\n"
            "  concord-client letters counts --since 30d\n"
            "  concord-client letters send IDN --purpose persons note.txt\n"
            "  concord-client letters read 12\n"
            "  concord-client letters show 3 --values\n"
            "  concord-client letters show 3 --field photograph --out face.jpg\n"
            "  concord-client letters export 3 --out case.html",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES | CLIENT_PARTY,
    .run = run,
};
