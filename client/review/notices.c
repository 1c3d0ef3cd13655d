#include "client/review/notices.h"

#include "client/review/list.h"
#include "protocol/base/clock.h"

#include <stdio.h>

struct printing {
    const struct agency_purpose *purpose;
    json_t *array; /* NULL: a table */
};

static int add_object(const struct printing *p, const struct vault_notice *n, struct err *err)
{
    char time[CLOCK_TEXT_SIZE], handle[2 * HANDLE_SIZE + 1];
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:I}", "time", clock_text(time, n->at), "purpose",
                               p->purpose->region->name, "partner", n->partner, "record", n->id, "keys",
                               list_keys(&p->purpose->schema, n->keys), "handle",
                               bytes_to_hex(handle, n->handle, HANDLE_SIZE), "leaf", (json_int_t)n->leaf);
    return object == NULL || json_array_append_new(p->array, object) != 0
               ? err_set(err, ERR_NO_MEMORY, "out of memory for a list")
               : 0;
}

static int print_notice(void *context, const struct vault_notice *n, struct err *err)
{
    const struct printing *p = context;
    char time[CLOCK_TEXT_SIZE], handle[2 * HANDLE_SIZE + 1];
    if (p->array != NULL)
        return add_object(p, n, err);
    printf("%s %-17s %-8s asked about %s:", clock_text(time, n->at), p->purpose->region->name, n->partner, n->id);
    for (size_t j = 0; j < p->purpose->schema.keys; j++)
        if ((n->keys >> j & 1) != 0)
            printf(" %s", p->purpose->schema.key[j].id);
    printf("\n    handle %s\n", bytes_to_hex(handle, n->handle, HANDLE_SIZE));
    return 0;
}

int notices_print(struct agency *agency, bool json, struct err *err)
{
    struct printing p = {.array = json ? json_array() : NULL};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++) {
        p.purpose = &agency->purpose[i];
        rc = vault_notices(agency->vault, p.purpose->domain, print_notice, &p, err);
    }
    if (rc == 0 && json) {
        json_dumpf(p.array, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(p.array);
    return rc;
}
