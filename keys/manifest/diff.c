#include "keys/verbs.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/text.h"
#include "protocol/region/region.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Each fact of a manifest is a line that stands for itself; what differs is the lines that only one of two has. Every
 * member that is signed has its place here, but for the history, which is checked.
 */
#define LINES_MAX (64u << 20)

static int party_line(struct buf *out, const char *role, const struct party *p, const char *url, struct err *err)
{
    uint8_t digest[PARTY_DIGEST_SIZE];
    char groups[BYTES_GROUPED(8)];
    party_digest(digest, p);
    return buf_printf(out, err, "%s %s, keys %s%s%s\n", role, p->name, bytes_to_groups(groups, digest, 8),
                      url[0] != '\0' ? ", at " : "", url);
}

static int party_lines(struct buf *out, const struct region *r, struct err *err)
{
    int rc =
        buf_printf(out, err, "region %s\n%zu of %zu coordinators sign\n%zu of %zu custodians evaluate\n%zu witnesses\n",
                   r->name, r->quorum, r->coordinator_count, r->threshold, r->custodian_count, r->witnesses);
    for (size_t i = 0; rc == 0 && i < r->coordinator_count; i++)
        rc = party_line(out, "coordinator", &r->coordinators[i], "", err);
    if (rc == 0)
        rc = party_line(out, "matcher", &r->matcher, r->matcher_url, err);
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++)
        rc = party_line(out, "custodian", &r->custodians[i].party, r->custodians[i].url, err);
    for (size_t i = 0; rc == 0 && i < r->agency_count; i++)
        rc = party_line(out, "agency", &r->agencies[i], "", err);
    return rc;
}

static int limit_lines(struct buf *out, const char *whose, const struct region_limits *limits, struct err *err)
{
    struct region_limits copy = *limits;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < REGION_LIMITS; i++) {
        char text[CLOCK_TEXT_SIZE];
        uint64_t value = *region_limit(&copy, region_limit_names[i]);
        bool date = strcmp(region_limit_names[i], "load_until") == 0 && value != 0;
        rc = date ? buf_printf(out, err, "%s: %s %s\n", whose, region_limit_names[i], clock_text(text, value))
                  : buf_printf(out, err, "%s: %s %" PRIu64 "\n", whose, region_limit_names[i], value);
    }
    return rc;
}

static int epoch_lines(struct buf *out, const struct region_purpose *p, size_t custodians, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < p->epoch_count; i++) {
        const struct region_epoch *e = &p->epochs[i];
        char until[CLOCK_TEXT_SIZE], key[BYTES_GROUPED(8)], schema[BYTES_GROUPED(8)], normaliser[BYTES_GROUPED(8)];
        rc = buf_printf(out, err,
                        "%s: epoch %" PRIu32 ", generation %" PRIu32 ", %" PRIu32
                        " slots, until %s, key %s, schema %s, normaliser %s\n",
                        p->name, e->epoch, e->generation, e->slots,
                        e->until != 0 ? clock_text(until, e->until) : "further", bytes_to_groups(key, e->key.bytes, 8),
                        bytes_to_groups(schema, e->schema, 8), bytes_to_groups(normaliser, e->normaliser, 8));
        for (size_t c = 0; rc == 0 && c < custodians; c++)
            rc = buf_printf(out, err, "%s: epoch %" PRIu32 ", share of custodian %zu %s\n", p->name, e->epoch, c + 1,
                            bytes_to_groups(key, e->share[c].bytes, 8));
    }
    return rc;
}

static int disclosure_lines(struct buf *out, const struct region_purpose *p, struct err *err)
{
    const struct region_disclosure *d = &p->disclosure;
    int rc =
        buf_printf(out, err, "%s: recalls within %" PRIu64 " h, values kept %" PRIu64 " days, %s officer confirms\n",
                   p->name, d->recall / 3600, d->keep / 86400, d->second_officer ? "a second" : "no second");
    for (int i = 0; rc == 0 && i < REGION_URGENCIES; i++)
        rc = buf_printf(out, err, "%s: answers within %" PRIu64 " h (%s)\n", p->name, d->answer[i] / 3600,
                        region_urgency_names[i]);
    for (size_t i = 0; rc == 0 && i < d->bases; i++)
        rc = buf_printf(out, err, "%s: legal basis %s\n", p->name, d->basis[i]);
    return rc;
}

static int purpose_lines(struct buf *out, const struct region *r, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++) {
        const struct region_purpose *p = &r->purposes[i];
        rc = buf_printf(out, err, "purpose %s, %s, kept %" PRIu64 " days\n", p->name,
                        p->kind == REGION_ISSUED ? "issued" : "match", p->retention / 86400);
        if (rc == 0)
            rc = epoch_lines(out, p, r->custodian_count, err);
        if (rc == 0)
            rc = limit_lines(out, p->name, &p->limits, err);
        if (rc == 0)
            rc = disclosure_lines(out, p, err);
    }
    return rc;
}

