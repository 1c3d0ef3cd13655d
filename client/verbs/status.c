#include "client/verbs/verbs.h"

#include "client/agency/custodian.h"
#include "client/agency/matcher.h"
#include "client/vault/judging.h"
#include "protocol/base/clock.h"
#include "protocol/base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define ASKED_SHOWN 14 /* days by partner, of questions told by the day */

struct options {
    bool json;
};

/* --- the vault --- */

static int print_unopened(void *context, const struct vault_unopened *u, struct err *err)
{
    (void)context;
    (void)err;
    printf("    %-8s %s and %s did not open: its client, or the matcher, is at fault\n", u->partner,
           TEXT_COUNT(u->entries, "entry", "entries"), TEXT_COUNT(u->questions, "question", "questions"));
    return 0;
}

static int print_asked(void *context, const struct vault_asked *a, struct err *err)
{
    unsigned *shown = context;
    char time[CLOCK_TEXT_SIZE];
    (void)err;
    if ((*shown)++ < ASKED_SHOWN)
        printf("    %-8s asked about %s on %.10s\n", a->partner, TEXT_COUNT(a->count, "tag", "tags"),
               clock_text(time, a->day));
    return 0;
}

/* What became of pairs that opened. */
static int print_judging(struct agency *a, const struct agency_purpose *p, struct err *err)
{
    struct vault_judging_counts c;
    int rc = vault_judging_counts(a->vault, p->domain, &c, err);
    if (rc == 0 && c.pairs > 0)
        printf("    pairs: %llu judged, %llu different, %llu waiting, %llu beyond a limit, %llu refused\n",
               (unsigned long long)c.state[JUDGE_JUDGED], (unsigned long long)c.state[JUDGE_DIFFERENT],
               (unsigned long long)c.state[JUDGE_WAITING] + c.state[JUDGE_UNKNOWN],
               (unsigned long long)c.state[JUDGE_LIMIT], (unsigned long long)c.state[JUDGE_REFUSED]);
    if (rc == 0 && c.refused > 0)
        printf("    %s, as forged or malformed\n",
               TEXT_COUNT(c.refused, "letter of judging refused", "letters of judging refused"));
    return rc;
}

/* What is kept from the vault: by name, or since a feed would have withdrawn too much. */
static int print_feeds(struct agency *a, struct err *err)
{
    char time[CLOCK_TEXT_SIZE];
    struct vault_held held;
    uint64_t withheld;
    int rc = vault_withheld_count(a->vault, &withheld, err);
    if (rc == 0)
        rc = vault_held(a->vault, &held, err);
    if (rc == 0 && withheld > 0)
        printf("%llu %s out (release --record)\n", (unsigned long long)withheld,
               text_count_word(withheld, "record was withdrawn by name, and stays",
                               "records were withdrawn by name, and stay"));
    if (rc == 0 && held.withdrawn > 0)
        printf(
            "the feed of %s is STOPPED: it would withdraw %llu of %s; mend it, or say enrol --snapshot --withdraw %llu FILE...\n",
            clock_text(time, held.at), (unsigned long long)held.withdrawn, TEXT_COUNT(held.of, "record", "records"),
            (unsigned long long)held.withdrawn);
    return rc;
}

/* What holds all judging up until an officer says otherwise. */
static int print_lost(struct agency *a, struct err *err)
{
    char time[CLOCK_TEXT_SIZE];
    uint64_t lost;
    int rc = vault_judging_lost(a->vault, &lost, err);
    if (rc == 0 && lost > 0)
        printf("  what was judged before %.10s this vault does not know: until a year later no more is judged than an\n"
               "  officer releases (judge release PARTNER --count N)\n",
               clock_text(time, lost));
    return rc;
}

