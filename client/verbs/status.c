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

static void print_partner(const struct agency *a, const struct status_partner *p)
{
    int at = region_find_agency_by_digest(a->region, p->partner);
    printf("    %-8s %llu meetings wait, %llu of %llu today; %llu of %llu tags asked today",
           at >= 0 ? a->region->agencies[at].name : "unknown", (unsigned long long)p->waiting,
           (unsigned long long)p->met_today, (unsigned long long)p->meets, (unsigned long long)p->asked_today,
           (unsigned long long)p->asks);
    if (p->released > 0 || p->released_by_partner > 0)
        printf("; released: %llu by us, %llu by it", (unsigned long long)p->released,
               (unsigned long long)p->released_by_partner);
    printf("%s%s\n", (p->suspended & STATUS_SUSPENDED_BY_US) != 0 ? "; suspended by us" : "",
           (p->suspended & STATUS_SUSPENDED_BY_THEM) != 0 ? "; suspended by it" : "");
}

static void print_purpose(const struct agency *a, const struct status_purpose *p)
{
    printf("  %-17s epoch %u: %llu entries%s\n", p->name, p->epoch, (unsigned long long)p->entries,
           p->loading ? ", first load not closed: they meet nobody's" : "");
    for (size_t i = 0; i < p->partner_count; i++)
        print_partner(a, &p->partner[i]);
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
            print_purpose(a, &reply.purpose[i]);
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
