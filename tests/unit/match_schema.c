/* Schemas: parts by name, what a file may say, keys made by it, and what shared keys mean. */
#include "client/schema/keys.h"
#include "client/schema/score.h"
#include "protocol/base/file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A schema with every kind of member; a test replaces one piece of it. */
static const char good[] =
    "{\"format\": \"concord-schema-2\", \"name\": \"persons\", \"slots\": 4, \"keys\": ["
    "{\"id\": \"document\", \"class\": \"document\", \"weight\": 2, \"parts\": [\"document.number\"]},"
    "{\"id\": \"names-date\", \"class\": \"person\", \"weight\": 2, \"parts\": [\"name.all.root\", "
    "\"birth_date.full\"]},"
    "{\"id\": \"word-date\", \"class\": \"person\", \"weight\": 2, \"cap\": 2, \"parts\": [\"name.each.root\", "
    "\"birth_date.full\"]},"
    "{\"id\": \"names-year\", \"class\": \"person\", \"weight\": 1, \"parts\": [\"name.all.root\", "
    "\"birth_date.year\", \"nationality?\"]}],"
    "\"evidence\": {\"name.all.root\": 14, \"name.each.root\": [4, 3], \"birth_date.full\": 14, \"birth_date.year\": "
    "[5, -1]},"
    "\"against\": {\"name\": 7, \"birth_date\": 4}, \"overlap\": 0.5, \"same_document\": 3, \"accept\": 60, "
    "\"consider\": 5,"
    "\"classes\": [{\"shared\": [\"document\", \"person\"], \"is\": \"same-person\"},"
    "{\"shared\": [\"document\"], \"is\": \"same-document-other-person\"},"
    "{\"shared\": [\"person\"], \"differs\": [\"document\"], \"is\": \"same-person-other-document\"},"
    "{\"shared\": [\"person\"], \"is\": \"same-person\"}]}";

enum { DOCUMENT = 1, NAMES_DATE = 2, WORD_DATE = 4, NAMES_YEAR = 8, ALL = 15 };

