/*
 * A whole region, signed, as files in a scratch directory: two coordinators who must both sign, custodians 2 of 3 with
 * their shares, a matcher, agencies AAA, BBB, CCC (or REGION_TEST_AGENCIES, 64 at most) with mutual grants, purposes
 * persons and documents in epoch 1.
 */
#ifndef TESTS_UNIT_REGION_TEST_H
#define TESTS_UNIT_REGION_TEST_H

#include "protocol/base/file.h"
#include "protocol/group/scalar.h"
#include "protocol/identity/identity.h"
#include "protocol/region/minisign.h"
#include "protocol/region/region.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifndef REGION_TEST_AGENCIES
#define REGION_TEST_AGENCIES 3
#endif

enum {
    TEST_COORDINATORS = 2,
    TEST_CUSTODIANS = 3,
    TEST_REGION_AGENCIES = REGION_TEST_AGENCIES,
    TEST_REGION_PURPOSES = 2
};

struct region_test {
    char dir[64], path[96];
    struct identity coordinator[TEST_COORDINATORS], custodian[TEST_CUSTODIANS], matcher, agency[TEST_REGION_AGENCIES];
    struct scalar share[TEST_REGION_PURPOSES][TEST_CUSTODIANS];
    struct region *region;
};

/* A call that must succeed; in it, `why` is where its error goes. */
#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        struct err must_err = {.text = ""}, *why = &must_err;                                                          \
        if ((call) != 0) {                                                                                             \
            fail_msg("%s: %s", #call, must_err.text);                                                                  \
            abort(); /* fail_msg does not come back, and cmocka does not say so */                                     \
        }                                                                                                              \
    } while (0)

static inline void region_test_party(struct identity *out, const char *name, uint8_t number)
{
    const uint8_t seed[32] = {number, 'r'};
    MUST(identity_from_seed(out, name, seed, why));
}

static inline void region_test_key(struct region_test *t, size_t purpose)
{
    struct scalar coefficients[2];
    struct point points[2];
    struct element commitments[2];
    struct region_epoch *e = &t->region->purposes[purpose].epochs[0];
    scalar_set(&coefficients[0], 1000 + purpose);
    scalar_set(&coefficients[1], 77 + purpose);
    group_base_mul(points, group_generator(), coefficients, 2);
    group_encode(commitments, points, 2);
    e->key = commitments[0];
    for (uint8_t i = 0; i < TEST_CUSTODIANS; i++) {
        threshold_polynomial_at(&t->share[purpose][i], coefficients, 2, (uint8_t)(i + 1));
        MUST(threshold_public_share(&e->share[i], commitments, 2, (uint8_t)(i + 1), why));
    }
}

static inline void region_test_grant(struct region_test *t, size_t from, size_t to, size_t purpose)
{
    struct region *r = t->region;
    struct region_grant *g = &r->grants[r->grant_count++];
    struct buf text = buf_of(1024);
    *g = (struct region_grant){.from = (uint16_t)from, .to = (uint16_t)to, .purpose = (uint16_t)purpose};
    MUST(region_grant_text(&text, r->name, r->purposes[purpose].name, &r->agencies[from], &r->agencies[to], why));
    crypto_sign_detached(g->signature, NULL, text.data, text.len, t->agency[from].sign_secret);
    buf_free(&text);
}

static inline void region_test_sign(const struct region_test *t, size_t coordinator, struct span text)
{
    char path[160];
    struct buf signature = buf_of(4096);
    MUST(region_signature_path(path, sizeof path, t->path, t->coordinator[coordinator].party.name, why));
    MUST(minisign_sign(&signature, text.data, text.len, t->coordinator[coordinator].sign_secret, "test", why));
    MUST(file_write(path, signature.data, signature.len, 0644, why));
    buf_free(&signature);
}

/* Writes the region as it is now, signed by the first `signers` coordinators; signatures of before go. */
static inline void region_test_write(const struct region_test *t, size_t signers)
{
    char path[160];
    struct buf text = buf_of(REGION_FILE_MAX);
    MUST(region_print(t->region, &text, why));
    MUST(file_write(t->path, text.data, text.len, 0644, why));
    for (size_t i = 0; i < TEST_COORDINATORS; i++) {
        MUST(region_signature_path(path, sizeof path, t->path, t->coordinator[i].party.name, why));
        remove(path);
        if (i < signers)
            region_test_sign(t, i, buf_span(&text));
    }
    crypto_hash_sha256(t->region->digest, text.data, text.len);
    buf_free(&text);
}

/* Enough for any test that does not set its own: no first load. */
static const struct region_limits test_limits = {.daily = 1500,
                                                 .meets = 1000000,
                                                 .asks = 1000000,
                                                 .judgements = 6,
                                                 .entries = 1000000,
                                                 .mailbox = 1000000,
                                                 .letters = 1000};

