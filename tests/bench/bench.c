/* concord-bench: the table, the JSON, the command line. */
#include "tests/bench/bench.h"

#include "protocol/base/buf.h"
#include "protocol/base/file.h"
#include "protocol/base/verbs.h"
#include "protocol/group/group.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX 1001

uint64_t bench_rows;

struct options {
    uint64_t rounds, rows;
    struct setting_list filter;
    bool json, list, slow;
    char out[SETTINGS_TEXT_MAX];
};

static const struct options *o;

static const struct bench_case *const tables[] = {bench_group,  bench_oprf,   bench_client, bench_matcher, bench_region,
                                                  bench_ledger, bench_letter, bench_growth, bench_sum};

/* How a unit is written, and whether more of it is better. */
static const struct {
    const char *name;
    double per_second; /* of a time, how many make a second */
    bool rate;
} units[] = {
    [BENCH_US] = {"us", 1e6, false},      [BENCH_NS] = {"ns", 1e9, false}, [BENCH_PER_SECOND] = {"1/s", 1, true},
    [BENCH_MEGABYTES] = {"MB", 1, false}, [BENCH_BYTES] = {"B", 1, false}, [BENCH_SECONDS] = {"s", 1, false},
    [BENCH_TIMES] = {"x", 1, false},
};

/* --- time --- */

struct stopwatch {
    enum stopwatch_direction direction;
    double since, total;
};

/* Of all threads of the process: what other programs take does not count. */
static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void stopwatch_set(struct stopwatch *watch, enum stopwatch_direction direction)
{
    if (watch == NULL)
        return;
    double now = processor_seconds();
    watch->total += (double)watch->direction * (now - watch->since);
    watch->since = now;
    watch->direction = direction;
}

int bench_differs(const char *name, struct err *err)
{
    return err_set(err, ERR_VERIFY, "%s: the engine and the baseline come to different results", name);
}

/* --- one case --- */

struct result {
    double value, baseline;
    bool has_baseline;
};

static int time_side(const struct bench_case *c, const struct bench_side *side, void *context, double *out,
                     struct err *err)
{
    struct stopwatch watch = {.total = 0};
    stopwatch_set(&watch, WATCH_GO);
    int rc = side->run(context, &watch, err);
    stopwatch_set(&watch, WATCH_STOP);
    double each = watch.total / (double)side->ops * units[c->unit].per_second;
    *out = units[c->unit].rate ? 1 / each : each;
    return rc;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
    return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* One round that does not count, then `rounds` that do, the sides taking turns. */
static int measure(const struct bench_case *c, struct result *result, struct err *err)
{
    static double value[ROUNDS_MAX], baseline[ROUNDS_MAX];
    void *context = NULL;
    result->has_baseline = c->baseline.run != NULL;
    if (c->measure != NULL)
        return c->measure(&result->value, err);
    int rc = c->setup(&context, err);
    for (size_t i = 0; rc == 0 && i <= o->rounds; i++) {
        size_t at = i == 0 ? 0 : i - 1;
        rc = time_side(c, &c->ours, context, &value[at], err);
        if (rc == 0 && result->has_baseline)
            rc = time_side(c, &c->baseline, context, &baseline[at], err);
    }
    if (c->teardown != NULL && context != NULL)
        c->teardown(context);
    if (rc != 0)
        return rc;
    result->value = median(value, (size_t)o->rounds);
    if (result->has_baseline)
        result->baseline = median(baseline, (size_t)o->rounds);
    return 0;
}

int bench_measure(const struct bench_case *c, double *value, struct err *err)
{
    struct bench_case alone = *c;
    struct result result;
    alone.baseline.run = NULL;
    int rc = measure(&alone, &result, err);
    *value = result.value;
    return rc;
}

/* How many times better than the baseline. */
static double ratio_of(const struct bench_case *c, const struct result *r)
{
    return units[c->unit].rate ? r->value / r->baseline : r->baseline / r->value;
}

/* --- all of them --- */

static bool is_wanted(const struct bench_case *c)
{
    bool whole = false, part = o->filter.count == 0;
    for (size_t i = 0; i < o->filter.count; i++) {
        whole = whole || strcmp(o->filter.item[i], c->name) == 0;
        part = part || strstr(c->name, o->filter.item[i]) != NULL;
    }
    return whole || (part && (o->slow || !c->slow));
}

static void print_row(const struct bench_case *c, const struct result *r)
{
    printf("%-26s %12.4g %-4s", c->name, r->value, units[c->unit].name);
    if (r->has_baseline)
        printf(" %12.4g %9.2f", r->baseline, ratio_of(c, r));
    printf("\n");
    fflush(stdout);
}

static int add_row(json_t *rows, const struct bench_case *c, const struct result *r, struct err *err)
{
    json_t *row = json_pack("{s:s, s:f, s:s}", "name", c->name, "value", r->value, "unit", units[c->unit].name);
    if (row == NULL ||
        json_object_set_new(row, "baseline", r->has_baseline ? json_real(r->baseline) : json_null()) != 0 ||
        json_object_set_new(row, "ratio", r->has_baseline ? json_real(ratio_of(c, r)) : json_null()) != 0 ||
        json_array_append_new(rows, row) != 0)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the results");
    return 0;
}

static int write_rows(const json_t *rows, struct err *err)
{
    struct buf out = buf_of(1u << 20);
    char *text = json_dumps(rows, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    int rc = text == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the results")
                          : buf_printf(&out, err, "%s\n", text);
    if (rc == 0)
        rc = file_write(o->out, out.data, out.len, 0644, err);
    if (rc == 0 && o->json)
        printf("%s\n", text);
    free(text);
    buf_free(&out);
    return rc;
}

static int run_all(struct err *err)
{
    json_t *rows = json_array();
    size_t wanted = 0;
    int rc = rows == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the results") : 0;
    if (!o->json)
        printf("engine %s, median of %llu rounds\n%-26s %17s %12s %9s\n", group_engine(), (unsigned long long)o->rounds,
               "", "ours     ", "libsodium", "ratio");
    for (size_t t = 0; rc == 0 && t < sizeof tables / sizeof tables[0]; t++)
        for (const struct bench_case *c = tables[t]; rc == 0 && c->name != NULL; c++) {
            struct result result = {0, 0, false};
            if (!is_wanted(c))
                continue;
            wanted++;
            rc = measure(c, &result, err);
            if (rc == 0 && !o->json)
                print_row(c, &result);
            if (rc == 0)
                rc = add_row(rows, c, &result, err);
        }
    if (rc == 0 && wanted == 0)
        rc = err_set(err, ERR_USAGE, "no case has that in its name; see --list");
    if (rc == 0)
        rc = write_rows(rows, err);
    json_decref(rows);
    return rc;
}

static void print_list(void)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const struct bench_case *c = tables[t]; c->name != NULL; c++)
            printf("%-26s %s%s\n", c->name, c->what, c->slow ? " (slow)" : "");
}

