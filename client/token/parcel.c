#include "client/token/parcel.h"

#include "client/agency/ledgers.h"
#include "client/agency/matcher.h"
#include "protocol/wire/entry.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_BYTES_MAX                                                                                              \
    (RPC_MESSAGE_MAX - (256u << 10)) /* payloads of one request; the rest is for tags and envelope */
#define ENTRY_OVERHEAD 64
#define TOKEN_SIZE (1 + RECORD_SEED_SIZE) /* of a token in `tokens`: key u8, the record's seed */
#define EXCEPT_BYTES_MAX (WIRE_EXCEPT_MAX * REGION_AGENCIES_MAX * PARTY_DIGEST_SIZE + 2 * WIRE_CHANGE_MAX)
#define TOKENS_MAX (WIRE_CHANGE_MAX * (size_t)SCHEMA_SLOTS_MAX * TOKEN_SIZE)

/* A tag and where its tokens lie. Secret: the seal key. */
struct item {
    uint8_t tag[WIRE_TAG_SIZE], seal_key[SEAL_KEY_SIZE];
    size_t first, records;
    uint8_t except; /* 0: it is for everybody; else the group of that number, from one on */
};

/* Agencies that entries of a request must not meet, as bits of their positions in the order of their digests. */
struct except_group {
    uint8_t agency[REGION_AGENCIES_MAX / 8];
};

struct parcel {
    struct agency *agency; /* only its vault's owner changes it */
    const struct agency_purpose *purpose;
    enum parcel_stage stage;
    struct item item[WIRE_CHANGE_MAX];
    size_t items;
    size_t payload_bytes; /* that the items will come to */
    size_t fresh;         /* of the items, those that the matcher does not have */
    struct purse_taken paid;
    bool is_spent; /* the matcher said so of what it names */
    struct except_group group[WIRE_EXCEPT_MAX];
    size_t groups;
    uint16_t by_digest[REGION_AGENCIES_MAX]; /* agencies of the manifest */
    struct buf except;                       /* what the groups' spans borrow while the request is encoded */
    struct buf tokens, payloads, slots, message, receipt;
    uint8_t own[PARTY_DIGEST_SIZE];
    uint8_t tags[WIRE_CHANGE_MAX][WIRE_TAG_SIZE];
    struct vault_request request; /* its body is the whole message, envelope and signature with it */
    struct wire_receipt given;    /* borrows message */
    struct rpc_client *matcher;   /* one request at a time */
    int rc;
    struct err err;
};

static int by_digest(const void *a, const void *b, void *region)
{
    const struct region *r = region;
    return memcmp(r->digests[*(const uint16_t *)a], r->digests[*(const uint16_t *)b], PARTY_DIGEST_SIZE);
}

static void sort_agencies(uint16_t out[REGION_AGENCIES_MAX], struct region *region)
{
    for (size_t i = 0; i < region->agency_count; i++)
        out[i] = (uint16_t)i;
    qsort_r(out, region->agency_count, sizeof *out, by_digest, region);
}

int parcel_new(struct parcel **out, struct agency *agency, const struct agency_purpose *purpose, struct err *err)
{
    struct parcel *p = calloc(1, sizeof *p);
    if (p == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for sending entries");
    p->agency = agency;
    p->purpose = purpose;
    party_digest(p->own, &agency->identity->party);
    sort_agencies(p->by_digest, agency->region);
    p->except = buf_of(EXCEPT_BYTES_MAX);
    p->tokens = buf_of(TOKENS_MAX);
    p->payloads = p->message = buf_of(RPC_MESSAGE_MAX);
    p->slots = buf_of(WIRE_PAYLOAD_MAX);
    p->receipt = buf_of(VAULT_RECEIPT_MAX);
    p->request.body = buf_of(RPC_MESSAGE_MAX);
    *out = p;
    return 0;
}

void parcel_free(struct parcel *parcel)
{
    if (parcel == NULL)
        return;
    rpc_client_close(parcel->matcher);
    buf_free(&parcel->tokens);
    buf_free(&parcel->payloads);
    buf_free(&parcel->slots);
    buf_free(&parcel->except);
    buf_free(&parcel->message);
    buf_free(&parcel->receipt);
    buf_free(&parcel->request.body);
    sodium_memzero(parcel, sizeof *parcel);
    free(parcel);
}

/* --- filling --- */

void parcel_begin(struct parcel *parcel, enum wire_type type)
{
    parcel->stage = PARCEL_SEALING;
    parcel->request.type = type;
    parcel->items = parcel->payload_bytes = parcel->groups = parcel->fresh = 0;
    parcel->paid.count = parcel->paid.spent.count = 0;
    buf_clear(&parcel->tokens);
}

bool parcel_is_empty(const struct parcel *parcel)
{
    return parcel->items == 0;
}

enum parcel_stage parcel_stage(const struct parcel *parcel)
{
    return parcel->stage;
}

static int add_tokens(struct parcel *p, const struct vault_unsent *unsent, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < unsent->records; i++) {
        uint8_t token[TOKEN_SIZE] = {(uint8_t)unsent->token[i].key};
        memcpy(token + 1, unsent->token[i].seed, RECORD_SEED_SIZE);
        rc = buf_put(&p->tokens, token, sizeof token, err);
    }
    return rc;
}

