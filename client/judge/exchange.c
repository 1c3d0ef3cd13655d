#include "client/judge/exchange.h"

#include "protocol/base/cursor.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* The test of this file leaves out one check at a time, to show what a forgery would come to without it. */
#ifndef JUDGE_CHECK
#define JUDGE_CHECK(name, call) (call)
#endif

void exchange_init(struct exchange *exchange)
{
    *exchange =
        (struct exchange){.state = EXCHANGE_NEW, .letter1 = buf_of(PSI_LETTER_MAX), .letter2 = buf_of(PSI_LETTER_MAX)};
}

void exchange_free(struct exchange *exchange)
{
    buf_free(&exchange->letter1);
    buf_free(&exchange->letter2);
    if (exchange->cases != NULL)
        sodium_memzero(exchange->cases, exchange->pairs * sizeof *exchange->cases);
    free(exchange->cases);
    exchange->cases = NULL;
    exchange->pairs = 0;
}

static int keep_cases(struct exchange *x, const struct judge_case *cases, size_t pairs, struct err *err)
{
    x->cases = calloc(pairs, sizeof *cases);
    if (x->cases == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory to judge %zu pairs", pairs);
    if (cases != NULL)
        memcpy(x->cases, cases, pairs * sizeof *cases);
    x->pairs = pairs;
    return 0;
}

/* --- for the vault: state u8, each letter behind its length u32be, pairs u16be, cases --- */

static int put_letter(struct buf *out, const struct buf *letter, struct err *err)
{
    uint8_t len[4];
    bytes_put_u32be(len, (uint32_t)letter->len);
    int rc = buf_put(out, len, sizeof len, err);
    return rc != 0 || letter->len == 0 ? rc : buf_put(out, letter->data, letter->len, err);
}

static int put_case(struct buf *out, const struct judge_case *c, struct err *err)
{
    uint8_t head[2 * PSI_HANDLE_SIZE + 4], packed[ELEMENTS_PACKED_MAX];
    memcpy(head, c->own, PSI_HANDLE_SIZE);
    memcpy(head + PSI_HANDLE_SIZE, c->other, PSI_HANDLE_SIZE);
    bytes_put_u32be(head + sizeof head - 4, c->keys);
    int rc = buf_put(out, head, sizeof head, err);
    if (rc == 0)
        rc = buf_put_part(out, span_of(packed, elements_pack(packed, &c->elements)), err);
    sodium_memzero(packed, sizeof packed);
    return rc;
}

int exchange_pack(struct buf *out, const struct exchange *exchange, struct err *err)
{
    uint8_t head[3] = {(uint8_t)exchange->state};
    bytes_put_u16be(head + 1, (uint16_t)exchange->pairs);
    int rc = buf_put(out, head, sizeof head, err);
    if (rc == 0)
        rc = put_letter(out, &exchange->letter1, err);
    if (rc == 0)
        rc = put_letter(out, &exchange->letter2, err);
    for (size_t p = 0; rc == 0 && p < exchange->pairs; p++)
        rc = put_case(out, &exchange->cases[p], err);
    return rc;
}

static int take_letter(struct buf *out, struct cursor *c, struct err *err)
{
    const size_t len = cursor_u32be(c);
    const uint8_t *letter = cursor_take(c, len);
    return letter == NULL || len == 0 ? 0 : buf_put(out, letter, len, err);
}

static bool take_case(struct judge_case *out, struct cursor *c)
{
    cursor_copy(c, out->own, sizeof out->own);
    cursor_copy(c, out->other, sizeof out->other);
    out->keys = cursor_u32be(c);
    const size_t len = cursor_u16be(c);
    const uint8_t *packed = cursor_take(c, len);
    return packed != NULL && elements_unpack(&out->elements, span_of(packed, len));
}

int exchange_unpack(struct exchange *out, struct span packed, struct err *err)
{
    struct cursor c = cursor_of(packed);
    exchange_init(out);
    const unsigned state = cursor_u8(&c), pairs = cursor_u16be(&c);
    bool whole = state <= EXCHANGE_OVER && pairs <= JUDGE_PAIRS_MAX;
    out->state = (enum exchange_state)state;
    int rc = take_letter(&out->letter1, &c, err);
    if (rc == 0)
        rc = take_letter(&out->letter2, &c, err);
    if (rc == 0 && whole && pairs > 0)
        rc = keep_cases(out, NULL, pairs, err);
    for (size_t p = 0; rc == 0 && whole && p < pairs; p++)
        whole = take_case(&out->cases[p], &c);
    if (rc == 0 && !(whole && cursor_ends(&c)))
        rc = err_set(err, ERR_INPUT, "an exchange of judging is damaged");
    if (rc != 0)
        exchange_free(out);
    return rc;
}

static struct psi_context context_of(const struct judge_terms *t, bool begins)
{
    struct psi_context c = {.region = t->region, .purpose = t->purpose, .epoch = t->epoch};
    memcpy(c.identity_b, begins ? t->own : t->other, sizeof c.identity_b);
    memcpy(c.identity_e, begins ? t->other : t->own, sizeof c.identity_e);
    return c;
}

static int expect_state(const struct exchange *x, enum exchange_state state, struct err *err)
{
    if (x->state == state)
        return 0;
    return err_set(err, ERR_VERIFY, "a letter of judging comes where none, or another, is awaited");
}

/* --- what stands in letters beside the elements --- */

static void put_note(struct psi_note *out, const struct judge_case *c)
{
    bytes_put_u32be(out->bytes, c->keys);
    bytes_put_u32be(out->bytes + 4, presence_pack(&c->elements.presence));
}

static int read_note(uint32_t *keys, struct presence *presence, const struct psi_note *note, struct err *err)
{
    *keys = bytes_get_u32be(note->bytes);
    if (!presence_unpack(presence, bytes_get_u32be(note->bytes + 4)))
        return err_set(err, ERR_INPUT, "a note of judging tells of more fields than there are");
    return 0;
}

static void put_slots(struct psi_slot *out, const struct elements *elements)
{
    for (size_t i = 0; i < JUDGE_SLOTS; i++)
        out[i] = (struct psi_slot){.field = ELEMENT_FIELDS};
    for (size_t i = 0; i < ELEMENT_SLOTS; i++) {
        const struct element_slot *s = &elements->slot[i];
        out[i].field = s->field;
        if (s->len > 0)
            out[i].value = span_of(s->value, s->len);
    }
}

static uint32_t documents_of(const struct schema *schema, uint32_t keys)
{
    return keys & schema_keys_of(schema, CLASS_DOCUMENT);
}

/* Room for the slots and notes of all pairs, and for what is found of them. */
struct desk {
    struct psi_pair *pair;
    struct psi_note *note;
    struct psi_slot *slot;
    uint8_t *agree;
};

static void desk_free(struct desk *d)
{
    free(d->pair);
    free(d->note);
    free(d->slot);
    free(d->agree);
}

static int desk_new(struct desk *d, size_t pairs, struct err *err)
{
    *d = (struct desk){calloc(pairs, sizeof *d->pair), calloc(pairs, sizeof *d->note),
                       calloc(pairs * JUDGE_SLOTS, sizeof *d->slot), calloc(pairs, JUDGE_SLOTS)};
    if (d->pair != NULL && d->note != NULL && d->slot != NULL && d->agree != NULL)
        return 0;
    desk_free(d);
    return err_set(err, ERR_NO_MEMORY, "no memory to judge %zu pairs", pairs);
}

/* --- letter 1 --- */

static int fill_and_begin(struct exchange *x, struct desk *d, const struct judge_terms *terms, const uint8_t *id,
                          const struct judge_case *cases, size_t pairs, struct err *err)
{
    const struct psi_context context = context_of(terms, true);
    for (size_t p = 0; p < pairs; p++) {
        memcpy(d->pair[p].handle_b, cases[p].own, PSI_HANDLE_SIZE);
        memcpy(d->pair[p].handle_e, cases[p].other, PSI_HANDLE_SIZE);
        put_note(&d->note[p], &cases[p]);
        put_slots(&d->slot[p * JUDGE_SLOTS], &cases[p].elements);
    }
    return psi_begin(&x->letter1, &context, terms->secret, id, d->pair, d->note, d->slot, pairs, JUDGE_SLOTS, err);
}

int exchange_begin(struct exchange *exchange, const struct judge_terms *terms, const uint8_t id[PSI_EXCHANGE_SIZE],
                   const struct judge_case *cases, size_t pairs, struct err *err)
{
    struct desk desk;
    int rc = expect_state(exchange, EXCHANGE_NEW, err);
    if (rc == 0 && (pairs == 0 || pairs > JUDGE_PAIRS_MAX))
        rc = err_set(err, ERR_INTERNAL, "an exchange is about 1 to %d pairs", JUDGE_PAIRS_MAX);
    if (rc == 0)
        rc = desk_new(&desk, pairs, err);
    if (rc != 0)
        return rc;
    rc = fill_and_begin(exchange, &desk, terms, id, cases, pairs, err);
    desk_free(&desk);
    if (rc == 0)
        rc = keep_cases(exchange, cases, pairs, err);
    if (rc == 0)
        exchange->state = EXCHANGE_BEGUN;
    else
        buf_clear(&exchange->letter1);
    return rc;
}

/* --- letter 2 --- */

static int compare_pairs(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct psi_pair));
}

