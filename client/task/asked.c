#include "client/task/asked.h"

#include <sodium.h>
#include <string.h>

#define INPUTS_BYTES_MAX (SCHEMA_TOKENS_MAX * 8192u)

static void digest_question(struct asked *a, const struct vault *vault)
{
    uint8_t both[32 + ELEMENTS_PACKED_MAX];
    vault_digest(vault, buf_span(&a->bytes), both);
    memcpy(both + 32, a->elements, a->elements_len);
    vault_digest(vault, span_of(both, 32 + a->elements_len), a->digest);
    sodium_memzero(both, sizeof both);
}

int asked_fill(struct asked *out, const struct agency *agency, const struct agency_purpose *purpose,
               const struct person *person, struct err *err)
{
    *out = (struct asked){.purpose = purpose, .bytes = buf_of(INPUTS_BYTES_MAX)};
    int rc = match_keys_of_person(&purpose->schema, person, &out->inputs, &out->bytes, err);
    if (rc != 0 || out->inputs.count == 0)
        return rc;
    out->elements_len = elements_pack_person(out->elements, person);
    for (size_t i = 0; i < out->inputs.count; i++)
        out->keys |= 1u << out->inputs.key[i];
    digest_question(out, agency->vault);
    rc = vault_question_seed(agency->vault, purpose->domain, out->digest, out->seed, &out->is_kept, err);
    record_secret_derive(&out->secret, out->seed);
    return rc;
}

void asked_wipe(struct asked *asked)
{
    if (asked->bytes.data != NULL)
        sodium_memzero(asked->bytes.data, asked->bytes.len);
    buf_free(&asked->bytes);
    sodium_memzero(asked, sizeof *asked);
}

bool asked_collide(const struct asked *a, const struct asked *b)
{
    for (size_t i = 0; a->purpose == b->purpose && i < a->inputs.count; i++)
        for (size_t k = 0; k < b->inputs.count; k++)
            if (a->inputs.input[i].len == b->inputs.input[k].len &&
                memcmp(a->inputs.input[i].data, b->inputs.input[k].data, a->inputs.input[i].len) == 0)
                return true;
    return false;
}
