#include "protocol/group/scalar.h"
#include "protocol/oprf/oprf_internal.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/*
 * Additive blinding: B = H(x) + r*G goes out, k*B comes back, and k*B - r*K = k*H(x) because K = k*G. So a blind
 * is the pair (r*G, r*K); r itself is forgotten at once. Both halves are multiplications of
 * known bases, where multiplicative blinding costs two of unknown ones and an inversion.
 *
 * It stands on K being the true key (the manifest's signature) and the evaluations being made with its shares
 * (the proofs): otherwise whoever chose K would learn something of x from what we do with the output.
 */
struct oprf_client {
    struct point public_key;
    struct group_base *base;
    pthread_mutex_t lock; /* guards what follows */
    size_t ahead;         /* blinds that were made beforehand */
    struct point g[OPRF_AHEAD], k[OPRF_AHEAD];
};

struct oprf_batch {
    size_t n;
    const struct span *input;
    struct point *blinded;    /* as sent */
    struct element *encoded;  /* the same */
    struct point *correction; /* r*K: what the evaluation carries too much */
};

#define CHUNK 64
_Static_assert(CHUNK % SCALAR_SEED_STEP == 0, "chunks begin where scalar_from_seed() can");
_Static_assert(OPRF_SEED_SIZE == SCALAR_SEED_SIZE, "a seed is the scalars' seed");

int oprf_client_new(struct oprf_client **out, const struct element *public_key, struct err *err)
{
    *out = NULL;
    struct oprf_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory for an OPRF client");
    pthread_mutex_init(&client->lock, NULL);
    int rc = oprf_decode(&client->public_key, public_key, 1, "public key", err);
    if (rc != 0)
        goto fail;
    client->base = group_base_new(public_key, err);
    if (client->base == NULL) {
        rc = err_set(err, ERR_NO_MEMORY, "no memory for an OPRF client");
        goto fail;
    }
    *out = client;
    return 0;
fail:
    oprf_client_free(client);
    return rc;
}

void oprf_client_free(struct oprf_client *client)
{
    if (client == NULL)
        return;
    group_base_free(client->base);
    pthread_mutex_destroy(&client->lock);
    sodium_memzero(client, sizeof *client);
    free(client);
}

/* g[i] = r*G, k[i] = r*K for fresh r, or for those of a seed. */
static void blinds_make(const struct oprf_client *client, struct point *g, struct point *k, size_t n,
                        const uint8_t *seed)
{
    struct scalar r[CHUNK];
    for (size_t done = 0, len; done < n; done += len) {
        len = n - done < CHUNK ? n - done : CHUNK;
        if (seed != NULL)
            scalar_from_seed(r, done, len, seed);
        else
            scalar_random_batch(r, len);
        group_base_mul(g + done, group_generator(), r, len);
        group_base_mul(k + done, client->base, r, len);
    }
    sodium_memzero(r, sizeof r);
}

/* Takes those that were made beforehand, and makes the rest. */
static void blinds_take(struct oprf_client *client, struct point *g, struct point *k, size_t n)
{
    pthread_mutex_lock(&client->lock);
    const size_t taken = client->ahead < n ? client->ahead : n;
    client->ahead -= taken;
    memcpy(g, client->g + client->ahead, taken * sizeof *g);
    memcpy(k, client->k + client->ahead, taken * sizeof *k);
    sodium_memzero(client->g + client->ahead, taken * sizeof *g);
    sodium_memzero(client->k + client->ahead, taken * sizeof *k);
    pthread_mutex_unlock(&client->lock);
    blinds_make(client, g + taken, k + taken, n - taken, NULL);
}

bool oprf_client_prepare(struct oprf_client *client, size_t most)
{
    struct point g[CHUNK], k[CHUNK];
    pthread_mutex_lock(&client->lock);
    const size_t room = OPRF_AHEAD - client->ahead;
    pthread_mutex_unlock(&client->lock);
    size_t n = room < most ? room : most;
    n = n < CHUNK ? n : CHUNK;
    blinds_make(client, g, k, n, NULL);
    pthread_mutex_lock(&client->lock);
    const size_t left = OPRF_AHEAD - client->ahead; /* another thread may have filled it */
    n = n < left ? n : left;
    memcpy(client->g + client->ahead, g, n * sizeof *g);
    memcpy(client->k + client->ahead, k, n * sizeof *k);
    client->ahead += n;
    const bool more = client->ahead < OPRF_AHEAD;
    pthread_mutex_unlock(&client->lock);
    sodium_memzero(g, sizeof g);
    sodium_memzero(k, sizeof k);
    return more;
}

static int batch_new(struct oprf_batch **out, const struct span *input, size_t n, struct err *err)
{
    if (n == 0 || n > OPRF_BATCH_MAX)
        return err_set(err, ERR_INPUT, "a batch of %zu inputs is outside 1..%d", n, OPRF_BATCH_MAX);
    struct oprf_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL)
        goto no_memory;
    batch->n = n;
    batch->input = input;
    batch->blinded = malloc(n * sizeof *batch->blinded);
    batch->encoded = malloc(n * sizeof *batch->encoded);
    batch->correction = calloc(n, sizeof *batch->correction);
    if (batch->blinded == NULL || batch->encoded == NULL || batch->correction == NULL)
        goto no_memory;
    *out = batch;
    return 0;
no_memory:
    oprf_batch_free(batch);
    return err_set(err, ERR_NO_MEMORY, "no memory to blind %zu inputs", n);
}

