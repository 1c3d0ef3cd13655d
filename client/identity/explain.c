#include "client/identity/explain.h"

#include "client/identity/date.h"
#include "client/identity/mrz.h"
#include "client/identity/name.h"

#include <string.h>

static const char *const source_names[] = {"name", "name in its script", "alias", "name in the zone"};

/* Words that are not, or not always, names by themselves, with what the rules say of them. */
static void explain_words(FILE *out, const struct normaliser *n, char *latin)
{
    static const char *const kinds[] = {[WORD_TITLE] = "a title",
                                        [WORD_FRONT] = "a title at the front, where the language has it",
                                        [WORD_PARTICLE] = "a particle",
                                        [WORD_FILLER] = "says that there is no name",
                                        [WORD_BEFORE] = "goes with the word behind it",
                                        [WORD_BEHIND] = "goes with the word before it",
                                        [WORD_SURNAME] = "a family name of one syllable",
                                        [WORD_TELLS] = "tells the country whose rules hold"};
    for (char *rest = latin, *word; (word = strtok_r(rest, " ,", &rest)) != NULL;) {
        unsigned found = rules_kinds(n->rules, word);
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
            if ((found >> k & 1) != 0 && kinds[k] != NULL)
                fprintf(out, "    %-10s  %s\n", word, kinds[k]);
    }
}

static int explain_letters(FILE *out, struct normaliser *n, const struct record *r, struct err *err)
{
    static const enum field fields[] = {FIELD_FAMILY_NAME, FIELD_GIVEN_NAMES, FIELD_NAME_NATIVE, FIELD_ALIASES};
    char latin[LATIN_MAX];
    const char *text;
    unsigned seen;
    int rc = 0;
    for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++)
        for (size_t i = 0; rc == 0 && (text = record_value(r, fields[f], i)) != NULL; i++) {
            if (text[0] == '\0')
                continue;
            rc = latin_from_text(n->latin, latin, text, 0, &seen, err);
            if (rc == 0)
                fprintf(out, "%-13s %s\n  in Latin    %s\n", record_field_name[fields[f]], text, latin);
            if (rc == 0)
                explain_words(out, n, latin);
            explicit_bzero(latin, sizeof latin);
        }
    return rc;
}

static void explain_name(FILE *out, const struct person_name *name)
{
    fprintf(out, "%s%s\n", source_names[name->source],
            name->family > 0 ? "" : " (which word is the family name is not known)");
    fprintf(out, "  %-20s %-20s %-12s %-12s\n", "word", "root", "sound", "skeleton");
    for (unsigned i = 0; i < name->tokens; i++)
        fprintf(out, "  %-20s %-20s %-12s %-12s%s\n", name->token[i].text, name->token[i].root, name->token[i].sound,
                name->token[i].skeleton,
                i < name->family   ? " family name"
                : name->family > 0 ? " given name"
                                   : "");
}

static void print_date(FILE *out, const struct person_date *d)
{
    fprintf(out, "%04u", d->year);
    if (d->month != 0)
        fprintf(out, "-%02u", d->month);
    if (d->day != 0)
        fprintf(out, "-%02u", d->day);
    fprintf(out, "%s\n",
            d->assumed    ? " (the first day of a year: taken for some day of it)"
            : d->day == 0 ? " (in part)"
                          : "");
}

static void explain_dates(FILE *out, const struct record *r)
{
    const char *text;
    for (size_t i = 0; (text = record_value(r, FIELD_DATE_OF_BIRTH, i)) != NULL; i++) {
        const char *named = record_value(r, FIELD_CALENDAR, i);
        enum calendar calendar;
        struct person_date d;
        named = named != NULL ? named : record_value(r, FIELD_CALENDAR, 0);
        if (text[0] == '\0')
            continue;
        fprintf(out, "date_of_birth %s\n  is          ", text);
        if (!calendar_named(&calendar, named != NULL ? named : ""))
            fprintf(out, "not read: its calendar is not known\n");
        else if (!date_parse(&d, text, calendar))
            fprintf(out, "no date\n");
        else
            print_date(out, &d);
    }
}

static void explain_zone(FILE *out, const char *text)
{
    static const char *const formats[] = {"TD1", "TD2", "TD3", "MRV-A", "MRV-B"};
    struct mrz m;
    const char *reason;
    bool readable = mrz_parse(&m, text, &reason);
    fprintf(out, "mrz           %s\n", readable ? formats[m.format] : "not read");
    if (reason != NULL)
        fprintf(out, "  but         %s\n", reason);
    if (readable && m.birth.year != 0) {
        fprintf(out, "  birth       ");
        print_date(out, &m.birth);
    }
    if (readable && m.birth_other.year != 0) {
        fprintf(out, "  or          ");
        print_date(out, &m.birth_other);
    }
    explicit_bzero(&m, sizeof m);
}

static void explain_rest(FILE *out, const struct person *p)
{
    for (unsigned i = 0; i < p->documents; i++)
        fprintf(out, "document      type %s, issuer %s, number %s, folded %s\n",
                p->document[i].type[0] != '\0' ? p->document[i].type : "-",
                p->document[i].issuer[0] != '\0' ? p->document[i].issuer : "-", p->document[i].number,
                p->document[i].folded);
    for (unsigned i = 0; i < p->nationalities; i++)
        if (p->nationality[i][0] != '\0')
            fprintf(out, "nationality   %s\n", p->nationality[i]);
    if (p->sex != '\0')
        fprintf(out, "sex           %c\n", p->sex);
}

int explain_record(FILE *out, struct normaliser *normaliser, const struct record *record, struct err *err)
{
    struct person p;
    const char *text;
    int rc = explain_letters(out, normaliser, record, err);
    if (rc == 0)
        rc = person_from_record(normaliser, record, &p, err);
    if (rc != 0)
        return rc;
    for (unsigned i = 0; i < p.names; i++)
        explain_name(out, &p.name[i]);
    explain_dates(out, record);
    for (size_t i = 0; (text = record_value(record, FIELD_MRZ, i)) != NULL; i++)
        if (text[0] != '\0')
            explain_zone(out, text);
    explain_rest(out, &p);
    person_wipe(&p);
    return 0;
}
