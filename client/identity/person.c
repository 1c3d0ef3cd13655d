#include "client/identity/person.h"

#include "client/identity/date.h"
#include "client/identity/document.h"
#include "client/identity/mrz.h"
#include "client/identity/name.h"

#include <stdio.h>
#include <string.h>

#define ALIASES_MAX 4 /* within a field */

/* --- names --- */

static int add_form(struct normaliser *n, struct person *p, const char *family, const char *given,
                    enum name_source source, unsigned how, const struct countries *countries, bool *icao,
                    struct err *err)
{
    struct person_name *name = &p->name[p->names];
    if (p->names == PERSON_NAMES_MAX)
        return 0;
    int rc = name_from_fields(n, name, family, given, how, countries, icao, err);
    name->source = source;
    if (rc != 0 || name->tokens == 0)
        return rc;
    for (unsigned i = 0; i < p->names; i++)
        if (name_equal(&p->name[i], name))
            return 0;
    p->names++;
    return 0;
}

/* A name, and its form in a machine-readable zone if that is another one. */
static int add_name(struct normaliser *n, struct person *p, const char *family, const char *given,
                    enum name_source source, const struct countries *countries, struct err *err)
{
    bool icao = false;
    int rc = add_form(n, p, family, given, source, 0, countries, &icao, err);
    if (rc == 0 && icao)
        rc = add_form(n, p, family, given, source, LATIN_ICAO, countries, &icao, err);
    return rc;
}

/*
 * "TAN AH KOW @ TAN KOK", "SALMAN KHAN URF SONU": what stands behind the word or sign is an alias. Parts the text into
 * the name and its aliases, each ended in place. `text` is changed.
 */
static unsigned part_aliases(struct normaliser *n, char *text, char *alias[ALIASES_MAX])
{
    unsigned count = 0;
    bool front = true; /* of a word */
    for (char *at = text; *at != '\0' && count < ALIASES_MAX; at++) {
        size_t word = front || *at == '@' || (uint8_t)*at >= 0xE4 ? rules_alias(n->rules, at) : 0;
        front = *at == ' ' || *at == ',' || *at == '.';
        if (word == 0)
            continue;
        *at = '\0';
        at += word - 1;
        alias[count++] = at + 1;
    }
    return count;
}

/* "王小明 (David) ..." without what is in brackets or quotes, which goes to out. False if nothing is. */
static bool take_bracket(char out[FIELD_SIZE_MAX + 1], char *text)
{
    char *begins = strpbrk(text, "(\""), *ends = begins != NULL ? strpbrk(begins + 1, ")\"") : NULL;
    out[0] = '\0';
    if (ends == NULL || ends - begins < 3)
        return false;
    memcpy(out, begins + 1, (size_t)(ends - begins - 1));
    out[ends - begins - 1] = '\0';
    *begins = ' ';
    memmove(begins + 1, ends + 1, strlen(ends + 1) + 1);
    return true;
}

/* Whether there may be another name within text; most names have none, and need no copy. */
static bool may_have_alias(struct normaliser *n, const char *text)
{
    bool front = true;
    for (const char *at = text != NULL ? text : ""; *at != '\0'; at++) {
        if (*at == '(' || *at == '"' ||
            ((front || *at == '@' || (uint8_t)*at >= 0xE4) && rules_alias(n->rules, at) > 0))
            return true;
        front = *at == ' ' || *at == ',' || *at == '.';
    }
    return false;
}

static int add_parted(struct normaliser *n, struct person *p, const char *family, const char *given,
                      enum name_source source, const struct countries *countries, struct err *err)
{
    char first[FIELD_SIZE_MAX + 1], second[FIELD_SIZE_MAX + 1], bracket[FIELD_SIZE_MAX + 1], *alias[2 * ALIASES_MAX];
    snprintf(first, sizeof first, "%s", family != NULL ? family : "");
    snprintf(second, sizeof second, "%s", given != NULL ? given : "");
    unsigned count = part_aliases(n, first, alias);
    count += part_aliases(n, second, alias + count);
    bool called = take_bracket(bracket, first) || take_bracket(bracket, second);
    int rc = add_name(n, p, first, second, source, countries, err);
    for (unsigned i = 0; rc == 0 && i < count; i++)
        rc = add_name(n, p, alias[i], NULL, NAME_ALIAS, countries, err);
    if (rc == 0 && called)
        rc = add_name(n, p, bracket, NULL, NAME_ALIAS, countries, err);
    explicit_bzero(first, sizeof first);
    explicit_bzero(second, sizeof second);
    explicit_bzero(bracket, sizeof bracket);
    return rc;
}

