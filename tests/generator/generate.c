/*
 * concord-generate: feeds of several agencies about people who partly are the same, with the truth about them.
 *
 * Who is recorded where is decided in world.c, who they are in person.c after the names and habits of their people
 * (culture.c, names/), what they carry in document.c, and what an officer makes of it all in record.c, naming.c and
 * typing.c. How often what goes wrong stands in rates.h alone. Everything follows from the seed and a record's number:
 * any row can be made by itself, so that files of millions of rows take no memory but for the truth about shared
 * people.
 */
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
    "real files; and people who are easily confused: siblings, twins, namesakes. The same options give the\n"
    "same files.\n"
    "\n"
    "  --agencies LIST  three-letter names, at most 64; those of countries (ISO 3166) get people of that country\n"
    "  --records N      rows of each agency (default 2000)\n"
    "  --overlap N      percent of the rows whose person an earlier row is about (default 8)\n"
    "  --errors N       percent of the usual rates of error, 0 to 300 (default 100); --rates prints them\n"
    "  --seed N         of the random numbers (default 1)\n"
    "  --registers      DIR/AAA-register.csv, too: the valid documents of country AAA, of those that any row names\n"
    "  --out DIR        made if it does not exist\n"
    "  --rates          print the rates of error\n"
    "\n"
    "The truth names pairs of rows of different agencies and what is true of them: same-person (with the same\n"
    "document, another or none) or same-document-other-person (a forged or stolen document).\n";

struct arguments {
    const char *out;
    bool registers;
    struct world world;
};

static int parse_number(const char *option, const char *text, uint32_t least, uint32_t most, uint64_t *out,
                        struct err *err)
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
            return err_set(err, ERR_USAGE, "--agencies wants three capital letters for each, not \"%.*s\"", (int)len,
                           p);
        if (w->agency_count == AGENCIES_MAX)
            return err_set(err, ERR_USAGE, "--agencies names more than %d", AGENCIES_MAX);
        memcpy(w->agencies[w->agency_count++], p, 3);
        p += len + (p[len] == ',');
    }
    return 0;
}

static void print_rates(void)
{
    printf("out of 1000 records     scanned   typed  interview\n");
#define PRINT(name, scanned, typed, interview) printf("%-22s %8d %7d %10d\n", #name, scanned, typed, interview);
    RATES(PRINT)
#undef PRINT
}

static int parse(struct arguments *a, int argc, char **argv, struct err *err)
{
    static const struct option options[] = {
        {"agencies", required_argument, NULL, 'a'}, {"records", required_argument, NULL, 'r'},
        {"overlap", required_argument, NULL, 'o'},  {"errors", required_argument, NULL, 'e'},
        {"seed", required_argument, NULL, 's'},     {"out", required_argument, NULL, 'd'},
        {"registers", no_argument, NULL, 'g'},      {"rates", no_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0},
    };
    uint64_t records = 2000, overlap = 8, errors = 100, seed = 1;
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
        case 'e':
            rc = parse_number("errors", optarg, 0, 300, &errors, err);
            break;
        case 's':
            rc = parse_number("seed", optarg, 0, UINT32_MAX, &seed, err);
            break;
        case 'd':
            a->out = optarg;
            break;
        case 'g':
            a->registers = true;
            break;
        case 'p':
            print_rates();
            exit(0);
        case 'h':
            fputs(help, stdout);
            exit(0);
        default:
            rc = err_set(err, ERR_USAGE, "try concord-generate --help");
        }
    if (rc)
        return rc;
    if (!a->out || a->world.agency_count == 0 || optind != argc)
        return err_set(err, ERR_USAGE,
                       "--agencies and --out are needed, and nothing else; try concord-generate --help");
    a->world.records_each = (uint32_t)records;
    a->world.overlap_permille = (uint32_t)overlap * 10;
    a->world.errors = (uint32_t)errors;
    a->world.seed = seed;
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
    char name[8];
    FILE *f;
    int rc;

    snprintf(name, sizeof(name), "%s.csv", w->agencies[agency]);
    rc = open_output(&f, dir, name, err);
    if (rc)
        return rc;
    record_header(f);
    for (uint64_t i = 0; i < w->records_each; i++) {
        struct record record;

        record_find(&record, w, i * w->agency_count + agency);
        record_write(f, w, &record);
    }
    return close_output(f, name, err);
}

