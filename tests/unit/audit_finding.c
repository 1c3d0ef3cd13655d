/* What is found: findings of one rule are shown as one; who is guilty, and who only may have caused it. */
#include "protocol/audit/basis/finding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LEDGER "test/matcher"

static void findings_of_one_rule_are_one_with_a_count(void **state)
{
    struct findings findings = {0};
    struct finding_group group;
    size_t at = 0;
    (void)state;
    for (uint64_t i = 10; i < 37; i++)
        findings_add(&findings, FINDING_NOT_ALLOWED, LEDGER, i, "entry %d is not allowed", (int)i);
    findings_add(&findings, FINDING_NOT_ALLOWED, "test/custodian-1", 5, "%s", "of another ledger");
    assert_true(findings_group(&findings, &at, &group));
    assert_int_equal(group.count, 27);
    assert_int_equal(group.first->index, 10);
    assert_int_equal(group.last, 36);
    assert_true(findings_group(&findings, &at, &group));
    assert_int_equal(group.count, 1);
    assert_string_equal(group.first->who, "custodian-1");
    assert_false(findings_group(&findings, &at, &group));
    assert_int_equal(findings.total, 28);
    findings_free(&findings);
}

static void each_says_who_and_what_next(void **state)
{
    struct findings findings = {0};
    (void)state;
    for (int code = FINDING_DAMAGED; code <= FINDING_PREKEY; code++)
        findings_add(&findings, (enum finding_code)code, LEDGER, FINDING_NONE, "%s", "found");
    json_t *all = findings_json(&findings), *one;
    size_t i;
    assert_int_equal(json_array_size(all), FINDING_PREKEY);
    json_array_foreach(all, i, one)
    {
        assert_true(strlen(json_string_value(json_object_get(one, "next"))) > 5);
        if (findings.kept[i].verdict == FINDING_GUILTY)
            assert_string_equal(findings.kept[i].who, "matcher");
    }
    json_decref(all);
    findings_free(&findings);
}

/* Behind as before; nobody else's. */
static void a_copy_in_doubt_convicts_nobody(void **state)
{
    struct findings findings = {0};
    (void)state;
    findings_add(&findings, FINDING_NOT_ALLOWED, LEDGER, 1, "%s", "before");
    findings_add(&findings, FINDING_NOT_ALLOWED, "test/custodian-1", 1, "%s", "another's");
    findings_doubt(&findings, LEDGER);
    findings_add(&findings, FINDING_REPEATED, LEDGER, 2, "%s", "behind");
    for (size_t i = 0; i < 3; i += 2) {
        assert_int_equal(findings.kept[i].verdict, FINDING_UNEXPLAINED);
        assert_string_equal(findings.kept[i].who, "matcher, whoever made this copy");
    }
    assert_int_equal(findings.kept[1].verdict, FINDING_GUILTY);
    findings_free(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_of_one_rule_are_one_with_a_count),
        cmocka_unit_test(each_says_who_and_what_next),
        cmocka_unit_test(a_copy_in_doubt_convicts_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
