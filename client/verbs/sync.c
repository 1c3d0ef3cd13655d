#include "client/verbs/verbs.h"

#include "client/mail/resolve.h"
#include "client/task/sync.h"
#include "protocol/base/clock.h"
#include "protocol/base/text.h"
#include "protocol/ledger/window.h"

#include <stdio.h>

static void report_mail(const struct agency *a, const struct inbox_counts *c)
{
    printf("mail: %s, %llu withdrawn", TEXT_COUNT(c->matches, "entry of partners", "entries of partners"),
           (unsigned long long)c->withdrawn);
    if (c->asked > 0)
        printf(", %s (see: matches asked)", TEXT_COUNT(c->asked, "question", "questions"));
    if (c->counted > 0)
        printf(", %s (see: status)", TEXT_COUNT(c->counted, "question told by the day", "questions told by the day"));
    printf("\n");
    if (c->gone > 0)
        fprintf(
            stderr,
            "%s: letters that nobody fetched in time, or mail that was acknowledged before this vault was put back\n",
            TEXT_COUNT(c->gone, "message is gone", "messages are gone"));
    if (c->apart > 0)
        fprintf(stderr, "%s\n",
                TEXT_COUNT(c->apart, "message is from before a grant ended, and was left aside",
                           "messages are from before a grant ended, and were left aside"));
    for (size_t i = 0; i < a->region->agency_count; i++)
        if (c->refused[i] > 0)
            fprintf(stderr, "refused: %s %s\n", TEXT_COUNT(c->refused[i], "message that names", "messages that name"),
                    a->region->agencies[i].name);
    if (c->refused_others > 0)
        fprintf(stderr, "refused: %s of the manifest\n",
                TEXT_COUNT(c->refused_others, "message that names nobody", "messages that name nobody"));
    if (c->refused_all > 0)
        fprintf(stderr, "what was refused is kept: see concord-client evidence, and tell the auditors\n");
}

static void report_letters(const struct letters_counts *c)
{
    if (c->sent + c->opened + c->acknowledged > 0)
        printf("letters: %llu sent, %llu came, %llu acknowledged\n", (unsigned long long)c->sent,
               (unsigned long long)c->opened, (unsigned long long)c->acknowledged);
    if (c->waiting + c->held > 0)
        printf("letters: %llu wait (see: letters)\n", (unsigned long long)c->waiting + c->held);
    if (c->unopened > 0)
        printf("letters: %llu cannot be opened any more; their senders are asked to seal them anew\n",
               (unsigned long long)c->unopened);
    if (c->refused > 0)
        fprintf(stderr, "%s (see: letters)\n", TEXT_COUNT(c->refused, "letter was refused", "letters were refused"));
}

static void report_desk(const struct desk_counts *c)
{
    if (c->asked + c->answered + c->outcomes + c->recalled > 0)
        printf("disclosure: %s, %s, %s, %s came (see: letters)\n", TEXT_COUNT(c->asked, "question", "questions"),
               TEXT_COUNT(c->answered, "answer", "answers"), TEXT_COUNT(c->outcomes, "outcome", "outcomes"),
               TEXT_COUNT(c->recalled, "recall", "recalls"));
    if (c->late + c->late_theirs > 0)
        printf("disclosure: %s, %llu at partners (see: letters)\n",
               TEXT_COUNT(c->late, "question or recall is late here", "questions or recalls are late here"),
               (unsigned long long)c->late_theirs);
    if (c->wiped > 0)
        printf("disclosure: %s\n",
               TEXT_COUNT(c->wiped, "letter was wiped, its time is over", "letters were wiped, their time is over"));
}

static void report_judging(const struct judge_counts *c)
{
    if (c->begun + c->answered > 0)
        printf("judging: begun about %s, answered about %llu\n", TEXT_COUNT(c->begun, "pair", "pairs"),
               (unsigned long long)c->answered);
    if (c->judged + c->different > 0)
        printf("judging: %s judged, %llu different (see: judge)\n", TEXT_COUNT(c->judged, "pair", "pairs"),
               (unsigned long long)c->different);
    if (c->limited > 0)
        printf("judging: %s, since a limit is used up (see: judge)\n",
               TEXT_COUNT(c->limited, "pair not judged", "pairs not judged"));
    if (c->refused > 0)
        fprintf(stderr, "judging: %s (see: status)\n",
                TEXT_COUNT(c->refused, "letter was refused as forged or malformed",
                           "letters were refused as forged or malformed"));
}

