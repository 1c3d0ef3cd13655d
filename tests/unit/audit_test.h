/*
 * A region (region_test.h) of which AAA and BBB share persons, CCC granted persons to AAA, which did not grant back,
 * and nobody shares documents; and ledgers that hold whatever a test says, since the tests play the dishonest parties
 * too. Salts and digests are fixed, so that the bytes are the same at every run.
 */
#ifndef TESTS_UNIT_AUDIT_TEST_H
#define TESTS_UNIT_AUDIT_TEST_H

#include "protocol/identity/identity.h"
#include "protocol/audit/walk/audit.h"
#include "protocol/ledger/ledger.h"
#include "protocol/ledger/witness.h"

#include "region_test.h"

#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define DAY 86400
#define NOON (1800000000 / DAY * DAY + DAY / 2) /* when the tests' ledgers begin */

enum { AAA, BBB, CCC };
enum { PERSONS, DOCUMENTS };

static struct region_test world;
static struct identity stranger;

__attribute__((format(printf, 1, 2))) static inline void run(const char *format, ...)
{
    char command[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    assert_int_equal(system(command), 0);
}

/* Flips the lowest bit of a byte of a file, so that it is another for certain; a negative place counts from the end. */
static inline void flip_bit(const char *path, long place)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, place, place < 0 ? SEEK_END : SEEK_SET), 0);
    int byte = getc(f);
    assert_int_not_equal(byte, EOF);
    assert_int_equal(fseek(f, -1, SEEK_CUR), 0);
    putc(byte ^ 1, f);
    assert_int_equal(fclose(f), 0);
}

/* --- the manifest --- */

static inline int world_begin(void **state)
{
    (void)state;
    region_test_new(&world);
    region_test_party(&stranger, "stranger", 99);
    world.region->witnesses = 2;
    world.region->grant_count = 0;
    region_test_grant(&world, AAA, BBB, PERSONS);
    region_test_grant(&world, BBB, AAA, PERSONS);
    region_test_grant(&world, CCC, AAA, PERSONS);
    for (size_t i = 0; i < TEST_REGION_PURPOSES; i++) {
        world.region->purposes[i].limits.daily = 150000; /* of each custodian, 2 of 3: 100,000 evaluations */
        world.region->purposes[i].retention = 30 * DAY;
    }
    region_test_write(&world, TEST_COORDINATORS);
    return 0;
}

/* The next version, as world.region has been changed to be, in a file of its own. */
static inline void world_next(void)
{
    struct region *r = world.region;
    region_test_next(&world);
    snprintf(world.path, sizeof world.path, "%s/region-%u.json", world.dir, (unsigned)r->version);
    region_test_write(&world, TEST_COORDINATORS);
}

/* A manifest with its signatures beside a ledger, as a daemon keeps it. */
static inline void world_keep(const char *ledger, const char *manifest, uint64_t version)
{
    char to[200];
    snprintf(to, sizeof to, "%s/manifests/%u.json", ledger, (unsigned)version);
    run("mkdir -p '%s/manifests' && cp '%s' '%s'", ledger, manifest, to);
    run("for s in '%s'.*.minisig; do cp \"$s\" '%s'\"${s#'%s'}\"; done", manifest, to, manifest);
}

static inline int world_end(void **state)
{
    (void)state;
    region_test_end(&world);
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
    *b = (struct book){.owner = owner, .time = NOON};
    snprintf(store, sizeof store, "%s/%s.store", world.dir, name);
    snprintf(b->export, sizeof b->export, "%s/%s", world.dir, name);
    MUST(ledger_origin(origin, "test", owner->party.name, why));
    MUST(kv_open(&b->kv, store, 0, why));
    MUST(ledger_open(&b->ledger, b->kv, origin, owner->log_secret, why));
    MUST(kv_batch_new(&b->batch, why));
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
        strcpy(e.party, world.agency[agency].party.name);
        strcpy(e.purpose, "persons");
        e.epoch = 1;
    }
    if (event_is_asked_for(kind)) {
        bytes_put_u64be(e.id, b->size + 1);
        memset(e.request, 0x22, sizeof e.request);
    }
    if (kind == EVENT_PUT)
        e.added = count;
    if (kind == EVENT_REMOVE)
        e.removed = count;
    if (kind == EVENT_PUT || kind == EVENT_REMOVE || kind == EVENT_QUERY || kind == EVENT_EVALUATE ||
        kind == EVENT_DELIVER)
        memset(e.digest, 0x11, sizeof e.digest);
    return e;
}

static inline void book_add(struct book *b, const struct event *event)
{
    MUST(ledger_append(b->ledger, b->batch, event, NULL, NULL, why));
    b->size++;
}

static inline void book_put(struct book *b, enum event_kind kind, int agency, uint64_t count)
{
    const struct event e = event_of(b, kind, agency, count);
    book_add(b, &e);
}

static inline void book_seal(struct book *b)
{
    MUST(ledger_seal(b->ledger, b->batch, why));
    MUST(kv_commit(b->kv, b->batch, false, why));
    ledger_committed(b->ledger);
    kv_batch_clear(b->batch);
}

static inline void book_export(struct book *b)
{
    MUST(ledger_export(b->ledger, b->export, why));
}

/* The newest checkpoint with a cosignature by this identity in the name of this party. */
static inline void book_cosign(struct book *b, const struct identity *by, const char *party)
{
    char name[NOTE_NAME_MAX + 1];
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct buf note = buf_of(NOTE_MAX), line = buf_of(NOTE_MAX);
    MUST(ledger_checkpoint(b->ledger, &note, why));
    MUST(checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, why));
    MUST(witness_name(name, "test", party, why));
    MUST(cosignature_sign(&line, body, name, b->time, by->witness_secret, why));
    MUST(ledger_add_cosignature(b->ledger, checkpoint.size, buf_span(&line), why));
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
    struct audit_options options = {.manifests = {{world.path}, 1}, .jobs = 2, .quiet = true};
    MUST(audit_open(audit, &options, dirs, count, why));
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
