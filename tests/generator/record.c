/* What an officer writes down about a person: as the document has it, or with errors (rates.h). */
#include "tests/generator/row.h"

#include <ctype.h>
#include <string.h>

/* The calendar is said, by one name or another: nobody guesses it from the year. */
static void count_in_era(struct row *row, struct date *d)
{
    const char *agency = row->w->agencies[row->record->agency];

    if (strcmp(agency, "THA") == 0) {
        d->year = (uint16_t)(d->year + 543);
        row->calendar = random_permille(&row->random, 700) ? "buddhist" : "thai";
    } else if (strcmp(agency, "TWN") == 0 && d->year > 1911) {
        d->year = (uint16_t)(d->year - 1911);
        row->calendar = "minguo";
    }
}

static void make_date(struct row *row)
{
    struct date d = row->person->born;

    if (row_happens(row, NO_DATE))
        return;
    if (row_happens(row, YEAR_OFF))
        d.year = (uint16_t)(d.year +
                            (random_permille(&row->random, 500) ? 1 : -1) * (int)(1 + random_below(&row->random, 2)));
    if (d.month == 2 && d.day == 29 && d.year != row->person->born.year)
        d.day = 28;
    if (row_happens(row, NEW_YEAR))
        d.month = d.day = 1;
    else if (d.day <= 12 && row_happens(row, DAY_MONTH))
        d = (struct date){d.year, d.day, d.month};
    if (row_happens(row, DATE_MISTYPED))
        date_mistype(&d, &row->random);
    if (row->own && row_occurs(row, LOCAL_ERA))
        count_in_era(row, &d);
    if (row_happens(row, YEAR_ALONE))
        snprintf(row->date, sizeof(row->date), "%04u", d.year);
    else if (row_happens(row, YEAR_MONTH))
        snprintf(row->date, sizeof(row->date), "%04u-%02u", d.year, d.month);
    else
        snprintf(row->date, sizeof(row->date), "%04u-%02u-%02u", d.year, d.month, d.day);
}

/* Blanks and hyphens as people group numbers, or small letters. */
static void space_number(char *number, size_t size, struct random *r)
{
    size_t len = strlen(number), at = strspn(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (random_permille(r, 250)) {
        for (char *c = number; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        return;
    }
    if (at == 0 || at == len)
        at = len / 2;
    if (len + 2 > size)
        return;
    memmove(number + at + 1, number + at, len - at + 1);
    number[at] = random_permille(r, 700) ? ' ' : '-';
}

static void make_document(struct row *row)
{
    if (row->record->document == NO_DOCUMENT)
        return;
    snprintf(row->number, sizeof(row->number), "%s", row->document.number);
    row->issuer = row->document.issuer;
    if (row_happens(row, MISREAD_NUMBER))
        text_misread(row->number, &row->random);
    if (row_happens(row, MISTYPED_NUMBER))
        text_mistype(row->number, &row->random);
    if (row_happens(row, SPACED_NUMBER))
        space_number(row->number, sizeof(row->number), &row->random);
    if (row_happens(row, NO_ISSUER))
        row->issuer = "";
}

static void make_rest(struct row *row)
{
    const struct person *p = row->person;

    row->sex = row_happens(row, NO_SEX) ? "" : row_happens(row, WRONG_SEX) != p->woman ? "F" : "M";
    row->nationality = row_happens(row, NO_NATIONALITY) ? "" : row->country;
}

static enum source choose_source(struct row *row)
{
    const unsigned short *share = source_share[row->record->document != NO_DOCUMENT];
    uint32_t at = random_below(&row->random, 1000);

    return at < share[SCANNED] ? SCANNED : at < share[SCANNED] + share[TYPED] ? TYPED : INTERVIEW;
}

/* The document as it was first made; who shows another's passes for a citizen of its issuer. */
static void show_document(struct row *row)
{
    struct person holder;
    struct record first;

    record_find(&first, row->w, row->record->document);
    if (first.person == row->record->person) {
        document_find(&row->document, row->w, first.number, row->person);
        return;
    }
    person_find(&holder, row->w, first.person);
    document_find(&row->document, row->w, first.number, &holder);
    row->country = row->document.issuer;
}

void record_header(FILE *out)
{
    fputs("record_id,family_name,given_names,name_native,sex,date_of_birth,nationality,doc_type,doc_issuer,doc_number,"
          "aliases,calendar,mrz\n",
          out);
}

void record_write(FILE *out, const struct world *w, const struct record *record)
{
    struct person person;
    struct row row = {.w = w,
                      .record = record,
                      .person = &person,
                      .issuer = "",
                      .calendar = "",
                      .random = random_stream(w->seed, STREAM_ROW, record->number)};

    person_find(&person, w, record->person);
    row.country = person.nation->country;
    row.own = strcmp(w->agencies[record->agency], person.nation->country) == 0;
    row.source = choose_source(&row);
    if (record->document != NO_DOCUMENT)
        show_document(&row);
    make_rest(&row);
    names_make(&row);
    make_date(&row);
    make_document(&row);
    fprintf(out, "%s-%06u,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", w->agencies[record->agency], record->row, row.family,
            row.given, row.native, row.sex, row.date, row.nationality,
            row.number[0] ? document_type_name[row.document.type] : "", row.issuer, row.number, row.aliases,
            row.calendar, row.mrz);
}

void register_header(FILE *out)
{
    fputs("record_id,doc_type,doc_issuer,doc_number,date_of_birth\n", out);
}

void register_write(FILE *out, const struct world *w, const struct record *record, const char *country)
{
    struct person person;
    struct document document;

    if (record->document != record->number)
        return;
    person_find(&person, w, record->person);
    document_find(&document, w, record->number, &person);
    if (strcmp(document.issuer, country) == 0)
        fprintf(out, "D-%s-%06u,%s,%s,%s,%04u-%02u-%02u\n", w->agencies[record->agency], record->row,
                document_type_name[document.type], document.issuer, document.number, person.born.year,
                person.born.month, person.born.day);
}
