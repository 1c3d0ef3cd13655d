/*
 * Lines of the ledger and what they cover: all of it, in order, and nothing else; evidence that is written is read
 * again.
 */
#include "protocol/ledger/cover.h"
#include "protocol/ledger/evidence.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ITEMS 5

static struct err err;
static struct event line;
static uint8_t tag[ITEMS][WIRE_TAG_SIZE], payload[ITEMS][8];
static const struct cover_about about = {"THA", "IDN", "persons", 3, EVENT_DELIVER};

static int setup(void **state)
{
    struct event_digest digest;
    (void)state;
    event_init(&line, EVENT_DELIVER);
    strcpy(line.party, "THA");
    strcpy(line.partner, "IDN");
    strcpy(line.purpose, "persons");
    line.epoch = 3;
    line.count = ITEMS;
    event_digest_start(&digest, line.salt);
    for (uint8_t i = 0; i < ITEMS; i++) {
        tag[i][0] = i;
        randombytes_buf(payload[i], sizeof payload[i]);
        event_digest_add(&digest, span_of(tag[i], WIRE_TAG_SIZE));
        event_digest_add(&digest, span_of(payload[i], sizeof payload[i]));
    }
    event_digest_end(&digest, line.digest);
    return 0;
}

/* 0 if these items, by number, are what the line is about. */
static int covers(const uint8_t *item, size_t count)
{
    struct cover cover;
    int rc = cover_begin(&cover, &line, 7, &about, &err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = cover_add(&cover, tag[item[i]], span_of(payload[item[i]], sizeof payload[0]), &err);
    return rc != 0 ? rc : cover_end(&cover, &err);
}

static void all_of_a_line_and_nothing_else(void **state)
{
    (void)state;
    const uint8_t all[] = {0, 1, 2, 3, 4}, turned[] = {0, 1, 3, 2, 4}, twice[] = {0, 1, 2, 3, 3};
    assert_int_equal(covers(all, 5), 0);
    assert_int_equal(covers(all, 4), ERR_VERIFY);
    assert_non_null(strstr(err.text, "entry 7 of the ledger is about 5 tags, and 4 came"));
    assert_int_equal(covers(turned, 5), ERR_VERIFY);
    assert_non_null(strstr(err.text, "do not ascend"));
    assert_int_equal(covers(twice, 5), ERR_VERIFY);
    for (size_t i = 0; i < ITEMS; i++) {
        payload[i][3] ^= 1;
        assert_int_equal(covers(all, 5), ERR_VERIFY);
        assert_non_null(strstr(err.text, "its digest differs"));
        payload[i][3] ^= 1;
    }
    line.count = 4;
    assert_int_equal(covers(all, 5), ERR_VERIFY);
    assert_non_null(strstr(err.text, "and more came"));
    line.count = ITEMS;
}

static void a_line_is_about_one_thing(void **state)
{
    (void)state;
    const struct cover_about others[] = {{"MYS", "IDN", "persons", 3, EVENT_DELIVER},
                                         {"THA", "MYS", "persons", 3, EVENT_DELIVER},
                                         {"THA", "IDN", "documents", 3, EVENT_DELIVER},
                                         {"THA", "IDN", "persons", 4, EVENT_DELIVER},
                                         {"THA", "IDN", "persons", 3, EVENT_WITHDRAW}};
    struct cover cover;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_int_equal(cover_begin(&cover, &line, 7, &others[i], &err), ERR_VERIFY);
    assert_int_equal(cover_kind(MAILBOX_LETTER), 0);
}

/* A count has no digest; a line with tags has one, and zeros are none. */
static void counts_have_no_digest(void **state)
{
    (void)state;
    struct cover cover;
    struct event counted = line, bare = line;
    memset(counted.digest, 0, sizeof counted.digest);
    memset(bare.digest, 0, sizeof bare.digest);
    counted.kind = EVENT_ASKED;
    counted.count = 48;
    const struct cover_about asked = {"THA", "IDN", "persons", 3, EVENT_ASKED};
    assert_int_equal(cover_begin(&cover, &counted, 7, &asked, &err), 0);
    assert_int_equal(cover_add_count(&cover, 48, &err), 0);
    assert_int_equal(cover_end(&cover, &err), 0);
    assert_int_equal(cover_begin(&cover, &counted, 7, &asked, &err), 0);
    assert_int_equal(cover_add_count(&cover, 47, &err), ERR_VERIFY);
    bare.count = 1;
    assert_int_equal(cover_begin(&cover, &bare, 7, &about, &err), 0);
    assert_int_equal(cover_add(&cover, tag[0], span_of(payload[0], 8), &err), 0);
    assert_int_equal(cover_end(&cover, &err), ERR_VERIFY);
}

static void evidence_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct evidence out = {.kind = EVIDENCE_EVALUATION, .time = 9, .manifest = 4, .why = "a \"proof\"", .region = "r"},
                    in;
    struct buf text = buf_of(EVIDENCE_MAX), storage = buf_of(EVIDENCE_MAX);
    out.first = span_of(payload, sizeof payload);
    out.second = span_of(tag, sizeof tag);
    assert_int_equal(evidence_print(&text, &out, &err), 0);
    assert_int_equal(evidence_parse(&in, buf_span(&text), &storage, &err), 0);
    assert_int_equal(in.kind, EVIDENCE_EVALUATION);
    assert_string_equal(in.why, out.why);
    assert_int_equal(in.first.len, sizeof payload);
    assert_memory_equal(in.first.data, payload, sizeof payload);
    assert_memory_equal(in.second.data, tag, sizeof tag);
    for (size_t cut = 1; cut < text.len - 1; cut += 7)
        assert_int_equal(evidence_parse(&in, span_of(text.data, cut), &storage, &err), ERR_INPUT);
    buf_free(&text);
    buf_free(&storage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_a_line_and_nothing_else),
        cmocka_unit_test(a_line_is_about_one_thing),
        cmocka_unit_test(counts_have_no_digest),
        cmocka_unit_test(evidence_is_read_as_it_was_written),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("ledger_cover", tests, setup, NULL);
}
