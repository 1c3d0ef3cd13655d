#include "keys/verbs.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/text.h"
#include "protocol/region/region.h"

#include <inttypes.h>
#include <stdio.h>

static void show_head(const struct region *r)
{
    char groups[BYTES_GROUPED(REGION_DIGEST_SIZE)];
    printf("region %s, version %" PRIu64 "\n", r->name, r->version);
    printf("  digest      %s\n", bytes_to_groups(groups, r->digest, 32));
    if (r->history_count > 0)
        printf("  follows     %s\n", bytes_to_groups(groups, r->history[r->history_count - 1], 32));
    printf("  matcher     %s at %s, %s\n", r->matcher.name, r->matcher_url,
           TEXT_COUNT(r->witnesses, "witness", "witnesses"));
    printf("coordinators, %zu of %zu must sign\n", r->quorum, r->coordinator_count);
    for (size_t i = 0; i < r->coordinator_count; i++)
        printf("  %-20s %s\n", r->coordinators[i].name, bytes_to_groups(groups, r->coordinators[i].sign, 32));
    printf("custodians, any %zu of %zu evaluate\n", r->threshold, r->custodian_count);
    for (size_t i = 0; i < r->custodian_count; i++)
        printf("  %-20s %s\n", r->custodians[i].party.name, r->custodians[i].url);
}

static void show_limits(const struct region_limits *limits)
{
    char text[CLOCK_TEXT_SIZE];
    struct region_limits copy = *limits;
    for (size_t i = 0; i < REGION_LIMITS; i++) {
        uint64_t *value = region_limit(&copy, region_limit_names[i]);
        if (value == &copy.load_until)
            printf(" %s %s,", region_limit_names[i], *value != 0 ? clock_text(text, *value) : "none");
        else
            printf(" %s %" PRIu64 "%s", region_limit_names[i], *value, i + 1 < REGION_LIMITS ? "," : "\n");
    }
}

static void show_disclosure(const struct region_disclosure *d)
{
    printf("    answers within");
    for (int i = 0; i < REGION_URGENCIES; i++)
        printf(" %" PRIu64 " h (%s)%s", d->answer[i] / 3600, region_urgency_names[i],
               i + 1 < REGION_URGENCIES ? "," : "");
    printf("; recalls within %" PRIu64 " h; disclosed values kept %" PRIu64 " days%s\n", d->recall / 3600,
           d->keep / 86400, d->second_officer ? "; a second officer confirms" : "");
    printf("    legal bases");
    for (size_t i = 0; i < d->bases; i++)
        printf(" %s", d->basis[i]);
    printf("%s\n", d->bases == 0 ? " none: nothing may be asked" : "");
}

static void show_epoch(const struct region_epoch *e)
{
    char hex[65], text[CLOCK_TEXT_SIZE];
    printf("    epoch %" PRIu32 ", generation %" PRIu32 ", %" PRIu32 " slots, %s%s\n", e->epoch, e->generation,
           e->slots, e->until != 0 ? "until " : "current", e->until != 0 ? clock_text(text, e->until) : "");
    printf("      schema      %s\n", bytes_to_hex(hex, e->schema, 32));
    printf("      normaliser  %s\n", bytes_to_hex(hex, e->normaliser, 32));
}

static void show_purposes(const struct region *r)
{
    printf("purposes\n");
    for (size_t i = 0; i < r->purpose_count; i++) {
        const struct region_purpose *p = &r->purposes[i];
        printf("  %-20s %s, kept %" PRIu64 " days\n", p->name, p->kind == REGION_ISSUED ? "issued" : "match",
               p->retention / 86400);
        for (size_t e = 0; e < p->epoch_count; e++)
            show_epoch(&p->epochs[e]);
        printf("    limits");
        show_limits(&p->limits);
        show_disclosure(&p->disclosure);
    }
    for (size_t i = 0; i < r->override_count; i++) {
        printf("  %s for %s:", r->agencies[r->overrides[i].agency].name, r->purposes[r->overrides[i].purpose].name);
        show_limits(&r->overrides[i].limits);
    }
    for (size_t i = 0; i < r->register_count; i++) {
        const struct region_register *g = &r->registers[i];
        printf("  %s: all valid documents of %s are those of %s, ", r->purposes[g->purpose].name, g->issuer,
               r->agencies[g->agency].name);
        if (g->fresh == 0)
            printf("however old\n");
        else
            printf("while its register is not older than %" PRIu64 " h\n", g->fresh / 3600);
    }
}

