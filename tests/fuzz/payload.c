/*
 * Payloads: as they come (the first byte even), and as a partner who knows the seal key may have sealed them (odd), so
 * that the slots' content is reached.
 */
#include "client/payload/payload.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const uint8_t owner[PARTY_DIGEST_SIZE] = {3}, tag[WIRE_TAG_SIZE] = {1}, seal_key[SEAL_KEY_SIZE] = {2};
static const struct payload_context context = {"region", "persons", owner, 1, tag, seal_key};
static const struct schema schema = {
    .slots = 4, .keys = 3, .key = {{.id = "a", .weight = 2}, {.id = "b", .weight = 1}, {.id = "c", .weight = 1}}};

/* What opens a record is what a record makes. */
static void recover(const uint8_t *slots)
{
    struct record_secret record;
    uint8_t again[SLOT_SIZE];
    for (unsigned i = 0; i < schema.slots; i++) {
        const struct slot slot = {&context, 0, slots + i * SLOT_SIZE};
        if (!slot_recover(&record, &slot))
            continue;
        FUZZ_HOLDS(slot_belongs(&slot, &record));
        slot_make(again, &schema, &context, &record, 0);
        FUZZ_HOLDS(slot_belongs(&(struct slot){&context, 0, again}, &record));
    }
    const struct slot b = {&context, 1, slots}, c = {&context, 2, slots + SLOT_SIZE};
    if (slot_recover_pair(&record, &b, &c))
        FUZZ_HOLDS(slot_belongs(&b, &record) && slot_belongs(&c, &record));
}

static void open(struct span payload)
{
    struct buf slots = buf_of(WIRE_PAYLOAD_MAX);
    struct err err = {0};
    if (payload_open(&slots, &schema, &context, payload, &err) == 0) {
        FUZZ_HOLDS(slots.len == schema.slots * SLOT_SIZE && payload.len == payload_size(&schema));
        recover(slots.data);
    } else {
        FUZZ_HOLDS(err.text[0] != '\0' && slots.len == 0);
    }
    buf_free(&slots);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf payload = buf_of(WIRE_PAYLOAD_MAX);
    struct err err = {0};
    if (size == 0)
        return 0;
    if (data[0] % 2 == 0) {
        open(span_of(data + 1, size - 1));
    } else if (payload_seal(&payload, &schema, &context, data + 1, (size - 1) / SLOT_SIZE, &err) == 0) {
        open(buf_span(&payload));
    }
    buf_free(&payload);
    return 0;
}