/* *entries: how many this vault has put, in a walk over all tags: counted once. */
static int print_domain(struct agency *a, const struct agency_purpose *p, uint64_t *entries, struct err *err)
{
    struct vault_counts c = {0};
    uint64_t put = 0;
    unsigned shown = 0;
    int rc = vault_count(a->vault, p->domain, &c, err);
    if (rc == 0)
        printf("  %-17s epoch %u: %s, %s (%llu to be sent), %s, %s\n", p->region->name, p->epoch->epoch,
               TEXT_COUNT(c.records, "record", "records"), TEXT_COUNT(c.tags, "tag", "tags"),
               (unsigned long long)c.unsent, TEXT_COUNT(c.matches, "match", "matches"),
               TEXT_COUNT(c.notices, "question by partners", "questions by partners"));
    if (rc == 0)
        rc = vault_count_put(a->vault, p->domain, &put, err);
    *entries = put + c.decoys;
    if (rc == 0 && *entries > 0)
        printf("  %-17s %s put: %s, since records share some, and what too many share is not put\n", "",
               TEXT_COUNT(*entries, "entry", "entries"), TEXT_COUNT(put, "different tag", "different tags"));
    if (rc == 0 && c.decoys > 0)
        printf("  %-17s %s, so that nobody sees what belongs together\n", "",
               TEXT_COUNT(c.decoys, "entry beside that is no record's", "entries beside that are no record's"));
    if (rc == 0)
        rc = vault_unopened(a->vault, p->domain, print_unopened, NULL, err);
    if (rc == 0)
        rc = vault_asked(a->vault, p->region->name, print_asked, &shown, err);
    if (rc == 0)
        rc = print_judging(a, p, err);
    return rc;
}

static int count_evidence(void *context, const struct vault_evidence *evidence, struct err *err)
{
    (void)evidence;
    (void)err;
    ++*(uint64_t *)context;
    return 0;
}

/* Of an epoch that is over there is nothing to say when all is in the current one. */
static int print_earlier(struct agency *a, const struct agency_purpose *p, struct err *err)
{
    struct vault_counts c = {0};
    char text[CLOCK_TEXT_SIZE];
    int rc = vault_count(a->vault, p->domain, &c, err);
    if (rc == 0 && !agency_is_over(p))
        printf("  %-17s epoch %u ends %s: %s, %s %u does not have yet\n", p->region->name, p->epoch->epoch,
               clock_text(text, p->epoch->until), TEXT_COUNT(c.records, "record", "records"),
               TEXT_COUNT(c.matches, "match that epoch", "matches that epoch"), region_current(p->region)->epoch);
    else if (rc == 0 && c.matches > 0)
        printf("  %-17s epoch %u is over: %s %u does not have yet %s listed\n", p->region->name, p->epoch->epoch,
               TEXT_COUNT(c.matches, "match that epoch", "matches that epoch"), region_current(p->region)->epoch,
               text_count_word(c.matches, "stays", "stay"));
    return rc;
}

static int print_vault(struct agency *a, uint64_t put[REGION_PURPOSES_MAX], struct err *err)
{
    struct vault_counts c = {0};
    uint64_t evidence = 0;
    int rc = vault_evidence(a->vault, count_evidence, &evidence, err);
    printf("agency %s, region %s, manifest version %llu\n", a->identity->party.name, a->region->name,
           (unsigned long long)a->region->version);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = print_domain(a, &a->purpose[i], &put[i], err);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        const struct agency_purpose *earlier = agency_earlier_of(a, &a->purpose[i]);
        rc = earlier != NULL ? print_earlier(a, earlier, err) : 0;
    }
    if (rc == 0)
        rc = print_lost(a, err);
    if (rc == 0)
        rc = print_feeds(a, err);
    if (rc == 0 && a->purposes > 0)
        rc = vault_count(a->vault, a->purpose[0].domain, &c, err);
    if (rc == 0)
        printf("  %s\n", TEXT_COUNT(c.receipts, "receipt", "receipts"));
    if (rc == 0 && evidence > 0)
        printf("  %s should not have been (see: evidence)\n",
               TEXT_COUNT(evidence, "piece of evidence of what", "pieces of evidence of what"));
    return rc;
}

/* --- the custodians --- */

static void print_budget(const struct budget_purpose *p)
{
    const uint64_t used = p->left < p->limit ? p->limit - p->left : 0;
    printf("  %-17s epoch %u: %llu of %s used%s, %llu left\n", p->name, p->epoch, (unsigned long long)used,
           TEXT_COUNT(p->limit, "token", "tokens"), p->loading ? " in the first load" : " today",
           (unsigned long long)p->left);
}

