#include "client/schema/elements.h"

#include <stdio.h>
#include <string.h>

#define WORD_LEAST 2 /* letters of a word that is no initial */
#define AFFIX 3
#define RECORDS_LOG_MAX 31

/* --- the table --- */

#define WORD_FORMS 6
#define NAME_AT (WORD_FORMS * ELEMENT_WORDS)
#define DATE_AT (NAME_AT + 3)
#define DOCUMENT_AT (DATE_AT + 6)
#define SEX_AT (DOCUMENT_AT + 2 * ELEMENT_DOCUMENTS)
#define NATIONALITY_AT (SEX_AT + 1)

_Static_assert(NATIONALITY_AT + ELEMENT_NATIONALITIES == ELEMENT_SLOTS, "each slot has its place");

static unsigned place_of(enum element_field field)
{
    return field < ELEMENT_NAME_LETTERS ? (unsigned)field : NAME_AT + (unsigned)(field - ELEMENT_NAME_LETTERS);
}

void elements_clear(struct elements *out)
{
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < NAME_AT; i++)
        out->slot[i].field = (uint16_t)(ELEMENT_WORD_TEXT + i % WORD_FORMS);
    for (unsigned i = NAME_AT; i < DOCUMENT_AT; i++)
        out->slot[i].field = (uint16_t)(ELEMENT_NAME_LETTERS + (i - NAME_AT));
    for (unsigned i = 0; i < 2 * ELEMENT_DOCUMENTS; i++)
        out->slot[DOCUMENT_AT + i].field = (uint16_t)(ELEMENT_DOCUMENT + i % 2);
    out->slot[SEX_AT].field = ELEMENT_SEX;
    for (unsigned i = 0; i < ELEMENT_NATIONALITIES; i++)
        out->slot[NATIONALITY_AT + i].field = ELEMENT_NATIONALITY;
}

bool element_follows(enum element_field field)
{
    switch (field) {
    case ELEMENT_WORD_FRONT:
    case ELEMENT_WORD_END:
    case ELEMENT_WORD_LETTERS:
    case ELEMENT_NAME_LETTERS:
    case ELEMENT_NAME_SKELETON:
    case ELEMENT_FAMILY:
    case ELEMENT_TURNED:
    case ELEMENT_DECADE:
    case ELEMENT_CENTURY:
        return true;
    default:
        return false;
    }
}

static void put(struct elements *out, unsigned place, const char *value, size_t len)
{
    struct element_slot *slot = &out->slot[place];
    len = len < ELEMENT_VALUE_MAX ? len : ELEMENT_VALUE_MAX;
    for (unsigned i = 0; i < place; i++) {
        const struct element_slot *s = &out->slot[i];
        if (s->field == slot->field && s->len == len && memcmp(s->value, value, len) == 0)
            return;
    }
    slot->len = (uint8_t)len;
    memcpy(slot->value, value, len);
}

/* --- what follows from the rest --- */

/* Letters go into their places among `len` that are in order already. */
static size_t sort_in(char *letters, size_t len, const struct element_slot *text)
{
    for (size_t i = 0; i < text->len && len < ELEMENT_VALUE_MAX; i++, len++) {
        size_t k = len;
        for (; k > 0 && letters[k - 1] > text->value[i]; k--)
            letters[k] = letters[k - 1];
        letters[k] = text->value[i];
    }
    return len;
}

static void derive_words(struct elements *e)
{
    char letters[ELEMENT_VALUE_MAX] = {0};
    for (unsigned at = 0; at < NAME_AT; at += WORD_FORMS) {
        const struct element_slot *root = &e->slot[at + ELEMENT_WORD_ROOT];
        const size_t affix = root->len < AFFIX ? root->len : AFFIX;
        put(e, at + ELEMENT_WORD_FRONT, root->value, affix);
        put(e, at + ELEMENT_WORD_END, root->value + root->len - affix, affix);
        put(e, at + ELEMENT_WORD_LETTERS, letters, sort_in(letters, 0, root));
    }
    explicit_bzero(letters, sizeof letters);
}

