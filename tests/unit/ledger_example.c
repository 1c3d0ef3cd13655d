/*
 * The worked example of docs/ledger.md: a small ledger made from fixed keys, salts and times comes to the very bytes of
 * docs/ledger-example. With the argument "write" they are written there.
 */
#include "protocol/base/file.h"
#include "protocol/identity/identity.h"
#include "protocol/ledger/archive.h"
#include "protocol/ledger/batch.h"
#include "protocol/wire/statement.h"
#include "protocol/ledger/ledger.h"
#include "protocol/ledger/receipt.h"
#include "protocol/ledger/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TIME 1767225600 /* 2026-01-01T00:00:00Z */
#define DOCS "docs/ledger-example"

static char dir[] = "/tmp/concord-example-XXXXXX";

static void must(int rc, const struct err *err)
{
    if (rc != 0)
        fail_msg("%s", err->text);
}

/* Salts count up: 00 01 02 ... for the first event, 10 11 12 ... for the second. */
static struct event event_of(enum event_kind kind, unsigned n)
{
    struct event e;
    event_init(&e, kind);
    e.time = TIME + n;
    for (unsigned i = 0; i < EVENT_SALT_SIZE; i++)
        e.salt[i] = (uint8_t)(16 * n + i);
    return e;
}

static struct event delivery(const char *party, const char *partner, unsigned n, const uint8_t *tag,
                             struct span payload)
{
    struct event e = event_of(EVENT_DELIVER, n);
    struct event_digest digest;
    snprintf(e.party, sizeof e.party, "%s", party);
    snprintf(e.partner, sizeof e.partner, "%s", partner);
    strcpy(e.purpose, "persons");
    e.time = TIME + 2;
    e.epoch = 1;
    e.count = 1;
    event_digest_start(&digest, e.salt);
    event_digest_add(&digest, span_of(tag, WIRE_TAG_SIZE));
    event_digest_add(&digest, payload);
    event_digest_end(&digest, e.digest);
    return e;
}

static void write_archive(const struct event *put, struct span message)
{
    char path[64];
    struct err err;
    struct archive *archive;
    struct archive_end end = {0};
    snprintf(path, sizeof path, "%s/out/archive", dir);
    must(archive_open(&archive, path, &end, &err), &err);
    must(archive_append(archive, &(struct archive_record){2, put->time, EVENT_PUT, message}, &err), &err);
    must(archive_sync(archive, &end, &err), &err);
    archive_committed(archive);
    archive_close(archive);
}

static void cosign(struct ledger *ledger, const struct identity *custodian)
{
    char name[NOTE_NAME_MAX + 1];
    struct err err;
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct buf note = buf_of(NOTE_MAX), line = buf_of(1024);
    must(witness_name(name, "example", "custodian-1", &err), &err);
    must(ledger_checkpoint(ledger, &note, &err), &err);
    must(checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, &err), &err);
    must(cosignature_sign(&line, body, name, TIME + 5, custodian->witness_secret, &err), &err);
    must(ledger_add_cosignature(ledger, checkpoint.size, buf_span(&line), &err), &err);
    buf_free(&note);
    buf_free(&line);
}

static void write_receipt(struct ledger *ledger)
{
    char path[64];
    struct err err;
    struct buf note = buf_of(NOTE_MAX), proof = buf_of(2048), entry = buf_of(EVENT_SIZE_MAX), text = buf_of(1u << 16);
    must(ledger_checkpoint(ledger, &note, &err), &err);
    must(ledger_inclusion(ledger, 2, ledger_size(ledger), &proof, &err), &err);
    must(ledger_entry(ledger, 2, &entry, &err), &err);
    must(receipt_print(&text, &(struct receipt){buf_span(&entry), 2, buf_span(&proof), buf_span(&note)}, &err), &err);
    snprintf(path, sizeof path, "%s/out/receipt.tlog-proof", dir);
    must(file_write(path, text.data, text.len, 0644, &err), &err);
    buf_free(&note);
    buf_free(&proof);
    buf_free(&entry);
    buf_free(&text);
}

/* The verifier keys that an auditor would take from the manifest. */
static void write_keys(const struct identity *matcher, const struct identity *custodian)
{
    char path[64];
    struct err err;
    struct buf text = buf_of(1024);
    must(note_verifier_key(&text, "example/matcher", NOTE_ED25519, matcher->party.log, &err), &err);
    must(buf_put(&text, "\n", 1, &err), &err);
    must(note_verifier_key(&text, "example/custodian-1/witness", NOTE_COSIGNATURE, custodian->party.witness, &err),
         &err);
    must(buf_put(&text, "\n", 1, &err), &err);
    snprintf(path, sizeof path, "%s/out/keys", dir);
    must(file_write(path, text.data, text.len, 0644, &err), &err);
    buf_free(&text);
}

