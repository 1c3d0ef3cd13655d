#include "client/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

static int print_record(struct agency *a, const char *hex, struct err *err)
{
    uint8_t handle[HANDLE_SIZE];
    char id[VAULT_ID_MAX + 1];
    if (strlen(hex) != 2 * HANDLE_SIZE || !bytes_from_hex(handle, sizeof handle, hex))
        return err_set(err, ERR_USAGE, "a handle is %d hexadecimal digits", 2 * HANDLE_SIZE);
    for (size_t i = 0; i < a->purposes; i++) {
        int rc = vault_handle_find(a->vault, a->purpose[i].domain, handle, id, err);
        if (rc == 0)
            printf("%s %s %s\n", hex, a->purpose[i].region->name, id);
        if (rc != ERR_NOT_FOUND)
            return rc;
    }
    return err_set(err, ERR_NOT_FOUND, "no record of ours has the handle %s", hex);
}

/* All that are known, whatever is not: the first that is not is the error at the end. */
static int print_next(struct agency *a, const char *hex, int before, struct err *err)
{
    struct err next;
    int rc = print_record(a, hex, before == 0 ? err : &next);
    if (rc != 0 && rc != ERR_NOT_FOUND && before != 0)
        *err = next;
    return rc == 0 || (rc == ERR_NOT_FOUND && before != 0) ? before : rc;
}

/* Handles from the command line, or one a line from standard input. */
static int print_all(struct agency *a, int count, char **handles, struct err *err)
{
    char line[256];
    int rc = 0;
    for (int i = 0; (rc == 0 || rc == ERR_NOT_FOUND) && i < count; i++)
        rc = print_next(a, handles[i], rc, err);
    while ((rc == 0 || rc == ERR_NOT_FOUND) && count == 0 && fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        rc = print_next(a, line, rc, err);
    }
    return rc;
}

static int run(struct call *call, struct err *err)
{
    return print_all(call->opened, call->operands, call->operand, err);
}

const struct verb whois_verb = {
    .name = "whois",
    .brief = "which own record a partner means by a handle",
    .operands = "[HANDLE...]",
    .most = VERB_ANY,
    .summary =
        "Which of this agency's own records a partner means by a handle. Prints `HANDLE PURPOSE RECORD_ID`; reads handles\n"
        "from standard input, one a line, when none is given. One that is not known keeps no other from being printed.",
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .run = run,
};
