#include "client/measure/corpus.h"

#include "client/schema/keys.h"
#include "protocol/base/progress.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READERS 2
#define BATCH 4096 /* tokens that a reader gathers before it takes the lock */
#define INPUTS_BYTES_MAX (1u << 20)
#define INPUT_SKIP (1 + SCHEMA_DIGEST_SIZE) /* the same for all */

/* --- one file, by one thread --- */

/* What the threads share: the corpus, the next file to take, the first failure. */
struct reading {
    struct corpus *corpus;
    pthread_mutex_t lock;
    size_t next;
    int rc;
    struct err err;
    uint64_t rows;
    struct progress progress;
};

struct reader {
    struct reading *reading;
    struct normaliser *normaliser;
    struct buf bytes; /* secret: normalised values */
    struct elements elements;
    struct corpus_token token[BATCH + SCHEMA_TOKENS_MAX];
    size_t tokens, rows;
};

/* Under no key of the moment: what is measured is a function of the files. */
static uint64_t hash_of(const void *data, size_t len)
{
    static const uint8_t key[crypto_shorthash_KEYBYTES];
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, data, len, key);
    return hash;
}

static int flush(struct reader *r, struct err *err)
{
    struct reading *all = r->reading;
    int rc = 0;
    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; rc == 0 && i < r->tokens; i++) {
        rc = spill_put(all->corpus->tokens, r->token[i].hash, &r->token[i], err);
        all->corpus->tokens_of_key[r->token[i].key]++;
    }
    all->corpus->tokens_total += r->tokens;
    all->rows += r->rows;
    progress_show(&all->progress, 0, 0, all->rows, "rows read");
    pthread_mutex_unlock(&all->lock);
    r->tokens = r->rows = 0;
    return rc;
}

static void keep_elements(struct reader *r, const struct person *person, struct corpus_row *row)
{
    struct elements *e = &r->elements;
    elements_of_person(e, person, 0);
    for (size_t i = 0; i < ELEMENT_SLOTS; i++) {
        const struct element_slot *s = &e->slot[i];
        row->element[i] = s->len > 0 ? (uint32_t)hash_of(s->value, s->len) | 1 : 0;
    }
    row->presence = presence_pack(&e->presence);
    sodium_memzero(e, sizeof *e);
}

static int add_row(struct reader *r, size_t file, const struct record *record, struct err *err)
{
    struct corpus *c = r->reading->corpus;
    struct corpus_file *f = &c->file[file];
    struct match_inputs inputs;
    struct person person;
    const char *id = record->field[FIELD_RECORD_ID];
    if (f->rows == f->room) {
        size_t room = f->room > 0 ? 2 * f->room : 4096;
        struct corpus_row *more = room <= CORPUS_ROWS_MAX ? realloc(f->row, room * sizeof *more) : NULL;
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "%s has more rows than memory for them", f->path);
        f->row = more;
        f->room = room;
    }
    struct corpus_row row = {.id = hash_of(id, strlen(id))};
    int rc = person_from_record(r->normaliser, record, &person, err);
    if (rc == 0)
        rc = match_keys_of_person(c->schema, &person, &inputs, &r->bytes, err);
    if (rc == 0)
        keep_elements(r, &person, &row);
    person_wipe(&person);
    for (size_t i = 0; rc == 0 && i < inputs.count; i++) {
        row.own |= UINT32_C(1) << inputs.key[i];
        r->token[r->tokens++] =
            (struct corpus_token){hash_of(inputs.input[i].data + INPUT_SKIP, inputs.input[i].len - INPUT_SKIP),
                                  (uint32_t)f->rows, (uint16_t)file, inputs.key[i]};
    }
    f->row[f->rows++] = row;
    r->rows++;
    return rc == 0 && r->tokens >= BATCH ? flush(r, err) : rc;
}

static int read_file(struct reader *r, size_t file, struct err *err)
{
    const struct corpus *c = r->reading->corpus;
    const struct feed_options options = {
        .path = c->file[file].path, .map = c->map, .map_count = c->map_count, .lenient = true};
    struct feed *feed = NULL;
    struct record record;
    bool end = false;
    int rc = feed_open(&feed, &options, err);
    while (rc == 0 && (rc = feed_next(feed, &record, &end, err)) == 0 && !end)
        rc = add_row(r, file, &record, err);
    if (rc == 0)
        rc = flush(r, err);
    if (feed != NULL)
        r->reading->corpus->file[file].rejected = feed_rejected(feed);
    feed_free(feed);
    return rc;
}

static void *reader_run(void *context)
{
    struct reading *all = context;
    struct err err = {0};
    struct reader *r = calloc(1, sizeof *r);
    int rc =
        r == NULL ? err_set(&err, ERR_NO_MEMORY, "out of memory for measuring") : normaliser_new(&r->normaliser, &err);
    while (rc == 0) {
        pthread_mutex_lock(&all->lock);
        size_t file = all->rc == 0 ? all->next++ : all->corpus->files;
        pthread_mutex_unlock(&all->lock);
        if (file >= all->corpus->files)
            break;
        r->reading = all;
        r->bytes.max = INPUTS_BYTES_MAX;
        rc = read_file(r, file, &err);
    }
    pthread_mutex_lock(&all->lock);
    if (rc != 0 && all->rc == 0) {
        all->rc = rc;
        all->err = err;
    }
    pthread_mutex_unlock(&all->lock);
    if (r != NULL) {
        normaliser_free(r->normaliser);
        buf_free(&r->bytes);
    }
    free(r);
    return NULL;
}

