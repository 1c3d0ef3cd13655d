#include "client/identity/person.h"

#include <stdio.h>
#include <string.h>

static bool is_vowel(char c)
{
    return c == 'A' || c == 'E' || c == 'I' || c == 'O' || c == 'U' || c == 'Y';
}

static void make_skeleton(char out[CODE_MAX + 1], const char *root)
{
    size_t n = 0;
    for (size_t i = 0; root[i] != '\0' && n < CODE_MAX; i++)
        if (i == 0 || (!is_vowel(root[i]) && out[n - 1] != root[i]))
            out[n++] = root[i];
    out[n] = '\0';
}

/* Appends the words of a name; *added: how many. */
static int add_words(struct normaliser *n, struct person_name *name, const char *text, unsigned *added, struct err *err)
{
    char words[NORMALISED_MAX], code[NORMALISED_MAX];
    unsigned before = name->tokens;
    int rc = normalise_name(n, words, text != NULL ? text : "", err);
    char *rest = words;
    for (char *w; rc == 0 && name->tokens < NAME_TOKENS_MAX && (w = strtok_r(rest, " ", &rest)) != NULL;) {
        struct name_token *t = &name->token[name->tokens++];
        snprintf(t->text, sizeof t->text, "%.*s", TOKEN_MAX, w);
        memcpy(t->root, t->text, sizeof t->root);
        normalise_phonetic(code, t->root);
        snprintf(t->sound, sizeof t->sound, "%.*s", CODE_MAX, code);
        make_skeleton(t->skeleton, t->root);
    }
    *added = name->tokens - before;
    explicit_bzero(words, sizeof words);
    return rc;
}

static bool same_name(const struct person_name *a, const struct person_name *b)
{
    if (a->tokens != b->tokens || a->family != b->family)
        return false;
    for (unsigned i = 0; i < a->tokens; i++)
        if (strcmp(a->token[i].text, b->token[i].text) != 0)
            return false;
    return true;
}

static int add_name(struct normaliser *n, struct person *p, const char *family, const char *given, enum name_source source,
                    struct err *err)
{
    if (p->names == PERSON_NAMES_MAX)
        return 0;
    struct person_name *name = &p->name[p->names];
    unsigned families, givens;
    name->tokens = name->family = 0;
    name->source = source;
    int rc = add_words(n, name, family, &families, err);
    if (rc == 0)
        rc = add_words(n, name, given, &givens, err);
    if (rc != 0 || name->tokens == 0)
        return rc;
    name->family = givens > 0 ? families : 0;
    for (unsigned i = 0; i < p->names; i++)
        if (same_name(&p->name[i], name))
            return 0;
    p->names++;
    return 0;
}

static int add_names(struct normaliser *n, struct person *p, const struct record *r, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < FIELD_VALUES_MAX; i++)
        rc = add_name(n, p, record_value(r, FIELD_FAMILY_NAME, i), record_value(r, FIELD_GIVEN_NAMES, i), NAME_PRIMARY, err);
    for (size_t i = 0; rc == 0 && i < FIELD_VALUES_MAX; i++)
        rc = add_name(n, p, record_value(r, FIELD_NAME_NATIVE, i), NULL, NAME_NATIVE, err);
    for (size_t i = 0; rc == 0 && i < FIELD_VALUES_MAX; i++)
        rc = add_name(n, p, record_value(r, FIELD_ALIASES, i), NULL, NAME_ALIAS, err);
    return rc;
}

static void add_dates(struct person *p, const struct record *r)
{
    const char *text;
    for (size_t i = 0; p->dates < PERSON_DATES_MAX && (text = record_value(r, FIELD_DATE_OF_BIRTH, i)) != NULL; i++) {
        struct person_date *d = &p->date[p->dates];
        struct birth_date birth;
        if (!normalise_date(&birth, text))
            continue;
        *d = (struct person_date){birth.year, birth.month, birth.day, birth.month == 1 && birth.day == 1};
        p->dates++;
    }
}

static void upper(char *out, size_t size, const char *in)
{
    size_t n = 0;
    for (; in != NULL && in[n] != '\0' && n + 1 < size; n++)
        out[n] = in[n] >= 'a' && in[n] <= 'z' ? (char)(in[n] - 'a' + 'A') : in[n];
    out[n] = '\0';
}

static void add_documents(struct person *p, const struct record *r)
{
    char text[NORMALISED_MAX];
    const char *number;
    for (size_t i = 0; p->documents < PERSON_DOCUMENTS_MAX && (number = record_value(r, FIELD_DOC_NUMBER, i)) != NULL; i++) {
        struct person_document *d = &p->document[p->documents];
        const char *type = record_value(r, FIELD_DOC_TYPE, i);
        normalise_document(text, number);
        snprintf(d->number, sizeof d->number, "%.*s", NUMBER_MAX, text);
        memcpy(d->folded, d->number, sizeof d->folded);
        normalise_document(text, type != NULL ? type : "");
        snprintf(d->type, sizeof d->type, "%.*s", NUMBER_MAX, text);
        upper(d->issuer, sizeof d->issuer, record_value(r, FIELD_DOC_ISSUER, i));
        p->documents += d->number[0] != '\0';
    }
}

static void add_sex_and_nationalities(struct person *p, const struct record *r)
{
    char sex[2];
    upper(sex, sizeof sex, record_value(r, FIELD_SEX, 0));
    p->sex = sex[0] == 'X' ? '\0' : sex[0];
    for (size_t i = 0; p->nationalities < PERSON_NATIONALITIES_MAX && record_value(r, FIELD_NATIONALITY, i) != NULL; i++)
        upper(p->nationality[p->nationalities++], sizeof p->nationality[0], record_value(r, FIELD_NATIONALITY, i));
}

int person_from_record(struct normaliser *normaliser, const struct record *record, struct person *out, struct err *err)
{
    out->names = out->dates = out->nationalities = out->documents = 0;
    int rc = add_names(normaliser, out, record, err);
    add_dates(out, record);
    add_sex_and_nationalities(out, record);
    add_documents(out, record);
    return rc;
}

void person_wipe(struct person *person)
{
    explicit_bzero(person, sizeof *person);
}