static int add_with_alias(struct normaliser *n, struct person *p, const char *family, const char *given,
                          enum name_source source, const struct countries *countries, struct err *err)
{
    bool parted = may_have_alias(n, family) || may_have_alias(n, given);
    if (parted && strlen(family != NULL ? family : "") <= FIELD_SIZE_MAX &&
        strlen(given != NULL ? given : "") <= FIELD_SIZE_MAX)
        return add_parted(n, p, family, given, source, countries, err);
    return add_name(n, p, family, given, source, countries, err);
}

static int add_names(struct normaliser *n, struct person *p, const struct record *r, const struct countries *countries,
                     struct err *err)
{
    const char *family, *given, *name;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < FIELD_VALUES_MAX; i++) {
        family = record_value(r, FIELD_FAMILY_NAME, i);
        given = record_value(r, FIELD_GIVEN_NAMES, i);
        if (family == NULL && given == NULL)
            break;
        rc = add_with_alias(n, p, family, given, NAME_PRIMARY, countries, err);
    }
    for (size_t i = 0; rc == 0 && (name = record_value(r, FIELD_NAME_NATIVE, i)) != NULL; i++)
        rc = add_with_alias(n, p, name, NULL, NAME_NATIVE, countries, err);
    for (size_t i = 0; rc == 0 && (name = record_value(r, FIELD_ALIASES, i)) != NULL; i++)
        rc = add_with_alias(n, p, name, NULL, NAME_ALIAS, countries, err);
    return rc;
}

/* --- everything else --- */

static void add_date(struct person *p, const struct person_date *date)
{
    for (unsigned i = 0; i < p->dates; i++)
        if (p->date[i].year == date->year && p->date[i].month == date->month && p->date[i].day == date->day)
            return;
    if (p->dates < PERSON_DATES_MAX && date->year != 0)
        p->date[p->dates++] = *date;
}

static void add_dates(struct person *p, const struct record *r)
{
    const char *text;
    for (size_t i = 0; (text = record_value(r, FIELD_DATE_OF_BIRTH, i)) != NULL; i++) {
        const char *named = record_value(r, FIELD_CALENDAR, i);
        enum calendar calendar;
        struct person_date date;
        if (named == NULL) /* one for all */
            named = record_value(r, FIELD_CALENDAR, 0);
        if (calendar_named(&calendar, named != NULL ? named : "") && date_parse(&date, text, calendar))
            add_date(p, &date);
    }
}

static void add_nationality(struct person *p, const char *text)
{
    char code[4];
    country_from_text(code, text);
    for (unsigned i = 0; i < p->nationalities; i++)
        if (strcmp(p->nationality[i], code) == 0)
            return;
    if (p->nationalities < PERSON_NATIONALITIES_MAX && code[0] != '\0')
        memcpy(p->nationality[p->nationalities++], code, sizeof code);
}

static void add_sex(struct person *p, const char *text, bool *several)
{
    char sex = text != NULL ? (char)(text[0] & ~0x20) : '\0';
    if (sex != 'F' && sex != 'M')
        return;
    *several = *several || (p->sex != '\0' && p->sex != sex);
    p->sex = sex;
}

static void add_document(struct person *p, const char *type, const char *issuer, const char *number)
{
    struct person_document *d = &p->document[p->documents];
    if (p->documents == PERSON_DOCUMENTS_MAX || !document_from_fields(d, type, issuer, number))
        return;
    for (unsigned i = 0; i < p->documents; i++)
        if (strcmp(p->document[i].number, d->number) == 0 && strcmp(p->document[i].type, d->type) == 0 &&
            strcmp(p->document[i].issuer, d->issuer) == 0)
            return;
    p->documents++;
}

