/* People: their names, birth dates, and the relatives and namesakes with whom they are confused. */
#include "tests/generator/world.h"

#define RELATIVES_MAX 50

#define BORN_LAST 2023 /* nobody is born in a year still to come, nor is one mistyped into it */

static uint8_t days_in(uint16_t year, uint8_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return (uint8_t)(days[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)));
}

/* Most who travel were born in the eighties and nineties. */
static void choose_birth(struct person *p, struct random *r)
{
    p->born.year = (uint16_t)(1942 + random_below(r, 28) + random_below(r, 28) + random_below(r, 28));
    p->born.month = (uint8_t)(1 + random_below(r, 12));
    p->born.day = (uint8_t)(1 + random_below(r, days_in(p->born.year, p->born.month)));
    if (random_permille(r, p->culture->new_year))
        p->born.month = p->born.day = 1;
}

static void choose_given(struct person *p, struct random *r)
{
    const struct culture *c = p->culture;
    const struct name_part *part = p->woman ? &c->women : &c->men;
    int count = c->given_least + (int)random_below(r, c->given_most - c->given_least + 1u);

    p->given_count = 0;
    for (int tries = 0; p->given_count < count && tries < 20; tries++) {
        struct name *name = &p->given[p->given_count];

        if (name_choose(name, part, c, r) && (p->given_count == 0 || !name_equal(name, name - 1)))
            p->given_count++;
    }
    p->has_prefix = random_permille(r, c->prefixed) &&
                    name_choose(&p->prefix, p->woman ? &c->prefix_women : &c->prefix_men, c, r) &&
                    p->prefix.first != p->given[0].first;
}

static void choose_family(struct person *p, struct random *r)
{
    const struct culture *c = p->culture;
    const struct name_part *part = p->woman && c->family_women.first ? &c->family_women : &c->family;

    p->family_count = 0;
    if (c->order == NAME_NO_FAMILY || random_permille(r, c->mononym))
        return;
    if (name_choose(&p->family[0], part, c, r))
        p->family_count = 1;
    if (c->order == NAME_PATRONYMIC && c->given_most > 1 && random_permille(r, 500) &&
        name_choose(&p->family[1], part, c, r) && !name_equal(&p->family[0], &p->family[1]))
        p->family_count = 2;
}

static const struct culture *choose_culture(const struct nation *n, struct random *r)
{
    uint32_t at = random_below(r, 1000);
    int i = 0;

    for (; at >= n->people[i].share; i++)
        at -= n->people[i].share;
    return n->people[i].culture;
}

static void make(struct person *p, const struct world *w, uint64_t number, struct random *r)
{
    p->nation = random_permille(r, OWN_NATION) ? nation_of(w->agencies[number % w->agency_count]) : nation_any(r);
    p->culture = choose_culture(p->nation, r);
    p->woman = random_permille(r, 450);
    choose_given(p, r);
    choose_family(p, r);
    choose_birth(p, r);
}

/* Another child of the same parents. */
static void become_sibling(struct person *p, bool twin, struct random *r)
{
    struct person known = *p;

    p->woman = p->culture->family_women.first ? p->woman : random_permille(r, 450);
    for (int tries = 0; tries < 20 && name_equal(&p->given[p->given_count - 1], &known.given[known.given_count - 1]);
         tries++)
        choose_given(p, r);
    if (twin && p->woman == known.woman && random_permille(r, 400)) {
        /* What parents give twins in common: the first of several names, or the first half of a compound. */
        if (known.given_count > 1 && p->given_count > 1)
            p->given[0] = known.given[0];
        else if (known.given[0].second && p->given[0].second && known.given[0].second != p->given[0].second)
            p->given[0].first = known.given[0].first, p->given[0].spelling[0] = known.given[0].spelling[0];
    }
    if (twin)
        return;
    choose_birth(p, r);
    const uint16_t apart = (uint16_t)(1 + random_below(r, 6));
    p->born.year = (uint16_t)(known.born.year + apart <= BORN_LAST ? known.born.year + apart : known.born.year - apart);
    if (p->born.month == 2 && p->born.day == 29)
        p->born.day = 28;
}

static void become_namesake(struct person *p, struct random *r)
{
    for (uint32_t days = 1 + random_below(r, 400); days > 0; days--)
        if (++p->born.day > days_in(p->born.year, p->born.month)) {
            p->born.day = 1;
            p->born.month = (uint8_t)(p->born.month % 12 + 1);
            p->born.year = (uint16_t)(p->born.year + (p->born.month == 1));
        }
    if (p->born.year > BORN_LAST)
        p->born.year = (uint16_t)(p->born.year - 4);
}

static void find(struct person *p, const struct world *w, uint64_t number, int depth)
{
    struct random r = random_stream(w->seed, STREAM_PERSON, number);
    uint32_t chance = random_below(&r, 1000);

    if (number > 0 && depth < RELATIVES_MAX && chance < SIBLING + TWIN + NAMESAKE) {
        struct record known;

        record_find(&known, w, random_next(&r) % number);
        find(p, w, known.person, depth + 1);
        if (chance < SIBLING + TWIN)
            become_sibling(p, chance < TWIN, &r);
        else
            become_namesake(p, &r);
    } else {
        make(p, w, number, &r);
    }
    p->moves_name =
        p->woman && !p->culture->keeps_name && p->culture->order <= NAME_FAMILY_FIRST && p->family_count == 1 &&
        name_choose(&p->married, p->culture->family_women.first ? &p->culture->family_women : &p->culture->family,
                    p->culture, &r);
}

void person_find(struct person *out, const struct world *w, uint64_t number)
{
    *out = (struct person){.nation = NULL};
    find(out, w, number, 0);
}
