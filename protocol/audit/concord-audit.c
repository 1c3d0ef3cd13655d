/* concord-audit: an auditor's tool, offline. */
#include "protocol/audit/verbs/verbs.h"
#include "protocol/group/group.h"

static const struct setting settings[] = {
    {"manifest", NULL, NULL, SETTING_LIST, offsetof(struct audit_options, manifests), "FILE",
     "the region's newest manifest, its signatures beside it; repeat for older ones that no ledger has",
     AUDIT_LAST | AUDIT_ALL | AUDIT_REGION},
    {"jobs", NULL, NULL, SETTING_NUMBER, offsetof(struct audit_options, jobs), "N",
     "threads (default: one per processor)", AUDIT_ALL},
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct audit_options, json), NULL,
     "print one JSON object, for scripts", AUDIT_ALL},
    {"quiet", NULL, NULL, SETTING_SWITCH, offsetof(struct audit_options, quiet), NULL, "no progress on stderr",
     AUDIT_ALL},
};

/* A verb that finds something ends with another status than one that does not. */
static int drive(struct call *call, struct err *err)
{
    static struct audit audit;
    const struct verb *verb = call->verb;
    if ((verb->needs & (AUDIT_LAST | AUDIT_ALL)) == 0)
        return verb->run(call, err);
    int ledgers = (verb->needs & AUDIT_ALL) != 0 ? call->operands : 1;
    int rc = audit_open(&audit, call->config, call->operand + call->operands - ledgers, (size_t)ledgers, err);
    call->opened = &audit;
    if (rc == 0)
        rc = verb->run(call, err);
    call->status = findings_exit_status(&audit.findings);
    audit_close(&audit);
    return rc;
}

int main(int argc, char **argv)
{
    static const struct verb *const verbs[] = {
        &verify_verb,    &consistency_verb, &inclusion_verb,
        &reconcile_verb, &replay_verb,      &report_verb,
        &show_verb,      &evidence_verb,    NULL,
    };
    static const struct program program = {
        .name = "concord-audit",
        .summary = "Checks the ledgers of a Concord region, offline, trusting nobody but the manifest.",
        .verbs = verbs,
        SETTINGS(settings),
        .config_size = sizeof(struct audit_options),
        .start = group_init,
        .drive = drive,
        .failed = 2,
    };
    return program_main(&program, argc, argv);
}
