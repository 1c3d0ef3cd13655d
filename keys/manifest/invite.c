#include "keys/ceremony/ceremony.h"
#include "keys/manifest/invitation.h"
#include "keys/verbs.h"
#include "protocol/base/file.h"
#include "protocol/identity/identity.h"
#include "protocol/identity/psk.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_FILE_MAX (1u << 20)

struct options {
    char identity[SETTINGS_TEXT_MAX], secret[SETTINGS_TEXT_MAX], schemas[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX];
    struct setting_list to;
};

/* What one run works with. */
struct inviting {
    const struct options *o;
    struct region *region;
    struct identity me;
    uint8_t secret[PSK_SIZE];
    struct buf manifest, store;
    struct region_signature signature[REGION_COORDINATORS_MAX];
    size_t signatures;
};

static json_t *text_of(struct span text)
{
    return json_stringn((const char *)text.data, text.len);
}

/* Every schema of the manifest, as it names it. */
static int put_schemas(const struct inviting *v, json_t *schemas, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < v->region->purpose_count; i++) {
        const struct region_purpose *p = &v->region->purposes[i];
        char name[PARTY_NAME_MAX + sizeof ".json"], path[PATH_LIMIT];
        uint8_t digest[crypto_hash_sha256_BYTES];
        struct buf text = buf_of(SCHEMA_FILE_MAX);
        snprintf(name, sizeof name, "%s.json", p->name);
        rc = path_join(path, sizeof path, v->o->schemas, name, err);
        if (rc == 0)
            rc = file_read(&text, path, err);
        if (rc == 0) {
            crypto_hash_sha256(digest, text.data, text.len);
            if (memcmp(digest, region_current(p)->schema, sizeof digest) != 0)
                rc = err_set(err, ERR_VERIFY,
                             "%s is not the schema that the manifest has for %s: name the directory "
                             "of those that the manifest was made with (--schemas)",
                             path, p->name);
        }
        if (rc == 0 && json_object_set_new(schemas, p->name, text_of(buf_span(&text))) != 0)
            rc = err_set(err, ERR_INPUT, "%s is no text in UTF-8", path);
        buf_free(&text);
    }
    return rc;
}

static json_t *invitation_for(const struct inviting *v, const struct party *to)
{
    uint8_t digest[PARTY_DIGEST_SIZE];
    json_t *signatures = json_object();
    party_digest(digest, to);
    for (size_t i = 0; i < v->signatures; i++)
        json_object_set_new(signatures, v->signature[i].coordinator, text_of(v->signature[i].text));
    return json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:{}}", "concord-invitation", 1, "by", v->me.party.name, "for",
                     json_hex(digest, sizeof digest), "manifest", text_of(buf_span(&v->manifest)), "signatures",
                     signatures, "psk", invitation_keys(v->region, to, v->secret), "schemas");
}

static int invite(const struct inviting *v, const struct party *to, struct err *err)
{
    char name[PARTY_NAME_MAX + sizeof ".invitation"], path[PATH_LIMIT];
    struct buf file = buf_of(INVITATION_MAX);
    json_t *json = invitation_for(v, to);
    int rc = json == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for an invitation") : 0;
    if (rc == 0 && region_find_agency(v->region, to->name) >= 0)
        rc = put_schemas(v, json_object_get(json, "schemas"), err);
    if (rc == 0)
        rc = invitation_seal(&file, json, &v->me, to, err);
    snprintf(name, sizeof name, "%s.invitation", to->name);
    if (rc == 0)
        rc = path_join(path, sizeof path, v->o->out, name, err);
    if (rc == 0)
        rc = file_write(path, file.data, file.len, 0644, err);
    if (rc == 0)
        printf("%s: for %s alone, who takes it with: concord-keys join %s\n", path, to->name, name);
    invitation_free(json);
    buf_free(&file);
    return rc;
}

static bool wanted(const struct options *o, const struct party *party)
{
    for (size_t i = 0; i < o->to.count; i++)
        if (strcmp(o->to.item[i], party->name) == 0)
            return true;
    return o->to.count == 0;
}

