/*
 * Registers of this region of another make than tests/generator: names are put together from the syllables of five
 * languages, by a law of Zipf, and written otherwise by rules of its own; nothing here was looked at while keys and
 * weights were chosen. One person in three has a row with a second agency, one in twelve with a third; some have a
 * sibling, some a document that somebody else shows.
 */
#include "tests/quality/quality.h"

#include "tests/generator/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 64
#define AGENCIES 5
#define SYLLABLE 8

static const struct language {
    const char *state, *onsets, *vowels, *codas; /* codas of the last syllable; "-" is none */
    unsigned family, given;                      /* syllables, at most one more */
    unsigned words;                              /* given names */
    uint32_t families, names;                    /* how many there are */
} languages[AGENCIES] = {
    {"LKA", "W K R M N T S D P J G L Y H", "I A U E", "- - GE N R KE", 3, 3, 2, 900, 500},
    {"VNM", "NG TR L PH B D H V TH KH M N Q C", "UYE A E O I U AO IE", "N NG - NH M P T", 1, 1, 2, 60, 200},
    {"PAK", "B SH KH F R M Z N S H J T W A", "A I U EE OO", "N R D Q L M Z F", 2, 2, 1, 400, 300},
    {"KHM", "S CH PH K V R SR B M N T L", "O A EA OU I E U", "K N NG T R M - S", 1, 2, 1, 150, 400},
    {"PHL", "C D S M B R G L V T P N", "A O E I U", "S N Z - R L", 2, 2, 2, 900, 400}};

struct record {
    char family[TEXT], given[TEXT], number[16], date[16];
    const char *state, *issuer;
    char sex;
};

/* One of words that are parted by a blank. */
static const char *pick(struct random *r, const char *list, char out[SYLLABLE])
{
    uint32_t words = 1;
    for (const char *at = list; *at != '\0'; at++)
        words += *at == ' ';
    for (uint32_t n = random_below(r, words); n > 0; n--)
        list = strchr(list, ' ') + 1;
    const size_t len = strcspn(list, " ");
    snprintf(out, SYLLABLE, "%.*s", *list == '-' ? 0 : (int)len, list);
    return out;
}

/* The same number is the same name, in every run. */
static void name_of(const struct language *l, uint32_t kind, uint32_t number, unsigned syllables, char *out,
                    size_t size)
{
    struct random r = random_stream(11, kind * AGENCIES + (uint64_t)(l - languages), number);
    char part[SYLLABLE];
    size_t len = 0;
    for (unsigned i = 0, all = syllables + random_below(&r, 2); i < all; i++) {
        len += (size_t)snprintf(out + len, size - len, "%s", pick(&r, l->onsets, part));
        len += (size_t)snprintf(out + len, size - len, "%s", pick(&r, l->vowels, part));
    }
    snprintf(out + len, size - len, "%s", pick(&r, l->codas, part));
}

/* A name of n: the first are the most frequent. */
static uint32_t by_rank(struct random *r, uint32_t n)
{
    const double x = random_below(r, 1u << 20) / (double)(1u << 20);
    return (uint32_t)(n * x * x);
}

static void put_given(const struct language *l, struct random *r, char sex, char out[TEXT])
{
    size_t len = 0;
    for (unsigned i = 0; i < l->words; i++) {
        len += (size_t)snprintf(out + len, TEXT - len, "%s", i > 0 ? " " : "");
        name_of(l, sex == 'F' ? 1 : 2, by_rank(r, l->names), l->given, out + len, TEXT - len);
        len += strlen(out + len);
    }
}

static void put_date(struct random *r, char out[16])
{
    const unsigned year = 1945 + random_below(r, 65), month = 1 + random_below(r, 12), day = 1 + random_below(r, 28);
    snprintf(out, 16, "%04u-%02u-%02u", year, month, day);
}

static void put_number(struct random *r, char out[16])
{
    snprintf(out, 16, "%c%07u", 'A' + (char)random_below(r, 26), random_below(r, 10000000));
}

static void person_make(struct record *p, uint64_t seed, uint64_t person)
{
    struct random r = random_stream(seed, 60, person);
    const struct language *l = &languages[person % AGENCIES];
    p->state = p->issuer = l->state;
    p->sex = random_below(&r, 2) == 0 ? 'F' : 'M';
    name_of(l, 0, by_rank(&r, l->families), l->family, p->family, TEXT);
    put_given(l, &r, p->sex, p->given);
    put_date(&r, p->date);
    put_number(&r, p->number);
}

