#include "protocol/audit/walk/walk_checkpoints.h"

#include "protocol/base/file.h"
#include "protocol/ledger/witness.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- whose ledger it is --- */

static int add_witness(struct walk *walk, const struct party *party, struct err *err)
{
    for (size_t i = 0; i < walk->witness_count; i++)
        if (strcmp(walk->witness[i].party->name, party->name) == 0 &&
            memcmp(walk->witness[i].party->witness, party->witness, sizeof party->witness) == 0)
            return 0;
    if (walk->witness_count == WALK_WITNESSES_MAX)
        return 0; /* their lines will be those of strangers */
    struct walk_witness *witness = &walk->witness[walk->witness_count++];
    witness->party = party;
    return witness_name(witness->name, walk->region->name, party->name, err);
}

int walk_add_witnesses(struct walk *walk, const struct region *region, struct err *err)
{
    int rc = 0;
    if (walk->custodian >= 0)
        return add_witness(walk, &region->matcher, err);
    for (size_t i = 0; rc == 0 && i < region->custodian_count; i++)
        rc = add_witness(walk, &region->custodians[i].party, err);
    return rc;
}

static int take_matcher(struct walk *walk, struct err *err)
{
    walk->party = &walk->region->matcher;
    walk->custodian = -1;
    walk->witnesses_needed = walk->region->witnesses;
    return walk_add_witnesses(walk, walk->region, err);
}

/* Whether the checkpoint is from this party's log; fills walk->origin. */
static bool is_origin_of(struct walk *walk, const struct party *party, const char *origin)
{
    return ledger_origin(walk->origin, walk->region->name, party->name, ERR_IGNORED) == 0 &&
           strcmp(walk->origin, origin) == 0;
}

static int find_party(struct walk *walk, const char *origin, struct err *err)
{
    const struct region *r = walk->region;
    if (is_origin_of(walk, &r->matcher, origin))
        return take_matcher(walk, err);
    for (size_t i = 0; i < r->custodian_count; i++) {
        if (is_origin_of(walk, &r->custodians[i].party, origin)) {
            walk->party = &r->custodians[i].party;
            walk->custodian = (int)i;
            return walk_add_witnesses(walk, r, err);
        }
    }
    return err_set(err, ERR_VERIFY, "the manifest of %s knows neither matcher nor custodian with the ledger %s",
                   r->name, origin);
}

static int read_note(const char *dir, const char *name, struct buf *note, struct err *err)
{
    char path[PATH_LIMIT];
    int rc = path_join(path, sizeof path, dir, name, err);
    buf_clear(note);
    if (rc == 0)
        rc = file_read(note, path, err);
    return rc;
}

/* --- cosignatures --- */

/* A cosignature line alone on the checkpoint: so that none hides behind another in the same name. */
static int verify_line(struct span body, struct span line, const struct walk_witness *witness, uint64_t *time,
                       struct err *err)
{
    struct buf note = buf_of(NOTE_MAX);
    int rc = buf_put(&note, body.data, body.len, err);
    if (rc == 0)
        rc = buf_put(&note, "\n", 1, err);
    if (rc == 0)
        rc = buf_put(&note, line.data, line.len, err);
    if (rc == 0 && cosignature_verify(buf_span(&note), witness->name, witness->party->witness, time, ERR_IGNORED) != 0)
        rc = err_set(err, ERR_VERIFY, "the cosignature of %s does not verify with the manifest's key", witness->name);
    buf_free(&note);
    return rc;
}

/* Whether a signature line is in this name. */
static bool line_is_by(struct span line, const char *name)
{
    char start[NOTE_NAME_MAX + 8];
    size_t len = (size_t)snprintf(start, sizeof start, "\xe2\x80\x94 %s ", name);
    return line.len >= len && memcmp(line.data, start, len) == 0;
}

/* Of several keys that a name has had, one must have signed. */
static int verify_witness_line(const struct walk *walk, struct span body, struct span line, bool *known,
                               struct walk_checkpoint *out, struct err *err)
{
    int rc = 0;
    *known = false;
    for (size_t i = 0; i < walk->witness_count; i++) {
        uint64_t time = 0;
        if (!line_is_by(line, walk->witness[i].name))
            continue;
        *known = true;
        rc = verify_line(body, line, &walk->witness[i], &time, err);
        if (rc != 0)
            continue;
        out->by |= (uint64_t)1 << i;
        if (out->cosigned == 0 || time < out->cosigned)
            out->cosigned = time;
        return 0;
    }
    return rc;
}