static void derive_name(struct elements *e)
{
    char letters[ELEMENT_VALUE_MAX] = {0}, skeleton[ELEMENT_VALUE_MAX] = {0};
    size_t letters_len = 0, skeleton_len = 0;
    for (unsigned i = 0; i < e->presence.words; i++) {
        const struct element_slot *word = &e->slot[i * WORD_FORMS];
        letters_len = sort_in(letters, letters_len, &word[ELEMENT_WORD_ROOT]);
        skeleton_len = sort_in(skeleton, skeleton_len, &word[ELEMENT_WORD_SKELETON]);
    }
    put(e, place_of(ELEMENT_NAME_LETTERS), letters, letters_len);
    put(e, place_of(ELEMENT_NAME_SKELETON), skeleton, skeleton_len);
    explicit_bzero(letters, sizeof letters);
    explicit_bzero(skeleton, sizeof skeleton);
}

/* Relatives share it and no given name; who married has another one, and the given names. */
static void derive_family(struct elements *e)
{
    char roots[ELEMENT_FAMILY_WORDS * (ELEMENT_VALUE_MAX + 1)];
    size_t len = 0;
    for (unsigned i = 0; i < e->family; i++) {
        const struct element_slot *root = &e->slot[i * WORD_FORMS + ELEMENT_WORD_ROOT];
        memcpy(roots + len, root->value, root->len);
        len += root->len;
        roots[len++] = ' ';
    }
    put(e, place_of(ELEMENT_FAMILY), roots, len);
    explicit_bzero(roots, sizeof roots);
}

static void put_number(struct elements *e, enum element_field field, bool there, unsigned n)
{
    char text[12];
    int len = snprintf(text, sizeof text, "%u", n);
    put(e, place_of(field), text, there ? (size_t)len : 0);
    explicit_bzero(text, sizeof text);
}

static void put_two(struct elements *e, enum element_field field, bool there, unsigned a, unsigned b)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%u-%u", a, b);
    put(e, place_of(field), text, there ? (size_t)len : 0);
    explicit_bzero(text, sizeof text);
}

static unsigned number_of(const struct elements *e, enum element_field field)
{
    const struct element_slot *s = &e->slot[place_of(field)];
    unsigned n = 0;
    for (size_t i = 0; i < s->len && i < 4; i++)
        n = 10 * n + (unsigned)(s->value[i] - '0');
    return n;
}

static void derive_date(struct elements *e)
{
    const unsigned day = number_of(e, ELEMENT_DAY), month = number_of(e, ELEMENT_MONTH),
                   year = number_of(e, ELEMENT_YEAR);
    const unsigned low = day < month ? day : month, high = day + month - low;
    put_two(e, ELEMENT_TURNED, day != 0, low, high);
    put_number(e, ELEMENT_DECADE, year != 0, year / 10);
    put_two(e, ELEMENT_CENTURY, year != 0, year / 100, year % 10);
}

void elements_derive(struct elements *elements)
{
    derive_words(elements);
    derive_name(elements);
    derive_family(elements);
    derive_date(elements);
}

/* --- names --- */

static void put_word(struct elements *e, unsigned at, const struct name_token *word)
{
    put(e, at + ELEMENT_WORD_TEXT, word->text, strlen(word->text));
    put(e, at + ELEMENT_WORD_ROOT, word->root, strlen(word->root));
    put(e, at + ELEMENT_WORD_SKELETON, word->skeleton, strlen(word->skeleton));
}

struct choice {
    const struct name_token *word[ELEMENT_WORDS];
    size_t words;
};

static void choose(struct choice *c, const struct name_token *word)
{
    if (c->words == ELEMENT_WORDS || strlen(word->root) < WORD_LEAST)
        return;
    for (size_t i = 0; i < c->words; i++)
        if (strcmp(c->word[i]->text, word->text) == 0)
            return;
    c->word[c->words++] = word;
}

/* Two of the family name, two given names, then what is left in its order. Returns how many were the first. */
static unsigned choose_from(struct choice *c, const struct person_name *name)
{
    unsigned words = name->family < ELEMENT_FAMILY_WORDS ? name->family : ELEMENT_FAMILY_WORDS;
    for (unsigned i = 0; i < words; i++)
        choose(c, &name->token[i]);
    const unsigned family = (unsigned)c->words;
    for (unsigned i = name->family; name->family > 0 && i < name->tokens && i < name->family + 2; i++)
        choose(c, &name->token[i]);
    for (unsigned i = 0; i < name->tokens; i++)
        choose(c, &name->token[i]);
    return family;
}