static int check_twice(const struct psi_letter1 *l1, struct err *err)
{
    struct psi_pair pair[JUDGE_PAIRS_MAX];
    memcpy(pair, l1->pair, l1->pairs * sizeof *pair);
    qsort(pair, l1->pairs, sizeof *pair, compare_pairs);
    for (size_t p = 1; p < l1->pairs; p++)
        if (compare_pairs(&pair[p - 1], &pair[p]) == 0)
            return err_set(err, ERR_VERIFY, "a pair stands twice in a letter of judging");
    return 0;
}

int exchange_pairs(struct psi_letter1 *out, struct span letter1, struct err *err)
{
    int rc = psi_letter1_read(out, letter1, err);
    if (rc == 0 && out->slots != JUDGE_SLOTS)
        rc = err_set(err, ERR_INPUT, "a letter of judging has %zu slots a record and not %d", out->slots, JUDGE_SLOTS);
    if (rc == 0)
        rc = JUDGE_CHECK(TWICE, check_twice(out, err));
    return rc;
}

/* Who names fewer documents as shared than there are could end a pair without telling what it learned. */
static int check_notes(const struct judge_terms *terms, const struct psi_letter1 *l1, const struct judge_case *cases,
                       uint8_t *status, struct err *err)
{
    struct presence presence;
    uint32_t keys;
    int rc = 0;
    for (size_t p = 0; rc == 0 && p < l1->pairs; p++) {
        rc = read_note(&keys, &presence, &l1->note[p], err);
        if (rc == 0 && status[p] == PSI_ON &&
            documents_of(terms->schema, keys) != documents_of(terms->schema, cases[p].keys))
            status[p] = PSI_UNKNOWN;
    }
    return rc;
}