static bool add_except(struct except_group *out, const struct parcel *p, const char *names)
{
    const struct region *r = p->agency->region;
    bool any = false;
    for (size_t k = 0; names[0] != '\0' && k < r->agency_count; k++) {
        const size_t at = p->by_digest[k];
        if (memcmp(r->digests[at], p->own, PARTY_DIGEST_SIZE) == 0 || !except_means(names, r->agencies[at].name))
            continue;
        out->agency[k / 8] |= (uint8_t)(1u << k % 8);
        any = true;
    }
    return any;
}

/* Whom all the records that share the tag are not for, together; false: for everybody. */
static bool gather_except(struct except_group *out, const struct parcel *p, const struct vault_unsent *unsent)
{
    bool any = false;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < unsent->records; i++)
        any = add_except(out, p, unsent->token[i].except) || any;
    return unsent->records > 0 ? any : add_except(out, p, unsent->except);
}

/* The number of the entry's group. -1: a request has no room for another. */
static int group_of(struct parcel *p, const struct vault_unsent *unsent)
{
    struct except_group group;
    size_t i = 0;
    if (!gather_except(&group, p, unsent))
        return 0;
    while (i < p->groups && memcmp(&p->group[i], &group, sizeof group) != 0)
        i++;
    if (i == WIRE_EXCEPT_MAX)
        return -1;
    p->group[i] = group;
    p->groups = i == p->groups ? i + 1 : p->groups;
    return (int)i + 1;
}

int parcel_add(struct parcel *parcel, const struct vault_unsent *unsent, bool *full, struct err *err)
{
    bool put = parcel->request.type == WIRE_PUT;
    size_t bytes = parcel->payload_bytes + ENTRY_OVERHEAD + (put ? payload_size(&parcel->purpose->schema) : 0);
    *full = parcel->items == WIRE_CHANGE_MAX || bytes > REQUEST_BYTES_MAX;
    const int except = put && !*full ? group_of(parcel, unsent) : 0;
    *full = *full || except < 0;
    if (*full)
        return 0;
    struct item *item = &parcel->item[parcel->items];
    item->first = parcel->tokens.len;
    item->records = unsent->records;
    item->except = (uint8_t)except;
    memcpy(item->tag, unsent->tag, sizeof item->tag);
    memcpy(item->seal_key, unsent->seal_key, sizeof item->seal_key);
    int rc = put ? add_tokens(parcel, unsent, err) : 0;
    if (rc == 0) {
        parcel->payload_bytes = bytes;
        parcel->fresh += put && !unsent->sent_before;
        parcel->items++;
    }
    return rc;
}

void parcel_pay(struct parcel *parcel, struct purse *purse)
{
    purse_take(purse, parcel->fresh, &parcel->paid);
}

/* --- sealing --- */

/* The slots of the records that share the item's tag, to p->slots. */
static int make_slots(struct parcel *p, const struct item *item, const struct payload_context *context, struct err *err)
{
    const uint8_t *token = p->tokens.data + item->first;
    struct record_secret secret;
    buf_clear(&p->slots);
    uint8_t *slots = buf_reserve(&p->slots, SLOT_SIZE * item->records, err);
    if (slots == NULL)
        return err_code(err);
    for (size_t i = 0; i < item->records; i++, token += TOKEN_SIZE) {
        record_secret_derive(&secret, token + 1);
        slot_make(slots + i * SLOT_SIZE, &p->purpose->schema, context, &secret, token[0]);
    }
    sodium_memzero(&secret, sizeof secret);
    p->slots.len = SLOT_SIZE * item->records;
    return 0;
}

static int seal_entry(struct parcel *p, const struct item *item, struct err *err)
{
    const struct payload_context context = {
        p->agency->region->name, p->purpose->region->name, p->own, p->purpose->epoch->epoch, item->tag, item->seal_key};
    int rc = make_slots(p, item, &context, err);
    if (rc == 0)
        rc = payload_seal(&p->payloads, &p->purpose->schema, &context, p->slots.data, item->records, err);
    if (p->slots.data != NULL)
        sodium_memzero(p->slots.data, p->slots.len);
    return rc;
}