/* A type or issuer that is given once holds for all numbers. */
static const char *value_or_first(const struct record *r, enum field field, size_t i)
{
    const char *value = record_value(r, field, i);
    return value != NULL ? value : record_value(r, field, 0);
}

static void add_fields(struct person *p, const struct record *r, bool *several)
{
    const char *text;
    for (size_t i = 0; (text = record_value(r, FIELD_SEX, i)) != NULL; i++)
        add_sex(p, text, several);
    for (size_t i = 0; (text = record_value(r, FIELD_NATIONALITY, i)) != NULL; i++)
        add_nationality(p, text);
    for (size_t i = 0; (text = record_value(r, FIELD_DOC_NUMBER, i)) != NULL; i++)
        add_document(p, value_or_first(r, FIELD_DOC_TYPE, i), value_or_first(r, FIELD_DOC_ISSUER, i), text);
}

/* A passport or card whose issuer is not told is of the holder's one nationality; a visa or permit is not. */
static void complete_issuers(struct person *p)
{
    for (unsigned i = 0; p->nationalities == 1 && i < p->documents; i++) {
        struct person_document *d = &p->document[i];
        bool own = strcmp(d->type, "") == 0 || strcmp(d->type, "PASSPORT") == 0 || strcmp(d->type, "ID") == 0;
        if (own && d->issuer[0] == '\0')
            memcpy(d->issuer, p->nationality[0], sizeof d->issuer);
    }
}

static void add_country(struct countries *c, const char *code)
{
    for (unsigned i = 0; i < c->count; i++)
        if (strcmp(c->code[i], code) == 0)
            return;
    if (c->count < COUNTRIES_MAX && code[0] != '\0')
        memcpy(c->code[c->count++], code, 4);
}

static void gather_countries(struct countries *out, const struct person *p)
{
    out->count = 0;
    for (unsigned i = 0; i < p->nationalities; i++)
        add_country(out, p->nationality[i]);
    for (unsigned i = 0; i < p->documents; i++)
        add_country(out, p->document[i].issuer);
}

/* --- all --- */

/* Zones that cannot be read were rejected with their row; here they count as missing. */
static unsigned read_zones(struct mrz zone[FIELD_VALUES_MAX], const struct record *r)
{
    const char *text, *reason;
    unsigned count = 0;
    for (size_t i = 0; (text = record_value(r, FIELD_MRZ, i)) != NULL; i++)
        count += mrz_parse(&zone[count], text, &reason);
    return count;
}

int person_from_record(struct normaliser *normaliser, const struct record *record, struct person *out, struct err *err)
{
    struct mrz zone[FIELD_VALUES_MAX];
    struct countries countries;
    bool several = false;
    unsigned zones =
        record->field[FIELD_MRZ] != NULL && record->field[FIELD_MRZ][0] != '\0' ? read_zones(zone, record) : 0;
    out->names = out->dates = out->nationalities = out->documents = 0;
    out->sex = '\0';
    add_dates(out, record);
    add_fields(out, record, &several);
    for (unsigned i = 0; i < zones; i++) {
        add_date(out, &zone[i].birth);
        add_date(out, &zone[i].birth_other);
        add_nationality(out, zone[i].nationality);
        add_sex(out, &zone[i].sex, &several);
        add_document(out, zone[i].type, zone[i].issuer, zone[i].number);
        add_document(out, "ID", zone[i].issuer, zone[i].personal);
    }
    complete_issuers(out);
    out->sex = several ? '\0' : out->sex;
    gather_countries(&countries, out);
    int rc = add_names(normaliser, out, record, &countries, err);
    for (unsigned i = 0; rc == 0 && i < zones; i++)
        rc = add_name(normaliser, out, zone[i].family, zone[i].given, NAME_MRZ, &countries, err);
    if (zones > 0)
        explicit_bzero(zone, sizeof zone);
    return rc;
}

void person_wipe(struct person *person)
{
    const unsigned names = person->names < PERSON_NAMES_MAX ? person->names + 1 : PERSON_NAMES_MAX;
    explicit_bzero(person->name, names * sizeof person->name[0]); /* one behind the last was tried and not kept */
    explicit_bzero((char *)person + offsetof(struct person, date), sizeof *person - offsetof(struct person, date));
}
