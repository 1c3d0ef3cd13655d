/* Elements of records, and what a pair of them is judged to be: the same from either side. */
#include "client/schema/elements_pack.h"
#include "client/schema/score.h"
#include "tests/unit/identity_test.h"

#include <stdio.h>

#define RECORDS 100000

static struct schema persons;

static int set_up(void **state)
{
    struct err err;
    int rc = set_up_normaliser(state);
    return rc == 0 ? schema_read(&persons, "client/schema/persons.json", &err) : rc;
}

/* family, given, sex, birth date, nationality, document's number */
typedef const char *who[6];

static void elements_of_who(struct elements *out, const who w)
{
    struct person p;
    person_of(&p, (const char *const[FIELDS]){[FIELD_FAMILY_NAME] = w[0],
                                              [FIELD_GIVEN_NAMES] = w[1],
                                              [FIELD_SEX] = w[2],
                                              [FIELD_DATE_OF_BIRTH] = w[3],
                                              [FIELD_NATIONALITY] = w[4],
                                              [FIELD_DOC_TYPE] = w[5] != NULL ? "P" : NULL,
                                              [FIELD_DOC_NUMBER] = w[5]});
    elements_of_person(out, &p, RECORDS);
    person_wipe(&p);
}

/* Both sides must come to the same. */
/* records: log2 of how many both agencies have. */
static struct judgement judge(const who a, const who b, uint8_t records)
{
    static struct elements e[2];
    struct judgement_input in[2];
    struct judgement j[2];
    elements_of_who(&e[0], a);
    elements_of_who(&e[1], b);
    e[0].presence.records = e[1].presence.records = records;
    for (int i = 0; i < 2; i++) {
        uint8_t agree[ELEMENT_SLOTS];
        elements_agree(agree, &e[i], &e[!i]);
        judgement_input_of(&in[i], &e[i], agree, &e[!i].presence, false);
        j[i] = score_pair(&persons, &in[i]);
    }
    assert_memory_equal(in[0].agrees, in[1].agrees, sizeof in[0].agrees);
    assert_int_equal(j[0].kind, j[1].kind);
    assert_int_equal(j[0].class, j[1].class);
    assert_int_equal(j[0].score, j[1].score);
    assert_int_equal(j[0].bits, j[1].bits);
    return j[0];
}

static void a_value_stands_once_and_in_its_place(void **state)
{
    (void)state;
    static const uint16_t fields[] = {ELEMENT_WORD_TEXT, ELEMENT_WORD_ROOT, ELEMENT_WORD_SKELETON};
    struct elements e;
    elements_of_who(&e, (who){"NGUYEN", "THI LAN LAN", "F", "1999-03-14", "VNM", "B1234567"});
    for (size_t i = 0; i < ELEMENT_SLOTS; i++)
        for (size_t k = 0; k < i; k++)
            assert_false(e.slot[i].len > 0 && e.slot[i].field == e.slot[k].field && e.slot[i].len == e.slot[k].len &&
                         memcmp(e.slot[i].value, e.slot[k].value, e.slot[i].len) == 0);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        assert_int_equal(e.slot[i].field, fields[i]);
    assert_int_equal(e.presence.day + e.presence.month + e.presence.year + e.presence.sex, 4);
    assert_int_equal(e.presence.records, 16);
    elements_of_who(&e, (who){NULL});
    for (size_t i = 0; i < ELEMENT_SLOTS; i++)
        assert_int_equal(e.slot[i].len, 0);
}

static void presence_travels(void **state)
{
    (void)state;
    struct presence p = {.words = 4, .day = 1, .month = 1, .year = 1, .sex = 1, .documents = 2, .nationalities = 1};
    struct presence back;
    p.records = 31;
    assert_true(presence_unpack(&back, presence_pack(&p)));
    assert_memory_equal(&back, &p, sizeof p);
    assert_false(presence_unpack(&back, 5));       /* words */
    assert_false(presence_unpack(&back, 1u << 3)); /* a day without a month */
    assert_false(presence_unpack(&back, 1u << 16));
}

/* What an officer sees of a pair: that it is one person, that it may be (not sure), or nothing of the kind. */
enum outcome { NO = 1, NOT_SURE = 2, YES = 4 };

static enum outcome outcome_of(const struct judgement *j)
{
    return j->accepted ? YES : j->kind != MATCH_NONE ? NOT_SURE : NO;
}

