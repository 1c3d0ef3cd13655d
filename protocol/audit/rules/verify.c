#include "protocol/audit/rules/verify.h"

#include "protocol/audit/basis/coalition.h"
#include "protocol/audit/rules/event_rules.h"
#include "protocol/audit/walk/consistency.h"

#include <stdio.h>
#include <string.h>

struct verifying {
    struct event_rules *rules;
    const struct walk_handler *also;
    struct verified *out;
};

static int take_event(void *context, uint64_t index, const struct event *event, struct err *err)
{
    struct verifying *v = context;
    v->out->entries = index + 1;
    v->out->kind[event->kind]++;
    if (index == 0)
        v->out->first_time = event->time;
    v->out->last_time = event->time;
    int rc = event_rules_event(v->rules, index, event, err);
    if (rc == 0 && v->also != NULL && v->also->event != NULL)
        rc = v->also->event(v->also->context, index, event, err);
    return rc;
}

static int take_checkpoint(void *context, const struct walk_checkpoint *checkpoint, struct err *err)
{
    struct verifying *v = context;
    v->out->checkpoints++;
    v->out->cosigned[coalition_size(checkpoint->by)]++;
    for (size_t i = 0; i < v->out->walk->witness_count; i++)
        v->out->cosigned_by[i] += checkpoint->by >> i & 1;
    int rc = event_rules_checkpoint(v->rules, checkpoint, err);
    if (rc == 0 && v->also != NULL && v->also->checkpoint != NULL)
        rc = v->also->checkpoint(v->also->context, checkpoint, err);
    return rc;
}

/*
 * What was not walked to its end. Entries that lead to the newest checkpoint, and not to another that was signed, are a
 * fork; those that do not may be anybody's, who has changed the copy with all tiles above.
 */
static void find_broken(struct audit *audit, const struct walk *walk, int error, const char *text)
{
    bool whole = false;
    if (error == ERR_CONFLICT && consistency_is_whole(&whole, walk, ERR_IGNORED) == 0 && whole) {
        findings_add(&audit->findings, FINDING_FORKED, walk->origin, FINDING_NONE, "%s", text);
        return;
    }
    findings_add(&audit->findings, FINDING_DAMAGED, walk->origin, FINDING_NONE, "%s", text);
    findings_doubt(&audit->findings, walk->origin);
}

int verify_ledger(struct audit *audit, const struct walk *walk, const struct walk_handler *also, struct verified *out,
                  struct err *err)
{
    struct verifying v = {.also = also, .out = out};
    const struct walk_handler handler = {take_event, take_checkpoint, &v};
    struct progress progress;
    *out = (struct verified){.walk = walk};
    int rc = event_rules_new(&v.rules, audit, walk, err);
    if (rc != 0)
        return rc;
    event_rules_stranger(v.rules, &walk->seal, "checkpoint");
    progress_start(&progress, walk->origin, audit->quiet);
    rc = walk_run(walk, audit->jobs, &progress, &handler, err);
    progress_end(&progress);
    out->whole = rc == 0;
    if (rc == 0)
        event_rules_end(v.rules);
    if (rc == 0)
        rc = directory_check(audit, walk, &out->strays, err);
    out->final = event_rules_final(v.rules);
    event_rules_free(v.rules);
    if (rc == 0 || !finding_is_error(rc))
        return rc;
    find_broken(audit, walk, rc, err->text);
    return 0;
}