static void show_duties(const struct region *r, size_t agency)
{
    for (size_t i = 0; i < r->duty_count; i++)
        if (r->duties[i].agency == agency)
            printf("    on duty for %s: %s, %s\n", r->purposes[r->duties[i].purpose].name, r->duties[i].contact,
                   r->duties[i].hours);
}

static void show_members(const struct region *r)
{
    printf("agencies\n");
    for (size_t a = 0; a < r->agency_count; a++) {
        printf("  %-20s", r->agencies[a].name);
        for (size_t p = 0; p < r->purpose_count; p++) {
            const char *separator = "";
            printf(" %s:", r->purposes[p].name);
            for (size_t b = 0; b < r->agency_count; b++)
                if (a != b && region_mutual_grant(r, (int)a, (int)b, (int)p)) {
                    printf("%s%s", separator, r->agencies[b].name);
                    separator = ",";
                }
            if (separator[0] == '\0')
                printf("none");
        }
        printf("\n");
        show_duties(r, a);
    }
    printf("(an agency is listed with those it has a grant with in both directions)\n");
}

/* Who granted what without getting the same: nothing is matched until both did. */
static void show_owed(const struct region *r)
{
    for (size_t i = 0; i < r->grant_count; i++) {
        const struct region_grant *g = &r->grants[i];
        if (!region_mutual_grant(r, g->from, g->to, g->purpose))
            printf("one-sided: %s grants %s %s, %s does not grant it to %s\n", r->agencies[g->from].name,
                   r->agencies[g->to].name, r->purposes[g->purpose].name, r->agencies[g->to].name,
                   r->agencies[g->from].name);
    }
}

static int load(const char *path, struct buf *text, struct region **r, struct err *err)
{
    int rc = file_read(text, path, err);
    if (rc == 0)
        rc = region_parse(r, text->data, text->len, err);
    return rc;
}

static int show(struct call *call, struct err *err)
{
    struct region *r = NULL;
    struct buf text = buf_of(REGION_FILE_MAX);
    int rc = load(call->operand[0], &text, &r, err);
    if (rc == 0) {
        show_head(r);
        show_purposes(r);
        show_members(r);
        show_owed(r);
    }
    region_free(r);
    buf_free(&text);
    return rc;
}

const struct verb manifest_show_verb = {
    .name = "show",
    .brief = "print a manifest for people",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary = "Prints a manifest for people.",
    .run = show,
};

static int verify(struct call *call, struct err *err)
{
    const char *path = call->operand[0];
    struct err why = {0};
    char groups[BYTES_GROUPED(REGION_DIGEST_SIZE)];
    struct region *r = NULL;
    struct buf text = buf_of(REGION_FILE_MAX);
    bool by[REGION_COORDINATORS_MAX] = {false};
    int rc = load(path, &text, &r, err);
    if (rc == 0) {
        size_t count = region_signatures(r, path, buf_span(&text), by, &why);
        for (size_t i = 0; i < r->coordinator_count; i++)
            printf("%-20s %s\n", r->coordinators[i].name, by[i] ? "signed" : "NOT signed");
        printf("version %" PRIu64 ": %zu signatures, %zu needed\ndigest %s\n", r->version, count, r->quorum,
               bytes_to_groups(groups, r->digest, sizeof r->digest));
        if (count < r->quorum)
            rc = err_set(err, ERR_VERIFY, "%s is not signed by enough coordinators (%.200s)", path, why.text);
    }
    region_free(r);
    buf_free(&text);
    return rc;
}

const struct verb manifest_verify_verb = {
    .name = "verify",
    .brief = "say who signed, and whether that is enough",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary = "Says which coordinators signed. Exit status 0 if they are enough.",
    .run = verify,
};