static int check_names(const struct inviting *v, struct err *err)
{
    for (size_t i = 0; i < v->o->to.count; i++) {
        const char *name = v->o->to.item[i];
        if (strcmp(name, v->region->matcher.name) != 0 && region_find_custodian(v->region, name) < 0 &&
            region_find_agency(v->region, name) < 0)
            return err_set(err, ERR_NOT_FOUND,
                           "the manifest has no agency, custodian or matcher %s (concord-keys manifest add-agency)",
                           name);
    }
    return 0;
}

static int invite_all(const struct inviting *v, struct err *err)
{
    const struct region *r = v->region;
    int rc = check_names(v, err);
    if (rc == 0 && v->o->out[0] != '\0')
        rc = dir_make(v->o->out, 0755, err);
    if (rc == 0 && wanted(v->o, &r->matcher))
        rc = invite(v, &r->matcher, err);
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++)
        if (wanted(v->o, &r->custodians[i].party))
            rc = invite(v, &r->custodians[i].party, err);
    for (size_t i = 0; rc == 0 && i < r->agency_count; i++)
        if (wanted(v->o, &r->agencies[i]))
            rc = invite(v, &r->agencies[i], err);
    return rc;
}

static int open_all(struct inviting *v, const char *manifest, struct err *err)
{
    bool coordinator = false;
    int rc = region_load(&v->region, manifest, NULL, err);
    if (rc == 0)
        rc = file_read(&v->manifest, manifest, err);
    if (rc == 0)
        rc = psk_read(v->secret, v->o->secret, err);
    if (rc == 0)
        rc = identity_load(&v->me, v->o->identity, NULL, err);
    for (size_t i = 0; rc == 0 && i < v->region->coordinator_count; i++)
        coordinator |= memcmp(&v->region->coordinators[i], &v->me.party, sizeof v->me.party) == 0;
    if (rc == 0 && !coordinator)
        rc = err_set(err, ERR_DENIED, "%s is no coordinator of %s", v->me.party.name, manifest);
    if (rc == 0)
        v->signatures = region_signatures_read(v->signature, &v->store, v->region, manifest, buf_span(&v->manifest));
    return rc;
}

static int run(struct call *call, struct err *err)
{
    struct inviting v = {.o = call->options,
                         .manifest = buf_of(REGION_FILE_MAX),
                         .store = buf_of((size_t)REGION_COORDINATORS_MAX * REGION_SIGNATURE_MAX)};
    int rc = open_all(&v, call->operand[0], err);
    if (rc == 0)
        rc = invite_all(&v, err);
    identity_wipe(&v.me);
    sodium_memzero(v.secret, sizeof v.secret);
    region_free(v.region);
    buf_free(&v.manifest);
    buf_free(&v.store);
    return rc;
}

static const struct options defaults = {.schemas = "."};

static const struct setting settings[] = {
    {"identity", NULL, NULL, SETTING_PATH, offsetof(struct options, identity), "FILE", "the coordinator's identity",
     .required = true},
    {"secret", NULL, NULL, SETTING_PATH, offsetof(struct options, secret), "FILE",
     "the region's secret, of which all pre-shared keys are made (concord-keys psk FILE, once)", .required = true},
    {"to", NULL, NULL, SETTING_LIST, offsetof(struct options, to), "NAME", "only this party; repeat (all)"},
    {"schemas", NULL, NULL, SETTING_PATH, offsetof(struct options, schemas), "DIR",
     "where the schemas are, PURPOSE.json (.)"},
    {"out", NULL, NULL, SETTING_PATH, offsetof(struct options, out), "DIR", "where to write them, NAME.invitation (.)"},
};

const struct verb invite_verb = {
    .name = "invite",
    .brief = "write for each party one file with all that it needs",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary =
        "Writes an invitation for each party of a signed manifest, or for those named: the manifest with its signatures,\n"
        "the schemas and the pre-shared keys, signed by the coordinator and sealed to that party alone. The keys come of\n"
        "one secret and stay the same: matcher and custodians need nothing new when an agency is added.",
    .more = "  concord-keys psk region.secret\n"
            "  concord-keys invite --identity coordinator-1.key --secret region.secret --to LAO region.json",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = run,
};
