#include "client/feed/columns.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX COLUMN_NAME_MAX

/* Names by which registers call the fields, letters and digits alone. The field's own name counts before these. */
static const struct {
    enum field field;
    const char *names;
} synonyms[] = {
    {FIELD_RECORD_ID, " id recordid recid recordno recordnumber recordref referenceno referencenumber "},
    {FIELD_FAMILY_NAME, " familyname familynames surname surnames lastname lastnames primaryidentifier "},
    {FIELD_GIVEN_NAMES, " givenname givennames firstname firstnames forename forenames secondaryidentifier "},
    {FIELD_NAME_NATIVE, " namenative nativename nameinnativescript nameoriginalscript originalname localname "},
    {FIELD_ALIASES, " alias aliases aka alsoknownas othername othernames "},
    {FIELD_SEX, " sex gender "},
    {FIELD_DATE_OF_BIRTH, " dob dateofbirth birthdate birthday bornon "},
    {FIELD_CALENDAR, " calendar dobcalendar "},
    {FIELD_NATIONALITY, " nationality nationalities citizenship "},
    {FIELD_DOC_TYPE, " doctype documenttype typeofdocument "},
    {FIELD_DOC_ISSUER, " docissuer documentissuer issuer issuingstate issuingcountry countryofissue "},
    {FIELD_DOC_NUMBER, " docnumber docno documentnumber documentno passportnumber passportno traveldocumentnumber "},
    {FIELD_MRZ, " mrz machinereadablezone "},
    {FIELD_NOT_FOR, " notfor "},
    {FIELD_PROTECTED, " protected "},
    {FIELD_COUNTRY_OF_BIRTH, " countryofbirth birthcountry "},
};

/* " name " of letters and digits, so that it can be looked for among others. */
static void make_key(char out[KEY_MAX + 3], const char *name)
{
    size_t len = 0;
    out[len++] = ' ';
    for (; *name != '\0' && len <= KEY_MAX; name++) {
        const char c = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80)
            out[len++] = c;
    }
    out[len++] = ' ';
    out[len] = '\0';
}

static int known_field(const char *name)
{
    char key[KEY_MAX + 3];
    int field = reader_field_named(name);
    make_key(key, name);
    for (size_t i = 0; field == NO_FIELD && strlen(key) > 2 && i < sizeof synonyms / sizeof synonyms[0]; i++)
        if (strstr(synonyms[i].names, key) != NULL)
            field = synonyms[i].field;
    return field;
}

int column_field(const struct feed *f, const char *name)
{
    int others = f->book != NULL && name[0] == '\0' ? COLUMN_IGNORED : NO_FIELD;
    for (size_t i = 0; i < f->map_count; i++) {
        const char *sign = strrchr(f->map[i], '=');
        const size_t len = (size_t)(sign - f->map[i]);
        if (strlen(name) == len && strncmp(name, f->map[i], len) == 0)
            return sign[1] == '\0' ? COLUMN_IGNORED : reader_field_named(sign + 1);
        if (strcmp(f->map[i], "*=") == 0)
            others = COLUMN_IGNORED;
    }
    const int field = known_field(name);
    return field != NO_FIELD ? field : others;
}

int columns_check_map(const struct feed_options *options, struct err *err)
{
    for (size_t i = 0; i < options->map_count; i++) {
        const char *sign = strrchr(options->map[i], '=');
        if (sign == NULL || sign == options->map[i] || (sign[1] != '\0' && reader_field_named(sign + 1) == NO_FIELD))
            return err_set(err, ERR_USAGE,
                           "--map %s: write COLUMN=FIELD, FIELD being one of record_id, family_name, given_names, "
                           "name_native, aliases, sex, date_of_birth, calendar, nationality, doc_type, doc_issuer, "
                           "doc_number, mrz, not_for, protected, country_of_birth; COLUMN= leaves one out, *= all "
                           "that are not known",
                           options->map[i]);
    }
    return 0;
}

/* Letters to change, insert or delete, up to 2; more is 3. Names are short. */
static size_t distance(const char *a, const char *b)
{
    size_t row[KEY_MAX + 1], n = strlen(b), best = 3;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            const size_t changed = corner + (a[i - 1] != b[j - 1]), above = row[j];
            corner = above;
            row[j] = changed < above + 1 ? changed : above + 1;
            if (row[j - 1] + 1 < row[j])
                row[j] = row[j - 1] + 1;
        }
    }
    return row[n] < best ? row[n] : best;
}

const char *column_nearest(const char *name)
{
    char key[KEY_MAX + 3], word[KEY_MAX + 1];
    make_key(key, name);
    key[strlen(key) - 1] = '\0';
    for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++)
        for (const char *at = synonyms[i].names + 1; *at != '\0'; at += strcspn(at, " ") + 1) {
            snprintf(word, sizeof word, "%.*s", (int)strcspn(at, " "), at);
            if (strlen(word) > 4 && distance(key + 1, word) < 3)
                return record_field_name[synonyms[i].field];
        }
    return NULL;
}

/* `name`, or `name - is it family_name?`; the number of bytes. */
static size_t describe(char *out, size_t size, const char *name)
{
    const char *near = column_nearest(name);
    int n = near != NULL ? snprintf(out, size, "%s - is it %s?", name, near)
                         : snprintf(out, size, "%s", name[0] != '\0' ? name : "one without a name");
    return n > 0 ? (size_t)n : 0;
}

/* All that are not known, as many as fit into one message. */
static int refuse_unknown(const struct feed *f, struct err *err)
{
    char list[400] = "", one[COLUMN_NAME_MAX + 48];
    size_t len = 0;
    bool more = false;
    for (size_t i = 0; i < f->columns; i++) {
        if (f->column_field[i] != NO_FIELD)
            continue;
        more = len + describe(one, sizeof one, f->header[i]) + 2 >= sizeof list || more;
        if (!more)
            len += (size_t)snprintf(list + len, sizeof list - len, "%s%s", len > 0 ? ", " : "", one);
    }
    if (len == 0)
        return 0;
    return err_set(err, ERR_INPUT,
                   "%s has columns that are not known: %s%s; say what one holds with --map COLUMN=FIELD, leave one out "
                   "with --map COLUMN=, all of them with --map '*='",
                   f->path, list, more ? " and more" : "");
}

int columns_take(struct feed *f, struct err *err)
{
    bool seen[FIELDS] = {false};
    f->columns = f->column;
    for (size_t i = 0; i < f->columns; i++) {
        const int field = column_field(f, f->header[i]);
        f->column_field[i] = field;
        if (field < 0)
            continue;
        if (seen[field])
            return err_set(err, ERR_INPUT, "%s: two columns for %s (--map COLUMN= leaves one out)", f->path,
                           record_field_name[field]);
        seen[field] = true;
    }
    int rc = f->row.lenient || f->any_columns ? 0 : refuse_unknown(f, err);
    if (rc == 0 && !seen[FIELD_RECORD_ID])
        return err_set(err, ERR_INPUT, "%s has no column record_id (name the columns with --map COLUMN=FIELD)",
                       f->path);
    return rc;
}