static int is_same_letter(const struct exchange *x, struct span letter1, struct err *err)
{
    if (letter1.len > 0 && x->letter1.len == letter1.len && memcmp(x->letter1.data, letter1.data, letter1.len) == 0)
        return 0;
    return err_set(err, ERR_VERIFY, "an exchange of judging is begun a second time by another letter");
}

static int fill_and_answer(struct buf *letter2, struct desk *d, const struct judge_terms *terms, struct span letter1,
                           const struct psi_letter1 *l1, const struct judge_case *cases, const uint8_t *status,
                           struct err *err)
{
    const struct psi_context context = context_of(terms, false);
    for (size_t p = 0; p < l1->pairs; p++)
        if (status[p] == PSI_ON) {
            put_note(&d->note[p], &cases[p]);
            put_slots(&d->slot[p * JUDGE_SLOTS], &cases[p].elements);
        }
    return psi_answer(letter2, &context, terms->secret, letter1, d->note, d->slot, JUDGE_SLOTS, status, err);
}

int exchange_answer(struct exchange *exchange, const struct judge_terms *terms, struct span letter1,
                    const struct judge_case *cases, uint8_t *status, struct err *err)
{
    struct psi_letter1 l1;
    struct desk desk;
    if (exchange->state == EXCHANGE_ANSWERED || exchange->state == EXCHANGE_OVER)
        return JUDGE_CHECK(SAME, is_same_letter(exchange, letter1, err));
    int rc = expect_state(exchange, EXCHANGE_NEW, err);
    if (rc == 0)
        rc = exchange_pairs(&l1, letter1, err);
    if (rc == 0)
        rc = check_notes(terms, &l1, cases, status, err);
    if (rc == 0)
        rc = buf_put(&exchange->letter1, letter1.data, letter1.len, err);
    if (rc == 0 && (rc = desk_new(&desk, l1.pairs, err)) == 0) {
        rc = fill_and_answer(&exchange->letter2, &desk, terms, letter1, &l1, cases, status, err);
        desk_free(&desk);
    }
    if (rc == 0)
        rc = keep_cases(exchange, cases, l1.pairs, err);
    if (rc == 0) {
        exchange->state = EXCHANGE_ANSWERED;
        return 0;
    }
    buf_clear(&exchange->letter1);
    buf_clear(&exchange->letter2);
    return rc;
}