static int member_lines(struct buf *out, const struct region *r, struct err *err)
{
    char whose[2 * PARTY_NAME_MAX + 8];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->override_count; i++) {
        const struct region_override *o = &r->overrides[i];
        snprintf(whose, sizeof whose, "%s for %s", r->agencies[o->agency].name, r->purposes[o->purpose].name);
        rc = limit_lines(out, whose, &o->limits, err);
    }
    for (size_t i = 0; rc == 0 && i < r->register_count; i++) {
        const struct region_register *g = &r->registers[i];
        rc = buf_printf(out, err, "%s: documents of %s are those of %s, fresh for %" PRIu64 " h\n",
                        r->purposes[g->purpose].name, g->issuer, r->agencies[g->agency].name, g->fresh / 3600);
    }
    for (size_t i = 0; rc == 0 && i < r->duty_count; i++) {
        const struct region_duty *d = &r->duties[i];
        rc = buf_printf(out, err, "%s for %s: on duty %s, %s\n", r->agencies[d->agency].name,
                        r->purposes[d->purpose].name, d->contact, d->hours);
    }
    for (size_t i = 0; rc == 0 && i < r->grant_count; i++) {
        const struct region_grant *g = &r->grants[i];
        rc = buf_printf(out, err, "grant of %s to %s for %s\n", r->agencies[g->from].name, r->agencies[g->to].name,
                        r->purposes[g->purpose].name);
    }
    return rc;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of one manifest, sorted; line borrows text. */
struct facts {
    struct buf text;
    char **line;
    size_t count;
    struct region *region;
};

static int gather(struct facts *f, const char *path, struct err *err)
{
    struct buf file = buf_of(REGION_FILE_MAX);
    int rc = file_read(&file, path, err);
    if (rc == 0)
        rc = region_parse(&f->region, file.data, file.len, err);
    if (rc == 0)
        rc = party_lines(&f->text, f->region, err);
    if (rc == 0)
        rc = purpose_lines(&f->text, f->region, err);
    if (rc == 0)
        rc = member_lines(&f->text, f->region, err);
    buf_free(&file);
    if (rc != 0)
        return rc;
    size_t lines = 0;
    for (size_t i = 0; i < f->text.len; i++)
        lines += f->text.data[i] == '\n';
    if ((f->line = calloc(lines + 1, sizeof *f->line)) == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory");
    for (char *at = (char *)f->text.data; f->count < lines; at += strlen(at) + 1) {
        f->line[f->count++] = at;
        at[strcspn(at, "\n")] = '\0';
    }
    qsort(f->line, f->count, sizeof *f->line, by_text);
    return 0;
}

static void facts_free(struct facts *f)
{
    region_free(f->region);
    buf_free(&f->text);
    free(f->line);
}

static size_t print_differences(const struct facts *old, const struct facts *new)
{
    size_t a = 0, b = 0, said = 0;
    while (a < old->count || b < new->count) {
        int order = a == old->count ? 1 : b == new->count ? -1 : strcmp(old->line[a], new->line[b]);
        if (order != 0) {
            printf("%c %s\n", order < 0 ? '-' : '+', order < 0 ? old->line[a] : new->line[b]);
            said++;
        }
        a += order <= 0;
        b += order >= 0;
    }
    return said;
}

/* The version before the one at path, as the tools keep it. */
static int older(char out[PATH_LIMIT], const char *path, struct err *err)
{
    struct buf text = buf_of(REGION_FILE_MAX);
    struct region *r = NULL;
    int rc = file_read(&text, path, err);
    if (rc == 0)
        rc = region_parse(&r, text.data, text.len, err);
    if (rc == 0 && r->version == 1)
        rc = err_set(err, ERR_INPUT, "%s is the first version: concord-keys manifest show prints it", path);
    if (rc == 0 && (size_t)snprintf(out, PATH_LIMIT, "%s.v%" PRIu64, path, r->version - 1) >= PATH_LIMIT)
        rc = err_set(err, ERR_INPUT, "path too long: %s", path);
    region_free(r);
    buf_free(&text);
    return rc;
}

static bool succeeds(const struct region *new, const struct region *old)
{
    return old->version >= 1 && old->version <= new->history_count &&memcmp(new->history[old->version - 1], old->digest,
                                                                            sizeof old->digest) ==
                                    0;
}

static int run(struct call *call, struct err *err)
{
    char before[PATH_LIMIT], groups[BYTES_GROUPED(REGION_DIGEST_SIZE)];
    const char *path = call->operand[call->operands - 1], *old_path = call->operands == 2 ? call->operand[0] : before;
    struct facts old = {.text = buf_of(LINES_MAX)}, new = {.text = buf_of(LINES_MAX)};
    int rc = call->operands == 2 ? 0 : older(before, path, err);
    if (rc == 0)
        rc = gather(&old, old_path, err);
    if (rc == 0)
        rc = gather(&new, path, err);
    if (rc == 0) {
        printf("version %" PRIu64 " to %" PRIu64 "\n", old.region->version, new.region->version);
        size_t said = print_differences(&old, &new);
        printf("%s\ndigest %s\n", TEXT_COUNT(said, "line differs", "lines differ"),
               bytes_to_groups(groups, new.region->digest, REGION_DIGEST_SIZE));
        if (!succeeds(new.region, old.region))
            rc = err_set(err, ERR_VERIFY, "%s does not come of %s: no program that has the older one will take it",
                         path, old_path);
    }
    facts_free(&old);
    facts_free(&new);
    return rc;
}

const struct verb manifest_diff_verb = {
    .name = "diff",
    .brief = "what a manifest changes: read it before you sign",
    .operands = "[OLD] MANIFEST",
    .least = 1,
    .most = 2,
    .summary =
        "Prints what a manifest has (+) and has no more (-), against another one or the version before it, which the\n"
        "tools keep beside it as MANIFEST.v<N>. Exit status 1 if it does not come of that one.",
    .more = "  concord-keys manifest diff region.json",
    .run = run,
};
