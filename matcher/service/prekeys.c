#include "matcher/service/prekeys.h"

#include "matcher/service/proven.h"
#include "protocol/wire/letter.h"

#include <stdlib.h>

/* The statements lie one behind the other in bytes. */
struct finding {
    struct matcher *matcher;
    struct prekeys_item item[WIRE_PARTNERS_MAX];
    size_t count;
    struct buf bytes;
    struct proven events;
};

static int find_one(struct finding *f, const struct world *world, const uint8_t digest[PARTY_DIGEST_SIZE],
                    struct err *err)
{
    struct store_prekey prekey;
    struct buf value = buf_of(8 + STORE_PREKEY_MAX);
    const uint16_t id = store_agency(f->matcher->store, digest);
    int rc = id != 0 && region_find_party_by_digest(world->region, digest) != NULL
                 ? store_prekey_get(f->matcher->store, id, &prekey, &value, err)
                 : ERR_NOT_FOUND;
    if (rc == 0)
        rc = buf_put(&f->bytes, prekey.statement.data, prekey.statement.len, err);
    if (rc == 0)
        f->item[f->count++] = (struct prekeys_item){prekey.leaf, {NULL, prekey.statement.len}};
    buf_free(&value);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int compare_leaves(const void *a, const void *b)
{
    const uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return one < other ? -1 : one > other;
}

static int prove(struct finding *f, struct prekeys_reply *reply, struct buf *checkpoint, struct err *err)
{
    struct ledger *ledger = store_ledger(f->matcher->store);
    uint64_t leaf[WIRE_PARTNERS_MAX], size;
    if (f->count == 0)
        return 0;
    for (size_t i = 0; i < f->count; i++)
        leaf[i] = f->item[i].leaf;
    qsort(leaf, f->count, sizeof leaf[0], compare_leaves);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < f->count; i++)
        rc = proven_add(&f->events, leaf[i], err);
    if (rc == 0)
        rc = ledger_checkpoint(ledger, checkpoint, err);
    if (rc == 0)
        rc = proven_size(&size, buf_span(checkpoint), err);
    if (rc == 0)
        rc = proven_fill(&f->events, ledger, size, &reply->events, err);
    reply->checkpoint = buf_span(checkpoint);
    return rc;
}

static void place_statements(struct finding *f)
{
    const uint8_t *at = f->bytes.data; /* the buffer has grown to its place by now */
    for (size_t i = 0; i < f->count; i++) {
        f->item[i].statement.data = at;
        at += f->item[i].statement.len;
    }
}

int matcher_prekeys(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err)
{
    struct prekeys_request ask;
    struct finding *f = calloc(1, sizeof *f);
    struct buf checkpoint = buf_of(LEDGER_CHECKPOINT_MAX);
    if (f == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for prekeys");
    f->matcher = matcher;
    f->bytes = buf_of(WIRE_PARTNERS_MAX * STORE_PREKEY_MAX);
    proven_init(&f->events);
    struct prekeys_reply reply = {.item = f->item};
    int rc = prekeys_request_decode(&ask, asked->in->body, err);
    for (size_t at = 0; rc == 0 && at < ask.parties.len; at += PARTY_DIGEST_SIZE)
        rc = find_one(f, asked->world, ask.parties.data + at, err);
    place_statements(f);
    reply.count = f->count;
    if (rc == 0)
        rc = prove(f, &reply, &checkpoint, err);
    if (rc == 0)
        rc = prekeys_reply_encode(body, &reply, err);
    proven_free(&f->events);
    buf_free(&f->bytes);
    buf_free(&checkpoint);
    free(f);
    return rc;
}
