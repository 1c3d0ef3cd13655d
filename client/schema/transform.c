#include "client/schema/transform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AFFIX_LETTERS 3
#define AFFIX_LETTERS_ALL 4 /* of each word, where all stand together */
#define LETTERS_LEAST 5     /* consonants of a word that can stand for a whole name */

static const char *const field_names[] = {"name", "family_name", "given_names", "birth_date",
                                          "sex",  "nationality", "document"};
static const char *const scope_names[] = {"all", "sole", "each", "pair"};
static const char *const form_names[] = {"text",   "root", "sound",      "skeleton", "prefix",    "suffix", "initial",
                                         "full",   "year", "year_month", "year_day", "month_day", "turned", "number",
                                         "folded", ""};
const char *const part_group_name[GROUPS] = {"name", "birth_date", "sex", "nationality", "document"};

/* --- names of parts --- */

enum part_group part_group(const struct part *part)
{
    return part->field <= PART_GIVEN_NAMES ? GROUP_NAME
                                           : (enum part_group)(part->field - PART_BIRTH_DATE + GROUP_BIRTH_DATE);
}

static int find(const char *const *names, int from, int to, const char *text, size_t len)
{
    for (int i = from; i <= to; i++)
        if (strlen(names[i]) == len && memcmp(names[i], text, len) == 0)
            return i;
    return -1;
}

bool part_parse(struct part *out, const char *text)
{
    size_t len = strcspn(text, ".");
    int field = find(field_names, PART_NAME, PART_DOCUMENT, text, len), scope = SCOPE_ALL, form;
    if (field < 0 || (text[len] == '.' && text[len + 1] == '\0'))
        return false;
    text += len + (text[len] == '.');
    if (field <= PART_GIVEN_NAMES) {
        len = strcspn(text, ".");
        scope = find(scope_names, SCOPE_ALL, SCOPE_PAIR, text, len);
        text += len + (text[len] == '.');
        form = find(form_names, FORM_TEXT, FORM_INITIAL, text, strlen(text));
    } else if (field == PART_BIRTH_DATE) {
        form = find(form_names, FORM_FULL, FORM_TURNED, text, strlen(text));
    } else if (field == PART_DOCUMENT) {
        form = find(form_names, FORM_NUMBER, FORM_FOLDED, text, strlen(text));
    } else {
        form = find(form_names, FORM_WHOLE, FORM_WHOLE, text, strlen(text));
    }
    *out = (struct part){(enum part_field)field, (enum part_scope)scope, (enum part_form)form};
    return scope >= 0 && form >= 0;
}

const char *part_text(char out[PART_TEXT_MAX], const struct part *part)
{
    snprintf(out, PART_TEXT_MAX, "%s%s%s%s%s", field_names[part->field], part->field <= PART_GIVEN_NAMES ? "." : "",
             part->field <= PART_GIVEN_NAMES ? scope_names[part->scope] : "", part->form != FORM_WHOLE ? "." : "",
             form_names[part->form]);
    return out;
}

bool part_equal(const struct part *a, const struct part *b)
{
    return a->field == b->field && a->scope == b->scope && a->form == b->form;
}

/* --- values --- */

/* A value is begun, appended to, and kept if it is new and whole. */
struct value {
    struct part_values *out;
    size_t len;
    bool full;
};

static struct value begin(struct part_values *out)
{
    return (struct value){out, out->start[out->count], out->count == PART_VALUES_MAX};
}

static void append(struct value *v, const char *text, size_t len)
{
    if (v->full || len > PART_BYTES_MAX - v->len) {
        v->full = true;
        return;
    }
    memcpy(v->out->bytes + v->len, text, len);
    v->len += len;
    if (v->len > v->out->touched)
        v->out->touched = (uint16_t)v->len;
}

static void append_text(struct value *v, const char *text)
{
    append(v, text, strlen(text));
}