void oprf_batch_free(struct oprf_batch *batch)
{
    if (batch == NULL)
        return;
    if (batch->correction != NULL)
        sodium_memzero(batch->correction, batch->n * sizeof *batch->correction);
    free(batch->blinded);
    free(batch->encoded);
    free(batch->correction);
    free(batch);
}

int oprf_client_blind(struct oprf_client *client, struct oprf_batch **batch, struct element *blinded,
                      const struct span *input, size_t n, const uint8_t seed[OPRF_SEED_SIZE], struct err *err)
{
    *batch = NULL;
    struct oprf_batch *b = NULL;
    struct point *hashed = NULL;
    int rc = batch_new(&b, input, n, err);
    if (rc != 0)
        return rc;
    hashed = malloc(n * sizeof *hashed);
    if (hashed == NULL) {
        rc = err_set(err, ERR_NO_MEMORY, "no memory to blind %zu inputs", n);
        goto out;
    }
    rc = oprf_hash_to_group(hashed, input, n, err);
    if (rc != 0)
        goto out;
    if (seed != NULL)
        blinds_make(client, b->blinded, b->correction, n, seed);
    else
        blinds_take(client, b->blinded, b->correction, n);
    group_add(b->blinded, b->blinded, hashed, n);
    group_encode(b->encoded, b->blinded, n);
    memcpy(blinded, b->encoded, n * sizeof *blinded);
    *batch = b;
    b = NULL;
out:
    if (hashed != NULL)
        sodium_memzero(hashed, n * sizeof *hashed);
    free(hashed);
    oprf_batch_free(b);
    return rc;
}

/* What the coalition's keys add up to must be the group key: unblinding subtracts a multiple of that. */
static int check_share_keys(const struct oprf_client *client, const struct element *share_keys, size_t coalition,
                            struct err *err)
{
    if (coalition == 0 || coalition > OPRF_COALITION_MAX)
        return err_set(err, ERR_INPUT, "a coalition of %zu custodians is outside 1..%d", coalition, OPRF_COALITION_MAX);
    struct point key[OPRF_COALITION_MAX];
    int rc = oprf_decode(key, share_keys, coalition, "share key", err);
    if (rc != 0)
        return rc;
    for (size_t c = 1; c < coalition; c++)
        group_add(&key[0], &key[0], &key[c], 1);
    if (!group_equal(&key[0], &client->public_key))
        return err_set(err, ERR_INPUT, "the keys of the coalition's %zu custodians do not add up to the group key",
                       coalition);
    return 0;
}

int oprf_client_finalise(struct oprf_client *client, struct oprf_batch *batch, uint8_t (*output)[OPRF_OUTPUT_SIZE],
                         const struct element *const *evaluated, const struct oprf_proof *proofs,
                         const struct element *share_keys, size_t coalition, size_t *cheat, struct err *err)
{
    int rc = check_share_keys(client, share_keys, coalition, err);
    if (rc != 0)
        return rc;
    size_t n = batch->n;
    struct element *unblinded = NULL;
    struct point *sum = malloc(2 * n * sizeof *sum);
    if (sum == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory to finalise %zu evaluations", n);
    struct point *part = sum + n;
    for (size_t c = 0; c < coalition; c++) {
        struct point *p = c == 0 ? sum : part;
        rc = oprf_decode(p, evaluated[c], n, "evaluated element", err);
        if (rc == 0)
            rc = dleq_verify_vartime(&proofs[c], &share_keys[c], (struct dleq_elements){batch->encoded, batch->blinded},
                                     (struct dleq_elements){evaluated[c], p}, n, err);
        if (rc == ERR_INPUT || rc == ERR_VERIFY) {
            if (cheat != NULL)
                *cheat = c;
            err->code = ERR_VERIFY;
            rc = err_wrap(err, "custodian %zu of %zu in the coalition", c + 1, coalition);
        }
        if (rc != 0)
            goto out;
        if (c > 0)
            group_add(sum, sum, part, n);
    }
    unblinded = malloc(n * sizeof *unblinded);
    if (unblinded == NULL) {
        rc = err_set(err, ERR_NO_MEMORY, "no memory to finalise %zu evaluations", n);
        goto out;
    }
    group_sub(sum, sum, batch->correction, n);
    group_encode(unblinded, sum, n);
    oprf_hash_output(output, batch->input, unblinded, n);
    sodium_memzero(unblinded, n * sizeof *unblinded);
out:
    sodium_memzero(sum, 2 * n * sizeof *sum);
    free(sum);
    free(unblinded);
    return rc;
}
