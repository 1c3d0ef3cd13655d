/* What the tests of the group and the OPRF share: cmocka, and a check that prints the error it did not expect. */
#ifndef TESTS_UNIT_GROUP_TEST_H
#define TESTS_UNIT_GROUP_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "protocol/base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void check_ok(int rc, const struct err *err)
{
    if (rc != 0)
        fail_msg("unexpected error %d: %s", rc, err->text);
}

#endif
