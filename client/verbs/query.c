#include "client/verbs/verbs.h"

#include "client/feed/check.h"
#include "client/review/judged.h"
#include "client/review/key_text.h"
#include "client/task/await.h"
#include "client/task/report.h"
#include "client/task/spared.h"
#include "client/verbs/fields.h"
#include "client/verbs/zones.h"
#include "protocol/base/clock.h"
#include "protocol/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct fields fields;
    struct setting_list not_for;
    uint64_t wait; /* seconds */
    bool json, zones;
};

/* One process, and what it came to: it asks one question, or zone after zone by the same connections. */
struct query {
    struct agency *agency;
    const struct options *o;
    struct asker *asker;
    size_t zone; /* which one it is at, from 1; 0: the question is on the command line */
    bool hit, open, refused;
};

/* What cannot be read costs its field alone, which is told before anything is asked. */
static int check(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    struct record record = fields_record(&o->fields);
    struct field_problem told[RECORD_PROBLEMS_MAX];
    if (o->not_for.count > REGION_AGENCIES_MAX)
        return err_set(err, ERR_USAGE, "--not-for is given more than %d times", REGION_AGENCIES_MAX);
    if (o->zones)
        return fields_check(&o->fields, "query", ERR_IGNORED) != 0
                   ? 0
                   : err_set(err, ERR_USAGE, "--zones reads all fields from standard input");
    int rc = fields_check(&o->fields, "query", err);
    size_t count = rc == 0 ? record_mend(&record, DATES_UNSAID, told) : 0;
    if (count > 0 && record_is_empty(&record))
        return err_set(err, ERR_USAGE, "%s: %s", record_field_name[told[0].field], told[0].reason);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "concord-client: warning: %s: %s; asking without it\n", record_field_name[told[i].field],
                told[i].reason);
    return rc;
}

/* --- what is said --- */

static bool has_hit(const struct answer *answer, const struct agency_purpose *purpose)
{
    for (size_t i = 0; i < answer->hits; i++)
        if (answer->hit[i].purpose == purpose && answer_hit_counts(&answer->hit[i]))
            return true;
    return false;
}

/* Whether somebody was not asked about it, or not all of what was answered is known: then no hit is no answer. */
static bool is_open(const struct answer *answer, const struct agency_purpose *purpose)
{
    for (size_t i = 0; i < answer->unasked_count; i++)
        if (answer->unasked[i].purpose == purpose)
            return true;
    return answer->cut || answer->refused_all > 0 || answer->manifest > 0;
}

/* What judging told apart is printed, too, as no hit: the partner knows of the question. */
static void print_match(const struct answer_hit *hit)
{
    const struct agency_purpose *p = hit->purpose;
    const struct vault_match m = verdict_match(hit);
    char handle[2 * HANDLE_SIZE + 1], keys[512], judged[JUDGED_WORDS_MAX];
    bytes_to_hex(handle, m.handle, HANDLE_SIZE);
    key_names(keys, sizeof keys, &p->schema, m.keys);
    judged_in_words(judged, hit->pair.number != 0 ? &hit->pair : NULL);
    if (verdict_shows(hit))
        printf("hit   %-17s %-8s %3u%%  %-27s %s\n      %s; handle %s\n", p->region->name, m.partner, m.score,
               match_kind_name((enum match_kind)m.kind), keys, judged, handle);
    else if (hit->pair.state == JUDGE_JUDGED || hit->pair.state == JUDGE_DIFFERENT)
        printf("no    %-17s %-8s has a record that shares %s, and judged it is not the same; handle %s\n",
               p->region->name, m.partner, keys, handle);
}

static void print_purpose(const struct answer *answer, const struct agency *a, size_t at)
{
    const struct agency_purpose *p = &a->purpose[at];
    if (answer->ungranted[at])
        printf("skip  %-17s was not asked about: no partner and this agency granted it to each other\n",
               p->region->name);
    else if (answer->denied[at] != NULL)
        printf("open  %-17s was not asked about: %s\n", p->region->name, answer->denied[at]);
    else if (p->region->kind == REGION_ISSUED)
        return;
    else if (answer->keyless[at])
        printf("skip  %-17s was not asked about: none of the given fields makes a key of it\n", p->region->name);
    else if (!has_hit(answer, p))
        printf("%s%s%s\n", is_open(answer, p) ? "open  " : "miss  ", p->region->name,
               is_open(answer, p) ? ": nothing where it was asked, which is no answer for the rest" : "");
}

