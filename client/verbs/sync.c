#include "client/verbs/verbs.h"

#include "client/match/inbox.h"
#include "client/match/resolve.h"
#include "client/token/outgoing.h"

#include <stdio.h>

static int sync_purpose(struct agency *a, const struct agency_purpose *p, uint64_t *unopened, struct err *err)
{
    struct resolver resolver;
    struct vault_counts counts = {0};
    uint64_t records = 0;
    resolver_init(&resolver, a, p);
    int rc = resolve_stale(&resolver, &records, err);
    rc = rc == ERR_NOT_FOUND ? 0 : rc;
    if (rc == 0)
        rc = vault_count(a->vault, p->domain, &counts, err);
    if (rc == 0)
        printf("%s: %llu records looked at, %llu matches\n", p->region->name, (unsigned long long)records,
               (unsigned long long)counts.matches);
    *unopened += resolver.unopened;
    resolver_free(&resolver);
    return rc;
}

/* First what is unsent, so that an interrupted enrolment is completed; then the mail. */
static int synchronise(struct agency *a, struct err *err)
{
    struct outgoing_counts sent = {0};
    struct inbox_counts got = {0};
    struct progress progress;
    uint64_t unopened = 0;
    int rc = 0;
    progress_start(&progress, "sending", false);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = outgoing_send(a, &a->purpose[i], &progress, &sent, err);
    progress_end(&progress);
    if (rc == 0)
        rc = inbox_fetch(a, &got, err);
    if (rc == 0)
        printf("mail: %llu entries of partners, %llu withdrawn\n", (unsigned long long)got.matches,
               (unsigned long long)got.withdrawn);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = sync_purpose(a, &a->purpose[i], &unopened, err);
    if (unopened > 0)
        fprintf(stderr, "%llu payloads of partners did not open and were left aside\n", (unsigned long long)unopened);
    return rc;
}

int sync_main(int argc, char **argv)
{
    static struct agency_config config;
    static const struct setting settings[] = {AGENCY_SETTINGS(config)};
    static const struct usage usage = {
        "concord-client sync", "",
        "Sends what is still unsent, fetches the mailbox, opens what came and finds the matches.", NULL, settings,
        AGENCY_SETTINGS_COUNT - 1}; /* all purposes: mail of all comes together */
    static struct agency agency;
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, &agency_known, AGENCY_CONFIG_DEFAULT, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands > 0)
        rc = err_set(&err, ERR_USAGE, "sync takes no operands; see --help");
    if (rc == 0)
        rc = agency_open(&agency, &config, &err);
    if (rc == 0)
        rc = synchronise(&agency, &err);
    agency_close(&agency);
    return verb_end("concord-client", rc, &err);
}
