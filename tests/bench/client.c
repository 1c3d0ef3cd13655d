/* A client's work on a row before anything is blinded: from the fields of a feed to the OPRF inputs of its match
 * keys. */
#include "tests/bench/bench.h"

#include "client/feed/feed.h"
#include "client/schema/keys.h"
#include "protocol/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 20000
#define SCHEMA_PATH "client/schema/persons.json"

struct client_bench {
    struct schema schema;
    struct normaliser *normaliser;
    struct buf bytes, text; /* text: the fields of all rows one behind another, as a feed has those of a row */
    size_t keys, *at;       /* at: FIELDS of each row, where they begin in text */
};

static int read_rows(struct client_bench *b, const char *path, struct err *err)
{
    const struct feed_options options = {.path = path};
    struct feed *feed = NULL;
    struct record record;
    bool end = false;
    int rc = feed_open(&feed, &options, err);
    for (size_t i = 0; rc == 0 && i < ROWS; i++) {
        rc = feed_next(feed, &record, &end, err);
        if (rc == 0 && end)
            rc = err_set(err, ERR_INPUT, "%s has %zu good rows, not %d", path, i, ROWS);
        for (size_t f = 0; rc == 0 && f < FIELDS; f++) {
            b->at[i * FIELDS + f] = b->text.len;
            rc = buf_put(&b->text, record.field[f], strlen(record.field[f]) + 1, err);
        }
    }
    feed_free(feed);
    return rc;
}

/* Invented rows in the region's names, scripts and mistakes. */
static int generate_rows(struct client_bench *b, struct err *err)
{
    char dir[] = "/tmp/concord-bench-XXXXXX", command[PATH_LIMIT], path[PATH_LIMIT];
    const char *build = getenv("BUILD");
    if (mkdtemp(dir) == NULL)
        return err_errno(err, "cannot make a directory in /tmp");
    snprintf(command, sizeof command, "%s/bin/concord-generate --agencies THA --records %d --out %s >/dev/null",
             build != NULL ? build : "build", ROWS + 1000, dir);
    snprintf(path, sizeof path, "%s/THA.csv", dir);
    int rc = system(command) == 0
                 ? read_rows(b, path, err)
                 : err_set(err, ERR_IO, "concord-generate failed: run make, and from the top of the sources");
    snprintf(command, sizeof command, "rm -r %s", dir);
    if (system(command) != 0 && rc == 0)
        rc = err_set(err, ERR_IO, "cannot remove %s", dir);
    return rc;
}

static int keys_setup(void **context, struct err *err)
{
    struct client_bench *b = calloc(1, sizeof *b);
    struct buf file = buf_of(SCHEMA_FILE_MAX);
    if (b == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    *context = b;
    b->bytes = buf_of(SCHEMA_KEYS_MAX * 8192u);
    b->text = buf_of((size_t)ROWS * FIELDS * FIELD_SIZE_MAX);
    b->at = calloc((size_t)ROWS * FIELDS, sizeof *b->at);
    int rc =
        b->at == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for measuring") : file_read(&file, SCHEMA_PATH, err);
    if (rc == 0)
        rc = schema_parse(&b->schema, file.data, file.len, err);
    if (rc == 0)
        rc = normaliser_new(&b->normaliser, err);
    buf_free(&file);
    if (rc == 0)
        rc = generate_rows(b, err);
    return rc;
}

static void keys_teardown(void *context)
{
    struct client_bench *b = context;
    normaliser_free(b->normaliser);
    buf_free(&b->bytes);
    buf_free(&b->text);
    free(b->at);
    free(b);
}

static int keys_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct client_bench *b = context;
    struct match_inputs inputs;
    struct record record = {.line = 1};
    int rc = 0;
    (void)watch;
    for (size_t i = 0; rc == 0 && i < ROWS; i++) {
        for (size_t f = 0; f < FIELDS; f++)
            record.field[f] = (const char *)b->text.data + b->at[i * FIELDS + f];
        rc = match_keys(&b->schema, b->normaliser, &record, &inputs, &b->bytes, err);
        b->keys += rc == 0 ? inputs.count : 0;
    }
    return rc == 0 && b->keys == 0 ? err_set(err, ERR_INTERNAL, "no row makes a match key") : rc;
}

const struct bench_case bench_client[] = {
    {"client.normalise_keys",
     "rows normalised and made into match keys, a second",
     BENCH_PER_SECOND,
     {ROWS, keys_ours},
     {0, NULL},
     keys_setup,
     keys_teardown,
     NULL,
     false},
    {.name = NULL},
};
