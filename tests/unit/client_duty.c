/* Who is on duty is called: for what, in which order, how often, and by what the command is told. */
#include "client/task/duty.h"
#include "client/vault/inquiries.h"
#include "client/vault/judging.h"
#include "tests/unit/letters_test.h"

#include <stdio.h>
#include <sys/stat.h>

static struct correspondent aaa, bbb;
static struct duty *duty;
static char command[96], told[112];

static int setup(void **state)
{
    (void)state;
    post_open(&aaa, &bbb);
    snprintf(command, sizeof command, "%s/page-duty", post_region.dir);
    snprintf(told, sizeof told, "%s.told", command);
    unlink(told);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    duty_free(duty);
    duty = NULL;
    unlink(command);
    unlink(told);
    post_close(&aaa, &bbb);
    return 0;
}

/* A command that writes down what it was told. */
static void write_command(void)
{
    FILE *f = fopen(command, "w");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\necho $1 $CONCORD_PARTNER $CONCORD_URGENCY $CONCORD_CALLS $CONCORD_COUNT >>%s\nexit 0\n",
            told);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(command, 0700), 0);
}

/* A question of AAA's at BBB, asked `ago` seconds ago and due in `due`. */
static int64_t question(enum region_urgency urgency, uint64_t ago, int64_t due)
{
    static uint8_t number;
    struct vault_inquiry q = {.purpose = "persons", .id = "B1", .subject = 1};
    struct vault_inquiry_letter l = {.kind = LETTER_ASK, .ask = 1, .state = INQUIRY_OPEN, .code = urgency};
    memcpy(q.peer, aaa.digest, sizeof q.peer);
    q.thread[0] = ++number;
    MUST(vault_inquiry_put(bbb.agency.vault, &q, why));
    l.inquiry = q.number;
    l.at = clock_now() - ago;
    l.due = (uint64_t)((int64_t)clock_now() + due);
    MUST(vault_inquiry_letter_put(bbb.agency.vault, &l, why));
    return l.number;
}

/* Gathers, and waits for the command where something is to be told. Returns when the next one is due. */
static uint64_t tell(bool something)
{
    uint64_t next = 0;
    bool ran = false;
    MUST(duty_gather(duty, &bbb.agency, false, &next, why));
    for (int i = 0; i < (something ? 3000 : 5) && !ran; i++) {
        ran = duty_tend(duty);
        usleep(10000);
    }
    assert_int_equal(ran, something);
    MUST(duty_gather(duty, &bbb.agency, false, &next, why));
    return next;
}

static void expect_told(const char *text)
{
    char got[512] = "";
    FILE *f = fopen(told, "r");
    if (f != NULL) {
        got[fread(got, 1, sizeof got - 1, f)] = '\0';
        fclose(f);
    }
    unlink(told);
    assert_string_equal(got, text);
}

static void urgent_questions_call_at_once_and_again(void **state)
{
    (void)state;
    write_command();
    MUST(duty_new(&duty, command, 1000, why));
    const int64_t letter = question(REGION_URGENT, 0, 3600);
    uint64_t next = tell(true);
    expect_told("question AAA urgent 1\n");
    assert_in_range(next, clock_now() + 980, clock_now() + 1000);
    duty_free(duty);
    MUST(duty_new(&duty, command, 0, why)); /* another start, and nobody waits any more */
    tell(true);
    expect_told("escalation AAA urgent 2\n");
    MUST(vault_inquiry_letter_set(bbb.agency.vault, letter, INQUIRY_DONE, why));
}

static void what_waits_is_remembered_before_it_is_late(void **state)
{
    (void)state;
    write_command();
    MUST(duty_new(&duty, command, 1000, why));
    question(REGION_ROUTINE, 100, 300);
    uint64_t next = tell(false);
    expect_told("");
    assert_in_range(next, clock_now() + 180, clock_now() + 200);
    question(REGION_ROUTINE, 300, 90);
    tell(true);
    expect_told("reminder AAA routine 0\n");
    tell(false);
    expect_told("");
    question(REGION_EMERGENCY, 300, -10);
    tell(true);
    tell(true);
    expect_told("question AAA emergency 1\nlate AAA emergency 1\n");
    tell(false);
    expect_told("");
}

/* A pair of AAA's record and one of ours that was judged: a match, or different people. */
static void judged(uint8_t other, bool accepted)
{
    struct vault_judging pair = {.partner = "AAA", .other = {other}, .keys = 1};
    int64_t domain;
    memcpy(pair.peer, aaa.digest, sizeof pair.peer);
    MUST(vault_domain(bbb.agency.vault, "persons", 1, &domain, why));
    pair.domain = domain;
    MUST(vault_begin(bbb.agency.vault, why));
    MUST(vault_judging_ask(bbb.agency.vault, &pair, span_of("x", 1), &pair.number, why));
    pair.state = accepted ? JUDGE_JUDGED : JUDGE_DIFFERENT;
    pair.accepted = accepted;
    MUST(vault_judging_end(bbb.agency.vault, &pair, why));
    MUST(vault_commit(bbb.agency.vault, why));
}

static void tell_judged(const char *text)
{
    uint64_t next = 0;
    usleep(1100000); /* times are whole seconds, and what is of this one is told in the next */
    MUST(duty_gather(duty, &bbb.agency, true, &next, why));
    struct stat st = {.st_size = 0};
    for (int i = 0; i < (text[0] != '\0' ? 3000 : 5) && st.st_size == 0; i++) {
        (void)duty_tend(duty);
        usleep(10000);
        if (stat(told, &st) != 0)
            st.st_size = 0;
    }
    expect_told(text);
}

static void matches_are_told_once_they_are_judged(void **state)
{
    (void)state;
    write_command();
    MUST(duty_new(&duty, command, 1000, why));
    judged(1, true);
    tell_judged(""); /* of before anybody was to be called */
    judged(2, true);
    judged(3, true);
    judged(4, false);
    tell_judged("match AAA 2\n");
    tell_judged("");
}

static void a_command_that_cannot_be_run_is_refused(void **state)
{
    (void)state;
    assert_int_equal(duty_new(&duty, "/nonexistent/command", 1, ERR_IGNORED), ERR_USAGE);
    assert_int_equal(duty_new(&duty, "sh", 1, ERR_IGNORED), ERR_USAGE);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(urgent_questions_call_at_once_and_again),
        CASE(what_waits_is_remembered_before_it_is_late),
        CASE(matches_are_told_once_they_are_judged),
        CASE(a_command_that_cannot_be_run_is_refused),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("client_duty", tests, NULL, NULL);
}