static int parse_changed(struct schema *s, const char *from, const char *to, struct err *err)
{
    char text[4096];
    const char *at = strstr(good, from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    return schema_parse(s, text, strlen(text), err);
}

static void parts_have_names(void **state)
{
    (void)state;
    static const char *const parts[] = {"name.all.suffix",   "family_name.each.prefix", "given_names.pair.initial",
                                        "birth_date.turned", "birth_date.year_day",     "sex",
                                        "nationality",       "document.folded"};
    static const char *const none[] = {"",          "name",       "name.all",         "name.all.full",
                                       "name.full", "birth_date", "birth_date.sound", "document.all.number",
                                       "sex.full",  "sex.",       "names.all.root",   "name.all.root.",
                                       "name..root"};
    struct part part;
    char text[PART_TEXT_MAX];
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        assert_true(part_parse(&part, parts[i]));
        assert_string_equal(part_text(text, &part), parts[i]);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (part_parse(&part, none[i]))
            fail_msg("%s is taken for a part", none[i]);
}

static void a_mistake_is_named(void **state)
{
    (void)state;
    static const char *const mistake[][3] = {
        {"\"slots\": 4", "\"slots\": 4, \"colour\": 1", "colour"},
        {"\"cap\": 2", "\"caps\": 2", "caps"},
        {"\"cap\": 2", "\"cap\": 0", "word-date: cap is"},
        {"\"cap\": 2", "\"cap\": 17", "word-date: cap is 1 to 16"},
        {"\"slots\": 4", "\"slots\": 5", "slots is 1 to 4"},
        {"\"slots\": 4, ", "", "slots"},
        {"\"weight\": 1", "\"weight\": 3", "names-year: weight"},
        {"\"weight\": 2, \"cap\": 2", "\"weight\": 1", "word-date: weight 1 does not go with each word"},
        {"name.each.root\", \"birth_date.full\"]", "name.each.rot\"]", "name.each.rot is no part"},
        {"[\"name.all.root\", \"birth_date.full\"]", "[\"name.all.root\", \"name.all.root?\"]", "stands twice"},
        {"[\"document.number\"]", "[\"document.number?\"]", "no part of it must be there"},
        {"\"id\": \"word-date\"", "\"id\": \"document\"", "two keys"},
        {"\"class\": \"document\"", "\"class\": \"paper\"", "class is person or document"},
        {"nationality?", "sex", "names-year: weight 1 does not go with each word, each pair of words or the sex"},
        {"\"name.each.root\": [4, 3], ", "", "name.each.root of key word-date has none"},
        {"\"name.each.root\": [4, 3]", "\"name.each.root\": [4]", "not one or two"},
        {"\"name.each.root\": [4, 3]", "\"name.each.root\": 101", "no number of bits"},
        {"\"name.each.root\": [4, 3]", "\"name.each.sound\": 4", "part of no key"},
        {"\"name.each.root\": [4, 3]", "\"name.each.root + birth_date.full\": 4", "mixes fields"},
        {"\"against\": {\"name\": 7", "\"against\": {\"height\": 7", "height"},
        {"\"overlap\": 0.5", "\"overlap\": 0", "overlap"},
        {"\"consider\": 5", "\"consider\": 61", "consider"},
        {"{\"shared\": [\"document\"], \"is\": \"same-document-other-person\"},", "", "document alone"},
        {"\"is\": \"same-person-other-document\"", "\"is\": \"friend\"", "friend is no class"},
        {"[\"document\", \"person\"]", "[\"height\"]", "height cannot stand there"},
    };
    struct schema s;
    struct err err;
    assert_int_equal(parse_changed(&s, "", "", &err), 0);
    for (size_t i = 0; i < sizeof mistake / sizeof mistake[0]; i++) {
        assert_int_equal(parse_changed(&s, mistake[i][0], mistake[i][1], &err), ERR_INPUT);
        if (strstr(err.text, mistake[i][2]) == NULL)
            fail_msg("of %s it says \"%s\", not %s", mistake[i][1], err.text, mistake[i][2]);
    }
}

/* Who guesses values must not find people by the hundred. */
static void what_a_list_would_find_people_by_is_no_key(void **state)
{
    (void)state;
    static const char last[] = "[\"name.all.root\", \"birth_date.year\", \"nationality?\"]";
    static const char *const refused[][2] = {
        {"[\"birth_date.full\"]", "a list of dates"},
        {"[\"birth_date.full\", \"sex\", \"nationality\"]", "a list of dates"},
        {"[\"sex\", \"nationality\"]", "a list of values"},
        {"[\"name.all.root\"]", "all names and no date"},
        {"[\"name.all.root\", \"birth_date.year?\"]", "all names and no date"},
        {"[\"name.sole.root\"]", "words of a name and no whole date"},
        {"[\"family_name.all.root\", \"birth_date.year\"]", "words of a name and no whole date"},
        {"[\"name.all.initial\", \"birth_date.full\"]", "a list of dates"},
    };
    static const char *const kept[] = {
        "[\"name.sole.root\", \"birth_date.full\"]", "[\"family_name.all.root\", \"birth_date.turned\"]",
        "[\"name.all.root\", \"birth_date.month_day\"]", "[\"document.folded\", \"birth_date.year\"]"};
    struct schema s;
    struct err err;
    char text[256];
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(parse_changed(&s, last, refused[i][0], &err), ERR_INPUT);
        if (strstr(err.text, "key names-year must not find") == NULL || strstr(err.text, refused[i][1]) == NULL)
            fail_msg("of %s it says \"%s\"", refused[i][0], err.text);
    }
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        snprintf(text, sizeof text,
                 "[\"name.all.root\", \"birth_date.year\"]}, {\"id\": \"more\", \"class\": \"person\", "
                 "\"weight\": 1, \"parts\": %s",
                 kept[i]);
        (void)parse_changed(&s, last, text, &err);
        if (strstr(err.text, "must not find") != NULL)
            fail_msg("of %s it says \"%s\"", kept[i], err.text);
        err.text[0] = '\0';
    }
    assert_int_equal(
        parse_changed(&s, "\"slots\": 4, \"keys\": [",
                      "\"slots\": 4, \"undated_names\": true, \"keys\": ["
                      "{\"id\": \"names\", \"class\": \"person\", \"weight\": 1, \"parts\": [\"name.all.root\"]},",
                      &err),
        0);
}

