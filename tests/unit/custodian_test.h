/* A custodian at work in this process, and agencies that ask it. */
#ifndef TESTS_UNIT_CUSTODIAN_TEST_H
#define TESTS_UNIT_CUSTODIAN_TEST_H

#include "keys/custodian/custodian.h"
#include "protocol/base/clock.h"
#include "protocol/ledger/event.h"
#include "protocol/wire/evaluate.h"
#include "tests/unit/service_test.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* This program's clock: what is added to the time that it is, for the tests of days. */
static _Atomic time_t ahead;

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, out);
    out->tv_sec += clock == CLOCK_REALTIME ? ahead : 0;
    return rc;
}

static struct service_test test;
static struct custodian custodian;
static char shares_dir[128];
static const struct coalition first_two = {{1, 2}, 2}, first_and_third = {{1, 3}, 2};

/* The shares of an epoch, of all purposes, as custodian `of` has them, into a file of dir. */
static inline void custodian_test_shares(const char *dir, uint32_t epoch, size_t of)
{
    char path[256];
    static struct shares shares;
    shares.count = TEST_REGION_PURPOSES;
    for (size_t p = 0; p < TEST_REGION_PURPOSES; p++) {
        shares.share[p] = (struct share){.epoch = epoch, .scalar = test.region.share[p][of]};
        strcpy(shares.share[p].purpose, test.region.region->purposes[p].name);
    }
    snprintf(path, sizeof path, "%s/epoch-%u.share", dir, epoch);
    MUST(shares_write(path, &shares, &test.daemon.identity, why));
}

static inline void start(void)
{
    static struct daemon_service service;
    MUST(custodian_open(&custodian, &test.daemon, shares_dir, why));
    service =
        (struct daemon_service){.authorise = custodian_authorise, .handle = custodian_handle, .context = &custodian};
    service_test_serve(&test, test.region.region->custodians[0].url, &service);
    service_test_ask_as(&test, &test.region.agency[0], test.region.region->custodians[0].url);
}

static inline void stop(void)
{
    service_test_stop(&test);
    custodian_close(&custodian);
}

static inline int setup(void **state)
{
    (void)state;
    memset(&test, 0, sizeof test);
    ahead = 0;
    region_test_new(&test.region);
    service_test_new(&test, &test.region.custodian[0]);
    snprintf(shares_dir, sizeof shares_dir, "%s/shares", test.region.dir);
    MUST(dir_make(shares_dir, 0700, why));
    custodian_test_shares(shares_dir, 1, 0);
    start();
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    stop();
    buf_free(&test.message);
    region_test_end(&test.region);
    return 0;
}

/* Elements from hashing: element i of a series. */
static inline void elements(struct element *out, size_t n, uint8_t series)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t uniform[64];
        const uint8_t name[9] = {series, (uint8_t)(i >> 8), (uint8_t)i};
        crypto_generichash(uniform, sizeof uniform, name, sizeof name, NULL, 0);
        crypto_core_ristretto255_from_hash(out[i].bytes, uniform);
    }
}

static inline int ask(uint64_t id, const char *purpose, uint32_t epoch, const struct coalition *coalition,
                      const struct element *in, size_t n, struct evaluate_reply *out, struct err *err)
{
    struct evaluate_request request = {
        .coalition = *coalition, .batch = {{1, span_of(in, n * sizeof *in)}}, .count = 1};
    struct wire_reply reply;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    int rc = evaluate_request_encode(&body, &request, err);
    if (rc == 0)
        rc = service_test_call(&test, WIRE_EVALUATE, id, purpose, epoch, &body, &reply, err);
    if (rc == 0)
        rc = evaluate_reply_decode(out, reply.body, err);
    buf_free(&body);
    return rc;
}

#endif