/* --- how a row differs from its person --- */

static const char *const swaps[][2] = {{"EE", "I"},   {"OO", "U"}, {"SH", "S"},  {"V", "W"},   {"W", "V"},
                                       {"TH", "T"},   {"KH", "K"}, {"PH", "F"},  {"OU", "U"},  {"Z", "J"},
                                       {"Q", "K"},    {"C", "K"},  {"AO", "AU"}, {"IE", "YE"}, {"EA", "IA"},
                                       {"UYE", "UE"}, {"Y", "I"},  {"F", "PH"}};
#define SWAPS (sizeof swaps / sizeof swaps[0])

/* The first place that a swap fits is written the other way. */
static void respell(struct random *r, char text[TEXT])
{
    const char *const *swap = swaps[random_below(r, SWAPS)];
    char *at = strstr(text, swap[0]);
    const size_t from = strlen(swap[0]), to = strlen(swap[1]);
    if (at == NULL || strlen(text) + to - from >= TEXT)
        return;
    memmove(at + to, at + from, strlen(at + from) + 1);
    memcpy(at, swap[1], to);
}

static void mistype(struct random *r, char text[TEXT])
{
    const size_t len = strlen(text), at = len > 2 ? 1 + random_below(r, (uint32_t)len - 2) : 0;
    if (at == 0 || text[at] == ' ' || text[at + 1] == ' ' || len + 2 > TEXT)
        return;
    const char c = text[at];
    switch (random_below(r, 4)) {
    case 0:
        text[at] = (char)('A' + random_below(r, 26));
        break;
    case 1:
        memmove(text + at, text + at + 1, len - at);
        break;
    case 2:
        memmove(text + at + 1, text + at, len - at + 1);
        break;
    default:
        text[at] = text[at + 1];
        text[at + 1] = c;
    }
}

static void spoil_date(struct random *r, char date[16])
{
    char *digit = date + (char[]){3, 6, 8, 9}[random_below(r, 4)];
    switch (random_below(r, 4)) {
    case 0: /* day and month in the other order */
        if (memcmp(date + 8, "12", 2) <= 0)
            memmove(date + 5, (char[5]){date[8], date[9], '-', date[5], date[6]}, 5);
        break;
    case 1:
        date[4] = '\0';
        break;
    case 2:
        date[0] = '\0';
        break;
    default:
        *digit = digit[0] == '0' || (digit == date + 8 && digit[0] >= '2') ? '1' : (char)(digit[0] - 1);
        if (memcmp(date + 5, "00", 2) == 0)
            date[6] = '1';
        if (memcmp(date + 8, "00", 2) == 0)
            date[9] = '1';
    }
}

static void swap_names(struct record *p)
{
    char family[TEXT];
    memcpy(family, p->family, TEXT);
    memcpy(p->family, p->given, TEXT);
    memcpy(p->given, family, TEXT);
}

static void spoil_names(struct random *r, struct record *p)
{
    char *last = strrchr(p->given, ' ');
    if (random_permille(r, 100) && last != NULL)
        *last = '\0';
    else if (random_permille(r, 20) && last != NULL)
        last[2] = '\0'; /* an initial */
    if (random_permille(r, 250))
        respell(r, p->family);
    if (random_permille(r, 250))
        respell(r, p->given);
    if (random_permille(r, 90))
        mistype(r, random_below(r, 2) == 0 ? p->family : p->given);
    if (random_permille(r, 30))
        swap_names(p);
}

static void spoil(struct random *r, struct record *p)
{
    spoil_names(r, p);
    if (random_permille(r, 120))
        spoil_date(r, p->date);
    if (random_permille(r, 4))
        p->sex = p->sex == 'F' ? 'M' : 'F';
    if (random_permille(r, 30))
        p->sex = 'X';
    if (random_permille(r, 30))
        p->state = "";
    if (random_permille(r, 350))
        put_number(r, p->number); /* a new one */
    else if (random_permille(r, 20))
        p->number[1 + random_below(r, 7)] = (char)('0' + random_below(r, 10));
    else if (random_permille(r, 400))
        p->number[0] = '\0';
}

