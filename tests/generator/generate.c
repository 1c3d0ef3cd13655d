/* concord-generate: feeds of several agencies about people who partly are the same, with the truth about them. */
#include "protocol/base/file.h"
#include "tests/generator/world.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX 4000000 /* of one agency */

static const char help[] =
    "usage: concord-generate --agencies AAA,BBB,... --out DIR [options]\n"
    "\n"
    "Writes DIR/AAA.csv, DIR/BBB.csv ... and DIR/truth.csv: invented records in the names of the Asia-Pacific region,\n"
    "some of them about the same people, with the spellings, partial dates, typing errors and forged documents of\n"
    "real files. The same options give the same files.\n"
    "\n"
    "  --agencies LIST  three-letter names, at most 64\n"
    "  --records N      rows of each agency (default 2000)\n"
    "  --overlap N      percent of the rows whose person an earlier row is about (default 8)\n"
    "  --seed N         of the random numbers (default 1)\n"
    "  --out DIR        made if it does not exist\n";

struct arguments {
    const char *out;
    struct world world;
};

static int parse_number(const char *option, const char *text, uint32_t least, uint32_t most, uint64_t *out, struct err *err)
{
    char *end;
    unsigned long long n;

    errno = 0;
    n = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || n < least || n > most)
        return err_set(err, ERR_USAGE, "--%s wants a number from %u to %u, not \"%s\"", option, least, most, text);
    *out = n;
    return 0;
}

