/* Schemas: what is accepted keeps the bounds that payloads rely on. */
#include "client/schema/schema.h"
#include "client/payload/payload.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct schema schema;
    struct err err = {0};
    unsigned sum = 0;
    if (schema_parse(&schema, data, size, &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0');
        return 0;
    }
    FUZZ_HOLDS(schema.keys >= 1 && schema.keys <= SCHEMA_KEYS_MAX && schema.slots >= 1 &&
               schema.slots <= SCHEMA_SLOTS_MAX);
    for (size_t j = 0; j < schema.keys; j++) {
        FUZZ_HOLDS(schema.key[j].weight >= 1 && schema.key[j].weight <= SCHEMA_WEIGHT_MAX);
        FUZZ_HOLDS(schema.key[j].cap >= 1 && schema.key[j].cap <= schema.slots);
        sum += schema.key[j].weight;
    }
    FUZZ_HOLDS(sum >= SCHEMA_WEIGHT_MAX && payload_size(&schema) < WIRE_PAYLOAD_MAX);
    return 0;
}