/* Each counts for itself: one that is down, or has little left, says nothing of the others. */
static void print_custodians(const struct agency *a)
{
    for (size_t i = 0; i < a->region->custodian_count; i++) {
        const struct region_custodian *c = &a->region->custodians[i];
        struct budget_reply reply;
        struct err err;
        char text[CLOCK_TEXT_SIZE];
        if (agency_custodian_budget(a, c, &reply, &err) != 0) {
            printf("custodian %s: not known what is left there: %s\n", c->party.name, err.text);
            continue;
        }
        printf("custodian %s: manifest version %llu, time %s\n", c->party.name, (unsigned long long)reply.manifest,
               clock_text(text, reply.time));
        for (size_t k = 0; k < reply.purpose_count; k++)
            print_budget(&reply.purpose[k]);
    }
}

/* --- the matcher --- */

static const char *name_of(const struct agency *a, const struct status_partner *p)
{
    int at = region_find_agency_by_digest(a->region, p->partner);
    return at >= 0 ? a->region->agencies[at].name : "unknown";
}

/* With the partner, of a purpose and epoch that this agency may not have. */
static int judged_with(const struct agency *a, const struct status_purpose *purpose, const struct status_partner *p,
                       uint64_t *judged, uint64_t *matches, struct err *err)
{
    *judged = *matches = 0;
    for (size_t i = 0; i < a->purposes; i++)
        if (strcmp(a->purpose[i].region->name, purpose->name) == 0 && a->purpose[i].epoch->epoch == purpose->epoch)
            return vault_judging_with(a->vault, a->purpose[i].domain, p->partner, judged, matches, err);
    return 0;
}

static int print_partner(const struct agency *a, const struct status_purpose *purpose, const struct status_partner *p,
                         struct err *err)
{
    uint64_t judged, matches;
    int rc = judged_with(a, purpose, p, &judged, &matches, err);
    printf("    %-8s %s, %llu of %llu today", name_of(a, p), TEXT_COUNT(p->waiting, "meeting waits", "meetings wait"),
           (unsigned long long)p->met_today, (unsigned long long)p->meets);
    if (p->met_today > p->meets)
        printf(" (%llu by release)", (unsigned long long)(p->met_today - p->meets));
    printf("; %llu of %s asked today", (unsigned long long)p->asked_today, TEXT_COUNT(p->asks, "tag", "tags"));
    if (p->released > 0 || p->released_by_partner > 0)
        printf("; released: %llu by us, %llu by it", (unsigned long long)p->released,
               (unsigned long long)p->released_by_partner);
    if (judged > 0)
        printf("; of %llu judged %llu are matches", (unsigned long long)judged, (unsigned long long)matches);
    printf("%s%s\n", (p->suspended & STATUS_SUSPENDED_BY_US) != 0 ? "; suspended by us" : "",
           (p->suspended & STATUS_SUSPENDED_BY_THEM) != 0 ? "; suspended by it" : "");
    return rc;
}

/*
 * Of what the vault has put some has expired, or was lost with a store that was put back; or another vault has put
 * more.
 */
static int print_difference(const struct agency *a, const uint64_t put[REGION_PURPOSES_MAX],
                            const struct status_purpose *p, struct err *err)
{
    struct vault_counts c;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        const uint64_t here = put[i];
        if (strcmp(a->purpose[i].region->name, p->name) != 0 || a->purpose[i].epoch->epoch != p->epoch)
            continue;
        rc = vault_count(a->vault, a->purpose[i].domain, &c, err);
        if (rc == 0 && c.unsent == 0 && p->entries != here)
            printf("    this vault has put %llu: %s\n", (unsigned long long)here,
                   p->entries < here ? "the others expired, or the matcher's store was put back"
                                     : "the others are not of this vault, or it was put back");
    }
    return rc;
}

static int print_purpose(const struct agency *a, const uint64_t put[REGION_PURPOSES_MAX],
                         const struct status_purpose *p, struct err *err)
{
    printf("  %-17s epoch %u: %s%s\n", p->name, p->epoch, TEXT_COUNT(p->entries, "entry", "entries"),
           p->loading ? ", first load not closed: they meet nobody's" : "");
    int rc = print_difference(a, put, p, err);
    for (size_t i = 0; rc == 0 && i < p->partner_count; i++)
        rc = print_partner(a, p, &p->partner[i], err);
    return rc;
}

static int print_matcher(const struct agency *a, const uint64_t put[REGION_PURPOSES_MAX],
                         const struct status_reply *reply, struct err *err)
{
    char text[CLOCK_TEXT_SIZE];
    int rc = 0;
    printf("matcher %s: manifest version %llu, time %s, ledger of %s, %s\n", a->region->matcher.name,
           (unsigned long long)reply->manifest, clock_text(text, reply->time),
           TEXT_COUNT(reply->ledger_size, "entry", "entries"),
           TEXT_COUNT(reply->mailbox, "message waiting", "messages waiting"));
    for (size_t i = 0; rc == 0 && i < reply->purpose_count; i++)
        rc = print_purpose(a, put, &reply->purpose[i], err);
    return rc;
}

