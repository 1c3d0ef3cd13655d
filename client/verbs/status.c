#include "client/verbs/verbs.h"

#include "client/agency/matcher.h"
#include "protocol/base/clock.h"
#include "protocol/wire/status.h"

#include <sodium.h>
#include <stdio.h>

static int print_vault(struct agency *a, struct err *err)
{
    struct vault_counts c = {0};
    int rc = 0;
    printf("agency %s, region %s, manifest version %llu\n", a->identity->party.name, a->region->name,
           (unsigned long long)a->region->version);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        rc = vault_count(a->vault, a->purpose[i].domain, &c, err);
        if (rc == 0)
            printf(
                "  %-17s epoch %u: %llu records, %llu tags (%llu to be sent), %llu matches, %llu questions by partners\n",
                a->purpose[i].region->name, a->purpose[i].epoch->epoch, (unsigned long long)c.records,
                (unsigned long long)c.tags, (unsigned long long)c.unsent, (unsigned long long)c.matches,
                (unsigned long long)c.notices);
    }
    if (rc == 0)
        printf("  %llu receipts\n", (unsigned long long)c.receipts);
    return rc;
}

static int print_matcher(struct agency *a, struct err *err)
{
    char text[CLOCK_TEXT_SIZE];
    struct wire_reply answer;
    struct status_reply reply = {.purpose_count = 0};
    struct buf body = buf_of(256), message = buf_of(RPC_MESSAGE_MAX);
    int rc = status_request_encode(&body, err);
    if (rc == 0)
        rc = agency_tell_matcher(a, WIRE_STATUS, buf_span(&body), &message, &answer, err);
    if (rc == 0)
        rc = status_reply_decode(&reply, answer.body, err);
    if (rc == 0) {
        printf("matcher %s: manifest version %llu, time %s, ledger of %llu entries, %llu messages waiting\n",
               a->region->matcher.name, (unsigned long long)reply.manifest, clock_text(text, reply.time),
               (unsigned long long)reply.ledger_size, (unsigned long long)reply.mailbox);
        for (size_t i = 0; i < reply.purpose_count; i++)
            printf("  %-17s epoch %u: %llu entries\n", reply.purpose[i].name, reply.purpose[i].epoch,
                   (unsigned long long)reply.purpose[i].entries);
    }
    status_reply_free(&reply);
    buf_free(&body);
    buf_free(&message);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    int rc = print_vault(call->opened, err);
    if (rc == 0)
        rc = print_matcher(call->opened, err);
    return rc;
}

const struct verb status_verb = {
    .name = "status",
    .brief = "what is in the vault and at the matcher",
    .operands = "",
    .summary = "What is in the vault, and what the matcher has of it.",
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run,
};
