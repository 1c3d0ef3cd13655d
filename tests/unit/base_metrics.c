/* Figures: what is counted is printed as Prometheus reads it, by many threads, and log lines as JSON. */
#include "protocol/base/log_json.h"
#include "protocol/base/metrics.h"

#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct metric counted = METRIC("test_counted_total", METRIC_COUNTER, "kind", "things");
static struct metric plain = METRIC("test_plain", METRIC_GAUGE, NULL, "one thing");
static struct metric times = METRIC("test_seconds", METRIC_TIMES, "type", "how long");

static char *printed(void)
{
    static struct buf text;
    struct err err;
    text = buf_of(METRICS_TEXT_MAX);
    assert_int_equal(metrics_print(&text, &err), 0);
    assert_int_equal(buf_put(&text, "", 1, &err), 0);
    return (char *)text.data;
}

static void *count_many(void *context)
{
    (void)context;
    for (int i = 0; i < 10000; i++)
        metric_add(&counted, i % 2 == 0 ? "even" : "odd", 1);
    return NULL;
}

static void test_counts(void **state)
{
    pthread_t thread[4];
    (void)state;
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, count_many, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(metric_value(&counted, "even"), 20000);
    assert_int_equal(metric_value(&counted, "odd"), 20000);
    assert_int_equal(metric_value(&counted, "neither"), 0);
}

static void test_print(void **state)
{
    (void)state;
    metrics_register(&counted);
    metrics_register(&plain);
    metrics_register(&times);
    metrics_register(&plain);
    metric_add(&counted, "a\"b\\c\nd", 7);
    metric_time(&times, "put", 800);
    metric_time(&times, "put", 60000000);
    char *text = printed();
    assert_non_null(strstr(text, "# TYPE test_counted_total counter\n"));
    assert_non_null(strstr(text, "test_counted_total{kind=\"even\"} 20000\n"));
    assert_non_null(strstr(text, "test_counted_total{kind=\"a\\\"b\\\\c\\nd\"} 7\n"));
    assert_non_null(strstr(text, "\ntest_plain 0\n"));
    assert_null(strstr(strstr(text, "# HELP test_plain") + 1, "# HELP test_plain"));
    assert_non_null(strstr(text, "test_seconds_bucket{type=\"put\",le=\"0.00025\"} 0\n"));
    assert_non_null(strstr(text, "test_seconds_bucket{type=\"put\",le=\"0.001\"} 1\n"));
    assert_non_null(strstr(text, "test_seconds_bucket{type=\"put\",le=\"30\"} 1\n"));
    assert_non_null(strstr(text, "test_seconds_bucket{type=\"put\",le=\"+Inf\"} 2\n"));
    assert_non_null(strstr(text, "test_seconds_sum{type=\"put\"} 60.000800\n"));
    assert_non_null(strstr(text, "test_seconds_count{type=\"put\"} 2\n"));
    free(text);
}

/* However many labels there are, memory stays and nothing is lost. */
static void test_many_labels(void **state)
{
    static struct metric many = METRIC("test_many_total", METRIC_COUNTER, "n", "many");
    char label[16];
    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(label, sizeof label, "%d", i);
        metric_add(&many, label, 1);
    }
    assert_int_equal(many.count, METRIC_SERIES_MAX);
    assert_int_equal(metric_value(&many, "0"), 1);
    assert_int_equal(metric_value(&many, "other"), 1000 - (METRIC_SERIES_MAX - 1));
}

/* --- log lines --- */

static void is_json(const char *line, const char *expected)
{
    char out[LOG_JSON_MAX(1024)];
    const size_t len = log_json(out, line, strlen(line));
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(out, expected, len);
}

static void test_json(void **state)
{
    (void)state;
    is_json(
        "time=2026-11-28T09:00:00Z level=info event=put agency=THA count=512",
        "{\"time\":\"2026-11-28T09:00:00Z\",\"level\":\"info\",\"event\":\"put\",\"agency\":\"THA\",\"count\":512}");
    is_json("a=\"x \\\"y\\\" \\\\ \\u000a z\" b=007 c=1234567890123456 d=",
            "{\"a\":\"x \\\"y\\\" \\\\ \\u000a z\",\"b\":\"007\",\"c\":\"1234567890123456\",\"d\":\"\"}");
    is_json("", "{}");
    is_json("a=\"\xff\xc3\xa9\xed\xa0\x80\"", "{\"a\":\"?\xc3\xa9???\"}");
}

/* Cut anywhere, a line is still an object. */
static void test_json_cut(void **state)
{
    static const char line[] = "a=1 reason=\"\\u000a \\\" \\\\ \xc3\xa9\xf0\x9f\x98\x80 x=y\" b=c";
    char out[LOG_JSON_MAX(sizeof line)];
    (void)state;
    for (size_t cut = 0; cut < sizeof line; cut++) {
        const size_t len = log_json(out, line, cut);
        assert_true(len <= LOG_JSON_MAX(cut));
        json_t *json = json_loadb(out, len, JSON_REJECT_DUPLICATES, NULL);
        assert_true(json_is_object(json));
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts), cmocka_unit_test(test_print),    cmocka_unit_test(test_many_labels),
        cmocka_unit_test(test_json),   cmocka_unit_test(test_json_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
