#include "protocol/audit/report/report.h"
#include "protocol/base/clock.h"

#include <string.h>

/* Adds to an object or array; what failed makes the whole fail at the end. */
static void set(json_t *object, const char *name, json_t *value, int *failed)
{
    *failed |= json_object_set_new(object, name, value);
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static const char *name_of(const struct report *r, int at)
{
    return at < 0 ? "" : r->audit->manifests.name[at];
}

static json_t *sums_json(const struct report_sums *s, int *failed)
{
    const struct {
        const char *name;
        uint64_t value;
    } members[] = {
        {"added", s->added},         {"renewed", s->renewed},
        {"replaced", s->replaced},   {"removed", s->removed},
        {"expired", s->expired},     {"queries", s->queries},
        {"queried", s->queried},     {"hits", s->hits},
        {"delivered", s->delivered}, {"withdrawn", s->withdrawn},
        {"evaluated", s->evaluated}, {"refused", s->refused},
        {"waited", s->waited},       {"asked", s->asked},
        {"releases", s->releases},   {"suspensions", s->suspensions},
    };
    json_t *out = json_object();
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        set(out, members[i].name, number(members[i].value), failed);
    return out;
}

static json_t *ledgers_json(const struct report *r, int *failed)
{
    char root[2 * MERKLE_HASH + 1];
    json_t *out = json_array();
    for (size_t i = 0; i < r->audit->count; i++) {
        const struct verified *v = &r->verified[i];
        *failed |= json_array_append_new(
            out,
            json_pack("{s:s, s:b, s:I, s:s, s:I, s:I, s:I, s:I, s:I}", "origin", v->walk->origin, "whole", v->whole,
                      "entries", (json_int_t)v->entries, "root",
                      bytes_to_hex(root, v->walk->newest.root.bytes, MERKLE_HASH), "from", (json_int_t)v->first_time,
                      "to", (json_int_t)v->last_time, "checkpoints", (json_int_t)v->checkpoints, "final",
                      (json_int_t)v->final, "witnesses_needed", (json_int_t)v->walk->witnesses_needed));
    }
    return out;
}

static json_t *manifests_json(const struct report *r, int *failed)
{
    char digest[2 * REGION_DIGEST_SIZE + 1];
    json_t *out = json_array();
    for (size_t i = 0; i < r->audit->manifests.count; i++) {
        const struct region *region = r->audit->manifests.list[i].region;
        *failed |= json_array_append_new(out, json_pack("{s:I, s:s}", "version", (json_int_t)region->version, "digest",
                                                        bytes_to_hex(digest, region->digest, sizeof region->digest)));
    }
    return out;
}

static json_t *purposes_json(const struct report *r, int *failed)
{
    json_t *out = json_object();
    for (size_t i = 0; i < r->audit->manifests.names; i++)
        if (memcmp(&r->purpose[i], &(struct report_sums){0}, sizeof r->purpose[i]) != 0)
            set(out, r->audit->manifests.name[i], sums_json(&r->purpose[i], failed), failed);
    return out;
}

static json_t *pairs_json(const struct report *r, int *failed)
{
    json_t *out = json_array();
    for (size_t i = 0; i < r->pairs; i++) {
        const struct report_pair *p = &r->pair[i];
        *failed |= json_array_append_new(
            out, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "purpose", name_of(r, p->purpose), "first",
                           name_of(r, p->low), "second", name_of(r, p->high), "to_first", (json_int_t)p->to_low,
                           "to_second", (json_int_t)p->to_high, "withdrawn", (json_int_t)p->withdrawn, "waited",
                           (json_int_t)p->waited, "asked", (json_int_t)p->asked));
    }
    return out;
}

static json_t *days_json(const struct report *r, int *failed)
{
    char day[CLOCK_TEXT_SIZE], date[11];
    json_t *out = json_array();
    for (size_t i = 0; i < r->days; i++) {
        const struct reconcile_day *d = &r->day[i];
        snprintf(date, sizeof date, "%.10s", clock_text(day, (uint64_t)d->day * 86400));
        *failed |= json_array_append_new(
            out, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:s}", "day", date, "agency",
                           name_of(r, d->agency), "purpose", name_of(r, d->purpose), "tokens", (json_int_t)d->tokens,
                           "used", (json_int_t)reconcile_used(d), "surplus", (json_int_t)d->surplus, "queried",
                           (json_int_t)d->queried, "hits", (json_int_t)d->hits, "asking",
                           reconcile_asking_name(d->asking), "verdict", reconcile_verdict_name(d->verdict)));
    }
    return out;
}

static json_t *refusals_json(const struct report *r, int *failed)
{
    json_t *out = json_array();
    for (size_t i = 0; i < r->refusals; i++)
        *failed |=
            json_array_append_new(out, json_pack("{s:s, s:s, s:s, s:I}", "party", name_of(r, r->refusal[i].party),
                                                 "purpose", name_of(r, r->refusal[i].purpose), "reason",
                                                 r->refusal[i].reason, "at_least", (json_int_t)r->refusal[i].count));
    return out;
}

int report_write_json(FILE *out, const struct report *report, struct err *err)
{
    const struct report *r = report;
    int failed = 0;
    json_t *all = json_object();
    set(all, "region", json_string(manifests_newest(&r->audit->manifests)->name), &failed);
    set(all, "made_by", json_string("concord-audit " CONCORD_VERSION), &failed);
    set(all, "from", number(r->from), &failed);
    set(all, "to", number(r->to), &failed);
    set(all, "findings_total", number(r->audit->findings.total), &failed);
    set(all, "findings", findings_json(&r->audit->findings), &failed);
    set(all, "manifests", manifests_json(r, &failed), &failed);
    set(all, "ledgers", ledgers_json(r, &failed), &failed);
    set(all, "totals", sums_json(&r->all, &failed), &failed);
    set(all, "purposes", purposes_json(r, &failed), &failed);
    set(all, "pairs", pairs_json(r, &failed), &failed);
    set(all, "reconciled", json_boolean(r->day != NULL), &failed);
    set(all, "days", days_json(r, &failed), &failed);
    set(all, "refusals", refusals_json(r, &failed), &failed);
    set(all, "replayed", json_boolean(r->replayed), &failed);
    if (failed == 0)
        failed = json_dumpf(all, out, JSON_INDENT(2)) != 0 || putc('\n', out) == EOF;
    json_decref(all);
    return failed != 0 ? err_set(err, ERR_IO, "cannot write the report as JSON") : 0;
}
