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

/* A token for each letter: the seal key of "a" is a run of 'a' and 'A'. */
static inline void vault_test_token(struct token *out, char letter)
{
    vault_test_fill(out->seal_key, SEAL_KEY_SIZE, (const char[]){letter, (char)(letter - 'a' + 'A'), '\0'});
    token_tag(out->tag, out->seal_key);
}

static inline void vault_test_tag(uint8_t out[TAG_SIZE], char letter)
{
    struct token token;
    vault_test_token(&token, letter);
    memcpy(out, token.tag, TAG_SIZE);
}

static inline char vault_test_letter(const uint8_t tag[TAG_SIZE])
{
    uint8_t one[TAG_SIZE];
    for (char letter = 'a'; letter <= 'z'; letter++) {
        vault_test_tag(one, letter);
        if (memcmp(one, tag, TAG_SIZE) == 0)
            return letter;
    }
    fail_msg("a tag that no letter has");
    return '\0';
}

/* A record with a token for each letter. Not settled. */
static inline struct vault_ref vault_test_record(int64_t domain, const char *id, const char *tags)
{
    struct vault_ref record;
    struct vault_token token[SCHEMA_TOKENS_MAX];
    struct vault_record values = {.id = id};
    size_t n = strlen(tags);
    memcpy(values.digest, vault_test_digest, sizeof values.digest);
    for (size_t j = 0; j < n; j++) {
        token[j].key = (uint8_t)(tags[j] - 'a');
        vault_test_token(&token[j].token, tags[j]);
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
