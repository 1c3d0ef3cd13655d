#include "tests/generator/culture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct culture *const cultures[] = {
    &culture_thai,           &culture_lao,        &culture_khmer,      &culture_burmese,
    &culture_vietnamese,     &culture_han,        &culture_han_taiwan, &culture_han_hongkong,
    &culture_han_nanyang,    &culture_korean,     &culture_japanese,   &culture_bengali,
    &culture_rohingya,       &culture_hindi,      &culture_nepali,     &culture_tamil,
    &culture_tamil_malaysia, &culture_sinhala,    &culture_pakistani,  &culture_afghan,
    &culture_malay,          &culture_indonesian, &culture_filipino,   &culture_turkic,
    &culture_mongolian,
};
#define CULTURES (sizeof(cultures) / sizeof(cultures[0]))

static const struct nation nations[] = {
    {"THA", {{&culture_thai, 920}, {&culture_malay, 50}, {&culture_han_nanyang, 30}}, "aa9999999", "9999999999999"},
    {"IDN",
     {{&culture_indonesian, 850}, {&culture_malay, 100}, {&culture_han_nanyang, 50}},
     "a9999999",
     "999999ddmmyy9999"},
    {"BGD", {{&culture_bengali, 1000}}, "aa9999999", "9999999999"},
    {"MYS",
     {{&culture_malay, 650}, {&culture_han_nanyang, 240}, {&culture_tamil_malaysia, 110}},
     "a99999999",
     "yymmdd999999"},
    {"VNM", {{&culture_vietnamese, 1000}}, "a9999999", "999999999999"},
    {"MMR", {{&culture_burmese, 850}, {&culture_rohingya, 150}}, "MA999999", "999999999"},
    {"CHN", {{&culture_han, 1000}}, "E99999999", "999999YYyymmdd9999"},
    {"PHL", {{&culture_filipino, 920}, {&culture_malay, 80}}, "P9999999a", "999999999999"},
    {"IND",
     {{&culture_hindi, 600}, {&culture_tamil, 180}, {&culture_bengali, 120}, {&culture_pakistani, 100}},
     "a9999999",
     "999999999999"},
    {"PAK", {{&culture_pakistani, 1000}}, "aa9999999", "9999999999999"},
    {"AFG", {{&culture_afghan, 1000}}, "P99999999", "9999999999999"},
    {"NPL", {{&culture_nepali, 800}, {&culture_hindi, 200}}, "09999999", "99999999999"},
    {"LKA", {{&culture_sinhala, 740}, {&culture_tamil, 200}, {&culture_pakistani, 60}}, "N9999999", "YYyy99999999"},
    {"KHM", {{&culture_khmer, 950}, {&culture_malay, 50}}, "N99999999", "999999999"},
    {"LAO", {{&culture_lao, 1000}}, "PA9999999", "999999999"},
    {"KOR", {{&culture_korean, 1000}}, "M99999999", "yymmdd9999999"},
    {"JPN", {{&culture_japanese, 1000}}, "aa9999999", "999999999999"},
    {"TWN", {{&culture_han_taiwan, 1000}}, "399999999", "a999999999"},
    {"HKG", {{&culture_han_hongkong, 900}, {&culture_filipino, 60}, {&culture_pakistani, 40}}, "K99999999", "a9999999"},
    {"SGP",
     {{&culture_han_nanyang, 740}, {&culture_malay, 150}, {&culture_tamil_malaysia, 110}},
     "E9999999a",
     "a9999999a"},
    {"UZB", {{&culture_turkic, 1000}}, "FA9999999", "aa9999999"},
    {"KAZ", {{&culture_turkic, 1000}}, "N99999999", "yymmdd999999"},
    {"MNG", {{&culture_mongolian, 1000}}, "E9999999", "aa99999999"},
};
#define NATIONS (sizeof(nations) / sizeof(nations[0]))

/* --- preparing --- */

