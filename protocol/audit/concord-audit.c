/* concord-audit: checks exported ledgers offline. */
#include "protocol/audit/verify.h"
#include "protocol/base/settings.h"
#include "protocol/group/group.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

static void print_cosignatures(const struct audit *audit)
{
    printf("  cosignatures ");
    for (size_t i = 0; i < audit->witness_count; i++)
        printf("%s%s %" PRIu64, i > 0 ? ", " : "", audit->witness[i].party->name, audit->witness[i].cosigned);
    printf("\n");
    for (size_t count = 0; count <= audit->witness_count; count++)
        if (audit->cosigned[count] > 0)
            printf("               %" PRIu64 " checkpoints with %zu%s\n", audit->cosigned[count], count,
                   audit->witnesses_needed > 0 && count >= audit->witnesses_needed ? " (final)" : "");
}

static void print_ledger(const struct audit *audit)
{
    const char *separator = "";
    printf("%s (%s)\n  entries      %" PRIu64 "\n  checkpoints  %" PRIu64 "\n", audit->party->name, audit->origin,
           audit->entries, audit->checkpoints);
    print_cosignatures(audit);
    printf("  events       ");
    for (int kind = EVENT_START; kind < EVENT_KINDS; kind++) {
        if (audit->kind[kind] == 0)
            continue;
        printf("%s%s %" PRIu64, separator, event_kind_name((enum event_kind)kind), audit->kind[kind]);
        separator = ", ";
    }
    printf("\n\n");
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* NULL if memory runs out: jansson passes that up through its setters. */
static json_t *ledger_json(const struct audit *audit)
{
    char root[2 * MERKLE_HASH + 1];
    json_t *events = json_object(), *witnesses = json_object(), *histogram = json_array();
    int failed = 0;
    for (int kind = EVENT_START; kind < EVENT_KINDS; kind++)
        if (audit->kind[kind] > 0)
            failed |= json_object_set_new(events, event_kind_name((enum event_kind)kind), number(audit->kind[kind]));
    for (size_t i = 0; i < audit->witness_count; i++)
        failed |= json_object_set_new(witnesses, audit->witness[i].party->name, number(audit->witness[i].cosigned));
    for (size_t count = 0; count <= audit->witness_count; count++)
        failed |= json_array_append_new(histogram, number(audit->cosigned[count]));
    json_t *out = json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:o, s:o, s:o}", "party", audit->party->name, "origin",
                            audit->origin, "entries", (json_int_t)audit->entries, "root",
                            bytes_to_hex(root, audit->root.bytes, MERKLE_HASH), "checkpoints",
                            (json_int_t)audit->checkpoints, "witnesses_needed", (json_int_t)audit->witnesses_needed,
                            "cosigned_by", witnesses, "checkpoints_by_cosignatures", histogram, "events", events);
    if (failed != 0) {
        json_decref(out);
        return NULL;
    }
    return out;
}

static int print_json(json_t *ledgers, uint64_t entries, uint64_t checkpoints, struct err *err)
{
    json_t *all = json_pack("{s:b, s:O, s:I, s:I}", "verified", 1, "ledgers", ledgers, "entries", (json_int_t)entries,
                            "checkpoints", (json_int_t)checkpoints);
    int rc = all == NULL || json_dumpf(all, stdout, JSON_INDENT(2)) != 0
                 ? err_set(err, ERR_IO, "cannot write the result as JSON")
                 : 0;
    if (rc == 0)
        printf("\n");
    json_decref(all);
    return rc;
}

static int verify_all(const struct region *region, char **dirs, int count, bool json, struct err *err)
{
    struct audit audit;
    uint64_t entries = 0, checkpoints = 0;
    json_t *ledgers = json_array();
    int rc = 0;
    for (int i = 0; rc == 0 && i < count; i++) {
        rc = audit_verify(&audit, region, dirs[i], err);
        if (rc != 0)
            break;
        entries += audit.entries;
        checkpoints += audit.checkpoints;
        if (!json)
            print_ledger(&audit);
        else if (json_array_append_new(ledgers, ledger_json(&audit)) != 0)
            rc = err_set(err, ERR_NO_MEMORY, "out of memory for the result");
    }
    if (rc == 0 && json)
        rc = print_json(ledgers, entries, checkpoints, err);
    else if (rc == 0)
        printf("ledger verified: %" PRIu64 " entries, %" PRIu64 " checkpoints\n", entries, checkpoints);
    json_decref(ledgers);
    return rc;
}

static int verify_main(int argc, char **argv)
{
    static char manifest[SETTINGS_TEXT_MAX];
    static bool json;
    static const struct setting settings[] = {
        {"manifest", NULL, NULL, SETTING_PATH, manifest, "FILE", "the region's manifest, with its signatures beside it"},
        {"json", NULL, NULL, SETTING_SWITCH, &json, NULL, "print one JSON object, for scripts"},
    };
    static const struct usage usage = {
        "concord-audit verify", "DIR...",
        "Verifies ledgers that the matcher or custodians exported: all entries, the tree over them, every signed\n"
        "checkpoint, every cosignature. Nothing but the manifest is trusted; no network is used.",
        "Exit status: 0 all verified, 1 something does not hold (one line says what), 2 wrong usage.", settings, 2};
    struct err err;
    struct region *region = NULL;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && (operands == 0 || manifest[0] == '\0'))
        rc = err_set(&err, ERR_USAGE, "verify needs --manifest FILE and one DIR or more; see --help");
    if (rc == 0)
        rc = region_load(&region, manifest, NULL, &err);
    if (rc == 0)
        rc = verify_all(region, argv, operands, json, &err);
    region_free(region);
    return verb_end("concord-audit", rc, &err);
}

int main(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"verify", verify_main, "check exported ledgers against the manifest"},
        {0},
    };
    struct err err;
    if (group_init(&err) != 0) {
        fprintf(stderr, "concord-audit: %s\n", err.text);
        return 1;
    }
    return verbs_main("concord-audit", "Checks exported ledgers of a Concord region, offline.", verbs, argc, argv);
}
