/* Names of the region: what they are read as, and which ways of writing one meet in which form. */
#include "tests/unit/identity_test.h"

#include "client/identity/spelling.h"

#include <stdio.h>

/* The words of a name, family name first and a comma behind it. */
static void words_of(char *out, size_t size, const char *family, const char *given, const char *native,
                     const char *country)
{
    const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = family,
                                 [FIELD_GIVEN_NAMES] = given,
                                 [FIELD_NAME_NATIVE] = native,
                                 [FIELD_NATIONALITY] = country};
    struct person p;
    size_t len = 0;
    person_of(&p, value);
    out[0] = '\0';
    for (unsigned i = 0; p.names > 0 && i < p.name[0].tokens; i++)
        len += (size_t)snprintf(out + len, size - len, "%s%s", p.name[0].token[i].text,
                                i + 1 == p.name[0].family  ? ", "
                                : i + 1 < p.name[0].tokens ? " "
                                                           : "");
}

static void scripts_become_latin(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Nguyễn Thị Hồng Nhung", "NGUYEN HONG NHUNG"},
        {"Đặng Văn Lâm", "DANG LAM"},
        {"Łukasz Żółć", "LUKASZ ZOLC"},
        {"Ｆｕｌｌ Ｗｉｄｔｈ", "FULL WIDTH"},
        {"ﬁona", "FIONA"},
        {"O'Brien Jean-Luc", "OBRIEN JEAN LUC"},
        {"Юлия Щербакова", "IULIIA SHCHERBAKOVA"},
        {"Өлзий", "OLZII"},
        {"محمد علي خان", "MUHAMMAD ALI KHAN"},
        {"فاطمة الزهراء", "FATIMA ZHRA"},
        {"สมชาย ใจดี", "SOMCHAY CHAIDI"},
        {"วงศ์สุวรรณ", "WONGSUWAN"},
        {"ສົມສັກ ແກ້ວມະນີ", "SOMSAK KEOVMANI"},
        {"ចាន់ដារ៉ា សុខ", "CHANDARA SOK"},
        {"အောင်ဆန်းစုကြည်", "AUNG SAN SU KYI"},
        {"မင်းအောင်လှိုင်", "MIN AUNG HLAING"},
        {"সুলতানা রহমান", "SULTANA RAHMAN"},
        {"शर्मा राज कुमार", "SHARMA RAJ KUMAR"},
        {"සුනිල් පෙරේරා", "SUNIL PERERA"},
        {"முருகன்", "MURUKAN"},
        {"さとう はなこ", "SATOU HANAKO"},
        {"王小明", "WANG, XIAOMING"},
        {"欧阳娜娜", "OUYANG, NANA"},
        {"司馬 相如", "SIMA, XIANGRU"},
        {"김민수", "KIM, MINSU"},
        {"남궁민", "NAMGUNG, MIN"},
        {"曾國藩", "ZENG, GUOFAN"},
    };
    char words[512];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        words_of(words, sizeof words, NULL, NULL, cases[i][0], NULL);
        assert_string_equal(words, cases[i][1]);
    }
}

static void words_beside_names_fall(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        {"bin Abdullah", "Dr. Muhammad Faizal", "MYS", "ABDULLAH, MUHAMMAD FAIZAL"},
        {"binti Tarudin", "Siti Nurhaliza", NULL, "TARUDIN, SITI NURHALIZA"},
        {"Raju", "Muniandy a/l", "MYS", "RAJU, MUNIANDY"},
        {NULL, "Letchumi A/P Muthu", NULL, "LETCHUMI MUTHU"},
        {NULL, "Daw Khin Win", "MMR", "KHIN WIN"},
        {"Ma", "Long", "CHN", "MA, LONG"},
        {NULL, "Ma Long", NULL, "MA LONG"},
        {"U", NULL, "MMR", "U"},
        {"De Los Santos", "Maria", "PHL", "SANTOS, MARIA"},
        {NULL, "Dela Cruz, Juan", NULL, "CRUZ, JUAN"},
        {"Nguyen", "Thi Lan", "VNM", "NGUYEN, LAN"},
        {"Nguyen", "Vanhung", "VNM", "NGUYEN, HUNG"},
        {"Wang", "Xiao Ming", "CHN", "WANG, XIAOMING"},
        {"Wang", "Xiao Ming", "SGP", "WANG, XIAOMING"},
        {"FNU", "Kumar", "IND", "KUMAR"},
        {"Suharto", "Suharto", "IDN", "SUHARTO"},
        {NULL, "Abdul Rahman Wahid", NULL, "ABDULRAHMAN WAHID"},
        {"Ud Din", "Rahim", NULL, "RAHIMUDDIN"},
        {"Md", "Md", NULL, "MD"},
        {"-", "...", NULL, ""},
    };
    char words[512];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        words_of(words, sizeof words, cases[i][0], cases[i][1], NULL, cases[i][2]);
        assert_string_equal(words, cases[i][3]);
    }
}