static bool prepare_table(struct name_part *p, int half, const char *const *table)
{
    uint64_t sum = 0;
    uint32_t n = 0;

    while (table[n])
        n++;
    p->counts[half] = n;
    p->cumulative[half] = calloc(n + 1, sizeof(uint32_t));
    for (uint32_t i = 0; p->cumulative[half] && i < n; i++)
        p->cumulative[half][i] = (uint32_t)(sum += 10000000 / (10 * i + 10 + p->offset));
    return p->cumulative[half] != NULL;
}

static bool prepare_part(struct name_part *p)
{
    return (!p->first || prepare_table(p, 0, p->first)) && (!p->second || prepare_table(p, 1, p->second));
}

#define PARTS 6

static struct name_part *part_of(struct culture *c, int i)
{
    struct name_part *const parts[PARTS] = {&c->men,          &c->women,      &c->family,
                                            &c->family_women, &c->prefix_men, &c->prefix_women};

    return parts[i];
}

bool cultures_prepare(void)
{
    for (size_t i = 0; i < CULTURES; i++)
        for (int k = 0; k < PARTS; k++)
            if (!prepare_part(part_of(cultures[i], k)))
                return false;
    return true;
}

void cultures_free(void)
{
    for (size_t i = 0; i < CULTURES; i++)
        for (int k = 0; k < PARTS; k++)
            for (int half = 0; half < 2; half++) {
                free(part_of(cultures[i], k)->cumulative[half]);
                part_of(cultures[i], k)->cumulative[half] = NULL;
            }
}

const struct nation *nation_of(const char *country)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < NATIONS; i++)
        if (strcmp(nations[i].country, country) == 0)
            return &nations[i];
    for (const char *c = country; *c; c++)
        sum = sum * 31 + (unsigned char)*c;
    return &nations[sum % NATIONS];
}

const struct nation *nation_any(struct random *r)
{
    return &nations[random_below(r, NATIONS)];
}

/* --- alternatives --- */

uint32_t alternatives(const char *list)
{
    uint32_t n = 1;

    for (; *list; list++)
        n += *list == '|';
    return n;
}

void alternative(char out[NAME_SIZE], const char *list, uint32_t which)
{
    size_t len;

    for (; which > 0 && strchr(list, '|'); which--)
        list = strchr(list, '|') + 1;
    len = which > 0 ? 0 : strcspn(list, "|");
    if (len >= NAME_SIZE)
        len = NAME_SIZE - 1;
    memcpy(out, list, len);
    out[len] = 0;
}

/* --- names --- */

