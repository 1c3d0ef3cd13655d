#include "client/office/activity.h"

#include "protocol/base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT "concord-activity-1"

static int hash_entry(uint8_t out[ACTIVITY_HASH_SIZE], const uint8_t before[ACTIVITY_HASH_SIZE],
                      const struct vault_activity *e, struct err *err)
{
    const char *const texts[] = {e->by, e->role, e->act, e->about, e->detail};
    struct buf all = buf_of(2048);
    uint8_t numbers[16];
    bytes_put_u64be(numbers, (uint64_t)e->number);
    bytes_put_u64be(numbers + 8, e->at);
    int rc = buf_put(&all, CONTEXT, strlen(CONTEXT), err);
    if (rc == 0)
        rc = buf_put(&all, before, ACTIVITY_HASH_SIZE, err);
    if (rc == 0)
        rc = buf_put(&all, numbers, sizeof numbers, err);
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(texts); i++)
        rc = buf_put_part(&all, span_of(texts[i], strlen(texts[i])), err);
    if (rc == 0)
        crypto_generichash(out, ACTIVITY_HASH_SIZE, all.data, all.len, NULL, 0);
    buf_free(&all);
    return rc;
}

/* Cut where a character ends, so that it stays UTF-8. */
static void copy(char *out, size_t max, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    if (len > max)
        for (len = max; len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80; len--)
            ;
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
}

static int append(struct vault *vault, const struct identity *identity, const struct activity *a, struct err *err)
{
    struct vault_activity last, e = {.at = clock_now()};
    int rc = vault_activity_last(vault, &last, err);
    e.number = last.number + 1;
    copy(e.by, ACCOUNT_NAME_MAX, a->by);
    copy(e.role, ACTIVITY_WORD_MAX, a->role);
    copy(e.act, ACTIVITY_WORD_MAX, a->act);
    copy(e.about, ACTIVITY_ABOUT_MAX, a->about);
    copy(e.detail, ACTIVITY_DETAIL_MAX, a->detail);
    if (rc == 0)
        rc = hash_entry(e.hash, last.hash, &e, err);
    if (rc != 0)
        return rc;
    crypto_sign_detached(e.signature, NULL, e.hash, sizeof e.hash, identity->sign_secret);
    return vault_activity_put(vault, &e, err);
}

int activity_note(struct vault *vault, const struct identity *identity, const struct activity *activity,
                  struct err *err)
{
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = append(vault, identity, activity, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

/* --- export --- */

struct exporting {
    FILE *out;
    uint64_t count;
};

static int write_entry(void *context, const struct vault_activity *e, struct err *err)
{
    struct exporting *x = context;
    char hash[2 * ACTIVITY_HASH_SIZE + 1], signature[2 * ACTIVITY_SIGNATURE_SIZE + 1];
    json_t *line = json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "number", (json_int_t)e->number, "at",
                             (json_int_t)e->at, "by", e->by, "role", e->role, "act", e->act, "about", e->about,
                             "detail", e->detail, "hash", bytes_to_hex(hash, e->hash, sizeof e->hash), "signature",
                             bytes_to_hex(signature, e->signature, sizeof e->signature));
    if (line == NULL)
        return err_set(err, ERR_NO_MEMORY, "entry %" PRId64 " of the log cannot be written", e->number);
    const bool ok = json_dumpf(line, x->out, JSON_COMPACT) == 0 && fputc('\n', x->out) != EOF;
    json_decref(line);
    x->count++;
    return ok ? 0 : err_errno(err, "cannot write the log of activity");
}

int activity_export(struct vault *vault, const char *path, uint64_t *count, struct err *err)
{
    struct exporting x = {.out = path[0] != '\0' ? fopen(path, "wx") : stdout};
    if (x.out == NULL)
        return err_errno(err, "cannot make %s", path);
    int rc = vault_activities(vault, 1, false, INT64_MAX, write_entry, &x, err);
    bool ok = fflush(x.out) == 0;
    if (x.out != stdout)
        ok = fclose(x.out) == 0 && ok;
    if (!ok && rc == 0)
        rc = err_errno(err, "cannot write the log of activity");
    *count = x.count;
    return rc;
}

/* --- verifying --- */

static bool take_text(char *out, size_t max, const json_t *line, const char *name)
{
    const char *text = json_string_value(json_object_get(line, name));
    const bool good = text != NULL && strlen(text) <= max;
    if (good)
        strcpy(out, text);
    return good;
}

static bool read_entry(struct vault_activity *e, const json_t *line)
{
    char hash[2 * ACTIVITY_HASH_SIZE + 1], signature[2 * ACTIVITY_SIGNATURE_SIZE + 1];
    e->number = json_integer_value(json_object_get(line, "number"));
    e->at = (uint64_t)json_integer_value(json_object_get(line, "at"));
    return json_object_size(line) == 9 && take_text(e->by, ACCOUNT_NAME_MAX, line, "by") &&
           take_text(e->role, ACTIVITY_WORD_MAX, line, "role") && take_text(e->act, ACTIVITY_WORD_MAX, line, "act") &&
           take_text(e->about, ACTIVITY_ABOUT_MAX, line, "about") &&
           take_text(e->detail, ACTIVITY_DETAIL_MAX, line, "detail") &&
           take_text(hash, sizeof hash - 1, line, "hash") &&
           take_text(signature, sizeof signature - 1, line, "signature") &&
           bytes_from_hex(e->hash, sizeof e->hash, hash) &&
           bytes_from_hex(e->signature, sizeof e->signature, signature);
}

static int verify_entry(const struct vault_activity *before, struct vault_activity *e, const char *text,
                        const struct party *agency, struct err *err)
{
    uint8_t hash[ACTIVITY_HASH_SIZE];
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const bool read = line != NULL && read_entry(e, line);
    const long long number = (long long)before->number + 1;
    json_decref(line);
    if (!read)
        return err_set(err, ERR_INPUT, "line %lld is no entry of a log of activity", number);
    if (e->number != number)
        return err_set(err, ERR_VERIFY, "line %lld has the number %lld: entries are missing, or not in order", number,
                       (long long)e->number);
    int rc = hash_entry(hash, before->hash, e, err);
    if (rc == 0 && memcmp(hash, e->hash, sizeof hash) != 0)
        rc = err_set(err, ERR_VERIFY, "entry %lld is not what was chained: it, or one before it, was changed", number);
    if (rc == 0 && crypto_sign_verify_detached(e->signature, e->hash, sizeof e->hash, agency->sign) != 0)
        rc = err_set(err, ERR_VERIFY, "entry %lld is not signed by %s", number, agency->name);
    return rc;
}

int activity_verify(const char *path, const struct party *agency, uint64_t *count, uint64_t *last, struct err *err)
{
    struct vault_activity before = {.number = 0}, e = {.number = 0};
    char *text = malloc(ACTIVITY_LINE_MAX);
    FILE *in = fopen(path, "r");
    int rc = text == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a line")
             : in == NULL ? err_errno(err, "cannot open %s", path)
                          : 0;
    while (rc == 0 && fgets(text, ACTIVITY_LINE_MAX, in) != NULL) {
        rc = verify_entry(&before, &e, text, agency, err);
        before = e;
    }
    if (rc == 0 && ferror(in))
        rc = err_errno(err, "cannot read %s", path);
    if (rc != 0 && in != NULL)
        (void)err_wrap(err, "%s", path);
    *count = (uint64_t)before.number;
    *last = before.at;
    if (in != NULL)
        fclose(in);
    free(text);
    return rc;
}
