/*
 * Payloads: as they come (the first byte even), and as a partner who knows the seal key may have sealed them (odd), so
 * that the slots' content is reached.
 */
#include "client/payload/payload.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const uint8_t tag[WIRE_TAG_SIZE] = {1}, seal_key[SEAL_KEY_SIZE] = {2};
static const struct payload_context context = {"region", "persons", "THA", 1, tag, seal_key};
static const struct schema schema = {
    .threshold = 5,
    .cap = 4,
    .keys = 3,
    .key = {{.id = "a", .weight = 3}, {.id = "b", .weight = 2}, {.id = "c", .weight = 1}}};

/* Whatever the slots hold, a handle comes of the weights of distinct keys alone. */
static void recover(const uint8_t *slots, size_t count)
{
    const uint8_t *slot[SCHEMA_CAP_MAX];
    uint8_t handle[HANDLE_SIZE];
    unsigned weight = 0, seen = 0;
    for (size_t i = 0; i < count; i++) {
        slot[i] = slots + i * slot_size(&schema);
        unsigned key = slot[i][PSEUDONYM_SIZE];
        FUZZ_HOLDS(key < schema.keys);
        weight += (seen >> key & 1) == 0 ? schema.key[key].weight : 0;
        seen |= 1u << key;
    }
    FUZZ_HOLDS(handle_recover(handle, &schema, slot, count) == (weight >= schema.threshold));
}

static void open(struct span payload)
{
    struct buf slots = buf_of(WIRE_PAYLOAD_MAX);
    struct err err = {0};
    size_t count = 0;
    if (payload_open(&slots, &count, &schema, &context, payload, &err) == 0) {
        FUZZ_HOLDS(slots.len == count * slot_size(&schema) && count <= schema.cap);
        recover(slots.data, count);
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
    } else if (payload_seal(&payload, &schema, &context, data + 1, (size - 1) / slot_size(&schema), &err) == 0) {
        open(buf_span(&payload));
    }
    buf_free(&payload);
    return 0;
}