static const struct {
    who a, b;
    unsigned outcome; /* bits: each of these is right */
} pairs[] = {
    {{"SUKSAWAT", "ANONG", "F", "1987-11-24", "THA"}, {"SUKSAWAT", "ANONG", "F", "1987-11-24", "THA"}, YES},
    {{"SUKSAWAT", "ANONG", "F", "1987-11-24", "THA"}, {"SUKSAVAT", "ANONG", "F", "1987-11-24", "THA"}, YES},
    {{"SUKSAWAT", "ANONG", "F", "1987-11-24", "THA"}, {"SUKSAWAT", "ANONG", NULL, "1987-11-24", NULL}, YES},
    {{"RAHIM", "ABDUR", "M", "1979-02-13", "BGD"}, {NULL, "ABDUR RAHIM", "M", "1979-02-13", "BGD"}, YES},
    /* twins, siblings */
    {{"NGUYEN", "THI LAN", "F", "1999-03-14", "VNM"}, {"NGUYEN", "THI HOA", "F", "1999-03-14", "VNM"}, NO | NOT_SURE},
    {{"PERERA", "NUWAN", "M", "1985-05-17", "LKA"}, {"PERERA", "KASUN", "M", "1985-05-17", "LKA"}, NO | NOT_SURE},
    {{"INTHADETCH", "PHICHIT", "M", "1988-05-23", "THA"},
     {"INTHADETCH", "SOMMAI", "M", "1988-05-23", "THA"},
     NO | NOT_SURE},
    {{"PERERA", "NUWAN", "M", "1985-05-17", "LKA"}, {"PERERA", "KASUN", "M", "1987-01-09", "LKA"}, NO},
    {{"PERERA", "NIMALI", "F", "1985-05-17", "LKA"}, {"PERERA", "NUWAN", "M", "1985-05-17", "LKA"}, NO},
    /* father and son */
    {{"SANTOS", "JOSE", "M", "1961-05-17", "PHL"}, {"SANTOS", "JOSE", "M", "1990-05-16", "PHL"}, NO},
    {{"SANTOS", "JOSE", "M", "1961-05-17", "PHL"}, {"SANTOS", "JOSE MIGUEL", "M", "1990-11-02", "PHL"}, NO},
    /* namesakes */
    {{"PERERA", "NUWAN", "M", "1985-05-17", "LKA"}, {"PERERA", "NUWAN", "M", "1971-02-03", "LKA"}, NO},
    {{"PERERA", "NUWAN", "M", "1985-05-17", "LKA"}, {"PERERA", "NUWAN", "M", "1985-02-03", "LKA"}, NO | NOT_SURE},
    /* a woman and a man of one root; strangers of common names */
    {{"IVANOV", "ALEKSANDR", "M", "1985-05-17", "RUS"},
     {"IVANOVA", "ALEKSANDRA", "F", "1985-05-17", "RUS"},
     NO | NOT_SURE},
    {{"NGUYEN", "VAN THANH", "M", "1999-03-14", "VNM"}, {"NGUYEN", "DUC PHUC", "M", "1999-03-14", "VNM"}, NO},
    {{"WANG", "WEI", "M", "1985-05-17", "CHN"}, {"HUANG", "WEI", "M", "1985-06-17", "CHN"}, NO | NOT_SURE},
    /* the year or the month is mistyped, all else is equal */
    {{"WICKRAMANAYAKE", "THISARA DILSHAN", "M", "1985-05-17", "LKA"},
     {"WICKRAMANAYAKE", "THISARA DILSHAN", "M", "1986-05-17", "LKA"},
     NOT_SURE | YES},
    {{"WICKRAMANAYAKE", "THISARA DILSHAN", "M", "1985-05-17", "LKA"},
     {"WICKRAMANAYAKE", "THISARA DILSHAN", "M", "1985-06-17", "LKA"},
     NOT_SURE | YES},
    /* brothers, sisters and strangers with a name in common, born on one day */
    {{"RAI", "SUNITA DEVI", "F", "1992-08-09", "NPL"}, {"RAI", "KAMALA DEVI", "F", "1992-08-09", "NPL"}, NO | NOT_SURE},
    {{"HOSSAIN", "MD RAHIM", "M", "1990-02-15", "BGD"},
     {"HOSSAIN", "MD KARIM", "M", "1990-02-15", "BGD"},
     NO | NOT_SURE},
    {{"TRAN", "THI MAI", "F", "2001-02-03", "VNM"}, {"TRAN", "THI NGA", "F", "2001-02-03", "VNM"}, NO | NOT_SURE},
    {{"KIM", "MIN JUN", "M", "1995-06-07", "KOR"}, {"KIM", "SEO YUN", "M", "1995-06-07", "KOR"}, NO | NOT_SURE},
    {{"AHMED", "MOHAMMED ALI", "M", "1988-09-10", "PAK"},
     {"AHMED", "MOHAMMED HASSAN", "M", "1988-09-10", "PAK"},
     NO | NOT_SURE},
    {{"CRUZ", "MARIA ANA", "F", "1979-12-08", "PHL"}, {"CRUZ", "MARIA LUZ", "F", "1979-12-08", "PHL"}, NO | NOT_SURE},
    {{"SEIN", "AUNG", "M", "1970-03-04", "MMR"}, {"SEIN", "KYAW", "M", "1970-03-04", "MMR"}, NO | NOT_SURE},
    /* one digit of the date, or two that changed places */
    {{"PERERA", "NUWAN SAMPATH", "M", "1985-05-17", "LKA"},
     {"PERERA", "NUWAN SAMPATH", "M", "1985-05-18", "LKA"},
     NOT_SURE | YES},
    {{"PERERA", "NUWAN SAMPATH", "M", "1985-05-17", "LKA"},
     {"PERERA", "NUWAN SAMPATH", "M", "1985-05-27", "LKA"},
     NOT_SURE | YES},
    {{"PERERA", "NUWAN SAMPATH", "M", "1985-05-17", "LKA"},
     {"PERERA", "NUWAN SAMPATH", "M", "1995-05-17", "LKA"},
     NOT_SURE | YES},
    {{"PERERA", "NUWAN SAMPATH", "M", "1985-05-17", "LKA"},
     {"PERERA", "NUWAN SAMPATH", "M", "1958-05-17", "LKA"},
     NOT_SURE | YES},
    {{"PERERA", "NUWAN SAMPATH", "M", "1985-11-17", "LKA"},
     {"PERERA", "NUWAN SAMPATH", "M", "1985-10-17", "LKA"},
     NOT_SURE | YES},
    {{"PERERA", "NUWAN", "M", "1985-05-12", "LKA"}, {"PERERA", "NUWAN", "M", "1985-05-21", "LKA"}, NOT_SURE | YES},
    {{"PERERA", "NUWAN", "M", "1985-05-17", "LKA"}, {"PERERA", "NUWAN", "M", "1986-05-17", "LKA"}, NOT_SURE | YES},
    {{"SUKSAWAT", "ANONG", "F", "1987-11-24", "THA"}, {"SUKSAWAT", "ANONG", "F", "1987-11-25", "THA"}, NOT_SURE | YES},
};

