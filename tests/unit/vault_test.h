/* What the tests of the vault share: a vault in a directory of its own. The file that includes this defines
 * open_vault(). */
#ifndef TESTS_UNIT_VAULT_TEST_H
#define TESTS_UNIT_VAULT_TEST_H

#include "client/vault/vault.h"
#include "tests/unit/region_test.h"

#include <unistd.h>

static const uint8_t secret[32] = {8}; /* the identity's */
static char dir[64], path[96];
static struct vault *vault;

static void open_vault(void);

static const uint8_t vault_test_digest[32] = {1};

static void vault_test_fill(uint8_t *out, size_t len, const char *text)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)text[i % strlen(text)];
}

/* A record with a tag for each letter; the seal key of tag "a" is a run of 'a' and 'A'. Not settled. */
static inline struct vault_ref vault_test_record(int64_t domain, const char *id, const char *tags)
{
    struct vault_ref record;
    struct vault_token token[SCHEMA_TOKENS_MAX];
    struct vault_record values = {.id = id};
    size_t n = strlen(tags);
    memcpy(values.digest, vault_test_digest, sizeof values.digest);
    for (size_t j = 0; j < n; j++) {
        const char key[] = {tags[j], (char)(tags[j] - 'a' + 'A'), '\0'};
        token[j].key = (uint8_t)(tags[j] - 'a');
        vault_test_fill(token[j].token.tag, TAG_SIZE, (const char[]){tags[j], '\0'});
        vault_test_fill(token[j].token.seal_key, SEAL_KEY_SIZE, key);
    }
    MUST(vault_record_put(vault, domain, &values, token, n, &record, why));
    return record;
}

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/concord-vault-XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/vault.db", dir);
    open_vault();
    return 0;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    vault_close(vault);
    vault = NULL;
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

#endif
