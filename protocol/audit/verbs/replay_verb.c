/* concord-audit replay */
#include "protocol/audit/verbs/verbs.h"

#include "protocol/audit/replay/replay.h"
#include "protocol/audit/replay/work.h"

#include <inttypes.h>
#include <stdio.h>

struct options {
    char archive[SETTINGS_TEXT_MAX], work[SETTINGS_TEXT_MAX];
};

static int print_json(const struct audit *audit, const struct verified *v, const struct replay_counts *c,
                      struct err *err)
{
    return audit_print_json(json_pack("{s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "replayed",
                                      audit->findings.total == 0, "origin", v->walk->origin, "entries",
                                      (json_int_t)v->entries, "batches", (json_int_t)c->batches, "tags",
                                      (json_int_t)c->tags, "delivered", (json_int_t)c->delivered, "withdrawn",
                                      (json_int_t)c->withdrawn, "waited", (json_int_t)c->waited, "checked_in_part",
                                      (json_int_t)c->unchecked, "findings", findings_json(&audit->findings)),
                            err);
}

static void print_text(const struct audit *audit, const struct verified *v, const struct replay_counts *c)
{
    printf("%s\n  entries      %" PRIu64 "\n  batches      %" PRIu64 " with %" PRIu64 " tags\n  matches      %" PRIu64
           " deliveries, %" PRIu64 " withdrawals, %" PRIu64 " couples that came to wait, as computed\n",
           v->walk->origin, v->entries, c->batches, c->tags, c->delivered, c->withdrawn, c->waited);
    if (c->unchecked > 0)
        printf("  in part      %" PRIu64 " causes: the archive does not say all that was there before them\n",
               c->unchecked);
    printf("\n");
    findings_print(&audit->findings);
    if (audit->findings.total == 0)
        printf("replayed: what was delivered is what had to be\n");
}

static int run(struct call *call, struct err *err)
{
    struct audit *audit = call->opened;
    const struct audit_options *config = call->config;
    const struct options *o = call->options;
    const struct walk *matcher = audit_matcher(audit);
    struct replay *replay = NULL;
    struct replay_counts counts = {0};
    struct verified verified = {.walk = matcher};
    char work[PATH_LIMIT] = "";
    int rc = 0;
    if (matcher == NULL && audit->findings.total == 0)
        return err_set(err, ERR_USAGE, "replay needs the matcher's ledger");
    if (matcher == NULL) {
        findings_print(&audit->findings);
        return 0;
    }
    rc = work_make(work, o->work, err);
    if (rc == 0)
        rc = replay_new(&replay, audit, matcher, o->archive, work, err);
    if (rc == 0)
        rc = verify_ledger(audit, matcher, replay_handler(replay), &verified, err);
    if (rc == 0)
        rc = replay_finish(replay, &counts, err);
    if (rc == 0 && config->json)
        rc = print_json(audit, &verified, &counts, err);
    else if (rc == 0)
        print_text(audit, &verified, &counts);
    replay_free(replay);
    work_remove(work);
    return rc;
}

static const struct setting settings[] = {
    {"archive", NULL, NULL, SETTING_PATH, offsetof(struct options, archive), "DIR", "the matcher's archive of batches",
     .required = true},
    {"work", NULL, NULL, SETTING_PATH, offsetof(struct options, work), "DIR",
     "where the entries may lie meanwhile (default: TMPDIR, or /tmp)"},
};

const struct verb replay_verb = {
    .name = "replay",
    .brief = "compute the joins again and compare with what was delivered",
    .operands = "DIR",
    .least = 1,
    .most = 1,
    .summary =
        "Computes again, from the archived requests, which must be signed, what the matcher whose ledger is in DIR had to do,\n"
        "and compares: a match, wait or question that was omitted, invented, misdirected, late, early or out of turn is named.\n"
        "The ledger is verified.",
    .more = "Copy the ledger first, then the archive. The archive holds tags and sealed payloads, no personal data.\n"
            "Exit status: 0 no findings, 1 there are findings, 2 it could not be checked.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = AUDIT_ALL,
    .run = run,
};