/* The schemas that come with the program are found by name, and are as they say. */
static void defaults_are_sound(void **state)
{
    (void)state;
    static const char *const names[] = {"persons", "travel-documents", "listed-documents", "issued-documents"};
    static struct schema s;
    struct err err;
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "client/schema/%s.json", names[i]);
        if (schema_read(&s, path, &err) != 0)
            fail_msg("%s", err.text);
        assert_string_equal(s.name, names[i]);
        assert_int_equal(match_weight(&s, schema_keys_of(&s, CLASS_DOCUMENT)), SCHEMA_WEIGHT_MAX);
    }
}

/* --- keys --- */

static struct normaliser *normaliser;
static struct buf bytes;

static int set_up(void **state)
{
    (void)state;
    struct err err;
    bytes = buf_of(1 << 20);
    return normaliser_new(&normaliser, &err);
}

static int tear_down(void **state)
{
    (void)state;
    normaliser_free(normaliser);
    buf_free(&bytes);
    return 0;
}

static struct record record_of(const char *family, const char *given, const char *date, const char *sex,
                               const char *number)
{
    struct record r = {.line = 1};
    for (int f = 0; f < FIELDS; f++)
        r.field[f] = "";
    r.field[FIELD_FAMILY_NAME] = family;
    r.field[FIELD_GIVEN_NAMES] = given;
    r.field[FIELD_DATE_OF_BIRTH] = date;
    r.field[FIELD_SEX] = sex;
    r.field[FIELD_DOC_NUMBER] = number;
    return r;
}

static struct match_inputs keys_of(const struct schema *s, const struct record *r)
{
    struct match_inputs inputs;
    struct err err;
    assert_int_equal(match_keys(s, normaliser, r, &inputs, &bytes, &err), 0);
    return inputs;
}

static unsigned count_of(const struct match_inputs *inputs, unsigned key)
{
    unsigned n = 0;
    for (size_t i = 0; i < inputs->count; i++)
        n += inputs->key[i] == key;
    return n;
}

static void a_key_has_a_value_for_each_combination(void **state)
{
    (void)state;
    struct schema s;
    struct err err;
    assert_int_equal(schema_parse(&s, good, sizeof good - 1, &err), 0);
    struct record r = record_of("Santoso", "Dewi Lestari", "1987-11-24", "F", "B1234567");
    struct match_inputs inputs = keys_of(&s, &r);
    assert_int_equal(count_of(&inputs, 0), 1);
    assert_int_equal(count_of(&inputs, 1), 1);
    assert_int_equal(count_of(&inputs, 2), 3);
    assert_int_equal(count_of(&inputs, 3), 1);
    for (size_t i = 0; i < inputs.count; i++)
        for (size_t k = i + 1; k < inputs.count; k++)
            assert_false(inputs.input[i].len == inputs.input[k].len &&
                         memcmp(inputs.input[i].data, inputs.input[k].data, inputs.input[i].len) == 0);
}

static void a_missing_part_takes_the_key_along(void **state)
{
    (void)state;
    struct schema s;
    struct err err;
    assert_int_equal(schema_parse(&s, good, sizeof good - 1, &err), 0);
    struct record r = record_of("Santoso", "Dewi", "1987", "", "");
    struct match_inputs inputs = keys_of(&s, &r);
    assert_int_equal(count_of(&inputs, 0), 0);
    assert_int_equal(count_of(&inputs, 1), 0);
    assert_int_equal(count_of(&inputs, 2), 0);
    assert_int_equal(count_of(&inputs, 3), 1); /* the nationality may be missing */
}

