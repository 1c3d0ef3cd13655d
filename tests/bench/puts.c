/* A matcher's store and what it does for a PUT, without the network: puts.h. */
#include "tests/bench/puts.h"

#include "matcher/join/change.h"
#include "protocol/base/file.h"
#include "protocol/ledger/batch.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct region *make_region(void)
{
    static const char *const names[PUTS_AGENCIES] = {"THA", "IDN"};
    struct region *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->version = 1;
    snprintf(r->name, sizeof r->name, "bench");
    snprintf(r->purposes[0].name, sizeof r->purposes[0].name, "persons");
    r->purposes[0].epochs[0].epoch = 1;
    r->purposes[0].epoch_count = 1;
    r->purpose_count = 1;
    r->purposes[0].limits =
        (struct region_limits){.daily = UINT32_MAX, .meets = UINT32_MAX, .entries = UINT32_MAX, .mailbox = UINT32_MAX};
    r->agencies = calloc(PUTS_AGENCIES, sizeof *r->agencies);
    r->digests = calloc(PUTS_AGENCIES, sizeof *r->digests);
    r->grants = calloc(PUTS_AGENCIES, sizeof *r->grants);
    if (r->agencies == NULL || r->digests == NULL || r->grants == NULL) {
        region_free(r);
        return NULL;
    }
    r->agency_count = r->grant_count = PUTS_AGENCIES;
    for (size_t i = 0; i < PUTS_AGENCIES; i++) {
        snprintf(r->agencies[i].name, sizeof r->agencies[i].name, "%s", names[i]);
        r->digests[i][0] = (uint8_t)(i + 1);
    }
    r->grants[0] = (struct region_grant){PUTS_OURS, PUTS_PARTNER, 0, {0}};
    r->grants[1] = (struct region_grant){PUTS_PARTNER, PUTS_OURS, 0, {0}};
    return r;
}

/* What the matcher does for a PUT once it is decoded: entries, mail, events, batch and answer in one durable write. */
static int put(struct puts *puts, enum puts_agency agency, const struct wire_request *in, struct span message,
               struct err *err)
{
    static const uint8_t hash[WIRE_HASH_SIZE] = {1};
    struct batch batch;
    const struct join_request request = {agency, 0, 1, &batch.part[0]};
    struct store_write *write;
    struct event event;
    struct store_answer answer = {.result = span_of("done", 4)};
    uint8_t id[WIRE_ID_SIZE];
    randombytes_buf(id, sizeof id);
    int rc = batch_decode(&batch, in, err);
    if (rc == 0)
        rc = store_begin(&write, puts->store, err);
    if (rc != 0)
        return rc;
    join_begin(&puts->join, write, puts->world, &puts->walks);
    puts->join.time = answer.time = ++puts->time;
    event_init(&event, EVENT_PUT);
    event.time = puts->time;
    rc = join_put_check(&puts->join, &request, err);
    if (rc == 0)
        rc = join_put(&puts->join, &request, NULL, &event, err);
    batch_describe(&event, &batch, puts->world->region->agencies[agency].name, in, hash);
    if (rc == 0)
        rc = tally_write(&puts->join.tally, write, &event, &answer.index, NULL, err);
    if (rc == 0)
        rc = store_archive(write, &(struct archive_record){answer.index, puts->time, EVENT_PUT, message}, err);
    if (rc == 0)
        rc = store_answer_put(write, puts->world->agency_id[agency], id, &answer, err);
    if (rc == 0)
        return store_commit(write, err);
    store_abandon(write);
    return rc;
}

int puts_put(struct puts *puts, enum puts_agency agency, uint8_t (*tag)[WIRE_TAG_SIZE], size_t count, struct err *err)
{
    static uint8_t payload[WIRE_CHANGE_MAX][PUTS_PAYLOAD];
    struct wire_request in = {.type = WIRE_PUT, .scope = {{"persons", 1}}, .scope_count = 1};
    const struct put_request request = {
        .entries = {span_of(tag, count * WIRE_TAG_SIZE), PUTS_PAYLOAD, span_of(payload, count * PUTS_PAYLOAD)}};
    buf_clear(&puts->body);
    int rc = put_request_encode(&puts->body, &request, err);
    in.body = buf_span(&puts->body);
    return rc != 0 ? rc : put(puts, agency, &in, in.body, err);
}

static int compare_tags(const void *a, const void *b)
{
    return memcmp(a, b, WIRE_TAG_SIZE);
}

void puts_sort(uint8_t (*tag)[WIRE_TAG_SIZE], size_t count)
{
    qsort(tag, count, WIRE_TAG_SIZE, compare_tags);
}

uint64_t puts_mail(const struct puts *puts, enum puts_agency agency)
{
    return store_mailbox(puts->store, puts->world->agency_id[agency]).last;
}

static int install(struct puts *puts, struct err *err)
{
    struct store_write *write;
    struct region *region = make_region();
    if (region == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    int rc = store_begin(&write, puts->store, err);
    if (rc != 0) {
        region_free(region);
        return rc;
    }
    rc = world_new(&puts->world, region, write, err);
    if (rc == 0) {
        join_begin(&puts->join, write, puts->world, &puts->walks);
        rc = change_begin(&puts->join, err);
    }
    if (rc == 0)
        return store_commit(write, err);
    store_abandon(write);
    return rc;
}

int puts_open(struct puts *puts, const char *dir, struct err *err)
{
    static const uint8_t seed[32] = {1};
    char archive[PATH_LIMIT];
    *puts = (struct puts){.body = buf_of(RPC_MESSAGE_MAX)};
    int rc = identity_from_seed(&puts->identity, "matcher", seed, err);
    const struct store_options options = {dir, "bench/matcher", puts->identity.log_secret, archive};
    snprintf(archive, sizeof archive, "%s/archive", dir);
    if (rc == 0)
        rc = store_open(&puts->store, &options, err);
    if (rc != 0)
        return rc;
    join_init(&puts->join, puts->store);
    return install(puts, err);
}

void puts_close(struct puts *puts)
{
    if (puts->store != NULL) {
        join_free(&puts->join);
        store_close(puts->store);
    }
    world_release(puts->world);
    buf_free(&puts->body);
}
