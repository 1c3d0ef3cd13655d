/*
 * Bodies of letters of disclosure: each comes back as it was; each field spoilt, each rule broken, is refused by
 * name.
 */
#include "protocol/wire/disclosure.h"

#include "protocol/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM ((size_t)DISCLOSURE_ANSWER_MAX * 2)

static struct buf body;
static struct err err;
static struct disclosure_ask ask;
static struct disclosure_answer answer;
static struct disclosure_outcome outcome;
static struct disclosure_recall recall;

static int setup(void **state)
{
    (void)state;
    body = buf_of(ROOM);
    err = (struct err){0};
    ask = (struct disclosure_ask){.epoch = 3,
                                  .about = {1, 2},
                                  .own = {3},
                                  .subject = ABOUT_MATCH,
                                  .number = 2,
                                  .fields = 1u << DISCLOSE_SEX | 1u << DISCLOSE_PHOTOGRAPH,
                                  .urgency = 1,
                                  .basis = "national-law",
                                  .by = "malee",
                                  .reason = "held at the border"};
    answer = (struct disclosure_answer){
        .number = 2,
        .code = ANSWER_SOME,
        .why = WHY_NOT_HELD,
        .by = "budi",
        .second = "sari",
        .text = "the rest later",
        .count = 2,
        .value = {{DISCLOSE_SEX, SOURCE_FEED, HANDLING_COURT, "", span_of("F", 1)},
                  {DISCLOSE_PHOTOGRAPH, SOURCE_ATTACHED, HANDLING_INFORMATION, "face.jpg", span_of("\xff\xd8", 2)}}};
    outcome = (struct disclosure_outcome){.outcome = OUTCOME_UNDECIDED, .by = "malee", .text = ""};
    recall = (struct disclosure_recall){.number = 1, .step = RECALL_ORDERED, .why = RECALL_WRONG, .by = "budi"};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_free(&body);
    return 0;
}

static void refuses(int rc, const char *field)
{
    assert_int_equal(rc, ERR_INPUT);
    if (strstr(err.text, field) == NULL)
        fail_msg("\"%s\" does not name %s", err.text, field);
}

static int again_ask(void)
{
    struct disclosure_ask out;
    buf_clear(&body);
    assert_int_equal(disclosure_ask_encode(&body, &ask, &err), 0);
    int rc = disclosure_ask_decode(&out, buf_span(&body), &err);
    if (rc == 0)
        assert_memory_equal(&out, &ask, sizeof ask);
    return rc;
}

static int again_answer(void)
{
    static struct disclosure_answer out;
    buf_clear(&body);
    assert_int_equal(disclosure_answer_encode(&body, &answer, &err), 0);
    int rc = disclosure_answer_decode(&out, buf_span(&body), &err);
    for (size_t i = 0; rc == 0 && i < out.count; i++) {
        assert_int_equal(out.value[i].field, answer.value[i].field);
        assert_string_equal(out.value[i].name, answer.value[i].name);
        assert_int_equal(out.value[i].bytes.len, answer.value[i].bytes.len);
        assert_memory_equal(out.value[i].bytes.data, answer.value[i].bytes.data, out.value[i].bytes.len);
    }
    return rc;
}

static void they_come_back(void **state)
{
    (void)state;
    struct disclosure_outcome o;
    struct disclosure_recall r;
    assert_int_equal(again_ask(), 0);
    assert_int_equal(again_answer(), 0);
    buf_clear(&body);
    assert_int_equal(disclosure_outcome_encode(&body, &outcome, &err), 0);
    assert_int_equal(disclosure_outcome_decode(&o, buf_span(&body), &err), 0);
    assert_memory_equal(&o, &outcome, sizeof o);
    buf_clear(&body);
    assert_int_equal(disclosure_recall_encode(&body, &recall, &err), 0);
    assert_int_equal(disclosure_recall_decode(&r, buf_span(&body), &err), 0);
    assert_memory_equal(&r, &recall, sizeof r);
}

