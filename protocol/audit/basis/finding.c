#include "protocol/audit/basis/finding.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *meaning;
} codes[] = {
    [FINDING_DAMAGED] = {"damaged", "a file is missing, cut, changed or does not verify"},
    [FINDING_STRANGER] = {"stranger", "a signature by somebody whom the manifest does not name"},
    [FINDING_FORKED] = {"forked", "two histories were signed or witnessed"},
    [FINDING_ROLLED_BACK] = {"rolled-back", "more was signed or witnessed than is shown"},
    [FINDING_PROMISE] = {"promise-broken", "what a receipt promises is not in the ledger"},
    [FINDING_NOT_FINAL] = {"not-final", "too few witnesses cosigned, or too late"},
    [FINDING_NOT_ALLOWED] = {"not-allowed", "the manifest then in force does not allow it"},
    [FINDING_NOT_CONSISTENT] = {"not-consistent", "an event contradicts those around it"},
    [FINDING_ONE_SIDED] = {"one-sided", "one side of a match or withdrawal was not told"},
    [FINDING_CLOCK] = {"clock", "times that jump"},
    [FINDING_MANIFEST_MISSING] = {"manifest-missing", "not checked: the manifest of that time is not at hand"},
    [FINDING_GUESSING] = {"guessing", "evaluations that no enrolment and no query explains"},
    [FINDING_EVALUATION_OMITTED] = {"evaluation-omitted", "evaluations that must have been are in no ledger"},
    [FINDING_BATCH_MISSING] = {"batch-missing", "archive and ledger have not the same batches"},
    [FINDING_MATCH_OMITTED] = {"match-omitted", "a match that there was went to nobody"},
    [FINDING_MATCH_INVENTED] = {"match-invented", "a match that there was not was delivered"},
    [FINDING_MATCH_MISDIRECTED] = {"match-misdirected", "a match went to somebody else"},
    [FINDING_MATCH_LATE] = {"match-late", "a match was delivered behind its cause"},
    [FINDING_MATCH_OTHER] = {"match-other", "as many as there should be were delivered, but not the same"},
    [FINDING_MATCH_EARLY] = {"match-early", "couples met that had to wait"},
    [FINDING_MATCH_OUT_OF_TURN] = {"match-out-of-turn", "couples met before others that waited longer"},
    [FINDING_ASKED_BEYOND] = {"asked-beyond", "a partner was asked that was not to be, or left out though it was"},
    [FINDING_SIGNATURE] = {"signature", "the archive has a request that its party did not sign"},
    [FINDING_REPEATED] = {"repeated", "two events for one request: the ledger's owner made one up"},
    [FINDING_PREKEY] = {"prekey", "prekeys of a party that are not one chain: somebody shows different ones"},
    [FINDING_REFUSED] = {"refused", "many requests were refused"},
};

const char *finding_name(enum finding_code code)
{
    return codes[code].name;
}

const char *finding_meaning(enum finding_code code)
{
    return codes[code].meaning;
}

void findings_free(struct findings *findings)
{
    free(findings->kept);
    *findings = (struct findings){0};
}

void findings_add(struct findings *findings, enum finding_code code, const char *ledger, uint64_t index,
                  const char *format, ...)
{
    va_list args;
    findings->total++;
    findings->unchecked += code == FINDING_MANIFEST_MISSING;
    if (findings->kept == NULL)
        findings->kept = malloc(FINDINGS_KEPT * sizeof *findings->kept);
    if (findings->kept == NULL || findings->count == FINDINGS_KEPT)
        return;
    struct finding *f = &findings->kept[findings->count++];
    *f = (struct finding){.code = code, .index = index};
    snprintf(f->ledger, sizeof f->ledger, "%s", ledger);
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
}

bool finding_is_error(int code)
{
    return code == ERR_VERIFY || code == ERR_CONFLICT || code == ERR_INPUT || code == ERR_NOT_FOUND;
}

void findings_print(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->kept[i];
        printf("finding  %-18s %s", finding_name(f->code), f->ledger);
        if (f->index != FINDING_NONE)
            printf(" entry %" PRIu64, f->index);
        printf(": %s\n", f->text);
    }
    if (findings->total > findings->count)
        printf("finding  and %" PRIu64 " more\n", findings->total - findings->count);
}

json_t *findings_json(const struct findings *findings)
{
    json_t *out = json_array();
    int failed = 0;
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->kept[i];
        json_t *one = json_pack("{s:s, s:s, s:s}", "code", finding_name(f->code), "ledger", f->ledger, "text", f->text);
        if (f->index != FINDING_NONE)
            failed |= json_object_set_new(one, "index", json_integer((json_int_t)f->index));
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
