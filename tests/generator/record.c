/* What an officer writes down about a person: as the passport has it, or with the errors that real files hold. */
#include "tests/generator/world.h"

#include <ctype.h>
#include <string.h>

#define FIELD_SIZE 256

/* Out of a thousand altered records; each error is drawn on its own, so some rows have several. */
enum {
    SPELLED = 350,   /* another spelling of one name */
    MISTYPED = 150,  /* one letter of one name */
    SWAPPED = 100,   /* family and given names in each other's field */
    DROPPED = 60,    /* only the first of several given names */
    DAY_MONTH = 60,  /* day and month swapped, where both can be months */
    PARTIAL = 100,   /* year and month, or the year alone */
    NEW_YEAR = 30,   /* 1 January for a day that nobody knew */
    NO_DATE = 30,
    NO_SEX = 60,
    NATIVE = 400,    /* of all records: the native spelling is known */
};

static const char *const document_types[] = {"PASSPORT", "IDCARD", "SEAMAN", "REFUGEE"};

struct row {
    char given[FIELD_SIZE];
    char family[FIELD_SIZE];
    char native[FIELD_SIZE];
    char date[16];
    const char *sex;
};

static void append(char field[FIELD_SIZE], const char *separator, const char *text)
{
    size_t len = strlen(field);

    snprintf(field + len, FIELD_SIZE - len, "%s%s", len ? separator : "", text);
}

static void append_name(char field[FIELD_SIZE], const char *separator, const char *name, uint32_t spelling)
{
    char text[NAME_SIZE];

    name_spelling(text, name, spelling);
    append(field, separator, text);
}

/* A compound family name is one word: its second half goes on in small letters. */
static void write_family(char out[FIELD_SIZE], const struct person *p, uint32_t first, uint32_t second)
{
    if (!p->family)
        return;
    if (p->culture->order == NAME_PATRONYMIC)
        append(out, "", p->woman ? "binti" : "bin");
    append_name(out, p->culture->order == NAME_PATRONYMIC ? " " : "", p->family, first);
    if (p->family_end)
        append_name(out, "", p->family_end, second);
}

static void write_native(char out[FIELD_SIZE], const struct person *p)
{
    const char *gap = p->culture->native_unspaced ? "" : " ";
    char probe[NAME_SIZE];

    name_spelling(probe, p->given[0], 1);
    if (!probe[0])
        return;
    if (p->culture->native_unspaced)
        write_family(out, p, 1, 1);
    for (int i = 0; i < p->culture->given_count; i++)
        append_name(out, gap, p->given[i], 1);
    if (!p->culture->native_unspaced && p->family) {
        append(out, "", " ");
        write_family(out, p, 1, 1);
    }
}

static uint32_t another_spelling(const char *name, struct random *r)
{
    uint32_t n = name_variants(name);

    return n ? 2 + random_below(r, n) : 0;
}

/* One of the names is spelled otherwise, if altered so. */
static void write_names(struct row *row, const struct person *p, bool altered, struct random *r)
{
    uint32_t spelling[GIVEN_MAX + 2] = {0};
    int names = p->culture->given_count;

    if (altered && random_permille(r, DROPPED))
        names = 1;
    if (altered && random_permille(r, SPELLED)) {
        uint32_t which = random_below(r, (uint32_t)names + (p->family ? 1 + (p->family_end != NULL) : 0));

        if (which < (uint32_t)names)
            spelling[which] = another_spelling(p->given[which], r);
        else if (which == (uint32_t)names)
            spelling[GIVEN_MAX] = another_spelling(p->family, r);
        else
            spelling[GIVEN_MAX + 1] = another_spelling(p->family_end, r);
    }
    for (int i = 0; i < names; i++)
        append_name(row->given, " ", p->given[i], spelling[i]);
    write_family(row->family, p, spelling[GIVEN_MAX], spelling[GIVEN_MAX + 1]);
}

/* One letter replaced, left out, doubled, or swapped with the next; never the first, which officers get right. */
static void mistype(char *name, struct random *r)
{
    size_t len = strlen(name);
    size_t at;

    if (len < 4)
        return;
    at = 1 + random_below(r, (uint32_t)len - 2);
    if (!isalpha((unsigned char)name[at]) || !isalpha((unsigned char)name[at + 1]))
        return;
    switch (random_below(r, 3)) {
    case 0:
        name[at] = (char)('a' + random_below(r, 26));
        break;
    case 1:
        memmove(name + at, name + at + 1, len - at);
        break;
    default: {
        char c = name[at];
        name[at] = name[at + 1];
        name[at + 1] = c;
    }
    }
}

static void write_date(struct row *row, const struct person *p, bool altered, struct random *r)
{
    unsigned month = p->month, day = p->day;

    if (altered && random_permille(r, NO_DATE))
        return;
    if (altered && random_permille(r, NEW_YEAR))
        month = day = 1;
    else if (altered && day <= 12 && random_permille(r, DAY_MONTH))
        month = p->day, day = p->month;
    if (altered && random_permille(r, PARTIAL)) {
        if (random_permille(r, 500))
            snprintf(row->date, sizeof(row->date), "%u", p->year);
        else
            snprintf(row->date, sizeof(row->date), "%u-%02u", p->year, month);
        return;
    }
    snprintf(row->date, sizeof(row->date), "%u-%02u-%02u", p->year, month, day);
}

static void fill(struct row *row, const struct person *p, bool altered, struct random *r)
{
    row->sex = p->woman ? "F" : "M";
    write_names(row, p, altered, r);
    if (random_permille(r, NATIVE))
        write_native(row->native, p);
    write_date(row, p, altered, r);
    if (!altered)
        return;
    if (random_permille(r, MISTYPED))
        mistype(row->family[0] && random_permille(r, 500) ? row->family : row->given, r);
    if (row->family[0] && random_permille(r, SWAPPED)) {
        char given[FIELD_SIZE];

        memcpy(given, row->given, sizeof(given));
        memcpy(row->given, row->family, sizeof(given));
        memcpy(row->family, given, sizeof(given));
    }
    if (random_permille(r, NO_SEX))
        row->sex = "";
}

void record_header(FILE *out)
{
    fputs("record_id,family_name,given_names,name_native,sex,date_of_birth,nationality,doc_type,doc_issuer,doc_number\n",
          out);
}

void record_write(FILE *out, const struct world *w, const struct record *record)
{
    const struct person *p = &w->persons[record->person];
    struct random r = {record->seed};
    struct row row = {.sex = ""};

    fill(&row, p, record->altered, &r);
    fprintf(out, "%s-%06u,%s,%s,%s,%s,%s,%s,", w->agencies[record->agency], record->row, row.family, row.given, row.native,
            row.sex, row.date, p->culture->country);
    if (record->document != NO_DOCUMENT) {
        const struct document *d = &w->documents[record->document];

        fprintf(out, "%s,%s,%s\n", document_types[d->type], d->issuer, d->number);
    } else {
        fputs(",,\n", out);
    }
}
