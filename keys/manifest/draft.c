#include "keys/manifest/draft.h"

#include "protocol/base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIGNATURE_MAX 4096

int draft_save(const struct region *region, const char *path, struct err *err)
{
    struct buf text = buf_of(REGION_FILE_MAX);
    struct region *check = NULL;
    int rc = region_print(region, &text, err);
    if (rc == 0)
        rc = region_parse(&check, text.data, text.len, err);
    if (rc == 0)
        rc = file_write(path, text.data, text.len, 0644, err);
    if (rc == 0)
        printf("%s: version %" PRIu64 ", to be signed by %zu of %zu coordinators\n", path, region->version,
               region->quorum, region->coordinator_count);
    region_free(check);
    buf_free(&text);
    return rc;
}

/* Calls with the path of each signature file that exists beside the manifest. */
static int each_signature(const struct region *r, const char *path,
                          int (*act)(const char *file, const char *coordinator, const char *kept, struct err *err),
                          const char *kept, struct err *err)
{
    char file[PATH_LIMIT];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->coordinator_count; i++) {
        rc = region_signature_path(file, sizeof file, path, r->coordinators[i].name, err);
        if (rc == 0 && access(file, F_OK) == 0)
            rc = act(file, r->coordinators[i].name, kept, err);
    }
    return rc;
}

static int keep_signature(const char *file, const char *coordinator, const char *kept, struct err *err)
{
    char target[PATH_LIMIT];
    struct buf text = buf_of(SIGNATURE_MAX);
    int rc = region_signature_path(target, sizeof target, kept, coordinator, err);
    if (rc == 0)
        rc = file_read(&text, file, err);
    if (rc == 0)
        rc = file_write(target, text.data, text.len, 0644, err);
    buf_free(&text);
    return rc;
}

static int drop_signature(const char *file, const char *coordinator, const char *kept, struct err *err)
{
    (void)coordinator;
    (void)kept;
    return unlink(file) == 0 ? 0 : err_errno(err, "cannot remove %s, which signs what was there before", file);
}

static int keep_version(const struct region *r, const char *path, struct span text, struct err *err)
{
    char kept[PATH_LIMIT];
    if ((size_t)snprintf(kept, sizeof kept, "%s.v%" PRIu64, path, r->version) >= sizeof kept)
        return err_set(err, ERR_INPUT, "path too long: %s", path);
    int rc = file_write(kept, text.data, text.len, 0644, err);
    if (rc == 0)
        rc = each_signature(r, path, keep_signature, kept, err);
    return rc;
}

/* The version that was signed becomes part of the next one's history. */
static int next_version(struct region *r, const struct region *old, struct err *err)
{
    uint8_t(*more)[REGION_DIGEST_SIZE] = realloc(r->history, (r->history_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory");
    r->history = more;
    memcpy(r->history[r->history_count++], old->digest, REGION_DIGEST_SIZE);
    r->version++;
    return 0;
}

int draft_change(const char *path, int (*change)(struct region *region, const void *context, struct err *err),
                 const void *context, struct err *err)
{
    struct err why;
    struct region *r = NULL, *old = NULL;
    struct buf text = buf_of(REGION_FILE_MAX);
    bool signed_already = false;
    int rc = file_read(&text, path, err);
    if (rc == 0)
        rc = region_parse(&old, text.data, text.len, err);
    if (rc == 0)
        rc = region_parse(&r, text.data, text.len, err);
    if (rc == 0)
        signed_already = region_signatures(old, path, buf_span(&text), NULL, &why) >= old->quorum;
    if (rc == 0)
        rc = change(r, context, err);
    if (rc == 0 && signed_already)
        rc = next_version(r, old, err);
    if (rc == 0 && signed_already)
        rc = keep_version(old, path, buf_span(&text), err);
    if (rc == 0)
        rc = draft_save(r, path, err);
    if (rc == 0)
        rc = each_signature(old, path, drop_signature, NULL, err);
    region_free(old);
    region_free(r);
    buf_free(&text);
    return rc;
}