/* Begins the next version: the one written last becomes part of its history. */
static inline void region_test_next(struct region_test *t)
{
    struct region *r = t->region;
    r->history = realloc(r->history, (r->history_count + 1) * sizeof *r->history);
    assert_non_null(r->history);
    memcpy(r->history[r->history_count++], r->digest, REGION_DIGEST_SIZE);
    r->version++;
}

static inline void region_test_fill(struct region_test *t)
{
    struct region *r = t->region;
    strcpy(r->name, "test");
    r->version = 1;
    r->coordinator_count = r->quorum = TEST_COORDINATORS;
    for (size_t i = 0; i < TEST_COORDINATORS; i++)
        r->coordinators[i] = t->coordinator[i].party;
    r->custodian_count = TEST_CUSTODIANS;
    r->threshold = 2;
    r->witnesses = 1;
    for (size_t i = 0; i < TEST_CUSTODIANS; i++) {
        r->custodians[i].party = t->custodian[i].party;
        snprintf(r->custodians[i].url, sizeof r->custodians[i].url, "ipc://%s/custodian-%zu.sock", t->dir, i + 1);
    }
    r->matcher = t->matcher.party;
    snprintf(r->matcher_url, sizeof r->matcher_url, "ipc://%s/matcher.sock", t->dir);
    r->purpose_count = TEST_REGION_PURPOSES;
    strcpy(r->purposes[0].name, "persons");
    strcpy(r->purposes[1].name, "documents");
    for (size_t p = 0; p < TEST_REGION_PURPOSES; p++) {
        r->purposes[p].kind = REGION_MATCH;
        r->purposes[p].limits = test_limits;
        r->purposes[p].disclosure = (struct region_disclosure){.answer = {1209600, 86400, 14400},
                                                               .recall = 259200,
                                                               .keep = 31536000,
                                                               .basis = {"national-law"},
                                                               .bases = 1};
        r->purposes[p].epoch_count = 1;
        r->purposes[p].epochs[0] = (struct region_epoch){.epoch = 1, .generation = 1, .slots = 4};
        region_test_key(t, p);
    }
    r->agency_count = TEST_REGION_AGENCIES;
    r->agencies = calloc(r->agency_count, sizeof *r->agencies);
    r->digests = calloc(r->agency_count, sizeof *r->digests);
    r->grants = calloc((size_t)TEST_REGION_AGENCIES * TEST_REGION_AGENCIES * TEST_REGION_PURPOSES, sizeof *r->grants);
    for (size_t a = 0; a < TEST_REGION_AGENCIES; a++) {
        r->agencies[a] = t->agency[a].party;
        party_digest(r->digests[a], &r->agencies[a]);
    }
    for (size_t a = 0; a < TEST_REGION_AGENCIES; a++)
        for (size_t b = 0; b < TEST_REGION_AGENCIES; b++)
            for (size_t p = 0; a != b && p < TEST_REGION_PURPOSES; p++)
                region_test_grant(t, a, b, p);
}

static inline void region_test_new(struct region_test *t)
{
    char name[32];
    memset(t, 0, sizeof *t);
    const char *base = getenv("CONCORD_TEST_DIR"); /* where there is a faster disk */
    snprintf(t->dir, sizeof t->dir, "%s/concord-region-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(t->dir));
    snprintf(t->path, sizeof t->path, "%s/region.json", t->dir);
    for (uint8_t i = 0; i < TEST_COORDINATORS; i++) {
        snprintf(name, sizeof name, "coordinator-%d", i + 1);
        region_test_party(&t->coordinator[i], name, (uint8_t)(i + 1));
    }
    for (uint8_t i = 0; i < TEST_CUSTODIANS; i++) {
        snprintf(name, sizeof name, "custodian-%d", i + 1);
        region_test_party(&t->custodian[i], name, (uint8_t)(i + 11));
    }
    region_test_party(&t->matcher, "matcher", 21);
    for (uint8_t i = 0; i < TEST_REGION_AGENCIES; i++) { /* AAA, ..., ZZZ, ABA, ... */
        const char letter = (char)('A' + i % 26);
        snprintf(name, sizeof name, "%c%c%c", letter, 'A' + (i + i / 26) % 26, letter);
        region_test_party(&t->agency[i], name, (uint8_t)(i + 31));
    }
    t->region = calloc(1, sizeof *t->region);
    assert_non_null(t->region);
    region_test_fill(t);
    region_test_write(t, TEST_COORDINATORS);
}

static inline void region_test_end(struct region_test *t)
{
    char command[128];
    region_free(t->region);
    snprintf(command, sizeof command, "rm -rf '%s'", t->dir);
    assert_int_equal(system(command), 0);
}

#endif
