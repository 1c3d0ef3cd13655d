#include "protocol/audit/basis/finding.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY "whoever made this copy"
#define ARCHIVE "whoever copied the archive"

/* others: who else can have caused what is unexplained. next: what to do about it, what would settle it. */
static const struct {
    const char *name, *meaning;
    enum finding_verdict verdict;
    const char *others, *next;
} codes[] = {
    [FINDING_DAMAGED] = {"damaged", "a file is missing, cut, changed or does not verify", FINDING_UNEXPLAINED, COPY,
                         "copy it again; if it stays, its owner is to export it anew from its store"},
    [FINDING_STRANGER] = {"stranger", "a signature by somebody whom the manifest does not name", FINDING_UNEXPLAINED,
                          COPY, "ask the owner who that is; it counts for nothing"},
    [FINDING_FORKED] = {"forked", "two histories were signed", FINDING_GUILTY, NULL,
                        "keep both; tell the coordinators and everybody who holds receipts"},
    [FINDING_ROLLED_BACK] = {"rolled-back", "more was signed or witnessed than is shown", FINDING_UNEXPLAINED, COPY,
                             "copy the ledger again, behind the others; if it stays, entries are held back"},
    [FINDING_PROMISE] = {"promise-broken", "what a receipt promises is not in the ledger", FINDING_GUILTY, NULL,
                         "keep the receipt: its owner signed it"},
    [FINDING_NOT_FINAL] = {"not-final", "too few witnesses cosigned, or too late", FINDING_UNEXPLAINED, "its witnesses",
                           "ask the witnesses why they did not cosign; their logs say what they answered"},
    [FINDING_NOT_ALLOWED] = {"not-allowed", "the manifest then in force does not allow it", FINDING_GUILTY, NULL,
                             "ask its owner; an honest one writes no such event"},
    [FINDING_NOT_CONSISTENT] = {"not-consistent", "an event contradicts those around it", FINDING_GUILTY, NULL,
                                "ask its owner; an honest one writes no such event"},
    [FINDING_ONE_SIDED] = {"one-sided", "one side of a match or withdrawal was not told", FINDING_GUILTY, NULL,
                           "tell the side that was not told; replay with the archive says of what"},
    [FINDING_CLOCK] = {"clock", "times that jump", FINDING_UNEXPLAINED, "its witnesses",
                       "ask the operators about their clocks; times before and behind cannot be compared"},
    [FINDING_MANIFEST_MISSING] = {"manifest-missing", "not checked: the manifest of that time is not at hand",
                                  FINDING_UNCHECKED, NULL, "give that manifest too: --manifest may be repeated"},
    [FINDING_GUESSING] = {"guessing", "evaluations that no enrolment and no query explains", FINDING_UNEXPLAINED,
                          "the custodians that wrote them down",
                          "the custodians keep what the agency signed, the agency receipts for what it used: compare"},
    [FINDING_EVALUATION_OMITTED] = {"evaluation-omitted", "evaluations that must have been are in no ledger",
                                    FINDING_UNEXPLAINED, NULL,
                                    "replay tells from the archive whether the agency signed what it put; then the "
                                    "agency's receipts of evaluation tell who left them out"},
    [FINDING_NOT_EVALUATED] = {"not-evaluated", "a request names evaluations that the custodian's ledger does not have",
                               FINDING_UNEXPLAINED, NULL,
                               "ask the agency for its receipt: held against the custodian's ledger (inclusion), it "
                               "convicts the custodian; without one, the agency named what it never had"},
    [FINDING_SPENT_TWICE] = {"spent-twice", "more of an evaluation was spent than there is", FINDING_GUILTY, NULL,
                             "ask its owner; an honest one refuses such a request"},
    [FINDING_BATCH_MISSING] = {"batch-missing", "archive and ledger have not the same batches", FINDING_UNEXPLAINED,
                               ARCHIVE, "ask for the archive again; if it stays, the matcher made the event up"},
    [FINDING_MATCH_OMITTED] = {"match-omitted", "a match that there was went to nobody", FINDING_GUILTY, NULL,
                               "tell both sides"},
    [FINDING_MATCH_INVENTED] = {"match-invented", "a match that there was not was delivered", FINDING_GUILTY, NULL,
                                "tell both sides"},
    [FINDING_MATCH_MISDIRECTED] = {"match-misdirected", "a match went to somebody else", FINDING_GUILTY, NULL,
                                   "tell all three"},
    [FINDING_MATCH_LATE] = {"match-late", "a match was delivered behind its cause", FINDING_GUILTY, NULL,
                            "tell both sides"},
    [FINDING_MAIL_OTHER] = {"mail-other", "what was handed out is not what the ledger says", FINDING_GUILTY, NULL,
                            "tell the agency: what the lines before say it got it is to ask for anew"},
    [FINDING_MATCH_OTHER] = {"match-other", "as many as there should be were delivered, but not the same",
                             FINDING_GUILTY, NULL, "tell both sides"},
    [FINDING_MATCH_EARLY] = {"match-early", "couples met that had to wait", FINDING_GUILTY, NULL, "tell both sides"},
    [FINDING_MATCH_OUT_OF_TURN] = {"match-out-of-turn", "couples met before others that waited longer", FINDING_GUILTY,
                                   NULL, "tell both sides"},
    [FINDING_ASKED_BEYOND] = {"asked-beyond", "a partner was asked that was not to be, or left out though it was",
                              FINDING_GUILTY, NULL, "tell asker and asked"},
    [FINDING_SIGNATURE] = {"signature", "the archive has a request that its party did not sign", FINDING_UNEXPLAINED,
                           ARCHIVE, "ask for the archive again; if it stays, the matcher acted on what nobody signed"},
    [FINDING_REPEATED] = {"repeated", "two events for one request: the ledger's owner made one up", FINDING_GUILTY,
                          NULL, "ask its owner; an honest one writes no such event"},
    [FINDING_PREKEY] = {"prekey", "prekeys of a party that are not one chain: somebody shows different ones",
                        FINDING_GUILTY, NULL, "compare the statements: two that the party signed convict it, too"},
};