/* --- for programs; docs/man/concord-client.1 has the members --- */

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static int add_unopened(void *context, const struct vault_unopened *u, struct err *err)
{
    json_t *object = json_pack("{s:s, s:o, s:o}", "partner", u->partner, "entries", number(u->entries), "questions",
                               number(u->questions));
    return json_array_append_new(context, object) == 0 ? 0
                                                       : err_set(err, ERR_NO_MEMORY, "out of memory for the status");
}

static int add_asked(void *context, const struct vault_asked *a, struct err *err)
{
    char day[CLOCK_TEXT_SIZE];
    clock_text(day, a->day)[10] = '\0';
    json_t *object = json_pack("{s:s, s:s, s:o}", "partner", a->partner, "day", day, "count", number(a->count));
    return json_array_append_new(context, object) == 0 ? 0
                                                       : err_set(err, ERR_NO_MEMORY, "out of memory for the status");
}

/* How an epoch stands: of one that is over nothing is at the matcher any more. */
static const char *stands(const struct agency_purpose *p)
{
    return !agency_is_earlier(p) ? "current" : agency_is_over(p) ? "over" : "ending";
}

static int add_domain(json_t *list, struct agency *a, const struct agency_purpose *p, struct err *err)
{
    struct vault_counts c = {0};
    uint64_t put = 0;
    json_t *unopened = json_array(), *asked = json_array();
    int rc = vault_count(a->vault, p->domain, &c, err);
    if (rc == 0)
        rc = vault_count_put(a->vault, p->domain, &put, err);
    if (rc == 0)
        rc = vault_unopened(a->vault, p->domain, add_unopened, unopened, err);
    if (rc == 0)
        rc = vault_asked(a->vault, p->region->name, add_asked, asked, err);
    json_t *object =
        json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "purpose", p->region->name, "epoch",
                  (int)p->epoch->epoch, "stands", stands(p), "records", number(c.records), "tags", number(c.tags),
                  "unsent", number(c.unsent), "put", number(put + c.decoys), "decoys", number(c.decoys), "matches",
                  number(c.matches), "questions", number(c.notices), "questions_by_day", asked, "unopened", unopened);
    if (json_array_append_new(list, object) != 0 && rc == 0)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for the status");
    return rc;
}

static int add_partner(json_t *list, const struct agency *a, const struct status_purpose *purpose,
                       const struct status_partner *p, struct err *err)
{
    uint64_t judged, matches;
    int rc = judged_with(a, purpose, p, &judged, &matches, err);
    json_t *object =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "partner", name_of(a, p), "waiting",
                  number(p->waiting), "met_today", number(p->met_today), "meets", number(p->meets), "asked_today",
                  number(p->asked_today), "asks", number(p->asks), "released_by_us", number(p->released),
                  "released_by_partner", number(p->released_by_partner), "judged", number(judged), "matches",
                  number(matches), "suspended_by_us", (int)(p->suspended & STATUS_SUSPENDED_BY_US),
                  "suspended_by_partner", (int)(p->suspended & STATUS_SUSPENDED_BY_THEM));
    if (json_array_append_new(list, object) != 0 && rc == 0)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for the status");
    return rc;
}

static int matcher_json(json_t **out, const struct agency *a, const struct status_reply *reply, struct err *err)
{
    json_t *list = json_array();
    char time[CLOCK_TEXT_SIZE];
    int rc = 0;
    for (size_t i = 0; i < reply->purpose_count; i++) {
        const struct status_purpose *p = &reply->purpose[i];
        json_t *partners = json_array();
        for (size_t k = 0; rc == 0 && k < p->partner_count; k++)
            rc = add_partner(partners, a, p, &p->partner[k], err);
        json_array_append_new(list, json_pack("{s:s, s:i, s:o, s:b, s:o}", "purpose", p->name, "epoch", (int)p->epoch,
                                              "entries", number(p->entries), "loading", (int)p->loading, "partners",
                                              partners));
    }
    *out = json_pack("{s:s, s:o, s:s, s:o, s:o, s:o}", "name", a->region->matcher.name, "manifest",
                     number(reply->manifest), "time", clock_text(time, reply->time), "ledger",
                     number(reply->ledger_size), "messages", number(reply->mailbox), "purposes", list);
    return rc;
}