static void keep(const struct value *v)
{
    struct part_values *out = v->out;
    size_t start = out->start[out->count], len = v->len - start;
    if (v->full || len == 0)
        return;
    for (unsigned i = 0; i < out->count; i++)
        if ((size_t)(out->start[i + 1] - out->start[i]) == len &&
            memcmp(out->bytes + out->start[i], out->bytes + start, len) == 0)
            return;
    out->start[++out->count] = (uint16_t)v->len;
}

struct word {
    const char *text;
    size_t len;
};

static struct word word_of(const struct name_token *token, enum part_scope scope, enum part_form form)
{
    const size_t affix = scope == SCOPE_ALL ? AFFIX_LETTERS_ALL : AFFIX_LETTERS;
    const size_t most = form == FORM_PREFIX ? affix : form == FORM_INITIAL ? 1 : TOKEN_MAX;
    const char *text = form == FORM_TEXT       ? token->text
                       : form == FORM_SOUND    ? token->sound
                       : form == FORM_SKELETON ? token->skeleton
                                               : token->root;
    const size_t len = strnlen(text, most), skip = form == FORM_SUFFIX && len > affix ? len - affix : 0;
    return (struct word){text + skip, len - skip};
}

static int compare_words(const struct word *a, const struct word *b)
{
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* By insertion: a name has few words. */
static void sort_words(struct word *word, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct word w = word[i];
        size_t k = i;
        for (; k > 0 && compare_words(&word[k - 1], &w) > 0; k--)
            word[k] = word[k - 1];
        word[k] = w;
    }
}

static void keep_words(struct part_values *out, const struct word *word, size_t count)
{
    struct value v = begin(out);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            append(&v, " ", 1);
        append(&v, word[i].text, word[i].len);
    }
    keep(&v);
}

static char class_of(char consonant)
{
    static const char letters[] = "BPVDTGKSZCJ", classes[] = "PPPTTKKSSJJ";
    const char *at = strchr(letters, consonant);
    return at != NULL ? classes[at - letters] : consonant;
}

/*
 * The consonants of all words in alphabetical order, of a sound their classes: the same in whatever order words stand
 * and wherever blanks and hyphens part them. H, Y and vowels are left out, for at the front of a word they count
 * otherwise. One word alone has it from five consonants on.
 */
static void keep_letters(struct part_values *out, const struct name_token *token, size_t count, enum part_form form)
{
    char letter[NAME_TOKENS_MAX * CODE_MAX];
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        for (const char *c = token[i].skeleton; *c != '\0'; c++) {
            size_t k = n;
            if (strchr("AEIOUHY", *c) != NULL)
                continue;
            char new = form == FORM_SOUND ? class_of(*c) : *c;
            for (; k > 0 && letter[k - 1] > new; k--)
                letter[k] = letter[k - 1];
            letter[k] = new;
            n++;
        }
    if (count >= 2 || n >= LETTERS_LEAST) {
        struct value v = begin(out);
        append(&v, letter, n);
        keep(&v);
    }
    explicit_bzero(letter, sizeof letter);
}

static void derive_name(struct part_values *out, const struct part *part, const struct person_name *name)
{
    struct word word[NAME_TOKENS_MAX];
    unsigned from = part->field == PART_GIVEN_NAMES ? name->family : 0;
    unsigned to = part->field == PART_FAMILY_NAME ? name->family : name->tokens;
    size_t count = 0;
    if (part->scope == SCOPE_ALL && part->form == FORM_SKELETON) {
        keep_letters(out, name->token + from, to > from ? to - from : 0, part->form);
        return;
    }
    for (unsigned i = from; i < to; i++)
        word[count++] = word_of(&name->token[i], part->scope, part->form);
    if (part->scope == SCOPE_EACH) {
        for (size_t i = 0; i < count; i++)
            if ((part->form != FORM_PREFIX && part->form != FORM_SUFFIX) || word[i].len == AFFIX_LETTERS)
                keep_words(out, &word[i], 1);
        return;
    }
    sort_words(word, count);
    if ((part->scope == SCOPE_ALL && count < 2) || (part->scope == SCOPE_SOLE && count != 1))
        return;
    if (part->scope != SCOPE_PAIR || count < 2) {
        keep_words(out, word, count);
        return;
    }
    for (size_t i = 0; i + 1 < count; i++)
        for (size_t k = i + 1; k < count; k++)
            keep_words(out, (struct word[2]){word[i], word[k]}, 2);
}

