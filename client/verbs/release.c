/* release, suspend, resume, load close: how much partners learn of this agency; what was withdrawn comes back. */
#include "client/verbs/verbs.h"

#include "client/task/load.h"
#include "protocol/base/clock.h"
#include "protocol/base/text.h"
#include "protocol/wire/meeting.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct options {
    uint64_t count;
    char until[SETTINGS_TEXT_MAX];
    bool record;
};

static int find_partner(const struct agency *a, const char *name, uint8_t digest[PARTY_DIGEST_SIZE], struct err *err)
{
    int at = region_find_agency(a->region, name);
    if (at < 0)
        return err_set(err, ERR_USAGE, "the manifest has no agency %s", name);
    if (strcmp(name, a->identity->party.name) == 0)
        return err_set(err, ERR_USAGE, "%s is this agency itself, not a partner", name);
    memcpy(digest, a->region->digests[at], PARTY_DIGEST_SIZE);
    return 0;
}

/* --- release --- */

/* The end of the day that is named. */
static int parse_until(const char *text, uint64_t *out, struct err *err)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%d", &tm);
    if (text[0] == '\0')
        return err_set(err, ERR_USAGE, "until when? Say the last day: --until 2026-12-04");
    if (end == NULL || *end != '\0')
        return err_set(err, ERR_USAGE, "--until %s: write the last day, such as 2026-12-04", text);
    *out = (uint64_t)timegm(&tm) + 86400;
    return *out > clock_now() ? 0 : err_set(err, ERR_USAGE, "--until %s is over", text);
}

/* Records that `remove` withdrew: all of them, or none. */
static int let_back(struct agency *a, char **id, size_t count, struct err *err)
{
    int rc = vault_begin(a->vault, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        if ((rc = vault_let_back(a->vault, id[i], err)) != 0)
            err_wrap(err, "nothing is let back; number %zu", i + 1);
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    if (rc == 0)
        printf("%zu %s back with the next enrolment of a feed that has %s\n", count,
               text_count_word(count, "record comes", "records come"), text_count_word(count, "it", "them"));
    return rc;
}

static int release_meetings(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    const struct options *o = call->options;
    struct release_request release = {.count = o->count};
    struct buf body = buf_of(256);
    int rc = find_partner(a, call->operand[0], release.partner, err);
    if (rc == 0)
        rc = parse_until(o->until, &release.until, err);
    if (rc == 0)
        rc = release_request_encode(&body, &release, err);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        rc = regulation_tell(a, &a->purpose[i], WIRE_RELEASE, buf_span(&body), err);
        if (rc == 0)
            printf(
                "%s: up to %llu meetings with %s beyond the day's limit, through %s, as far as %s releases them too\n",
                a->purpose[i].region->name, (unsigned long long)o->count, call->operand[0], o->until, call->operand[0]);
    }
    buf_free(&body);
    return rc;
}

static int run_release(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    if (o->record)
        return let_back(call->opened, call->operand, (size_t)call->operands, err);
    if (call->operands != 1)
        return err_set(err, ERR_USAGE, "release takes one partner; several records with --record");
    return release_meetings(call, err);
}

static const struct setting release_settings[] = {
    {"record", NULL, NULL, SETTING_SWITCH, offsetof(struct options, record), NULL,
     "let records come back that `remove` withdrew: their ids in place of a partner"},
    {"count", NULL, NULL, SETTING_NUMBER, offsetof(struct options, count), "N", "how many meetings at most (0: none)"},
    {"until", NULL, NULL, SETTING_TEXT, offsetof(struct options, until), "DATE", "the last day, 2026-12-04"},
};

const struct verb release_verb = {
    .name = "release",
    .brief = "let more meetings happen than the day's limit, or withdrawn records come back",
    .operands = "PARTNER --count N --until DATE | --record ID...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Lets waiting meetings with a partner happen beyond the day's limit. It replaces an earlier release for it.\n"
        "With --record: lets records come back that `remove` withdrew, with the next feed that has them.",
    .more =
        "It counts only as far as the partner releases them, too: one side cannot raise the limit that protects both.\n"
        "`status` shows what waits. Without --purpose it is for all purposes.",
    SETTINGS(release_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run_release,
};

/* --- suspend, resume --- */

static int set_suspended(struct call *call, bool on, struct err *err)
{
    struct agency *a = call->opened;
    struct suspend_request suspend = {.on = on};
    struct buf body = buf_of(256);
    int rc = find_partner(a, call->operand[0], suspend.partner, err);
    if (rc == 0)
        rc = suspend_request_encode(&body, &suspend, err);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        rc = regulation_tell(a, &a->purpose[i], WIRE_SUSPEND, buf_span(&body), err);
        if (rc == 0)
            printf("%s: %s %s\n", a->purpose[i].region->name, call->operand[0],
                   on ? "is suspended" : "takes part again");
    }
    buf_free(&body);
    return rc;
}

static int run_suspend(struct call *call, struct err *err)
{
    return set_suspended(call, true, err);
}

static int run_resume(struct call *call, struct err *err)
{
    return set_suspended(call, false, err);
}

const struct verb suspend_verb = {
    .name = "suspend",
    .brief = "let a partner learn nothing more, at once",
    .operands = "PARTNER",
    .least = 1,
    .most = 1,
    .summary = "Suspends a partner: as if there were no grant between the two. What both knew is withdrawn.",
    .more = "It is an event that everybody sees. `resume` ends it. Without --purpose it is for all purposes.",
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run_suspend,
};

const struct verb resume_verb = {
    .name = "resume",
    .brief = "let a suspended partner take part again",
    .operands = "PARTNER",
    .least = 1,
    .most = 1,
    .summary = "Ends what `suspend` began. What the two share meets anew, within the limits.",
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run_resume,
};

/* --- load close --- */

static int run_load_close(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        rc = load_close(a, &a->purpose[i], err);
        if (rc == 0)
            printf("%s: the first load is closed\n", a->purpose[i].region->name);
    }
    return rc;
}

static const struct verb close_verb = {
    .name = "close",
    .brief = "the first load is over: let the entries meet",
    .operands = "",
    .summary = "Says that the first load of an epoch is over: the entries meet those of partners now.",
    .more = "Without --purpose it is for all purposes.",
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run_load_close,
};

static const struct verb *const load_verbs[] = {&close_verb, NULL};

const struct verb load_verb = {
    .name = "load",
    .brief = "the first load of an epoch",
    .summary = "The first load of an epoch, in which entries meet nobody's.",
    .verbs = load_verbs,
};
