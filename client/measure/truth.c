#include "client/measure/truth.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 5
#define VALUE_MAX FIELD_SIZE_MAX
#define CHUNK 65536

const char *const truth_kind_name[TRUTH_KINDS] = {
    [TRUTH_NONE] = "none",
    [TRUTH_SAME_PERSON] = "same-person",
    [TRUTH_SAME_DOCUMENT_OTHER_PERSON] = "same-document-other-person",
};

static const char *const column_name[COLUMNS] = {"agency_a", "record_a", "agency_b", "record_b", "kind"};

struct reading {
    struct truth *truth;
    const struct corpus *corpus;
    char value[COLUMNS][VALUE_MAX + 1];
    size_t columns, line;
    int rc;
    struct err *err;
};

static int add(struct reading *r, row_ref a, row_ref b, enum truth_kind kind)
{
    struct truth *t = r->truth;
    if (t->count == t->room) {
        size_t room = t->room > 0 ? 2 * t->room : 1024;
        struct truth_pair *more = realloc(t->pair, room * sizeof *more);
        if (more == NULL)
            return err_set(r->err, ERR_NO_MEMORY, "out of memory for the truth");
        t->pair = more;
        t->room = room;
    }
    t->pair[t->count++] = (struct truth_pair){.a = a < b ? a : b, .b = a < b ? b : a, .kind = kind};
    return 0;
}

static bool is_measured(const struct corpus *c, const char *agency)
{
    for (size_t f = 0; f < c->files; f++)
        if (strcmp(c->file[f].agency, agency) == 0)
            return true;
    return false;
}

static int take_line(struct reading *r)
{
    const struct corpus *c = r->corpus;
    row_ref a, b;
    int kind = TRUTH_SAME_PERSON;
    if (r->columns != COLUMNS)
        return err_set(r->err, ERR_INPUT, "it has %zu columns, not agency_a,record_a,agency_b,record_b,kind",
                       r->columns);
    if (r->line == 1) {
        for (size_t i = 0; i < COLUMNS; i++)
            if (strcmp(r->value[i], column_name[i]) != 0)
                return err_set(r->err, ERR_INPUT, "column %zu is %.40s, not %s", i + 1, r->value[i], column_name[i]);
        return 0;
    }
    while (kind < TRUTH_KINDS && strcmp(truth_kind_name[kind], r->value[4]) != 0)
        kind++;
    if (kind == TRUTH_KINDS)
        return err_set(r->err, ERR_INPUT, "%.40s is no kind: same-person or same-document-other-person", r->value[4]);
    bool within = strcmp(r->value[0], r->value[2]) == 0;
    if (!is_measured(c, r->value[0]) || !is_measured(c, r->value[2]) || (within && c->files > 1)) {
        r->truth->elsewhere++;
        return 0;
    }
    int rc = corpus_find(c, r->value[0], r->value[1], &a, r->err);
    if (rc == 0)
        rc = corpus_find(c, r->value[2], r->value[3], &b, r->err);
    if (rc == 0 && a == b)
        rc = err_set(r->err, ERR_INPUT, "a record is paired with itself");
    if (rc == 0)
        rc = add(r, a, b, (enum truth_kind)kind);
    return rc;
}

static void on_value(void *text, size_t len, void *context)
{
    struct reading *r = context;
    const char *s = text;
    while (len > 0 && (*s == ' ' || *s == '\t'))
        s++, len--;
    while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
        len--;
    if (r->columns < COLUMNS)
        snprintf(r->value[r->columns], VALUE_MAX + 1, "%.*s", (int)(len < VALUE_MAX ? len : VALUE_MAX), s);
    r->columns++;
}

static void on_row(int c, void *context)
{
    struct reading *r = context;
    (void)c;
    r->line++;
    if (r->rc == 0 && (r->rc = take_line(r)) != 0)
        err_wrap(r->err, "line %zu", r->line);
    r->columns = 0;
}

static int read_lines(struct reading *r, FILE *f, struct err *err)
{
    struct csv_parser parser;
    static char chunk[CHUNK];
    size_t got;
    if (csv_init(&parser, 0) != 0)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the truth");
    while (r->rc == 0 && (got = fread(chunk, 1, sizeof chunk, f)) > 0)
        if (csv_parse(&parser, chunk, got, on_value, on_row, r) != got && r->rc == 0)
            r->rc = err_set(err, ERR_INPUT, "line %zu: %s", r->line + 1, csv_strerror(csv_error(&parser)));
    if (r->rc == 0 && ferror(f))
        r->rc = err_errno(err, "cannot read it");
    csv_fini(&parser, on_value, on_row, r);
    csv_free(&parser);
    if (r->rc == 0 && r->line == 0)
        r->rc = err_set(err, ERR_INPUT, "it is empty: it begins with agency_a,record_a,agency_b,record_b,kind");
    return r->rc;
}

static int compare(const void *a, const void *b)
{
    const struct truth_pair *x = a, *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

int truth_read(struct truth *out, const struct corpus *corpus, const char *path, struct err *err)
{
    static struct reading r;
    FILE *f = fopen(path, "re");
    *out = (struct truth){.pair = NULL};
    if (f == NULL)
        return err_errno(err, "cannot open the truth %s", path);
    r = (struct reading){.truth = out, .corpus = corpus, .err = err};
    int rc = read_lines(&r, f, err);
    fclose(f);
    if (rc != 0)
        return err_wrap(err, "the truth %s", path);
    if (out->count > 0)
        qsort(out->pair, out->count, sizeof *out->pair, compare);
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++)
        if (kept == 0 || out->pair[kept - 1].a != out->pair[i].a || out->pair[kept - 1].b != out->pair[i].b)
            out->pair[kept++] = out->pair[i];
    out->count = kept;
    return 0;
}

void truth_free(struct truth *truth)
{
    free(truth->pair);
    *truth = (struct truth){.pair = NULL};
}

struct truth_pair *truth_find(const struct truth *truth, row_ref a, row_ref b)
{
    size_t low = 0, high = truth->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct truth_pair *p = &truth->pair[middle];
        if (p->a < a || (p->a == a && p->b < b))
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < truth->count && truth->pair[low].a == a && truth->pair[low].b == b;
    return found ? &truth->pair[low] : NULL;
}

bool truth_agrees(enum truth_kind truth, enum match_kind said)
{
    switch (said) {
    case MATCH_SAME_PERSON:
    case MATCH_SAME_PERSON_OTHER_DOCUMENT:
        return truth == TRUTH_SAME_PERSON;
    case MATCH_SAME_DOCUMENT_OTHER_PERSON:
        return truth == TRUTH_SAME_DOCUMENT_OTHER_PERSON;
    case MATCH_LISTED_DOCUMENT:
        return truth != TRUTH_NONE;
    default:
        return false;
    }
}
