/*
 * A member that judges in order to guess: it has opened somebody's record, knows all of it but the family name, and
 * puts values of its own choice into its slots. Each exchange tells which of them the record has; the next one is
 * planned by what the ones before told. Its dictionary are the family names of two other agencies' people of that
 * nationality, by how frequent they are; of 40 slots it takes those that tell most of what is still possible (greatest
 * entropy of all answers together). It may do so as often as `judgements` lets it.
 *
 * Control: the same guesser, where names are compared by pairs of letters in place of the table's forms.
 */
#include "tests/attacks/attacks.h"

#include "client/judge/exchange.h"

#include <math.h>
#include <stdio.h>

enum {
    ROUNDS = 6, /* judgements */
    SLOTS = JUDGE_SLOTS,
    VICTIMS = 100,
    LEAST = 20, /* victims of a nationality that say something */
    TESTS_MAX = 48,
    COUNTRIES_MAX = 64,
    PAIR_OF_LETTERS = ELEMENT_FIELDS
};

struct test {
    uint16_t field;
    char value[ELEMENT_VALUE_MAX + 1];
};

/* A family name: the tests that it would pass, as numbers of the game's tests once they have some. */
struct name {
    struct test pass[TESTS_MAX];
    int number[TESTS_MAX];
    size_t passes;
    double weight;
    bool alive;
    int cell;
};

struct game {
    struct name *name; /* the dictionary */
    size_t names;
    struct test *test; /* in order */
    size_t tests;
    size_t **of, *count; /* of each test: which names pass it */
    struct name *victim;
    size_t victims, found[ROUNDS + 1];
};

static void add(struct name *n, unsigned field, const char *value, size_t len)
{
    struct test t = {.field = (uint16_t)field};
    memcpy(t.value, value, len);
    for (size_t i = 0; i < n->passes; i++)
        if (n->pass[i].field == t.field && memcmp(n->pass[i].value, t.value, sizeof t.value) == 0)
            return;
    assert_in_range(n->passes, 0, TESTS_MAX - 1);
    n->pass[n->passes++] = t;
}

static void add_pairs_of_letters(struct name *n, const char *root, size_t len)
{
    for (size_t i = 0; i + 1 < len && n->passes < TESTS_MAX; i++)
        add(n, PAIR_OF_LETTERS, root + i, 2);
}

static bool describe(struct name *out, struct normaliser *normaliser, const char *family, bool by_letters)
{
    static struct elements elements;
    struct person person;
    struct err err = {0};
    struct record record = {0};
    for (size_t f = 0; f < FIELDS; f++)
        record.field[f] = "";
    record.field[FIELD_FAMILY_NAME] = family;
    *out = (struct name){.weight = 1};
    if (person_from_record(normaliser, &record, &person, &err) != 0)
        return false;
    elements_of_person(&elements, &person, 0);
    person_wipe(&person);
    for (size_t i = 0; i < ELEMENT_SLOTS; i++) {
        const struct element_slot *s = &elements.slot[i];
        if (s->len > 0 && by_letters && s->field == ELEMENT_WORD_ROOT)
            add_pairs_of_letters(out, s->value, s->len);
        if (s->len > 0 && !by_letters && s->field <= ELEMENT_WORD_LETTERS)
            add(out, s->field, s->value, s->len);
    }
    return out->passes > 0;
}

static int compare_tests(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct test));
}

static int compare_names(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    return x->passes != y->passes ? (x->passes > y->passes) - (x->passes < y->passes)
                                  : memcmp(x->pass, y->pass, x->passes * sizeof x->pass[0]);
}

static void collect(struct name **out, size_t *count, struct normaliser *normaliser, const struct people *people,
                    const char *nationality, bool by_letters)
{
    for (size_t i = 0; i < people->count; i++)
        if (strcmp(people->person[i].nationality, nationality) == 0 &&
            describe(&(*out)[*count], normaliser, people->person[i].family, by_letters)) {
            struct name *n = &(*out)[(*count)++];
            qsort(n->pass, n->passes, sizeof n->pass[0], compare_tests);
        }
}

/* Names that nothing tells apart are one, as heavy as all of them. */
static void unite(struct game *g)
{
    size_t kept = 0;
    qsort(g->name, g->names, sizeof *g->name, compare_names);
    for (size_t i = 0; i < g->names; i++)
        if (kept > 0 && compare_names(&g->name[kept - 1], &g->name[i]) == 0)
            g->name[kept - 1].weight++;
        else
            g->name[kept++] = g->name[i];
    g->names = kept;
}

static int number_of(const struct game *g, const struct test *t)
{
    const struct test *found = bsearch(t, g->test, g->tests, sizeof *t, compare_tests);
    return found == NULL ? -1 : (int)(found - g->test);
}

