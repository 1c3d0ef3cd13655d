/* The verbs of concord-audit. What is opened for them is a struct audit; the program's values are a struct
 * audit_options. */
#ifndef PROTOCOL_AUDIT_VERBS_VERBS_H
#define PROTOCOL_AUDIT_VERBS_VERBS_H

#include "protocol/audit/walk/audit.h"
#include "protocol/base/verbs.h"

#include <jansson.h>

enum audit_need {
    AUDIT_LAST = 1,   /* the last operand is the directory of a ledger */
    AUDIT_ALL = 2,    /* all operands are, and they are read whole */
    AUDIT_REGION = 4, /* the manifests alone, which it loads itself */
};

/* Prints what a verb found, and releases it. NULL: memory was out. */
int audit_print_json(json_t *result, struct err *err);

extern const struct verb verify_verb, consistency_verb, inclusion_verb, reconcile_verb, replay_verb, report_verb,
    show_verb, evidence_verb;

#endif
