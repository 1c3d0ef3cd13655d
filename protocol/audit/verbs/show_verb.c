/* concord-audit show */
#include "protocol/audit/verbs/verbs.h"

#include "protocol/audit/report/period.h"
#include "protocol/ledger/refusal.h"
#include "protocol/ledger/tiles.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct options {
    struct period period;
    char agency[SETTINGS_TEXT_MAX], purpose[SETTINGS_TEXT_MAX], kind[SETTINGS_TEXT_MAX];
    bool json, csv;
};

/* Whether an event about several purposes is about this one. */
static bool has_purpose(const struct event *e, const char *purpose)
{
    struct event_scope scope;
    if (e->scope[0] == '\0' || event_get_scope(&scope, e, ERR_IGNORED) != 0)
        return false;
    for (size_t i = 0; i < scope.items; i++)
        if (strcmp(scope.item[i].purpose, purpose) == 0)
            return true;
    return false;
}

static bool is_wanted(const struct options *o, const struct event *e)
{
    return period_has(&o->period, e->time) &&
           (o->agency[0] == '\0' || strcmp(o->agency, e->party) == 0 || strcmp(o->agency, e->partner) == 0) &&
           (o->purpose[0] == '\0' || strcmp(o->purpose, e->purpose) == 0 || has_purpose(e, o->purpose)) &&
           (o->kind[0] == '\0' || strcmp(o->kind, event_kind_name(e->kind)) == 0);
}

static void print_number(const char *name, uint64_t number)
{
    if (number > 0)
        printf(" %s %" PRIu64, name, number);
}

/* How the partner stands to the party. */
static const char *between(enum event_kind kind)
{
    switch (kind) {
    case EVENT_DELIVER:
    case EVENT_WITHDRAW:
        return "from";
    case EVENT_ASKED:
        return "by";
    case EVENT_RELEASE:
        return "for";
    case EVENT_SUSPEND:
        return "against";
    case EVENT_LETTER:
        return "to";
    default:
        return "and";
    }
}

/*
 * Who could have caused an event that says that something is wrong, and what settles it; NULL: it says no such thing.
 */
static const char *causes(const struct event *e)
{
    if (e->kind == EVENT_SPLIT)
        return "the party signed both, or who keeps this ledger made it up: both lie in evidence/, and verify says which";
    if (e->kind == EVENT_REFUSE && strcmp(e->note, refusal_name(REFUSAL_BEHIND)) == 0)
        return "the party's store was put back, or it withholds entries: verify both ledgers, and ask for its `restored`";
    if (e->kind == EVENT_REFUSE && strcmp(e->note, refusal_name(REFUSAL_SPENT)) == 0)
        return "the agency named one evaluation twice, or has its vault from a copy: reconcile, and its evidence";
    if (e->kind == EVENT_RESTORED)
        return "the machine lost its disk, or who keeps this ledger undoes entries: what others cosigned, and receipts";
    if (e->kind == EVENT_CLOCK)
        return "the machine's clock, or who keeps this ledger: the times at which others cosigned it";
    return NULL;
}

static void print_text(uint64_t index, const struct event *e)
{
    char time[CLOCK_TEXT_SIZE], digest[2 * EVENT_DIGEST_SIZE + 1];
    printf("%10" PRIu64 "  %s  %-11s", index, clock_text(time, e->time), event_kind_name(e->kind));
    if (e->party[0] != '\0')
        printf(" %s", e->party);
    if (e->partner[0] != '\0')
        printf(" %s %s", between(e->kind), e->partner);
    if (e->purpose[0] != '\0')
        printf(" %s/%" PRIu64, e->purpose, e->epoch);
    if (e->scope[0] != '\0')
        printf(" %s", e->scope);
    print_number("count", e->count);
    print_number("added", e->added);
    print_number("renewed", e->renewed);
    print_number("replaced", e->replaced);
    print_number("removed", e->removed);
    print_number("hits", e->hits);
    print_number("except", e->except);
    print_number("unasked", e->unasked);
    print_number("waiting", e->waiting);
    print_number("spent", e->spent);
    print_number("generation", e->generation);
    if (e->until > 0)
        printf(" until %s", clock_text(time, e->until));
    if (e->kind == EVENT_MANIFEST || e->kind == EVENT_WITNESS || e->kind == EVENT_SPLIT)
        printf(" %.16s", bytes_to_hex(digest, e->digest, sizeof e->digest));
    if (e->note[0] != '\0')
        printf(" (%s)", e->note);
    printf("\n");
    if (causes(e) != NULL)
        printf("%10s  could be: %s\n", "", causes(e));
}