static void number_tests(struct game *g)
{
    size_t kept = 0;
    g->test = people_alloc(g->names * TESTS_MAX, sizeof *g->test);
    for (size_t i = 0; i < g->names; i++)
        for (size_t k = 0; k < g->name[i].passes; k++)
            g->test[g->tests++] = g->name[i].pass[k];
    qsort(g->test, g->tests, sizeof *g->test, compare_tests);
    for (size_t i = 0; i < g->tests; i++)
        if (kept == 0 || compare_tests(&g->test[kept - 1], &g->test[i]) != 0)
            g->test[kept++] = g->test[i];
    g->tests = kept;
    g->of = people_alloc(g->tests, sizeof *g->of);
    g->count = people_alloc(g->tests, sizeof *g->count);
    for (size_t i = 0; i < g->names; i++)
        for (size_t k = 0; k < g->name[i].passes; k++) {
            int t = g->name[i].number[k] = number_of(g, &g->name[i].pass[k]);
            g->of[t] = realloc(g->of[t], (g->count[t] + 1) * sizeof **g->of);
            g->of[t][g->count[t]++] = i;
        }
    for (size_t i = 0; i < g->victims; i++)
        for (size_t k = 0; k < g->victim[i].passes; k++)
            g->victim[i].number[k] = number_of(g, &g->victim[i].pass[k]);
}

static double bits(double weight)
{
    return weight > 0 ? weight * log2(weight) : 0;
}

/* What the answer to the test would add to what those chosen so far tell. */
static double gain_of(const struct game *g, size_t test, const double *cell, double *part)
{
    double gain = 0;
    for (size_t i = 0; i < g->count[test]; i++)
        if (g->name[g->of[test][i]].alive)
            part[g->name[g->of[test][i]].cell] += g->name[g->of[test][i]].weight;
    for (size_t i = 0; i < g->count[test]; i++) {
        const int c = g->name[g->of[test][i]].cell;
        if (!g->name[g->of[test][i]].alive || part[c] <= 0)
            continue;
        gain += bits(cell[c]) - bits(part[c]) - bits(cell[c] - part[c]);
        part[c] = 0;
    }
    return gain;
}

/* The names that pass the test get cells of their own. */
static void split(struct game *g, size_t test, double *cell, int *into, int *cells)
{
    for (size_t i = 0; i < g->count[test]; i++) {
        struct name *n = &g->name[g->of[test][i]];
        if (!n->alive)
            continue;
        const int from = n->cell;
        if (into[from] == 0)
            into[from] = (*cells)++;
        cell[from] -= n->weight;
        cell[into[from]] += n->weight;
        n->cell = into[from];
    }
    for (int c = 0; c < *cells; c++)
        into[c] = 0;
}

static size_t choose(struct game *g, int chosen[SLOTS])
{
    const size_t room = (SLOTS + 1) * g->names + 1; /* each test makes a cell for each name at most */
    double *cell = people_alloc(room, sizeof *cell), *part = people_alloc(room, sizeof *part);
    int *into = people_alloc(room, sizeof *into), cells = 1;
    size_t n = 0;
    for (size_t i = 0; i < g->names; i++) {
        g->name[i].cell = 0;
        cell[0] += g->name[i].alive ? g->name[i].weight : 0;
    }
    for (bool any = true; any && n < SLOTS; n += any) {
        double best = 1e-9;
        any = false;
        for (size_t t = 0; t < g->tests; t++) {
            const double gain = gain_of(g, t, cell, part);
            if (gain > best) {
                best = gain;
                chosen[n] = (int)t;
                any = true;
            }
        }
        if (any)
            split(g, (size_t)chosen[n], cell, into, &cells);
    }
    free(cell);
    free(part);
    free(into);
    return n;
}

static uint64_t answers(const struct name *to, const int *chosen, size_t n)
{
    uint64_t out = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < to->passes; k++)
            out |= (uint64_t)(to->number[k] == chosen[i]) << i;
    return out;
}

static void guess(struct game *g, const size_t *victim, size_t victims, size_t round)
{
    const struct name *best = NULL;
    for (size_t i = 0; i < g->names; i++)
        if (g->name[i].alive && (best == NULL || g->name[i].weight > best->weight))
            best = &g->name[i];
    for (size_t i = 0; i < victims && best != NULL; i++)
        g->found[round] += compare_names(best, &g->victim[victim[i]]) == 0;
}

/* Who has got the same answers so far is attacked as one. */
static void play(struct game *g, const size_t *victim, size_t victims, size_t round)
{
    int chosen[SLOTS];
    bool *alive = people_alloc(g->names, sizeof *alive), *done = people_alloc(victims, sizeof *done);
    size_t *group = people_alloc(victims, sizeof *group);
    guess(g, victim, victims, round);
    const size_t n = round < ROUNDS ? choose(g, chosen) : 0;
    for (size_t i = 0; i < g->names; i++)
        alive[i] = g->name[i].alive;
    for (size_t i = 0; round < ROUNDS && i < victims; i++) {
        size_t grouped = 0;
        if (done[i])
            continue;
        const uint64_t got = answers(&g->victim[victim[i]], chosen, n);
        for (size_t k = i; k < victims; k++)
            if (answers(&g->victim[victim[k]], chosen, n) == got) {
                done[k] = true;
                group[grouped++] = victim[k];
            }
        for (size_t k = 0; k < g->names; k++)
            g->name[k].alive = alive[k] && answers(&g->name[k], chosen, n) == got;
        play(g, group, grouped, round + 1);
    }
    for (size_t i = 0; i < g->names; i++)
        g->name[i].alive = alive[i];
    free(alive);
    free(done);
    free(group);
}

