/* The name fields of a row. */
#include "tests/generator/row.h"

#include <ctype.h>
#include <string.h>

#define WORDS_MAX (1 + GIVEN_MAX)
#define FAMILY_WORD (1 + GIVEN_MAX) /* words of a person are numbered: prefix, given names, family or father's */
#define WORDS_OF_PERSON 8

/* The Latin names of a row while they are put together. */
struct naming {
    char given[WORDS_MAX][NAME_SIZE], family[FIELD_SIZE];
    int given_count;
    bool marked;  /* with diacritics */
    bool married; /* under the other family name */
};

static void append(char field[FIELD_SIZE], const char *separator, const char *text)
{
    size_t len = strlen(field);

    if (*text && len + strlen(separator) + strlen(text) < FIELD_SIZE)
        snprintf(field + len, FIELD_SIZE - len, "%s%s", len ? separator : "", text);
}

static bool is_first_document(const struct record *r)
{
    return r->document == NO_DOCUMENT || r->document == r->person;
}

/* As the document shown spells it. */
static void passport_word(char out[NAME_SIZE], const struct row *row, const struct name *name, unsigned word)
{
    struct random r =
        random_stream(row->w->seed, STREAM_NAMES_OF_DOCUMENT, row->record->document * WORDS_OF_PERSON + word);

    name_latin(out, name, JOINT_USUAL);
    if (!is_first_document(row->record) && random_permille(&r, RENAMED_PAPERS * row->w->errors / 100))
        name_respell(out, name, row->person->culture, &r);
}

static void write_word(char out[NAME_SIZE], struct row *row, const struct naming *n, const struct name *name,
                       unsigned word)
{
    passport_word(out, row, name, word);
    if (n->marked)
        name_native(out, name, false);
    if (row_happens(row, RESPELLED))
        name_respell(out, name, row->person->culture, &row->random);
}

static void write_given(struct naming *n, struct row *row)
{
    const struct person *p = row->person;

    if (p->has_prefix) {
        /* Md, Nur, Thi: left out or written otherwise more readily than a name. */
        bool odd = row_happens(row, PARTICLE), dropped = odd && random_permille(&row->random, 600);

        if (!dropped)
            write_word(n->given[n->given_count], row, n, &p->prefix, 0);
        if (odd && !dropped)
            name_respell(n->given[n->given_count], &p->prefix, p->culture, &row->random);
        n->given_count += !dropped;
    }
    for (int i = 0; i < p->given_count; i++)
        write_word(n->given[n->given_count++], row, n, &p->given[i], (unsigned)i + 1);
}

static void write_family(struct naming *n, struct row *row)
{
    const struct person *p = row->person;
    const struct culture *c = p->culture;
    const char *particle = p->woman ? c->particle_women : c->particle_men;
    char text[NAME_SIZE];

    if (p->family_count > 0 && c->order == NAME_PATRONYMIC && particle) {
        uint32_t which = 0;
        bool odd = row_happens(row, PARTICLE);

        if (odd && alternatives(particle) > 1)
            which = 1 + random_below(&row->random, alternatives(particle) - 1);
        alternative(text, particle, which);
        if (!odd || random_permille(&row->random, 400))
            append(n->family, " ", text);
    }
    for (int i = 0; i < p->family_count; i++) {
        write_word(text, row, n, n->married ? &p->married : &p->family[i], FAMILY_WORD + (unsigned)i);
        append(n->family, " ", text);
    }
}

/* --- what goes wrong with them --- */

static void drop_given(struct naming *n, struct random *r)
{
    int gone = (int)random_below(r, (uint32_t)n->given_count);

    n->given_count--;
    memmove(n->given[gone], n->given[gone + 1], (size_t)(n->given_count - gone) * NAME_SIZE);
}

static void reduce_to_initial(char name[NAME_SIZE], struct random *r)
{
    if (!isalpha((unsigned char)name[0]))
        return;
    name[1] = random_permille(r, 400) ? '.' : 0;
    name[2] = 0;
}

