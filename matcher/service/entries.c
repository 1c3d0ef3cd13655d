#include "matcher/service/entries.h"

#include "matcher/service/writer.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Purpose and epoch of a request must be in force. */
static int resolve(struct job *job)
{
    const struct region *r = job->world->region;
    const struct wire_scope *scope = &job->in.scope[0];
    int purpose = region_find_purpose(r, scope->purpose);
    if (purpose < 0) {
        job->refusal = REFUSAL_PURPOSE;
        return err_set(&job->err, ERR_DENIED, "the manifest has no purpose %s", scope->purpose);
    }
    job->purpose = (size_t)purpose;
    const struct region_purpose *p = &r->purposes[purpose];
    if (job->in.type == WIRE_REMOVE && region_find_epoch(p, scope->epoch) != NULL)
        return 0;
    if (scope->epoch != region_current(p)->epoch) {
        job->refusal = REFUSAL_EPOCH;
        return err_set(&job->err, ERR_DENIED, "epoch %u of %s is not in force: it is %u", scope->epoch, scope->purpose,
                       region_current(p)->epoch);
    }
    return 0;
}

static void digest_request(struct job *job)
{
    const uint8_t type = (uint8_t)job->in.type;
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, sizeof job->digest);
    crypto_generichash_update(&hash, &type, 1);
    for (size_t i = 0; i < job->in.scope_count; i++) {
        uint8_t epoch[4];
        bytes_put_u32be(epoch, job->in.scope[i].epoch);
        crypto_generichash_update(&hash, (const uint8_t *)job->in.scope[i].purpose,
                                  strlen(job->in.scope[i].purpose) + 1);
        crypto_generichash_update(&hash, epoch, sizeof epoch);
    }
    crypto_generichash_update(&hash, job->in.body.data, job->in.body.len);
    crypto_generichash_final(&hash, job->digest, sizeof job->digest);
}

int matcher_entries(struct matcher *matcher, const struct asked *asked, bool *held, struct err *err)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a request");
    job->request = asked->request;
    job->in = *asked->in;
    job->world = world_hold(asked->world);
    job->agency = asked->agency;
    job->event = buf_of(EVENT_SIZE_MAX);
    memcpy(job->statement, asked->from->statement, sizeof job->statement);
    int rc = batch_decode(&job->batch, &job->in, err);
    if (rc == 0 && job->in.scope_count > 1)
        rc = err_set(err, ERR_INPUT, "this matcher answers for one purpose at a time");
    if (rc != 0) {
        job_free(job);
        return rc;
    }
    *held = true;
    if (resolve(job) == 0) {
        digest_request(job);
        writer_add(matcher->writer, job);
    } else {
        job->state = JOB_FAILED;
        job_answer(matcher, job);
        job_free(job);
    }
    return 0;
}