static void print_aside(const struct agency *a, const struct answer *answer)
{
    for (size_t i = 0; i < a->region->agency_count; i++) {
        const char *name = a->region->agencies[i].name;
        if (answer->unopened[i] > 0)
            fprintf(stderr, "%llu %s of %s did not open and %s left aside\n", (unsigned long long)answer->unopened[i],
                    text_count_word(answer->unopened[i], "hit", "hits"), name,
                    text_count_word(answer->unopened[i], "was", "were"));
        if (answer->refused[i] > 0)
            fprintf(stderr, "refused: %s %s\n", TEXT_COUNT(answer->refused[i], "hit that names", "hits that name"),
                    name);
    }
    if (answer->refused_all > 0)
        fprintf(stderr,
                "the matcher's answer is not what it wrote down, or comes of an agency without a mutual grant. It is "
                "kept: see concord-client evidence, and tell the auditors\n");
    if (answer->manifest > 0)
        fprintf(stderr,
                "the matcher works under version %llu of the manifest already, this client has version %llu: put the "
                "new one in its place and ask again\n",
                (unsigned long long)answer->manifest, (unsigned long long)a->region->version);
}

/* What the register of a document's issuer says, or why it says nothing. */
static void print_register(const struct agency *a, const struct verdict_register *r)
{
    static const char *const marks[REGISTER_STATES] = {"valid", "none", "open", "open", "skip", "skip"};
    char time[CLOCK_TEXT_SIZE];
    printf("%-5s %-17s %-8s %s", marks[r->state], r->purpose->region->name,
           a->region->agencies[r->declared->agency].name, report_sentence(register_state_word[r->state]));
    if (r->time != 0)
        printf(" (as of %s)", clock_text(time, r->time));
    printf("\n");
}

static void print_verdict(const struct answer_verdict *v)
{
    printf("%s%s\n", verdict_word[v->word],
           v->full || v->word == VERDICT_OPEN ? "" : ", and no full answer: see what is open");
}

static void print_answer(const struct agency *a, const struct answer *answer, const struct answer_verdict *v)
{
    print_verdict(v);
    for (size_t i = 0; i < answer->hits; i++)
        print_match(&answer->hit[i]);
    for (size_t i = 0; i < v->registers; i++)
        print_register(a, &v->of[i]);
    for (size_t i = 0; i < a->purposes; i++)
        print_purpose(answer, a, i);
    for (size_t i = 0; i < answer->unasked_count; i++)
        printf("open  %-17s %s %s\n", answer->unasked[i].purpose->region->name, answer->unasked[i].partner,
               report_sentence(report_unasked_word(answer->unasked[i].reason)));
    if (answer->cut)
        printf("open  there are more hits than one answer holds: ask with more fields\n");
}

/* One object; of zones a line each, with its number. */
static int print_json(const struct query *q, json_t *object, struct err *err)
{
    if (q->zone > 0 && object != NULL)
        json_object_set_new(object, "zone", json_integer((json_int_t)q->zone));
    int rc = object == NULL || json_dumpf(object, stdout, q->zone > 0 ? JSON_COMPACT : JSON_INDENT(2)) != 0
                 ? err_set(err, ERR_NO_MEMORY, "out of memory for an answer")
                 : 0;
    putchar('\n');
    json_decref(object);
    return rc;
}

static int print(const struct query *q, const struct answer *answer, const struct answer_verdict *v, struct err *err)
{
    if (q->o->json)
        return print_json(q, report_answer(q->agency, answer, v), err);
    if (q->zone > 0)
        printf("%szone %zu: ", q->zone > 1 ? "\n" : "", q->zone);
    print_answer(q->agency, answer, v);
    return 0;
}

/* --- asking --- */

static int ask(struct query *q, struct record *record, struct err *err)
{
    static uint8_t digest[REGION_AGENCIES_MAX][PARTY_DIGEST_SIZE];
    static struct inquiry inquiry;
    struct inquiry *const in = &inquiry;
    struct answer_verdict verdict;
    inquiry = (struct inquiry){.question = {.record = record, .except = digest[0]}};
    int rc = spared_find(q->agency, &in->question, (const char *const *)q->o->not_for.item, q->o->not_for.count, digest,
                         &in->question.except_count, err);
    if (rc == 0) {
        asker_ask(q->asker, &in, 1);
        rc = in->rc != 0 ? err_set(err, in->err.code, "%s", in->err.text) : 0;
    }
    if (rc == 0 && q->o->wait > 0)
        rc = await_verdicts(q->agency, &in->answer, q->o->wait, err);
    if (rc == 0) {
        verdict_of(&verdict, q->agency, &in->answer, clock_now());
        q->refused = q->refused || in->answer.refused_all > 0;
        q->hit = q->hit || verdict.word > VERDICT_OPEN;
        q->open = q->open || !verdict.full;
        rc = print(q, &in->answer, &verdict, err);
    }
    if (rc == 0)
        print_aside(q->agency, &in->answer);
    answer_free(&in->answer);
    return rc;
}

