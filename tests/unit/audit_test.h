/*
 * A region of agencies THA, VNM and PHL, a matcher and three custodians (2 of 3), with a signed manifest on disk; and ledgers
 * that hold whatever a test says, since the tests play the dishonest parties too. Salts and digests are fixed, so that the bytes
 * are the same at every run.
 */
#ifndef TESTS_UNIT_AUDIT_TEST_H
#define TESTS_UNIT_AUDIT_TEST_H

#include "protocol/audit/audit.h"
#include "protocol/base/file.h"
#include "protocol/ledger/ledger.h"
#include "protocol/ledger/witness.h"
#include "protocol/region/minisign.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define CUSTODIANS 3
#define DAY 86400
#define NOON (1800000000 / DAY * DAY + DAY / 2) /* when the tests' ledgers begin */

enum { THA, VNM, PHL, AGENCIES };
static const char *const agency_name[AGENCIES] = {"THA", "VNM", "PHL"};

static struct {
    char dir[64], manifest[96];
    struct identity matcher, custodian[CUSTODIANS], coordinator, agency[AGENCIES], stranger;
    struct region *region; /* the newest */
} world;

static inline void ok(int rc, const struct err *err)
{
    if (rc != 0)
        fail_msg("%s", err->text);
}

__attribute__((format(printf, 1, 2))) static inline void run(const char *format, ...)
{
    char command[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    assert_int_equal(system(command), 0);
}

static inline void make_identity(struct identity *out, const char *name, uint8_t number)
{
    struct err err = {0};
    const uint8_t seed[32] = {number};
    ok(identity_from_seed(out, name, seed, &err), &err);
}

/* --- the manifest --- */

/* An agency's signed grant to another. */
static inline void add_grant(struct region *r, int from, int to, int purpose)
{
    struct err err = {0};
    struct buf text = buf_of(1024);
    struct region_grant *g = &r->grants[r->grant_count++];
    *g = (struct region_grant){.from = (uint16_t)from, .to = (uint16_t)to, .purpose = (uint16_t)purpose};
    ok(region_grant_text(&text, r->name, r->purposes[purpose].name, agency_name[from], agency_name[to], &err), &err);
    crypto_sign_detached(g->signature, NULL, text.data, text.len, world.agency[from].sign_secret);
    buf_free(&text);
}

/* THA and VNM share persons; PHL granted THA, which did not grant back; nobody shares documents. */
static inline struct region *draft_region(uint64_t version)
{
    struct region *r = calloc(1, sizeof *r);
    assert_non_null(r);
    strcpy(r->name, "test");
    r->version = version;
    r->coordinators[0] = world.coordinator.party;
    r->coordinator_count = r->quorum = 1;
    r->matcher = world.matcher.party;
    strcpy(r->matcher_url, "tcp://127.0.0.1:1");
    r->witnesses = 2;
    r->threshold = 2;
    r->custodian_count = CUSTODIANS;
    for (int i = 0; i < CUSTODIANS; i++) {
        r->custodians[i].party = world.custodian[i].party;
        strcpy(r->custodians[i].url, "tcp://127.0.0.1:1");
    }
    r->agencies = calloc(AGENCIES, sizeof *r->agencies);
    r->grants = calloc(16, sizeof *r->grants);
    r->agency_count = AGENCIES;
    for (int i = 0; i < AGENCIES; i++)
        r->agencies[i] = world.agency[i].party;
    r->purpose_count = 2;
    strcpy(r->purposes[0].name, "persons");
    strcpy(r->purposes[1].name, "documents");
    for (int i = 0; i < 2; i++) {
        r->purposes[i].epoch = 1;
        r->purposes[i].budget = 100000;
        r->purposes[i].retention = 30 * DAY;
    }
    add_grant(r, THA, VNM, 0);
    add_grant(r, VNM, THA, 0);
    add_grant(r, PHL, THA, 0);
    return r;
}

/* Takes the draft: written and signed at path, read again. */
static inline void publish(struct region *draft, const char *path)
{
    char signature_path[160];
    struct err err = {0};
    struct buf text = buf_of(REGION_FILE_MAX), signature = buf_of(4096);
    if (world.region != NULL)
        memcpy(draft->previous, world.region->digest, 32);
    ok(region_print(draft, &text, &err), &err);
    ok(minisign_sign(&signature, text.data, text.len, world.coordinator.sign_secret, "test", &err), &err);
    ok(region_signature_path(signature_path, sizeof signature_path, path, "coordinator", &err), &err);
    ok(file_write(path, text.data, text.len, 0644, &err), &err);
    ok(file_write(signature_path, signature.data, signature.len, 0644, &err), &err);
    region_free(draft);
    region_free(world.region);
    ok(region_load(&world.region, path, NULL, &err), &err);
    buf_free(&text);
    buf_free(&signature);
}

static inline int world_begin(void **state)
{
    (void)state;
    strcpy(world.dir, "/tmp/concord-audit-XXXXXX");
    assert_non_null(mkdtemp(world.dir));
    snprintf(world.manifest, sizeof world.manifest, "%s/region.json", world.dir);
    make_identity(&world.matcher, "matcher", 1);
    make_identity(&world.coordinator, "coordinator", 2);
    make_identity(&world.stranger, "stranger", 3);
    for (int i = 0; i < CUSTODIANS; i++) {
        char name[16];
        snprintf(name, sizeof name, "custodian-%d", i + 1);
        make_identity(&world.custodian[i], name, (uint8_t)(10 + i));
    }
    for (int i = 0; i < AGENCIES; i++)
        make_identity(&world.agency[i], agency_name[i], (uint8_t)(20 + i));
    publish(draft_region(1), world.manifest);
    return 0;
}

static inline int world_end(void **state)
{
    (void)state;
    region_free(world.region);
    world.region = NULL;
    run("rm -rf '%s'", world.dir);
    return 0;
}

/* --- a ledger --- */

struct book {
    const struct identity *owner;
    char export[96];
    struct kv *kv;
    struct ledger *ledger;
    struct kv_batch *batch;
    uint64_t size; /* with what is not sealed yet */
    uint64_t time;
};

/* name: of its directories below the world's. */
static inline void book_open(struct book *b, const struct identity *owner, const char *name)
{
    char store[96], origin[NOTE_NAME_MAX + 1];
    struct err err = {0};
    *b = (struct book){.owner = owner, .time = NOON};
    snprintf(store, sizeof store, "%s/%s.store", world.dir, name);
    snprintf(b->export, sizeof b->export, "%s/%s", world.dir, name);
    ok(ledger_origin(origin, "test", owner->party.name, &err), &err);
    ok(kv_open(&b->kv, store, &err), &err);
    ok(ledger_open(&b->ledger, b->kv, origin, owner->log_secret, &err), &err);
    ok(kv_batch_new(&b->batch, &err), &err);
}

static inline void book_close(struct book *b)
{
    kv_batch_free(b->batch);
    ledger_close(b->ledger);
    kv_close(b->kv);
}

/* An event of this kind, at the book's time, about an agency (-1: nobody) and persons. */
static inline struct event event_of(const struct book *b, enum event_kind kind, int agency, uint64_t count)
{
    struct event e = {.kind = kind, .time = b->time, .count = count};
    bytes_put_u64be(e.salt, b->size);
    if (agency >= 0) {
        strcpy(e.party, agency_name[agency]);
        strcpy(e.purpose, "persons");
        e.epoch = 1;
    }
    if (kind == EVENT_PUT)
        e.added = count;
    if (kind == EVENT_REMOVE)
        e.removed = count;
    if (kind == EVENT_PUT || kind == EVENT_REMOVE || kind == EVENT_QUERY || kind == EVENT_EVALUATE || kind == EVENT_DELIVER)
        memset(e.digest, 0x11, sizeof e.digest);
    return e;
}

static inline void book_add(struct book *b, const struct event *event)
{
    struct err err = {0};
    ok(ledger_append(b->ledger, b->batch, event, NULL, NULL, &err), &err);
    b->size++;
}

static inline void book_put(struct book *b, enum event_kind kind, int agency, uint64_t count)
{
    const struct event e = event_of(b, kind, agency, count);
    book_add(b, &e);
}

static inline void book_seal(struct book *b)
{
    struct err err = {0};
    ok(ledger_seal(b->ledger, b->batch, &err), &err);
    ok(kv_commit(b->kv, b->batch, false, &err), &err);
    ledger_committed(b->ledger);
    kv_batch_clear(b->batch);
}

static inline void book_export(struct book *b)
{
    struct err err = {0};
    ok(ledger_export(b->ledger, b->export, &err), &err);
}

/* The newest checkpoint with a cosignature by this identity in the name of this party. */
static inline void book_cosign(struct book *b, const struct identity *by, const char *party)
{
    char name[NOTE_NAME_MAX + 1];
    struct err err = {0};
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct buf note = buf_of(NOTE_MAX), line = buf_of(NOTE_MAX);
    ok(ledger_checkpoint(b->ledger, &note, &err), &err);
    ok(checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, &err), &err);
    ok(witness_name(name, "test", party, &err), &err);
    ok(cosignature_sign(&line, body, name, b->time, by->witness_secret, &err), &err);
    ok(ledger_add_cosignature(b->ledger, checkpoint.size, buf_span(&line), &err), &err);
    buf_free(&note);
    buf_free(&line);
}