/* "Xiao Ming" or "Xiao-Ming" for "Xiaoming"; "Abdulrahman" for "Abdul Rahman". */
static void rejoin(struct naming *n, struct row *row)
{
    const struct person *p = row->person;
    struct random *r = &row->random;

    for (int i = 0; i < p->given_count && !n->marked; i++)
        if (p->given[i].second) {
            int at = n->given_count - p->given_count + i;

            if (at >= 0)
                name_latin(n->given[at], &p->given[i], (enum name_joint)(1 + random_below(r, 3)));
            return;
        }
    for (int i = 0; i < n->given_count; i++) {
        char *blank = strchr(n->given[i], ' ');

        if (blank) {
            memmove(blank, blank + 1, strlen(blank));
            *blank = (char)tolower((unsigned char)*blank);
            return;
        }
    }
    if (n->given_count > 1 && strlen(n->given[0]) + strlen(n->given[1]) < NAME_SIZE) {
        n->given[1][0] = (char)tolower((unsigned char)n->given[1][0]);
        memcpy(n->given[0] + strlen(n->given[0]), n->given[1], strlen(n->given[1]) + 1);
        n->given_count--;
        memmove(n->given[1], n->given[2], (size_t)(n->given_count - 1) * NAME_SIZE);
    }
}

static void distort(struct naming *n, struct row *row)
{
    unsigned keen = row->person->culture->initials ? row->person->culture->initials : 1;

    if (row_happens(row, JOINED))
        rejoin(n, row);
    if (n->given_count > 1 && row_happens(row, DROPPED))
        drop_given(n, &row->random);
    for (unsigned i = 0; i < keen; i++)
        if (n->given_count > 1 && row_happens(row, INITIAL)) {
            reduce_to_initial(n->given[random_below(&row->random, (uint32_t)n->given_count - 1)], &row->random);
            break;
        }
    if (n->given_count > 0 && row_happens(row, NO_FAMILY))
        n->family[0] = 0;
}

/* --- the fields --- */

static void fill_swapped(struct row *row)
{
    char given[FIELD_SIZE];

    memcpy(given, row->given, FIELD_SIZE);
    memcpy(row->given, row->family, FIELD_SIZE);
    memcpy(row->family, given, FIELD_SIZE);
}

/* All in one field, in the order of the culture. */
static void fill_one_field(struct row *row)
{
    char all[FIELD_SIZE] = "";
    bool family_first = row->person->culture->order == NAME_FAMILY_FIRST;

    append(all, " ", family_first ? row->family : row->given);
    append(all, " ", family_first ? row->given : row->family);
    row->family[0] = row->given[0] = 0;
    memcpy(random_permille(&row->random, 700) ? row->given : row->family, all, FIELD_SIZE);
}

/* Who has no family name still has to fill a field for it: last name split off, repeated, or a placeholder. */
static void fill_lone(struct row *row)
{
    static const char *const placeholders[] = {"FNU", "LNU", "XXX", "-"};
    char *blank = strrchr(row->given, ' ');
    uint32_t chance = random_below(&row->random, 1000);

    if (chance < 120 && blank) {
        append(row->family, "", blank + 1);
        *blank = 0;
    } else if (chance < 200) {
        append(row->family, "", row->given);
        if (random_permille(&row->random, 600))
            row->given[0] = 0;
    } else if (chance < 240) {
        append(row->family, "", placeholders[random_below(&row->random, 4)]);
    }
}

static void add_title(struct row *row)
{
    static const char *const usual_men[] = {"Mr", "Mr.", NULL}, *const usual_women[] = {"Mrs", "Ms", "Miss", NULL};
    const struct person *p = row->person;
    const char *const *titles = p->woman ? p->culture->titles_women : p->culture->titles_men;
    char *field = row->given[0] ? row->given : row->family;
    char text[FIELD_SIZE] = "";
    uint32_t n = 1;

    if (!titles || random_permille(&row->random, 300))
        titles = p->woman ? usual_women : usual_men;
    while (titles[n])
        n++;
    append(text, " ", titles[random_below(&row->random, n)]);
    append(text, " ", field);
    memcpy(field, text, FIELD_SIZE);
}

static void to_capitals(char *text)
{
    for (; *text; text++)
        *text = (char)toupper((unsigned char)*text);
}

static void fill_both(struct row *row)
{
    bool own = row->own && row->person->culture->order == NAME_PATRONYMIC && row_occurs(row, OWN_ONE_FIELD);

    if (!own && row_happens(row, SWAPPED))
        fill_swapped(row);
    else if (own || row_happens(row, ONE_FIELD))
        fill_one_field(row);
}

static void fill_fields(struct row *row, struct naming *n)
{
    char *field;

    for (int i = 0; i < n->given_count; i++)
        append(row->given, " ", n->given[i]);
    memcpy(row->family, n->family, FIELD_SIZE);
    field = row->family[0] && random_permille(&row->random, 500) ? row->family : row->given;
    if (row_happens(row, MISTYPED))
        text_mistype(field, &row->random);
    if (!row->family[0] && row->person->family_count == 0)
        fill_lone(row);
    else
        fill_both(row);
    if (row_happens(row, TITLED))
        add_title(row);
    if (row_occurs(row, CAPITALS) && !n->marked) {
        to_capitals(row->given);
        to_capitals(row->family);
    }
    if (row_happens(row, MISREAD_NAME))
        text_misread(row->family[0] ? row->family : row->given, &row->random);
}

