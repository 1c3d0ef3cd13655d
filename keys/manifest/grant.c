#include "keys/ceremony/ceremony.h"
#include "keys/manifest/draft.h"
#include "keys/verbs.h"
#include "protocol/base/file.h"
#include "protocol/base/text.h"
#include "protocol/identity/identity.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A grant file: {"concord-grants": 2, "region": name, "grants": [{from, to, purpose, signature}]}. */

struct options {
    char identity[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX];
    struct setting_list to, purposes, add;
    bool all;
};

static int append_grant(json_t *list, const struct region *r, const struct identity *from, const struct party *to,
                        const char *purpose, struct err *err)
{
    uint8_t signature[crypto_sign_BYTES];
    struct buf text = buf_of(1024);
    int rc = region_grant_text(&text, r->name, purpose, &from->party, to, err);
    if (rc == 0) {
        crypto_sign_detached(signature, NULL, text.data, text.len, from->sign_secret);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "from", from->party.name, "to", to->name,
                                              "purpose", purpose, "signature", json_hex(signature, sizeof signature)));
    }
    buf_free(&text);
    return rc;
}

static bool wanted(const struct setting_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->item[i], name) == 0)
            return true;
    return false;
}

static int check_names(const struct region *r, const struct setting_list *to, const struct setting_list *purposes,
                       struct err *err)
{
    for (size_t i = 0; i < to->count; i++)
        if (region_find_agency(r, to->item[i]) < 0)
            return err_set(err, ERR_NOT_FOUND, "the manifest has no agency %s", to->item[i]);
    for (size_t i = 0; i < purposes->count; i++)
        if (region_find_purpose(r, purposes->item[i]) < 0)
            return err_set(err, ERR_NOT_FOUND, "the manifest has no purpose %s", purposes->item[i]);
    return 0;
}

