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