/* --- outcomes --- */

static enum judge_state state_of(uint8_t status)
{
    static const enum judge_state state[] = {
        [PSI_ON] = JUDGE_JUDGED,
        [PSI_DIFFERENT] = JUDGE_DIFFERENT,
        [PSI_UNKNOWN] = JUDGE_UNKNOWN,
        [PSI_LIMIT] = JUDGE_LIMIT,
    };
    return state[status];
}

/* note: the other's. agree: PSI slots. */
static int judge(struct judge_outcome *out, const struct judge_terms *terms, const struct judge_case *c,
                 const struct psi_note *note, const uint8_t *agree, struct err *err)
{
    struct judgement_input input;
    uint32_t keys;
    int rc = read_note(&keys, &out->other, note, err);
    if (rc != 0)
        return rc;
    out->keys = keys & c->keys;
    memcpy(out->agree, agree, sizeof out->agree);
    judgement_input_of(&input, &c->elements, out->agree, &out->other, documents_of(terms->schema, out->keys) != 0);
    out->judgement = score_pair(terms->schema, &input);
    return 0;
}

/* --- letter 3 --- */

static int judge_all(struct judge_outcome *outcome, uint8_t *status, const struct judge_terms *terms,
                     const struct psi_letter2 *l2, const struct judge_case *cases, const uint8_t *agree,
                     struct err *err)
{
    int rc = 0;
    for (size_t p = 0; rc == 0 && p < l2->pairs; p++) {
        struct judge_outcome *o = &outcome[p];
        *o = (struct judge_outcome){.state = JUDGE_WAITING, .keys = cases[p].keys};
        status[p] = l2->status[p];
        if (status[p] == PSI_ON)
            rc = judge(o, terms, &cases[p], &l2->note[p], agree + p * JUDGE_SLOTS, err);
        if (rc == 0 && status[p] == PSI_ON && o->judgement.kind == MATCH_NONE &&
            documents_of(terms->schema, o->keys) == 0) {
            status[p] = PSI_DIFFERENT;
            o->judgement = (struct judgement){.kind = MATCH_NONE};
        }
        o->state = state_of(status[p]);
    }
    return rc;
}