static json_t *budget_json(const struct budget_purpose *p)
{
    return json_pack("{s:s, s:i, s:b, s:o, s:o}", "purpose", p->name, "epoch", (int)p->epoch, "loading",
                     (int)p->loading, "limit", number(p->limit), "left", number(p->left));
}

/* Of one that could not be asked the reason stands in place of the figures. */
static json_t *custodian_json(const struct agency *a, const struct region_custodian *c)
{
    struct budget_reply reply;
    struct err err;
    char time[CLOCK_TEXT_SIZE];
    if (agency_custodian_budget(a, c, &reply, &err) != 0)
        return json_pack("{s:s, s:s}", "name", c->party.name, "error", err.text);
    json_t *list = json_array();
    for (size_t i = 0; i < reply.purpose_count; i++)
        json_array_append_new(list, budget_json(&reply.purpose[i]));
    return json_pack("{s:s, s:o, s:s, s:o}", "name", c->party.name, "manifest", number(reply.manifest), "time",
                     clock_text(time, reply.time), "purposes", list);
}

static json_t *custodians_json(const struct agency *a)
{
    json_t *list = json_array();
    for (size_t i = 0; i < a->region->custodian_count; i++)
        json_array_append_new(list, custodian_json(a, &a->region->custodians[i]));
    return list;
}

static int feeds_json(json_t **out, struct agency *a, struct err *err)
{
    struct vault_held held = {.withdrawn = 0};
    uint64_t withheld = 0;
    int rc = vault_withheld_count(a->vault, &withheld, err);
    if (rc == 0)
        rc = vault_held(a->vault, &held, err);
    *out = json_pack("{s:o, s:o, s:o}", "withheld", number(withheld), "held_withdrawals", number(held.withdrawn),
                     "held_of", number(held.of));
    return rc;
}

static int print_json(struct agency *a, const struct status_reply *reply, struct err *err)
{
    struct vault_counts c = {0};
    uint64_t evidence = 0;
    json_t *list = json_array(), *matcher = NULL, *feeds = NULL;
    int rc = vault_evidence(a->vault, count_evidence, &evidence, err);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = add_domain(list, a, &a->purpose[i], err);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        const struct agency_purpose *earlier = agency_earlier_of(a, &a->purpose[i]);
        rc = earlier != NULL ? add_domain(list, a, earlier, err) : 0;
    }
    if (rc == 0 && a->purposes > 0)
        rc = vault_count(a->vault, a->purpose[0].domain, &c, err);
    if (rc == 0)
        rc = feeds_json(&feeds, a, err);
    if (rc == 0)
        rc = matcher_json(&matcher, a, reply, err);
    json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "agency", a->identity->party.name,
                               "region", a->region->name, "manifest", number(a->region->version), "receipts",
                               number(c.receipts), "evidence", number(evidence), "vault", list, "feeds", feeds,
                               "custodians", custodians_json(a), "matcher", matcher);
    if (rc == 0 && (object == NULL || json_dumpf(object, stdout, JSON_INDENT(2)) != 0))
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for the status");
    if (rc == 0)
        putchar('\n');
    json_decref(object);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    const struct options *o = call->options;
    struct status_reply reply = {.purpose_count = 0};
    uint64_t put[REGION_PURPOSES_MAX] = {0};
    int rc = o->json ? 0 : print_vault(a, put, err);
    if (rc == 0 && !o->json)
        print_custodians(a);
    if (rc == 0)
        rc = agency_matcher_status(a, &reply, err);
    if (rc == 0 && o->json)
        rc = print_json(a, &reply, err);
    else if (rc == 0)
        rc = print_matcher(a, put, &reply, err);
    status_reply_free(&reply);
    return rc;
}

static const struct setting settings[] = {
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct options, json), NULL, "as one JSON object"},
};

const struct verb status_verb = {
    .name = "status",
    .brief = "what is in the vault and at the matcher, and what may still be evaluated",
    .operands = "",
    .summary =
        "What is in the vault, what partners asked by the day, what did not open; how many tokens each custodian has left for\n"
        "this agency; and what the matcher has of it, how many meetings wait, and what is used of the day's limits.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run,
};
