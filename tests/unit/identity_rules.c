/* The rules of normalising: every row fires through the normalisation that names go through, and no letter vanishes. */
#include "client/identity/date.h"
#include "client/identity/latin.h"
#include "client/identity/name.h"
#include "client/identity/spelling.h"
#include "tests/unit/identity_test.h"

#include <stdio.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

static unsigned failed;

static void complain(const char *file, const char *row, const char *got)
{
    failed++;
    printf("# %s.txt: \"%s\" gives \"%s\"\n", file, row, got);
}

static void all_fired(void)
{
    assert_int_equal(failed, 0);
}

static void latin_of(char out[LATIN_MAX], const char *text)
{
    unsigned seen;
    struct err err;
    assert_int_equal(latin_from_text(normaliser->latin, out, text, 0, &seen, &err), 0);
}

/* What a row of letters.txt alone must give: a syllable without a vowel has an A. */
static void expected_latin(char out[64], const char *latin)
{
    size_t len = strlen(latin);
    bool bare = latin[0] == '^' && strpbrk(latin, "AEIOU") == NULL;
    snprintf(out, 64, "%s", latin + (latin[0] != '\0' && strchr("-<^!", latin[0]) != NULL));
    if (latin[0] == '!')
        out[0] = '\0';
    else if (len > 1 && latin[len - 1] == '+')
        out[strlen(out) - 1] = 'A';
    else if (bare)
        strcat(out, "A");
}

static void letters_fire(void **state)
{
    (void)state;
    const char *text = rule_files[RULES_LETTERS].text;
    char line[RULE_LINE_MAX], got[LATIN_MAX], want[64];
    failed = 0;
    while (rule_line(&text, line)) {
        char *rest = line, *shown = strtok_r(rest, " ", &rest), *latin = strtok_r(rest, " ", &rest);
        char written[64];
        size_t len = strlen(shown);
        bool ends = len > 1 && shown[len - 1] == '$'; /* fires behind a vowel at the end of a word */
        shown[len - ends] = '\0';
        if (strcmp(latin, "~") == 0)
            latin[0] = '\0';
        snprintf(written, sizeof written, "%s%s", ends ? "า" : "", shown);
        expected_latin(want, latin);
        latin_of(got, written);
        if (strcmp(got + ends, want) != 0)
            complain("letters", shown, got);
    }
    all_fired();
}

/* Letters of the scripts that our tables read. Signs without a sound have a row that says so. */
static void no_letter_vanishes(void **state)
{
    (void)state;
    static const UChar32 blocks[][2] = {{0x0400, 0x045F}, {0x0490, 0x04C0}, {0x04D0, 0x04F9}, {0x0621, 0x063A},
                                        {0x0641, 0x064A}, {0x0679, 0x0681}, {0x0683, 0x068A}, {0x06A9, 0x06AF},
                                        {0x06BA, 0x06BE}, {0x06C0, 0x06C3}, {0x06C6, 0x06C9}, {0x06CB, 0x06D3},
                                        {0x0905, 0x0939}, {0x0985, 0x09B9}, {0x0B85, 0x0BB9}, {0x0D85, 0x0DC6},
                                        {0x0E01, 0x0E2E}, {0x0E81, 0x0EC4}, {0x1000, 0x102A}, {0x1780, 0x17B3}};
    char text[8], got[LATIN_MAX];
    failed = 0;
    for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++)
        for (UChar32 c = blocks[b][0]; c <= blocks[b][1]; c++) {
            int32_t n = 0;
            static const char silent[] = "ءٴЬьӀӏـۑຯ";
            if (!u_isalpha(c) || u_charType(c) == U_MODIFIER_LETTER)
                continue;
            U8_APPEND_UNSAFE(text, n, c);
            text[n] = '\0';
            latin_of(got, text);
            if (got[0] == '\0' && strstr(silent, text) == NULL)
                complain("letters", text, got);
        }
    all_fired();
}

static void first_token(struct name_token *out, const char *word, const char *country)
{
    const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = word,
                                 [FIELD_GIVEN_NAMES] = country[0] != '\0' ? "Zorbak" : NULL,
                                 [FIELD_NATIONALITY] = country};
    struct person p;
    person_of(&p, value);
    memset(out, 0, sizeof *out);
    if (p.names > 0 && p.name[0].tokens == (country[0] != '\0' ? 2 : 1))
        *out = p.name[0].token[0];
}

/* "KOR PRK: A B" is told apart into country and words. */
static char *head_of(char *line, char country[4])
{
    char *colon = strchr(line, ':');
    country[0] = '\0';
    if (colon == NULL)
        return line;
    memcpy(country, line, 3);
    country[3] = '\0';
    return colon + 1;
}

static void spellings_fire_in(enum rule_file file)
{
    const char *text = rule_files[file].text;
    char line[RULE_LINE_MAX], country[4], folded[TOKEN_MAX + 1];
    failed = 0;
    while (rule_line(&text, line)) {
        char *rest = head_of(line, country), *first = strtok_r(rest, " ", &rest), *word = first;
        struct name_token root, t;
        first_token(&root, first, country);
        spelling_fold(folded, sizeof folded, root.root);
        if (strcmp(folded, root.root) != 0)
            complain(rule_files[file].name, first, root.root);
        for (; word != NULL; word = strtok_r(rest, " ", &rest)) {
            first_token(&t, word, country);
            if (strcmp(t.root, root.root) != 0)
                complain(rule_files[file].name, word, t.root);
        }
    }
    all_fired();
}

static void spellings_fire(void **state)
{
    (void)state;
    spellings_fire_in(RULES_SPELLINGS);
}

static void nicknames_fire(void **state)
{
    (void)state;
    spellings_fire_in(RULES_NICKNAMES);
}