/* Partners by digest, and which entries must not meet them. */
static int write_group(struct parcel *p, size_t group, struct put_except *out, struct err *err)
{
    const struct region *r = p->agency->region;
    uint8_t position[2];
    const size_t first = p->except.len;
    int rc = 0;
    for (size_t k = 0; rc == 0 && k < r->agency_count; k++)
        if ((p->group[group].agency[k / 8] >> k % 8 & 1) != 0)
            rc = buf_put(&p->except, r->digests[p->by_digest[k]], PARTY_DIGEST_SIZE, err);
    out->partners = span_of(p->except.data + first, p->except.len - first);
    for (size_t i = 0; rc == 0 && i < p->items; i++) {
        if (p->item[i].except != group + 1)
            continue;
        bytes_put_u16be(position, (uint16_t)i);
        rc = buf_put(&p->except, position, sizeof position, err);
    }
    out->entries = span_of(out->partners.data + out->partners.len, p->except.len - first - out->partners.len);
    return rc;
}

static int encode_body(struct parcel *p, struct buf *body, struct err *err)
{
    const struct span tags = span_of(p->tags, p->items * WIRE_TAG_SIZE);
    struct put_request put = {.entries = {tags, (uint32_t)payload_size(&p->purpose->schema), buf_span(&p->payloads)},
                              .except_count = p->groups,
                              .spent = p->paid.spent};
    buf_clear(&p->except);
    if (p->groups > 0 && buf_reserve(&p->except, EXCEPT_BYTES_MAX, err) == NULL)
        return err_code(err); /* at once: the groups borrow it */
    for (size_t i = 0; i < p->groups; i++) {
        int rc = write_group(p, i, &put.except[i], err);
        if (rc != 0)
            return rc;
    }
    return p->request.type == WIRE_PUT ? put_request_encode(body, &put, err)
                                       : remove_request_encode(body, &(struct remove_request){tags}, err);
}

/* Under an id of its own. */
static int sign(struct parcel *p, struct wire_request *request, struct err *err)
{
    randombytes_buf(request->id, sizeof request->id);
    agency_sign(p->agency, &p->agency->region->matcher, request);
    memcpy(p->request.id, request->id, sizeof p->request.id);
    buf_clear(&p->request.body);
    return wire_request_encode(&p->request.body, request, err);
}

/* The message is signed once: whatever sends it again sends the very same. */
static int encode_message(struct parcel *p, struct err *err)
{
    struct wire_request request = {.type = p->request.type, .scope_count = 1};
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    int rc = encode_body(p, &body, err);
    request.scope[0].epoch = p->purpose->epoch->epoch;
    memcpy(request.scope[0].purpose, p->purpose->region->name, sizeof request.scope[0].purpose);
    request.body = buf_span(&body);
    if (rc == 0)
        rc = sign(p, &request, err);
    buf_free(&body);
    return rc;
}

static int seal(struct parcel *p, struct err *err)
{
    int rc = 0;
    buf_clear(&p->payloads);
    buf_clear(&p->request.body);
    for (size_t i = 0; rc == 0 && i < p->items; i++) {
        memcpy(p->tags[i], p->item[i].tag, WIRE_TAG_SIZE);
        rc = p->request.type == WIRE_PUT ? seal_entry(p, &p->item[i], err) : 0;
    }
    p->request.count = p->items;
    sodium_memzero(p->tokens.data, p->tokens.len);
    if (rc == 0)
        rc = encode_message(p, err);
    if (rc == 0)
        rc = vault_outbox_write(p->agency->vault, &p->request, err);
    return rc;
}

/* --- sending --- */

static int read_reply(struct parcel *p, struct span body, struct err *err)
{
    struct put_reply put;
    struct remove_reply removal;
    int rc = p->request.type == WIRE_PUT ? put_reply_decode(&put, body, err) : remove_reply_decode(&removal, body, err);
    if (rc == 0)
        p->given = p->request.type == WIRE_PUT ? put.receipt : removal.receipt;
    return rc;
}

static int send_request(struct parcel *p, struct err *err)
{
    const struct region *r = p->agency->region;
    struct wire_request request;
    struct wire_reply reply = {.status = WIRE_OK};
    buf_clear(&p->receipt);
    int rc = wire_request_decode(&request, buf_span(&p->request.body), err);
    if (rc == 0 && p->matcher == NULL)
        rc = agency_connect(p->agency, &r->matcher, r->matcher_url, AGENCY_MATCHER_TIMEOUT_MS, &p->matcher, err);
    if (rc == 0)
        rc = wire_call(p->matcher, r->matcher.name, &request, &p->message, &reply, err);
    p->is_spent = rc != 0 && reply.status == WIRE_SPENT;
    if (rc == 0)
        rc = read_reply(p, reply.body, err);
    if (rc == 0)
        rc = ledgers_receipt_verify(p->agency, &request, &p->given, &p->receipt, err);
    return rc;
}