static int sign_grants(const char *manifest, const struct options *o, struct err *err)
{
    struct identity me = {0};
    struct region *r = NULL;
    char *file = NULL;
    struct buf text = buf_of(REGION_FILE_MAX);
    json_t *list = json_array();
    int rc = file_read(&text, manifest, err);
    if (rc == 0)
        rc = region_parse(&r, text.data, text.len, err);
    if (rc == 0)
        rc = identity_load(&me, o->identity, NULL, err);
    if (rc == 0)
        rc = check_names(r, &o->to, &o->purposes, err);
    if (rc == 0 && region_find_agency_by_channel(r, me.party.channel) < 0)
        rc = err_set(err, ERR_DENIED, "%s is no agency of %s", me.party.name, manifest);
    for (size_t a = 0; rc == 0 && a < r->agency_count; a++)
        for (size_t p = 0; rc == 0 && p < r->purpose_count; p++)
            if (strcmp(r->agencies[a].name, me.party.name) != 0 && (o->all || wanted(&o->to, r->agencies[a].name)) &&
                (o->purposes.count == 0 || wanted(&o->purposes, r->purposes[p].name)))
                rc = append_grant(list, r, &me, &r->agencies[a], r->purposes[p].name, err);
    if (rc == 0 && json_array_size(list) == 0)
        rc = err_set(err, ERR_USAGE, "nothing to grant: name agencies with --to, or --all");
    json_t *json =
        rc == 0 ? json_pack("{s:i, s:s, s:O}", "concord-grants", 2, "region", r->name, "grants", list) : NULL;
    if (rc == 0 && (file = json_dumps(json, JSON_INDENT(2))) == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory");
    if (rc == 0)
        rc = file_create(o->out, file, strlen(file), 0644, err);
    if (rc == ERR_CONFLICT)
        rc = err_set(err, ERR_CONFLICT, "%s is there already: name another file with --out, or remove it", o->out);
    if (rc == 0)
        printf("%s: %s %s, for the coordinators\n", o->out, TEXT_COUNT(json_array_size(list), "grant by", "grants by"),
               me.party.name);
    free(file);
    json_decref(json);
    json_decref(list);
    identity_wipe(&me);
    region_free(r);
    buf_free(&text);
    return rc;
}

static int add_grant(struct region *r, json_t *json, const char *path, struct err *err)
{
    struct region_grant grant;
    const char *from = json_string_value(json_object_get(json, "from"));
    const char *to = json_string_value(json_object_get(json, "to"));
    const char *purpose = json_string_value(json_object_get(json, "purpose"));
    int f = from != NULL ? region_find_agency(r, from) : -1, t = to != NULL ? region_find_agency(r, to) : -1;
    int p = purpose != NULL ? region_find_purpose(r, purpose) : -1;
    if (f < 0 || t < 0 || p < 0)
        return err_set(err, ERR_INPUT, "%s: a grant names an agency or purpose that the manifest does not have", path);
    int rc = json_get_hex(json, "signature", grant.signature, sizeof grant.signature, path, err);
    if (rc != 0)
        return rc;
    grant.from = (uint16_t)f;
    grant.to = (uint16_t)t;
    grant.purpose = (uint16_t)p;
    for (size_t i = 0; i < r->grant_count; i++)
        if (r->grants[i].from == f && r->grants[i].to == t && r->grants[i].purpose == p)
            return 0;
    if (r->grant_count == REGION_GRANTS_MAX)
        return err_set(err, ERR_INPUT, "a manifest holds at most %d grants", REGION_GRANTS_MAX);
    struct region_grant *more = realloc(r->grants, (r->grant_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory");
    more[r->grant_count++] = grant;
    r->grants = more;
    return 0;
}

static int add_grants(struct region *r, const void *context, struct err *err)
{
    const struct setting_list *files = context;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < files->count; i++) {
        json_t *json = NULL, *list;
        rc = json_load_limited(&json, files->item[i], NULL, err);
        list = json_object_get(json, "grants");
        if (rc == 0 && json_integer_value(json_object_get(json, "concord-grants")) != 2)
            rc = err_set(err, ERR_INPUT, "%s is no file of grants", files->item[i]);
        for (size_t g = 0; rc == 0 && g < json_array_size(list); g++)
            rc = add_grant(r, json_array_get(list, g), files->item[i], err);
        json_decref(json);
    }
    return rc;
}

static int check(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    if ((o->identity[0] == '\0') == (o->add.count == 0))
        return err_set(err, ERR_USAGE,
                       "grant needs the manifest and either --identity (agency) or --add (coordinator)");
    return 0;
}

static int run(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    const char *manifest = call->operand[0];
    return o->add.count > 0 ? draft_change(manifest, add_grants, &o->add, err) : sign_grants(manifest, o, err);
}

static const struct options defaults = {.out = "grants.json"};

static const struct setting settings[] = {
    {"identity", NULL, NULL, SETTING_PATH, offsetof(struct options, identity), "FILE",
     "the granting agency's identity"},
    {"to", NULL, NULL, SETTING_LIST, offsetof(struct options, to), "AGENCY", "who may learn of matches; repeat"},
    {"all", NULL, NULL, SETTING_SWITCH, offsetof(struct options, all), NULL, "every other agency of the manifest"},
    {"purpose", NULL, NULL, SETTING_LIST, offsetof(struct options, purposes), "NAME", "for this purpose; repeat (all)"},
    {"out", NULL, NULL, SETTING_PATH, offsetof(struct options, out), "FILE",
     "where to write the signed grants (grants.json)"},
    {"add", NULL, NULL, SETTING_LIST, offsetof(struct options, add), "FILE",
     "as coordinator: put an agency's signed grants into the manifest"},
};

const struct verb manifest_grant_verb = {
    .name = "grant",
    .brief = "sign an agency's grants, or add signed ones",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary =
        "Two steps. An agency signs on its own machine, from a copy of the manifest, what it grants to whom; a coordinator\n"
        "adds that file. A pair of agencies is matched for a purpose only if both granted it to each other.",
    .more = "  concord-keys manifest grant --identity tha.key --to MMR --purpose persons --out tha.json region.json\n"
            "  concord-keys manifest grant --add tha.json region.json",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .check = check,
    .run = run,
};