/* One value of each word where the sex is known, two where it is not: who may be either meets both. */
static void an_unknown_sex_meets_either(void **state)
{
    (void)state;
    enum { WORD_WITH_DATE = 5 };
    static const char *const sexes[] = {"F", "M", "", "X"};
    static struct schema s;
    struct err err;
    uint8_t known[2][256] = {{0}};
    assert_int_equal(schema_read(&s, "client/schema/persons.json", &err), 0);
    for (size_t i = 0; i < sizeof sexes / sizeof sexes[0]; i++) {
        struct record r = record_of("", "Sukarno", "1987-11-24", sexes[i], "");
        struct match_inputs inputs = keys_of(&s, &r);
        assert_int_equal(inputs.count, i < 2 ? 1 : 2);
        for (size_t k = 0; k < inputs.count; k++) {
            assert_int_equal(inputs.key[k], WORD_WITH_DATE);
            if (i < 2)
                memcpy(known[i], inputs.input[k].data, inputs.input[k].len);
            else
                assert_memory_equal(known[k], inputs.input[k].data, inputs.input[k].len);
        }
    }
    assert_memory_not_equal(known[0], known[1], sizeof known[0]);
}

/* Version, digest, position of the key, then each part behind its length: what a second implementation must build. */
static void an_input_names_schema_and_key(void **state)
{
    (void)state;
    struct schema s;
    struct err err;
    assert_int_equal(schema_parse(&s, good, sizeof good - 1, &err), 0);
    struct record r = record_of("Santoso", "Dewi", "1987-11-24", "", "");
    struct match_inputs inputs = keys_of(&s, &r);
    assert_int_equal(inputs.key[0], 1);
    const uint8_t *in = inputs.input[0].data;
    assert_int_equal(in[0], 2);
    assert_memory_equal(in + 1, s.digest, sizeof s.digest);
    assert_int_equal(in[33], 1);
    assert_int_equal(in[34] << 8 | in[35], strlen("DEVI SANTOSO"));
    assert_memory_equal(in + 36, "DEVI SANTOSO", strlen("DEVI SANTOSO"));
    assert_int_equal(inputs.input[0].len, 34 + 2 + strlen("DEVI SANTOSO") + 2 + strlen("1987-11-24"));
}

static void swapped_day_and_month_are_one(void **state)
{
    (void)state;
    static const char text[] = "{\"format\": \"concord-schema-2\", \"name\": \"t\", \"slots\": 1, \"keys\": [{\"id\": "
                               "\"d\", \"class\": \"person\", \"weight\": 2, \"parts\": [\"name.sole.root\", "
                               "\"birth_date.turned\"]}], \"evidence\": {\"name.sole.root\": 1, \"birth_date.turned\": "
                               "1}, \"classes\": [{\"shared\": [\"person\"], \"is\": \"same-person\"}]}";
    struct schema s;
    struct err err;
    assert_int_equal(schema_parse(&s, text, strlen(text), &err), 0);
    uint8_t first[256];
    struct record r = record_of("", "Sukarno", "1987-03-11", "", "");
    struct match_inputs inputs = keys_of(&s, &r);
    assert_int_equal(inputs.count, 1);
    size_t len = inputs.input[0].len;
    memcpy(first, inputs.input[0].data, len);
    r.field[FIELD_DATE_OF_BIRTH] = "1987-11-03";
    inputs = keys_of(&s, &r);
    assert_int_equal(inputs.input[0].len, len);
    assert_memory_equal(inputs.input[0].data, first, len);
    r.field[FIELD_DATE_OF_BIRTH] = "1987-01-01"; /* some day of that year */
    assert_int_equal(keys_of(&s, &r).count, 0);
}

/* However many alternatives a record has, its tokens are bounded. */
static void tokens_are_bounded(void **state)
{
    (void)state;
    static struct schema s;
    struct err err;
    assert_int_equal(schema_read(&s, "client/schema/persons.json", &err), 0);
    struct record r = record_of("A B C D", "E F G H", "1987-11-24", "F", "B1234567");
    r.field[FIELD_ALIASES] = "I J K L M N\0O P Q R S T\0U V W X Y Z\0AA BB CC DD EE FF\0GG HH II JJ KK";
    r.more[FIELD_ALIASES] = 4;
    struct match_inputs inputs = keys_of(&s, &r);
    assert_in_range(inputs.count, 17, SCHEMA_TOKENS_MAX);
}

/* --- what it means --- */

