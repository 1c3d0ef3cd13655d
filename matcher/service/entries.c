#include "matcher/service/entries.h"

#include "matcher/service/writer.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Purpose and epoch of a request must be in force. */
static int resolve(struct job *job)
{
    const struct region *r = job->world->region;
    int purpose = region_find_purpose(r, job->entries.purpose);
    if (purpose < 0) {
        job->refusal = REFUSAL_PURPOSE;
        return err_set(&job->err, ERR_DENIED, "the manifest has no purpose %s", job->entries.purpose);
    }
    job->purpose = (size_t)purpose;
    if (job->entries.epoch != r->purposes[purpose].epoch) {
        job->refusal = REFUSAL_EPOCH;
        return err_set(&job->err, ERR_DENIED, "epoch %u of %s is not in force: it is %u", job->entries.epoch,
                       job->entries.purpose, r->purposes[purpose].epoch);
    }
    return 0;
}

static void digest_request(struct job *job)
{
    const uint8_t type = (uint8_t)job->in.type;
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, sizeof job->digest);
    crypto_generichash_update(&hash, &type, 1);
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
    int rc = entry_request_decode(&job->entries, job->in.type, job->in.body, err);
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
