#include "keys/ceremony/complaint.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- writing --- */

static json_t *head(const char *kind, const struct complaint *c, const struct ceremony *ceremony)
{
    const struct ceremony_purpose *purpose = &ceremony->purpose[c->purpose];
    return json_pack("{s:i, s:o, s:o, s:s, s:I}", kind, 2, "ceremony", json_hex(ceremony->digest, 32), "contribution",
                     json_hex(c->contribution, 32), "purpose", purpose->name, "epoch", (json_int_t)purpose->epoch);
}

static int write_json(const char *path, json_t *json, struct err *err)
{
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS);
    int rc = text != NULL ? file_write(path, text, strlen(text), 0644, err)
                          : err_set(err, ERR_NO_MEMORY, "out of memory for %s", path);
    free(text);
    return rc;
}

int complaint_write(const char *path, const struct complaint *complaint, const struct ceremony *ceremony,
                    const struct identity *by, struct err *err)
{
    char time[CLOCK_TEXT_SIZE];
    json_t *json = head("concord-complaint", complaint, ceremony);
    if (json != NULL &&
        json_object_set_new(json, "against", json_string(ceremony->custodian[complaint->against].name)) == 0 &&
        json_object_set_new(json, "by", json_string(ceremony->custodian[complaint->by].name)) == 0 &&
        json_object_set_new(json, "reason", json_string(complaint->reason)) == 0)
        json_object_set_new(json, "time", json_string(clock_text(time, clock_now())));
    int rc = json_sign(json, by, err);
    if (rc == 0)
        rc = write_json(path, json, err);
    json_decref(json);
    return rc;
}

int answer_write(const char *path, const struct complaint *complaint, const struct ceremony *ceremony,
                 const uint8_t deal[32], struct err *err)
{
    json_t *json = head("concord-answer", complaint, ceremony);
    int rc = json != NULL &&
                     json_object_set_new(json, "to", json_string(ceremony->custodian[complaint->by].name)) == 0 &&
                     json_object_set_new(json, "secret", json_hex(deal, 32)) == 0
                 ? write_json(path, json, err)
                 : err_set(err, ERR_NO_MEMORY, "out of memory for an answer");
    json_decref(json);
    return rc;
}

/* --- reading --- */

static int find_name(size_t *out, const struct ceremony *c, json_t *json, const char *member, const char *path,
                     struct err *err)
{
    const char *name = json_string_value(json_object_get(json, member));
    for (*out = 0; name != NULL && *out < c->custodian_count; ++*out)
        if (strcmp(c->custodian[*out].name, name) == 0)
            return 0;
    return err_set(err, ERR_INPUT, "%s: %s is no custodian of this ceremony", path, member);
}

/* What both files begin with. */
static int read_head(struct complaint *out, const char *kind, const struct ceremony *c, json_t *json, const char *path,
                     struct err *err)
{
    uint8_t of[32];
    const char *purpose = json_string_value(json_object_get(json, "purpose"));
    const json_int_t epoch = json_integer_value(json_object_get(json, "epoch"));
    if (json_integer_value(json_object_get(json, kind)) != 2)
        return err_set(err, ERR_INPUT, "%s: there is no %s in it", path, kind);
    int rc = json_get_hex(json, "ceremony", of, sizeof of, path, err);
    if (rc == 0 && memcmp(of, c->digest, sizeof of) != 0)
        rc = err_set(err, ERR_INPUT, "%s belongs to another ceremony", path);
    if (rc == 0)
        rc = json_get_hex(json, "contribution", out->contribution, 32, path, err);
    for (out->purpose = 0; rc == 0 && purpose != NULL && out->purpose < c->purpose_count; out->purpose++)
        if (strcmp(c->purpose[out->purpose].name, purpose) == 0 && (json_int_t)c->purpose[out->purpose].epoch == epoch)
            return 0;
    if (rc == 0)
        rc = err_set(err, ERR_INPUT, "%s: its purpose is none of this ceremony", path);
    return rc;
}

int complaint_read(struct complaint *out, const struct ceremony *ceremony, const char *path, struct err *err)
{
    json_t *json = NULL;
    *out = (struct complaint){.purpose = 0};
    int rc = json_load_limited(&json, path, NULL, err);
    if (rc == 0)
        rc = read_head(out, "concord-complaint", ceremony, json, path, err);
    if (rc == 0)
        rc = find_name(&out->against, ceremony, json, "against", path, err);
    if (rc == 0)
        rc = find_name(&out->by, ceremony, json, "by", path, err);
    if (rc == 0) {
        const char *reason = json_string_value(json_object_get(json, "reason"));
        snprintf(out->reason, sizeof out->reason, "%s", reason != NULL ? reason : "");
        rc = json_check_signature(json, &ceremony->custodian[out->by], path, err);
    }
    json_decref(json);
    return rc;
}

int answer_read(uint8_t deal[32], const struct complaint *complaint, const struct ceremony *ceremony, const char *path,
                struct err *err)
{
    struct complaint about = {.purpose = 0};
    json_t *json = NULL;
    int rc = json_load_limited(&json, path, NULL, err);
    if (rc == 0)
        rc = read_head(&about, "concord-answer", ceremony, json, path, err);
    if (rc == 0)
        rc = find_name(&about.by, ceremony, json, "to", path, err);
    if (rc == 0 && (about.by != complaint->by || about.purpose != complaint->purpose ||
                    memcmp(about.contribution, complaint->contribution, sizeof about.contribution) != 0))
        rc = err_set(err, ERR_INPUT, "%s answers another complaint", path);
    if (rc == 0)
        rc = json_get_hex(json, "secret", deal, 32, path, err);
    json_decref(json);
    return rc;
}

int complaint_contribution(struct contribution parts[REGION_PURPOSES_MAX], const struct complaint *complaint,
                           const struct ceremony *ceremony, const char *path, struct err *err)
{
    uint8_t digest[32];
    size_t from;
    int rc = contribution_read(parts, &from, digest, ceremony, path, err);
    if (rc == 0 && (from != complaint->against || memcmp(digest, complaint->contribution, sizeof digest) != 0))
        rc = err_set(err, ERR_INPUT, "%s is not the contribution that %s complains of: ask it for that file", path,
                     ceremony->custodian[complaint->by].name);
    return rc;
}

/* --- judging --- */

int complaint_judge(enum verdict *out, struct err *why, const struct complaint *complaint,
                    const struct contribution *parts, const struct ceremony *ceremony, const uint8_t *deal,
                    struct err *err)
{
    const struct contribution *part = &parts[complaint->purpose];
    int rc = contribution_check(part, ceremony, complaint->purpose, complaint->against, why);
    *out = VERDICT_UNANSWERED;
    if (rc == 0 && deal == NULL)
        return 0;
    if (rc == 0)
        rc = contribution_check_share(part, ceremony, complaint->purpose, complaint->against, complaint->by, deal, why);
    if (rc != 0 && rc != ERR_VERIFY) {
        *err = *why;
        return rc;
    }
    *out = rc == ERR_VERIFY ? VERDICT_CONTRIBUTOR : VERDICT_COMPLAINER;
    return 0;
}