static const char *choose(const struct name_part *p, int half, struct random *r)
{
    const char *const *table = half ? p->second : p->first;
    const uint32_t *cumulative = p->cumulative[half];
    uint32_t at = random_below(r, cumulative[p->counts[half] - 1]), low = 0, high = p->counts[half] - 1;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (cumulative[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return table[low];
}

static bool has_spelling(const char *name, uint32_t which)
{
    char text[NAME_SIZE];

    alternative(text, name, which);
    return text[0] != 0;
}

/* Most people spell a name as most do; one in seven has another spelling in the passport. */
static uint8_t choose_spelling(const char *name, const struct culture *c, struct random *r)
{
    uint32_t usual = has_spelling(name, c->romanisation) ? c->romanisation : 0, n = alternatives(name), other;

    if (n <= 2 || !random_permille(r, 140))
        return (uint8_t)usual;
    other = 2 + random_below(r, n - 2);
    return (uint8_t)(has_spelling(name, other) ? other : usual);
}

bool name_choose(struct name *out, const struct name_part *part, const struct culture *c, struct random *r)
{
    *out = (struct name){.joint = part->joint};
    if (!part->first)
        return false;
    out->first = choose(part, 0, r);
    out->spelling[0] = choose_spelling(out->first, c, r);
    if (part->second && random_permille(r, part->compound)) {
        out->second = choose(part, 1, r);
        out->spelling[1] = choose_spelling(out->second, c, r);
    }
    return true;
}

bool name_equal(const struct name *a, const struct name *b)
{
    return a->first == b->first && a->second == b->second;
}

static void join(char out[NAME_SIZE], const struct name *name, const char *second, enum name_joint joint)
{
    const char *text = name->joint ? name->joint : "";
    size_t len = strlen(out);

    if (joint != JOINT_USUAL)
        text = joint == JOINT_BLANK ? " " : joint == JOINT_HYPHEN ? "-" : "";
    snprintf(out + len, NAME_SIZE - len, "%s%s", text, second);
    if (!*text && out[len] >= 'A' && out[len] <= 'Z')
        out[len] = (char)(out[len] - 'A' + 'a');
}

void name_latin(char out[NAME_SIZE], const struct name *name, enum name_joint joint)
{
    char second[NAME_SIZE];

    alternative(out, name->first, name->spelling[0]);
    if (!name->second)
        return;
    alternative(second, name->second, name->spelling[1]);
    join(out, name, second, joint);
}

static void native_half(char out[NAME_SIZE], const char *name, bool traditional)
{
    char text[NAME_SIZE], *slash;

    alternative(text, name, 1);
    slash = strchr(text, '/');
    if (slash)
        *slash = 0;
    memcpy(out, text, NAME_SIZE);
    if (slash && traditional)
        memmove(out, slash + 1, strlen(slash + 1) + 1);
}

void name_native(char out[NAME_SIZE], const struct name *name, bool traditional)
{
    char second[NAME_SIZE];
    size_t len;

    native_half(out, name->first, traditional);
    if (!out[0] || !name->second)
        return;
    native_half(second, name->second, traditional);
    len = strlen(out);
    snprintf(out + len, NAME_SIZE - len, "%s", second);
}

/* --- spelling otherwise --- */

/* Puts `to` in place of `from`, which stands at text[at]. A capital stays one. */
static void substitute(char text[NAME_SIZE], size_t at, size_t from_len, const char *to, size_t to_len)
{
    size_t len = strlen(text);
    bool capital = text[at] >= 'A' && text[at] <= 'Z';

    if (len - from_len + to_len >= NAME_SIZE)
        return;
    memmove(text + at + to_len, text + at + from_len, len - at - from_len + 1);
    memcpy(text + at, to, to_len);
    if (capital && to_len > 0 && text[at] >= 'a' && text[at] <= 'z')
        text[at] = (char)(text[at] - 'a' + 'A');
}

static bool apply_rule(char text[NAME_SIZE], const char *from, size_t from_len, const char *to, size_t to_len)
{
    size_t len = strlen(text);

    if (from_len == 0)
        return false;
    for (size_t at = 0; at + from_len <= len; at++)
        if (strncasecmp(text + at, from, from_len) == 0 &&
            !(to_len > from_len && strncasecmp(text + at, to, to_len) == 0)) {
            substitute(text, at, from_len, to, to_len);
            return true;
        }
    return false;
}

static void apply_some_rule(char text[NAME_SIZE], const char *const *rules, struct random *r)
{
    uint32_t n = 0, start;

    while (rules && rules[n])
        n++;
    start = n ? random_below(r, n) : 0;
    for (uint32_t i = 0; i < n; i++) {
        const char *left = rules[(start + i) % n], *right = strchr(left, '=') + 1;
        size_t left_len = (size_t)(right - left) - 1, right_len = strlen(right);

        if (random_permille(r, 500) ? apply_rule(text, left, left_len, right, right_len)
                                    : apply_rule(text, right, right_len, left, left_len))
            return;
    }
}

void name_respell(char text[NAME_SIZE], const struct name *name, const struct culture *c, struct random *r)
{
    struct name other = *name;
    bool second = name->second && random_permille(r, 500);
    uint32_t n = alternatives(second ? name->second : name->first), which;

    if (n > 2 && random_permille(r, 600)) {
        which = 1 + random_below(r, n - 1); /* 1, the native one, stands for the first */
        which = which == 1 ? 0 : which;
        if (has_spelling(second ? name->second : name->first, which))
            other.spelling[second] = (uint8_t)which;
        name_latin(text, &other, JOINT_USUAL);
    } else {
        apply_some_rule(text, c->rules, r);
    }
}
