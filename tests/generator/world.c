#include "tests/generator/world.h"

#include <stdlib.h>

/* Out of a thousand records. */
enum {
    OWN_CULTURE = 700,  /* a new person is of the agency's own culture; the others passed through */
    SIBLING = 20,       /* a new person shares the family name of somebody known: not a match */
    TWIN = 5,           /* and the birth date too: not a match */
    FORGED = 10,        /* a new person carries a document that another record names */
    SAME_DOCUMENT = 600, /* a person met again shows the same document */
    NEW_DOCUMENT = 250, /* or another one; the rest shows none */
    DOCUMENT = 850,     /* a new person has a document */
};

static const char *const *given_names(const struct person *p)
{
    return p->woman ? p->culture->women : p->culture->men;
}

static void choose_given(struct person *p, struct random *r)
{
    int n = p->culture->given_count;

    for (int i = 0; i < n; i++)
        do
            p->given[i] = name_choose(given_names(p), r);
        while (i > 0 && p->given[i] == p->given[i - 1]);
}

static uint32_t make_person(struct world *w, const char *country)
{
    struct random *r = &w->random;
    struct person *p = &w->persons[w->person_count];

    *p = (struct person){.woman = random_permille(r, 450)};
    p->culture = random_permille(r, OWN_CULTURE) ? culture_of(country) : culture_any(r);
    choose_given(p, r);
    if (p->culture->family)
        p->family = name_choose(p->culture->family, r);
    if (p->culture->family_end)
        p->family_end = name_choose(p->culture->family_end, r);
    p->year = (uint16_t)(1945 + random_below(r, 70));
    p->month = (uint8_t)(1 + random_below(r, 12));
    p->day = (uint8_t)(1 + random_below(r, 28));
    return w->person_count++;
}

/* A brother or sister of somebody known: the hardest people to tell apart. */
static uint32_t make_sibling(struct world *w, bool twin)
{
    const struct person *other = &w->persons[random_below(&w->random, w->person_count)];
    struct person *p = &w->persons[w->person_count];

    *p = *other;
    do
        choose_given(p, &w->random);
    while (p->given[0] == other->given[0]);
    if (!twin)
        p->year = (uint16_t)(other->year + 1 + random_below(&w->random, 5));
    return w->person_count++;
}

static uint32_t make_document(struct world *w, const struct person *p)
{
    static const char letters[] = "ABCDEFGHJKLMNPRSTUVWXYZ";
    struct document *d = &w->documents[w->document_count];
    struct random *r = &w->random;

    *d = (struct document){.type = (uint8_t)(random_permille(r, 800) ? 0 : 1 + random_below(r, 3))};
    snprintf(d->issuer, sizeof(d->issuer), "%s", p->culture->country);
    snprintf(d->number, sizeof(d->number), "%c%c%07u", letters[random_below(r, sizeof(letters) - 1)],
             letters[random_below(r, sizeof(letters) - 1)], 1 + random_below(r, 9999998));
    return w->document_count++;
}

/* An earlier record of any agency. */
static const struct record *earlier(struct world *w)
{
    return &w->records[random_below(&w->random, w->record_count)];
}

/* A person whom an earlier record is about, met again. */
static void meet_again(struct world *w, struct record *record)
{
    const struct record *before = earlier(w);
    uint32_t chance = random_below(&w->random, 1000);

    record->person = before->person;
    record->altered = random_permille(&w->random, 600);
    if (chance < SAME_DOCUMENT)
        record->document = before->document;
    else if (chance < SAME_DOCUMENT + NEW_DOCUMENT)
        record->document = make_document(w, &w->persons[record->person]);
}

static void meet(struct world *w, struct record *record)
{
    struct random *r = &w->random;
    uint32_t chance = random_below(r, 1000);

    if (w->person_count > 0 && chance < SIBLING + TWIN)
        record->person = make_sibling(w, chance < TWIN);
    else
        record->person = make_person(w, w->agencies[record->agency]);
    if (w->record_count > 0 && random_permille(r, FORGED))
        record->document = earlier(w)->document;
    else if (random_permille(r, DOCUMENT))
        record->document = make_document(w, &w->persons[record->person]);
}

bool world_make(struct world *w)
{
    size_t n = (size_t)w->agency_count * w->records_each;

    w->persons = calloc(n, sizeof(*w->persons));
    w->documents = calloc(n, sizeof(*w->documents));
    w->records = calloc(n, sizeof(*w->records));
    if (!w->persons || !w->documents || !w->records)
        return false;
    for (uint32_t a = 0; a < w->agency_count; a++)
        for (uint32_t row = 1; row <= w->records_each; row++) {
            struct record *record = &w->records[w->record_count];

            *record = (struct record){.agency = (uint16_t)a, .row = row, .document = NO_DOCUMENT,
                                      .seed = random_next(&w->random)};
            if (w->record_count > 0 && random_permille(&w->random, w->overlap_permille))
                meet_again(w, record);
            else
                meet(w, record);
            w->record_count++;
        }
    return true;
}

void world_free(struct world *w)
{
    free(w->persons);
    free(w->documents);
    free(w->records);
}