void parcel_work(struct parcel *parcel)
{
    parcel->rc = parcel->stage == PARCEL_SEALING ? seal(parcel, &parcel->err) : send_request(parcel, &parcel->err);
}

/* --- with the vault --- */

static int failed(const struct parcel *p, struct err *err)
{
    *err = p->err;
    return p->rc;
}

int parcel_store(struct parcel *parcel, struct vault_sending *sending, struct err *err)
{
    struct vault *vault = parcel->agency->vault;
    if (parcel->rc != 0)
        return failed(parcel, err);
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_outbox_put(vault, &parcel->request, err);
    if (rc == 0)
        rc = purse_store(&parcel->paid, vault, err);
    if (rc == 0)
        rc = vault_sending_stored(sending, parcel->request.type, parcel->item[parcel->items - 1].tag, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    parcel->stage = PARCEL_SENDING;
    return rc;
}

/* Takes the place of the request in the outbox. */
static int exchange(struct parcel *p, const uint8_t old[WIRE_ID_SIZE], const struct wire_spent_list *spent,
                    struct err *err)
{
    struct vault *vault = p->agency->vault;
    int rc = vault_outbox_write(vault, &p->request, err);
    if (rc == 0)
        rc = vault_begin(vault, err);
    for (size_t i = 0; rc == 0 && i < spent->count; i++)
        rc = vault_evaluation_drop(vault, spent->item[i].custodian, spent->item[i].leaf, err);
    if (rc == 0)
        rc = vault_outbox_drop(vault, old, err);
    if (rc == 0)
        rc = vault_outbox_put(vault, &p->request, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

/* The same entries, without the receipts that are spent. */
static int name_none(struct parcel *p, struct err *err)
{
    struct put_request *put = calloc(1, sizeof *put);
    struct wire_request request;
    struct wire_spent_list spent;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    uint8_t old[WIRE_ID_SIZE];
    int rc = put == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a request")
                         : wire_request_decode(&request, buf_span(&p->request.body), err);
    if (rc == 0)
        rc = put_request_decode(put, request.body, err);
    if (rc == 0) {
        spent = put->spent;
        put->spent.count = 0;
        memcpy(old, request.id, sizeof old);
        rc = put_request_encode(&body, put, err);
    }
    request.body = buf_span(&body);
    if (rc == 0)
        rc = sign(p, &request, err);
    if (rc == 0)
        rc = exchange(p, old, &spent, err);
    buf_free(&body);
    free(put);
    return rc;
}

int parcel_finish(struct parcel *parcel, uint64_t *put, uint64_t *removed, struct err *err)
{
    struct vault *vault = parcel->agency->vault;
    if (parcel->rc != 0 && parcel->is_spent && parcel->request.type == WIRE_PUT)
        return name_none(parcel, err);
    if (parcel->rc != 0)
        return failed(parcel, err);
    int rc = ledgers_check(parcel->agency, parcel->agency->matcher, &parcel->agency->region->matcher,
                           parcel->given.checkpoint, err);
    if (rc == 0)
        rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_outbox_done(vault, parcel->request.id, buf_span(&parcel->receipt), err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    parcel->stage = PARCEL_DONE;
    if (rc == 0)
        *(parcel->request.type == WIRE_PUT ? put : removed) += parcel->request.count;
    return rc;
}

/*
 * Whether the request is about an epoch, or a purpose, that the manifest in force has no more: the matcher would refuse
 * it.
 */
static bool is_over(const struct parcel *p)
{
    const struct region *r = p->agency->region;
    struct wire_request request;
    if (wire_request_decode(&request, buf_span(&p->request.body), ERR_IGNORED) != 0 || request.scope_count != 1)
        return true;
    int purpose = region_find_purpose(r, request.scope[0].purpose);
    if (purpose >= 0 && request.type == WIRE_REMOVE)
        return region_find_epoch(&r->purposes[purpose], request.scope[0].epoch) == NULL;
    return purpose < 0 || region_current(&r->purposes[purpose])->epoch != request.scope[0].epoch;
}

static int drop(struct vault *vault, const uint8_t id[WIRE_ID_SIZE], struct err *err)
{
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_outbox_drop(vault, id, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

int parcel_send_left(struct parcel *parcel, bool *found, struct err *err)
{
    struct vault *vault = parcel->agency->vault;
    int rc = vault_outbox_next(vault, &parcel->request, found, err);
    while (rc == 0 && *found && is_over(parcel)) {
        rc = drop(vault, parcel->request.id, err);
        if (rc == 0)
            rc = vault_outbox_next(vault, &parcel->request, found, err);
    }
    if (rc == 0 && *found)
        rc = agency_meet_matcher(parcel->agency, err);
    if (rc != 0 || !*found)
        return rc;
    parcel->stage = PARCEL_SENDING;
    parcel_work(parcel);
    return 0;
}
