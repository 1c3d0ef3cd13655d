#include "protocol/region/region.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void region_free(struct region *region)
{
    if (region == NULL)
        return;
    free(region->agencies);
    free(region->grants);
    free(region);
}

int region_grant_text(struct buf *out, const char *region, const char *purpose, const char *from, const char *to,
                      struct err *err)
{
    return buf_printf(out, err, "concord-grant v1\n%s\n%s\n%s\n%s\n", region, purpose, from, to);
}

/* --- looking things up --- */

int region_find_agency(const struct region *region, const char *name)
{
    for (size_t i = 0; i < region->agency_count; i++)
        if (strcmp(region->agencies[i].name, name) == 0)
            return (int)i;
    return -1;
}

int region_find_agency_by_channel(const struct region *region, const uint8_t channel[32])
{
    for (size_t i = 0; i < region->agency_count; i++)
        if (memcmp(region->agencies[i].channel, channel, 32) == 0)
            return (int)i;
    return -1;
}

int region_find_purpose(const struct region *region, const char *name)
{
    for (size_t i = 0; i < region->purpose_count; i++)
        if (strcmp(region->purposes[i].name, name) == 0)
            return (int)i;
    return -1;
}

int region_find_custodian(const struct region *region, const char *name)
{
    for (size_t i = 0; i < region->custodian_count; i++)
        if (strcmp(region->custodians[i].party.name, name) == 0)
            return (int)i;
    return -1;
}

static bool has_grant(const struct region *r, int from, int to, int purpose)
{
    for (size_t i = 0; i < r->grant_count; i++)
        if (r->grants[i].from == from && r->grants[i].to == to && r->grants[i].purpose == purpose)
            return true;
    return false;
}

bool region_mutual_grant(const struct region *region, int a, int b, int purpose)
{
    return has_grant(region, a, b, purpose) && has_grant(region, b, a, purpose);
}

/* --- printing --- */

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

static int print_purpose(struct buf *out, const struct region *r, const struct region_purpose *p, struct err *err)
{
    char a[65], b[65];
    int rc = buf_printf(out, err,
                        "{\n      \"name\": \"%s\",\n      \"schema\": \"%s\",\n      \"epoch\": %" PRIu32 ",\n"
                        "      \"retention\": %" PRIu64 ",\n      \"budget\": %" PRIu64 ",\n      \"key\": \"%s\",\n"
                        "      \"shares\": [",
                        p->name, bytes_to_hex(a, p->schema, 32), p->epoch, p->retention, p->budget,
                        bytes_to_hex(b, p->key.bytes, 32));
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++)
        rc = buf_printf(out, err, "%s\n        \"%s\"", i > 0 ? "," : "", bytes_to_hex(a, p->share[i].bytes, 32));
    if (rc == 0)
        rc = buf_printf(out, err, "\n      ]\n    }");
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

static int print_lists(struct buf *out, const struct region *r, struct err *err)
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
        rc = buf_printf(out, err, "\n  ],\n  \"agencies\": [");
    for (size_t i = 0; rc == 0 && i < r->agency_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_party(out, &r->agencies[i], NULL, err);
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
    char previous[65], normaliser[65];
    int rc =
        buf_printf(out, err,
                   "{\n  \"concord\": 1,\n  \"name\": \"%s\",\n  \"version\": %" PRIu64 ",\n  \"previous\": \"%s\",\n"
                   "  \"normaliser\": \"%s\",\n  \"quorum\": %zu,\n  \"threshold\": %zu,\n  \"witnesses\": %zu,\n"
                   "  \"matcher\": ",
                   r->name, r->version, bytes_to_hex(previous, r->previous, 32),
                   bytes_to_hex(normaliser, r->normaliser, 32), r->quorum, r->threshold, r->witnesses);
    if (rc == 0)
        rc = print_party(out, &r->matcher, r->matcher_url, err);
    if (rc == 0)
        rc = buf_printf(out, err, ",\n");
    if (rc == 0)
        rc = print_lists(out, r, err);
    return rc;
}
