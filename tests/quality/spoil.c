/*
 * Spoils a register as other hands and machines would: errors of another make than those of tests/generator, and
 * laid over whatever file there is. Nothing here was looked at while keys and weights were chosen.
 */
#include "tests/quality/quality.h"

#include "tests/generator/random.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 4096
#define TEXT 512
#define FIELDS 32

struct swap {
    const char *from, *to;
};

/* Spelled by ear, by somebody who knows no such name. */
static const struct swap heard[] = {
    {"PH", "F"}, {"TH", "T"},  {"KH", "K"},  {"DH", "D"}, {"BH", "B"}, {"CK", "K"}, {"EE", "I"}, {"OO", "U"},
    {"AA", "A"}, {"AY", "EI"}, {"AI", "AY"}, {"Y", "I"},  {"V", "W"},  {"W", "V"},  {"Z", "S"},  {"Q", "K"},
    {"C", "K"},  {"B", "P"},   {"P", "B"},   {"D", "T"},  {"G", "K"},  {"L", "R"},  {"R", "L"},  {"N", "M"},
    {"E", "I"},  {"I", "E"},   {"O", "U"},   {"U", "O"},  {"LL", "L"}, {"SS", "S"}, {"NN", "N"}, {"TT", "T"}};
/* A camera's letters and digits. */
static const struct swap seen[] = {
    {"RN", "M"}, {"M", "RN"}, {"CL", "D"}, {"VV", "W"}, {"W", "VV"}, {"H", "N"}, {"I", "L"}, {"L", "I"}, {"O", "Q"},
    {"Q", "O"},  {"C", "G"},  {"G", "C"},  {"E", "F"},  {"F", "P"},  {"B", "R"}, {"U", "V"}, {"V", "Y"}, {"D", "O"},
    {"K", "X"},  {"T", "I"},  {"3", "8"},  {"8", "3"},  {"1", "7"},  {"7", "1"}, {"5", "6"}, {"6", "5"}, {"0", "8"}};
/* As a clerk writes whose own language is French, Portuguese or Indonesian of the old spelling. */
static const struct swap foreign[] = {{"SH", "CH"}, {"CH", "TCH"}, {"J", "DJ"}, {"OO", "OU"}, {"U", "OU"},
                                      {"U", "OE"},  {"W", "OU"},   {"Y", "J"},  {"C", "TJ"},  {"K", "QU"},
                                      {"NY", "NH"}, {"X", "CH"},   {"EE", "I"}, {"F", "PH"}};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* Each place that one of the pairs fits is written the other way with this chance. */
static void rewrite(char text[TEXT], const struct swap *pair, size_t pairs, unsigned permille, struct random *r)
{
    char out[TEXT];
    size_t len = 0;
    for (const char *at = text; *at != '\0' && len + 4 < TEXT;) {
        const struct swap *fit = &pair[random_below(r, (uint32_t)pairs)]; /* two may fit one place */
        for (size_t i = 0; i < pairs && strncasecmp(at, fit->from, strlen(fit->from)) != 0; i++)
            fit = fit + 1 < pair + pairs ? fit + 1 : pair;
        if (strncasecmp(at, fit->from, strlen(fit->from)) != 0 || !random_permille(r, permille)) {
            out[len++] = *at++;
            continue;
        }
        const bool small[2] = {islower((unsigned char)at[0]),
                               islower((unsigned char)at[0]) || islower((unsigned char)at[1])};
        for (const char *to = fit->to; *to != '\0'; to++)
            out[len++] = small[to > fit->to] ? (char)tolower((unsigned char)*to) : *to;
        at += strlen(fit->from);
    }
    out[len] = '\0';
    memcpy(text, out, len + 1);
}

/* A finger on the key beside, on one twice, on two in the wrong order, on none. Marks and other scripts stay. */
static void slip(char text[TEXT], struct random *r)
{
    static const char keys[] = "qwertyuiop asdfghjkl zxcvbnm 1234567890";
    const size_t len = strlen(text);
    if (len == 0 || len + 2 > TEXT)
        return;
    char *at = text + random_below(r, (uint32_t)len);
    const char *key = isalnum((unsigned char)*at) ? strchr(keys, tolower((unsigned char)*at)) : NULL;
    if (key == NULL)
        return;
    const bool digit = isdigit((unsigned char)*at), pair = isalnum((unsigned char)at[1]);
    char beside = key > keys && random_below(r, 2) == 0 ? key[-1] : key[1];
    if (beside == ' ' || beside == '\0')
        beside = key[-1];
    switch (random_below(r, digit ? 2 : 4)) { /* digits of dates keep their number */
    case 0:
        *at = isupper((unsigned char)*at) ? (char)toupper((unsigned char)beside) : beside;
        break;
    case 1:
        if (pair) {
            const char first = at[0];
            at[0] = at[1];
            at[1] = first;
        }
        break;
    case 2:
        memmove(at, at + 1, strlen(at));
        break;
    default:
        memmove(at + 1, at, strlen(at) + 1);
    }
}

/* At most so many bytes, and no part of a letter. */
static void cut(char text[TEXT], size_t most)
{
    if (strlen(text) <= most)
        return;
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    text[most] = '\0';
}