static void append_all(struct ledger *ledger, struct kv_batch *batch, const struct wire_request *request,
                       const uint8_t hash[WIRE_HASH_SIZE], struct event *event)
{
    struct err err;
    struct event start = event_of(EVENT_START, 0), manifest = event_of(EVENT_MANIFEST, 1);
    strcpy(start.note, "concord-matcher 0.1.0");
    manifest.count = 1;
    memset(manifest.digest, 0x4d, sizeof manifest.digest);
    *event = event_of(EVENT_PUT, 2);
    struct batch put;
    must(batch_decode(&put, request, &err), &err);
    batch_describe(event, &put, "THA", request, hash);
    event->added = 2;
    const uint8_t *shared = wire_entries_tag(&put.part[0], 1);
    const struct event there = delivery("IDN", "THA", 3, shared, wire_entries_payload(&put.part[0], 1));
    const struct event here = delivery("THA", "IDN", 4, shared, span_of("sealed by IDN", 13));
    const struct event *all[] = {&start, &manifest, event, &there, &here};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        must(ledger_append(ledger, batch, all[i], NULL, NULL, &err), &err);
}

/* THA's PUT of two entries, signed; the message holds what the request borrows. */
static struct wire_request signed_put(struct buf *message, uint8_t hash[WIRE_HASH_SIZE], const struct party *matcher)
{
    static const uint8_t agency_seed[32] = {3};
    uint8_t tags[2 * WIRE_TAG_SIZE];
    struct identity agency;
    struct err err;
    struct buf body = buf_of(1024);
    struct wire_ends ends = {.region = "example"};
    struct wire_request request = {
        .type = WIRE_PUT, .id = {7}, .time = TIME, .scope = {{"persons", 1}}, .scope_count = 1};
    memset(tags, 0xaa, WIRE_TAG_SIZE);
    memset(tags + WIRE_TAG_SIZE, 0xbb, WIRE_TAG_SIZE);
    const struct put_request put = {
        .entries = {span_of(tags, sizeof tags), 13, span_of("sealed by THAalso from THA", 26)}};
    must(identity_from_seed(&agency, "THA", agency_seed, &err), &err);
    must(put_request_encode(&body, &put, &err), &err);
    request.body = buf_span(&body);
    party_digest(ends.peer, matcher);
    party_digest(ends.sender, &agency.party);
    wire_request_sign(&request, &ends, agency.sign_secret);
    wire_request_hash(hash, &request, &ends);
    must(wire_request_encode(message, &request, &err), &err);
    must(wire_request_decode(&request, buf_span(message), &err), &err);
    buf_free(&body);
    return request;
}

static void the_example_is_as_documented(void **state)
{
    static const uint8_t matcher_seed[32] = {1}, custodian_seed[32] = {2};
    uint8_t hash[WIRE_HASH_SIZE];
    struct buf message = buf_of(4096);
    struct identity matcher, custodian;
    struct event event;
    struct ledger *ledger;
    struct kv_batch *batch;
    struct kv *kv;
    struct err err;
    char path[64], command[128];
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/store", dir);
    must(identity_from_seed(&matcher, "matcher", matcher_seed, &err), &err);
    must(identity_from_seed(&custodian, "custodian-1", custodian_seed, &err), &err);
    must(kv_open(&kv, path, 0, &err), &err);
    must(ledger_open(&ledger, kv, "example/matcher", matcher.log_secret, &err), &err);
    must(kv_batch_new(&batch, &err), &err);
    const struct wire_request request = signed_put(&message, hash, &matcher.party);
    append_all(ledger, batch, &request, hash, &event);
    must(ledger_seal(ledger, batch, &err), &err);
    must(kv_commit(kv, batch, false, &err), &err);
    ledger_committed(ledger);
    kv_batch_free(batch);
    cosign(ledger, &custodian);
    snprintf(path, sizeof path, "%s/out", dir);
    must(dir_make(path, 0755, &err), &err);
    must(ledger_export(ledger, path, &err), &err);
    write_archive(&event, buf_span(&message));
    write_receipt(ledger);
    write_keys(&matcher, &custodian);
    ledger_close(ledger);
    kv_close(kv);
    buf_free(&message);
    snprintf(command, sizeof command, "diff -r %s %s >&2", path, DOCS);
    assert_int_equal(system(command), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_example_is_as_documented)};
    char command[128];
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(command, sizeof command, "rm -rf " DOCS " && cp -r %s/out " DOCS, dir);
    if (argc == 2 && strcmp(argv[1], "write") == 0 && system(command) != 0)
        failed++;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command) != 0 ? 1 : failed;
}
