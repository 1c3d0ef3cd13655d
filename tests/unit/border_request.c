/* What border posts may send, and who they are. */
#include "client/border/posts.h"
#include "client/border/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct check_request request;
static struct err err;

static int parse(const char *json)
{
    return request_parse(&request, span_of(json, strlen(json)), &err);
}

static void refused(const char *json, const char *reason)
{
    assert_int_equal(parse(json), ERR_INPUT);
    if (strstr(err.text, reason) == NULL)
        fail_msg("'%s' is not '%s'", err.text, reason);
}

static void what_is_asked_is_read(void **state)
{
    (void)state;
    assert_int_equal(
        parse("{\"family_name\": \"Srisuwan\", \"date_of_birth\": \"1980-01-02\", \"purposes\": [\"persons\"],"
              " \"not_for\": [\"IDN\", \"MMR-police\"], \"deadline_ms\": 10}"),
        0);
    assert_string_equal(request_record(&request).field[FIELD_FAMILY_NAME], "Srisuwan");
    assert_int_equal(request.purposes, 1);
    assert_int_equal(request.not_fors, 2);
    assert_string_equal(request.not_for[1], "MMR-police");
    assert_int_equal(request.deadline_ms, 10);
    assert_int_equal(parse("{\"doc_number\": \"AB1234567\"}"), 0);
    assert_int_equal(request.deadline_ms, REQUEST_DEADLINE_MS);
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    char deep[REQUEST_BODY_MAX + 2];
    refused("", "an object of at most");
    refused("[]", "no JSON object");
    refused("{\"family_name\": \"a\", \"family_name\": \"b\"}", "no JSON object");
    refused("{\"surname\": \"x\"}", "a member that is none");
    refused("{\"record_id\": \"x\"}", "a member that is none");
    refused("{\"family_name\": 7}", "family_name: text");
    refused("{\"purposes\": \"persons\"}", "purposes: an array");
    refused("{\"purposes\": [\"a b\"]}", "purposes: member 0 is no name");
    refused("{\"deadline_ms\": 0}", "deadline_ms");
    refused("{\"deadline_ms\": 30001}", "deadline_ms");
    refused("{\"sex\": \"M\"}", "a zone, a document, or a name");
    refused("{\"mrz\": \"P<UTO\"}", "mrz: ");
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    refused(deep, "at most");
    deep[REQUEST_BODY_MAX] = '\0';
    refused(deep, "no JSON object");
}

static void a_bad_field_costs_that_field(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"doc_number\": \"AB1234567\", \"date_of_birth\": \"1990-99-99\"}"), 0);
    assert_int_equal(request.problems, 1);
    assert_int_equal(request.told[0].field, FIELD_DATE_OF_BIRTH);
    assert_string_not_equal(request_record(&request).field[FIELD_DATE_OF_BIRTH], "1990-99-99");
}

static void a_post_is_known_by_its_token(void **state)
{
    (void)state;
    char path[] = "/tmp/concord-posts-XXXXXX", token[POST_TOKEN_TEXT], second[POST_TOKEN_TEXT];
    struct posts posts;
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(posts_add(path, "airport-1", "*", false, token, &err), 0);
    assert_int_equal(posts_add(path, "harbour", "persons,listed-documents", true, second, &err), 0);
    assert_int_equal(posts_add(path, "harbour", "*", false, second, &err), ERR_USAGE);
    assert_int_equal(posts_load(&posts, path, &err), 0);
    assert_int_equal(posts.count, 2);
    assert_int_equal(posts_find(&posts, token), 0);
    token[5] = token[5] == '0' ? '1' : '0';
    assert_int_equal(posts_find(&posts, token), -1);
    assert_int_equal(posts_find(&posts, ""), -1);
    assert_true(post_may(&posts.post[0], "persons") && post_may(&posts.post[1], "persons"));
    assert_false(post_may(&posts.post[1], "travel-documents"));
    assert_true(!posts.post[0].reads && posts.post[1].reads);
    posts_free(&posts);
    unlink(path);
}

#define HASH "a 0011223300112233001122330011223300112233001122330011223300112233"

static void a_spoilt_file_of_posts_is_refused(void **state)
{
    (void)state;
    static const char *const files[] = {"a", "a b c", "a 00 *", "../a 0011 *", HASH " * writes", HASH " * reads reads"};
    struct posts posts;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        assert_int_equal(posts_parse(&posts, span_of(files[i], strlen(files[i])), &err), ERR_INPUT);
        assert_non_null(strstr(err.text, "line 1"));
        posts_free(&posts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_is_read),
        cmocka_unit_test(what_is_none_is_refused),
        cmocka_unit_test(a_bad_field_costs_that_field),
        cmocka_unit_test(a_post_is_known_by_its_token),
        cmocka_unit_test(a_spoilt_file_of_posts_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
