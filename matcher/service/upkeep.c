#include "matcher/service/upkeep.h"

#include "matcher/join/spend.h"
#include "matcher/letters/letters.h"
#include "protocol/base/clock.h"

#define ANSWERS_KEPT (8 * 86400) /* seconds: a request may be a week old when it comes, and be repeated then */
#define MAIL_KEPT (7 * 86400)    /* acknowledged mail: a vault that was put back has it once more */
#define CLEAN_STEP 4096
#define SWEEP_EVERY 60  /* seconds */
#define UPKEEP_STEPS 64 /* in one call, so that a signal is never kept waiting for long */

static uint64_t ago(uint64_t now, uint64_t seconds)
{
    return now > seconds ? now - seconds : 0;
}

/* Entries that are too old, answers that need no repeating. */
static int sweep(struct matcher *m, bool *more, struct err *err)
{
    const uint64_t now = m->join.time;
    const struct store_clean_before before = {ago(now, ANSWERS_KEPT), ago(now, MATCHER_HITS_KEPT), ago(now, MAIL_KEPT)};
    bool uncleaned = false;
    int rc = sweep_expired(&m->join, more, err);
    if (rc == 0)
        rc = letters_lapse(m->join.write, now, more, err);
    if (rc == 0)
        rc = store_clean(m->join.write, &before, CLEAN_STEP, &uncleaned, err);
    if (rc == 0)
        rc = store_spending_clean(m->join.write, ago(now, SPEND_KEPT), CLEAN_STEP, &uncleaned, err);
    *more = *more || uncleaned;
    if (!*more)
        m->next_sweep = now + SWEEP_EVERY;
    return rc;
}

/*
 * A manifest that came while walks were under way begins in the write that ends the last of them: what becomes of
 * requests behind it then follows from the ledger alone (change.h).
 */
static int begin_behind(struct matcher *m, bool *begins, struct err *err)
{
    int rc = walk_load(&m->walks, m->store, err);
    *begins = rc == 0 && !walk_is_running(&m->walks);
    return *begins ? change_begin(&m->join, err) : rc;
}

/* What is due first, into the write at hand. *more: there may be more to do; *changes: as of sweep_due(). */
static int stage_step(struct matcher *m, bool *more, bool *changes, bool *begins, struct err *err)
{
    int rc = sweep_due(&m->join, &m->ended, more, changes, err);
    if (rc == 0 && *changes && m->must_begin)
        return begin_behind(m, begins, err);
    if (rc == 0 && !*more && m->join.time >= m->next_sweep)
        rc = sweep(m, more, err);
    return rc;
}

/* One step, in a write of its own. */
static int step(struct matcher *m, bool *more, struct err *err)
{
    struct store_write *write;
    bool changes, begins = false;
    const struct sweep_place was = m->ended; /* what is not committed was not ended: a full disk must not skip it */
    int rc = m->must_load ? walk_load(&m->walks, m->store, err) : 0;
    m->must_load = rc != 0;
    if (rc == 0)
        rc = store_begin(&write, m->store, err);
    if (rc != 0)
        return rc;
    join_begin(&m->join, write, m->world, &m->walks);
    m->join.time = store_time(write);
    rc = stage_step(m, more, &changes, &begins, err);
    if (rc == 0)
        rc = store_commit(write, err);
    else
        store_abandon(write);
    if (rc != 0)
        m->ended = was;
    m->must_load = rc != 0;
    if (rc == 0 && begins)
        m->must_begin = false;
    if (rc == 0 && changes) {
        rc = walk_load(&m->walks, m->store, err);
        m->must_load = rc != 0;
    }
    return rc;
}

int upkeep_run(struct matcher *m, struct err *err)
{
    bool more = true;
    int rc = 0;
    for (int i = 0; rc == 0 && more && i < UPKEEP_STEPS; i++) {
        more = false;
        pthread_mutex_lock(&m->writing);
        rc = step(m, &more, err);
        pthread_mutex_unlock(&m->writing);
    }
    const uint64_t kept = m->config->archive_retention, now = clock_now();
    if (rc == 0 && kept > 0 && kept < now && now >= m->next_prune) {
        pthread_mutex_lock(&m->writing);
        rc = store_prune_archive(m->store, now - kept, err);
        pthread_mutex_unlock(&m->writing);
        m->next_prune = now + SWEEP_EVERY;
    }
    parked_wake(&m->parked, m->store);
    return rc;
}
