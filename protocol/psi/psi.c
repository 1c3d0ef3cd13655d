#include "protocol/psi/psi.h"

#include "protocol/group/scalar.h"
#include "protocol/psi/elements.h"
#include "protocol/psi/proof.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* The test of this file leaves out one check at a time, to show what a forgery would come to without it. */
#ifndef PSI_CHECK
#define PSI_CHECK(name, call) (call)
#endif

/* --- what both roles do --- */

/* The pairs that go on, in order. */
struct pair_list {
    size_t index[PSI_PAIRS_MAX], count;
};

static void list_pairs(struct pair_list *out, const uint8_t *status, size_t pairs)
{
    out->count = 0;
    for (size_t p = 0; p < pairs; p++)
        if (status[p] == PSI_ON)
            out->index[out->count++] = p;
}

/* The elements of the pairs that go on, side by side: `each` of them a pair, from a list that has `stride` a pair. */
static void gather(struct element *out, const struct element *in, size_t stride, size_t each,
                   const struct pair_list *on)
{
    for (size_t k = 0; k < on->count; k++)
        memcpy(out + k * each, in + on->index[k] * stride, each * sizeof *out);
}

static int check_identity(const struct element *in, size_t n, const char *what, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (sodium_is_zero(in[i].bytes, sizeof in[i].bytes))
            return err_set(err, ERR_VERIFY, "%s %zu of %zu is the identity", what, i, n);
    return 0;
}

/* gather(), decoded; the identity, which is multiplied to itself by any secret, is refused. */
static int take_points(struct point *out, const struct element *in, size_t stride, size_t each,
                       const struct pair_list *on, const char *what, struct err *err)
{
    const size_t n = on->count * each;
    struct element *packed = malloc((n > 0 ? n : 1) * sizeof *packed);
    if (packed == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory for %zu elements", n);
    gather(packed, in, stride, each, on);
    int rc = PSI_CHECK(IDENTITY, check_identity(packed, n, what, err));
    if (rc == 0 && (rc = group_decode(out, packed, n, NULL, err)) != 0)
        rc = err_wrap(err, "%s", what);
    free(packed);
    return rc;
}

static int compare_elements(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct element));
}

/* Within a pair nobody has an element twice, and nobody sends back as its own what it was sent. */
static int check_distinct(const struct psi_letter1 *l1, const struct psi_letter2 *l2, const struct pair_list *on,
                          struct err *err)
{
    struct element all[2 + 3 * PSI_SLOTS_MAX];
    for (size_t k = 0; k < on->count; k++) {
        const size_t p = on->index[k], slots = l1->slots;
        size_t n = 0;
        all[n++] = l1->key[p];
        memcpy(all + n, l1->list + p * slots, slots * sizeof *all);
        n += slots;
        if (l2 != NULL) {
            all[n++] = l2->key[p];
            memcpy(all + n, l2->list + p * 2 * slots, 2 * slots * sizeof *all);
            n += 2 * slots;
        }
        qsort(all, n, sizeof *all, compare_elements);
        for (size_t i = 1; i < n; i++)
            if (compare_elements(&all[i - 1], &all[i]) == 0)
                return err_set(err, ERR_VERIFY, "an element stands twice in pair %zu", p);
    }
    return 0;
}

static int check_answered(const uint8_t expected[32], const uint8_t *exchange, const uint8_t *own_exchange,
                          const uint8_t *answered, struct err *err)
{
    if (memcmp(exchange, own_exchange, PSI_EXCHANGE_SIZE) != 0 || memcmp(answered, expected, 32) != 0)
        return err_set(err, ERR_VERIFY, "a letter of judging answers another letter than the one that was sent");
    return 0;
}

/* Ended pairs are zeros, and so is what the proof does not use: a letter has one form. size: of a pair, in bytes. */
static int check_zeros(const void *in, size_t size, const uint8_t *status, size_t pairs, struct err *err)
{
    for (size_t p = 0; p < pairs; p++)
        if (status[p] != PSI_ON && !sodium_is_zero((const uint8_t *)in + p * size, size))
            return err_set(err, ERR_INPUT, "pair %zu does not go on and is not zero", p);
    return 0;
}

