/* Names as the region writes them (tests/vectors/cases/names.txt): which meet, and in which form. */
#include "client/schema/transform.h"
#include "tests/unit/identity_test.h"

#include <stdio.h>
#include <stdlib.h>

#define CASES "tests/vectors/cases/names.txt"

static char *trim(char *text)
{
    text += strspn(text, " ");
    for (size_t len = strlen(text); len > 0 && strchr(" \n", text[len - 1]) != NULL; len--)
        text[len - 1] = '\0';
    return text;
}

/* "FAMILY | GIVEN | COUNTRY" */
static void person_of_text(struct person *p, char *text)
{
    const char *value[FIELDS] = {NULL};
    static const enum field fields[] = {FIELD_FAMILY_NAME, FIELD_GIVEN_NAMES, FIELD_NATIONALITY};
    for (size_t i = 0; i < 3 && text != NULL; i++)
        value[fields[i]] = trim(strsep(&text, "|"));
    person_of(p, value);
}

static int compare_roots(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The roots of the first name in order. */
static void roots_of(char out[512], const struct person *p)
{
    const char *root[NAME_TOKENS_MAX];
    unsigned count = p->names > 0 ? p->name[0].tokens : 0;
    size_t n = 0;
    for (unsigned i = 0; i < count; i++)
        root[i] = p->name[0].token[i].root;
    qsort(root, count, sizeof root[0], compare_roots);
    out[0] = '\0';
    for (unsigned i = 0; i < count; i++)
        n += (size_t)snprintf(out + n, 512 - n, "%s%s", i > 0 ? " " : "", root[i]);
}

static void words_of(char out[512], const struct person *p)
{
    size_t n = 0;
    out[0] = '\0';
    for (unsigned i = 0; p->names > 0 && i < p->name[0].tokens; i++)
        n += (size_t)snprintf(out + n, 512 - n, "%s%s%s", i > 0 ? " " : "", p->name[0].token[i].text,
                              i + 1 == p->name[0].family ? "," : "");
}

static bool share_letters(const struct person *a, const struct person *b)
{
    static struct part_values x, y;
    struct part part;
    assert_true(part_parse(&part, "name.all.skeleton"));
    part_derive(&x, &part, a);
    part_derive(&y, &part, b);
    for (unsigned i = 0; i < x.count; i++)
        for (unsigned k = 0; k < y.count; k++)
            if (x.start[i + 1] - x.start[i] == y.start[k + 1] - y.start[k] &&
                memcmp(x.bytes + x.start[i], y.bytes + y.start[k], (size_t)(x.start[i + 1] - x.start[i])) == 0)
                return true;
    return false;
}

/* False, and why in got, if a line does not hold. */
static bool holds(char *line, char got[2200])
{
    struct person a, b;
    char *what = strchr(line, ' ') + 1, *names = strchr(what, ' ') + 1, *second = strstr(names, " = "), x[512], y[512];
    second[0] = '\0';
    second += 3;
    names[-1] = '\0';
    person_of_text(&a, names);
    if (strcmp(what, "reads") == 0) {
        words_of(x, &a);
        snprintf(got, 2200, "%s", x);
        return strcmp(x, trim(second)) == 0;
    }
    person_of_text(&b, second);
    roots_of(x, &a);
    roots_of(y, &b);
    bool same = strcmp(x, y) == 0, letters = share_letters(&a, &b);
    snprintf(got, 2200, "%s / %s%s", x, y, letters ? ", the same letters" : "");
    return strcmp(what, "same") == 0 ? same : strcmp(what, "letters") == 0 ? letters : !same && !letters;
}

static void names_meet_or_stay_apart(void **state)
{
    (void)state;
    char line[1024], copy[1024], got[2200];
    unsigned cases = 0, failed = 0;
    FILE *f = fopen(CASES, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        snprintf(copy, sizeof copy, "%s", line);
        cases++;
        if (!holds(line, got)) {
            failed++;
            printf("# %s#   got %s\n", copy, got);
        }
    }
    fclose(f);
    assert_in_range(cases, 100, 10000);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_meet_or_stay_apart)};
    return cmocka_run_group_tests(tests, set_up_normaliser, tear_down_normaliser);
}