static int read_all(struct corpus *c, bool quiet, struct err *err)
{
    struct reading all = {.corpus = c};
    pthread_t thread[READERS];
    size_t started = 0;
    pthread_mutex_init(&all.lock, NULL);
    progress_start(&all.progress, "reading", quiet);
    while (started < READERS && started < c->files && pthread_create(&thread[started], NULL, reader_run, &all) == 0)
        started++;
    if (started == 0)
        reader_run(&all);
    for (size_t i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    progress_end(&all.progress);
    pthread_mutex_destroy(&all.lock);
    if (all.rc != 0)
        *err = all.err;
    return all.rc;
}

/* --- the corpus --- */

void corpus_agency_name(char out[PARTY_NAME_MAX + 1], const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    size_t len = strlen(name);
    if (len > 4 && strcmp(name + len - 4, ".csv") == 0)
        len -= 4;
    else if (len > 6 && strcmp(name + len - 6, ".jsonl") == 0)
        len -= 6;
    snprintf(out, PARTY_NAME_MAX + 1, "%.*s", (int)len, name);
}

static int name_files(struct corpus *c, const char *const *path, size_t paths, struct err *err)
{
    for (size_t i = 0; i < paths; i++) {
        c->file[i].path = path[i];
        corpus_agency_name(c->file[i].agency, path[i]);
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->file[k].agency, c->file[i].agency) == 0)
                return err_set(err, ERR_USAGE, "%s and %s are both of agency %s: a file's name is its agency's",
                               path[k], path[i], c->file[i].agency);
    }
    c->files = paths;
    return 0;
}

struct id_index {
    size_t count[CORPUS_FILES_MAX];
    struct id_entry {
        uint64_t id;
        uint32_t row;
    } * entry[CORPUS_FILES_MAX];
};

static int compare_ids(const void *a, const void *b)
{
    const struct id_entry *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int make_index(struct corpus *c, struct err *err)
{
    c->index = calloc(1, sizeof *c->index);
    if (c->index == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    for (size_t f = 0; f < c->files; f++) {
        size_t n = c->file[f].rows;
        struct id_entry *entry = c->index->entry[f] = malloc((n > 0 ? n : 1) * sizeof *entry);
        if (entry == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
        for (size_t i = 0; i < n; i++)
            entry[i] = (struct id_entry){c->file[f].row[i].id, (uint32_t)i};
        qsort(entry, n, sizeof *entry, compare_ids);
        c->index->count[f] = n;
    }
    return 0;
}

int corpus_read(struct corpus *out, const struct schema *schema, const char *const *path, size_t paths,
                const char *const *map, size_t map_count, bool quiet, struct err *err)
{
    *out = (struct corpus){.schema = schema, .map = map, .map_count = map_count};
    if (paths < 1 || paths > CORPUS_FILES_MAX)
        return err_set(err, ERR_USAGE, "give 1 to %d files, one for each agency", CORPUS_FILES_MAX);
    int rc = name_files(out, path, paths, err);
    if (rc == 0)
        rc = spill_new(&out->tokens, sizeof(struct corpus_token), err);
    if (rc == 0)
        rc = read_all(out, quiet, err);
    for (size_t f = 0; f < out->files; f++)
        out->rows += out->file[f].rows;
    if (rc == 0)
        rc = make_index(out, err);
    return rc;
}

void corpus_free(struct corpus *corpus)
{
    spill_free(corpus->tokens);
    for (size_t f = 0; f < corpus->files; f++) {
        free(corpus->file[f].row);
        if (corpus->index != NULL)
            free(corpus->index->entry[f]);
    }
    free(corpus->index);
    sodium_memzero(corpus, sizeof *corpus);
}

void corpus_elements(const struct corpus *corpus, row_ref ref, struct elements *out)
{
    const struct corpus_file *file = &corpus->file[row_file(ref)];
    const struct corpus_row *row = &file->row[row_number(ref)];
    elements_of_person(out, &(struct person){.names = 0}, file->rows);
    for (size_t i = 0; i < ELEMENT_SLOTS; i++) {
        struct element_slot *s = &out->slot[i];
        s->len = row->element[i] != 0 ? sizeof row->element[i] : 0;
        memcpy(s->value, &row->element[i], sizeof row->element[i]);
    }
    uint8_t records = out->presence.records;
    presence_unpack(&out->presence, row->presence);
    out->presence.records = records;
}

int corpus_find(const struct corpus *corpus, const char *agency, const char *record_id, row_ref *out, struct err *err)
{
    for (size_t f = 0; f < corpus->files; f++) {
        if (strcmp(corpus->file[f].agency, agency) != 0)
            continue;
        struct id_entry wanted = {hash_of(record_id, strlen(record_id)), 0};
        const struct id_entry *entry = corpus->index->entry[f];
        size_t low = 0, high = corpus->index->count[f];
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (compare_ids(&entry[middle], &wanted) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == corpus->index->count[f] || entry[low].id != wanted.id)
            return err_set(err, ERR_NOT_FOUND, "agency %s has no record of that id", agency);
        *out = row_ref_of(f, entry[low].row);
        return 0;
    }
    return err_set(err, ERR_NOT_FOUND, "there is no file of agency %s", agency);
}
