#include "client/verbs/verbs.h"

#include "client/task/sync.h"

#include <stdio.h>

static void report(const struct agency *a, const struct sync_result *r)
{
    printf("mail: %llu entries of partners, %llu withdrawn\n", (unsigned long long)r->mail.matches,
           (unsigned long long)r->mail.withdrawn);
    for (size_t i = 0; i < a->purposes; i++)
        printf("%s: %llu records looked at, %llu matches\n", a->purpose[i].region->name,
               (unsigned long long)r->purpose[i].looked_at, (unsigned long long)r->purpose[i].matches);
    if (r->unopened > 0)
        fprintf(stderr, "%llu payloads of partners did not open and were left aside\n",
                (unsigned long long)r->unopened);
}

int sync_main(int argc, char **argv)
{
    static struct agency_config config;
    static const struct setting settings[] = {AGENCY_SETTINGS(config)};
    static const struct usage usage = {
        "concord-client sync",
        "",
        "Sends what is still unsent, fetches the mailbox, opens what came and finds the matches.",
        NULL,
        settings,
        AGENCY_SETTINGS_COUNT - 1}; /* all purposes: mail of all comes together */
    static struct agency agency;
    static struct sync_result result;
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
        rc = synchronise(&agency, false, &result, &err);
    if (rc == 0)
        report(&agency, &result);
    agency_close(&agency);
    return verb_end("concord-client", rc, &err);
}