static void evidence_is_the_finest_of_each_field(void **state)
{
    (void)state;
    struct schema s;
    struct err err;
    assert_int_equal(schema_parse(&s, good, sizeof good - 1, &err), 0);
    assert_float_equal(match_evidence(&s, ALL, NAMES_DATE | WORD_DATE), 28, 1e-9);
    assert_float_equal(match_evidence(&s, ALL, WORD_DATE), 3 + 14, 1e-9);         /* the name falls short */
    assert_float_equal(match_evidence(&s, NAMES_YEAR, NAMES_YEAR), 14 + 5, 1e-9); /* nothing finer was there */
    assert_float_equal(match_evidence(&s, ALL, NAMES_YEAR), 14 - 1, 1e-9);
    assert_float_equal(match_evidence(&s, ALL, DOCUMENT), -7 - 4, 1e-9);
    assert_float_equal(match_evidence(&s, DOCUMENT, DOCUMENT), 0, 1e-9);
}

static void more_records_need_more_evidence(void **state)
{
    (void)state;
    struct schema s;
    struct err err;
    assert_int_equal(schema_parse(&s, good, sizeof good - 1, &err), 0);
    assert_float_equal(match_chance(&s, 1 << 20, 1 << 20, 0), 21, 1e-9); /* half of them are shared */
    assert_float_equal(match_chance(&s, 1 << 10, 1 << 20, 1 << 10), 20, 1e-9);
    unsigned last = 101;
    for (uint64_t n = 1000; n <= 1000000000; n *= 1000) {
        struct verdict v = match_judge(&s, ALL, WORD_DATE, match_chance(&s, n, n, 0));
        assert_true(v.score < last);
        last = v.score;
    }
    assert_true(match_judge(&s, ALL, WORD_DATE, match_chance(&s, 1000, 1000, 0)).accepted);
    assert_int_equal(match_judge(&s, ALL, WORD_DATE, match_chance(&s, 1000000000, 1000000000, 0)).kind, MATCH_NONE);
}

static void kinds_follow_the_classes(void **state)
{
    (void)state;
    struct schema s;
    struct err err;
    double chance = 15;
    assert_int_equal(schema_parse(&s, good, sizeof good - 1, &err), 0);
    assert_int_equal(match_judge(&s, ALL, ALL, chance).kind, MATCH_SAME_PERSON);
    assert_int_equal(match_judge(&s, ALL, DOCUMENT, chance).kind, MATCH_SAME_DOCUMENT_OTHER_PERSON);
    assert_int_equal(match_judge(&s, ALL, NAMES_DATE | WORD_DATE, chance).kind, MATCH_SAME_PERSON_OTHER_DOCUMENT);
    assert_int_equal(match_judge(&s, ALL & ~DOCUMENT, NAMES_DATE, chance).kind, MATCH_SAME_PERSON);
    assert_int_equal(match_judge(&s, ALL, NAMES_YEAR, 30).kind, MATCH_NONE);
    assert_int_equal(match_kind_named(match_kind_name(MATCH_LISTED_DOCUMENT)), MATCH_LISTED_DOCUMENT);
    assert_int_equal(match_kind_named("friend"), MATCH_NONE);
    assert_int_equal(schema_read(&s, "client/schema/listed-documents.json", &err), 0);
    struct verdict v = match_judge(&s, 1, 1, chance);
    assert_int_equal(v.kind, MATCH_LISTED_DOCUMENT);
    assert_int_equal(v.score, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_have_names),
        cmocka_unit_test(a_mistake_is_named),
        cmocka_unit_test(what_a_list_would_find_people_by_is_no_key),
        cmocka_unit_test(defaults_are_sound),
        cmocka_unit_test(a_key_has_a_value_for_each_combination),
        cmocka_unit_test(a_missing_part_takes_the_key_along),
        cmocka_unit_test(an_unknown_sex_meets_either),
        cmocka_unit_test(an_input_names_schema_and_key),
        cmocka_unit_test(swapped_day_and_month_are_one),
        cmocka_unit_test(tokens_are_bounded),
        cmocka_unit_test(evidence_is_the_finest_of_each_field),
        cmocka_unit_test(more_records_need_more_evidence),
        cmocka_unit_test(kinds_follow_the_classes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
