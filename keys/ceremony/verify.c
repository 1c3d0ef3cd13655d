#include "keys/ceremony/complaint.h"
#include "keys/verbs.h"

#include <stdio.h>

static int tell(const struct ceremony *ceremony, const struct complaint *c, enum verdict verdict, const struct err *why,
                struct err *err)
{
    const char *against = ceremony->custodian[c->against].name, *by = ceremony->custodian[c->by].name;
    switch (verdict) {
    case VERDICT_CONTRIBUTOR:
        printf("at fault: %s\n%s; %s complained with reason\n", against, why->text, by);
        return 0;
    case VERDICT_COMPLAINER:
        printf("at fault: %s\nthe share for %s is good; %s complained: %s\n", by, by, by, c->reason);
        return 0;
    case VERDICT_UNANSWERED:
        break;
    }
    return err_set(
        err, ERR_NOT_FOUND,
        "%s must answer first (concord-keys ceremony answer): that %s only the two of them can see. Who does "
        "not answer by the day that all agree on is left out",
        against, c->reason);
}

static int run(struct call *call, struct err *err)
{
    static struct contribution parts[REGION_PURPOSES_MAX];
    static struct ceremony ceremony;
    struct complaint complaint = {.purpose = 0};
    enum verdict verdict = VERDICT_UNANSWERED;
    uint8_t deal[32];
    struct err why;
    const bool answered = call->operands == 4;
    int rc = ceremony_load(&ceremony, call->operand[0], err);
    if (rc == 0)
        rc = complaint_read(&complaint, &ceremony, call->operand[2], err);
    if (rc == 0)
        rc = complaint_contribution(parts, &complaint, &ceremony, call->operand[1], err);
    if (rc == 0 && answered)
        rc = answer_read(deal, &complaint, &ceremony, call->operand[3], err);
    if (rc == 0)
        rc = complaint_judge(&verdict, &why, &complaint, parts, &ceremony, answered ? deal : NULL, err);
    if (rc == 0)
        rc = tell(&ceremony, &complaint, verdict, &why, err);
    return rc;
}

const struct verb ceremony_verify_verb = {
    .name = "verify",
    .brief = "who is at fault where a custodian complained of another",
    .operands = "CEREMONY CONTRIBUTION COMPLAINT [ANSWER]",
    .least = 3,
    .most = 4,
    .summary =
        "Checks a complaint against the contribution that it is about and names one of the two. Where a share that\n"
        "only its recipient can open is said to be bad, the contributor's answer opens it.",
    .more = "Exit status 1 while that is not answered.",
    .run = run,
};
