#include "client/task/await.h"

#include "client/task/sync.h"
#include "client/task/wake.h"
#include "protocol/base/clock.h"

#define LOOK_MS 20

/* One round, about all purposes, whatever the question is about: their mail comes together. */
static int work_off(const struct agency_config *config, const struct identity *identity, struct err *err)
{
    static struct agency agency;
    static struct sync_result result;
    int rc = agency_open(&agency, config, identity, err);
    if (rc == 0)
        rc = synchronise(&agency, true, JUDGE_NOTHING, &result, err);
    agency_close(&agency);
    return rc == ERR_CONFLICT ? 0 : rc; /* another process is at work */
}

static struct agency_config about_all(const struct agency *agency)
{
    struct agency_config config = *agency->config;
    config.purposes.count = 0;
    return config;
}

int await_ready(const struct agency *agency, struct err *err)
{
    const struct agency_config config = about_all(agency);
    return work_off(&config, agency->identity, err);
}

int await_verdicts(struct agency *agency, struct answer *answer, uint64_t seconds, struct err *err)
{
    const struct agency_config config = about_all(agency);
    const uint64_t until = clock_monotonic_ms() + 1000 * seconds;
    struct wake *wake = NULL;
    int rc = answer_waits(answer) ? wake_start(&wake, &config, agency->identity, err) : 0;
    while (rc == 0 && answer_waits(answer) && clock_monotonic_ms() < until) {
        if (wake_mail(wake)) {
            rc = work_off(&config, agency->identity, err);
            wake_done(wake);
        }
        clock_sleep_ms(LOOK_MS);
        if (rc == 0)
            rc = answer_refresh(answer, agency, err);
    }
    wake_stop(wake);
    return rc;
}
