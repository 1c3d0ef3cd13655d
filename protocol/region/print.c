/* The manifest as JSON: one way of writing each, so that equal regions have equal digests. */
#include "protocol/region/region.h"

#include <inttypes.h>

static int print_party(struct buf *out, const struct party *p, const char *url, struct err *err)
{
    char a[65], b[65], c[65], d[65];
    int rc = buf_printf(out, err,
                        "{\n      \"name\": \"%s\",\n      \"channel\": \"%s\",\n      \"sign\": \"%s\",\n"
                        "      \"log\": \"%s\",\n      \"witness\": \"%s\"",
                        p->name, bytes_to_hex(a, p->channel, 32), bytes_to_hex(b, p->sign, 32),
                        bytes_to_hex(c, p->log, 32), bytes_to_hex(d, p->witness, 32));
    if (rc == 0 && url != NULL)
        rc = buf_printf(out, err, ",\n      \"url\": \"%s\"", url);
    if (rc == 0)
        rc = buf_printf(out, err, "\n    }");
    return rc;
}

static int print_limits(struct buf *out, const struct region_limits *limits, struct err *err)
{
    struct region_limits copy = *limits;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < REGION_LIMITS; i++)
        rc = buf_printf(out, err, "%s\"%s\": %" PRIu64, i > 0 ? ", " : "", region_limit_names[i],
                        *region_limit(&copy, region_limit_names[i]));
    return rc;
}

static int print_disclosure(struct buf *out, const struct region_disclosure *d, struct err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < REGION_URGENCIES; i++)
        rc = buf_printf(out, err, "\"%s\": %" PRIu64 ", ", region_urgency_names[i], d->answer[i]);
    if (rc == 0)
        rc = buf_printf(out, err,
                        "\"recall\": %" PRIu64 ", \"keep\": %" PRIu64 ", \"second_officer\": %s,\n        \"bases\": [",
                        d->recall, d->keep, d->second_officer ? "true" : "false");
    for (size_t i = 0; rc == 0 && i < d->bases; i++)
        rc = buf_printf(out, err, "%s\"%s\"", i > 0 ? ", " : "", d->basis[i]);
    return rc == 0 ? buf_printf(out, err, "]") : rc;
}

static int print_epoch(struct buf *out, const struct region *r, const struct region_epoch *e, struct err *err)
{
    char a[65], b[65], c[65];
    int rc = buf_printf(out, err,
                        "{\n          \"epoch\": %" PRIu32 ",\n          \"generation\": %" PRIu32
                        ",\n          \"until\": %" PRIu64 ",\n          \"schema\": \"%s\",\n"
                        "          \"normaliser\": \"%s\",\n          \"slots\": %" PRIu32
                        ",\n          \"key\": \"%s\",\n          \"shares\": [",
                        e->epoch, e->generation, e->until, bytes_to_hex(a, e->schema, 32),
                        bytes_to_hex(b, e->normaliser, 32), e->slots, bytes_to_hex(c, e->key.bytes, 32));
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++)
        rc = buf_printf(out, err, "%s\n            \"%s\"", i > 0 ? "," : "", bytes_to_hex(a, e->share[i].bytes, 32));
    if (rc == 0)
        rc = buf_printf(out, err, "\n          ]\n        }");
    return rc;
}

static int print_purpose(struct buf *out, const struct region *r, const struct region_purpose *p, struct err *err)
{
    int rc = buf_printf(out, err,
                        "{\n      \"name\": \"%s\",\n      \"kind\": \"%s\",\n      \"retention\": %" PRIu64
                        ",\n      \"limits\": { ",
                        p->name, p->kind == REGION_ISSUED ? "issued" : "match", p->retention);
    if (rc == 0)
        rc = print_limits(out, &p->limits, err);
    if (rc == 0)
        rc = buf_printf(out, err, " },\n      \"disclosure\": { ");
    if (rc == 0)
        rc = print_disclosure(out, &p->disclosure, err);
    if (rc == 0)
        rc = buf_printf(out, err, " },\n      \"epochs\": [");
    for (size_t i = 0; rc == 0 && i < p->epoch_count; i++)
        if ((rc = buf_printf(out, err, "%s\n        ", i > 0 ? "," : "")) == 0)
            rc = print_epoch(out, r, &p->epochs[i], err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n      ]\n    }");
    return rc;
}

