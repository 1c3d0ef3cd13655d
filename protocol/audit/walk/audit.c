#include "protocol/audit/walk/audit.h"

#include "protocol/audit/walk/walk_checkpoints.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define AT_WORK_SECONDS 10 /* since the last export */
#define SETTLE_SECONDS 3   /* that one is waited for */
#define SETTLE_TRIES 30

/* Whether anything in dir says that it was exported by a ledger. */
static bool looks_like_ledger(const char *dir)
{
    static const char *const marks[] = {"checkpoint", "checkpoints", "tile"};
    struct stat status;
    char path[PATH_LIMIT];
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (path_join(path, sizeof path, dir, marks[i], ERR_IGNORED) == 0 && stat(path, &status) == 0)
            return true;
    return false;
}

/*
 * In the newest manifest that knows its owner, who may have left since. What is wrong is said as the newest of all sees
 * it.
 */
static int open_known(struct walk *out, const struct manifests *manifests, const char *dir, struct err *err)
{
    int rc = walk_open(out, manifests_newest(manifests), dir, err);
    for (size_t i = manifests->count - 1; rc == ERR_VERIFY && i > 0; i--)
        if (walk_open(out, manifests->list[i - 1].region, dir, ERR_IGNORED) == 0)
            rc = 0;
    if (rc == 0 && out->custodian >= 0)
        out->custodian = manifests_custodian(manifests, out->party);
    return rc;
}

/* With all that walking it needs. */
static int open_walk(struct walk *out, const struct manifests *manifests, const char *dir, struct err *err)
{
    int rc = open_known(out, manifests, dir, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < manifests->count; i++)
        rc = walk_add_witnesses(out, manifests->list[i].region, err);
    if (rc == 0)
        rc = walk_find_lost(out, err);
    if (rc != 0)
        walk_close(out);
    return rc;
}

static int open_ledger(struct audit *audit, const char *dir, struct err *err)
{
    struct walk walk;
    if (!looks_like_ledger(dir))
        return err_set(err, ERR_NOT_FOUND, "%s holds no exported ledger: there is neither checkpoint nor tile/ in it",
                       dir);
    int rc = open_walk(&walk, &audit->manifests, dir, err);
    if (finding_is_error(rc)) {
        findings_add(&audit->findings, FINDING_DAMAGED, dir, FINDING_NONE, "%s", err->text);
        return 0;
    }
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < audit->count; i++)
        if (strcmp(audit->ledger[i].origin, walk.origin) == 0 &&
            memcmp(audit->ledger[i].party->log, walk.party->log, PARTY_KEY_SIZE) == 0) {
            walk_close(&walk);
            return err_set(err, ERR_USAGE,
                           "%s and %s are both the ledger %s: compare two copies with concord-audit consistency",
                           audit->ledger[i].dir, dir, walk.origin);
        }
    audit->ledger[audit->count++] = walk;
    return 0;
}

/* --- ledgers of daemons at work --- */

/* Whether it was exported a moment ago, so that others' exports may be on their way. */
static bool is_at_work(const struct walk *walk)
{
    struct stat status;
    char path[PATH_LIMIT];
    const uint64_t now = clock_now();
    return path_join(path, sizeof path, walk->dir, "checkpoint", ERR_IGNORED) == 0 && stat(path, &status) == 0 &&
           (uint64_t)status.st_mtime <= now && now - (uint64_t)status.st_mtime < AT_WORK_SECONDS;
}

/* Whether another has cosigned more of it than it showed when it was opened. */
static bool is_behind(const struct audit *audit, const struct walk *walk)
{
    struct checkpoint seen;
    for (size_t i = 0; i < audit->count; i++)
        if (&audit->ledger[i] != walk && is_at_work(&audit->ledger[i]) &&
            walk_read_witnessed(&audit->ledger[i], walk->party, &seen) && seen.size > walk->newest.size)
            return true;
    return false;
}

/*
 * Daemons export each for itself, by default every second: what one has cosigned is waited for, so that ledgers which
 * grow are held against each other as copies of one moment would be.
 */
static int settle(struct audit *audit, struct err *err)
{
    static const struct timespec pause = {.tv_nsec = 1000000000L * SETTLE_SECONDS / SETTLE_TRIES};
    for (int tries = 0; tries < SETTLE_TRIES; tries++) {
        bool behind = false;
        for (size_t i = 0; i < audit->count; i++) {
            struct walk *walk = &audit->ledger[i], again;
            if (!is_behind(audit, walk))
                continue;
            behind = true;
            int rc = open_walk(&again, &audit->manifests, walk->dir, err);
            if (finding_is_error(rc))
                continue; /* what was there is verified */
            if (rc != 0)
                return rc;
            walk_close(walk);
            *walk = again;
        }
        if (!behind)
            return 0;
        nanosleep(&pause, NULL);
    }
    return 0;
}

int audit_open(struct audit *out, const struct audit_options *options, char *const *dirs, size_t count, struct err *err)
{
    *out = (struct audit){.jobs = (unsigned)(options->jobs < WALK_JOBS_MAX ? options->jobs : WALK_JOBS_MAX),
                          .quiet = options->quiet};
    if (options->manifests.count == 0 || count == 0)
        return err_set(err, ERR_USAGE, "--manifest FILE and the directory of a ledger are needed; see --help");
    int rc = manifests_load(&out->manifests, options->manifests.item, options->manifests.count, dirs, count, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = open_ledger(out, dirs[i], err);
    return rc == 0 ? settle(out, err) : rc;
}

void audit_close(struct audit *audit)
{
    for (size_t i = 0; i < audit->count; i++)
        walk_close(&audit->ledger[i]);
    if (audit->manifests.list != NULL)
        manifests_free(&audit->manifests);
    findings_free(&audit->findings);
    *audit = (struct audit){0};
}

const struct walk *audit_matcher(const struct audit *audit)
{
    for (size_t i = 0; i < audit->count; i++)
        if (audit->ledger[i].custodian < 0)
            return &audit->ledger[i];
    return NULL;
}

const struct walk *audit_custodian(const struct audit *audit, size_t number)
{
    for (size_t i = 0; i < audit->count; i++)
        if (audit->ledger[i].custodian == (int)number)
            return &audit->ledger[i];
    return NULL;
}
