#include "client/agency/agency.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/identity/identity.h"
#include "protocol/identity/psk.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

int agency_identity(struct identity *out, const struct agency_config *c, struct err *err)
{
    if (c->identity[0] == '\0' || c->manifest[0] == '\0' || c->vault[0] == '\0')
        return err_set(err, ERR_USAGE,
                       "Identity, Manifest and Vault must be set, in the file given by --config or by flags");
    return identity_load(out, c->identity, NULL, err);
}

static int load_region(struct agency *a, struct err *err)
{
    char pin[PATH_LIMIT];
    if ((size_t)snprintf(pin, sizeof pin, "%s.pin", a->config->vault) >= sizeof pin)
        return err_set(err, ERR_INPUT, "path too long: %s", a->config->vault);
    int rc = region_load(&a->region, a->config->manifest, NULL, err);
    if (rc == 0)
        rc = region_pin_check(a->region, pin, err);
    return rc;
}

static bool is_agency(const struct agency *a)
{
    int own = region_find_agency(a->region, a->identity->party.name);
    return own >= 0 && memcmp(a->region->agencies[own].channel, a->identity->party.channel, 32) == 0;
}

static int is_no(const struct agency *a, const char *what, struct err *err)
{
    return err_set(err, ERR_DENIED,
                   "%s with this identity's keys is no %s of %s: is it the right identity file, and "
                   "has the manifest been signed with it?",
                   a->identity->party.name, what, a->region->name);
}

static bool is_wanted(const struct agency_config *c, const char *purpose)
{
    for (size_t i = 0; i < c->purposes.count; i++)
        if (strcmp(c->purposes.item[i], purpose) == 0)
            return true;
    return c->purposes.count == 0;
}

/* Of a schema that is not there any more nothing can be opened. */
static int load_ending(struct agency *a, const struct region_purpose *r, bool *found, struct err *err)
{
    struct agency_purpose *p = &a->ending[a->endings];
    *p = (struct agency_purpose){.region = r, .epoch = &r->epochs[0]};
    *found = r->epoch_count > 1 && p->epoch->until > clock_now() &&
             schema_load(&p->schema, a->config->schemas, r->name, p->epoch->schema, ERR_IGNORED) == 0;
    if (!*found)
        return 0;
    int rc = vault_domain(a->vault, r->name, p->epoch->epoch, &p->domain, err);
    a->endings += rc == 0;
    return rc;
}

static int load_past(struct agency *a, const struct agency_purpose *current, struct err *err)
{
    struct agency_purpose *p = &a->past[a->pasts];
    struct region_epoch *epoch = &a->past_epoch[a->pasts];
    struct vault_past past;
    bool found = false;
    int rc = vault_domain_before(a->vault, current->region->name, current->epoch->epoch, &past, &found, err);
    if (rc != 0 || !found)
        return rc;
    *epoch = (struct region_epoch){.epoch = past.epoch};
    *p = (struct agency_purpose){current->region, epoch, current->schema, past.domain};
    if (memcmp(past.schema, current->schema.digest, sizeof past.schema) != 0 &&
        schema_load(&p->schema, a->config->schemas, current->region->name, past.schema, ERR_IGNORED) != 0)
        p->schema.keys = 0;
    a->pasts++;
    return 0;
}

static int load_purpose(struct agency *a, const struct region_purpose *r, struct err *err)
{
    struct agency_purpose *p = &a->purpose[a->purposes];
    bool ends = false;
    p->region = r;
    p->epoch = region_current(r);
    int rc = schema_load(&p->schema, a->config->schemas, r->name, p->epoch->schema, err);
    if (rc == 0)
        rc = vault_domain(a->vault, r->name, p->epoch->epoch, &p->domain, err);
    if (rc == 0)
        rc = vault_domain_schema(a->vault, p->domain, p->schema.digest, err);
    if (rc == 0)
        rc = load_ending(a, r, &ends, err);
    if (rc == 0 && !ends)
        rc = load_past(a, p, err);
    a->purposes += rc == 0;
    return rc;
}

static int load_purposes(struct agency *a, struct err *err)
{
    if (a->config->schemas[0] == '\0')
        return err_set(err, ERR_USAGE, "SchemaDirectory must be set, in the file given by --config or by flags");
    for (size_t i = 0; i < a->config->purposes.count; i++)
        if (region_find_purpose(a->region, a->config->purposes.item[i]) < 0)
            return err_set(err, ERR_USAGE, "the manifest has no purpose %s", a->config->purposes.item[i]);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->region->purpose_count; i++)
        if (is_wanted(a->config, a->region->purposes[i].name))
            rc = load_purpose(a, &a->region->purposes[i], err);
    return rc;
}

bool agency_enrols(const struct agency *agency, const struct agency_purpose *purpose)
{
    return purpose->region->kind != REGION_ISSUED || agency->config->purposes.count > 0;
}

bool agency_is_earlier(const struct agency_purpose *purpose)
{
    return purpose->epoch != region_current(purpose->region);
}

size_t agency_current_of(const struct agency *agency, const struct agency_purpose *earlier)
{
    size_t i = 0;
    while (i + 1 < agency->purposes && agency->purpose[i].region != earlier->region)
        i++;
    return i;
}

static const struct agency_purpose *find_of(const struct agency_purpose *list, size_t count,
                                            const struct region_purpose *region)
{
    size_t i = 0;
    while (i < count && list[i].region != region)
        i++;
    return i < count ? &list[i] : NULL;
}

const struct agency_purpose *agency_earlier_of(const struct agency *agency, const struct agency_purpose *purpose)
{
    const struct agency_purpose *ending = find_of(agency->ending, agency->endings, purpose->region);
    return ending != NULL ? ending : find_of(agency->past, agency->pasts, purpose->region);
}