/* As its witnesses do: custodians 1 and 2 the matcher's, the matcher a custodian's. */
static inline void book_witness(struct book *b)
{
    if (b->owner != &world.matcher) {
        book_cosign(b, &world.matcher, "matcher");
        return;
    }
    book_cosign(b, &world.custodian[0], "custodian-1");
    book_cosign(b, &world.custodian[1], "custodian-2");
}

/* Sealed, witnessed, exported. */
static inline void book_publish(struct book *b)
{
    book_seal(b);
    book_witness(b);
    book_export(b);
}

/* Start, and the newest manifest in force. */
static inline void book_start(struct book *b)
{
    struct event e = event_of(b, EVENT_START, -1, 0);
    strcpy(e.note, "test");
    book_add(b, &e);
    e = event_of(b, EVENT_MANIFEST, -1, world.region->version);
    memcpy(e.digest, world.region->digest, sizeof e.digest);
    book_add(b, &e);
}

/* --- auditing --- */

/* Opens an audit of these directories; ends with audit_close(). */
static inline void open_audit(struct audit *audit, char *const *dirs, size_t count)
{
    struct err err = {0};
    struct audit_options options = {.manifests = {{world.manifest}, 1}, .jobs = 2, .quiet = true};
    ok(audit_open(audit, &options, dirs, count, &err), &err);
}

/* Fails, showing all findings, unless one has this code and this in its text. */
static inline void expect_finding(const struct findings *findings, enum finding_code code, const char *text)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->kept[i].code == code && strstr(findings->kept[i].text, text) != NULL)
            return;
    for (size_t i = 0; i < findings->count; i++)
        print_error("found: %s: %s\n", finding_name(findings->kept[i].code), findings->kept[i].text);
    fail_msg("expected a finding %s with \"%s\" among %zu", finding_name(code), text, findings->count);
}

static inline void expect_no_finding(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        print_error("found: %s: %s\n", finding_name(findings->kept[i].code), findings->kept[i].text);
    assert_int_equal(findings->total, 0);
}

#endif