/* Where one of a person's names tells family from given names, those that do not would only blur it. */
static void derive_names(struct part_values *out, const struct part *part, const struct person *person)
{
    bool told = false;
    for (unsigned i = 0; i < person->names; i++)
        told = told || person->name[i].family > 0;
    for (unsigned i = 0; i < person->names; i++)
        if (part->field == PART_NAME || !told || person->name[i].family > 0)
            derive_name(out, part, &person->name[i]);
}

static void append_number(struct value *v, unsigned number)
{
    char digits[12];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    append(v, digits + at, sizeof digits - at);
}

/* "1984", "1984-2", "1984--3", "2-3", "1984-2-3" */
static void derive_date(struct part_values *out, enum part_form form, const struct person_date *date)
{
    bool month = date->month != 0 && !date->assumed, day = date->day != 0 && !date->assumed;
    unsigned low = date->day < date->month ? date->day : date->month, high = date->day + date->month - low;
    struct value v = begin(out);
    if (form == FORM_YEAR_MONTH ? !month : form != FORM_YEAR && !day)
        return;
    if (form != FORM_MONTH_DAY)
        append_number(&v, date->year);
    if (form == FORM_YEAR_DAY)
        append(&v, "-", 1);
    if (form == FORM_YEAR_MONTH || form == FORM_FULL || form == FORM_TURNED)
        append(&v, "-", 1);
    if (form == FORM_YEAR_MONTH || form == FORM_FULL || form == FORM_MONTH_DAY)
        append_number(&v, date->month);
    else if (form == FORM_TURNED)
        append_number(&v, low);
    if (form != FORM_YEAR && form != FORM_YEAR_MONTH) {
        append(&v, "-", 1);
        append_number(&v, form == FORM_TURNED ? high : date->day);
    }
    keep(&v);
}

static void derive_document(struct part_values *out, enum part_form form, const struct person_document *document)
{
    struct value v = begin(out);
    append_text(&v, document->issuer);
    append(&v, " ", 1);
    if (form == FORM_NUMBER) {
        append_text(&v, document->type);
        append(&v, " ", 1);
    }
    append_text(&v, form == FORM_NUMBER ? document->number : document->folded);
    keep(&v);
}

/* Who may be either meets both. */
static void derive_sex(struct part_values *out, char sex)
{
    for (const char *s = "FM"; *s != '\0'; s++) {
        struct value v = begin(out);
        if (sex != '\0' && sex != *s)
            continue;
        append(&v, s, 1);
        keep(&v);
    }
}

void part_derive(struct part_values *out, const struct part *part, const struct person *person)
{
    out->count = 0;
    out->start[0] = out->touched = 0;
    switch (part_group(part)) {
    case GROUP_NAME:
        derive_names(out, part, person);
        break;
    case GROUP_BIRTH_DATE:
        for (unsigned i = 0; i < person->dates; i++)
            derive_date(out, part->form, &person->date[i]);
        break;
    case GROUP_NATIONALITY:
        for (unsigned i = 0; i < person->nationalities; i++) {
            struct value v = begin(out);
            append_text(&v, person->nationality[i]);
            keep(&v);
        }
        break;
    case GROUP_DOCUMENT:
        for (unsigned i = 0; i < person->documents; i++)
            derive_document(out, part->form, &person->document[i]);
        break;
    default:
        derive_sex(out, person->sex);
    }
}
