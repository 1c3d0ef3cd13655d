/* Documents: what of a number, a type and an issuer is compared. */
#include "client/identity/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void numbers(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        /* as written, exact, folded */
        {"ab-123 456", "AB123456", "A8123456"},
        {"O1I0S5B8", "O1I0S5B8", "1105588"},
        {"L898902C3", "L898902C3", "L898902C3"},
        {"L898902C36", "L898902C3", "L898902C3"},
        {"L898902C35", "L898902C35", "L898902C35"},
        {"A0000001<<", "A0000001", "A0000001"},
        {"D23145890<7", "D23145890", "D23145890"},
        {"১২৩৪৫", "12345", "12345"},
        {"Ａ１２", "A12", "A12"},
        {"12/OUKAMA(N)123456", "12OUKAMAN123456", "120UKAMAN123456"},
        {"၁၂/မဂဒ(နိုင်)၁၅၀၅၀၆", "12MAGADAN150506", "12MAGADAN150506"},
        {"12/MaGaDa(Naing)150506", "12MAGADAN150506", "12MAGADAN150506"},
        {"၁၂/သဃက(နိုင်)၁၅၀၅၀၆", "12THAGHAKAN150506", "12THAGHAKAN150506"},
        {"၁၂/ဥကမ(နိုင်)၁၂၃၄၅၆", "12OUKAMAN123456", "120UKAMAN123456"},
        {"12150506", "12150506", "12150506"},
        {"УБ 1234567", "UB1234567", "U81234567"},
        {"É12", "E12", "E12"},
        {"00123456", "00123456", "123456"},
        {"000", "000", "0"},
        {"0A12", "0A12", "0A12"},
    };
    struct person_document d;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(document_from_fields(&d, NULL, NULL, cases[i][0]));
        assert_string_equal(d.number, cases[i][1]);
        assert_string_equal(d.folded, cases[i][2]);
        assert_string_equal(d.type, "");
        assert_string_equal(d.issuer, "");
    }
    assert_false(document_from_fields(&d, "P", "THA", "<<--"));
    assert_false(document_from_fields(&d, "P", "THA", ""));
}

/* Letters of any script count: numbers that differ in one of them differ, and none is the number without it. */
static void letters_of_scripts_stay(void **state)
{
    (void)state;
    static const char *const written[] = {"12345",  "ก12345",  "ข12345",  "ค12345",  "ক12345",  "খ12345",
                                          "ब12345", "س12345",  "ص12345",  "ក12345",  "ກ12345",  "ක12345",
                                          "க12345", "京12345", "가12345", "あ12345", "ЖЩ12345", "၁/က12345"};
    const size_t count = sizeof written / sizeof written[0];
    struct person_document a, b;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++) {
            assert_true(document_from_fields(&a, "ID", "THA", written[i]));
            assert_true(document_from_fields(&b, "ID", "THA", written[k]));
            if (strcmp(a.number, b.number) == 0 || strcmp(a.folded, b.folded) == 0)
                fail_msg("%s is %s", written[i], written[k]);
        }
}

/* A check digit that fillers set off goes; a digit there that is none stays. */
static void check_digits(void **state)
{
    (void)state;
    struct person_document d;
    char number[] = "A0000001<?";
    number[9] = mrz_check_digit("A0000001", 8);
    assert_true(document_from_fields(&d, NULL, NULL, number));
    assert_string_equal(d.number, "A0000001");
    number[9] = number[9] == '9' ? '0' : (char)(number[9] + 1);
    assert_true(document_from_fields(&d, NULL, NULL, number));
    assert_int_equal(strlen(d.number), 9);
    assert_int_equal(mrz_check_digit("L898902C3", 9), '6'); /* Doc 9303 part 4, appendix B */
    assert_int_equal(mrz_check_digit("740812", 6), '2');
    assert_int_equal(mrz_check_digit("AB2134<<<", 9), '5'); /* Doc 9303 part 3, section 4.9 */
}

static void types_and_issuers(void **state)
{
    (void)state;
    struct person_document d;
    char code[4];
    static const char *const types[][2] = {
        {"passport", "PASSPORT"},
        {"P", "PASSPORT"},
        {"P<", "PASSPORT"},
        {"National ID card", "ID"},
        {"NID", "ID"},
        {"I<", "ID"},
        {"V", "VISA"},
        {"Seaman's book", "SEAFARER"},
        {"driving licence", "DRIVINGLICENCE"},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        assert_true(document_from_fields(&d, types[i][0], "tha", "1"));
        assert_string_equal(d.type, types[i][1]);
        assert_string_equal(d.issuer, "THA");
    }
    country_from_text(code, "D<<");
    assert_string_equal(code, "DEU");
    country_from_text(code, "GBN");
    assert_string_equal(code, "GBR");
    country_from_text(code, "RKS");
    assert_string_equal(code, "XKX");
    country_from_text(code, "tmp");
    assert_string_equal(code, "TLS");
    country_from_text(code, "TH");
    assert_string_equal(code, "");
    country_from_text(code, "THAI");
    assert_string_equal(code, "");
    country_from_text(code, "T1A");
    assert_string_equal(code, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(letters_of_scripts_stay),
        cmocka_unit_test(check_digits),
        cmocka_unit_test(types_and_issuers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
