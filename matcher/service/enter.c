#include "matcher/service/enter.h"

#include "matcher/service/writer.h"
#include "protocol/base/clock.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* A payload is a nonce, as many slots as the epoch has, an authenticator (docs/protocol.md). */
#define PAYLOAD_SIZE(slots) (24 + 40 * (slots) + 16)

static int decode(struct job *job, struct err *err)
{
    switch (job->in.type) {
    case WIRE_ACK:
        return ack_request_decode(&job->ack, job->in.body, err);
    case WIRE_RELEASE:
        return release_request_decode(&job->release, job->in.body, err);
    case WIRE_SUSPEND:
        return suspend_request_decode(&job->suspend, job->in.body, err);
    case WIRE_CLOSE:
        return close_request_decode(job->in.body, err);
    case WIRE_LETTER:
        return letter_request_decode(&job->letters.letter, job->in.body, err);
    case WIRE_PREKEY:
        return prekey_request_decode(&job->letters.prekey, job->in.body, err);
    default:
        return batch_decode(&job->batch, &job->in, err);
    }
}

/* --- what it is about --- */

static bool is_standing(const struct region_epoch *epoch)
{
    return epoch != NULL && (epoch->until == 0 || clock_now() < epoch->until);
}

/*
 * Removals go as long as something is held; putting and asking in the current epoch alone; the rest until the epoch's
 * date.
 */
static int resolve_epoch(struct matcher *m, struct job *job, size_t scope)
{
    const struct wire_scope *in = &job->in.scope[scope];
    const struct region_purpose *p = &job->world->region->purposes[job->purpose[scope]];
    const uint16_t purpose = job->world->purpose_id[job->purpose[scope]];
    const struct region_epoch *epoch = region_find_epoch(p, in->epoch), *current = region_current(p);
    bool fits = job->in.type == WIRE_PUT || job->in.type == WIRE_QUERY ? epoch == current
                : job->in.type == WIRE_REMOVE
                    ? epoch != NULL || store_held(m->store, purpose, in->epoch, job->peer_id).count > 0
                    : is_standing(epoch);
    if (fits)
        return 0;
    job->refusal = REFUSAL_EPOCH;
    return err_set(&job->err, ERR_DENIED, "epoch %u of %s is not in force: it is %u", in->epoch, in->purpose,
                   current->epoch);
}

static int check_size(struct job *job, size_t scope)
{
    const struct region_purpose *p = &job->world->region->purposes[job->purpose[scope]];
    const uint32_t size = PAYLOAD_SIZE(region_current(p)->slots), given = job->batch.part[scope].payload_size;
    if ((job->in.type != WIRE_PUT && job->in.type != WIRE_QUERY) || given == size)
        return 0;
    return err_set(&job->err, ERR_INPUT, "the payloads of %s have %u bytes, not %u: is your schema another?",
                   job->in.scope[scope].purpose, size, given);
}

static int resolve_scope(struct matcher *m, struct job *job, size_t scope)
{
    const struct region *r = job->world->region;
    int purpose = region_find_purpose(r, job->in.scope[scope].purpose);
    if (purpose < 0) {
        job->refusal = REFUSAL_PURPOSE;
        return err_set(&job->err, ERR_DENIED, "the manifest has no purpose %s", job->in.scope[scope].purpose);
    }
    job->purpose[scope] = (size_t)purpose;
    int rc = resolve_epoch(m, job, scope);
    if (rc == 0)
        rc = check_size(job, scope);
    return rc;
}

static int resolve_partner(struct job *job, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    int partner = region_find_agency_by_digest(job->world->region, digest);
    if (partner < 0 || (size_t)partner == job->agency)
        return err_set(&job->err, ERR_INPUT, "%s names no other agency of the manifest in force",
                       wire_type_name(job->in.type));
    job->partner = job->world->agency_id[partner];
    return 0;
}

static int resolve(struct matcher *m, struct job *job)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < job->in.scope_count; i++)
        rc = resolve_scope(m, job, i);
    if (rc == 0 && job->in.type == WIRE_RELEASE)
        rc = resolve_partner(job, job->release.partner);
    if (rc == 0 && job->in.type == WIRE_SUSPEND)
        rc = resolve_partner(job, job->suspend.partner);
    return rc;
}

/* Of all that makes it this request, but not of when it was signed. */
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

int matcher_enter(struct matcher *matcher, const struct asked *asked, bool *held, struct err *err)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a request");
    job->request = asked->request;
    job->in = *asked->in;
    job->world = world_hold(asked->world);
    job->agency = asked->agency;
    job->peer = asked->from->peer;
    job->peer_id = asked->agency_id;
    memcpy(job->peer_digest, asked->from->digest, sizeof job->peer_digest);
    job->event = buf_of(EVENT_SIZE_MAX);
    job->kept = buf_of(KV_VALUE_MAX);
    job->except_numbers = buf_of(2 * WIRE_EXCEPT_MAX * WIRE_PARTNERS_MAX);
    memcpy(job->statement, asked->from->statement, sizeof job->statement);
    int rc = decode(job, err);
    if (rc != 0) {
        job_free(job);
        return rc;
    }
    *held = true;
    if (resolve(matcher, job) == 0) {
        digest_request(job);
        rc = writer_add(matcher->writer, job, err);
        if (rc != 0) {
            *held = false;
            job_free(job);
        }
    } else {
        job->state = JOB_FAILED;
        job_answer(matcher, job);
        job_free(job);
    }
    return rc;
}