static void who_is_one_person_is_told_from_who_is_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct judgement j = judge(pairs[i].a, pairs[i].b, 16);
        if ((outcome_of(&j) & pairs[i].outcome) == 0)
            fail_msg("pair %zu, %s / %s: %s, %u", i, pairs[i].a[1], pairs[i].b[1], pair_class_name[j.class], j.score);
    }
}

/* Also where registers are small, of 8,000 rows, so that who is found is more probably meant. */
static void twins_and_strangers_of_small_registers_are_no_match(void **state)
{
    (void)state;
    static const struct {
        who a, b;
    } apart[] = {
        {{"NGUYEN", "THI LAN", "F", "1999-03-14", "VNM"}, {"NGUYEN", "THI HOA", "F", "1999-03-14", "VNM"}},
        {{"NGUYEN", "VAN THANH", "M", "1999-03-14", "VNM"}, {"NGUYEN", "DUC PHUC", "M", "1999-03-14", "VNM"}},
        {{"PERERA", "NUWAN", "M", "1985-05-17", "LKA"}, {"PERERA", "KASUN", "M", "1985-05-17", "LKA"}},
        {{"INTHADETCH", "PHICHIT", "M", "1988-05-23", "THA"}, {"INTHADETCH", "SOMMAI", "M", "1988-05-23", "THA"}},
    };
    for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++) {
        struct judgement j = judge(apart[i].a, apart[i].b, 12);
        if (j.accepted)
            fail_msg("%s / %s: %u", apart[i].a[1], apart[i].b[1], j.score);
    }
    /* who married has another family name, and is the same person still */
    assert_true(judge((who){"PERERA", "NIMALI KUMARI", "F", "1985-05-17", "LKA"},
                      (who){"FERNANDO", "NIMALI KUMARI", "F", "1985-05-17", "LKA"}, 12)
                    .accepted);
}