static int run(struct call *call, struct err *err)
{
    struct options *options = call->options;
    const char *build = getenv("BUILD");
    if (options->out[0] == '\0')
        snprintf(options->out, sizeof options->out, "%s/bench.json", build != NULL ? build : "build");
    bench_rows = options->rows;
    o = options;
    if (o->rounds < 1 || o->rounds > ROUNDS_MAX)
        return err_set(err, ERR_USAGE, "--rounds is 1 to %d", ROUNDS_MAX);
    if (!o->list)
        return run_all(err);
    print_list();
    return 0;
}

static const struct setting settings[] = {
    {"filter", NULL, NULL, SETTING_LIST, offsetof(struct options, filter), "NAME",
     "only cases with NAME in their name; may be repeated"},
    {"slow", NULL, NULL, SETTING_SWITCH, offsetof(struct options, slow), NULL, "also the cases that take minutes"},
    {"rounds", NULL, NULL, SETTING_NUMBER, offsetof(struct options, rounds), "N", "measure each N times (default 9)"},
    {"rows", NULL, NULL, SETTING_NUMBER, offsetof(struct options, rows), "N",
     "rows of a feed for whole processes (default: see --list)"},
    {"json", NULL, NULL, SETTING_SWITCH, offsetof(struct options, json), NULL, "print the JSON instead of the table"},
    {"out", NULL, NULL, SETTING_TEXT, offsetof(struct options, out), "FILE",
     "write the JSON there (default $BUILD/bench.json)"},
    {"list", NULL, NULL, SETTING_SWITCH, offsetof(struct options, list), NULL, "print the cases and stop"},
};

int main(int argc, char **argv)
{
    static const struct options defaults = {.rounds = 9};
    static const struct verb bench = {
        .operands = "",
        .summary =
            "Measures Concord against the same work on plain libsodium calls, both in turns, and prints the medians. "
            "Times are\n"
            "processor time of one operation; a ratio above 1 is in Concord's favour.",
        .more =
            "CONCORD_GROUP=portable|avx2|ifma chooses the engine. --filter with the whole name of a slow case runs it.",
        SETTINGS(settings),
        .defaults = &defaults,
        .options_size = sizeof defaults,
        .run = run,
    };
    static const struct program program = {.name = "concord-bench", .start = group_init};
    return program_main_alone(&program, &bench, argc, argv);
}
