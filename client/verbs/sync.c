#include "client/verbs/verbs.h"

#include "client/task/sync.h"

#include <stdio.h>

static void report(const struct agency *a, const struct sync_result *r)
{
    printf("mail: %llu entries of partners, %llu withdrawn", (unsigned long long)r->mail.matches,
           (unsigned long long)r->mail.withdrawn);
    if (r->mail.asked > 0)
        printf(", %llu questions (see: matches asked)", (unsigned long long)r->mail.asked);
    printf("\n");
    if (r->mail.letters > 0)
        fprintf(stderr, "%llu letters came that this program cannot read\n", (unsigned long long)r->mail.letters);
    for (size_t i = 0; i < a->purposes; i++)
        printf("%s: %llu records looked at, %llu matches\n", a->purpose[i].region->name,
               (unsigned long long)r->purpose[i].looked_at, (unsigned long long)r->purpose[i].matches);
    for (size_t i = 0; i < a->region->agency_count; i++)
        if (r->unopened[i] > 0)
            fprintf(stderr, "%llu payloads of %s did not open and were left aside\n",
                    (unsigned long long)r->unopened[i], a->region->agencies[i].name);
}

static int run(struct call *call, struct err *err)
{
    static struct sync_result result;
    int rc = synchronise(call->opened, false, &result, err);
    if (rc == 0)
        report(call->opened, &result);
    return rc;
}

/* For all purposes: the mail of all comes together. */
const struct verb sync_verb = {
    .name = "sync",
    .brief = "send what is unsent, fetch the mailbox, find matches",
    .operands = "",
    .summary = "Sends what is still unsent, fetches the mailbox, opens what came and finds the matches.",
    .needs = CLIENT_AGENCY | CLIENT_JOBS,
    .run = run,
};