struct registers {
    struct people victims, dictionary[2];
    struct normaliser *normaliser;
};

/* A dictionary of a country's names has all of them, in time. */
static void drop_unknown(struct game *g)
{
    size_t kept = 0;
    for (size_t i = 0; i < g->victims && kept < VICTIMS; i++)
        if (bsearch(&g->victim[i], g->name, g->names, sizeof *g->name, compare_names) != NULL)
            g->victim[kept++] = g->victim[i];
    g->victims = kept;
}

static void prepare(struct game *g, const struct registers *r, const char *nationality, bool by_letters)
{
    *g = (struct game){.names = 0};
    g->name = people_alloc(r->dictionary[0].count + r->dictionary[1].count, sizeof *g->name);
    g->victim = people_alloc(r->victims.count, sizeof *g->victim);
    for (int i = 0; i < 2; i++)
        collect(&g->name, &g->names, r->normaliser, &r->dictionary[i], nationality, by_letters);
    collect(&g->victim, &g->victims, r->normaliser, &r->victims, nationality, by_letters);
    unite(g);
    drop_unknown(g);
    number_tests(g);
    for (size_t i = 0; i < g->names; i++)
        g->name[i].alive = true;
}

static void finish(struct game *g)
{
    for (size_t i = 0; i < g->tests; i++)
        free(g->of[i]);
    free(g->of);
    free(g->count);
    free(g->test);
    free(g->name);
    free(g->victim);
}

static void run(struct game *g)
{
    size_t all[VICTIMS];
    for (size_t i = 0; i < g->victims; i++)
        all[i] = i;
    play(g, all, g->victims, 0);
}

/* --- by country --- */

struct totals {
    size_t names, victims, table[ROUNDS + 1], letters[ROUNDS + 1];
};

static double per_cent(size_t found, size_t victims)
{
    return victims == 0 ? 0 : 100.0 * (double)found / (double)victims;
}

static void print_line(const char *who, const struct totals *t)
{
    static const size_t round[] = {0, 1, 2, 3, ROUNDS};
    printf("# guessing %s, %zu of %zu names: by the table", who, t->victims, t->names);
    for (size_t i = 0; i < sizeof round / sizeof *round; i++)
        printf(" %.0f", per_cent(t->table[round[i]], t->victims));
    printf(" %%, by pairs of letters");
    for (size_t i = 0; i < sizeof round / sizeof *round; i++)
        printf(" %.0f", per_cent(t->letters[round[i]], t->victims));
    printf(" %% after 0, 1, 2, 3, %d exchanges\n", ROUNDS);
}

static void attack_country(const struct registers *r, const char *nationality, struct totals *all)
{
    struct game table, letters;
    struct totals t = {.victims = 0};
    prepare(&table, r, nationality, false);
    prepare(&letters, r, nationality, true);
    if (table.victims >= LEAST && letters.victims == table.victims) {
        run(&table);
        run(&letters);
        t.victims = table.victims;
        t.names = table.names;
        all->names += t.names;
        all->victims += t.victims;
        for (size_t i = 0; i <= ROUNDS; i++) {
            all->table[i] += t.table[i] = table.found[i];
            all->letters[i] += t.letters[i] = letters.found[i];
        }
        print_line(nationality, &t);
    }
    finish(&table);
    finish(&letters);
}

static void attack_countries(const struct registers *r, struct totals *all)
{
    char seen[COUNTRIES_MAX][4] = {""};
    size_t countries = 0;
    for (size_t i = 0; i < r->victims.count && countries < COUNTRIES_MAX; i++) {
        const char *nationality = r->victims.person[i].nationality;
        size_t k = 0;
        while (k < countries && strcmp(seen[k], nationality) != 0)
            k++;
        if (k < countries || nationality[0] == '\0')
            continue;
        snprintf(seen[countries++], sizeof seen[0], "%s", nationality);
        attack_country(r, nationality, all);
    }
}

void attack_guessing(void **unused)
{
    (void)unused;
    struct registers r;
    struct totals all = {.victims = 0};
    struct err err = {0};
    assert_int_equal(normaliser_new(&r.normaliser, &err), 0);
    people_read(&r.victims, attack_feeds, "THA");
    people_read(&r.dictionary[0], attack_feeds, "XAA");
    people_read(&r.dictionary[1], attack_feeds, "XBB");
    attack_countries(&r, &all);
    print_line("all", &all);
    attack_counts.control += all.letters[1];
    assert_true(all.victims >= LEAST);
    assert_true(10 * all.letters[1] >= 9 * all.victims);  /* the attack works where names are bared by letters */
    assert_true(10 * all.table[1] <= 8 * all.letters[1]); /* the table makes it take longer: docs/attacks.md */
    for (int i = 0; i < 2; i++)
        people_free(&r.dictionary[i]);
    people_free(&r.victims);
    normaliser_free(r.normaliser);
}