static int write_register(const struct world *w, uint32_t agency, const char *dir, struct err *err)
{
    char name[24];
    FILE *f;
    int rc;

    snprintf(name, sizeof(name), "%s-register.csv", w->agencies[agency]);
    rc = open_output(&f, dir, name, err);
    if (rc)
        return rc;
    register_header(f);
    for (uint64_t n = 0; n < (uint64_t)w->agency_count * w->records_each; n++) {
        struct record record;

        record_find(&record, w, n);
        register_write(f, w, &record, w->agencies[agency]);
    }
    return close_output(f, name, err);
}

/* --- the truth --- */

/* A record that shares its person, or its document, with the record of that number. */
struct link {
    uint64_t shared, record;
};

static int by_shared(const void *a, const void *b)
{
    const struct link *x = a, *y = b;

    return x->shared != y->shared ? (x->shared > y->shared) - (x->shared < y->shared)
                                  : (x->record > y->record) - (x->record < y->record);
}

static uint64_t record_count(const struct world *w)
{
    return (uint64_t)w->agency_count * w->records_each;
}

/* All records that share a person (or a document) with an earlier one, in order of what they share. */
static struct link *find_links(const struct world *w, bool documents, size_t *count)
{
    size_t room = 1024;
    struct link *links = malloc(room * sizeof(*links)), *more;

    *count = 0;
    for (uint64_t n = 0; links && n < record_count(w); n++) {
        struct record record;
        uint64_t shared;

        record_find(&record, w, n);
        shared = documents ? record.document : record.person;
        if (shared == n || shared == NO_DOCUMENT)
            continue;
        if (*count == room) {
            room *= 2;
            more = realloc(links, room * sizeof(*links));
            if (!more)
                free(links);
            links = more;
        }
        if (links)
            links[(*count)++] = (struct link){shared, n};
    }
    if (links)
        qsort(links, *count, sizeof(*links), by_shared);
    return links;
}

static void write_pair(FILE *f, const struct world *w, uint64_t a, uint64_t b, bool documents)
{
    struct record x, y;

    record_find(&x, w, a);
    record_find(&y, w, b);
    if (x.agency == y.agency || (documents && x.person == y.person))
        return;
    fprintf(f, "%s,%s-%06u,%s,%s-%06u,%s\n", w->agencies[x.agency], w->agencies[x.agency], x.row, w->agencies[y.agency],
            w->agencies[y.agency], y.row, documents ? "same-document-other-person" : "same-person");
}

static int write_pairs(FILE *f, const struct world *w, bool documents, struct err *err)
{
    size_t count;
    struct link *links = find_links(w, documents, &count);

    if (!links)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the truth");
    for (size_t i = 0; i < count; i++) {
        write_pair(f, w, links[i].shared, links[i].record, documents);
        for (size_t k = i + 1; k < count && links[k].shared == links[i].shared; k++)
            write_pair(f, w, links[i].record, links[k].record, documents);
    }
    free(links);
    return 0;
}

static int write_truth(const struct world *w, const char *dir, struct err *err)
{
    FILE *f;
    int rc = open_output(&f, dir, "truth.csv", err), closed;

    if (rc)
        return rc;
    fputs("agency_a,record_a,agency_b,record_b,kind\n", f);
    rc = write_pairs(f, w, false, err);
    if (!rc)
        rc = write_pairs(f, w, true, err);
    closed = close_output(f, "truth.csv", err);
    return rc ? rc : closed;
}

int main(int argc, char **argv)
{
    struct arguments a = {.out = NULL};
    struct err err = {0};
    int rc = parse(&a, argc, argv, &err);

    if (!rc)
        rc = dir_make(a.out, 0755, &err);
    if (!rc && !cultures_prepare())
        rc = err_set(&err, ERR_NO_MEMORY, "out of memory for the names");
    for (uint32_t i = 0; !rc && i < a.world.agency_count; i++)
        rc = write_feed(&a.world, i, a.out, &err);
    for (uint32_t i = 0; !rc && a.registers && i < a.world.agency_count; i++)
        rc = write_register(&a.world, i, a.out, &err);
    if (!rc)
        rc = write_truth(&a.world, a.out, &err);
    cultures_free();
    if (rc)
        fprintf(stderr, "concord-generate: %s\n", err.text);
    return err_exit_status(rc);
}