/* --- writing --- */

struct second {
    FILE *file[AGENCIES], *truth;
    uint64_t seed;
};

static void write_row(const struct second *s, size_t agency, uint64_t id, const struct record *p)
{
    fprintf(s->file[agency], "%s-%llu,%s,%s,%c,%s,%s,%s,%s,%s\n", languages[agency].state, (unsigned long long)id,
            p->family, p->given, p->sex, p->date, p->state, p->number[0] != '\0' ? "PASSPORT" : "",
            p->number[0] != '\0' ? p->issuer : "", p->number);
}

static void write_pair(const struct second *s, size_t a, uint64_t id, size_t b, uint64_t other, const char *kind)
{
    const char *const from = languages[a].state, *const to = languages[b].state;
    fprintf(s->truth, "%s,%s-%llu,%s,%s-%llu,%s\n", from, from, (unsigned long long)id, to, to,
            (unsigned long long)other, kind);
}

/* The first given name of two is also the sibling's. */
static void share_given(struct record *q, const struct record *p)
{
    const char *const last = strrchr(q->given, ' ');
    char given[TEXT];
    if (last == NULL)
        return;
    snprintf(given, sizeof given, "%.*s%s", (int)strcspn(p->given, " "), p->given, last);
    memcpy(q->given, given, TEXT);
}

/*
 * A sister or brother, one in three of them a twin; or, of a person with one row, somebody else with the same document.
 * Both at another agency.
 */
static void write_others(const struct second *s, struct random *r, const struct record *p, uint64_t person, bool alone)
{
    const size_t home = person % AGENCIES, other = (home + 1 + random_below(r, AGENCIES - 1)) % AGENCIES;
    const bool sibling = random_permille(r, 120), forged = !sibling && alone && random_permille(r, 20);
    struct record q;
    if (!sibling && !forged)
        return;
    person_make(&q, s->seed, person + (UINT64_C(1) << 40));
    if (forged) {
        memcpy(q.number, p->number, sizeof q.number);
        q.issuer = p->issuer;
    } else
        memcpy(q.family, p->family, sizeof q.family);
    if (sibling && random_below(r, 3) == 0)
        memcpy(q.date, p->date, sizeof q.date);
    if (sibling && random_below(r, 3) == 0)
        share_given(&q, p);
    write_row(s, other, 2 * person + 1, &q);
    if (forged)
        write_pair(s, home, 2 * person, other, 2 * person + 1, "same-document-other-person");
}

static void write_person(const struct second *s, uint64_t person)
{
    struct random r = random_stream(s->seed, 61, person);
    struct record p, row;
    size_t at[3] = {person % AGENCIES}, rows = 1 + (random_below(&r, 3) == 0) + (random_below(&r, 12) == 0);
    const size_t step = 1 + random_below(&r, 2);
    person_make(&p, s->seed, person);
    write_row(s, at[0], 2 * person, &p);
    for (size_t i = 1; i < rows; i++) {
        at[i] = (at[0] + i * step) % AGENCIES;
        row = p;
        spoil(&r, &row);
        write_row(s, at[i], 2 * person, &row);
        for (size_t k = 0; k < i; k++)
            write_pair(s, at[k], 2 * person, at[i], 2 * person, "same-person");
    }
    write_others(s, &r, &p, person, rows == 1);
}

void second_write(const char *dir, uint64_t records, uint64_t seed)
{
    struct second s = {.truth = quality_open(dir, "truth"), .seed = seed};
    fputs("agency_a,record_a,agency_b,record_b,kind\n", s.truth);
    for (size_t i = 0; i < AGENCIES; i++) {
        s.file[i] = quality_open(dir, languages[i].state);
        fputs("record_id,family_name,given_names,sex,date_of_birth,nationality,doc_type,doc_issuer,doc_number\n",
              s.file[i]);
    }
    for (uint64_t person = 0; person < records * AGENCIES * 2 / 3; person++)
        write_person(&s, person);
    for (size_t i = 0; i < AGENCIES; i++)
        if (fclose(s.file[i]) != 0)
            quality_fail("cannot write below %s", dir);
    if (fclose(s.truth) != 0)
        quality_fail("cannot write below %s", dir);
}