/* A zone that cannot be asked about is one that is open. */
static int print_unasked(struct query *q, const char *why, struct err *err)
{
    q->open = true;
    if (q->o->json)
        return print_json(q,
                          json_pack("{s:s, s:s, s:b, s:s}", "answer", "open", "verdict", verdict_word[VERDICT_OPEN],
                                    "full", 0, "reason", why),
                          err);
    printf("%szone %zu: %s\nopen  not asked: %s\n", q->zone > 1 ? "\n" : "", q->zone, verdict_word[VERDICT_OPEN], why);
    return 0;
}

static int ask_zone(struct query *q, char *zone, struct err *err)
{
    struct record record = {.line = 0};
    struct field_problem told[RECORD_PROBLEMS_MAX];
    for (int i = 0; i < FIELDS; i++)
        record.field[i] = "";
    record.field[FIELD_MRZ] = zone;
    const size_t count = text_is_utf8(zone, strlen(zone)) ? record_mend(&record, DATES_UNSAID, told) : 0;
    if (record_is_empty(&record) || !text_is_utf8(zone, strlen(zone)))
        return print_unasked(q, count > 0 ? told[0].reason : "not text", err);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "concord-client: warning: zone %zu: %s; asking without it\n", q->zone, told[i].reason);
    int rc = ask(q, &record, err);
    if (rc == ERR_INPUT || rc == ERR_DENIED)
        return print_unasked(q, err->text, err);
    return rc == 0 ? 0 : err_wrap(err, "zone %zu", q->zone);
}

/* Each is answered before the next one is read: a scanner may write them. */
static int ask_zones(struct query *q, struct err *err)
{
    char zone[ZONE_TEXT_MAX];
    bool end = false;
    int rc;
    while ((rc = zones_next(zone, stdin, &end, err)) == 0 && !end) {
        q->zone++;
        rc = ask_zone(q, zone, err);
        fflush(stdout);
        if (rc != 0)
            break;
    }
    explicit_bzero(zone, sizeof zone);
    return rc == 0 && q->zone == 0 ? err_set(err, ERR_INPUT, "there is no zone on standard input") : rc;
}

static int ask_fields(struct query *q, struct err *err)
{
    struct record record = fields_record(&q->o->fields);
    struct field_problem told[RECORD_PROBLEMS_MAX];
    record_mend(&record, DATES_UNSAID, told);
    return ask(q, &record, err);
}

static int run(struct call *call, struct err *err)
{
    struct query q = {.agency = call->opened, .o = call->options};
    int rc = q.o->wait > 0 ? await_ready(q.agency, err) : 0;
    if (rc == 0)
        rc = asker_new(&q.asker, q.agency, 0, err);
    if (rc == 0)
        rc = q.o->zones ? ask_zones(&q, err) : ask_fields(&q, err);
    if (rc == 0)
        rc = asker_settle(q.asker, err);
    else if (q.asker != NULL)
        (void)asker_settle(q.asker, ERR_IGNORED);
    asker_free(q.asker);
    if (rc == 0)
        call->status = q.refused ? EXIT_REFUSED : q.hit ? 0 : q.open ? EXIT_OPEN : EXIT_MISS;
    return rc;
}

static const struct setting settings[] = {
    FIELDS_FLAGS,
    {"not-for", NULL, NULL, SETTING_LIST, offsetof(struct options, not_for), "AGENCY",
     "do not ask this partner, who shall not know; may be repeated"},
    {"wait", NULL, NULL, SETTING_DURATION, offsetof(struct options, wait), "TIME",
     "wait so long for partners to judge what they have"},
    {"zones", NULL, NULL, SETTING_SWITCH, offsetof(struct options, zones), NULL,
     "machine-readable zones from standard input, one after another: asks about each as it comes"},
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct options, json), NULL,
     "answer as one JSON object, of zones one a line"},
};

const struct verb query_verb = {
    .name = "query",
    .brief = "a border check: ask without enrolling",
    .operands = "",
    .summary = "A border check: asks whether a partner has a record that matches these fields. Nothing is enrolled.",
    .more =
        "The fields are visible to others on this machine while the command runs; leave them out of shared shells, or\n"
        "write zones to standard input: concord-client query --zones <FILE\n"
        "Partners that have a record of what was asked find the question among their notices, and judge the two with\n"
        "this agency: until then a hit is one by its keys.\n"
        "The first line is the verdict: listed, other-person, unknown-to-issuer, other-document, known or clear, the first of\n"
        "these that holds; what else there is follows. Where somebody was not asked it is no full answer, never clear.\n"
        "Exit status: 0 something was found, 4 clear, 5 nothing was found, and it is no full answer (why is printed), 6 something was refused that must not have come (see: evidence), 1 failed, 2 usage; of several zones 6, else 0, else 5, else 4.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .check = check,
    .run = run,
};