static void put_names(struct elements *e, const struct person *person)
{
    struct choice c = {.words = 0};
    if (person->names > 0)
        e->family = (uint8_t)choose_from(&c, &person->name[0]);
    e->presence.words = (uint8_t)c.words;
    for (unsigned i = 1; i < person->names; i++)
        choose_from(&c, &person->name[i]);
    for (unsigned i = 0; i < c.words; i++)
        put_word(e, i * WORD_FORMS, c.word[i]);
}

/* --- dates, documents, and the rest --- */

static void put_date(struct elements *e, const struct person *person)
{
    static const struct person_date none = {.year = 0};
    const struct person_date *d = person->dates > 0 ? &person->date[0] : &none;
    bool year = d->year != 0, month = year && d->month != 0 && !d->assumed, day = month && d->day != 0;
    put_number(e, ELEMENT_DAY, day, d->day);
    put_number(e, ELEMENT_MONTH, month, d->month);
    put_number(e, ELEMENT_YEAR, year, d->year);
    e->presence.day = day;
    e->presence.month = month;
    e->presence.year = year;
}

static void put_document(struct elements *e, unsigned at, const struct person_document *d)
{
    char text[2 * NUMBER_MAX];
    int len = snprintf(text, sizeof text, "%s %s", d->issuer, d->folded);
    put(e, at, text, (size_t)len);
    len = snprintf(text, sizeof text, "%s %s", d->issuer, d->type);
    put(e, at + 1, text, (size_t)len);
    explicit_bzero(text, sizeof text);
}

static void put_rest(struct elements *e, const struct person *person)
{
    struct presence *p = &e->presence;
    for (; p->documents < ELEMENT_DOCUMENTS && p->documents < person->documents; p->documents++)
        put_document(e, DOCUMENT_AT + 2u * p->documents, &person->document[p->documents]);
    put(e, SEX_AT, &person->sex, person->sex != 0);
    p->sex = person->sex != 0;
    for (; p->nationalities < ELEMENT_NATIONALITIES && p->nationalities < person->nationalities; p->nationalities++) {
        const char *state = person->nationality[p->nationalities];
        put(e, NATIONALITY_AT + (unsigned)p->nationalities, state, strlen(state));
    }
}

void elements_of_person(struct elements *out, const struct person *person, uint64_t records)
{
    elements_clear(out);
    put_names(out, person);
    put_date(out, person);
    put_rest(out, person);
    elements_derive(out);
    out->presence.records = presence_records(records);
}

/* --- agreement --- */

static bool has(const struct elements *e, const struct element_slot *wanted)
{
    for (size_t i = 0; i < ELEMENT_SLOTS; i++) {
        const struct element_slot *s = &e->slot[i];
        if (s->field == wanted->field && s->len == wanted->len && memcmp(s->value, wanted->value, s->len) == 0)
            return true;
    }
    return false;
}

void elements_agree(uint8_t agree[ELEMENT_SLOTS], const struct elements *own, const struct elements *other)
{
    for (size_t i = 0; i < ELEMENT_SLOTS; i++)
        agree[i] = own->slot[i].len > 0 && has(other, &own->slot[i]);
}

/* --- the presence in letters --- */

uint8_t presence_records(uint64_t records)
{
    uint8_t log = 0;
    for (; records > 1 && log < RECORDS_LOG_MAX; records /= 2)
        log++;
    return log;
}

uint32_t presence_pack(const struct presence *p)
{
    return (uint32_t)p->words | (uint32_t)p->day << 3 | (uint32_t)p->month << 4 | (uint32_t)p->year << 5 |
           (uint32_t)p->sex << 6 | (uint32_t)p->documents << 7 | (uint32_t)p->nationalities << 9 |
           (uint32_t)p->records << 11;
}

bool presence_unpack(struct presence *out, uint32_t packed)
{
    *out = (struct presence){.words = packed & 7,
                             .day = packed >> 3 & 1,
                             .month = packed >> 4 & 1,
                             .year = packed >> 5 & 1,
                             .sex = packed >> 6 & 1,
                             .documents = packed >> 7 & 3,
                             .nationalities = packed >> 9 & 3,
                             .records = packed >> 11 & 31};
    return packed >> 16 == 0 && out->words <= ELEMENT_WORDS && out->documents <= ELEMENT_DOCUMENTS &&
           out->nationalities <= ELEMENT_NATIONALITIES && out->day <= out->month && out->month <= out->year;
}
