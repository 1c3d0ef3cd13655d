/*
 * The ceremony's files. The first byte chooses: a ceremony; a contribution as it came; a contribution that its author
 * signed, so that what stands behind the signature is reached; a share file; a complaint as it came; one that was
 * signed so; an answer to one.
 */
#include "keys/ceremony/ceremony.h"
#include "keys/ceremony/complaint.h"
#include "keys/ceremony/share.h"
#include "protocol/identity/identity.h"
#include "tests/fuzz/fuzz.h"

#include <sodium.h>
#include <string.h>

static struct identity author;
static struct ceremony ceremony;

static void prepare(void)
{
    if (author.party.name[0] != '\0')
        return;
    FUZZ_HOLDS(group_init(ERR_IGNORED) == 0);
    fuzz_identity(&author, "custodian-1", 1);
    ceremony.threshold = 1;
    ceremony.custodian[0] = author.party;
    ceremony.custodian_count = 1;
    strcpy(ceremony.purpose[0].name, "persons");
    ceremony.purpose[0].epoch = 1;
    ceremony.purpose_count = 1;
}

static void read_ceremony(const void *data, size_t size)
{
    static struct ceremony read;
    struct err err = {0};
    if (ceremony_load(&read, fuzz_file(data, size), &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
    else
        FUZZ_HOLDS(read.threshold >= 1 && read.threshold <= read.custodian_count &&
                   read.custodian_count <= REGION_CUSTODIANS_MAX && read.purpose_count <= REGION_PURPOSES_MAX);
}

static void read_contribution(const void *data, size_t size)
{
    static struct contribution parts[REGION_PURPOSES_MAX];
    struct err err = {0};
    uint8_t digest[32];
    size_t from;
    if (contribution_read(parts, &from, digest, &ceremony, fuzz_file(data, size), &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
    else if (contribution_check(&parts[0], &ceremony, 0, from, &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
}

static void read_complaint(const void *data, size_t size)
{
    struct complaint complaint;
    struct err err = {0};
    if (complaint_read(&complaint, &ceremony, fuzz_file(data, size), &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
    else
        FUZZ_HOLDS(complaint.by < ceremony.custodian_count && complaint.against < ceremony.custodian_count &&
                   complaint.purpose < ceremony.purpose_count);
}

static void read_answer(const void *data, size_t size)
{
    const struct complaint complaint = {0};
    struct err err = {0};
    uint8_t deal[32];
    if (answer_read(deal, &complaint, &ceremony, fuzz_file(data, size), &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
}

static void sign_for(void (*reader)(const void *, size_t), const void *data, size_t size)
{
    uint8_t signature[crypto_sign_BYTES];
    json_t *json = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
    char *text = json_is_object(json) ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text != NULL) {
        crypto_sign_detached(signature, NULL, (const uint8_t *)text, strlen(text), author.sign_secret);
        free(text);
        json_object_set_new(json, "signature", json_hex(signature, sizeof signature));
        text = json_dumps(json, 0);
        reader(text, strlen(text));
    }
    free(text);
    json_decref(json);
}

static void sign_and_read(const void *data, size_t size)
{
    sign_for(read_contribution, data, size);
}

static void sign_and_complain(const void *data, size_t size)
{
    sign_for(read_complaint, data, size);
}

static void read_shares(const void *data, size_t size)
{
    static struct shares shares;
    struct err err = {0};
    shares.count = 0;
    if (shares_load(&shares, fuzz_file(data, size), &author, &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
    FUZZ_HOLDS(shares.count <= SHARES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(const void *, size_t) = {
        read_ceremony, read_contribution, sign_and_read, read_shares, read_complaint, sign_and_complain, read_answer};
    if (size == 0)
        return 0;
    prepare();
    readers[data[0] % ARRAY_LEN(readers)](data + 1, size - 1);
    return 0;
}
