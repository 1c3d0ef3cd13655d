#include "keys/ceremony/ceremony.h"

#include "protocol/base/file.h"
#include "protocol/identity/identity.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static json_t *part_to_json(const struct ceremony *c, size_t purpose, const struct contribution *part)
{
    json_t *commitments = json_array(), *shares = json_array();
    for (size_t i = 0; i < c->threshold; i++)
        json_array_append_new(commitments, json_hex(&part->commitment[i], 32));
    for (size_t i = 0; i < c->custodian_count; i++)
        json_array_append_new(shares, json_hex(part->share[i], CEREMONY_SHARE_SEALED));
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o}", "name", c->purpose[purpose].name, "epoch",
                     (json_int_t)c->purpose[purpose].epoch, "commitments", commitments, "proof_c",
                     json_hex(&part->proof_c, 32), "proof_s", json_hex(&part->proof_s, 32), "shares", shares);
}

int contribution_write(const char *path, const struct ceremony *ceremony, const struct contribution *parts,
                       const struct identity *from, struct err *err)
{
    char *file = NULL;
    json_t *purposes = json_array();
    for (size_t i = 0; i < ceremony->purpose_count; i++)
        json_array_append_new(purposes, part_to_json(ceremony, i, &parts[i]));
    json_t *json = json_pack("{s:i, s:o, s:s, s:o}", "concord-contribution", 2, "ceremony",
                             json_hex(ceremony->digest, 32), "custodian", from->party.name, "purposes", purposes);
    int rc = json_sign(json, from, err);
    if (rc == 0 && (file = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS)) == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for a contribution");
    if (rc == 0)
        rc = file_create(path, file, strlen(file), 0644, err);
    free(file);
    json_decref(json);
    return rc;
}

static int part_from_json(struct contribution *out, const struct ceremony *c, size_t purpose, json_t *json,
                          const char *path, struct err *err)
{
    json_t *commitments = json_object_get(json, "commitments"), *shares = json_object_get(json, "shares");
    const char *name = json_string_value(json_object_get(json, "name"));
    int rc = 0;
    if (name == NULL || strcmp(name, c->purpose[purpose].name) != 0 ||
        json_integer_value(json_object_get(json, "epoch")) != (json_int_t)c->purpose[purpose].epoch ||
        json_array_size(commitments) != c->threshold || json_array_size(shares) != c->custodian_count)
        return err_set(err, ERR_INPUT, "%s: purpose %zu does not fit the ceremony", path, purpose + 1);
    for (size_t i = 0; rc == 0 && i < c->threshold; i++)
        rc = json_get_hex(json_array_get(commitments, i), NULL, &out->commitment[i], 32, path, err);
    for (size_t i = 0; rc == 0 && i < c->custodian_count; i++)
        rc = json_get_hex(json_array_get(shares, i), NULL, out->share[i], CEREMONY_SHARE_SEALED, path, err);
    if (rc == 0)
        rc = json_get_hex(json, "proof_c", &out->proof_c, 32, path, err);
    if (rc == 0)
        rc = json_get_hex(json, "proof_s", &out->proof_s, 32, path, err);
    return rc;
}

int contribution_read(struct contribution *parts, size_t *from, uint8_t digest[32], const struct ceremony *ceremony,
                      const char *path, struct err *err)
{
    json_t *json = NULL;
    uint8_t of[32];
    int rc = json_load_limited(&json, path, digest, err);
    if (rc != 0)
        return rc;
    const char *name = json_string_value(json_object_get(json, "custodian"));
    size_t author = 0;
    while (name != NULL && author < ceremony->custodian_count && strcmp(ceremony->custodian[author].name, name) != 0)
        author++;
    if (json_integer_value(json_object_get(json, "concord-contribution")) != 2 || name == NULL ||
        author == ceremony->custodian_count)
        rc = err_set(err, ERR_INPUT, "%s is no contribution by a custodian of this ceremony", path);
    if (rc == 0)
        rc = json_get_hex(json, "ceremony", of, sizeof of, path, err);
    if (rc == 0 && memcmp(of, ceremony->digest, sizeof of) != 0)
        rc = err_set(err, ERR_INPUT, "%s belongs to another ceremony", path);
    if (rc == 0)
        rc = json_check_signature(json, &ceremony->custodian[author], path, err);
    json_t *purposes = json_object_get(json, "purposes");
    if (rc == 0 && json_array_size(purposes) != ceremony->purpose_count)
        rc = err_set(err, ERR_INPUT, "%s has another number of purposes than the ceremony", path);
    for (size_t i = 0; rc == 0 && i < ceremony->purpose_count; i++)
        rc = part_from_json(&parts[i], ceremony, i, json_array_get(purposes, i), path, err);
    *from = author;
    json_decref(json);
    return rc;
}
