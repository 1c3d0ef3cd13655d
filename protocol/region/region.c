#include "protocol/base/mark.h"
#include "protocol/region/region.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void region_free(struct region *region)
{
    if (region == NULL)
        return;
    free(region->history);
    free(region->agencies);
    free(region->digests);
    free(region->overrides);
    free(region->registers);
    free(region->duties);
    free(region->grants);
    free(region);
}

int region_grant_text(struct buf *out, const char *region, const char *purpose, const struct party *from,
                      const struct party *to, struct err *err)
{
    uint8_t digest[PARTY_DIGEST_SIZE];
    char a[2 * PARTY_DIGEST_SIZE + 1], b[2 * PARTY_DIGEST_SIZE + 1];
    party_digest(digest, from);
    bytes_to_hex(a, digest, sizeof digest);
    party_digest(digest, to);
    bytes_to_hex(b, digest, sizeof digest);
    return buf_printf(out, err, "concord-grant v2\n%s\n%s\n%s\n%s\n", region, purpose, a, b);
}

/* --- limits --- */

const char *const region_urgency_names[REGION_URGENCIES] = {N_("routine"), N_("urgent"), N_("emergency")};

bool region_has_basis(const struct region_disclosure *disclosure, const char *code)
{
    for (size_t i = 0; i < disclosure->bases; i++)
        if (strcmp(disclosure->basis[i], code) == 0)
            return true;
    return false;
}

const char *const region_limit_names[REGION_LIMITS] = {"load",       "load_until", "daily",   "meets",  "asks",
                                                       "judgements", "entries",    "mailbox", "letters"};

uint64_t *region_limit(struct region_limits *limits, const char *name)
{
    uint64_t *const places[REGION_LIMITS] = {&limits->load,    &limits->load_until, &limits->daily,
                                             &limits->meets,   &limits->asks,       &limits->judgements,
                                             &limits->entries, &limits->mailbox,    &limits->letters};
    for (size_t i = 0; i < REGION_LIMITS; i++)
        if (strcmp(region_limit_names[i], name) == 0)
            return places[i];
    return NULL;
}

const struct region_limits *region_limits(const struct region *region, int agency, int purpose)
{
    for (size_t i = 0; i < region->override_count; i++)
        if (region->overrides[i].agency == agency && region->overrides[i].purpose == purpose)
            return &region->overrides[i].limits;
    return &region->purposes[purpose].limits;
}

const struct region_duty *region_find_duty(const struct region *region, int agency, int purpose)
{
    for (size_t i = 0; i < region->duty_count; i++)
        if (region->duties[i].agency == agency && region->duties[i].purpose == purpose)
            return &region->duties[i];
    return NULL;
}

const struct region_register *region_find_register(const struct region *region, int purpose, const char *issuer)
{
    for (size_t i = 0; i < region->register_count; i++)
        if (region->registers[i].purpose == purpose && strcmp(region->registers[i].issuer, issuer) == 0)
            return &region->registers[i];
    return NULL;
}

/* Divided first: t and n are at most 16, but a limit may be any number below 2^63. */
uint64_t region_share_of(const struct region *region, uint64_t tokens)
{
    const uint64_t t = region->threshold, n = region->custodian_count;
    return tokens / n * t + (tokens % n * t + n - 1) / n;
}

uint64_t region_tokens_of(const struct region *region, uint64_t evaluations)
{
    const uint64_t t = region->threshold, n = region->custodian_count;
    const uint64_t whole = evaluations / t;
    return whole > UINT64_MAX / n - 1 ? UINT64_MAX : whole * n + evaluations % t * n / t;
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

int region_find_agency_by_digest(const struct region *region, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    for (size_t i = 0; i < region->agency_count; i++)
        if (memcmp(region->digests[i], digest, PARTY_DIGEST_SIZE) == 0)
            return (int)i;
    return -1;
}

const struct party *region_party(const struct region *region, size_t i)
{
    if (i < region->agency_count)
        return &region->agencies[i];
    i -= region->agency_count;
    if (i < region->custodian_count)
        return &region->custodians[i].party;
    i -= region->custodian_count;
    return i < region->coordinator_count ? &region->coordinators[i] : NULL;
}

const struct party *region_find_party(const struct region *region, const char *name)
{
    const struct party *p;
    for (size_t i = 0; (p = region_party(region, i)) != NULL; i++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

const struct party *region_find_party_by_digest(const struct region *region, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    uint8_t one[PARTY_DIGEST_SIZE];
    const struct party *p;
    int agency = region_find_agency_by_digest(region, digest);
    if (agency >= 0)
        return &region->agencies[agency];
    for (size_t i = region->agency_count; (p = region_party(region, i)) != NULL; i++) {
        party_digest(one, p);
        if (memcmp(one, digest, sizeof one) == 0)
            return p;
    }
    return NULL;
}

const struct party *region_find_party_by_channel(const struct region *region, const uint8_t channel[32])
{
    const struct party *p;
    if (memcmp(region->matcher.channel, channel, 32) == 0)
        return &region->matcher;
    for (size_t i = 0; (p = region_party(region, i)) != NULL; i++)
        if (memcmp(p->channel, channel, 32) == 0)
            return p;
    return NULL;
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

const struct region_epoch *region_find_epoch(const struct region_purpose *purpose, uint32_t epoch)
{
    for (size_t i = 0; i < purpose->epoch_count; i++)
        if (purpose->epochs[i].epoch == epoch)
            return &purpose->epochs[i];
    return NULL;
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

const char *region_letter_hindrance(const struct region *region, const struct party *a, const struct party *b,
                                    const char *purpose)
{
    const int one = region_find_agency(region, a->name), other = region_find_agency(region, b->name);
    if (one == other && one >= 0)
        return "nobody writes to oneself";
    if (one < 0 || other < 0)
        return purpose[0] == '\0' ? NULL : "only two agencies write about a purpose";
    if (purpose[0] == '\0')
        return "two agencies write about a purpose";
    const int p = region_find_purpose(region, purpose);
    if (p < 0)
        return "the manifest has no such purpose";
    return region_mutual_grant(region, one, other, p) ? NULL : "the two did not grant each other the purpose";
}
