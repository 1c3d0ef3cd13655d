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
    FUZZ_HOLDS(schema.keys >= 1 && schema.keys <= SCHEMA_KEYS_MAX && schema.cap >= 1 && schema.cap <= SCHEMA_CAP_MAX);
    for (size_t j = 0; j < schema.keys; j++) {
        FUZZ_HOLDS(schema.key[j].weight >= 1 && schema.key[j].weight <= SCHEMA_WEIGHT_MAX);
        sum += schema.key[j].weight;
    }
    FUZZ_HOLDS(sum <= 255 && schema.threshold >= 1 && schema.threshold <= sum);
    FUZZ_HOLDS(slot_size(&schema) * schema.cap < WIRE_PAYLOAD_MAX);
    return 0;
}
