/* concord-audit verify */
#include "protocol/audit/verbs/verbs.h"

#include "protocol/audit/rules/verify.h"
#include "protocol/base/clock.h"

#include <inttypes.h>
#include <stdio.h>

static void print_cosignatures(const struct verified *v)
{
    const struct walk *w = v->walk;
    printf("  cosignatures ");
    for (size_t i = 0; i < w->witness_count; i++)
        printf("%s%s %" PRIu64, i > 0 ? ", " : "", w->witness[i].party->name, v->cosigned_by[i]);
    printf("\n");
    for (size_t count = 0; count <= w->witness_count; count++)
        if (v->cosigned[count] > 0)
            printf("               %" PRIu64 " checkpoints with %zu%s\n", v->cosigned[count], count,
                   w->witnesses_needed > 0 && count >= w->witnesses_needed ? " (final)" : "");
    if (w->witnesses_needed > 0)
        printf("  final        %" PRIu64 " of %" PRIu64 " entries, by %zu of %zu witnesses\n", v->final, v->entries,
               w->witnesses_needed, w->witness_count);
}

static void print_ledger(const struct verified *v)
{
    const char *separator = "";
    char first[CLOCK_TEXT_SIZE], last[CLOCK_TEXT_SIZE];
    printf("%s (%s)\n  entries      %" PRIu64 ", %s to %s\n  checkpoints  %" PRIu64 "\n", v->walk->party->name,
           v->walk->origin, v->entries, clock_text(first, v->first_time), clock_text(last, v->last_time),
           v->checkpoints);
    print_cosignatures(v);
    printf("  events       ");
    for (int kind = EVENT_START; kind < EVENT_KINDS; kind++) {
        if (v->kind[kind] == 0)
            continue;
        printf("%s%s %" PRIu64, separator, event_kind_name((enum event_kind)kind), v->kind[kind]);
        separator = ", ";
    }
    printf("\n");
    for (size_t i = 0; i < v->strays.count && i < STRAYS_KEPT; i++)
        printf("  note         %s/%s is not part of the ledger: not verified\n", v->walk->dir, v->strays.name[i]);
    if (v->strays.count > STRAYS_KEPT)
        printf("  note         nor are %zu more\n", v->strays.count - STRAYS_KEPT);
    printf("\n");
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* NULL if memory runs out. */
static json_t *ledger_json(const struct verified *v)
{
    char root[2 * MERKLE_HASH + 1];
    const struct walk *w = v->walk;
    json_t *events = json_object(), *witnesses = json_object(), *histogram = json_array(), *strays = json_array();
    int failed = 0;
    for (int kind = EVENT_START; kind < EVENT_KINDS; kind++)
        if (v->kind[kind] > 0)
            failed |= json_object_set_new(events, event_kind_name((enum event_kind)kind), number(v->kind[kind]));
    for (size_t i = 0; i < w->witness_count; i++)
        failed |= json_object_set_new(witnesses, w->witness[i].party->name, number(v->cosigned_by[i]));
    for (size_t count = 0; count <= w->witness_count; count++)
        failed |= json_array_append_new(histogram, number(v->cosigned[count]));
    for (size_t i = 0; i < v->strays.count && i < STRAYS_KEPT; i++)
        failed |= json_array_append_new(strays, json_string(v->strays.name[i]));
    json_t *out =
        json_pack("{s:s, s:s, s:b, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "party", w->party->name,
                  "origin", w->origin, "whole", v->whole, "entries", (json_int_t)v->entries, "root",
                  bytes_to_hex(root, w->newest.root.bytes, MERKLE_HASH), "from", (json_int_t)v->first_time, "to",
                  (json_int_t)v->last_time, "checkpoints", (json_int_t)v->checkpoints, "witnesses_needed",
                  (json_int_t)w->witnesses_needed, "final", (json_int_t)v->final, "cosigned_by", witnesses,
                  "checkpoints_by_cosignatures", histogram, "events", events, "not_part", strays);
    if (failed != 0) {
        json_decref(out);
        return NULL;
    }
    return out;
}

static int print_json(json_t *ledgers, const struct audit *audit, uint64_t entries, uint64_t checkpoints,
                      struct err *err)
{
    return audit_print_json(json_pack("{s:b, s:O, s:I, s:I, s:I, s:o}", "verified", audit->findings.total == 0,
                                      "ledgers", ledgers, "entries", (json_int_t)entries, "checkpoints",
                                      (json_int_t)checkpoints, "findings_total", (json_int_t)audit->findings.total,
                                      "findings", findings_json(&audit->findings)),
                            err);
}

static int verify_all(struct audit *audit, bool json, struct err *err)
{
    struct verified v;
    uint64_t entries = 0, checkpoints = 0;
    json_t *ledgers = json_array();
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < audit->count; i++) {
        rc = verify_ledger(audit, &audit->ledger[i], NULL, &v, err);
        if (rc != 0)
            break;
        entries += v.entries;
        checkpoints += v.checkpoints;
        if (!json)
            print_ledger(&v);
        else if (json_array_append_new(ledgers, ledger_json(&v)) != 0)
            rc = err_set(err, ERR_NO_MEMORY, "out of memory for the result");
    }
    if (rc == 0 && json) {
        rc = print_json(ledgers, audit, entries, checkpoints, err);
    } else if (rc == 0) {
        findings_print(&audit->findings);
        if (audit->findings.total == 0)
            printf("ledger verified: %" PRIu64 " entries, %" PRIu64 " checkpoints\n", entries, checkpoints);
        else
            printf("%" PRIu64 " findings in %" PRIu64 " entries, %" PRIu64 " checkpoints\n", audit->findings.total,
                   entries, checkpoints);
    }
    json_decref(ledgers);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    const struct audit_options *o = call->config;
    return verify_all(call->opened, o->json, err);
}

const struct verb verify_verb = {
    .name = "verify",
    .brief = "check exported ledgers against the manifest",
    .operands = "DIR...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Verifies ledgers that the matcher or custodians exported: all entries, the tree over them, every tile, every signed\n"
        "checkpoint, every cosignature, and that each event was allowed by the manifest then in force. Ledgers that are given\n"
        "together are checked against each other. Nothing but the manifest is trusted; no network is used.",
    .more = "Exit status: 0 all verified, 1 there are findings, 2 it could not be checked.",
    .needs = AUDIT_ALL,
    .run = run,
};
