/* Accounts of the desk: whoever was signed in is told from whoever may sign in since. */
#include "client/office/account.h"
#include "client/vault/vault.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vault_test.h"

static void open_vault(void)
{
    MUST(vault_open(&vault, path, secret, why));
}

static uint64_t changed_at(void)
{
    struct vault_account a;
    bool found;
    MUST(vault_account_get(vault, "malee", &a, &found, why));
    assert_true(found);
    return a.at;
}

static void each_change_has_a_time_of_its_own(void **state)
{
    (void)state;
    char uri[TOTP_URI_MAX];
    uint64_t before;
    MUST(account_add(vault, "malee", ROLE_OFFICER, "a password of hers", why));
    for (int i = 0; i < 20; i++) {
        before = changed_at();
        MUST(account_set_locked(vault, "malee", i % 2 == 0, why));
        assert_true(changed_at() > before);
    }
    before = changed_at();
    MUST(account_set_totp(vault, "malee", true, uri, why));
    assert_true(changed_at() > before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_change_has_a_time_of_its_own, setup, teardown),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("office_account", tests, NULL, NULL);
}
