/* Manifests put in their place, so that none who reads meanwhile finds one without its signatures. */
#include "protocol/region/region.h"

#include "protocol/base/file.h"
#include "protocol/region/minisign.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

size_t region_signatures_read(struct region_signature *out, struct buf *store, const struct region *region,
                              const char *path, struct span text)
{
    char file[PATH_LIMIT];
    size_t count = 0, at[REGION_COORDINATORS_MAX];
    for (size_t i = 0; i < region->coordinator_count; i++) {
        const struct party *by = &region->coordinators[i];
        struct buf signature = buf_of(REGION_SIGNATURE_MAX);
        if (region_signature_path(file, sizeof file, path, by->name, ERR_IGNORED) == 0 &&
            file_read(&signature, file, ERR_IGNORED) == 0 &&
            minisign_verify(text.data, text.len, (const char *)signature.data, signature.len, by->sign, ERR_IGNORED) ==
                0) {
            at[count] = store->len;
            if (buf_put(store, signature.data, signature.len, ERR_IGNORED) == 0) {
                memcpy(out[count].coordinator, by->name, sizeof by->name);
                out[count++].text.len = signature.len;
            }
        }
        buf_free(&signature);
    }
    for (size_t i = 0; i < count; i++)
        out[i].text.data = store->data + at[i];
    return count;
}

static int write_signature(const char *path, const char *coordinator, const char *end, struct span text,
                           struct err *err)
{
    char file[PATH_LIMIT], target[PATH_LIMIT];
    int rc = region_signature_path(file, sizeof file, path, coordinator, err);
    if (rc == 0 && (size_t)snprintf(target, sizeof target, "%s%s", file, end) >= sizeof target)
        rc = err_set(err, ERR_INPUT, "path too long: %s", path);
    return rc == 0 ? file_write(target, text.data, text.len, 0644, err) : rc;
}

int region_keep(const struct region *region, const char *path, struct span text, struct err *err)
{
    char kept[PATH_LIMIT];
    struct region_signature signature[REGION_COORDINATORS_MAX];
    struct buf store = buf_of((size_t)REGION_COORDINATORS_MAX * REGION_SIGNATURE_MAX);
    if ((size_t)snprintf(kept, sizeof kept, "%s.v%" PRIu64, path, region->version) >= sizeof kept)
        return err_set(err, ERR_INPUT, "path too long: %s", path);
    size_t count = region_signatures_read(signature, &store, region, path, text);
    int rc = file_write(kept, text.data, text.len, 0644, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = write_signature(kept, signature[i].coordinator, "", signature[i].text, err);
    buf_free(&store);
    return rc;
}

static int keep_old(const char *path, struct err *err)
{
    struct buf text = buf_of(REGION_FILE_MAX);
    struct region *old = NULL;
    int rc = file_read(&text, path, err);
    if (rc == ERR_NOT_FOUND) {
        buf_free(&text);
        return 0;
    }
    if (rc == 0)
        rc = region_parse(&old, text.data, text.len, err);
    if (rc == 0)
        rc = region_keep(old, path, buf_span(&text), err);
    region_free(old);
    buf_free(&text);
    return rc;
}

static int settle(const char *path, const char *coordinator, struct err *err)
{
    char file[PATH_LIMIT], next[PATH_LIMIT + sizeof REGION_NEXT];
    int rc = region_signature_path(file, sizeof file, path, coordinator, err);
    if (rc != 0)
        return rc;
    snprintf(next, sizeof next, "%s" REGION_NEXT, file);
    return rename(next, file) == 0 ? 0 : err_errno(err, "cannot put %s in place", file);
}

int region_install(const char *path, struct span text, const struct region_signature *signatures, size_t count,
                   struct err *err)
{
    int rc = keep_old(path, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = write_signature(path, signatures[i].coordinator, REGION_NEXT, signatures[i].text, err);
    if (rc == 0)
        rc = file_write(path, text.data, text.len, 0644, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = settle(path, signatures[i].coordinator, err);
    return rc;
}
