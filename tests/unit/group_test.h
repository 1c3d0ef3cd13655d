/* What the tests of the group and the OPRF share: cmocka, and a check that prints the error it did not expect. */
#ifndef TESTS_UNIT_GROUP_TEST_H
#define TESTS_UNIT_GROUP_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "protocol/group/group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void check_ok(int rc, const struct err *err)
{
    if (rc != 0)
        fail_msg("unexpected error %d: %s", rc, err->text);
}

static const char *const group_engines[] = {"portable", "avx2", "ifma"};
#define GROUP_ENGINES (sizeof group_engines / sizeof *group_engines)

/* Changes the engine; false, with a note, if this processor has not got it. */
static inline bool use_engine(const char *name)
{
    struct err err;
    setenv("CONCORD_GROUP", name, 1);
    const int rc = group_init(&err);
    if (rc == ERR_USAGE) {
        printf("# note: not tried: %s\n", err.text);
    } else if (rc != 0) {
        printf("not ok 1 - %s does not start: %s\n", name, err.text);
        exit(1);
    }
    return rc == 0;
}

#endif
