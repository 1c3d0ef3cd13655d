/* Programs and verbs: which verb runs with what, what mistakes are told, how a program ends, what it leaves behind. */
#include "protocol/base/verbs.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

struct options {
    char name[SETTINGS_TEXT_MAX];
    uint64_t count;
};

static int started, driven, ran;

static int start(struct err *err)
{
    (void)err;
    started++;
    return 0;
}

static int drive(struct call *call, struct err *err)
{
    driven++;
    call->opened = &driven;
    return call->verb->run(call, err);
}

static int copy(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    ran++;
    assert_ptr_equal(call->opened, &driven);
    assert_string_equal(call->operand[0], "from");
    assert_string_equal(o->name, "n");
    assert_int_equal(o->count, 3);
    call->status = 7;
    return strcmp(call->operand[1], "nowhere") == 0 ? err_set(err, ERR_NOT_FOUND, "nowhere is not there") : 0;
}

static int look(struct call *call, struct err *err)
{
    struct rlimit core;
    (void)call;
    assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
    if (core.rlim_cur == 0 && core.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0)
        return 0;
    return err_set(err, ERR_INTERNAL, "a core dump could be left");
}

static const struct options defaults = {.count = 3};
static const struct setting rows[] = {
    {"name", NULL, NULL, SETTING_TEXT, offsetof(struct options, name), "NAME", "", .required = true},
    {"count", NULL, NULL, SETTING_NUMBER, offsetof(struct options, count), "N", ""},
};
static const struct verb copy_verb = {.name = "copy",
                                      .brief = "copies",
                                      .operands = "FROM TO",
                                      .least = 2,
                                      .most = 2,
                                      .summary = "Copies.",
                                      SETTINGS(rows),
                                      .defaults = &defaults,
                                      .options_size = sizeof defaults,
                                      .run = copy};
static const struct verb look_verb = {.name = "look", .brief = "", .summary = "", .run = look};
static const struct verb *const inner[] = {&copy_verb, NULL};
static const struct verb family = {.name = "file", .brief = "", .summary = "", .verbs = inner};
static const struct verb *const verbs[] = {&look_verb, &family, NULL};
static const struct program program = {
    .name = "program", .verbs = verbs, .start = start, .drive = drive, .secrets = true};

static char said[1024];

static int old_stderr, heard;

static void listen_to_stderr(void)
{
    int pipes[2];
    old_stderr = dup(STDERR_FILENO);
    assert_int_equal(pipe(pipes), 0);
    dup2(pipes[1], STDERR_FILENO);
    close(pipes[1]);
    heard = pipes[0];
}

/* What was said meanwhile is in `said`. */
static void hear_stderr(void)
{
    dup2(old_stderr, STDERR_FILENO);
    close(old_stderr);
    ssize_t len = read(heard, said, sizeof said - 1);
    said[len > 0 ? len : 0] = '\0';
    close(heard);
}

/* Its exit status; what it said on stderr is in `said`. */
static int run(const char *const *words)
{
    char *argv[16] = {NULL}, words_copy[16][32];
    int argc = 0;
    for (; words[argc] != NULL; argc++) {
        snprintf(words_copy[argc], sizeof words_copy[argc], "%s", words[argc]);
        argv[argc] = words_copy[argc];
    }
    listen_to_stderr();
    int status = program_main(&program, argc, argv);
    hear_stderr();
    return status;
}

#define RUN(...) run((const char *const[]){"program", __VA_ARGS__, NULL})

static void a_verb_runs_with_what_it_was_told(void **state)
{
    (void)state;
    started = driven = ran = 0;
    assert_int_equal(RUN("file", "copy", "--name", "n", "from", "to"), 7);
    assert_string_equal(said, "");
    assert_true(started == 1 && driven == 1 && ran == 1);
    assert_int_equal(RUN("file", "copy", "--name=n", "from", "nowhere"), 1);
    assert_string_equal(said, "program: nowhere is not there\n");
    assert_int_equal(RUN("look", "--help"), 0);
}

static void mistakes_are_told_before_anything_is_opened(void **state)
{
    (void)state;
    static const struct {
        const char *word[4], *said;
    } cases[] = {
        {{"fly"}, "program: no verb 'fly'; see program --help\n"},
        {{"file", "fly"}, "program file: no verb 'fly'; see program file --help\n"},
        {{"look", "here"}, "program: look takes no operand, 'here' is too many; see --help\n"},
        {{"file", "copy", "from"}, "program: file copy takes FROM TO, not 1 operands; see --help\n"},
        {{"file", "copy", "from", "to"}, "program: file copy needs --name NAME; see --help\n"},
        {{"look", "--config", "x"}, "program: unknown option --config; see --help\n"},
    };
    driven = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *words[6] = {"program"};
        memcpy(words + 1, cases[i].word, sizeof cases[i].word);
        assert_int_equal(run(words), 2);
        assert_string_equal(said, cases[i].said);
    }
    assert_int_equal(driven, 0);
}

static void a_program_of_one_verb_names_itself_once(void **state)
{
    (void)state;
    char name[] = "program", operand[] = "here", *argv[] = {name, operand, NULL};
    listen_to_stderr();
    int status = program_main_alone(&program, &look_verb, 2, argv);
    hear_stderr();
    assert_int_equal(status, 2);
    assert_string_equal(said, "program: it takes no operand, 'here' is too many; see --help\n");
}

static void a_program_with_secrets_leaves_no_core_dump(void **state)
{
    (void)state;
    assert_int_equal(RUN("look"), 0);
    assert_string_equal(said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verb_runs_with_what_it_was_told),
        cmocka_unit_test(mistakes_are_told_before_anything_is_opened),
        cmocka_unit_test(a_program_of_one_verb_names_itself_once),
        cmocka_unit_test(a_program_with_secrets_leaves_no_core_dump),
    };
    return cmocka_run_group_tests_name("base_verbs", tests, NULL, NULL);
}