/* The owner's line comes once, and is verified elsewhere. */
static int verify_cosignatures(const struct walk *walk, struct span body, struct span lines,
                               struct walk_checkpoint *out, struct err *err)
{
    int rc = 0;
    size_t own = 0;
    while (rc == 0 && lines.len > 0) {
        bool known;
        const uint8_t *end = memchr(lines.data, '\n', lines.len);
        if (end == NULL)
            return err_set(err, ERR_INPUT, "the last signature line does not end");
        struct span line = span_of(lines.data, (size_t)(end - lines.data) + 1);
        lines = span_of(end + 1, lines.len - line.len);
        rc = verify_witness_line(walk, body, line, &known, out, err);
        bool is_own = !known && line_is_by(line, walk->origin) && own++ == 0;
        if (rc == 0 && !known && !is_own)
            snprintf(out->stranger, sizeof out->stranger, "%.*s", (int)(line.len - 1), (const char *)line.data);
    }
    return rc;
}

/* Everything about a note but its root. */
static int verify_note(const struct walk *walk, struct span note, struct walk_checkpoint *out, struct err *err)
{
    struct checkpoint checkpoint;
    struct span body, lines;
    *out = (struct walk_checkpoint){.by = 0};
    int rc = checkpoint_verify(&checkpoint, note, walk->party->log, err);
    if (rc == 0 && strcmp(checkpoint.origin, walk->origin) != 0)
        rc = err_set(err, ERR_VERIFY, "it is of the ledger %s", checkpoint.origin);
    if (rc == 0)
        rc = checkpoint_parse(&checkpoint, note, &body, &lines, err);
    out->size = checkpoint.size;
    out->root = checkpoint.root;
    if (rc == 0)
        rc = verify_cosignatures(walk, body, lines, out, err);
    return rc;
}

/* --- files of checkpoints/ --- */

char *walk_checkpoint_name(char out[WALK_CHECKPOINT_NAME_MAX], uint64_t size)
{
    snprintf(out, WALK_CHECKPOINT_NAME_MAX, "checkpoints/%" PRIu64, size);
    return out;
}

/* Calls `take` for each name there that is a number. */
static int each_size(const char *walk_dir, int (*take)(void *context, const char *name, uint64_t size, struct err *err),
                     void *context, struct err *err)
{
    char path[PATH_LIMIT];
    int rc = path_join(path, sizeof path, walk_dir, "checkpoints", err);
    if (rc != 0)
        return rc;
    DIR *dir = opendir(path);
    if (dir == NULL)
        return err_errno(err, "cannot list %s", path);
    for (struct dirent *file; rc == 0 && (file = readdir(dir)) != NULL;)
        if (file->d_name[strspn(file->d_name, "0123456789")] == '\0') /* else what a writer that died left behind */
            rc = take(context, file->d_name, strtoull(file->d_name, NULL, 10), err);
    closedir(dir);
    return rc;
}

static bool is_canonical(const char *name, uint64_t size)
{
    char canonical[24];
    snprintf(canonical, sizeof canonical, "%" PRIu64, size);
    return size > 0 && strcmp(name, canonical) == 0;
}

int walk_read_checkpoint(const struct walk *walk, uint64_t size, struct buf *note, struct walk_checkpoint *out,
                         struct err *err)
{
    char name[WALK_CHECKPOINT_NAME_MAX];
    int rc = read_note(walk->dir, walk_checkpoint_name(name, size), note, err);
    if (rc != 0)
        return rc;
    rc = verify_note(walk, buf_span(note), out, err);
    if (rc == 0 && out->size != size)
        rc = err_set(err, ERR_VERIFY, "it is the checkpoint of size %" PRIu64, out->size);
    if (rc != 0)
        err_wrap(err, "%s/%s", walk->dir, name);
    return rc;
}

/* --- the newest --- */