static int check_status(const uint8_t *status, size_t pairs, uint8_t most, const uint8_t *proof, size_t on,
                        struct err *err)
{
    for (size_t p = 0; p < pairs; p++)
        if (status[p] > most)
            return err_set(err, ERR_INPUT, "pair %zu has the unknown status %u", p, status[p]);
    if (!sodium_is_zero(proof + PROOF_SIZE(on), PROOF_SIZE(pairs) - PROOF_SIZE(on)))
        return err_set(err, ERR_INPUT, "a proof of %zu pairs is followed by something", on);
    return 0;
}

/* The hashes of letters 1 and 2, and of letters 2 and 3 up to their proofs. */
static void digest1(uint8_t out[32], const struct names *names, struct span letter1)
{
    exchange_digest(out, "concord judge letter 1", span_of(names->bytes, names->len), letter1);
}

static void digest2(uint8_t out[32], struct span letter2)
{
    exchange_digest(out, "concord judge letter 2", letter2, (struct span){NULL, 0});
}

static void digest_proven(uint8_t out[32], struct span letter, size_t pairs)
{
    exchange_digest(out, "concord judge proof", span_of(letter.data, letter.len - PROOF_SIZE(pairs)),
                    (struct span){NULL, 0});
}

static uint8_t *put_start(uint8_t *at, const uint8_t exchange[PSI_EXCHANGE_SIZE], size_t pairs, size_t slots)
{
    memcpy(at, exchange, PSI_EXCHANGE_SIZE);
    bytes_put_u16be(at + PSI_EXCHANGE_SIZE, (uint16_t)pairs);
    at[PSI_EXCHANGE_SIZE + 2] = (uint8_t)slots;
    return at + PSI_EXCHANGE_SIZE + 3;
}

static void put_keys(struct element *out, const struct exchange_secret *secret, const struct pair_list *on)
{
    struct point p[PSI_PAIRS_MAX];
    struct scalar k[PSI_PAIRS_MAX];
    struct element e[PSI_PAIRS_MAX];
    for (size_t i = 0; i < on->count; i++)
        k[i] = secret->exponent[on->index[i]];
    group_base_mul(p, group_generator(), k, on->count);
    group_encode(e, p, on->count);
    for (size_t i = 0; i < on->count; i++)
        out[on->index[i]] = e[i];
    sodium_memzero(k, sizeof k);
}