int exchange_end(struct exchange *exchange, struct buf *letter3, struct judge_outcome *outcome,
                 const struct judge_terms *terms, struct span letter2, struct err *err)
{
    const struct psi_context context = context_of(terms, true);
    struct psi_comparison *comparison = NULL;
    struct psi_letter2 l2;
    struct desk desk;
    uint8_t status[JUDGE_PAIRS_MAX];
    int rc = expect_state(exchange, EXCHANGE_BEGUN, err);
    if (rc == 0)
        rc = psi_letter2_read(&l2, letter2, err);
    if (rc == 0)
        rc = desk_new(&desk, exchange->pairs, err);
    if (rc != 0)
        return rc;
    rc = psi_compare(&comparison, desk.agree, &context, terms->secret, buf_span(&exchange->letter1), letter2, err);
    if (rc == 0)
        rc = judge_all(outcome, status, terms, &l2, exchange->cases, desk.agree, err);
    if (rc == 0)
        rc = psi_end(letter3, comparison, status, err);
    psi_comparison_free(comparison);
    desk_free(&desk);
    if (rc == 0)
        exchange->state = EXCHANGE_OVER;
    return rc;
}

/* --- the end --- */

/* A shared document and "different" do not go together: the other would know and not tell. */
static int check_documents(const struct judge_terms *terms, const struct psi_letter1 *l1, const struct psi_letter3 *l3,
                           const struct judge_case *cases, struct err *err)
{
    for (size_t p = 0; p < l3->pairs; p++)
        if (l3->status[p] == PSI_DIFFERENT &&
            documents_of(terms->schema, bytes_get_u32be(l1->note[p].bytes) & cases[p].keys) != 0)
            return err_set(err, ERR_VERIFY, "letter 3 ends pair %zu, which a document opened", p);
    return 0;
}

static int conclude_all(struct judge_outcome *outcome, const struct judge_terms *terms, const struct psi_letter1 *l1,
                        const struct psi_letter3 *l3, const struct judge_case *cases, const uint8_t *agree,
                        struct err *err)
{
    int rc = 0;
    for (size_t p = 0; rc == 0 && p < l3->pairs; p++) {
        outcome[p] = (struct judge_outcome){.state = state_of(l3->status[p])};
        if (l3->status[p] == PSI_ON)
            rc = judge(&outcome[p], terms, &cases[p], &l1->note[p], agree + p * JUDGE_SLOTS, err);
    }
    return rc;
}

int exchange_conclude(struct exchange *exchange, struct judge_outcome *outcome, const struct judge_terms *terms,
                      struct span letter3, struct err *err)
{
    const struct psi_context context = context_of(terms, false);
    struct psi_letter1 l1;
    struct psi_letter3 l3;
    struct desk desk;
    int rc = expect_state(exchange, EXCHANGE_ANSWERED, err);
    if (rc == 0)
        rc = exchange_pairs(&l1, buf_span(&exchange->letter1), err);
    if (rc == 0)
        rc = psi_letter3_read(&l3, letter3, err);
    if (rc == 0)
        rc = desk_new(&desk, l1.pairs, err);
    if (rc != 0)
        return rc;
    rc = psi_conclude(desk.agree, &context, buf_span(&exchange->letter1), buf_span(&exchange->letter2), letter3, err);
    if (rc == 0)
        rc = JUDGE_CHECK(DOCUMENTS, check_documents(terms, &l1, &l3, exchange->cases, err));
    if (rc == 0)
        rc = conclude_all(outcome, terms, &l1, &l3, exchange->cases, desk.agree, err);
    desk_free(&desk);
    if (rc == 0)
        exchange->state = EXCHANGE_OVER;
    return rc;
}