/* The values are in the feeds alone, so that nobody but who has them can move. */
static void report_epoch(const struct agency *a, const struct agency_purpose *p, uint64_t records, uint64_t before,
                         uint64_t matches)
{
    const struct agency_purpose *earlier = agency_earlier_of(a, p);
    char until[CLOCK_TEXT_SIZE];
    printf("%s: epoch %u is open and has %s of %llu: enrol all feeds again (the daemon does it by itself). ",
           p->region->name, p->epoch->epoch, TEXT_COUNT(records, "record", "records"), (unsigned long long)before);
    if (agency_is_over(earlier))
        printf(
            "Epoch %u is over: nothing of it is at the matcher any more. Its %s, and what was decided, stay listed as they were until epoch %u has them\n",
            earlier->epoch->epoch, TEXT_COUNT(matches, "match", "matches"), p->epoch->epoch);
    else
        printf("Epoch %u stands until %s, with %s %u does not have yet\n", earlier->epoch->epoch,
               clock_text(until, earlier->epoch->until), TEXT_COUNT(matches, "match that epoch", "matches that epoch"),
               p->epoch->epoch);
}

static void report(const struct agency *a, const struct sync_result *r)
{
    report_mail(a, &r->mail);
    report_letters(&r->letters);
    report_judging(&r->judging);
    report_desk(&r->desk);
    for (size_t i = 0; i < a->purposes; i++)
        printf("%s: %s looked at, %s\n", a->purpose[i].region->name,
               TEXT_COUNT(r->purpose[i].looked_at, "record", "records"),
               TEXT_COUNT(r->purpose[i].matches, "match", "matches"));
    for (size_t i = 0; i < a->purposes; i++)
        if (r->purpose[i].records < r->purpose[i].before)
            report_epoch(a, &a->purpose[i], r->purpose[i].records, r->purpose[i].before, r->purpose[i].left);
    for (size_t i = 0; i < a->region->agency_count; i++) {
        if (r->unopened[i] > 0)
            fprintf(stderr, "%s of %s did not open and %s left aside\n",
                    TEXT_COUNT(r->unopened[i], "payload", "payloads"), a->region->agencies[i].name,
                    text_count_word(r->unopened[i], "was", "were"));
        if (r->left[i] > 0)
            fprintf(stderr, "%s with %s %s left over: a record has more than %d\n",
                    TEXT_COUNT(r->left[i], "match", "matches"), a->region->agencies[i].name,
                    text_count_word(r->left[i], "was", "were"), MATCHES_MAX);
    }
}

/* That witnesses do not cosign is for people to ask about. */
static int report_final(struct agency *a, struct err *err)
{
    struct vault_final final;
    char since[CLOCK_TEXT_SIZE];
    int rc = vault_final_get(a->vault, &final, err);
    if (rc == 0 && final.size > 0 && final.at + WINDOW_FINAL < clock_now())
        fprintf(stderr,
                "receipts are provisional since %s: the matcher has shown no newer checkpoint with the cosignatures of "
                "%zu custodians; ask their operators\n",
                clock_text(since, final.at), (size_t)a->region->witnesses);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    static struct sync_result result;
    const struct agency *a = call->opened;
    int rc = synchronise(call->opened, false, JUDGE_ALL, &result, err);
    if (rc != 0)
        return rc;
    report(a, &result);
    rc = report_final(call->opened, err);
    if (rc != 0)
        return rc;
    if (result.mail.refused_all > 0)
        call->status = EXIT_REFUSED;
    if (result.mail.manifest == 0)
        return 0;
    return err_set(
        err, ERR_DENIED,
        "mail waits: the matcher works under version %llu of the manifest already, this client has version %llu. "
        "Join the invitation that has the new one, or put it in the place of this one, and synchronise again; nothing is lost",
        (unsigned long long)result.mail.manifest, (unsigned long long)a->region->version);
}

/* For all purposes: the mail of all comes together. */
const struct verb sync_verb = {
    .name = "sync",
    .brief = "send what is unsent, fetch the mailbox, find matches",
    .operands = "",
    .summary = "Sends what is still unsent, fetches the mailbox, opens what came and finds the matches.",
    .more = "Exit status: 0 done, 6 done, and something was refused that must not have come, 1 failed, 2 usage.",
    .needs = CLIENT_AGENCY | CLIENT_JOBS | CLIENT_PARTY,
    .run = run,
};