static const char *const verdicts[] = {
    [FINDING_GUILTY] = "guilty", [FINDING_UNEXPLAINED] = "unexplained", [FINDING_UNCHECKED] = "unchecked"};

const char *finding_name(enum finding_code code)
{
    return codes[code].name;
}

const char *finding_meaning(enum finding_code code)
{
    return codes[code].meaning;
}

const char *finding_next(enum finding_code code)
{
    return codes[code].next;
}

const char *finding_verdict_name(enum finding_verdict verdict)
{
    return verdicts[verdict];
}

void findings_free(struct findings *findings)
{
    free(findings->kept);
    *findings = (struct findings){0};
}

/* --- adding --- */

struct finding_blame finding_unexplained(const char *format, ...)
{
    struct finding_blame out = {.verdict = FINDING_UNEXPLAINED};
    va_list args;
    va_start(args, format);
    vsnprintf(out.who, sizeof out.who, format, args);
    va_end(args);
    return out;
}

/* By the code: the ledger's owner, whose name ends its origin, and who else can have done what is unexplained. */
static struct finding_blame blame_of(enum finding_code code, const char *ledger)
{
    const char *slash = strrchr(ledger, '/'), *owner = slash != NULL ? slash + 1 : ledger;
    struct finding_blame out = {.verdict = codes[code].verdict};
    if (out.verdict == FINDING_UNEXPLAINED && codes[code].others != NULL)
        snprintf(out.who, sizeof out.who, "%s, %s", owner, codes[code].others);
    else if (out.verdict != FINDING_UNCHECKED)
        snprintf(out.who, sizeof out.who, "%s", owner);
    return out;
}

static bool is_doubted(const struct findings *findings, const char *ledger)
{
    for (size_t i = 0; i < findings->doubts; i++)
        if (strcmp(findings->doubted[i], ledger) == 0)
            return true;
    return false;
}

static void doubt(struct finding *f)
{
    char who[FINDING_WHO_MAX];
    if (f->verdict == FINDING_UNCHECKED || strstr(f->who, COPY) != NULL)
        return;
    memcpy(who, f->who, sizeof who);
    snprintf(f->who, sizeof f->who, "%.*s, %s", (int)(sizeof who - sizeof COPY - 2), who, COPY);
    f->verdict = FINDING_UNEXPLAINED;
}

void findings_doubt(struct findings *findings, const char *ledger)
{
    if (is_doubted(findings, ledger) || findings->doubts == FINDINGS_DOUBTED_MAX)
        return;
    findings->doubted[findings->doubts++] = ledger;
    for (size_t i = 0; i < findings->count; i++)
        if (strcmp(findings->kept[i].ledger, ledger) == 0)
            doubt(&findings->kept[i]);
}