/* --- native, aliases, machine-readable zone --- */

static void fill_native(struct row *row)
{
    const struct person *p = row->person;
    bool unspaced = p->culture->native == NATIVE_UNSPACED,
         traditional = p->nation->people[0].culture != p->culture || p->culture->romanisation != 0;
    const char *gap = unspaced ? "" : " ";
    bool family_first = unspaced || p->culture->order == NAME_FAMILY_FIRST;
    char text[NAME_SIZE];

    for (int i = -p->family_count; i < p->given_count + p->family_count; i++) {
        if (i < 0 ? !family_first : i >= p->given_count && family_first)
            continue;
        if (i == 0 && p->has_prefix) {
            name_native(text, &p->prefix, traditional);
            append(row->native, gap, text);
        }
        name_native(text,
                    i < 0                ? &p->family[p->family_count + i]
                    : i < p->given_count ? &p->given[i]
                                         : &p->family[i - p->given_count],
                    traditional);
        if (!text[0]) {
            row->native[0] = 0; /* half a name would be wrong */
            return;
        }
        append(row->native, gap, text);
    }
}

/* One or two of: the name before or after marriage, another spelling of all names, a given name alone. */
static void fill_aliases(struct row *row, const struct naming *n)
{
    const struct person *p = row->person;
    char text[NAME_SIZE], alias[FIELD_SIZE] = "", family[NAME_SIZE] = "";

    for (int i = 0; i < p->given_count; i++) {
        name_latin(text, &p->given[i], JOINT_USUAL);
        if (!p->moves_name)
            name_respell(text, &p->given[i], p->culture, &row->random);
        append(alias, " ", text);
    }
    if (p->family_count > 0)
        name_latin(family, p->moves_name && !n->married ? &p->married : &p->family[0], JOINT_USUAL);
    if (p->family_count > 0 && p->culture->order != NAME_PATRONYMIC)
        append(alias, " ", family);
    memcpy(row->aliases, alias, FIELD_SIZE);
    if (random_permille(&row->random, 300) && p->given_count > 0) {
        name_latin(text, &p->given[p->given_count - 1], JOINT_USUAL);
        append(row->aliases, " | ", text);
    }
}

/* The document's own names, without this officer's errors. */
static void fill_mrz(struct row *row, const struct naming *n)
{
    const struct person *p = row->person;
    const char *particle = p->woman ? p->culture->particle_women : p->culture->particle_men;
    char family[FIELD_SIZE] = "", given[FIELD_SIZE] = "", text[NAME_SIZE];

    if (p->has_prefix) {
        passport_word(text, row, &p->prefix, 0);
        append(given, " ", text);
    }
    for (int i = 0; i < p->given_count; i++) {
        passport_word(text, row, &p->given[i], (unsigned)i + 1);
        append(given, " ", text);
    }
    if (p->family_count > 0 && p->culture->order == NAME_PATRONYMIC && particle) {
        alternative(text, particle, 0);
        append(family, " ", text);
    }
    for (int i = 0; i < p->family_count; i++) {
        passport_word(text, row, n->married ? &p->married : &p->family[i], FAMILY_WORD + (unsigned)i);
        append(family, " ", text);
    }
    mrz_write(row->mrz, row, family, given);
}

void names_make(struct row *row)
{
    const struct person *p = row->person;
    struct naming n = {.given_count = 0};

    n.marked = p->culture->native == NATIVE_IN_LATIN_FIELDS && row->own && row_occurs(row, DIACRITICS);
    n.married = p->moves_name && row_happens(row, MARRIED);
    write_given(&n, row);
    write_family(&n, row);
    distort(&n, row);
    fill_fields(row, &n);
    if (row_occurs(row, row->own ? NATIVE_OWN : NATIVE_OTHER))
        fill_native(row);
    if (row->native[0] && row->own && row_happens(row, NATIVE_ALONE))
        row->given[0] = row->family[0] = 0;
    if (row_occurs(row, ALIASES))
        fill_aliases(row, &n);
    if (row->record->document != NO_DOCUMENT && row_occurs(row, MRZ_KEPT))
        fill_mrz(row, &n);
}