/* A title falls before a name, apart from it, and together with it where its row says so. */
static void titles_fire(void **state)
{
    (void)state;
    static const struct {
        const char *head, *name;
    } names[] = {{"THA", "มาลี"},    {"LAO", "ມາລີ"},    {"KHM", "មាលី"},  {"MMR", "ဇော်မင်း"}, {"HIN", "राम"},
                 {"BEN", "রহিম"},   {"URD", "اسلم"},   {"ARA", "اسلم"}, {"TAM", "கமலா"},   {"SIN", "කමල්"},
                 {"KOR", "김민수"}, {"ZHO", "王小明"}, {"RUS", "ИВАН"}};
    const char *text = rule_files[RULES_TITLES].text;
    char line[RULE_LINE_MAX], written[256], got[LATIN_MAX], want[LATIN_MAX];
    failed = 0;
    while (rule_line(&text, line)) {
        const char *name = NULL;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            name = memcmp(line, names[i].head, 3) == 0 ? names[i].name : name;
        assert_non_null(name);
        latin_of(want, name);
        char *rest = strchr(line, ':') + 1, *title;
        while ((title = strtok_r(rest, " ", &rest)) != NULL) {
            size_t len = strlen(title);
            bool joined = title[len - 1] == '+';
            title[len - joined] = '\0';
            snprintf(written, sizeof written, "%s %s", title, name);
            latin_of(got, written);
            if (strcmp(got, want) != 0)
                complain("titles", written, got);
            snprintf(written, sizeof written, "%s%s", title, name);
            latin_of(got, written);
            if (joined && strcmp(got, want) != 0)
                complain("titles", written, got);
        }
    }
    all_fired();
}

/* Words are compared as Latin has them: one that Latin would write otherwise could never be met. */
static void words_can_be_met(void **state)
{
    (void)state;
    const char *text = rule_files[RULES_WORDS].text;
    char line[RULE_LINE_MAX], got[LATIN_MAX];
    failed = 0;
    while (rule_line(&text, line)) {
        char *rest = strchr(line, ':') + 1, *word;
        while (strncmp(line, "alias", 5) != 0 && (word = strtok_r(rest, " ", &rest)) != NULL) {
            latin_of(got, word);
            if (strcmp(got, word) != 0 || rules_kinds(normaliser->rules, word) == 0)
                complain("words", word, got);
        }
    }
    all_fired();
}

static void aliases_fire(void **state)
{
    (void)state;
    const char *text = rule_files[RULES_WORDS].text;
    char line[RULE_LINE_MAX], written[256];
    failed = 0;
    while (rule_line(&text, line)) {
        char *rest, *word;
        (void)strtok_r(line, " ", &rest);
        while (strcmp(line, "alias:") == 0 && (word = strtok_r(rest, " ", &rest)) != NULL) {
            for (char *c = word; *c != '\0'; c++)
                *c = *c == '_' ? ' ' : *c;
            snprintf(written, sizeof written, "ZORBAK %s MUTREX", word);
            const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = written};
            struct person p;
            person_of(&p, value);
            if (p.names != 2 || strcmp(p.name[0].token[0].text, "ZORBAK") != 0 || p.name[1].source != NAME_ALIAS)
                complain("words", written, p.name[0].token[0].text);
        }
    }
    all_fired();
}

static void syllables_fire(void **state)
{
    (void)state;
    const char *text = rule_files[RULES_SYLLABLES].text;
    char line[RULE_LINE_MAX], language[4], got[64];
    failed = 0;
    while (rule_line(&text, line)) {
        char *rest = head_of(line, language), *row;
        while ((row = strtok_r(rest, " ", &rest)) != NULL) {
            char *sign = strchr(row, '=');
            *sign = '\0';
            rules_fold_syllables(normaliser->rules, got, sizeof got, language, row);
            if (strcmp(got, sign + 1) != 0)
                complain("syllables", row, got);
        }
    }
    all_fired();
}

/* Each name of a month is read in a date. */
static void months_fire(void **state)
{
    (void)state;
    const char *text = rule_files[RULES_MONTHS].text;
    char line[RULE_LINE_MAX], written[256];
    failed = 0;
    while (rule_line(&text, line)) {
        unsigned number;
        char calendar[32], *rest = strchr(line, ':') + 1, *name;
        assert_int_equal(sscanf(line, "%31s %u:", calendar, &number), 2);
        bool gregorian = strcmp(calendar, "gregorian") == 0;
        const char *year = gregorian                         ? "1987"
                           : strcmp(calendar, "nepali") == 0 ? "2043"
                           : strcmp(calendar, "hijri") == 0  ? "1407"
                                                             : "1365";
        while (number > 0 && (name = strtok_r(rest, " ", &rest)) != NULL) {
            struct person_date d = {0};
            for (char *c = name; *c != '\0'; c++)
                *c = *c == '_' ? ' ' : *c;
            snprintf(written, sizeof written, "4 %s %s", name, year);
            bool read = date_parse(&d, written, CALENDAR_GREGORIAN);
            if (!read || (gregorian && (d.year != 1987 || d.month != number || d.day != 4)) || d.year < 1986 ||
                d.year > 1988)
                complain("months", written, read ? "another date" : "no date");
        }
    }
    all_fired();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_fire),   cmocka_unit_test(no_letter_vanishes), cmocka_unit_test(spellings_fire),
        cmocka_unit_test(nicknames_fire), cmocka_unit_test(titles_fire),        cmocka_unit_test(words_can_be_met),
        cmocka_unit_test(aliases_fire),   cmocka_unit_test(syllables_fire),     cmocka_unit_test(months_fire),
    };
    return cmocka_run_group_tests(tests, set_up_normaliser, tear_down_normaliser);
}