static int print_override(struct buf *out, const struct region *r, const struct region_override *o, struct err *err)
{
    int rc = buf_printf(out, err, "{ \"agency\": \"%s\", \"purpose\": \"%s\",\n      ", r->agencies[o->agency].name,
                        r->purposes[o->purpose].name);
    if (rc == 0)
        rc = print_limits(out, &o->limits, err);
    if (rc == 0)
        rc = buf_printf(out, err, " }");
    return rc;
}

static int print_register(struct buf *out, const struct region *r, const struct region_register *g, struct err *err)
{
    return buf_printf(out, err,
                      "{ \"agency\": \"%s\", \"purpose\": \"%s\", \"issuer\": \"%s\", \"fresh\": %" PRIu64 " }",
                      r->agencies[g->agency].name, r->purposes[g->purpose].name, g->issuer, g->fresh);
}

static int print_duty(struct buf *out, const struct region *r, const struct region_duty *d, struct err *err)
{
    return buf_printf(out, err, "{ \"agency\": \"%s\", \"purpose\": \"%s\", \"contact\": \"%s\", \"hours\": \"%s\" }",
                      r->agencies[d->agency].name, r->purposes[d->purpose].name, d->contact, d->hours);
}

static int print_history(struct buf *out, const struct region *r, struct err *err)
{
    char hex[65];
    int rc = buf_printf(out, err, "  \"history\": [");
    for (size_t i = 0; rc == 0 && i < r->history_count; i++)
        rc = buf_printf(out, err, "%s\n    \"%s\"", i > 0 ? "," : "", bytes_to_hex(hex, r->history[i], 32));
    if (rc == 0)
        rc = buf_printf(out, err, "%s],\n", r->history_count > 0 ? "\n  " : "");
    return rc;
}

static int print_grant(struct buf *out, const struct region *r, const struct region_grant *g, struct err *err)
{
    char hex[129];
    return buf_printf(out, err,
                      "{ \"from\": \"%s\", \"to\": \"%s\", \"purpose\": \"%s\",\n      \"signature\": \"%s\" }",
                      r->agencies[g->from].name, r->agencies[g->to].name, r->purposes[g->purpose].name,
                      bytes_to_hex(hex, g->signature, 64));
}

static int print_founders(struct buf *out, const struct region *r, struct err *err)
{
    int rc = buf_printf(out, err, "  \"coordinators\": [");
    for (size_t i = 0; rc == 0 && i < r->coordinator_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_party(out, &r->coordinators[i], NULL, err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n  \"custodians\": [");
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_party(out, &r->custodians[i].party, r->custodians[i].url, err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n  \"purposes\": [");
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_purpose(out, r, &r->purposes[i], err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n");
    return rc;
}

static int print_members(struct buf *out, const struct region *r, struct err *err)
{
    int rc = buf_printf(out, err, "  \"agencies\": [");
    for (size_t i = 0; rc == 0 && i < r->agency_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_party(out, &r->agencies[i], NULL, err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n  \"limits\": [");
    for (size_t i = 0; rc == 0 && i < r->override_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_override(out, r, &r->overrides[i], err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n  \"registers\": [");
    for (size_t i = 0; rc == 0 && i < r->register_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_register(out, r, &r->registers[i], err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n  \"duties\": [");
    for (size_t i = 0; rc == 0 && i < r->duty_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_duty(out, r, &r->duties[i], err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n  \"grants\": [");
    for (size_t i = 0; rc == 0 && i < r->grant_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_grant(out, r, &r->grants[i], err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ]\n}\n");
    return rc;
}

int region_print(const struct region *r, struct buf *out, struct err *err)
{
    int rc = buf_printf(out, err, "{\n  \"concord\": 2,\n  \"name\": \"%s\",\n  \"version\": %" PRIu64 ",\n", r->name,
                        r->version);
    if (rc == 0)
        rc = print_history(out, r, err);
    if (rc == 0)
        rc = buf_printf(out, err,
                        "  \"quorum\": %zu,\n  \"threshold\": %zu,\n  \"witnesses\": %zu,\n  \"matcher\": ", r->quorum,
                        r->threshold, r->witnesses);
    if (rc == 0)
        rc = print_party(out, &r->matcher, r->matcher_url, err);
    if (rc == 0)
        rc = buf_printf(out, err, ",\n");
    if (rc == 0)
        rc = print_founders(out, r, err);
    if (rc == 0)
        rc = print_members(out, r, err);
    return rc;
}