/*
 * Names and notes hold neither quotation marks nor, but for a coalition and a scope, commas: quoting those is enough.
 */
static void print_csv(uint64_t index, const struct event *e)
{
    char time[CLOCK_TEXT_SIZE], digest[2 * EVENT_DIGEST_SIZE + 1];
    const uint64_t numbers[] = {e->count,   e->added,   e->renewed, e->replaced,   e->removed, e->hits,    e->except,
                                e->unasked, e->waiting, e->spent,   e->generation, e->until,   e->sequence};
    printf("%" PRIu64 ",%s,%s,%s,%s,%s,%" PRIu64, index, clock_text(time, e->time), event_kind_name(e->kind), e->party,
           e->partner, e->purpose, e->epoch);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        printf(",%" PRIu64, numbers[i]);
    printf(",\"%s\",%s,\"%s\"\n", e->scope, bytes_to_hex(digest, e->digest, sizeof e->digest), e->note);
}

static int show_entry(const struct options *o, const char *dir, struct tiles *tiles, struct err *err)
{
    struct span entry;
    struct event event;
    uint64_t index = tiles->next;
    int rc = tiles_next_entry(tiles, &entry, err);
    if (rc == 0 && (rc = event_decode(&event, entry, err)) != 0)
        err_wrap(err, "%s: entry %" PRIu64, dir, index);
    if (rc != 0 || !is_wanted(o, &event))
        return rc;
    if (o->json)
        printf("{\"index\":%" PRIu64 ",\"event\":%.*s}\n", index, (int)entry.len, (const char *)entry.data);
    else if (o->csv)
        print_csv(index, &event);
    else
        print_text(index, &event);
    return 0;
}

static int run(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    const char *dir = call->operand[0];
    char path[PATH_LIMIT];
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct tiles tiles;
    struct buf note = buf_of(NOTE_MAX);
    int rc = path_join(path, sizeof path, dir, "checkpoint", err);
    if (rc == 0)
        rc = file_read(&note, path, err);
    if (rc == 0 && (rc = checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, err)) != 0)
        err_wrap(err, "%s", path);
    if (rc == 0 && o->csv)
        printf("index,time,kind,party,partner,purpose,epoch,count,added,renewed,replaced,removed,hits,except,unasked,"
               "waiting,spent,generation,until,sequence,scope,digest,note\n");
    tiles_open(&tiles, dir, rc == 0 ? checkpoint.size : 0);
    while (rc == 0 && tiles.next < tiles.size)
        rc = show_entry(o, dir, &tiles, err);
    tiles_close(&tiles);
    buf_free(&note);
    return rc;
}

static int check(struct call *call, struct err *err)
{
    struct options *o = call->options;
    if (o->kind[0] != '\0' && event_kind_of(o->kind) == 0)
        return err_set(err, ERR_USAGE, "there is no kind of event called %.40s", o->kind);
    return period_parse(&o->period, err);
}

static const struct setting settings[] = {
    {"since", NULL, NULL, SETTING_TEXT, offsetof(struct options, period.since_text), "DATE",
     "from 2026-11-25 or 2026-11-25T08:00:00Z on"},
    {"until", NULL, NULL, SETTING_TEXT, offsetof(struct options, period.until_text), "DATE",
     "up to, and with, that day; or up to that second"},
    {"agency", NULL, NULL, SETTING_TEXT, offsetof(struct options, agency), "NAME",
     "events of this party, or that concern it"},
    {"purpose", NULL, NULL, SETTING_TEXT, offsetof(struct options, purpose), "NAME", "events of this purpose"},
    {"kind", NULL, NULL, SETTING_TEXT, offsetof(struct options, kind), "KIND",
     "events of this kind: put, query, deliver, evaluate, ..."},
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct options, json), NULL,
     "a JSON object a line, the entry as it stands in the ledger in it"},
    {"csv", NULL, NULL, SETTING_SWITCH, offsetof(struct options, csv), NULL, "a table with a header line"},
};

const struct verb show_verb = {
    .name = "show",
    .brief = "show the events of a ledger",
    .operands = "DIR",
    .least = 1,
    .most = 1,
    .summary = "Shows the events of an exported ledger. Nothing is verified: see concord-audit verify.",
    .more = "Exit status: 0 all was shown, 2 it could not be read.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .check = check,
    .run = run,
};