/* An export writes the tiles first and `checkpoint` last: where a larger one is signed, its tiles are there. */
static int take_larger(void *context, const char *name, uint64_t size, struct err *err)
{
    struct walk *walk = context;
    struct walk_checkpoint seal;
    struct span body, signatures;
    struct buf note = buf_of(NOTE_MAX);
    (void)err;
    if (size > walk->largest)
        walk->largest = size;
    if (is_canonical(name, size) && size > walk->newest.size &&
        walk_read_checkpoint(walk, size, &note, &seal, ERR_IGNORED) == 0 &&
        checkpoint_parse(&walk->newest, buf_span(&note), &body, &signatures, ERR_IGNORED) == 0) {
        const struct buf smaller = walk->note;
        walk->seal = seal;
        walk->note = note;
        note = smaller;
    }
    buf_free(&note);
    return 0;
}

int walk_open(struct walk *out, const struct region *region, const char *dir, struct err *err)
{
    struct span body, signatures;
    *out = (struct walk){.dir = dir, .region = region, .note = buf_of(NOTE_MAX)};
    int rc = read_note(dir, "checkpoint", &out->note, err);
    if (rc != 0)
        return rc;
    rc = checkpoint_parse(&out->newest, buf_span(&out->note), &body, &signatures, err);
    if (rc == 0)
        rc = find_party(out, out->newest.origin, err);
    if (rc == 0)
        rc = verify_note(out, buf_span(&out->note), &out->seal, err);
    if (rc == 0 && out->newest.size == 0)
        rc = err_set(err, ERR_VERIFY, "a ledger of no entries was never signed by an honest party");
    if (rc == 0)
        each_size(dir, take_larger, out, ERR_IGNORED); /* where it is gone, walking says so */
    if (rc != 0) {
        err_wrap(err, "%s/checkpoint", dir);
        walk_close(out);
    }
    return rc;
}

void walk_close(struct walk *walk)
{
    buf_free(&walk->note);
}

/* --- all others --- */

static int compare_sizes(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* What is larger than all that there were at the beginning has come since. */
struct listing {
    const struct walk *walk;
    struct walk_sizes *out;
    size_t room;
};

static int add_size(void *context, const char *name, uint64_t size, struct err *err)
{
    struct listing *l = context;
    struct walk_sizes *out = l->out;
    const bool canonical = is_canonical(name, size);
    if (canonical && size > l->walk->newest.size && size > l->walk->largest)
        return 0;
    if (!canonical || size > l->walk->newest.size) {
        snprintf(out->stray, sizeof out->stray, "%.60s", name);
        return 0;
    }
    if (out->count == l->room) {
        l->room = l->room > 0 ? 2 * l->room : 1024;
        uint64_t *more = realloc(out->size, l->room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the list of checkpoints");
        out->size = more;
    }
    out->size[out->count++] = size;
    return 0;
}

int walk_list_checkpoints(const struct walk *walk, struct walk_sizes *out, struct err *err)
{
    struct listing listing = {walk, out, 0};
    int rc = each_size(walk->dir, add_size, &listing, err);
    if (out->count > 0)
        qsort(out->size, out->count, sizeof *out->size, compare_sizes);
    return rc;
}

int walk_check_stray(const struct walk *walk, const struct walk_sizes *sizes, struct err *err)
{
    if (sizes->stray[0] == '\0')
        return 0;
    return err_set(err, ERR_VERIFY,
                   "%s/checkpoints/%s: not the size of a checkpoint up to %" PRIu64 ", the newest: entries are "
                   "missing, or the file was made up",
                   walk->dir, sizes->stray, walk->newest.size);
}

size_t walk_first_above(const uint64_t *sizes, size_t count, uint64_t above)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (sizes[middle] > above)
            count = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* --- other ledgers' --- */

bool walk_read_note(const struct walk *walk, const char *name, const struct party *party, struct checkpoint *out)
{
    char origin[NOTE_NAME_MAX + 1];
    struct buf note = buf_of(NOTE_MAX);
    bool good = read_note(walk->dir, name, &note, ERR_IGNORED) == 0 &&
                ledger_origin(origin, walk->region->name, party->name, ERR_IGNORED) == 0 &&
                checkpoint_verify(out, buf_span(&note), party->log, ERR_IGNORED) == 0 &&
                strcmp(out->origin, origin) == 0;
    buf_free(&note);
    return good;
}

bool walk_read_witnessed(const struct walk *walk, const struct party *party, struct checkpoint *out)
{
    char name[PARTY_NAME_MAX + 16];
    snprintf(name, sizeof name, "witnessed/%s", party->name);
    return walk_read_note(walk, name, party, out);
}
