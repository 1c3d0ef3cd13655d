#include "protocol/daemon/cosign.h"

#include "protocol/base/clock.h"
#include "protocol/base/log.h"

#include <string.h>

int cosign_subject(struct cosign_subject *out, const char *region, const struct party *owner, const char *self,
                   struct err *err)
{
    memcpy(out->log.party, owner->name, sizeof out->log.party);
    memcpy(out->log.key, owner->log, sizeof out->log.key);
    int rc = ledger_origin(out->log.origin, region, owner->name, err);
    if (rc == 0)
        rc = witness_name(out->own, region, self, err);
    return rc;
}

/*
 * Whether what was decided is worth a commit: always, but a split view that is shown over and over, and a proof that
 * does not hold for the first time, which may have been damaged and is asked for again.
 */
static bool is_kept(const struct cosign *c, const struct witnessed *log, const struct witness_decision *decision,
                    int rc)
{
    struct event event;
    if (rc == 0)
        return !decision->behind;
    return decision->split && refusals_count(c->refusals, REFUSAL_SPLIT, log->party, "", &event) &&
           (!decision->unproven || event.count > 1);
}

/*
 * What is older than what was cosigned came late, or its owner was put back to an old state, which others should know.
 */
static void note_older(const struct cosign *c, const struct witnessed *log, const struct witness_decision *decision)
{
    struct event event;
    struct err err;
    pthread_mutex_lock(c->writing);
    bool news = refusals_count(c->refusals, REFUSAL_BEHIND, log->party, "", &event);
    pthread_mutex_unlock(c->writing);
    log_event(LOG_WARN, "behind", "log=%s size=%llu cosigned=%llu", log->origin,
              (unsigned long long)decision->checkpoint.size, (unsigned long long)decision->size);
    if (news && c->write(c->context, &event, &err) != 0)
        log_event(LOG_ERROR, "refusal-not-recorded", "party=%s reason=\"%s\"", log->party, err.text);
}

static int decide(const struct cosign *c, const struct witnessed *log, const struct witness_request *ask,
                  struct witness_decision *decision, struct err *err)
{
    struct err why;
    pthread_mutex_lock(c->writing);
    int rc = c->decide(c->context, log, ask, decision, err);
    int ended = c->end(c->context, is_kept(c, log, decision, rc), &why);
    pthread_mutex_unlock(c->writing);
    if (rc == 0 && decision->older)
        note_older(c, log, decision);
    if (decision->split)
        log_event(LOG_ERROR, decision->unproven ? "not-proven" : "split-view", "log=%s size=%llu", log->origin,
                  (unsigned long long)decision->checkpoint.size);
    if (ended == 0)
        return rc;
    *err = why;
    return ended;
}

int cosign_answer(const struct cosign *cosign, const struct cosign_subject *subject, struct span in, struct buf *body,
                  struct err *err)
{
    struct witness_request ask;
    struct witness_decision decision = {.behind = false};
    struct buf line = buf_of(1024);
    int rc = witness_request_decode(&ask, in, err);
    if (rc == 0)
        rc = decide(cosign, &subject->log, &ask, &decision, err);
    if (decision.split) { /* what its owner signed is the answer: it may not know that it was put back */
        rc = rc == ERR_VERIFY ? 0 : rc;
        decision.behind = true;
    }
    if (rc == 0 && !decision.behind)
        rc = cosignature_sign(&line, decision.body, subject->own, clock_now(), cosign->identity->witness_secret, err);
    if (rc == 0)
        rc = witness_reply_encode(
            body,
            &(struct witness_reply){decision.size, buf_span(&line),
                                    span_of(decision.seen, decision.behind ? decision.seen_len : 0)},
            err);
    buf_free(&line);
    return rc;
}