static void add(struct findings *findings, enum finding_code code, const struct finding_blame *blame,
                const char *ledger, uint64_t index, const char *format, va_list args)
{
    findings->total++;
    findings->unchecked += blame->verdict == FINDING_UNCHECKED;
    if (findings->kept == NULL)
        findings->kept = malloc(FINDINGS_KEPT * sizeof *findings->kept);
    if (findings->kept == NULL || findings->count == FINDINGS_KEPT)
        return;
    struct finding *f = &findings->kept[findings->count++];
    *f = (struct finding){.code = code, .verdict = blame->verdict, .index = index, .rule = format};
    memcpy(f->who, blame->who, sizeof f->who);
    snprintf(f->ledger, sizeof f->ledger, "%s", ledger);
    vsnprintf(f->text, sizeof f->text, format, args);
    if (is_doubted(findings, ledger))
        doubt(f);
}

void findings_add(struct findings *findings, enum finding_code code, const char *ledger, uint64_t index,
                  const char *format, ...)
{
    const struct finding_blame blame = blame_of(code, ledger);
    va_list args;
    va_start(args, format);
    add(findings, code, &blame, ledger, index, format, args);
    va_end(args);
}

void findings_blame(struct findings *findings, enum finding_code code, const struct finding_blame *blame,
                    const char *ledger, uint64_t index, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(findings, code, blame, ledger, index, format, args);
    va_end(args);
}

bool finding_is_error(int code)
{
    return code == ERR_VERIFY || code == ERR_CONFLICT || code == ERR_INPUT || code == ERR_NOT_FOUND;
}

/* --- showing --- */

static bool is_alike(const struct finding *a, const struct finding *b)
{
    return a->code == b->code && a->verdict == b->verdict && a->rule == b->rule && strcmp(a->who, b->who) == 0 &&
           strcmp(a->ledger, b->ledger) == 0;
}

static bool is_known(const struct findings *findings, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (is_alike(&findings->kept[i], &findings->kept[at]))
            return true;
    return false;
}

bool findings_group(const struct findings *findings, size_t *at, struct finding_group *out)
{
    while (*at < findings->count && is_known(findings, *at))
        ++*at;
    if (*at >= findings->count)
        return false;
    *out = (struct finding_group){.first = &findings->kept[*at]};
    for (size_t i = *at; i < findings->count; i++)
        if (is_alike(out->first, &findings->kept[i])) {
            out->count++;
            out->last = findings->kept[i].index;
        }
    ++*at;
    return true;
}

static void print_group(const struct finding_group *group)
{
    const struct finding *f = group->first;
    printf("finding  %-18s %s", finding_name(f->code), f->ledger);
    if (f->index != FINDING_NONE)
        printf(" entry %" PRIu64, f->index);
    printf(": %s", f->text);
    if (group->count > 1)
        printf(" (and %" PRIu64 " more like it", group->count - 1);
    if (group->count > 1 && group->last != FINDING_NONE)
        printf(", up to entry %" PRIu64, group->last);
    printf("%s\n         %s%s%s; %s\n", group->count > 1 ? ")" : "", finding_verdict_name(f->verdict),
           f->who[0] != '\0' ? ": " : "", f->who, finding_next(f->code));
}

void findings_print(const struct findings *findings)
{
    struct finding_group group;
    for (size_t at = 0; findings_group(findings, &at, &group);)
        print_group(&group);
    if (findings->total > findings->count)
        printf("finding  and %" PRIu64 " more\n", findings->total - findings->count);
}

json_t *findings_json(const struct findings *findings)
{
    json_t *out = json_array();
    struct finding_group group;
    int failed = 0;
    for (size_t at = 0; findings_group(findings, &at, &group);) {
        const struct finding *f = group.first;
        json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s}", "code", finding_name(f->code), "verdict",
                                finding_verdict_name(f->verdict), "who", f->who, "ledger", f->ledger, "text", f->text,
                                "count", (json_int_t)group.count, "next", finding_next(f->code));
        if (f->index != FINDING_NONE)
            failed |= json_object_set_new(one, "index", json_integer((json_int_t)f->index));
        if (group.last != FINDING_NONE)
            failed |= json_object_set_new(one, "last", json_integer((json_int_t)group.last));
        failed |= json_array_append_new(out, one);
    }
    if (failed != 0) {
        json_decref(out);
        return NULL;
    }
    return out;
}

int findings_exit_status(const struct findings *findings)
{
    if (findings->total > findings->unchecked)
        return 1;
    return findings->unchecked > 0 ? 2 : 0;
}