static void token_of(struct name_token *out, const char *word)
{
    const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = word};
    struct person p;
    person_of(&p, value);
    assert_int_equal(p.names, 1);
    assert_int_equal(p.name[0].tokens, 1);
    *out = p.name[0].token[0];
}

static void spellings_share_a_root(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Muhammad", "Mohd."},
        {"Mohammed", "Md"},
        {"Hussein", "Hossain"},
        {"Yusuf", "Joesoef"},
        {"Nguyễn", "NGUYEN"},
        {"Xu", "Hsu"},
        {"Zhang", "Cheung"},
        {"Chang", "Teo"},
        {"Abdurrahman", "Abdel-Rahman"},
        {"Phillip", "Filip"},
        {"Soekarno", "Sukarno"},
        {"Wichai", "Vichai"},
        {"Phongsak", "Pongsak"},
        {"Syahputra", "Shahputra"},
        {"Boonmee", "Bunmi"},
        {"Siddiqui", "Siddique"},
        {"Hsiao", "Xiao"},
        {"Delacruz", "Cruz"},
        {"Djoko", "Joko"},
        {"Tjahyadi", "Chahyadi"},
        {"Faruque", "Farooq"},
        {"Park", "Bak"},
        {"Htun", "Tun"},
        {"Kyaw", "Kyaww"},
        {"محمد", "Muhammad"},
        {"ফাতেমা", "Fatimah"},
        {"මහින්ද", "Mahinda"},
        {"박", "Park"},
    };
    struct name_token a, b;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        token_of(&a, pairs[i][0]);
        token_of(&b, pairs[i][1]);
        assert_string_equal(a.root, b.root);
        assert_string_equal(a.sound, b.sound);
        assert_string_equal(a.skeleton, b.skeleton);
    }
}

static void what_sounds_alike_shares_a_sound(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Slamet", "Selamet"}, {"Susanto", "Soesantho"}, {"Mendoza", "Mendosa"},    {"Biswas", "Viswas"},
        {"Gim", "Kim"},        {"Chanida", "Chanidha"},  {"Duangjai", "Duangchai"}, {"Katherine", "Cathryn"},
        {"สมชาย", "Somchai"},  {"Decha", "Teycha"},      {"Rungroj", "Rungrodj"},
    };
    struct name_token a, b;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        token_of(&a, pairs[i][0]);
        token_of(&b, pairs[i][1]);
        assert_string_equal(a.sound, b.sound);
    }
}

static void what_differs_stays_apart(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Somchai", "Somsak"}, {"Rahman", "Rahim"}, {"Chen", "Chang"},  {"Lin", "Liang"}, {"Maria", "Mario"},
        {"Ali", "Ella"},       {"Siti", "Sita"},    {"Kumar", "Kamal"}, {"Park", "Pham"}, {"Nguyen", "Ngo"},
    };
    struct name_token a, b;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        token_of(&a, pairs[i][0]);
        token_of(&b, pairs[i][1]);
        assert_string_not_equal(a.root, b.root);
    }
}

/* Ä is A to most, AE to a machine-readable zone: the name is compared as both. */
static void letters_of_zones_make_a_second_form(void **state)
{
    (void)state;
    const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = "Müller", [FIELD_GIVEN_NAMES] = "Åse"};
    struct person p;
    person_of(&p, value);
    assert_int_equal(p.names, 2);
    assert_string_equal(p.name[0].token[0].text, "MULLER");
    assert_string_equal(p.name[1].token[0].text, "MUELLER");
    assert_string_equal(p.name[1].token[1].text, "AASE");
}

/* Every form of every word of one letter up to three: never empty, and folding is stable. */
static void forms_are_never_empty(void **state)
{
    (void)state;
    char word[4] = "", form[16], again[16];
    for (int i = 0; i < 26 * 27 * 27; i++) {
        word[0] = (char)('A' + i % 26);
        word[1] = i / 26 % 27 == 0 ? '\0' : (char)('A' - 1 + i / 26 % 27);
        word[2] = i / 26 / 27 == 0 ? '\0' : (char)('A' - 1 + i / 26 / 27);
        spelling_fold(form, sizeof form, word);
        assert_true(form[0] != '\0');
        spelling_sound(again, sizeof again, form);
        assert_true(again[0] != '\0');
        spelling_skeleton(again, sizeof again, form);
        assert_true(again[0] != '\0');
    }
    spelling_fold(form, 4, "WWWWWWWOXOXOXOXOX");
    assert_true(strlen(form) < 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_become_latin),     cmocka_unit_test(words_beside_names_fall),
        cmocka_unit_test(spellings_share_a_root),   cmocka_unit_test(what_sounds_alike_shares_a_sound),
        cmocka_unit_test(what_differs_stays_apart), cmocka_unit_test(letters_of_zones_make_a_second_form),
        cmocka_unit_test(forms_are_never_empty),
    };
    return cmocka_run_group_tests(tests, set_up_normaliser, tear_down_normaliser);
}
