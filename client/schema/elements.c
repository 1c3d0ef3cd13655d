#include "client/schema/elements.h"

#include <stdio.h>
#include <string.h>

#define WORD_LEAST 2 /* letters of a word that is no initial */
#define AFFIX 3
#define RECORDS_LOG_MAX 31

struct table {
    struct elements *out;
    size_t slots;
};

static void put(struct table *t, enum element_field field, const char *value, size_t len)
{
    struct element_slot *slot = &t->out->slot[t->slots++];
    slot->field = (uint16_t)field;
    len = len < ELEMENT_VALUE_MAX ? len : ELEMENT_VALUE_MAX;
    for (size_t i = 0; i + 1 < t->slots; i++) {
        const struct element_slot *s = &t->out->slot[i];
        if (s->field == field && s->len == len && memcmp(s->value, value, len) == 0)
            return;
    }
    slot->len = (uint8_t)len;
    memcpy(slot->value, value, len);
}

static void put_absent(struct table *t, enum element_field field)
{
    put(t, field, "", 0);
}

/* --- names --- */

/* Letters go into their places among `len` that are in order already. */
static size_t sort_in(char *letters, size_t len, size_t room, const char *text)
{
    for (; *text != '\0' && len < room; text++, len++) {
        size_t k = len;
        for (; k > 0 && letters[k - 1] > *text; k--)
            letters[k] = letters[k - 1];
        letters[k] = *text;
    }
    return len;
}

static void put_word(struct table *t, const struct name_token *word)
{
    char letters[TOKEN_MAX];
    size_t len = strlen(word->root), affix = len < AFFIX ? len : AFFIX;
    put(t, ELEMENT_WORD_TEXT, word->text, strlen(word->text));
    put(t, ELEMENT_WORD_ROOT, word->root, len);
    put(t, ELEMENT_WORD_SKELETON, word->skeleton, strlen(word->skeleton));
    put(t, ELEMENT_WORD_FRONT, word->root, affix);
    put(t, ELEMENT_WORD_END, word->root + len - affix, affix);
    put(t, ELEMENT_WORD_LETTERS, letters, sort_in(letters, 0, sizeof letters, word->root));
    explicit_bzero(letters, sizeof letters);
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

/* Two of the family name, two given names, then what is left in its order. */
static void choose_from(struct choice *c, const struct person_name *name)
{
    unsigned family = name->family < 2 ? name->family : 2;
    for (unsigned i = 0; i < family; i++)
        choose(c, &name->token[i]);
    for (unsigned i = name->family; name->family > 0 && i < name->tokens && i < name->family + 2; i++)
        choose(c, &name->token[i]);
    for (unsigned i = 0; i < name->tokens; i++)
        choose(c, &name->token[i]);
}

static void put_names(struct table *t, const struct person *person)
{
    char letters[ELEMENT_VALUE_MAX], skeleton[ELEMENT_VALUE_MAX];
    size_t letters_len = 0, skeleton_len = 0;
    struct choice c = {.words = 0};
    if (person->names > 0)
        choose_from(&c, &person->name[0]);
    t->out->presence.words = (uint8_t)c.words;
    for (size_t i = 0; i < c.words; i++) {
        letters_len = sort_in(letters, letters_len, sizeof letters, c.word[i]->root);
        skeleton_len = sort_in(skeleton, skeleton_len, sizeof skeleton, c.word[i]->skeleton);
    }
    for (unsigned i = 1; i < person->names; i++)
        choose_from(&c, &person->name[i]);
    for (size_t i = 0; i < c.words; i++)
        put_word(t, c.word[i]);
    for (size_t i = c.words; i < ELEMENT_WORDS; i++)
        for (int f = ELEMENT_WORD_TEXT; f <= ELEMENT_WORD_LETTERS; f++)
            put_absent(t, (enum element_field)f);
    put(t, ELEMENT_NAME_LETTERS, letters, letters_len);
    put(t, ELEMENT_NAME_SKELETON, skeleton, skeleton_len);
    explicit_bzero(letters, sizeof letters);
    explicit_bzero(skeleton, sizeof skeleton);
}

/* --- dates, documents, and the rest --- */

static void put_format(struct table *t, enum element_field field, bool there, const char *format, unsigned a,
                       unsigned b)
{
    char text[24];
    int len = snprintf(text, sizeof text, format, a, b);
    put(t, field, text, there ? (size_t)len : 0);
    explicit_bzero(text, sizeof text);
}

static void put_date(struct table *t, const struct person *person)
{
    static const struct person_date none = {.year = 0};
    const struct person_date *d = person->dates > 0 ? &person->date[0] : &none;
    bool year = d->year != 0, month = year && d->month != 0 && !d->assumed, day = month && d->day != 0;
    unsigned low = d->day < d->month ? d->day : d->month, high = d->day + d->month - low;
    put_format(t, ELEMENT_DAY, day, "%u", d->day, 0);
    put_format(t, ELEMENT_MONTH, month, "%u", d->month, 0);
    put_format(t, ELEMENT_YEAR, year, "%u", d->year, 0);
    put_format(t, ELEMENT_TURNED, day, "%u-%u", low, high);
    put_format(t, ELEMENT_DECADE, year, "%u", d->year / 10, 0);
    put_format(t, ELEMENT_CENTURY, year, "%u-%u", d->year / 100, d->year % 10);
    t->out->presence.day = day;
    t->out->presence.month = month;
    t->out->presence.year = year;
}

static void put_document(struct table *t, const struct person_document *d)
{
    char text[2 * NUMBER_MAX];
    int len = snprintf(text, sizeof text, "%s %s", d->issuer, d->folded);
    put(t, ELEMENT_DOCUMENT, text, (size_t)len);
    len = snprintf(text, sizeof text, "%s %s", d->issuer, d->type);
    put(t, ELEMENT_DOCUMENT_KIND, text, (size_t)len);
    explicit_bzero(text, sizeof text);
}

static void put_rest(struct table *t, const struct person *person)
{
    struct presence *p = &t->out->presence;
    for (unsigned i = 0; i < ELEMENT_DOCUMENTS; i++)
        if (i < person->documents) {
            put_document(t, &person->document[i]);
            p->documents++;
        } else {
            put_absent(t, ELEMENT_DOCUMENT);
            put_absent(t, ELEMENT_DOCUMENT_KIND);
        }
    put(t, ELEMENT_SEX, &person->sex, person->sex != 0);
    p->sex = person->sex != 0;
    for (unsigned i = 0; i < ELEMENT_NATIONALITIES; i++)
        if (i < person->nationalities) {
            put(t, ELEMENT_NATIONALITY, person->nationality[i], strlen(person->nationality[i]));
            p->nationalities++;
        } else
            put_absent(t, ELEMENT_NATIONALITY);
}

void elements_of_person(struct elements *out, const struct person *person, uint64_t records)
{
    struct table t = {.out = out};
    memset(out, 0, sizeof *out);
    put_names(&t, person);
    put_date(&t, person);
    put_rest(&t, person);
    while (records > 1 && out->presence.records < RECORDS_LOG_MAX) {
        records /= 2;
        out->presence.records++;
    }
}

int elements_of(struct elements *out, const struct schema *schema, struct normaliser *normaliser,
                const struct record *record, uint64_t records, struct err *err)
{
    struct person person;
    (void)schema;
    int rc = person_from_record(normaliser, record, &person, err);
    if (rc == 0)
        elements_of_person(out, &person, records);
    person_wipe(&person);
    return rc;
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