/* --- as the vault keeps them --- */

/* A common given name and a date are now and then chance: where nothing else is known, the surer pair stands. */
static void a_pair_of_names_and_dates_alone_yields_to_a_better_one(void **state)
{
    (void)state;
    static const who mueller = {"Mueller", "Maria", NULL, "1975-12-25"},
                     sommer = {"Sommer", "Maria", NULL, "1975-12-25"};
    static const who known = {"Sommer", "Maria", "F", "1975-12-25", "THA"},
                     other = {"Mueller", "Maria", "F", "1975-12-25", "THA"};
    const struct judgement same = judge(mueller, mueller, 13), half = judge(mueller, sommer, 13),
                           rich = judge(other, known, 13);
    assert_true(half.score < persons.sure && half.score < same.score);
    assert_true(pair_yields(&persons, half.seen, half.score, same.score));
    assert_false(pair_yields(&persons, half.seen, half.score, half.score)); /* neither of two that are equal */
    assert_false(
        pair_yields(&persons, same.seen, same.score, 100)); /* what is sure stands: a person may be there twice */
    assert_false(pair_yields(&persons, rich.seen, rich.score, 100));
}

static void what_is_packed_comes_back(void **state)
{
    static const who more[] = {
        {NULL},
        {"X", NULL},
        {"ALI", "ALY ALLI ALEE"}, /* roots that are equal */
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ", "LONG", "M", "1987", "THA", "A1"},
        {"TAN", "MEI LING ANNA SOPHIE CLARE", "F", "1987-02", "SGP", "K1234567A"},
    };
    struct elements e, back;
    uint8_t bytes[ELEMENTS_PACKED_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0] + sizeof more / sizeof more[0]; i++) {
        const size_t pair = sizeof pairs / sizeof pairs[0];
        elements_of_who(&e, i < pair ? pairs[i].a : more[i - pair]);
        const size_t len = elements_pack(bytes, &e);
        assert_true(elements_unpack(&back, span_of(bytes, len)));
        assert_memory_equal(&back, &e, sizeof e);
        assert_true(len < 160);
        for (size_t cut = 1; cut < len; cut++) /* a shorter one is another one, or none */
            if (elements_unpack(&back, span_of(bytes, len - cut)))
                assert_memory_not_equal(&back, &e, sizeof e);
    }
}

static void what_no_one_packed_is_refused(void **state)
{
    static const uint8_t bad[][8] = {
        {0, 0, 0, 0, 0, 0},                          /* no length */
        {0, 0, 0, 0, 0, 0xff},                       /* as the one before, and there is none */
        {0, 0, 0, 0, ELEMENT_SLOTS, 1, 'A'},         /* no such place */
        {0, 0, 0, 0, ELEMENT_WORD_FRONT, 1, 'A'},    /* one that follows from others */
        {0, 0, 0, 0, 0, 2, 'A'},                     /* cut off */
        {0, 0, 0, 0, 0, ELEMENT_VALUE_MAX + 1, 'A'}, /* too long */
        {0, 0, 0, 5},                                /* five words */
    };
    static const size_t len[] = {6, 6, 7, 7, 7, 7, 4};
    struct elements e;
    (void)state;
    for (size_t i = 0; i < sizeof len / sizeof len[0]; i++)
        assert_false(elements_unpack(&e, span_of(bad[i], len[i])));
    assert_false(elements_unpack(&e, span_of("\0\0\0\0\0\1A\0\1B", 10))); /* twice */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_of_names_and_dates_alone_yields_to_a_better_one),
        cmocka_unit_test(what_is_packed_comes_back),
        cmocka_unit_test(what_no_one_packed_is_refused),
        cmocka_unit_test(a_value_stands_once_and_in_its_place),
        cmocka_unit_test(presence_travels),
        cmocka_unit_test(who_is_one_person_is_told_from_who_is_not),
        cmocka_unit_test(twins_and_strangers_of_small_registers_are_no_match),
    };
    return cmocka_run_group_tests_name("elements", tests, set_up, tear_down_normaliser);
}
