#include "client/feed/doubles.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Keyed hashes of the ids: those from `from` to `to` are looked at in this reading. */
struct doubles {
    uint8_t key[crypto_shorthash_KEYBYTES];
    uint64_t from, to;
    uint64_t *hash, *found;
    size_t hashes, at_once, founds, room;
};

static uint64_t hash_of(const struct doubles *d, const char *id)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)id, strlen(id), d->key);
    return hash;
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

int doubles_new(struct doubles **out, size_t at_once, struct err *err)
{
    struct doubles *d = calloc(1, sizeof *d);
    if (d == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for record ids");
    d->at_once = at_once > 0 ? at_once : DOUBLES_AT_ONCE;
    d->to = UINT64_MAX;
    d->hash = malloc(d->at_once * sizeof *d->hash);
    randombytes_buf(d->key, sizeof d->key);
    if (d->hash == NULL) {
        doubles_free(d);
        return err_set(err, ERR_NO_MEMORY, "out of memory for record ids");
    }
    *out = d;
    return 0;
}

void doubles_free(struct doubles *doubles)
{
    if (doubles == NULL)
        return;
    free(doubles->hash);
    free(doubles->found);
    free(doubles);
}

/* There are more than fit: the upper half of the part is left for the next reading. */
static void narrow(struct doubles *d)
{
    size_t kept = 0;
    d->to = d->from + (d->to - d->from) / 2;
    for (size_t i = 0; i < d->hashes; i++)
        if (d->hash[i] <= d->to)
            d->hash[kept++] = d->hash[i];
    d->hashes = kept;
}

void doubles_add(struct doubles *doubles, const char *id)
{
    const uint64_t hash = hash_of(doubles, id);
    while (doubles->hashes == doubles->at_once && doubles->from < doubles->to)
        narrow(doubles);
    if (hash >= doubles->from && hash <= doubles->to && doubles->hashes < doubles->at_once)
        doubles->hash[doubles->hashes++] = hash;
}

static int note(struct doubles *d, uint64_t hash, struct err *err)
{
    if (d->founds == DOUBLES_MAX)
        return err_set(err, ERR_INPUT, "more than %u record ids stand on several rows: is it the right column?",
                       DOUBLES_MAX);
    if (d->founds == d->room) {
        const size_t room = d->room > 0 ? 2 * d->room : 64;
        uint64_t *grown = realloc(d->found, room * sizeof *grown);
        if (grown == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for record ids");
        d->found = grown;
        d->room = room;
    }
    d->found[d->founds++] = hash;
    return 0;
}

int doubles_end(struct doubles *doubles, bool *again, struct err *err)
{
    struct doubles *d = doubles;
    int rc = 0;
    qsort(d->hash, d->hashes, sizeof *d->hash, by_value);
    for (size_t i = 1; rc == 0 && i < d->hashes; i++)
        if (d->hash[i] == d->hash[i - 1] && (i == 1 || d->hash[i] != d->hash[i - 2]))
            rc = note(d, d->hash[i], err);
    d->hashes = 0;
    *again = rc == 0 && d->to < UINT64_MAX;
    if (*again) {
        const uint64_t width = d->to - d->from;
        d->from = d->to + 1;
        d->to = width < UINT64_MAX - d->from ? d->from + width : UINT64_MAX;
    }
    return rc; /* the parts come in ascending order, and so do their hashes */
}

bool doubles_have(const struct doubles *doubles, const char *id)
{
    const uint64_t hash = hash_of(doubles, id);
    return doubles->founds > 0 && bsearch(&hash, doubles->found, doubles->founds, sizeof hash, by_value) != NULL;
}

size_t doubles_count(const struct doubles *doubles)
{
    return doubles->founds;
}
