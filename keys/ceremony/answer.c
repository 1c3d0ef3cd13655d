#include "keys/ceremony/complaint.h"
#include "keys/verbs.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct options {
    char identity[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX];
};

static int answer(const struct ceremony *ceremony, const struct complaint *complaint, const struct contribution *parts,
                  const struct identity *me, const char *out, struct err *err)
{
    uint8_t deal[32];
    const struct contribution *part = &parts[complaint->purpose];
    if (ceremony_find(ceremony, &me->party) != (int)complaint->against)
        return err_set(err, ERR_DENIED, "the complaint is against %s, and %s has nothing to answer",
                       ceremony->custodian[complaint->against].name, me->party.name);
    contribution_deal_secret(deal, part, ceremony, complaint->purpose, me, complaint->against, complaint->by);
    int rc = answer_write(out, complaint, ceremony, deal, err);
    sodium_memzero(deal, sizeof deal);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    static struct contribution parts[REGION_PURPOSES_MAX];
    static struct ceremony ceremony;
    const struct options *o = call->options;
    struct complaint complaint = {.purpose = 0};
    struct identity identity = {0};
    int rc = ceremony_load(&ceremony, call->operand[0], err);
    if (rc == 0)
        rc = complaint_read(&complaint, &ceremony, call->operand[2], err);
    if (rc == 0)
        rc = complaint_contribution(parts, &complaint, &ceremony, call->operand[1], err);
    if (rc == 0)
        rc = identity_load(&identity, o->identity, NULL, err);
    if (rc == 0)
        rc = answer(&ceremony, &complaint, parts, &identity, o->out, err);
    if (rc == 0)
        printf("%s: opens the share for %s: this ceremony must not go on\n", o->out,
               ceremony.custodian[complaint.by].name);
    identity_wipe(&identity);
    return rc;
}

static const struct options defaults = {.out = "answer.json"};

static const struct setting settings[] = {
    {"identity", NULL, NULL, SETTING_PATH, offsetof(struct options, identity), "FILE",
     "the accused custodian's identity", .required = true},
    {"out", NULL, NULL, SETTING_PATH, offsetof(struct options, out), "FILE", "where to write (answer.json)"},
};

const struct verb ceremony_answer_verb = {
    .name = "answer",
    .brief = "answer a complaint: open the share that it is about to everybody",
    .operands = "CEREMONY CONTRIBUTION COMPLAINT",
    .least = 3,
    .most = 3,
    .summary = "Writes the secret with which this custodian encrypted the share that another complains of, so that\n"
               "everybody can open it and see who is right. The ceremony is void and must not go on.",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = run,
};