/* --- a row --- */

enum column { FAMILY, GIVEN, NATIVE, SEX, DATE, NATION, NUMBER, ALIASES, ZONE, COLUMNS };

static const char *const column_name[COLUMNS] = {"family_name", "given_names", "name_native", "sex", "date_of_birth",
                                                 "nationality", "doc_number",  "aliases",     "mrz"};

struct row {
    char field[FIELDS][TEXT];
    size_t fields;
    size_t at[COLUMNS]; /* FIELDS: the file has no such column */
    char none[TEXT];
};

static char *value(struct row *row, enum column c)
{
    row->none[0] = '\0';
    return row->at[c] < row->fields ? row->field[row->at[c]] : row->none;
}

static void by_keyboard(struct row *row, struct random *r)
{
    static const enum column typed[] = {FAMILY, GIVEN, DATE, NUMBER};
    for (size_t i = 0; i < COUNT(typed); i++)
        if (random_permille(r, 100))
            slip(value(row, typed[i]), r);
}

static void by_ear(struct row *row, struct random *r)
{
    char *date = value(row, DATE);
    rewrite(value(row, FAMILY), heard, COUNT(heard), 60, r);
    rewrite(value(row, GIVEN), heard, COUNT(heard), 60, r);
    if (strlen(date) == 10 && strcmp(date + 8, "13") == 0 && random_below(r, 4) == 0)
        memcpy(date + 8, "30", 2);
    else if (strlen(date) == 10 && strcmp(date + 8, "30") == 0 && random_below(r, 4) == 0)
        memcpy(date + 8, "13", 2);
}

static void by_camera(struct row *row, struct random *r)
{
    static const enum column read[] = {FAMILY, GIVEN, DATE, NUMBER};
    for (size_t i = 0; i < COUNT(read); i++)
        rewrite(value(row, read[i]), seen, COUNT(seen), 20, r);
}

static void by_clerk(struct row *row, struct random *r)
{
    if (random_below(r, 3) != 0)
        return;
    rewrite(value(row, FAMILY), foreign, COUNT(foreign), 400, r);
    rewrite(value(row, GIVEN), foreign, COUNT(foreign), 400, r);
}

/* Into narrow columns, without other scripts and aliases; numbers that were numbers; a day that became the first. */
static void by_migration(struct row *row, struct random *r)
{
    char *number = value(row, NUMBER), *date = value(row, DATE);
    cut(value(row, FAMILY), 12);
    cut(value(row, GIVEN), 14);
    value(row, ALIASES)[0] = value(row, ZONE)[0] = '\0';
    if (value(row, FAMILY)[0] != '\0' || value(row, GIVEN)[0] != '\0')
        value(row, NATIVE)[0] = '\0';
    memmove(number, number + strspn(number, "0"), strlen(number + strspn(number, "0")) + 1);
    if (strlen(date) == 10 && random_permille(r, 30))
        memcpy(date + 5, "01-01", 5);
}

static void by_leaving_out(struct row *row, struct random *r)
{
    static const enum column gone[] = {SEX, NATION, NUMBER, ALIASES, ZONE};
    (void)r;
    for (size_t i = 0; i < COUNT(gone); i++)
        value(row, gone[i])[0] = '\0';
}

static const struct process {
    const char *name;
    void (*spoil)(struct row *row, struct random *r);
} processes[] = {{"keyboard", by_keyboard}, {"hearing", by_ear},         {"camera", by_camera},
                 {"clerk", by_clerk},       {"migration", by_migration}, {"few", by_leaving_out}};

/* --- a file --- */

static void split(struct row *row, char *line)
{
    row->fields = 0;
    line[strcspn(line, "\r\n")] = '\0';
    if (strchr(line, '"') != NULL)
        quality_fail("a row with quotes: %.60s", line);
    for (char *next = line; next != NULL;) {
        const char *field = strsep(&next, ",");
        if (row->fields == FIELDS || strlen(field) >= TEXT)
            quality_fail("a row that is too long: %.60s", line);
        snprintf(row->field[row->fields++], TEXT, "%s", field);
    }
}

static void join(const struct row *row)
{
    for (size_t i = 0; i < row->fields; i++)
        printf("%s%c", row->field[i], i + 1 < row->fields ? ',' : '\n');
}

static void find_columns(struct row *row)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        row->at[c] = FIELDS;
        for (size_t i = 0; i < row->fields; i++)
            if (strcmp(row->field[i], column_name[c]) == 0)
                row->at[c] = i;
    }
}

void spoil_run(const char *name, uint64_t seed)
{
    static struct row row;
    static char line[LINE];
    const struct process *p = processes;
    while (p < processes + COUNT(processes) && strcmp(p->name, name) != 0)
        p++;
    if (p == processes + COUNT(processes))
        quality_fail("no process %s: keyboard, hearing, camera, clerk, migration, few", name);
    for (uint64_t n = 0; fgets(line, sizeof line, stdin) != NULL; n++) {
        struct random r = random_stream(seed, 40 + (uint64_t)(p - processes), n);
        split(&row, line);
        if (n == 0)
            find_columns(&row);
        else
            p->spoil(&row, &r);
        join(&row);
    }
}