bool agency_is_over(const struct agency_purpose *earlier)
{
    return earlier->epoch->until == 0;
}

const struct agency_purpose *agency_purpose_of(const struct agency *agency, int64_t domain)
{
    for (size_t i = 0; i < agency->purposes; i++)
        if (agency->purpose[i].domain == domain)
            return &agency->purpose[i];
    for (size_t i = 0; i < agency->purposes; i++) {
        const struct agency_purpose *earlier = agency_earlier_of(agency, &agency->purpose[i]);
        if (earlier != NULL && earlier->domain == domain)
            return earlier;
    }
    return NULL;
}

static bool is_in(const struct agency_purpose *purpose, const char *name, uint32_t epoch)
{
    return strcmp(purpose->region->name, name) == 0 && purpose->epoch->epoch == epoch;
}

const struct agency_purpose *agency_purpose_in(const struct agency *agency, const char *name, uint32_t epoch)
{
    for (size_t i = 0; i < agency->purposes; i++)
        if (is_in(&agency->purpose[i], name, epoch))
            return &agency->purpose[i];
    for (size_t i = 0; i < agency->endings; i++)
        if (is_in(&agency->ending[i], name, epoch))
            return &agency->ending[i];
    return NULL;
}

const char *agency_not_for(const struct agency *agency, const struct agency_purpose *purpose)
{
    const size_t len = strlen(purpose->region->name);
    for (size_t i = 0; i < agency->config->not_for.count; i++) {
        const char *item = agency->config->not_for.item[i];
        if (strncmp(item, purpose->region->name, len) == 0 && item[len] == '=')
            return item + len + 1;
    }
    return "";
}

int agency_load(struct agency *agency, const struct agency_config *config, const struct identity *identity,
                struct err *err)
{
    memset(agency, 0, sizeof *agency);
    agency->config = config;
    agency->identity = identity;
    int rc = load_region(agency, err);
    return rc != 0 || is_agency(agency) ? rc : is_no(agency, "agency", err);
}

int agency_open_party(struct agency *agency, const struct agency_config *config, const struct identity *identity,
                      struct err *err)
{
    const struct party *party = NULL;
    memset(agency, 0, sizeof *agency);
    agency->config = config;
    agency->identity = identity;
    int rc = load_region(agency, err);
    if (rc == 0)
        party = region_find_party(agency->region, identity->party.name);
    if (rc == 0 && (party == NULL || memcmp(party->channel, identity->party.channel, 32) != 0))
        rc = is_no(agency, "party", err);
    if (rc == 0)
        rc = vault_open(&agency->vault, config->vault, identity->storage_secret, err);
    return rc == 0 && is_agency(agency) ? load_purposes(agency, err) : rc;
}

int agency_open(struct agency *agency, const struct agency_config *config, const struct identity *identity,
                struct err *err)
{
    int rc = agency_load(agency, config, identity, err);
    if (rc == 0)
        rc = vault_open(&agency->vault, config->vault, identity->storage_secret, err);
    if (rc == 0)
        rc = load_purposes(agency, err);
    return rc;
}

bool agency_manifest_changed(struct stat *seen, const struct agency_config *config)
{
    const struct stat before = *seen;
    if (stat(config->manifest, seen) != 0) {
        *seen = before;
        return false;
    }
    return seen->st_ino != before.st_ino || seen->st_size != before.st_size ||
           seen->st_mtim.tv_sec != before.st_mtim.tv_sec || seen->st_mtim.tv_nsec != before.st_mtim.tv_nsec;
}

void agency_close(struct agency *agency)
{
    rpc_client_close(agency->matcher);
    vault_close(agency->vault);
    region_free(agency->region);
}

int agency_partner(const struct agency *agency, const uint8_t digest[PARTY_DIGEST_SIZE], const char *purpose)
{
    const struct region *r = agency->region;
    int own = region_find_agency(r, agency->identity->party.name), at = region_find_agency_by_digest(r, digest),
        about = region_find_purpose(r, purpose);
    return own >= 0 && at >= 0 && about >= 0 && region_mutual_grant(r, own, at, about) ? at : -1;
}

bool agency_has_partner(const struct agency *agency, const struct agency_purpose *purpose)
{
    const struct region *r = agency->region;
    const int own = region_find_agency(r, agency->identity->party.name);
    bool any = false;
    for (size_t i = 0; own >= 0 && !any && i < r->agency_count; i++)
        any = region_mutual_grant(r, own, (int)i, (int)(purpose->region - r->purposes));
    return any;
}

void agency_sign(const struct agency *agency, const struct party *peer, struct wire_request *request)
{
    request->time = clock_now();
    agency_sign_again(agency, peer, request);
}

void agency_sign_again(const struct agency *agency, const struct party *peer, struct wire_request *request)
{
    struct wire_ends ends = {.region = agency->region->name};
    party_digest(ends.peer, peer);
    party_digest(ends.sender, &agency->identity->party);
    wire_request_sign(request, &ends, agency->identity->sign_secret);
}

int agency_connect(const struct agency *agency, const struct party *peer, const char *url, uint64_t timeout_ms,
                   struct rpc_client **out, struct err *err)
{
    bool found;
    struct rpc_client_options options = {
        .url = url, .identity = agency->identity, .peer_name = peer->name, .timeout_ms = timeout_ms};
    memcpy(options.peer_channel, peer->channel, sizeof options.peer_channel);
    int rc = psk_load(options.psk, &found, agency->config->psks, peer, err);
    if (rc == 0)
        rc = rpc_client_open(out, &options, err);
    sodium_memzero(options.psk, sizeof options.psk);
    return rc;
}
