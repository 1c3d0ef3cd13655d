/* concord-audit evidence */
#include "protocol/audit/verbs/verbs.h"

#include "protocol/audit/rules/weigh.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <stdio.h>

#define TEXT_MAX (1u << 20)

/* By the first manifest that has what it is about. */
static int weigh(enum weight *out, struct buf *text, const struct evidence *evidence,
                 const struct setting_list *manifests, struct err *err)
{
    int rc = ERR_NOT_FOUND;
    for (size_t i = 0; rc == ERR_NOT_FOUND && i < manifests->count; i++) {
        struct region *region = NULL;
        buf_clear(text);
        rc = region_load(&region, manifests->item[i], NULL, err);
        if (rc == 0)
            rc = evidence_weigh(out, text, evidence, region, err);
        region_free(region);
    }
    return rc;
}

static void print(const char *path, const struct evidence *e, enum weight weight, const struct buf *text)
{
    static const char *const words[] = {
        [WEIGHT_NOTHING] = "proves nothing", [WEIGHT_CLAIM] = "a claim", [WEIGHT_CONVICTS] = "convicts"};
    char time[CLOCK_TEXT_SIZE];
    printf("%s: %s %s: %s, kept by %s at %s%s%s\n%.*s", path, words[weight],
           weight == WEIGHT_CONVICTS ? e->party : "against nobody by itself", evidence_kind_name(e->kind), e->agency,
           clock_text(time, e->time), e->partner[0] != '\0' ? ", naming " : "", e->partner, (int)text->len,
           (const char *)text->data);
}

static int weigh_file(const char *path, const struct setting_list *manifests, bool *convicts, struct err *err)
{
    struct evidence evidence;
    enum weight weight = WEIGHT_NOTHING;
    struct buf file = buf_of(EVIDENCE_MAX), storage = buf_of(EVIDENCE_MAX), text = buf_of(TEXT_MAX);
    int rc = file_read(&file, path, err);
    if (rc == 0)
        rc = evidence_parse(&evidence, buf_span(&file), &storage, err);
    if (rc == 0)
        rc = weigh(&weight, &text, &evidence, manifests, err);
    if (rc == 0)
        print(path, &evidence, weight, &text);
    else
        err_wrap(err, "%s", path);
    *convicts = *convicts || weight == WEIGHT_CONVICTS;
    buf_free(&file);
    buf_free(&storage);
    buf_free(&text);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    const struct audit_options *o = call->config;
    bool convicts = false;
    int rc = o->manifests.count > 0 ? 0 : err_set(err, ERR_USAGE, "--manifest FILE is needed; see --help");
    for (int i = 0; rc == 0 && i < call->operands; i++)
        rc = weigh_file(call->operand[i], &o->manifests, &convicts, err);
    call->status = convicts;
    return rc;
}

const struct verb evidence_verb = {
    .name = "evidence",
    .brief = "what the evidence of an agency proves",
    .operands = "FILE...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "What files that concord-client evidence exports prove. A party is convicted only by its own signatures; of all else it\n"
        "says what is signed, what is the agency's word, and what would settle it.",
    .more = "Exit status: 1 somebody is convicted, 0 nobody is, 2 a file could not be weighed.",
    .needs = AUDIT_REGION,
    .run = run,
};
