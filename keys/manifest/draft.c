#include "keys/manifest/draft.h"

#include "protocol/base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int rename_checked(const char *from, const char *to, struct err *err)
{
    return rename(from, to) == 0 ? 0 : err_errno(err, "cannot keep %s as %s", from, to);
}

/* Signatures that are not enough belong to bytes that are about to change: they go. */
static int retire_signatures(const struct region *r, const char *path, const char *kept, struct err *err)
{
    char from[PATH_LIMIT], to[PATH_LIMIT];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->coordinator_count; i++) {
        rc = region_signature_path(from, sizeof from, path, r->coordinators[i].name, err);
        if (rc != 0 || access(from, F_OK) != 0)
            continue;
        if (kept == NULL)
            unlink(from);
        else if ((rc = region_signature_path(to, sizeof to, kept, r->coordinators[i].name, err)) == 0)
            rc = rename_checked(from, to, err);
    }
    return rc;
}

static int begin_next_version(struct draft *draft, struct span text, struct err *err)
{
    char kept[PATH_LIMIT];
    struct region *r = draft->region;
    snprintf(kept, sizeof kept, "%s.v%" PRIu64, draft->path, r->version);
    int rc = file_write(kept, text.data, text.len, 0644, err);
    if (rc == 0)
        rc = retire_signatures(r, draft->path, kept, err);
    memcpy(r->previous, r->digest, sizeof r->previous);
    r->version++;
    return rc;
}

int draft_open(struct draft *draft, const char *path, struct err *err)
{
    struct err why;
    struct buf text = buf_of(REGION_FILE_MAX);
    draft->region = NULL;
    if ((size_t)snprintf(draft->path, sizeof draft->path, "%s", path) >= sizeof draft->path)
        return err_set(err, ERR_INPUT, "path too long: %s", path);
    int rc = file_read(&text, path, err);
    if (rc == 0)
        rc = region_parse(&draft->region, text.data, text.len, err);
    if (rc == 0 && region_signatures(draft->region, path, buf_span(&text), NULL, &why) >= draft->region->quorum)
        rc = begin_next_version(draft, buf_span(&text), err);
    else if (rc == 0)
        rc = retire_signatures(draft->region, path, NULL, err);
    buf_free(&text);
    return rc;
}

int draft_save(struct draft *draft, struct err *err)
{
    struct buf text = buf_of(REGION_FILE_MAX);
    struct region *check = NULL;
    int rc = region_print(draft->region, &text, err);
    /* What is written must be readable: the same checks as for everybody else. */
    if (rc == 0)
        rc = region_parse(&check, text.data, text.len, err);
    if (rc == 0)
        rc = file_write(draft->path, text.data, text.len, 0644, err);
    if (rc == 0)
        printf("%s: version %" PRIu64 ", to be signed by %zu of %zu coordinators\n", draft->path, draft->region->version,
               draft->region->quorum, draft->region->coordinator_count);
    region_free(check);
    buf_free(&text);
    return rc;
}

void draft_close(struct draft *draft)
{
    region_free(draft->region);
    draft->region = NULL;
}