static int parse_agencies(struct world *w, const char *list, struct err *err)
{
    for (const char *p = list; *p;) {
        size_t len = strcspn(p, ",");

        if (len != 3 || strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") < 3)
            return err_set(err, ERR_USAGE, "--agencies wants three capital letters for each, not \"%.*s\"", (int)len, p);
        if (w->agency_count == AGENCIES_MAX)
            return err_set(err, ERR_USAGE, "--agencies names more than %d", AGENCIES_MAX);
        memcpy(w->agencies[w->agency_count++], p, 3);
        p += len + (p[len] == ',');
    }
    return 0;
}

static int parse(struct arguments *a, int argc, char **argv, struct err *err)
{
    static const struct option options[] = {
        {"agencies", required_argument, NULL, 'a'}, {"records", required_argument, NULL, 'r'},
        {"overlap", required_argument, NULL, 'o'},  {"seed", required_argument, NULL, 's'},
        {"out", required_argument, NULL, 'd'},      {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    uint64_t records = 2000, overlap = 8, seed = 1;
    int c, rc = 0;

    while (!rc && (c = getopt_long(argc, argv, "", options, NULL)) != -1)
        switch (c) {
        case 'a':
            rc = parse_agencies(&a->world, optarg, err);
            break;
        case 'r':
            rc = parse_number("records", optarg, 1, RECORDS_MAX, &records, err);
            break;
        case 'o':
            rc = parse_number("overlap", optarg, 0, 100, &overlap, err);
            break;
        case 's':
            rc = parse_number("seed", optarg, 0, UINT32_MAX, &seed, err);
            break;
        case 'd':
            a->out = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            exit(0);
        default:
            rc = err_set(err, ERR_USAGE, "try concord-generate --help");
        }
    if (rc)
        return rc;
    if (!a->out || a->world.agency_count == 0 || optind != argc)
        return err_set(err, ERR_USAGE, "--agencies and --out are needed, and nothing else; try concord-generate --help");
    a->world.records_each = (uint32_t)records;
    a->world.overlap_permille = (uint32_t)overlap * 10;
    a->world.random.state = seed;
    return 0;
}

static int open_output(FILE **f, const char *dir, const char *name, struct err *err)
{
    char path[PATH_LIMIT];
    int rc = path_join(path, sizeof(path), dir, name, err);

    if (rc)
        return rc;
    *f = fopen(path, "w");
    return *f ? 0 : err_errno(err, "%s", path);
}

static int close_output(FILE *f, const char *name, struct err *err)
{
    bool failed = ferror(f);

    return fclose(f) != 0 || failed ? err_errno(err, "write %s", name) : 0;
}

static int write_feed(const struct world *w, uint32_t agency, const char *dir, struct err *err)
{
    const struct record *first = &w->records[(size_t)agency * w->records_each];
    char name[8];
    FILE *f;
    int rc;

    snprintf(name, sizeof(name), "%s.csv", w->agencies[agency]);
    rc = open_output(&f, dir, name, err);
    if (rc)
        return rc;
    record_header(f);
    for (uint32_t i = 0; i < w->records_each; i++)
        record_write(f, w, &first[i]);
    return close_output(f, name, err);
}

static int by_person(const void *a, const void *b)
{
    const struct record *x = *(const struct record *const *)a, *y = *(const struct record *const *)b;

    return x->person != y->person ? (x->person > y->person) - (x->person < y->person) : (x > y) - (x < y);
}

static int by_document(const void *a, const void *b)
{
    const struct record *x = *(const struct record *const *)a, *y = *(const struct record *const *)b;

    return x->document != y->document ? (x->document > y->document) - (x->document < y->document) : (x > y) - (x < y);
}

static void write_pair(FILE *f, const struct world *w, const struct record *a, const struct record *b, const char *kind)
{
    fprintf(f, "%s,%s-%06u,%s,%s-%06u,%s\n", w->agencies[a->agency], w->agencies[a->agency], a->row,
            w->agencies[b->agency], w->agencies[b->agency], b->row, kind);
}

/* Pairs of different agencies within each run of equal persons. */
static void write_people(FILE *f, const struct world *w, const struct record **sorted)
{
    for (uint32_t i = 0; i < w->record_count; i++)
        for (uint32_t k = i + 1; k < w->record_count && sorted[k]->person == sorted[i]->person; k++)
            if (sorted[i]->agency != sorted[k]->agency)
                write_pair(f, w, sorted[i], sorted[k], "same-person");
}

static void write_forgeries(FILE *f, const struct world *w, const struct record **sorted)
{
    for (uint32_t i = 0; i < w->record_count && sorted[i]->document != NO_DOCUMENT; i++)
        for (uint32_t k = i + 1; k < w->record_count && sorted[k]->document == sorted[i]->document; k++)
            if (sorted[i]->agency != sorted[k]->agency && sorted[i]->person != sorted[k]->person)
                write_pair(f, w, sorted[i], sorted[k], "same-document-other-person");
}

static int write_truth(const struct world *w, const char *dir, struct err *err)
{
    const struct record **sorted = calloc(w->record_count, sizeof(const struct record *));
    FILE *f;
    int rc;

    if (!sorted)
        return err_set(err, ERR_NO_MEMORY, "out of memory");
    for (uint32_t i = 0; i < w->record_count; i++)
        sorted[i] = &w->records[i];
    rc = open_output(&f, dir, "truth.csv", err);
    if (rc)
        goto out;
    fputs("agency_a,record_a,agency_b,record_b,kind\n", f);
    qsort(sorted, w->record_count, sizeof(*sorted), by_person);
    write_people(f, w, sorted);
    qsort(sorted, w->record_count, sizeof(*sorted), by_document);
    write_forgeries(f, w, sorted);
    rc = close_output(f, "truth.csv", err);
out:
    free(sorted);
    return rc;
}

int main(int argc, char **argv)
{
    struct arguments a = {.out = NULL};
    struct err err = {0};
    int rc = parse(&a, argc, argv, &err);

    if (!rc)
        rc = dir_make(a.out, 0755, &err);
    if (!rc && !world_make(&a.world))
        rc = err_set(&err, ERR_NO_MEMORY, "out of memory for %u records of each agency", a.world.records_each);
    for (uint32_t i = 0; !rc && i < a.world.agency_count; i++)
        rc = write_feed(&a.world, i, a.out, &err);
    if (!rc)
        rc = write_truth(&a.world, a.out, &err);
    world_free(&a.world);
    if (rc)
        fprintf(stderr, "concord-generate: %s\n", err.text);
    return err_exit_status(rc);
}