static void no_prefix_and_nothing_behind_is_taken(void **state)
{
    (void)state;
    static struct disclosure_answer out;
    assert_int_equal(again_answer(), 0);
    for (size_t len = 0; len < body.len; len++)
        assert_int_equal(disclosure_answer_decode(&out, span_of(body.data, len), &err), ERR_INPUT);
    assert_int_equal(buf_put(&body, "", 1, &err), 0);
    assert_int_equal(disclosure_answer_decode(&out, buf_span(&body), &err), ERR_INPUT);
}

static void numbers_have_bounds(void **state)
{
    (void)state;
    ask.fields = 0;
    refuses(again_ask(), "fields");
    ask.fields = UINT64_C(1) << DISCLOSURE_FIELDS;
    refuses(again_ask(), "fields");
    ask.fields = 1;
    ask.urgency = 3;
    refuses(again_ask(), "urgency");
    ask.urgency = 0;
    ask.number = DISCLOSURE_NUMBER_MAX + 1;
    refuses(again_ask(), "number");
    ask.number = 1;
    ask.reason[0] = '\0';
    refuses(again_ask(), "reason");
    answer.value[0].handling = DISCLOSURE_HANDLINGS;
    refuses(again_answer(), "handling");
}

static void an_answer_keeps_the_rules(void **state)
{
    (void)state;
    answer.value[1].field = DISCLOSE_SEX;
    refuses(again_answer(), "ascending");
    answer.count = 0;
    refuses(again_answer(), "values");
    answer.code = ANSWER_NONE;
    assert_int_equal(again_answer(), 0);
    answer.why = WHY_NONE;
    refuses(again_answer(), "why");
    answer.code = ANSWER_FORWARDED;
    refuses(again_answer(), "to");
    strcpy(answer.to, "the border police");
    assert_int_equal(again_answer(), 0);
    answer.code = ANSWER_ASK_BACK;
    refuses(again_answer(), "to");
}

static void values_have_a_size(void **state)
{
    (void)state;
    uint8_t *bytes = calloc(1, DISCLOSURE_VALUE_MAX + 1);
    assert_non_null(bytes);
    answer.value[1].bytes = span_of(bytes, DISCLOSURE_VALUE_MAX);
    assert_int_equal(again_answer(), 0);
    answer.value[1].bytes.len++;
    refuses(again_answer(), "value");
    answer.count = 4;
    for (size_t i = 0; i < 4; i++)
        answer.value[i] = (struct disclosure_value){DISCLOSE_SEX + i, SOURCE_TYPED, HANDLING_COURT, "",
                                                    span_of(bytes, DISCLOSURE_VALUE_MAX)};
    refuses(again_answer(), "values");
    free(bytes);
}

/* With an argument: writes the seeds of tests/fuzz/disclosure.c. */
static int write_seed(const char *dir, const char *name, uint8_t kind)
{
    char path[256];
    struct buf seed = buf_of(ROOM);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int rc = buf_put(&seed, &kind, 1, &err);
    if (rc == 0)
        rc = buf_put(&seed, body.data, body.len, &err);
    if (rc == 0)
        rc = file_write(path, seed.data, seed.len, 0644, &err);
    buf_free(&seed);
    buf_clear(&body);
    return rc;
}

static int write_seeds(const char *dir)
{
    int rc = setup(NULL);
    if (rc == 0 && (rc = disclosure_ask_encode(&body, &ask, &err)) == 0)
        rc = write_seed(dir, "ask", 0);
    if (rc == 0 && (rc = disclosure_answer_encode(&body, &answer, &err)) == 0)
        rc = write_seed(dir, "answer", 1);
    if (rc == 0 && (rc = disclosure_outcome_encode(&body, &outcome, &err)) == 0)
        rc = write_seed(dir, "outcome", 2);
    if (rc == 0 && (rc = disclosure_recall_encode(&body, &recall, &err)) == 0)
        rc = write_seed(dir, "recall", 3);
    return rc + teardown(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(they_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(no_prefix_and_nothing_behind_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_have_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_keeps_the_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(values_have_a_size, setup, teardown),
    };
    return argc > 1 ? write_seeds(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