/* Multiplies `each` points of every pair that goes on by the pair's secret and puts them in their places. */
static int put_multiples(struct element *out, struct point *in, const struct exchange_secret *secret, size_t each,
                         const struct pair_list *on, struct err *err)
{
    const size_t n = on->count * each;
    struct element *packed = malloc((n > 0 ? n : 1) * sizeof *packed);
    struct scalar half;
    if (packed == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory for %zu elements", n);
    for (size_t k = 0; k < on->count; k++) {
        scalar_halve(&half, &secret->exponent[on->index[k]]);
        group_mul(in + k * each, &half, in + k * each, each);
    }
    sodium_memzero(&half, sizeof half);
    group_encode_doubled(packed, in, n);
    for (size_t k = 0; k < on->count; k++)
        memcpy(out + on->index[k] * each, packed + k * each, each * sizeof *out);
    free(packed);
    return 0;
}

static int prove(uint8_t *out, struct span letter, const struct exchange_secret *secret, const struct point *decoded,
                 size_t pairs, size_t slots, const struct pair_list *on, struct err *err)
{
    uint8_t proven[32];
    struct scalar k[PSI_PAIRS_MAX];
    for (size_t i = 0; i < on->count; i++)
        k[i] = secret->exponent[on->index[i]];
    digest_proven(proven, letter, pairs);
    int rc = proof_make(out, proven, k, decoded, on->count, slots, err);
    sodium_memzero(k, sizeof k);
    return rc;
}

static int check_proof(const uint8_t *proof, struct span letter, const struct point *key, const struct point *decoded,
                       const struct point *multiple, size_t pairs, size_t slots, size_t on, struct err *err)
{
    uint8_t proven[32];
    digest_proven(proven, letter, pairs);
    return proof_verify_vartime(proof, proven, key, decoded, multiple, on, slots, err);
}

/* Zeroed room for a letter at the end of out, whose length is not yet changed. */
static uint8_t *make_room(struct buf *out, size_t len, struct err *err)
{
    uint8_t *at = buf_reserve(out, len, err);
    if (at != NULL)
        memset(at, 0, len);
    return at;
}

static struct point *new_points(size_t n, struct err *err)
{
    struct point *p = malloc((n > 0 ? n : 1) * sizeof *p);
    if (p == NULL)
        err_set(err, ERR_NO_MEMORY, "no memory for %zu elements", n);
    return p;
}

/* --- letter 1 --- */

/* The exponents are bound to the pairs, too, in case an exchange is named twice. */
static void derive_a(struct exchange_secret *out, const uint8_t secret[PSI_SECRET_SIZE], const uint8_t *exchange,
                     const struct names *names, const struct psi_pair *pair, size_t pairs)
{
    uint8_t material[PSI_EXCHANGE_SIZE + 32];
    memcpy(material, exchange, PSI_EXCHANGE_SIZE);
    exchange_digest(material + PSI_EXCHANGE_SIZE, "concord judge pairs", span_of(names->bytes, names->len),
                    span_of(pair, pairs * sizeof *pair));
    exchange_derive(out, secret, 'a', material, sizeof material, pairs);
}

int psi_begin(struct buf *letter1, const struct psi_context *context, const uint8_t secret[PSI_SECRET_SIZE],
              const uint8_t exchange[PSI_EXCHANGE_SIZE], const struct psi_pair *pair, const struct psi_note *note,
              const struct psi_slot *slot, size_t pairs, size_t slots, struct err *err)
{
    static const uint8_t all_on[PSI_PAIRS_MAX];
    if (pairs == 0 || pairs > PSI_PAIRS_MAX || slots == 0 || slots > PSI_SLOTS_MAX)
        return err_set(err, ERR_INPUT, "%zu pairs of %zu slots, the limits are %d and %d", pairs, slots, PSI_PAIRS_MAX,
                       PSI_SLOTS_MAX);
    const size_t len =
        PSI_EXCHANGE_SIZE + 3 + pairs * (sizeof *pair + sizeof *note + (1 + slots) * sizeof(struct element));
    struct exchange_secret own;
    struct names names;
    struct pair_list on;
    struct point *p = NULL;
    uint8_t *at = NULL;
    list_pairs(&on, all_on, pairs);
    int rc = slots_check(slot, pairs * slots, err);
    if (rc == 0)
        rc = names_write(&names, context, err);
    if (rc == 0 && (p = new_points(pairs * slots, err)) == NULL)
        rc = err_code(err);
    if (rc == 0 && (at = make_room(letter1, len, err)) == NULL)
        rc = err_code(err);
    if (rc == 0) {
        derive_a(&own, secret, exchange, &names, pair, pairs);
        at = put_start(at, exchange, pairs, slots);
        memcpy(at, pair, pairs * sizeof *pair);
        at += pairs * sizeof *pair;
        memcpy(at, note, pairs * sizeof *note);
        at += pairs * sizeof *note;
        put_keys((struct element *)at, &own, &on);
        at += pairs * sizeof(struct element);
    }
    for (size_t i = 0; rc == 0 && i < pairs; i++)
        rc = elements_hash(p + i * slots, &names, &pair[i], &own, i, slot + i * slots, slots, err);
    if (rc == 0)
        rc = put_multiples((struct element *)at, p, &own, slots, &on, err);
    if (rc == 0)
        letter1->len += len;
    if (p != NULL)
        sodium_memzero(p, pairs * slots * sizeof *p);
    free(p);
    sodium_memzero(&own, sizeof own);
    return rc;
}

/* --- letter 2 --- */

/* What E works with. */
struct answer {
    const struct psi_letter1 *l1;
    struct names names;
    struct exchange_secret own;
    struct pair_list on;
    struct point *theirs; /* [on][slot]: list 1 */
    struct point *both;   /* [on][2 * slots]: list 1, then E's own elements, all of them once multiplied */
    uint8_t answered[32];
};

static int hash_own(struct answer *a, const struct psi_slot *slot, struct err *err)
{
    const size_t slots = a->l1->slots;
    int rc = 0;
    for (size_t k = 0; rc == 0 && k < a->on.count; k++) {
        const size_t p = a->on.index[k];
        struct point *to = a->both + k * 2 * slots;
        memcpy(to, a->theirs + k * slots, slots * sizeof *to);
        rc = slots_check(slot + p * slots, slots, err);
        if (rc == 0)
            rc = elements_hash(to + slots, &a->names, &a->l1->pair[p], &a->own, p, slot + p * slots, slots, err);
    }
    return rc;
}

static int check_letter1(struct answer *a, struct err *err)
{
    const struct psi_letter1 *l1 = a->l1;
    struct point *key = new_points(a->on.count, err);
    int rc = key != NULL ? take_points(key, l1->key, 1, 1, &a->on, "key of letter 1", err) : err_code(err);
    if (rc == 0)
        rc = take_points(a->theirs, l1->list, l1->slots, l1->slots, &a->on, "element of letter 1", err);
    if (rc == 0)
        rc = PSI_CHECK(DISTINCT, check_distinct(l1, NULL, &a->on, err));
    free(key);
    return rc;
}

static int write_letter2(struct buf *out, struct answer *a, const uint8_t *status, const struct psi_note *note,
                         struct err *err)
{
    const size_t pairs = a->l1->pairs, slots = a->l1->slots;
    const size_t proven =
        PSI_EXCHANGE_SIZE + 3 + 32 + pairs * (1 + sizeof *note + (1 + 2 * slots) * sizeof(struct element));
    uint8_t *letter = make_room(out, proven + PROOF_SIZE(pairs), err);
    if (letter == NULL)
        return err_code(err);
    uint8_t *at = put_start(letter, a->l1->exchange, pairs, slots);
    memcpy(at, a->answered, 32);
    memcpy(at + 32, status, pairs);
    at += 32 + pairs;
    for (size_t k = 0; k < a->on.count; k++)
        memcpy(at + a->on.index[k] * sizeof *note, &note[a->on.index[k]], sizeof *note);
    at += pairs * sizeof *note;
    put_keys((struct element *)at, &a->own, &a->on);
    at += pairs * sizeof(struct element);
    int rc = put_multiples((struct element *)at, a->both, &a->own, 2 * slots, &a->on, err);
    if (rc == 0)
        rc = prove(letter + proven, span_of(letter, proven + PROOF_SIZE(pairs)), &a->own, a->theirs, pairs, slots,
                   &a->on, err);
    if (rc == 0)
        out->len += proven + PROOF_SIZE(pairs);
    return rc;
}

int psi_answer(struct buf *letter2, const struct psi_context *context, const uint8_t secret[PSI_SECRET_SIZE],
               struct span letter1, const struct psi_note *note, const struct psi_slot *slot, size_t slots,
               const uint8_t *status, struct err *err)
{
    struct psi_letter1 l1;
    struct answer a = {.l1 = &l1};
    int rc = psi_letter1_read(&l1, letter1, err);
    if (rc == 0 && l1.slots != slots)
        rc = err_set(err, ERR_INPUT, "a letter of judging has %zu slots a record, the schema %zu", l1.slots, slots);
    if (rc == 0)
        rc = names_write(&a.names, context, err);
    if (rc != 0)
        return rc;
    list_pairs(&a.on, status, l1.pairs);
    digest1(a.answered, &a.names, letter1);
    exchange_derive(&a.own, secret, 'b', a.answered, sizeof a.answered, l1.pairs);
    a.theirs = new_points(a.on.count * slots, err);
    a.both = new_points(a.on.count * 2 * slots, err);
    rc = a.theirs != NULL && a.both != NULL ? check_letter1(&a, err) : err_code(err);
    if (rc == 0)
        rc = hash_own(&a, slot, err);
    if (rc == 0)
        rc = write_letter2(letter2, &a, status, note, err);
    if (a.both != NULL)
        sodium_memzero(a.both, a.on.count * 2 * slots * sizeof *a.both);
    free(a.theirs);
    free(a.both);
    sodium_memzero(&a.own, sizeof a.own);
    return rc;
}

/* --- letter 3 --- */

struct psi_comparison {
    size_t pairs, slots;
    uint8_t exchange[PSI_EXCHANGE_SIZE], answered[32], status[PSI_PAIRS_MAX];
    struct exchange_secret own;
    struct point *list;       /* [on][slot]: E's own elements, as they came */
    struct element *multiple; /* [pair][slot]: times a */
};

void psi_comparison_free(struct psi_comparison *c)
{
    if (c == NULL)
        return;
    free(c->list);
    free(c->multiple);
    sodium_memzero(c, sizeof *c);
    free(c);
}

/* Everything that letter 2 claims. own: E's own list decoded. */
static int check_letter2(struct point *own, const struct psi_letter1 *l1, const struct psi_letter2 *l2,
                         const struct pair_list *on, struct err *err)
{
    const size_t slots = l1->slots, n = on->count * slots;
    struct point *p = new_points(on->count + 2 * n, err), *ours, *returned;
    if (p == NULL)
        return err_code(err);
    ours = p + on->count;
    returned = ours + n;
    int rc = take_points(p, l2->key, 1, 1, on, "key of letter 2", err);
    if (rc == 0)
        rc = take_points(ours, l1->list, slots, slots, on, "element of letter 1", err);
    if (rc == 0)
        rc = take_points(returned, l2->list, 2 * slots, slots, on, "element of letter 2", err);
    if (rc == 0)
        rc = take_points(own, l2->list + slots, 2 * slots, slots, on, "element of letter 2", err);
    if (rc == 0)
        rc = PSI_CHECK(DISTINCT, check_distinct(l1, l2, on, err));
    if (rc == 0)
        rc = PSI_CHECK(PROOF, check_proof(l2->proof, l2->bytes, p, ours, returned, l2->pairs, slots, on->count, err));
    free(p);
    return rc;
}

static int read_letter2(struct psi_letter1 *l1, struct psi_letter2 *l2, const struct psi_context *context,
                        struct names *names, struct span letter1, struct span letter2, struct err *err)
{
    uint8_t answered[32];
    int rc = psi_letter1_read(l1, letter1, err);
    if (rc == 0)
        rc = psi_letter2_read(l2, letter2, err);
    if (rc == 0)
        rc = names_write(names, context, err);
    if (rc != 0)
        return rc;
    if (l1->pairs != l2->pairs || l1->slots != l2->slots)
        return err_set(err, ERR_INPUT, "letter 2 is about %zu pairs of %zu slots, letter 1 about %zu of %zu", l2->pairs,
                       l2->slots, l1->pairs, l1->slots);
    digest1(answered, names, letter1);
    return PSI_CHECK(ANSWERED, check_answered(answered, l2->exchange, l1->exchange, l2->answered, err));
}

static int check_form2(const struct psi_letter2 *l2, size_t on, struct err *err)
{
    int rc = check_status(l2->status, l2->pairs, PSI_LIMIT, l2->proof, on, err);
    if (rc == 0)
        rc = check_zeros(l2->note, sizeof *l2->note, l2->status, l2->pairs, err);
    if (rc == 0)
        rc = check_zeros(l2->key, sizeof *l2->key, l2->status, l2->pairs, err);
    if (rc == 0)
        rc = check_zeros(l2->list, 2 * l2->slots * sizeof *l2->list, l2->status, l2->pairs, err);
    return rc;
}

static int fill_comparison(struct psi_comparison *c, uint8_t *agree, const struct psi_letter2 *l2,
                           const struct pair_list *on, struct err *err)
{
    const size_t slots = c->slots, n = on->count * slots;
    struct point *scratch = new_points(n, err);
    if (scratch == NULL)
        return err_code(err);
    if (n > 0)
        memcpy(scratch, c->list, n * sizeof *scratch);
    int rc = put_multiples(c->multiple, scratch, &c->own, slots, on, err);
    memset(agree, 0, c->pairs * slots);
    for (size_t k = 0; rc == 0 && k < on->count; k++) {
        const size_t p = on->index[k];
        elements_intersect(agree + p * slots, l2->list + p * 2 * slots, c->multiple + p * slots, slots);
    }
    free(scratch);
    return rc;
}

int psi_compare(struct psi_comparison **out, uint8_t *agree, const struct psi_context *context,
                const uint8_t secret[PSI_SECRET_SIZE], struct span letter1, struct span letter2, struct err *err)
{
    struct psi_letter1 l1;
    struct psi_letter2 l2;
    struct names names;
    struct pair_list on;
    int rc = read_letter2(&l1, &l2, context, &names, letter1, letter2, err);
    if (rc != 0)
        return rc;
    list_pairs(&on, l2.status, l2.pairs);
    const size_t elements = l1.pairs * l1.slots;
    struct psi_comparison *c = calloc(1, sizeof *c);
    if (c == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory to judge %zu pairs", l1.pairs);
    c->pairs = l1.pairs;
    c->slots = l1.slots;
    c->list = new_points(on.count * l1.slots, err);
    c->multiple = calloc(elements > 0 ? elements : 1, sizeof *c->multiple);
    memcpy(c->exchange, l1.exchange, sizeof c->exchange);
    memcpy(c->status, l2.status, l2.pairs);
    rc = c->list != NULL && c->multiple != NULL ? check_form2(&l2, on.count, err)
                                                : err_set(err, ERR_NO_MEMORY, "no memory to judge %zu pairs", l1.pairs);
    if (rc == 0)
        rc = check_letter2(c->list, &l1, &l2, &on, err);
    if (rc == 0) {
        digest2(c->answered, letter2);
        derive_a(&c->own, secret, l1.exchange, &names, l1.pair, l1.pairs);
        rc = fill_comparison(c, agree, &l2, &on, err);
    }
    if (rc != 0)
        psi_comparison_free(c);
    else
        *out = c;
    return rc;
}

/* The points that letter 3 proves about, side by side in `out`, and the pairs. A pair that letter 2 ended stays so. */
static void pairs_of_letter3(struct pair_list *on, struct point *out, uint8_t *final, const struct psi_comparison *c,
                             const uint8_t *status)
{
    size_t at = 0;
    for (size_t p = 0; p < c->pairs; p++) {
        final[p] = c->status[p] != PSI_ON ? c->status[p] : status[p];
        if (final[p] == PSI_ON)
            memcpy(out + on->count * c->slots, c->list + at * c->slots, c->slots * sizeof *out);
        if (final[p] == PSI_ON)
            on->index[on->count++] = p;
        at += c->status[p] == PSI_ON;
    }
}

int psi_end(struct buf *letter3, const struct psi_comparison *c, const uint8_t *status, struct err *err)
{
    const size_t proven = PSI_EXCHANGE_SIZE + 3 + 32 + c->pairs * (1 + c->slots * sizeof(struct element));
    const size_t len = proven + PROOF_SIZE(c->pairs);
    uint8_t final[PSI_PAIRS_MAX];
    struct pair_list on = {.count = 0};
    struct point *list = new_points(c->pairs * c->slots, err);
    uint8_t *letter = list != NULL ? make_room(letter3, len, err) : NULL, *at;
    if (letter == NULL) {
        free(list);
        return err_code(err);
    }
    pairs_of_letter3(&on, list, final, c, status);
    at = put_start(letter, c->exchange, c->pairs, c->slots);
    memcpy(at, c->answered, 32);
    memcpy(at + 32, final, c->pairs);
    at += 32 + c->pairs;
    for (size_t k = 0; k < on.count; k++)
        memcpy(at + on.index[k] * c->slots * sizeof(struct element), c->multiple + on.index[k] * c->slots,
               c->slots * sizeof(struct element));
    int rc = prove(letter + proven, span_of(letter, len), &c->own, list, c->pairs, c->slots, &on, err);
    if (rc == 0)
        letter3->len += len;
    free(list);
    return rc;
}

/* A letter 3 may end pairs, not take up one that letter 2 ended. */
static int check_form3(const struct psi_letter2 *l2, const struct psi_letter3 *l3, size_t on, struct err *err)
{
    int rc = check_status(l3->status, l3->pairs, PSI_LIMIT, l3->proof, on, err);
    for (size_t p = 0; rc == 0 && p < l3->pairs; p++)
        if (l2->status[p] != PSI_ON && l3->status[p] != l2->status[p])
            rc = err_set(err, ERR_INPUT, "letter 3 changes the status of pair %zu, which letter 2 ended", p);
    if (rc == 0)
        rc = check_zeros(l3->returned, l3->slots * sizeof *l3->returned, l3->status, l3->pairs, err);
    return rc;
}

/* key, list: what letters 1 and 2 said. */
static int check_letter3(const struct psi_letter1 *l1, const struct psi_letter2 *l2, const struct psi_letter3 *l3,
                         const struct pair_list *on, struct err *err)
{
    const size_t slots = l1->slots, n = on->count * slots;
    struct point *p = new_points(on->count + 2 * n, err), *own, *returned;
    if (p == NULL)
        return err_code(err);
    own = p + on->count;
    returned = own + n;
    int rc = take_points(p, l1->key, 1, 1, on, "key of letter 1", err);
    if (rc == 0)
        rc = take_points(own, l2->list + slots, 2 * slots, slots, on, "element of letter 2", err);
    if (rc == 0)
        rc = take_points(returned, l3->returned, slots, slots, on, "element of letter 3", err);
    if (rc == 0)
        rc = PSI_CHECK(PROOF, check_proof(l3->proof, l3->bytes, p, own, returned, l3->pairs, slots, on->count, err));
    free(p);
    return rc;
}

int psi_conclude(uint8_t *agree, const struct psi_context *context, struct span letter1, struct span letter2,
                 struct span letter3, struct err *err)
{
    struct psi_letter1 l1;
    struct psi_letter2 l2;
    struct psi_letter3 l3;
    struct names names;
    struct pair_list on;
    uint8_t answered[32];
    int rc = read_letter2(&l1, &l2, context, &names, letter1, letter2, err);
    if (rc == 0)
        rc = psi_letter3_read(&l3, letter3, err);
    if (rc == 0 && (l3.pairs != l2.pairs || l3.slots != l2.slots))
        rc = err_set(err, ERR_INPUT, "letter 3 is about %zu pairs of %zu slots, letter 2 about %zu of %zu", l3.pairs,
                     l3.slots, l2.pairs, l2.slots);
    if (rc != 0)
        return rc;
    digest2(answered, letter2);
    list_pairs(&on, l3.status, l3.pairs);
    rc = PSI_CHECK(ANSWERED, check_answered(answered, l3.exchange, l2.exchange, l3.answered, err));
    if (rc == 0)
        rc = check_form3(&l2, &l3, on.count, err);
    if (rc == 0)
        rc = check_letter3(&l1, &l2, &l3, &on, err);
    if (rc != 0)
        return rc;
    memset(agree, 0, l3.pairs * l3.slots);
    for (size_t k = 0; k < on.count; k++) {
        const size_t at = on.index[k] * l3.slots;
        elements_intersect(agree + at, l3.returned + at, l2.list + 2 * at, l3.slots);
    }
    return 0;
}
