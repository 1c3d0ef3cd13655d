#include "client/measure/join.h"

#include "protocol/base/progress.h"

#include <stdlib.h>
#include <string.h>

/* A pair that shares one key: pairs that share several have several. */
#define ALONE_CAP 16 /* of the rows of a file that is compared with itself */

struct join {
    struct corpus *corpus;
    struct spill *hits;
    struct buf items;
    struct join_counts *counts;
    struct progress progress;
};

static int compare_tokens(const void *a, const void *b)
{
    const struct corpus_token *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

static uint64_t mix(uint64_t v)
{
    v *= UINT64_C(0x9e3779b97f4a7c15);
    return v ^ v >> 29;
}

static int put_hit(struct join *j, const struct corpus_token *a, const struct corpus_token *b, struct err *err)
{
    struct pair hit = {row_ref_of(a->file, a->row), row_ref_of(b->file, b->row), UINT32_C(1) << a->key};
    return spill_put(j->hits, mix(hit.a ^ mix(hit.b)), &hit, err);
}

static void forget_keys(struct join *j, const struct corpus_token *token, size_t count)
{
    for (size_t k = 0; k < count; k++)
        j->corpus->file[token[k].file].row[token[k].row].own &= ~(UINT32_C(1) << token[k].key);
}

/* Of more rows than an entry has slots it shows some by chance: these come first. */
static void choose_shown(struct corpus_token *token, size_t count, size_t slots)
{
    for (size_t k = 0; count > slots && k < slots; k++)
        for (size_t l = k + 1; l < count; l++)
            if (mix(mix(token[l].key) ^ token[l].row) < mix(mix(token[k].key) ^ token[k].row)) {
                const struct corpus_token other = token[k];
                token[k] = token[l];
                token[l] = other;
            }
}

/*
 * Files whose rows share the tag more often than its cap put no entry: these tokens are taken out. Returns how many
 * stay.
 */
static size_t drop_crowded(struct join *j, struct corpus_token *token, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && token[end].file == token[i].file; end++)
            ;
        size_t cap = j->corpus->files > 1 ? j->corpus->schema->key[token[i].key].cap : ALONE_CAP;
        if (end - i > cap) {
            j->counts->crowded[token[i].key] += end - i;
            forget_keys(j, token + i, end - i);
            continue;
        }
        const size_t slots = j->corpus->files > 1 ? j->corpus->schema->slots : ALONE_CAP;
        const size_t shown = end - i < slots ? end - i : slots;
        choose_shown(token + i, end - i, slots);
        forget_keys(j, token + i + shown, end - i - shown);
        memmove(token + kept, token + i, shown * sizeof *token);
        kept += shown;
    }
    return kept;
}

static int join_tag(struct join *j, struct corpus_token *token, size_t count, struct err *err)
{
    bool within = j->corpus->files == 1;
    int rc = 0;
    count = drop_crowded(j, token, count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; rc == 0 && k < count; k++)
            if (within || token[k].file != token[i].file)
                rc = put_hit(j, &token[i], &token[k], err);
    return rc;
}

static int join_partition(struct join *j, size_t partition, struct err *err)
{
    size_t count;
    int rc = spill_load(j->corpus->tokens, partition, &j->items, &count, err);
    struct corpus_token *token = (struct corpus_token *)j->items.data;
    if (rc != 0 || count == 0)
        return rc;
    qsort(token, count, sizeof *token, compare_tokens);
    for (size_t i = 0, end; rc == 0 && i < count; i = end) {
        for (end = i + 1; end < count && token[end].hash == token[i].hash; end++)
            ;
        if (end - i > 1)
            rc = join_tag(j, token + i, end - i, err);
    }
    return rc;
}

static int merge_partition(struct join *j, size_t partition, visit_pair *visit, void *context, struct err *err)
{
    size_t count;
    int rc = spill_load(j->hits, partition, &j->items, &count, err);
    struct pair *hit = (struct pair *)j->items.data;
    if (rc != 0 || count == 0)
        return rc;
    qsort(hit, count, sizeof *hit, compare_pairs);
    for (size_t i = 0, end; rc == 0 && i < count; i = end) {
        struct pair pair = hit[i];
        for (end = i + 1; end < count && compare_pairs(&hit[end], &hit[i]) == 0; end++)
            pair.shared |= hit[end].shared;
        j->counts->pairs++;
        rc = visit(context, &pair, err);
    }
    return rc;
}

int join_run(struct corpus *corpus, visit_pair *visit, void *context, struct join_counts *counts, bool quiet,
             struct err *err)
{
    struct join j = {.corpus = corpus, .items = buf_of(SPILL_PARTITION_MAX), .counts = counts};
    memset(counts, 0, sizeof *counts);
    progress_start(&j.progress, "joining", quiet);
    int rc = spill_new(&j.hits, sizeof(struct pair), err);
    for (size_t p = 0; rc == 0 && p < SPILL_PARTITIONS; p++) {
        rc = join_partition(&j, p, err);
        progress_show(&j.progress, p + 1, 2 * SPILL_PARTITIONS, p + 1, "partitions");
    }
    for (size_t p = 0; rc == 0 && p < SPILL_PARTITIONS; p++) {
        rc = merge_partition(&j, p, visit, context, err);
        progress_show(&j.progress, SPILL_PARTITIONS + p + 1, 2 * SPILL_PARTITIONS, SPILL_PARTITIONS + p + 1,
                      "partitions");
    }
    progress_end(&j.progress);
    spill_free(j.hits);
    buf_free(&j.items);
    return rc;
}
