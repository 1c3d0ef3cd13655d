/* What guessing a key finds: by shares that are given, and by those that a register shows. */
#include "client/measure/yield.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct err err;
static struct schema schema;

static size_t key_named(const char *id)
{
    for (size_t j = 0; j < schema.keys; j++)
        if (strcmp(schema.key[j].id, id) == 0)
            return j;
    fail_msg("the schema has no key %s", id);
    return 0;
}

static double found(const struct yields *y, const char *key, const char *country, double guesses)
{
    double out = -1;
    assert_true(yield_of(&out, y, &schema, key_named(key), country, guesses));
    return out;
}

static bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-6 * fabs(b);
}

static void guesses_go_through_all_dates_by_name(void **state)
{
    (void)state;
    static const struct yield_shares shares[] = {
        {"AAA", "name.all.sound", {0.01, 0.05, 0.2, 0.4, 0.6, 0.7}},
        {"AAA", "name.each.prefix", {0.1, 0.5, 0.9, 0.99, 0.99, 0.99}},
    };
    const struct yields y = {.item = shares, .count = 2};
    double out;
    assert_true(is_near(found(&y, "names-year", "AAA", 60), 10000));     /* the one name with 60 years */
    assert_true(is_near(found(&y, "names-year", "AAA", 30), 5000));      /* with half of them */
    assert_true(is_near(found(&y, "names-year", "AAA", 60000), 400000)); /* a thousand names */
    assert_true(is_near(found(&y, "names-year", "AAA", 1e12), 700000));  /* all that are known */
    assert_true(found(&y, "names-year", "AAA", 1200) > 50000 && found(&y, "names-year", "AAA", 1200) < 200000);
    assert_true(is_near(found(&y, "word-date", "AAA", 60 * (365.25 - 66)), 100000));
    assert_true(is_near(found(&y, "document", "AAA", 1e6), 100000));
    assert_true(is_near(found(&y, "document", "AAA", 1e9), 1000000));
    assert_false(yield_of(&out, &y, &schema, key_named("ends-month-day"), "AAA", 1e4)); /* no such shares */
    assert_false(yield_of(&out, &y, &schema, key_named("names-year"), "BBB", 1e4));
}

/* Of 1,200 people a half are called the same, and each of the others otherwise; 100 are of another country. */
static void a_register_shows_how_frequent_names_are(void **state)
{
    (void)state;
    char path[] = "/tmp/concord-yield-XXXXXX";
    const int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    struct yields y;
    assert_non_null(f);
    fprintf(f, "id,family_name,given_names,date_of_birth,nationality\n");
    for (int i = 0; i < 1300; i++)
        if (i % 4 < 2)
            fprintf(f, "%d,Srisuwan,Malee,1980-01-02,%s\n", i, i < 1200 ? "THA" : "LAO");
        else
            fprintf(f, "%d,K%c%c%cong,B%c%c%cut,1980-01-02,%s\n", i, "aeiou"[i % 5], "bdfgklmnpr"[i / 5 % 10],
                    "aeiou"[i / 50 % 5], "aeiou"[i / 250 % 5], "bdfgklmnpr"[i / 7 % 10], "aeiou"[i % 5],
                    i < 1200 ? "THA" : "LAO");
    fclose(f);
    const char *const map[] = {"id=record_id"};
    const struct feed_options file = {.path = path, .map = map, .map_count = 1, .lenient = true};
    assert_int_equal(yields_measure(&y, &schema, &file, 1, &err), 0);
    unlink(path);
    assert_non_null(y.owned);
    for (size_t i = 0; i < y.count; i++) {
        assert_string_equal(y.item[i].country, "THA"); /* of the others there are too few */
        assert_true(y.item[i].share[0] >= 0.5 && y.item[i].share[0] < 0.75);
        for (int k = 1; k < YIELD_STEPS; k++)
            assert_true(y.item[i].share[k] >= y.item[i].share[k - 1]);
    }
    assert_true(found(&y, "names-year", "THA", 60) >= 500000);
    assert_true(found(&y, "names-year", "THA", 60) < 750000);
    yields_free(&y);
}

static void invented_people_are_known_for_the_default_keys(void **state)
{
    (void)state;
    static const char *const country[] = {"BGD", "CHN", "IDN", "PHL", "THA", "VNM"};
    struct yields y;
    double last, out;
    yields_invented(&y);
    for (size_t c = 0; c < sizeof country / sizeof country[0]; c++)
        for (size_t j = 0; j < schema.keys; j++) {
            last = 0;
            for (int guesses = 10000; guesses <= 1000000; guesses *= 10, last = out) {
                assert_true(yield_of(&out, &y, &schema, j, country[c], guesses));
                assert_true(out > last && out <= 1e6);
            }
        }
    /* The fewer the names, the more a guess finds. */
    assert_true(found(&y, "word-date", "VNM", 1e5) > found(&y, "word-date", "IDN", 1e5));
}

static int read_schema(void **state)
{
    (void)state;
    return schema_open(&schema, "client/schema/persons.json", &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guesses_go_through_all_dates_by_name),
        cmocka_unit_test(a_register_shows_how_frequent_names_are),
        cmocka_unit_test(invented_people_are_known_for_the_default_keys),
    };
    return cmocka_run_group_tests_name("measure_yield", tests, read_schema, NULL);
}
