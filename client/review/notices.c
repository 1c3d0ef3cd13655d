#include "client/review/notices.h"

#include "client/review/judged.h"
#include "client/review/key_text.h"
#include "protocol/base/clock.h"

#include <stdio.h>
#include <string.h>

struct printing {
    struct agency *agency;
    const struct agency_purpose *purpose;
    json_t *array; /* NULL: a table */
};

/* What judging came to, of what opened. */
static int find_pair(const struct printing *p, const struct vault_notice *n, struct vault_judging *out, bool *found,
                     struct err *err)
{
    static const uint8_t no_digest[32];
    struct vault_match match = {.number = 0};
    bool same;
    int rc = vault_record_find(p->agency->vault, p->purpose->domain, n->id, no_digest, &match.record, &same, err);
    *found = false;
    if (rc != 0)
        return rc == ERR_NOT_FOUND ? 0 : rc;
    memcpy(match.partner, n->partner, sizeof match.partner);
    memcpy(match.handle, n->handle, sizeof match.handle);
    return judged_find(p->agency, p->purpose->domain, &match, out, found, err);
}

static int add_object(const struct printing *p, const struct vault_notice *n, const struct vault_judging *pair,
                      struct err *err)
{
    char time[CLOCK_TEXT_SIZE], handle[2 * HANDLE_SIZE + 1];
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:I, s:o}", "time", clock_text(time, n->at), "purpose",
                  p->purpose->region->name, "partner", n->partner, "record", n->id, "keys",
                  key_array(&p->purpose->schema, n->keys), "handle", bytes_to_hex(handle, n->handle, HANDLE_SIZE),
                  "leaf", (json_int_t)n->leaf, "judged", judged_object(pair));
    return object == NULL || json_array_append_new(p->array, object) != 0
               ? err_set(err, ERR_NO_MEMORY, "out of memory for a list")
               : 0;
}

static int print_notice(void *context, const struct vault_notice *n, struct err *err)
{
    const struct printing *p = context;
    char time[CLOCK_TEXT_SIZE], handle[2 * HANDLE_SIZE + 1], words[JUDGED_WORDS_MAX];
    struct vault_judging pair;
    bool found;
    int rc = find_pair(p, n, &pair, &found, err);
    if (rc != 0 || p->array != NULL)
        return rc != 0 ? rc : add_object(p, n, found ? &pair : NULL, err);
    printf("%s %-17s %-8s asked about %s:", clock_text(time, n->at), p->purpose->region->name, n->partner, n->id);
    for (size_t j = 0; j < p->purpose->schema.keys; j++)
        if ((n->keys >> j & 1) != 0)
            printf(" %s", p->purpose->schema.key[j].id);
    judged_in_words(words, found ? &pair : NULL);
    printf("\n    handle %s, %s", bytes_to_hex(handle, n->handle, HANDLE_SIZE), words);
    if (found && pair.state == JUDGE_JUDGED)
        printf(": %s, %u%%", pair.kind == MATCH_NONE ? "not the same" : match_kind_name((enum match_kind)pair.kind),
               pair.score);
    putchar('\n');
    return 0;
}

int notices_print(struct agency *agency, bool json, struct err *err)
{
    struct printing p = {.agency = agency, .array = json ? json_array() : NULL};
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
