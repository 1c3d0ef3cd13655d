#include "protocol/audit/verbs/verbs.h"

int audit_print_json(json_t *result, struct err *err)
{
    int failed = result == NULL || json_dumpf(result, stdout, JSON_INDENT(2)) != 0 || putchar('\n') == EOF;
    json_decref(result);
    return failed ? err_set(err, ERR_IO, "cannot write the result as JSON") : 0;
}
