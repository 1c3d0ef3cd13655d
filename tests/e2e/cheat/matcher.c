/*
 * A matcher that cheats: linked in place of the honest one's functions (--wrap). CONCORD_CHEAT says how:
 *   grant     it takes everybody for partners of everybody, whatever the manifest says
 *   payload   it changes a bit of what it hands out
 *   invent    it hands out another entry than its ledger says: the tag of one with the payload of the one before
 *   omit      it hands out one less than its ledger says
 *   again     in the place of the last it hands out the first once more
 *   prekey    it forgets the prekeys that it has, so that a party begins its chain anew
 *   flip      a bit of every other proof is another, as if it had been damaged
 * So the ledger stays as it should be, but for `grant` and `prekey`.
 */
#include "matcher/join/world.h"
#include "matcher/store/store.h"
#include "protocol/wire/entry.h"
#include "protocol/wire/ledger.h"
#include "protocol/wire/mailbox.h"

#include <stdlib.h>
#include <string.h>

bool __real_world_mutual(const struct world *world, size_t purpose, size_t a, size_t b);
bool __wrap_world_mutual(const struct world *world, size_t purpose, size_t a, size_t b);
bool __real_world_mutual_ids(const struct world *world, uint16_t purpose, uint16_t a, uint16_t b);
bool __wrap_world_mutual_ids(const struct world *world, uint16_t purpose, uint16_t a, uint16_t b);
int __real_fetch_reply_encode(struct buf *out, const struct fetch_reply *in, struct err *err);
int __wrap_fetch_reply_encode(struct buf *out, const struct fetch_reply *in, struct err *err);
int __real_query_reply_encode(struct buf *out, const struct query_reply *in, struct err *err);
int __wrap_query_reply_encode(struct buf *out, const struct query_reply *in, struct err *err);

int __real_store_prekey_get(struct store *store, uint16_t party, struct store_prekey *out, struct buf *bytes,
                            struct err *err);
int __wrap_store_prekey_get(struct store *store, uint16_t party, struct store_prekey *out, struct buf *bytes,
                            struct err *err);
int __real_proof_reply_encode(struct buf *out, const struct proof_reply *in, struct err *err);
int __wrap_proof_reply_encode(struct buf *out, const struct proof_reply *in, struct err *err);

static bool cheats(const char *how)
{
    const char *cheat = getenv("CONCORD_CHEAT");
    return cheat != NULL && strcmp(cheat, how) == 0;
}

bool __wrap_world_mutual(const struct world *world, size_t purpose, size_t a, size_t b)
{
    return (cheats("grant") && a != b) || __real_world_mutual(world, purpose, a, b);
}

bool __wrap_world_mutual_ids(const struct world *world, uint16_t purpose, uint16_t a, uint16_t b)
{
    return (cheats("grant") && a != b) || __real_world_mutual_ids(world, purpose, a, b);
}

int __wrap_proof_reply_encode(struct buf *out, const struct proof_reply *in, struct err *err)
{
    static unsigned proofs;
    int rc = __real_proof_reply_encode(out, in, err);
    if (rc == 0 && in->proof.len > 0 && cheats("flip") && proofs++ % 2 == 0)
        out->data[out->len - 1] ^= 1;
    return rc;
}

/* The payload with a bit changed, in room for the longest. */
static struct span changed(uint8_t room[WIRE_PAYLOAD_MAX], struct span payload)
{
    memcpy(room, payload.data, payload.len);
    room[payload.len / 2] ^= 1;
    return span_of(room, payload.len);
}

int __wrap_fetch_reply_encode(struct buf *out, const struct fetch_reply *in, struct err *err)
{
    static uint8_t room[WIRE_PAYLOAD_MAX];
    struct fetch_reply reply = *in;
    size_t last = in->count - 1;
    if (in->count < 2 || in->message[0].kind != MAILBOX_MATCH)
        return __real_fetch_reply_encode(out, in, err);
    reply.message = malloc(in->count * sizeof *reply.message);
    memcpy(reply.message, in->message, in->count * sizeof *reply.message);
    if (cheats("payload"))
        reply.message[0].payload = changed(room, reply.message[0].payload);
    if (cheats("invent"))
        reply.message[last].payload = reply.message[last - 1].payload;
    if (cheats("omit"))
        reply.count--;
    if (cheats("again")) {
        reply.message[last] = reply.message[0];
        reply.message[last].sequence = in->message[last].sequence;
    }
    int rc = __real_fetch_reply_encode(out, &reply, err);
    free(reply.message);
    return rc;
}

int __wrap_query_reply_encode(struct buf *out, const struct query_reply *in, struct err *err)
{
    static uint8_t room[WIRE_PAYLOAD_MAX];
    struct query_reply reply = *in;
    if (in->hits == 0)
        return __real_query_reply_encode(out, in, err);
    reply.hit = malloc(in->hits * sizeof *reply.hit);
    memcpy(reply.hit, in->hit, in->hits * sizeof *reply.hit);
    if (cheats("payload"))
        reply.hit[0].payload = changed(room, reply.hit[0].payload);
    if (cheats("omit"))
        reply.hits--;
    int rc = __real_query_reply_encode(out, &reply, err);
    free(reply.hit);
    return rc;
}

int __wrap_store_prekey_get(struct store *store, uint16_t party, struct store_prekey *out, struct buf *bytes,
                            struct err *err)
{
    return cheats("prekey") ? err_set(err, ERR_NOT_FOUND, "there is none")
                            : __real_store_prekey_get(store, party, out, bytes, err);
}
