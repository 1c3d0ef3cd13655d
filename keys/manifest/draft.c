#include "keys/manifest/draft.h"

#include "protocol/base/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int draft_save(const struct region *region, const char *path, struct err *err)
{
    char groups[BYTES_GROUPED(REGION_DIGEST_SIZE)];
    struct buf text = buf_of(REGION_FILE_MAX);
    struct region *check = NULL;
    int rc = region_print(region, &text, err);
    if (rc == 0)
        rc = region_parse(&check, text.data, text.len, err);
    if (rc == 0)
        rc = file_write(path, text.data, text.len, 0644, err);
    if (rc == 0)
        printf("%s: version %" PRIu64 ", to be signed by %zu of %zu coordinators\ndigest %s\n", path, region->version,
               region->quorum, region->coordinator_count, bytes_to_groups(groups, check->digest, sizeof check->digest));
    region_free(check);
    buf_free(&text);
    return rc;
}

/* They sign what was there before. */
static int drop_signatures(const struct region *r, const char *path, struct err *err)
{
    char file[PATH_LIMIT];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->coordinator_count; i++) {
        rc = region_signature_path(file, sizeof file, path, r->coordinators[i].name, err);
        if (rc == 0 && unlink(file) != 0 && errno != ENOENT)
            rc = err_errno(err, "cannot remove %s, which signs what was there before", file);
    }
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
        rc = region_keep(old, path, buf_span(&text), err);
    if (rc == 0)
        rc = draft_save(r, path, err);
    if (rc == 0)
        rc = drop_signatures(old, path, err);
    region_free(old);
    region_free(r);
    buf_free(&text);
    return rc;
}
